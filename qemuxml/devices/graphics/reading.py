"""Displays read back: ``-spice port=5901,addr=127.0.0.1,disable-ticketing=on`` is ``<graphics type='spice' …>``.

What libvirt does by its monitor (passwords, SASL, certificates by its configuration) is not on the line, and has no word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Values
from qemuxml.common import audioids
from qemuxml.common.origin import by_libvirt
from qemuxml.common.piece import Piece
from qemuxml.devices.graphics import (
    CERTIFICATES,
    FIRST_PORT,
    FIRST_WEBSOCKET,
    LOOPBACK,
    Graphics,
    Listen,
    SpiceChannel,
    on_loopback,
)
from qemuxml.errors import CommandLineError
from qemuxml.later import pattern
from qemuxml.mapping.codecs import integer, one_of
from qemuxml.mapping.context import Reading
from qemuxml.mapping.kind import Claim
from qemuxml.mapping.ledger import Claimed, Fate, dropped, implied, mapped

_LAST_PORT: Final = 65535


def claim_keyboard(_: Option, reading: Reading) -> None:
    """``-k de``: libvirt keeps the keyboard's language with the displays, which are known when all options are claimed."""
    reading.finish(_settle_keyboard)


def _settle_keyboard(reading: Reading) -> None:
    shown = [display for display in reading.domain.all(Graphics) if display.type in ("vnc", "spice")]
    for option in list(reading.ledger.open_named("-k")):
        for display in shown:
            display.keymap = option.text
        known = shown or opens_window(reading)
        reading.ledger.enter(mapped(option) if known else implied(option, "the guest has no display that a language is for"))


def claim_full_screen(_: Option, reading: Reading) -> None:
    """``-full-screen``: of a window of SDL that domain XML keeps; any other window is none of libvirt's."""
    reading.finish(_settle_full_screen)


def _settle_full_screen(reading: Reading) -> None:
    windows = [display for display in reading.domain.all(Graphics) if display.type == "sdl"]
    for option in list(reading.ledger.open_named("-full-screen")):
        for display in windows:
            display.fullscreen = True
        reading.ledger.enter(mapped(option) if windows else dropped(option, "about a window of that launch"))


def opens_window(reading: Reading) -> bool:
    """Whether QEMU shows a graphics card in a window, because no option names a display."""
    return not reading.ledger.has("-display", "-vnc", "-spice", "-nographic", "-curses", "-sdl", "-daemonize")


# ------------------------------------------------------------------ VNC


def claim_vnc(option: Option, reading: Reading) -> Claimed | None:
    """``-vnc HOST:DISPLAY``, ``-vnc unix:PATH``, ``-vnc none`` with all that libvirt has words for."""
    if option.value is None:
        return None
    graphics = Graphics(type="vnc")
    if any(display.type == "vnc" for display in reading.domain.all(Graphics)):
        return dropped(option, "a guest of libvirt's has one VNC display: the first of the line")
    piece = Piece(option, reading, "vnc")
    values = piece.values
    place = values.get("vnc") or _old_place(option.text, values)
    if place == "none":
        graphics.listens = [Listen(type="none")]
    elif place.startswith("unix:"):
        path = reading.path(place.removeprefix("unix:"))
        graphics.socket = path
        graphics.listens = [Listen(type="socket", socket=path)]
    else:
        _place_vnc(graphics, place, piece)
    _settle_port(piece, graphics)
    graphics.websocket = _websocket(values, graphics)
    graphics.share_policy = values.get("share", one_of("allow-exclusive", "force-shared", "ignore").decode)
    graphics.power_control = values.flag("power-control")
    graphics.audio_id = audioids.stated(reading, values.get("audiodev"))
    _forget_security(piece, graphics)
    _forget_manners(piece, graphics)
    return _ended(piece, graphics)


def _old_place(text: str, values: Values) -> str:
    """All before the first comma: the releases before 2.3 took an equals sign there for a part of the place."""
    place = text.partition(",")[0]
    values.get(place.partition("=")[0])
    return place


