"""``<console>`` and ``<serial>`` say the same thing twice: the first console of a guest is its first serial port."""

from __future__ import annotations

from copy import copy

from qemuxml import layout
from qemuxml.common.addresses import PlainAddress
from qemuxml.complete.topology.drives import is_virtio_port
from qemuxml.devices.console import Console
from qemuxml.devices.graphics import Graphics
from qemuxml.devices.parallel import Parallel
from qemuxml.devices.serial import Serial
from qemuxml.domain import Domain
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.context import Target

_SHOWN = frozenset({None, "isa-serial", "spapr-vio-serial", "system-serial", "sclp-serial"})
"""Serial ports that libvirt shows as a console too."""


def twins(domain: Domain, _: Target) -> None:
    """Add the serial port of a console, or the console of a serial port; number the consoles.

    Raises UnsupportedError for what SPICE's agent says to a port of another bus.
    """
    for device in domain.devices:
        if isinstance(device, Serial | Parallel | Console) and device.chardev.type == "spicevmc" and not is_virtio_port(device):
            raise UnsupportedError(f"{layout.tag(device)}: type 'spicevmc' is of virtio ports alone").of(device)
    consoles, serials = domain.all(Console), domain.all(Serial)
    if consoles and consoles[0].target_type in (None, "serial"):
        first = consoles[0]
        if not serials:
            serials = [Serial(chardev=first.chardev, info=copy(first.info))]
            if isinstance(first.info.address, PlainAddress):
                serials[0].info.address = None
            domain.devices.append(serials[0])
        first.is_twin = True
    elif serials and serials[0].target_type in _SHOWN:
        twin = Console(is_twin=True)
        behind = next((index for index, device in enumerate(domain.devices) if isinstance(device, Console)), len(domain.devices))
        domain.devices.insert(behind, twin)
        consoles = [twin, *consoles]
    for index, console in enumerate(consoles):
        console.port = index
        if console.is_twin:
            console.target_type, console.chardev = "serial", serials[0].chardev
            console.info.address = None


def check(domain: Domain, _: Target) -> None:
    """What SPICE carries needs a display of SPICE, and what the BIOS says a port. Raises UnsupportedError or DomainXmlError."""
    if domain.os.serial_bios and not domain.has(Serial):
        raise DomainXmlError("<bios useserial='yes'>: the guest has no <serial>")
    if any(display.type == "spice" for display in domain.all(Graphics)):
        return
    for device in domain.devices:
        host = getattr(device, "chardev", None) or getattr(device, "daemon", None)
        if host is not None and host.type in ("spicevmc", "spiceport"):
            raise UnsupportedError(f"a character device of type '{host.type}' needs <graphics type='spice'>").of(device)


def mirror(domain: Domain, _: Target) -> None:
    """The twin has the port, the name and the address that its serial port got."""
    serials = domain.all(Serial)
    for console in domain.all(Console):
        if console.is_twin and serials:
            console.port, console.info = serials[0].port, copy(serials[0].info)
