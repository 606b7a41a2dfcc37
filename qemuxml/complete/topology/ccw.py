"""Device numbers of an s390 machine: ``<address type='ccw' cssid='0xfe' ssid='0x0' devno='0x0000'/>``, in libvirt's order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from qemuxml import layout
from qemuxml.common.addresses import CcwAddress, PciAddress
from qemuxml.complete.topology.needs import plug_of
from qemuxml.devices.controller import Controller
from qemuxml.domain import Domain
from qemuxml.domain.boards import board_of
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.context import Target

CSSID: Final = 0xFE
_ORDER: Final = ("disk", "interface", "sound", "hostdev", "video", "controller", "input", "filesystem", "memballoon", "rng",
                 "memory", "vsock", "crypto", "console")  # fmt: skip


def place(domain: Domain, _: Target) -> None:
    """Number every channel device that has no number."""
    if not board_of(domain).is_ccw:
        return
    members = list(_members(domain))
    taken: set[tuple[int, int, int]] = set()
    for device in members:
        own = device.info.address
        if isinstance(own, CcwAddress) and own.devno is not None:
            at = (own.cssid or 0, own.ssid or 0, own.devno)
            if at in taken:
                raise DomainXmlError(f"The CCW devno '{at[0]:x}.{at[1]:x}.{at[2]:04x}' is in use already")
            taken.add(at)
    for device in members:
        own = device.info.address
        if own is None or (isinstance(own, CcwAddress) and own.devno is None):
            devno = next(number for number in range(0x10000) if (CSSID, 0, number) not in taken)
            taken.add((CSSID, 0, devno))
            device.info.address = CcwAddress(type="ccw", cssid=CSSID, ssid=0, devno=devno)


def _members(domain: Domain) -> Iterator[Any]:
    for element in _ORDER:
        for device in domain.devices:
            if layout.element(device) == element and is_channel_device(device, domain):
                yield device


def is_channel_device(device: Any, domain: Domain) -> bool:  # noqa: PLR0911 - one answer a kind
    """Whether the device sits on the channel subsystem."""
    element = layout.element(device)
    if isinstance(device.info.address, CcwAddress):
        return True
    match element:
        case "hostdev":
            return bool(device.type == "scsi_host" or (device.type == "mdev" and getattr(device, "model", None) == "vfio-ccw"))
        case "controller":
            virtio = device.type == "virtio-serial" or (device.type == "scsi" and (device.model or "").startswith("virtio"))
            return isinstance(device, Controller) and virtio
        case "interface":
            return (getattr(device, "model", None) or "").startswith("virtio")
        case "video":
            return bool(device.type == "virtio")
        case "sound":
            return bool(device.model == "virtio")
    return not isinstance(device.info.address, PciAddress) and plug_of(device, domain) is not None