def _place_vnc(graphics: Graphics, place: str, piece: Piece) -> None:
    found = re.fullmatch(r"(?:\[([^\]]*)\]|([^:\[\]]*)):([0-9]{1,5})", place)
    if not found or int(found[3]) + FIRST_PORT > _LAST_PORT:
        raise CommandLineError(f"'{place[:60]}' is not HOST:DISPLAY or unix:PATH", piece.option.span)
    graphics.port, graphics.autoport = int(found[3]) + FIRST_PORT, False
    address = found[1] or found[2]
    if not address:
        # QEMU listens everywhere where no host is named; libvirt would listen on the loopback alone.
        address = "0.0.0.0"  # noqa: S104 - it is what the line asks for
    elif address == "localhost":
        address = LOOPBACK
    graphics.listen = address
    graphics.listens = [Listen(type="address", address=address)]


_MANNERS: Final = ("lossy", "non-adaptive", "key-delay-ms", "lock-key-sync", "connections", "ipv4", "ipv6")
"""How the pictures travel, and how QEMU treats who watches: the guest sees nothing of that."""


def _forget_manners(piece: Piece, graphics: Graphics) -> None:
    """What domain XML has no word for, though the guest is the same; a range of ports is what libvirt looks in by itself."""
    values = piece.values
    forgotten = [name for name in _MANNERS if name in values]
    for name in forgotten:
        values.every(name)
    if values.get("to") is not None and graphics.port is not None:
        graphics.port, graphics.autoport = -1, True
    if forgotten:
        piece.replaced(f"domain XML has no word for how VNC shows it: {', '.join(forgotten)}")


def _settle_port(piece: Piece, graphics: Graphics) -> None:
    """Libvirt's own lines name the port that it chose: the first on the loopback is the one that it takes unasked."""
    if graphics.port == FIRST_PORT and graphics.listen == LOOPBACK and piece.reading.once(by_libvirt):
        graphics.port, graphics.autoport, graphics.listen = -1, True, None
        graphics.listens = [Listen(type="address")]
        piece.guessed("libvirt has chosen the port itself")


def _websocket(values: Values, graphics: Graphics) -> int | None:
    item = values.property("websocket")
    if item is None or item.text == "off":
        return None
    if item.bare or item.text == "on":
        return (graphics.port or FIRST_PORT) - FIRST_PORT + FIRST_WEBSOCKET
    return values.get("websocket", integer)


def _forget_security(piece: Piece, graphics: Graphics) -> None:
    """Passwords are set by a monitor, certificates and SASL by libvirt's configuration of the host."""
    values, reading = piece.values, piece.reading
    if graphics.type == "spice" and values.peek("password") is not None:
        graphics.passwd = values.get("password")  # which releases before 8.0 took as it stands
    elif values.flag("password"):
        piece.guessed("the password was set by a monitor: <graphics passwd='…'> must be given again")
        graphics.passwd = ""
    secret = piece.follow("password-secret", "-object", "qom-type")
    plain = secret.values.peek("data") if secret and "keyid" not in secret.values else None
    if secret is not None and plain and secret.values.peek("format") in (None, "raw"):
        _forget(secret)
        graphics.passwd = plain
    elif secret is not None:
        _forget(secret)
        piece.guessed("the password is in a secret of QEMU's: <graphics passwd='…'> must be given again")
    credentials = piece.follow("tls-creds", "-object", "qom-type")
    if credentials is not None:
        _forget(credentials)
        inner = credentials.follow("passwordid", "-object", "qom-type")
        if inner is not None:
            _forget(inner)
        reading.note("tls-creds: libvirt's configuration (vnc_tls in qemu.conf) says whether a display is encrypted", values.span)
    encrypted = [name for name in ("tls", "x509", "x509verify") if values.flag(name)]
    if encrypted:
        reading.note("x509: libvirt's configuration (vnc_tls in qemu.conf) says whether a display is encrypted", values.span)
    if values.flag("sasl"):
        reading.note("sasl: libvirt's configuration (vnc_sasl, spice_sasl in qemu.conf) says who may log in", values.span)


