"""Ports and slots of the smaller buses: virtio-serial ports, smartcard slots, registers of spapr-vio."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from qemuxml import layout
from qemuxml.common.addresses import CcidAddress, CcwAddress, SpaprVioAddress, VirtioMmioAddress, VirtioSerialAddress
from qemuxml.common.info import address_of
from qemuxml.complete.topology.drives import is_virtio_port
from qemuxml.devices.controller import Controller
from qemuxml.domain import Domain
from qemuxml.domain.boards import board_of
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.context import Target

PORTS: Final = 31


def serial(domain: Domain, _: Target) -> None:
    """virtio-serial ports: consoles may take port 0 of a controller, channels begin at 1."""
    members = [device for device in domain.devices if is_virtio_port(device)]
    ports = {item.index or 0: item.ports or PORTS for item in domain.all(Controller) if item.type == "virtio-serial"}
    taken: set[tuple[int, int]] = set()
    for device in members:
        own = device.info.address
        if isinstance(own, VirtioSerialAddress):
            own.controller, own.bus = own.controller or 0, own.bus or 0
            if own.port:
                _take(device, own, ports.get(own.controller, PORTS), taken)
        elif own is not None and not isinstance(own, CcwAddress):
            raise DomainXmlError(f"{layout.tag(device)}: the address of a virtio port is of type 'virtio-serial'").of(device)
    for device in members:
        own = device.info.address
        if layout.element(device) == "channel" and (own is None or not own.port):
            only = own.controller if own is not None else None
            place = next((place for place in _free(domain, 1) if place not in taken and only in (None, place[0])), None)
            if place is None:
                raise DomainXmlError(f"{layout.tag(device)}: no port of virtio-serial controller {only} is free").of(device)
            taken.add(place)
            device.info.address = VirtioSerialAddress(type="virtio-serial", controller=place[0], bus=0, port=place[1])


def _take(device: Any, own: VirtioSerialAddress, ports: int, taken: set[tuple[int, int]]) -> None:
    place = own.controller or 0, own.port or 0
    said = f"{layout.tag(device)}: <address type='virtio-serial' controller='{place[0]}' port='{place[1]}'>"
    if place[1] >= ports:
        raise DomainXmlError(f"{said}: the controller has the ports 0 to {ports - 1}").of(device)
    if place in taken:
        raise DomainXmlError(f"{said}: the port is taken").of(device)
    taken.add(place)


def _free(domain: Domain, first: int) -> Iterator[tuple[int, int]]:
    found = sorted((item.index or 0, item.ports or PORTS) for item in domain.all(Controller) if item.type == "virtio-serial")
    for index, ports in found:
        yield from ((index, port) for port in range(first, ports))
    index = found[-1][0] + 1 if found else 0
    domain.devices.append(Controller(type="virtio-serial", index=index))
    yield from ((index, port) for port in range(first, PORTS))


def smartcards(domain: Domain, _: Target) -> None:
    """The slot of the smartcard reader: QEMU has one reader with one slot. Raises DomainXmlError for a second card."""
    cards = layout.of("smartcard", domain.devices)
    if len(cards) > 1:
        raise DomainXmlError("<smartcard>: QEMU has one reader with one slot").of(cards[1])
    for device in cards:
        own = device.info.address
        if isinstance(own, CcidAddress) and (own.controller or own.slot):
            raise DomainXmlError("<smartcard>: <address type='ccid'>: QEMU has one reader with one slot").of(device)
        if own is None:
            device.info.address = CcidAddress(type="ccid", controller=0, slot=0)


_VIO: Final = {"interface": 0x1000, "controller": 0x2000, "serial": 0x30000000, "nvram": 0x3000, "tpm": 0x4000}


def spapr(domain: Domain, _: Target) -> None:
    """Registers on the virtual I/O bus of a pseries machine."""
    taken = {
        own.reg for device in domain.devices if isinstance(own := address_of(device), SpaprVioAddress) and own.reg is not None
    }
    for element, first in _VIO.items():
        for device in layout.of(element, domain.devices):
            own = address_of(device)
            if _is_vio(element, device, domain) and (own is None or (isinstance(own, SpaprVioAddress) and own.reg is None)):
                reg = first
                while reg in taken:
                    reg += 0x1000
                taken.add(reg)
                device.info.address = SpaprVioAddress(type="spapr-vio", reg=reg)


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
    asked = any(isinstance(address_of(device), VirtioMmioAddress) for device in domain.devices)
    for device in domain.devices if board.has_transports and (asked or board.root is None) else ():
        if _is_virtio(device) and device.info.address is None:
            device.info.address = VirtioMmioAddress(type="virtio-mmio")


def _is_virtio(device: Any) -> bool:
    """Whether it is a virtio device of a kind that can sit on a board's own transport."""
    element = layout.element(device)
    if element == "controller":
        return device.type == "virtio-serial" or (device.type == "scsi" and (device.model or "").startswith("virtio"))
    field = _VIRTIO_FIELDS.get(element)
    return field is not None and (getattr(device, field) or "").startswith("virtio")


_VIRTIO_FIELDS: Final = {
    "disk": "bus", "input": "bus", "video": "type", "interface": "model", "memballoon": "model", "rng": "model", "sound": "model",
    "crypto": "model",
}  # fmt: skip
"""Where the kinds that a board's transport takes say that they are virtio."""
