"""USB: what may sit on it, which port a device has, and what libvirt refuses: ``<address type='usb' bus='0' port='1.2'/>``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from qemuxml import layout
from qemuxml.common.addresses import UsbAddress
from qemuxml.devices.controller import Controller
from qemuxml.devices.disk import Disk
from qemuxml.devices.input import Input
from qemuxml.devices.interface import Interface
from qemuxml.devices.serial import Serial
from qemuxml.domain import Domain
from qemuxml.domain.boards import MIPS, S390
from qemuxml.errors import ConversionError, DomainXmlError
from qemuxml.mapping.context import Target

PORTS: Final = {"piix3-uhci": 2, "piix4-uhci": 2, "vt82c686b-uhci": 2, "pci-ohci": 3, "ehci": 6, "ich9-ehci1": 6,
                "nec-xhci": 4, "qemu-xhci": 4}  # fmt: skip
"""The ports of a controller; the two models for USB 3 have as many as they are told to have, up to 15."""
COMPANIONS: Final = ("ich9-uhci1", "ich9-uhci2", "ich9-uhci3")
"""They serve the slow devices at the ports of the controller of their index."""
_SIZED: Final = ("nec-xhci", "qemu-xhci")
_MOST_PORTS: Final = 15
HUB_PORTS: Final = 8
_UNWEIGHED: Final = ("controller", "interface", "sound", "filesystem")
"""Kinds of whose USB devices libvirt does not weigh the type of the address."""


def controllers(domain: Domain, _: Target) -> None:
    """Refuse USB controllers that exclude each other, that lack their master, or have ports that QEMU cannot give them."""
    found = [item for item in domain.all(Controller) if item.type == "usb"]
    masters = {item.index for item in found if item.model not in COMPANIONS and item.start_port is None}
    seen: set[int | None] = set()
    for item in found:
        if item.model == "none" and len(found) > 1:
            raise _refused(item, "there is another USB controller, and this one says that there is no USB")
        if item.model in COMPANIONS or (item.start_port is not None and item.model != "none"):
            if item.index not in masters:
                raise _refused(item, f"there is no master controller of index {item.index}")
            continue
        if item.model == "vt82c686b-uhci" and domain.os.arch not in MIPS:
            raise _refused(item, "only boards of MIPS have it")
        if domain.os.arch in S390 and item.model not in ("none", "qemu-xhci"):
            raise _refused(item, "s390 machines have qemu-xhci alone")
        if item.index in seen:
            raise _refused(item, f"index {item.index} is another controller's")
        seen.add(item.index)
        _check_ports(item)


def _check_ports(item: Controller) -> None:
    if item.model not in (*PORTS, "none"):
        raise _refused(item, "QEMU has no such model")
    if item.ports is not None and item.model not in (*_SIZED, "none"):
        raise _refused(item, "the number of its ports is fixed")
    if item.ports is not None and item.ports > _MOST_PORTS:
        raise _refused(item, f"it has at most {_MOST_PORTS} ports")


def _refused(item: Controller, complaint: str) -> ConversionError:
    return DomainXmlError(f"<controller type='usb' model='{item.model}'>: {complaint}").of(item)


def place(domain: Domain, _: Target) -> None:
    """Ports of USB devices: the first free one of the first controller that has one, then those of hubs."""
    buses = _buses(domain)
    found = list(members(domain))
    if found and not buses:
        # The reader may be there for a card alone.
        cards = layout.of("smartcard", domain.devices) if isinstance(found[0], Controller) else []
        wanting = [*cards, *found][0]
        raise DomainXmlError(f"{layout.tag(wanting)}: the guest has no USB").of(wanting)
    _add_hubs(domain, sum(bus.ports for bus in buses.values()))
    found = list(members(domain))
    for device in found:
        _keep(device, buses)
    for device in found:
        own = device.info.address
        if own is None or (isinstance(own, UsbAddress) and not own.has_port):
            device.info.address = _assign(device, buses)


def _buses(domain: Domain) -> dict[int, _Hub]:
    buses: dict[int, _Hub] = {}
    for item in domain.all(Controller):
        if item.type == "usb" and item.model in PORTS:
            ports = item.ports if item.ports and item.model in _SIZED else PORTS[item.model or ""]
            buses[item.index or 0] = _Hub(ports)
    return buses


def _add_hubs(domain: Domain, ports: int) -> None:
    """As many hubs as it takes to plug every device in: each has eight ports, and takes one itself."""
    hubs = layout.of("hub", domain.devices)
    missing = len(list(members(domain))) - ports - HUB_PORTS * len(hubs)
    if missing > 0 and ports:
        domain.devices += [layout.ELEMENTS["hub"](type="usb") for _ in range(missing // (HUB_PORTS - 1) + 1)]


def _keep(device: Any, buses: dict[int, _Hub]) -> None:
    """Take the port that a device says."""
    own = device.info.address
    if own is None:
        return
    if not isinstance(own, UsbAddress):
        if layout.element(device) in _UNWEIGHED:
            return
        raise DomainXmlError(f"{layout.tag(device)} sits on USB: its <address> must be of type 'usb'").of(device)
    bus = own.bus or 0
    if bus not in buses:
        raise DomainXmlError(f"{layout.tag(device)}: <address type='usb'>: there is no USB controller of index {bus}").of(device)
    if own.has_port:
        complaint = buses[bus].take(own.path, is_hub=layout.element(device) == "hub")
        if complaint:
            raise DomainXmlError(f"{layout.tag(device)}: <address type='usb' bus='{bus}' port='{own.port}'>: {complaint}").of(
                device
            )


def _assign(device: Any, buses: dict[int, _Hub]) -> UsbAddress:
    only = device.info.address.bus if device.info.address is not None else None
    for index, hub in sorted(buses.items()):
        path = hub.free() if only in (None, index) else None
        if path is not None:
            hub.take(path, is_hub=layout.element(device) == "hub")
            return UsbAddress(type="usb", bus=index, port=".".join(map(str, path)))
    raise DomainXmlError(f"{layout.tag(device)}: no USB port is free").of(device)


def members(domain: Domain) -> Iterator[Any]:
    """Every device on USB, in the order in which libvirt plugs them in."""
    yield from layout.of("hub", domain.devices)
    yield from (device for device in domain.all(Disk) if device.bus == "usb")
    yield from (device for device in domain.all(Interface) if device.model == "usb-net")
    yield from (device for device in layout.of("sound", domain.devices) if device.model == "usb")
    yield from (device for device in layout.of("hostdev", domain.devices) if device.type == "usb")
    yield from (item for item in domain.all(Controller) if item.type == "ccid")
    yield from (device for device in domain.all(Serial) if device.target_type == "usb-serial")
    yield from (device for device in domain.all(Input) if device.bus == "usb")
    yield from (device for device in layout.of("filesystem", domain.devices) if device.driver == "mtp")
    yield from layout.of("redirdev", domain.devices)


class _Hub:
    """A controller or a hub: which of its ports are taken, and by what."""

    def __init__(self, ports: int) -> None:
        self.ports = ports
        self.taken: dict[int, _Hub | None] = {}

    def take(self, path: list[int], *, is_hub: bool) -> str | None:
        """Take a port; or say why not."""
        first, rest = path[0], path[1:]
        if first > self.ports:
            return f"there is no port {first}"
        if not rest:
            if first in self.taken:
                return "the port is taken"
            self.taken[first] = _Hub(HUB_PORTS) if is_hub else None
            return None
        below = self.taken.get(first)
        return below.take(rest, is_hub=is_hub) if below else f"there is no hub at port {first}"

    def free(self) -> list[int] | None:
        for port in range(1, self.ports + 1):
            if port not in self.taken:
                return [port]
        for port, below in sorted(self.taken.items()):
            path = below.free() if below else None
            if path is not None:
                return [port, *path]
        return None