def _forget(piece: Piece) -> None:
    for item in piece.values:
        if item.key != "passwordid":
            item.read = True


def _ended(piece: Piece, graphics: Graphics) -> Claimed | None:
    if piece.values.unread() or not piece.understood():
        return None
    if graphics.passwd == "":
        graphics.passwd = None
    return Claimed(piece.options(), piece.fate, (graphics,), piece.reason)


# ------------------------------------------------------------------ SPICE


def claim_spice(option: Option, reading: Reading) -> Claimed | None:
    """``-spice port=…,tls-port=…,addr=…`` or ``unix=on,addr=…``, and how what is shown is compressed."""
    piece = Piece(option, reading, None)
    values = piece.values
    graphics = Graphics(type="spice")
    _place_spice(graphics, values, reading)
    values.flag("disable-ticketing")
    if (folder := values.get("x509-dir") or CERTIFICATES) != CERTIFICATES:
        piece.replaced(f"libvirt keeps the certificates of SPICE in {CERTIFICATES}, not in {folder}")
    _forget_security(piece, graphics)
    _read_channels(graphics, values)
    _read_content(graphics, values)
    values.flag("seamless-migration")
    return _ended(piece, graphics)


def _place_spice(graphics: Graphics, values: Values, reading: Reading) -> None:
    address = values.get("addr") or None
    for family in ("ipv4", "ipv6"):
        values.flag(family)
    if values.flag("unix"):
        path = reading.path(address or "")
        own = _GENERATED.fullmatch(path)
        graphics.listens = [Listen(type="socket", socket=None if own else path)]
        return
    plain, encrypted = values.get("port", integer) or 0, values.get("tls-port", integer) or 0
    if not plain and not encrypted:
        graphics.listens = [Listen(type="none")]
        return
    graphics.port, graphics.tls_port, graphics.autoport = plain or None, encrypted or None, False
    # QEMU listens everywhere where no address is named; libvirt would listen on the loopback alone.
    graphics.listen = address or "0.0.0.0"  # noqa: S104 - it is what the line asks for
    graphics.listens = [Listen(type="address", address=graphics.listen)]


_GENERATED: Final = pattern(r"/var/lib/libvirt/qemu/domain-[^/]+/spice\.sock")


def _read_channels(graphics: Graphics, values: Values) -> None:
    mouse = values.flag("agent-mouse")
    graphics.mouse = None if mouse is None else "client" if mouse else "server"
    for key, mode in (("tls-channel", "secure"), ("plaintext-channel", "insecure")):
        for item in values.every(key):
            if item.text == "default":
                graphics.default_mode = mode
            else:
                graphics.channels.append(SpiceChannel(name=item.text, mode=mode))


def _read_content(graphics: Graphics, values: Values) -> None:
    graphics.image = values.get("image-compression")
    graphics.jpeg, graphics.zlib = values.get("jpeg-wan-compression"), values.get("zlib-glz-wan-compression")
    graphics.playback, graphics.streaming = values.flag("playback-compression"), values.get("streaming-video")
    if values.flag("disable-copy-paste"):
        graphics.clipboard = False
    if values.flag("disable-agent-file-xfer"):
        graphics.filetransfer = False
    if values.flag("gl"):
        graphics.gl, graphics.rendernode = True, values.get("rendernode")


# ------------------------------------------------------------------ -display


def claim_display(option: Option, reading: Reading) -> Claimed | None:
    """``-display TYPE,…``; a window of QEMU's own becomes a VNC display on the loopback."""
    piece = Piece(option, reading, "type")
    if option.text.startswith("vnc="):
        return claim_vnc(option, reading)
    kind = (piece.values.get("type") or "").partition("=")[0]
    take = _DISPLAYS.get(kind)
    return take(piece) if take else None


def _none(piece: Piece) -> Claimed:
    return Claimed(piece.options(), Fate.IMPLIED, (), "a guest without <graphics> has no window")


def _window(piece: Piece) -> Claimed:
    """GTK, Cocoa and curses have no word; libvirt's SDL needs an X server that lets its user in."""
    for item in piece.values:
        item.read = True
    return _shown_instead(piece.options(), piece.reading)


