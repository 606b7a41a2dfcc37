"""What ``<boot dev='hd'/>`` of ``<os>`` means for the devices: ``bootindex=1`` on the first disk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qemuxml.common.info import info_of
from qemuxml.devices.disk import Disk
from qemuxml.devices.interface import Interface
from qemuxml.domain import Domain
from qemuxml.domain.boards import X86
from qemuxml.domain.os.model import BootDevice
from qemuxml.mapping.context import Target

_DEVICE = {"fd": ("floppy",), "hd": ("disk", "lun", None), "cdrom": ("cdrom",)}


def join(domain: Domain, _: Target) -> None:
    """Put what ``-boot order=`` names behind the devices with a ``bootindex=``: libvirt takes one of both, firmware reads both.

    A BIOS that is not strict tries all else behind that.
    """
    os = domain.os
    taken = [order for order in map(_order, domain.devices) if order]
    if (os.boot or taken) and not os.strict and os.arch in X86 and os.loader is None and os.firmware is None:
        named = {item.dev for item in os.boot}
        usual = ("fd", "hd", "cdrom") if os.boot else ("hd", "fd", "cdrom")
        os.boot += [BootDevice(dev=dev) for dev in usual if dev not in named and any(map(_holds, _of(dev, domain)))]
    if not taken or not os.boot:
        return
    for number, device in enumerate(_waiting(domain), max(taken) + 1):
        device.info.boot_order = number
    os.boot = []


def _waiting(domain: Domain) -> Iterator[Any]:
    """The first device of each sort that has none in the order already."""
    for named in domain.os.boot:
        found = _of(named.dev or "", domain)
        if found and not any(map(_order, found)):
            yield found[0]


def _of(dev: str, domain: Domain) -> list[Any]:
    """The devices that firmware calls so."""
    sorts = _DEVICE.get(dev)
    return [disk for disk in domain.all(Disk) if disk.device in sorts] if sorts else domain.all(Interface)


def _holds(disk: Disk) -> bool:
    return disk.source is not None


def boot_order(domain: Domain, _: Target) -> None:
    """Number the first disk of each sort, and the first network card; an order said on a device itself wins."""
    numbers = {device.dev: number for number, device in reversed(list(enumerate(domain.os.boot, 1)))}
    for device in domain.devices:
        info = info_of(device)
        if info is not None:
            info.boot_index = info.boot_order
    if any(_order(device) for device in domain.devices):
        return
    for dev in (*_DEVICE, "network"):
        _number(_of(dev, domain), numbers.get(dev))


def _order(device: Any) -> int | None:
    info = info_of(device)
    return info.boot_order if info is not None else None


def _number(devices: list[Any], number: int | None) -> None:
    if devices and number is not None:
        devices[0].info.boot_index = number
