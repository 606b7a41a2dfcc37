"""Displays for QEMU of today: ``-vnc 127.0.0.1:0,audiodev=audio1``, ``-spice port=5901,addr=…``, ``-display sdl``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from qemuxml.cmdline.render import Words, escape
from qemuxml.common.secrets import known
from qemuxml.devices.graphics import CERTIFICATES, FIRST_PORT, FIRST_WEBSOCKET, LOOPBACK, Graphics, Listen
from qemuxml.domain import launch
from qemuxml.mapping.plumbing import Helper
from qemuxml.mapping.props import Pair, key_values

if TYPE_CHECKING:
    from qemuxml.mapping.context import Writing

_SPICE_PORTS: Final = (5901, 5902)
"""The ports, plain and encrypted, that libvirt shows for a guest that does not run and leaves the choice to it."""
_RENDER_NODE: Final = "/dev/dri/renderD128"
"""The host's first graphics card."""


def write(graphics: Graphics, writing: Writing) -> Iterator[Words]:
    """The display, and the keyboard's language."""
    yield from _WRITERS[str(graphics.type)](graphics, writing)
    if graphics.keymap:
        yield "-k", graphics.keymap


def environment(displays: Iterable[Graphics]) -> Iterator[tuple[str, str]]:
    """Where the windows of a guest open."""
    for display in displays:
        if display.type == "sdl" and display.xauth:
            yield "XAUTHORITY", display.xauth
        if display.type == "sdl" and display.display:
            yield "DISPLAY", display.display


def write_none(writing: Writing) -> Iterator[Words]:
    """``-display none``: a guest that nobody sees."""
    if not writing.domain.has(Graphics):
        yield "-display", "none"


# ------------------------------------------------------------------ VNC


def _vnc(graphics: Graphics, writing: Writing) -> Iterator[Words]:
    yield from _password(graphics, "vnc", writing)
    pairs = key_values(_vnc_pairs(graphics, writing))
    yield "-vnc", f"{_vnc_place(graphics, writing)},{pairs}" if pairs else _vnc_place(graphics, writing)


def _vnc_place(graphics: Graphics, writing: Writing) -> str:
    listen = graphics.listens[0]
    if listen.type == "none":
        return "none"
    if listen.type == "socket":
        return f"vnc=unix:{escape(_socket(listen.socket, 'vnc', writing))}"
    address = _address(listen, writing)
    port = graphics.port if (graphics.port or 0) > 0 and not graphics.autoport else FIRST_PORT
    if graphics.autoport:
        _tell_port("vnc", FIRST_PORT, writing)
    return f"{escape(f'[{address}]' if ':' in address else address)}:{(port or FIRST_PORT) - FIRST_PORT}"


def _address(listen: Listen, writing: Writing) -> str:
    """The address; only the host knows which one it has in a network."""
    if listen.type == "network" and not listen.address:
        writing.note(f"<listen network='{listen.network}'>: the host's address there is unknown: {LOOPBACK} is taken")
    return listen.address or LOOPBACK


def _tell_port(kind: str, port: int, writing: Writing) -> None:
    if not writing.by_libvirt:
        writing.note(f"<graphics type='{kind}'>: its port is {port}: libvirt would take the first one that is free")


def _socket(path: str | None, kind: str, writing: Writing) -> str:
    return path or launch.own_file(f"{kind}.sock", writing)


def _password(graphics: Graphics, kind: str, writing: Writing) -> Iterator[Words]:
    """Libvirt hands a display's password over by its monitor; a person's line has an object for one that does not expire."""
    if graphics.passwd and graphics.passwd_valid_to and not writing.by_libvirt:
        writing.note(
            f"<graphics type='{kind}'>: no option ends a password, this one at {graphics.passwd_valid_to}: nobody gets in until "
            "set_password and expire_password are given to the monitor, as libvirt would"
        )
    elif graphics.passwd and not writing.by_libvirt:
        yield known(_password_id(kind), graphics.passwd, f"of the {kind.upper()} display", writing)


def _password_id(kind: str) -> str:
    return f"{kind}-password"


def _vnc_pairs(graphics: Graphics, writing: Writing) -> Iterator[Pair]:
    if graphics.websocket:
        yield "websocket", graphics.websocket if graphics.websocket > 0 or writing.by_libvirt else FIRST_WEBSOCKET
    if graphics.share_policy:
        yield "share", graphics.share_policy
    locked = graphics.passwd is not None and (not graphics.passwd or graphics.passwd_valid_to)
    if locked or (graphics.passwd and writing.by_libvirt):
        yield "password", True
    elif graphics.passwd:
        yield "password-secret", _password_id("vnc")
    if graphics.power_control is not None:
        yield "power-control", graphics.power_control
    yield "audiodev", f"audio{graphics.backend or 1}"


# ------------------------------------------------------------------ SPICE


def _spice(graphics: Graphics, writing: Writing) -> Iterator[Words]:
    yield from _password(graphics, "spice", writing)
    pairs = [
        *_spice_place(graphics, writing),
        *_spice_ticket(graphics, writing),
        *_spice_security(graphics),
        *_spice_content(graphics),
        *_spice_gl(graphics),
    ]
    yield "-spice", key_values([*pairs, ("seamless-migration", True)])


