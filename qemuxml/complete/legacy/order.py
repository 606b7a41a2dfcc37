"""Which devices sit on PCI, in the order in which libvirt places them: ``<interface>`` first, second ``<video>`` cards last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qemuxml.complete.legacy.machines import is_pseries, machine_of
from qemuxml.devices.controller import Controller
from qemuxml.devices.disk import Disk
from qemuxml.devices.hostdev import Hostdev, PciSource
from qemuxml.devices.interface import Interface
from qemuxml.devices.memballoon import Memballoon
from qemuxml.devices.sound import Sound
from qemuxml.devices.video import Video
from qemuxml.devices.watchdog import Watchdog
from qemuxml.domain import Domain

_OTHER_SOUND = frozenset({"pcspk", "sb16", "usb"})
_OTHER_NICS = frozenset({"spapr-vlan", "usb-net", "smc91c111", "lan9118", "ne2k_isa", "isa"})
_EXPRESS_NICS = frozenset({"virtio", "e1000e", "vmxnet3"})


def in_order(domain: Domain) -> Iterator[Any]:
    """The devices on PCI; the controllers that make PCI buses are not among them."""
    yield from (card for card in domain.all(Interface) if card.model not in _OTHER_NICS and not _is_ccw(domain))
    yield from (card for card in domain.all(Sound) if card.model not in _OTHER_SOUND)
    yield from (item for item in domain.all(Controller) if _is_pci_controller(item, domain))
    yield from (disk for disk in domain.all(Disk) if disk.bus == "virtio")
    yield from (device for device in domain.all(Hostdev) if isinstance(device.source, PciSource))
    yield from (item for item in domain.all(Memballoon) if item.model == "virtio")
    yield from (item for item in domain.all(Watchdog) if item.model == "i6300esb")
    yield from domain.all(Video)


def _is_ccw(domain: Domain) -> bool:
    return domain.os.arch == "s390x"


def _is_pci_controller(controller: Controller, domain: Domain) -> bool:
    match controller.type:
        case "usb" | "sata":
            return True
        case "scsi":
            return not is_pseries(domain)
        case "ide":
            # The first one is part of the board.
            return bool(controller.index)
    return False


def is_express(device: Any, domain: Domain) -> bool:
    """Whether a device is one of PCI Express where the machine has that."""
    if not machine_of(domain).express:
        return False
    match device:
        case Interface(model=model):
            return model in _EXPRESS_NICS
        case Controller(type="usb", model=model):
            return model in ("qemu-xhci", "nec-xhci")
        case Video(type=model):
            return model == "virtio"
        case Disk() | Hostdev() | Memballoon():
            return True
    return False