def _spice_app(piece: Piece) -> Claimed:
    """A window that is a client of SPICE; the display itself is that of ``-spice``, if there is one."""
    for item in piece.values:
        item.read = True
    return _shown_instead(piece.options(), piece.reading, "spice")


def _shown_instead(options: tuple[Option, ...], reading: Reading, kind: str = "vnc") -> Claimed:
    """A display on the loopback, on a port that libvirt chooses, instead of a window."""
    reading.finish(_draw_for_accelerated)
    if reading.ledger.has(f"-{kind}"):
        return Claimed(options, Fate.REPLACED, (), f"the {kind.upper()} display shows the same")
    reason = f"a window of QEMU's own becomes a {kind.upper()} display on the loopback"
    return Claimed(options, Fate.REPLACED, (on_loopback(kind),), reason)


def _draw_for_accelerated(reading: Reading) -> None:
    """A card that draws in 3D needs OpenGL on the host: the window had it, and VNC has it by ``egl-headless``."""
    domain = reading.domain
    accelerated = any(getattr(device, "accel3d", None) for device in domain.devices)
    drawn = any(getattr(device, "gl", None) or getattr(device, "type", None) == "egl-headless" for device in domain.devices)
    if accelerated and not drawn:
        domain.devices.append(Graphics(type="egl-headless"))
        reading.note("the graphics card draws in 3D: <graphics type='egl-headless'> takes the place of the window's OpenGL")


def _opengl(values: Values) -> bool | None:
    """Whether the window draws by OpenGL; which one makes no difference for the guest."""
    kind = values.get("gl", one_of("on", "core", "es", "off").decode)
    return None if kind is None else kind != "off"


def _sdl(piece: Piece) -> Claimed | None:
    """A window of SDL is a word of domain XML; beside X's own variables libvirt knows nothing of it."""
    reading = piece.reading
    graphics = Graphics(type="sdl", display=reading.variable("DISPLAY"), xauth=reading.variable("XAUTHORITY"))
    if graphics.display is None and not reading.once(by_libvirt):
        return _window(piece)
    graphics.gl = _opengl(piece.values)
    return _ended(piece, graphics)


def _headless(piece: Piece) -> Claimed | None:
    return _ended(piece, Graphics(type="egl-headless", rendernode=piece.values.get("rendernode")))


def _dbus(piece: Piece) -> Claimed | None:
    values = piece.values
    graphics = Graphics(type="dbus", p2p=values.flag("p2p"), address=values.get("addr"), gl=_opengl(values))
    if graphics.address and re.fullmatch(r"unix:path=/(?:var/)?run/libvirt/qemu/dbus/[^/]+\.sock", graphics.address):
        graphics.address = None
    graphics.rendernode = values.get("rendernode")
    graphics.audio_id = audioids.numbers(piece.reading).get(values.get("audiodev") or "")
    return _ended(piece, graphics)


_DISPLAYS: Final[Mapping[str, Callable[[Piece], Claimed | None]]] = {
    "none": _none, "gtk": _window, "cocoa": _window, "curses": _window, "default": _window, "sdl": _sdl,
    "spice-app": _spice_app,
    "egl-headless": _headless, "dbus": _dbus,
}  # fmt: skip


def claim_window(option: Option, reading: Reading) -> Claimed:
    """``-sdl`` and ``-curses``: windows."""
    return _shown_instead((option,), reading)


def claim_terminal(option: Option, _: Reading) -> Claimed:
    """``-nographic``: no window; serial port and monitor came to the terminal."""
    return Claimed((option,), Fate.REPLACED, (), "libvirt has a monitor of its own, and virsh console shows the serial port")


CLAIMS: Final[Mapping[str, Claim]] = {
    "-vnc": claim_vnc,
    "-spice": claim_spice,
    "-display": claim_display,
    "-k": claim_keyboard,
    "-full-screen": claim_full_screen,
    "-curses": claim_window,
    "-sdl": claim_window,
    "-nographic": claim_terminal,
}
