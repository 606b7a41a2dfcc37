"""Displays: ``-vnc 127.0.0.1:3`` is ``<graphics type='vnc' port='5903'>``; ``-sdl`` is ``<graphics type='sdl'/>``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words, escape
from qemuxml.cmdline.values import Property, decoded, parse
from qemuxml.common.refusals import refuse
from qemuxml.devices.graphics import argv
from qemuxml.devices.graphics.argv import FIRST_PORT, FIRST_WEBSOCKET
from qemuxml.errors import CommandLineError, Span, UnsupportedError
from qemuxml.later import later
from qemuxml.mapping.codecs import INT32, ON_OFF, POSITIVE, YES_NO, integer, one_of
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Claim, Kind
from qemuxml.mapping.ledger import Claimed, Fate, mapped
from qemuxml.mapping.xml import attr, children
from qemuxml.record import record


@record(kw_only=True)
class Listen:
    """Where a display listens."""

    type: str | None = attr("@type", one_of("none", "address", "network", "socket"), required=True)
    address: str | None = attr("@address")
    network: str | None = attr("@network")
    socket: str | None = attr("@socket")


@record(kw_only=True)
class SpiceChannel:
    """Whether a channel of SPICE is encrypted."""

    name: str | None = attr("@name")
    mode: str | None = attr("@mode")


@record(kw_only=True)
class Graphics:
    """A display. ``port`` -1 is one that libvirt chooses."""

    type: str | None = attr("@type")
    socket: str | None = attr("@socket")
    port: int | None = attr("@port", INT32)
    tls_port: int | None = attr("@tlsPort", INT32)
    autoport: bool | None = attr("@autoport", YES_NO)
    websocket: int | None = attr("@websocket", INT32)
    listen: str | None = attr("@listen")
    keymap: str | None = attr("@keymap")
    share_policy: str | None = attr("@sharePolicy")
    power_control: bool | None = attr("@powerControl", YES_NO)
    default_mode: str | None = attr("@defaultMode")
    multi_user: bool | None = attr("@multiUser", YES_NO)
    replace_user: bool | None = attr("@replaceUser", YES_NO)
    username: str | None = attr("@username")
    passwd: str | None = attr("@passwd")
    passwd_valid_to: str | None = attr("@passwdValidTo")
    connected: str | None = attr("@connected")
    p2p: bool | None = attr("@p2p", YES_NO)
    address: str | None = attr("@address")
    display: str | None = attr("@display")
    xauth: str | None = attr("@xauth")
    fullscreen: bool | None = attr("@fullscreen", YES_NO)
    listens: list[Listen] = children("listen", Listen)
    channels: list[SpiceChannel] = children("channel", SpiceChannel)
    image: str | None = attr("image@compression", one_of("auto_glz", "auto_lz", "quic", "glz", "lz", "off"), required=True)
    jpeg: str | None = attr("jpeg@compression", one_of("auto", "never", "always"), required=True)
    zlib: str | None = attr("zlib@compression", one_of("auto", "never", "always"), required=True)
    playback: bool | None = attr("playback@compression", ON_OFF, required=True)
    streaming: str | None = attr("streaming@mode", one_of("filter", "all", "off"), required=True)
    mouse: str | None = attr("mouse@mode", one_of("server", "client"), required=True)
    clipboard: bool | None = attr("clipboard@copypaste", YES_NO, required=True)
    filetransfer: bool | None = attr("filetransfer@enable", YES_NO, required=True)
    gl: bool | None = attr("gl@enable", YES_NO)
    rendernode: str | None = attr("gl@rendernode")
    audio_id: int | None = attr("audio@id", POSITIVE, required=True)
    stated_listen: str | None = None
    """The attribute as it was before the first <listen> took its place."""
    backend: int | None = None
    """The number of the sound backend that the display has in the end."""

    @staticmethod
    def listening(kind: str, address: str | None, socket: str | None) -> Listen:
        """A place where a display listens."""
        return Listen(type=kind, address=address, socket=socket)

    @staticmethod
    def channel(name: str, mode: str) -> SpiceChannel:
        """A channel of SPICE that is encrypted, or is not."""
        return SpiceChannel(name=name, mode=mode)


def claim_vnc(option: Option, reading: Reading) -> Claimed | None:
    """``-vnc HOST:DISPLAY``, ``-vnc unix:PATH``, each with ``share=`` and ``websocket=``."""
    if option.value is None:
        return None
    # QEMU names the first value "vnc"; without that name a socket's path may hold "=", so it is cut off first.
    named = option.text.startswith("vnc=")
    place = option.text.removeprefix("vnc=").partition(",")[0]
    start = 0 if named else min(len(place) + 1, len(option.text))
    values = parse(option.value, None, start)
    values.get("vnc")
    if place in ("none", ""):
        return None
    graphics = Graphics(type="vnc", share_policy=values.get("share", _SHARE.decode))
    if place.startswith("unix:"):
        graphics.socket = place.removeprefix("unix:")
        graphics.listens = [Listen(type="socket", socket=graphics.socket)]
    else:
        _listen(graphics, place, option.value.span(len(option.text.partition(place)[0]), len(option.text.partition(",")[0])))
        # A bare "websocket" is the port 5700 and the display's number.
        websocket = values.property("websocket")
        if websocket is not None:
            graphics.websocket = _websocket(websocket, graphics)
    if not reading.understood(values):
        return None
    keymaps = list(reading.ledger.open_named("-k")) if reading.has("reads-keymap") else []
    graphics.keymap = keymaps[-1].text if keymaps else None
    return Claimed((option, *keymaps), Fate.MAPPED, (graphics,))


_SHARE = one_of("allow-exclusive", "force-shared", "ignore")


def _listen(graphics: Graphics, place: str, span: Span) -> None:
    found = re.fullmatch(r"(?:\[([^\]]*)\]|([^:\[\]]*)):([0-9]{1,5})", place)
    if not found or int(found[3]) + FIRST_PORT > 65535:
        raise CommandLineError(f"'{place[:60]}' is not HOST:DISPLAY or unix:PATH", span)
    graphics.port, graphics.autoport = int(found[3]) + FIRST_PORT, False
    address = found[1] or found[2]
    graphics.listen = address or None
    graphics.listens = [Listen(type="address", address=address or None)]


def _websocket(item: Property, graphics: Graphics) -> int | None:
    if item.bare or item.text == "on":
        return (graphics.port or FIRST_PORT) - FIRST_PORT + FIRST_WEBSOCKET
    return decoded(item, _port)


def _port(text: str) -> int:
    number = integer(text)
    if not 0 < number <= 65535:
        raise ValueError("is not a port from 1 to 65535")
    return number


def claim_sdl(option: Option, reading: Reading) -> Claimed:
    """``-sdl`` with the variables ``DISPLAY`` and ``XAUTHORITY``, and ``-full-screen``."""
    return mapped(option, sdl(reading))


def sdl(reading: Reading) -> Graphics:
    """A window on the X server that the environment names."""
    full = reading.ledger.has("-full-screen")
    return Graphics(
        type="sdl",
        display=reading.variable("DISPLAY"),
        xauth=reading.variable("XAUTHORITY"),
        fullscreen=True if full else None,
    )


def claim_full_screen(option: Option, _: Reading) -> Claimed:
    """``-full-screen``: an attribute of the display, whichever option asks for that."""
    return mapped(option)


def claim_no_display(option: Option, reading: Reading) -> Claimed | None:
    """``-nographic``, ``-display none``: no window."""
    if option.name == "-display" and option.text != "none":
        return None
    if reading.has("keeps-nographic"):
        return None
    return Claimed((option,), Fate.IMPLIED, (), "a guest without <graphics> has no window")


def default(reading: Reading) -> Graphics | None:
    """The window that QEMU opens by itself, on a target that says so.

    The last releases with from-native looked for these options alone: beside ``-spice`` or ``-curses`` they said a window.
    """
    if not reading.has("opens-window") or reading.domain.has(Graphics) or reading.ledger.has("-nographic", "-vnc"):
        return None
    return None if any(option.text == "none" for option in reading.ledger.named("-display")) else sdl(reading)


# ------------------------------------------------------------------ QEMU 0.9


def manual(graphics: Graphics, writing: Writing) -> Iterator[Words]:
    """``-vnc HOST:DISPLAY`` and ``-k KEYMAP``, or nothing for the window that QEMU opens by itself."""
    refuse(
        {
            "a second <graphics>": writing.number("graphics"),
        }
    )
    if graphics.type == "sdl":
        if graphics.fullscreen:
            yield ("-full-screen",)
        return
    if graphics.type != "vnc":
        raise UnsupportedError(f"QEMU 0.9 has no display of type '{graphics.type}'")
    yield "-vnc", _manual_vnc(graphics, writing)
    if graphics.keymap:
        yield "-k", graphics.keymap


def _manual_vnc(graphics: Graphics, writing: Writing) -> str:
    if graphics.socket:
        return f"unix:{escape(graphics.socket)}"
    port = graphics.port if graphics.port is not None and graphics.port >= 0 else None
    if port is None:
        writing.note("graphics: libvirt would look for a free port; this line takes VNC display 0")
    elif not FIRST_PORT <= port <= 65535:
        raise UnsupportedError(f"graphics: QEMU 0.9 has no VNC display on port {port}")
    address = graphics.listen or next((item.address for item in graphics.listens if item.address), None) or "127.0.0.1"
    host = f"[{address}]" if ":" in address else address
    return f"{host}:{(port or FIRST_PORT) - FIRST_PORT}"


def write_none(writing: Writing) -> Iterator[Words]:
    """``-display none``: a guest that nobody sees."""
    if not writing.domain.has(Graphics):
        yield "-display", "none"


def _modern(place: str) -> Claim:
    claim = later(place)
    return lambda option, given: claim(option, given, Graphics)


def claim_window(option: Option, reading: Reading) -> Claimed:
    """``-sdl``, ``-gtk`` and ``-curses`` of today, and ``-full-screen``: windows."""
    found: Claimed = later("qemuxml.devices.graphics.reading:window")((option,), Graphics, reading)
    return found


def claim_terminal(option: Option, _: Reading) -> Claimed:
    """``-nographic``: no window; serial port and monitor came to the terminal."""
    return Claimed((option,), Fate.REPLACED, (), "libvirt has a monitor of its own, and virsh console shows the serial port")


KIND = Kind(
    element="graphics",
    model=Graphics,
    claims={
        "-vnc": claim_vnc,
        "-sdl": claim_sdl,
        "-full-screen": claim_full_screen,
        "-nographic": claim_no_display,
        "-display": claim_no_display,
    },
    modern={
        "-vnc": _modern("qemuxml.devices.graphics.reading:claim_vnc"),
        "-spice": _modern("qemuxml.devices.graphics.reading:claim_spice"),
        "-display": _modern("qemuxml.devices.graphics.reading:claim_display"),
        "-k": later("qemuxml.devices.graphics.reading:claim_keyboard"),
        "-curses": claim_window,
        "-sdl": claim_window,
        "-nographic": claim_terminal,
    },
    manual=manual,
    default=default,
    write=argv.write,
    fill=argv.fill,
    check=later("qemuxml.devices.graphics.check:check"),
)
