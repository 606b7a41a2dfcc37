"""What libvirt refuses of ``<graphics>``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qemuxml.devices.graphics import FIRST_PORT, Graphics
from qemuxml.devices.graphics.argv import TYPES
from qemuxml.errors import DomainXmlError, UnsupportedError

if TYPE_CHECKING:
    from qemuxml.domain import Domain
    from qemuxml.mapping.context import Target

_VNC_PASSWORD: Final = 8
_LISTENERS: Final = {"address", "network", "socket", "none"}
_NO_SOCKET: Final = ("sdl", "egl-headless", "dbus", "desktop")


def check(graphics: Graphics, domain: Domain, _: Target) -> None:
    """Raise what is wrong with one display, or with all of them together."""
    name = f"<graphics type='{graphics.type}'>"
    if graphics.type not in TYPES:
        raise UnsupportedError(f"{name}: QEMU has no such display")
    displays = domain.all(Graphics)
    if sum(1 for display in displays if display.type == graphics.type) > 1:
        raise UnsupportedError(f"{name}: only 1 display of each type is supported")
    if sum(1 for display in displays if display.gl or display.type == "egl-headless") > 1:
        raise UnsupportedError(f"{name}: multiple OpenGL displays are not supported by QEMU")
    _check_listens(graphics, name)
    if graphics.type == "vnc" and len(graphics.passwd or "") > _VNC_PASSWORD:
        raise UnsupportedError(f"{name}: a VNC password has at most {_VNC_PASSWORD} characters")
    if graphics.type == "vnc" and (graphics.port or -1) > 0 and not FIRST_PORT <= (graphics.port or 0) <= 65535:
        raise UnsupportedError(f"{name}: a VNC port is in the range from {FIRST_PORT} to 65535")
    if graphics.type == "dbus" and graphics.p2p and graphics.address:
        raise DomainXmlError(f"{name}: p2p with an address is not supported")
    _check_values(graphics, name)


def _check_listens(graphics: Graphics, name: str) -> None:
    if graphics.type in _NO_SOCKET:
        return
    if len(graphics.listens) > 1:
        raise UnsupportedError(f"{name}: more than one <listen> is not supported")
    for listen in graphics.listens:
        if listen.type not in _LISTENERS:
            raise DomainXmlError(f"{name}: unknown type '{listen.type}' of <listen>")
        if listen.type == "network" and not listen.network:
            raise DomainXmlError(f"{name}: <listen type='network'> needs the name of the network")
        if listen.type == "address" and graphics.stated_listen and listen.address != graphics.stated_listen:
            raise DomainXmlError(f"{name}: its attribute 'listen' must be the address of the first <listen>")
        if listen.type in ("socket", "none") and graphics.type == "rdp":
            raise UnsupportedError(f"{name}: it listens on an address or a network")


_WORDS: Final = {
    "share_policy": ("sharePolicy", ("allow-exclusive", "force-shared", "ignore")),
    "default_mode": ("defaultMode", ("any", "secure", "insecure")),
    "image": ("image compression", ("auto_glz", "auto_lz", "quic", "glz", "lz", "off")),
    "jpeg": ("jpeg compression", ("auto", "never", "always")),
    "zlib": ("zlib compression", ("auto", "never", "always")),
    "streaming": ("streaming mode", ("filter", "all", "off")),
}
_SPICE_CHANNELS: Final = ("main", "display", "inputs", "cursor", "playback", "record", "smartcard", "usbredir")


def _check_values(graphics: Graphics, name: str) -> None:
    for field, (word, allowed) in _WORDS.items():
        value = getattr(graphics, field)
        if value is not None and value not in allowed:
            raise DomainXmlError(f"{name}: unknown {word} '{value}'")
    for channel in graphics.channels:
        if channel.name not in _SPICE_CHANNELS or channel.mode not in ("any", "secure", "insecure"):
            raise DomainXmlError(f"{name}: unknown <channel name='{channel.name}' mode='{channel.mode}'>")
        if channel.mode == "secure" and graphics.port and not graphics.tls_port:
            raise UnsupportedError(f"{name}: <channel name='{channel.name}'> is to be secure, but there is no tlsPort")
