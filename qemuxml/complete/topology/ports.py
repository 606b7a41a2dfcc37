"""Ports and slots of the smaller buses: virtio-serial ports, smartcard slots, registers of spapr-vio, USB ports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from qemuxml import layout
from qemuxml.common.addresses import CcidAddress, SpaprVioAddress, UsbAddress, VirtioMmioAddress, VirtioSerialAddress
from qemuxml.complete.topology.boards import board_of
from qemuxml.complete.topology.drives import is_virtio_port
from qemuxml.devices.controller import Controller
from qemuxml.devices.hub import Hub
from qemuxml.domain import Domain
from qemuxml.mapping.context import Target

PORTS: Final = 31


def _elements(domain: Domain, element: str) -> list[Any]:
    return [device for device in domain.devices if layout.KIND_OF[type(device)].element == element]


def serial(domain: Domain, _: Target) -> None:
    """virtio-serial ports: consoles may take port 0 of a controller, channels begin at 1."""
    members = [device for device in domain.devices if is_virtio_port(device)]
    taken: set[tuple[int, int]] = set()
    for device in members:
        own = device.info.address
        if isinstance(own, VirtioSerialAddress):
            own.controller, own.bus = own.controller or 0, own.bus or 0
            if own.port:
                taken.add((own.controller, own.port))
    for element, first in (("channel", 1),):
        for device in members:
            own = device.info.address
            if layout.KIND_OF[type(device)].element != element:
                continue
            if own is None or (isinstance(own, VirtioSerialAddress) and own.port is None):
                only = own.controller if own is not None else None
                place = next(place for place in _free(domain, first) if place not in taken and only in (None, place[0]))
                taken.add(place)
                device.info.address = VirtioSerialAddress(type="virtio-serial", controller=place[0], bus=0, port=place[1])


def _free(domain: Domain, first: int) -> Iterator[tuple[int, int]]:
    found = sorted((item.index or 0, item.ports or PORTS) for item in domain.all(Controller) if item.type == "virtio-serial")
    for index, ports in found:
        yield from ((index, port) for port in range(first, ports))
    index = found[-1][0] + 1 if found else 0
    domain.devices.append(Controller(type="virtio-serial", index=index))
    yield from ((index, port) for port in range(first, PORTS))


def smartcards(domain: Domain, _: Target) -> None:
    """Slots of smartcard readers."""
    taken = set()
    for device in _elements(domain, "smartcard"):
        if isinstance(device.info.address, CcidAddress):
            taken.add((device.info.address.controller or 0, device.info.address.slot or 0))
    for device in _elements(domain, "smartcard"):
        if device.info.address is None:
            slot = next(number for number in range(10**6) if (0, number) not in taken)
            taken.add((0, slot))
            device.info.address = CcidAddress(type="ccid", controller=0, slot=slot)


_VIO: Final = {"interface": 0x1000, "controller": 0x2000, "serial": 0x30000000, "nvram": 0x3000, "tpm": 0x4000}


def spapr(domain: Domain, _: Target) -> None:
    """Registers on the virtual I/O bus of a pseries machine."""
    taken = {own.reg for device in domain.devices if isinstance(own := _address(device), SpaprVioAddress) and own.reg is not None}
    for element, first in _VIO.items():
        for device in _elements(domain, element):
            own = _address(device)
            if _is_vio(element, device, domain) and (own is None or (isinstance(own, SpaprVioAddress) and own.reg is None)):
                reg = first
                while reg in taken:
                    reg += 0x1000
                taken.add(reg)
                device.info.address = SpaprVioAddress(type="spapr-vio", reg=reg)


def _address(device: Any) -> Any:
    return getattr(getattr(device, "info", None), "address", None)


def _is_vio(element: str, device: Any, domain: Domain) -> bool:
    match element:
        case "interface":
            return bool(device.model == "spapr-vlan")
        case "controller":
            return bool(device.type == "scsi" and device.model == "ibmvscsi")
        case "serial":
            kind = getattr(device, "target_type", None)
            return kind == "spapr-vio-serial" or (kind is None and board_of(domain).is_pseries)
        case "tpm":
            return bool(device.model == "tpm-spapr")
    return True


def mmio(domain: Domain, _: Target) -> None:
    """Virtio devices on the transports of a board: where it has no PCI, and on ``virt`` if one device asks for it."""
    board = board_of(domain)
    asked = any(isinstance(_address(device), VirtioMmioAddress) for device in domain.devices)
    for device in domain.devices if board.has_transports and (asked or board.root is None) else ():
        if _is_virtio(device) and device.info.address is None:
            device.info.address = VirtioMmioAddress(type="virtio-mmio")


def _is_virtio(device: Any) -> bool:
    """Whether it is a virtio device of a kind that can sit on a board's own transport."""
    element = layout.KIND_OF[type(device)].element
    if element == "controller":
        return device.type == "virtio-serial" or (device.type == "scsi" and (device.model or "").startswith("virtio"))
    field = _VIRTIO_FIELDS.get(element)
    return field is not None and (getattr(device, field) or "").startswith("virtio")


