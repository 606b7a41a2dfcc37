"""Displays: ``-vnc 127.0.0.1:3`` is ``<graphics type='vnc' port='5903'>``; ``-sdl`` is ``<graphics type='sdl'/>``."""

from __future__ import annotations

from typing import Final

from qemuxml.mapping.codecs import INT32, ON_OFF, POSITIVE, YES_NO, one_of
from qemuxml.mapping.xml import attr, children
from qemuxml.record import record

FIRST_PORT: Final = 5900
"""The TCP port of VNC display 0."""
FIRST_WEBSOCKET: Final = 5700
"""The same for a browser."""
CERTIFICATES: Final = "/etc/pki/libvirt-spice"
"""Where libvirt looks for the certificates of SPICE."""
LOOPBACK: Final = "127.0.0.1"
"""Where a display listens that does not say where."""


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


def on_loopback(kind: str, keymap: str | None = None) -> Graphics:
    """A display in the place of a window of QEMU's own: on the loopback, on a port that libvirt chooses."""
    listens = [Listen(type="address", address=LOOPBACK)]
    return Graphics(type=kind, port=-1, autoport=True, listen=LOOPBACK, listens=listens, keymap=keymap)
