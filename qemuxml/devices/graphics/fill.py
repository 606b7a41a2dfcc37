"""Where a display listens that does not say it: ``<graphics type='vnc'/>`` at a port of libvirt's choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qemuxml.devices.graphics import Graphics, Listen
from qemuxml.errors import UnsupportedError
from qemuxml.later import pattern

if TYPE_CHECKING:
    from qemuxml.domain import Domain
    from qemuxml.mapping.context import Target

_GENERATED: Final = pattern(r"/var/lib/libvirt/qemu/domain-[0-9]+-[^/]+/[^/]+")


def fill(graphics: Graphics, _: Domain, __: Target) -> None:
    """Where the display listens, and on which port."""
    if graphics.type in ("vnc", "spice", "rdp"):
        _fill_listens(graphics)
        _fill_ports(graphics)


def _fill_listens(graphics: Graphics) -> None:
    if graphics.socket and _GENERATED.fullmatch(graphics.socket):
        graphics.socket = None
    if not graphics.listens:
        kind = "socket" if graphics.socket else "address"
        graphics.listens = [Listen(type=kind, address=None if graphics.socket else graphics.listen, socket=graphics.socket)]
    first = graphics.listens[0]
    first.type, graphics.stated_listen = first.type or "address", graphics.listen
    if first.type == "address":
        first.address = first.address or graphics.listen
        graphics.listen = first.address
    elif first.type == "socket" and graphics.type == "vnc":
        if graphics.socket and first.socket and first.socket != graphics.socket:
            raise UnsupportedError(f"<graphics type='vnc' socket='{graphics.socket}'>: its first <listen> has another socket")
        if first.socket and _GENERATED.fullmatch(first.socket):
            first.socket = None
        graphics.socket = first.socket


def _fill_ports(graphics: Graphics) -> None:
    """A VNC display without a port leaves the choice to libvirt; a SPICE display without one is reached by libvirt alone."""
    if graphics.listens[0].type in ("none", "socket"):
        graphics.port = graphics.tls_port = graphics.autoport = graphics.listen = None
    elif graphics.type == "spice":
        _fill_spice_ports(graphics)
    elif graphics.type == "vnc" and graphics.autoport is False and graphics.port in (None, 0, -1):
        raise UnsupportedError("<graphics type='vnc' autoport='no'>: it needs a port")
    elif graphics.type == "vnc" and (graphics.port in (None, 0, -1) or graphics.autoport):
        graphics.port, graphics.autoport = -1, True
    else:
        graphics.autoport = bool(graphics.autoport)


def _fill_spice_ports(graphics: Graphics) -> None:
    if graphics.port == -1 and graphics.tls_port == -1:
        graphics.autoport = True
    if graphics.autoport:
        graphics.port = graphics.tls_port = None
    elif not graphics.port and not graphics.tls_port:
        graphics.listens = [Listen(type="none")]
        graphics.port = graphics.tls_port = graphics.autoport = graphics.listen = None
    else:
        graphics.autoport = False
