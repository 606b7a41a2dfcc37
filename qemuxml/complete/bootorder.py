"""What ``<boot dev='hd'/>`` of ``<os>`` means for the devices: ``bootindex=1`` on the first disk."""

from __future__ import annotations

from typing import Any

from qemuxml.common.info import info_of
from qemuxml.devices.disk import Disk
from qemuxml.devices.interface import Interface
from qemuxml.domain import Domain
from qemuxml.mapping.context import Target

_DEVICE = {"fd": ("floppy",), "hd": ("disk", "lun", None), "cdrom": ("cdrom",)}


def boot_order(domain: Domain, _: Target) -> None:
    """Number the first disk of each sort, and the first network card; an order said on a device itself wins."""
    numbers = {device.dev: number for number, device in reversed(list(enumerate(domain.os.boot, 1)))}
    for device in domain.devices:
        info = info_of(device)
        if info is not None:
            info.boot_index = info.boot_order
    if any(_order(device) for device in domain.devices):
        return
    for dev, sorts in _DEVICE.items():
        _number([disk for disk in domain.all(Disk) if disk.device in sorts], numbers.get(dev))
    _number(domain.all(Interface), numbers.get("network"))


def _order(device: Any) -> int | None:
    info = info_of(device)
    return info.boot_order if info is not None else None


def _number(devices: list[Any], number: int | None) -> None:
    if devices and number is not None:
        devices[0].info.boot_index = number