_VIRTIO_FIELDS: Final = {
    "disk": "bus", "input": "bus", "video": "type", "interface": "model", "memballoon": "model", "rng": "model", "sound": "model",
    "crypto": "model",
}  # fmt: skip
"""Where the kinds that a board's transport takes say that they are virtio."""


_USB_PORTS: Final = {"piix3-uhci": 2, "piix4-uhci": 2, "vt82c686b-uhci": 2, "pci-ohci": 3, "ehci": 6, "ich9-ehci1": 6,
                     "nec-xhci": 4, "qemu-xhci": 4}  # fmt: skip
HUB_PORTS: Final = 8


def usb(domain: Domain, _: Target) -> None:
    """Ports of USB devices: the first free one of the first controller that has one, then those of hubs."""
    buses: dict[int, _Hub] = {}
    for item in domain.all(Controller):
        if item.type == "usb" and (item.model or "none") in _USB_PORTS and item.index not in buses:
            ports = item.ports if item.ports and item.model in ("nec-xhci", "qemu-xhci") else _USB_PORTS[item.model or ""]
            buses[item.index or 0] = _Hub(ports)
    _add_hubs(domain, sum(bus.ports for bus in buses.values()))
    members = list(_usb_devices(domain))
    for device in members:
        own = device.info.address
        if isinstance(own, UsbAddress) and own.port and (own.bus or 0) in buses:
            buses[own.bus or 0].take([int(part) for part in own.port.split(".")], is_hub=_is_hub(device))
    for device in members:
        own = device.info.address
        if own is None or (isinstance(own, UsbAddress) and not own.port):
            only = own.bus if own is not None else None
            for index, hub in sorted(buses.items()):
                path = hub.free() if only in (None, index) else None
                if path is not None:
                    hub.take(path, is_hub=_is_hub(device))
                    device.info.address = UsbAddress(type="usb", bus=index, port=".".join(map(str, path)))
                    break


def _add_hubs(domain: Domain, ports: int) -> None:
    """As many hubs as it takes to plug every device in: each has eight ports, and takes one itself."""
    hubs = domain.all(Hub)
    missing = len(list(_usb_devices(domain))) - ports - HUB_PORTS * len(hubs)
    if missing > 0 and ports:
        domain.devices += [Hub(type="usb") for _ in range(missing // (HUB_PORTS - 1) + 1)]


def _is_hub(device: Any) -> bool:
    return layout.KIND_OF[type(device)].element == "hub"


def _usb_devices(domain: Domain) -> Iterator[Any]:
    """Every device on USB, in the order in which libvirt plugs them in."""
    yield from _elements(domain, "hub")
    yield from (device for device in _elements(domain, "disk") if device.bus == "usb")
    yield from (device for device in _elements(domain, "interface") if device.model == "usb-net")
    yield from (device for device in _elements(domain, "sound") if device.model == "usb")
    yield from (device for device in _elements(domain, "hostdev") if device.type == "usb")
    yield from (item for item in domain.all(Controller) if item.type == "ccid")
    yield from (device for device in _elements(domain, "serial") if getattr(device, "target_type", None) == "usb-serial")
    yield from (device for device in _elements(domain, "input") if device.bus == "usb")
    yield from (device for device in _elements(domain, "filesystem") if device.driver == "mtp")
    yield from (device for device in _elements(domain, "redirdev"))


class _Hub:
    def __init__(self, ports: int) -> None:
        self.ports = ports
        self.taken: dict[int, _Hub | None] = {}

    def take(self, path: list[int], *, is_hub: bool) -> None:
        first, rest = path[0], path[1:]
        if rest:
            below = self.taken.get(first)
            if below is None:
                below = self.taken[first] = _Hub(HUB_PORTS)
            below.take(rest, is_hub=is_hub)
        else:
            self.taken[first] = self.taken.get(first) or (_Hub(HUB_PORTS) if is_hub else None)

    def free(self) -> list[int] | None:
        for port in range(1, self.ports + 1):
            if port not in self.taken:
                return [port]
        for port, below in sorted(self.taken.items()):
            path = below.free() if below else None
            if path is not None:
                return [port, *path]
        return None
