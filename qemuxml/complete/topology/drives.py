"""Where disks sit on their controllers, and the controllers that they imply: ``hdc`` is bus 1, unit 0 of ``ide`` 0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from qemuxml import layout
from qemuxml.common.addresses import CcidAddress, DriveAddress, VirtioSerialAddress
from qemuxml.common.info import address_of
from qemuxml.devices.controller import Controller
from qemuxml.devices.disk import Disk, target_index
from qemuxml.domain import Domain
from qemuxml.domain.boards import board_of
from qemuxml.mapping.context import Target

BUSES: Final = ("ide", "scsi", "sata", "fdc")
_SCSI_UNITS: Final = 7


def addresses(domain: Domain, _: Target) -> None:
    """A drive address by the target's name; SCSI host devices take the next free unit."""
    taken: set[tuple[str, int, int, int, int]] = set()
    for item in _of_scsi(domain):
        if isinstance(item.info.address, DriveAddress):
            _complete(item.info.address)
            taken.add(("scsi", *_place(item.info.address)))
    for disk in domain.all(Disk):
        index = target_index(disk.target or "")
        if disk.bus in BUSES and disk.info.address is None and index is not None:
            disk.info.address = _address(disk.bus or "", index)
            taken.add((disk.bus or "", *_place(disk.info.address)))
        elif isinstance(disk.info.address, DriveAddress):
            _complete(disk.info.address)
    for device in layout.of("hostdev", domain.devices):
        if device.type == "scsi" and device.info.address is None:
            number = 0
            while ("scsi", *_place(_address("scsi", number))) in taken:
                number += 1
            device.info.address = _address("scsi", number)
            taken.add(("scsi", *_place(device.info.address)))


def _of_scsi(domain: Domain) -> Iterator[Any]:
    yield from (disk for disk in domain.all(Disk) if disk.bus == "scsi")
    yield from (device for device in layout.of("hostdev", domain.devices) if device.type == "scsi")


def _complete(place: DriveAddress) -> None:
    place.controller, place.bus = place.controller or 0, place.bus or 0
    place.target, place.unit = place.target or 0, place.unit or 0


def _place(place: DriveAddress) -> tuple[int, int, int, int]:
    return place.controller or 0, place.bus or 0, place.target or 0, place.unit or 0


def _address(bus: str, index: int) -> DriveAddress:
    controller, channel, unit = 0, 0, 0
    match bus:
        case "ide":
            controller, channel, unit = index // 4, index % 4 // 2, index % 2
        case "sata":
            controller, unit = divmod(index, 6)
        case "fdc":
            controller, unit = divmod(index, 2)
        case "scsi":
            controller, unit = divmod(index, _SCSI_UNITS)
    return DriveAddress(type="drive", controller=controller, bus=channel, target=0, unit=unit)


_IMPLICIT: Final = ("scsi", "fdc", "ide", "sata", "virtio-serial", "ccid")
"""The order in which libvirt adds controllers."""


def controllers(domain: Domain, _: Target) -> None:
    """The controllers that addresses name, from the first to the last, and one for what has no address yet."""
    needed: dict[str, int] = {}
    for kind, index in _named(domain):
        needed[kind] = max(needed.get(kind, 0), index)
    model = board_of(domain).scsi_model()
    present = {(item.type, item.index) for item in domain.all(Controller)}
    named = set(_named(domain))
    for kind, last in sorted(needed.items(), key=lambda item: _IMPLICIT.index(item[0])):
        for index in range(last + 1) if kind != "virtio-serial" else sorted(index for name, index in named if name == kind):
            if (kind, index) not in present:
                domain.devices.append(Controller(type=kind, index=index, model=model if kind == "scsi" else None))
    adapters = {item.index or 0: item.model for item in reversed(domain.all(Controller)) if item.type == "scsi"}
    for item in _of_scsi(domain):
        if isinstance(item.info.address, DriveAddress):
            item.info.address.adapter = adapters.get(item.info.address.controller or 0)


def _named(domain: Domain) -> Iterator[tuple[str, int]]:
    for disk in domain.all(Disk):
        if disk.bus in BUSES and isinstance(disk.info.address, DriveAddress):
            yield str(disk.bus), disk.info.address.controller or 0
    for device in layout.of("hostdev", domain.devices):
        if device.type == "scsi" and isinstance(device.info.address, DriveAddress):
            yield "scsi", device.info.address.controller or 0
    for device in domain.devices:
        element = layout.element(device)
        own = address_of(device)
        if element == "smartcard":
            yield "ccid", (own.controller or 0) if isinstance(own, CcidAddress) else 0
        elif is_virtio_port(device):
            yield "virtio-serial", (own.controller or 0) if isinstance(own, VirtioSerialAddress) else 0


def is_virtio_port(device: Any) -> bool:
    """Whether a channel or console is a port of a virtio-serial controller."""
    element = layout.element(device)
    return element in ("channel", "console") and getattr(device, "target_type", None) == "virtio"
