"""Slots on PCI bus 0: every PCI device without an address takes the next free one, kind by kind, as libvirt counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qemuxml.common.addresses import LAST_SLOT, PciAddress, pci
from qemuxml.complete.machines import is_pseries, machine_of
from qemuxml.devices.controller import Controller
from qemuxml.devices.disk import Disk
from qemuxml.devices.hostdev import Hostdev, PciSource
from qemuxml.devices.interface import Interface
from qemuxml.devices.memballoon import Memballoon
from qemuxml.devices.sound import Sound
from qemuxml.devices.video import Video
from qemuxml.devices.watchdog import Watchdog
from qemuxml.domain import Domain
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.context import Target

_ISA_SOUND = frozenset({"pcspk", "sb16"})


def place(domain: Domain, _: Target) -> None:
    """Give every PCI device an address; those that have one keep it.

    Raises UnsupportedError when the bus is full: the releases that this serves added no bridges to a command line.
    """
    machine = machine_of(domain)
    if machine.pci_root is None:
        return
    devices = list(_in_order(domain))
    taken = {device.info.address.slot for device in domain.devices if _has_pci_address(device)} | machine.reserved
    if machine.video_slot:
        taken.add(machine.video_slot)
    free = iter(slot for slot in range(1, LAST_SLOT + 1) if slot not in taken)
    for device in devices:
        if device.info.address is None:
            slot = next(free, None)
            if slot is None:
                raise UnsupportedError("more PCI devices than bus 0 has slots")
            device.info.address = pci(slot)


def _has_pci_address(device: Any) -> bool:
    info = getattr(device, "info", None)
    return info is not None and isinstance(info.address, PciAddress)


def _in_order(domain: Domain) -> Iterator[Any]:
    """The kinds in the order in which libvirt places them: what sat on a bus first in old guests comes first."""
    yield from domain.all(Interface)
    yield from (card for card in domain.all(Sound) if card.model not in _ISA_SOUND)
    yield from (item for item in domain.all(Controller) if item.type == "scsi" and not is_pseries(domain))
    yield from (disk for disk in domain.all(Disk) if disk.bus == "virtio")
    yield from (device for device in domain.all(Hostdev) if isinstance(device.source, PciSource))
    yield from (item for item in domain.all(Memballoon) if item.model == "virtio")
    yield from (item for item in domain.all(Watchdog) if item.model == "i6300esb")
    yield from domain.all(Video)[1:]