def _spice_place(graphics: Graphics, writing: Writing) -> Iterator[Pair]:
    listen = graphics.listens[0]
    if listen.type == "socket":
        yield "unix", True
        yield "addr", _socket(listen.socket, "spice", writing)
        return
    if listen.type == "none":
        yield "port", 0
        return
    plain, encrypted = graphics.port or 0, graphics.tls_port or 0
    if graphics.autoport or plain < 0:
        plain = _SPICE_PORTS[0]
        _tell_port("spice", plain, writing)
    if encrypted < 0:
        encrypted = _SPICE_PORTS[1]
    if plain > 0:
        yield "port", plain
    if encrypted > 0:
        yield "tls-port", encrypted
    yield "addr", _address(listen, writing)


def _spice_ticket(graphics: Graphics, writing: Writing) -> Iterator[Pair]:
    """Libvirt gives SPICE its password by the monitor, and says there that it has none."""
    if not writing.by_libvirt and graphics.passwd and not graphics.passwd_valid_to:
        yield "password-secret", _password_id("spice")
    elif not writing.by_libvirt and graphics.passwd is None:
        yield "disable-ticketing", True


def _spice_security(graphics: Graphics) -> Iterator[Pair]:
    if graphics.mouse is not None:
        yield "agent-mouse", graphics.mouse == "client"
    if (graphics.tls_port or 0) != 0:
        yield "x509-dir", CERTIFICATES
    if graphics.default_mode is not None and graphics.default_mode in _CHANNELS:
        yield _CHANNELS[graphics.default_mode], "default"
    for channel in graphics.channels:
        if channel.mode is not None and channel.mode in _CHANNELS:
            yield _CHANNELS[channel.mode], channel.name or ""


_CHANNELS: Final[Mapping[str | None, str]] = {"secure": "tls-channel", "insecure": "plaintext-channel"}


def _spice_content(graphics: Graphics) -> Iterator[Pair]:
    words = (
        ("image-compression", graphics.image),
        ("jpeg-wan-compression", graphics.jpeg),
        ("zlib-glz-wan-compression", graphics.zlib),
        ("playback-compression", graphics.playback),
        ("streaming-video", graphics.streaming),
    )
    yield from ((name, value) for name, value in words if value is not None)
    if graphics.clipboard is False:
        yield "disable-copy-paste", True
    if graphics.filetransfer is False:
        yield "disable-agent-file-xfer", True


def _spice_gl(graphics: Graphics) -> Iterator[Pair]:
    if graphics.gl:
        yield "gl", True
        yield "rendernode", graphics.rendernode or _RENDER_NODE


# ------------------------------------------------------------------ the others


def _sdl(graphics: Graphics, _: Writing) -> Iterator[Words]:
    pairs = key_values([] if graphics.gl is None else [("gl", graphics.gl)])
    if graphics.fullscreen:
        yield ("-full-screen",)
    yield "-display", f"sdl,{pairs}" if pairs else "sdl"


def _headless(graphics: Graphics, _: Writing) -> Iterator[Words]:
    yield "-display", f"egl-headless,{key_values([('rendernode', graphics.rendernode or _RENDER_NODE)])}"


def _dbus(graphics: Graphics, writing: Writing) -> Iterator[Words]:
    pairs: list[Pair] = [("p2p", True)] if graphics.p2p else [("addr", graphics.address or _dbus_address(writing))]
    if graphics.gl is not None:
        pairs.append(("gl", graphics.gl))
    if graphics.rendernode:
        pairs.append(("rendernode", graphics.rendernode))
    if graphics.audio_id:
        pairs.append(("audiodev", f"audio{graphics.audio_id}"))
    yield "-display", f"dbus,{key_values(pairs)}"


def _remote_desktop(_: Graphics, writing: Writing) -> Iterator[Words]:
    """Nothing: qemu-rdp shows what the D-Bus display has, and libvirt starts it."""
    if not writing.by_libvirt:
        writing.note("<graphics type='rdp'>: start qemu-rdp beside the guest: it shows the D-Bus display")
    yield from ()


def _dbus_address(writing: Writing) -> str:
    """The guest's own bus, that libvirt starts."""
    if writing.by_libvirt:
        name = launch.short_name(writing.domain.identity.name or "guest")
        return f"unix:path=/var/run/libvirt/qemu/dbus/-1-{name}-dbus.sock"
    socket = writing.state_path("-dbus.sock")
    address = f"unix:path={socket}"
    writing.need(Helper(words=("dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address={address}"), socket=socket))
    return address


_WRITERS: Final[Mapping[str, Callable[[Graphics, Writing], Iterator[Words]]]] = {
    "vnc": _vnc,
    "spice": _spice,
    "sdl": _sdl,
    "egl-headless": _headless,
    "dbus": _dbus,
    "rdp": _remote_desktop,
}
TYPES: Final = frozenset(_WRITERS)
