"""The names that libvirt gives devices: ``net0``, ``ide0-0-0``, ``pci.1``; they become QEMU's ids and names of buses.

A name of the user's own begins with ``ua-`` and stays; any other alias in an input is of an earlier run, and is replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from qemuxml import layout
from qemuxml.common.addresses import CcidAddress, DriveAddress, PciAddress, UsbAddress, VirtioSerialAddress
from qemuxml.common.info import address_of
from qemuxml.devices.controller import Controller, bus
from qemuxml.domain import Domain
from qemuxml.mapping.context import Target
from qemuxml.mapping.kind import AliasMaker, Kind


def aliases(domain: Domain, _: Target) -> None:
    """Name every device that has no name of the user's own, as its kind says."""
    for kind in layout.kinds_of(domain.devices):
        if kind.alias is not None:
            _name(domain, kind, kind.alias)


def _name(domain: Domain, kind: Kind, alias: str | AliasMaker) -> None:
    number = 0
    for device in domain.all(kind.model):
        ours = not device.info.named_by_user
        if ours:
            device.info.alias = f"{alias}{number}" if isinstance(alias, str) else alias(device, number, domain)
        number += ours or not kind.counts_unnamed


def buses(domain: Domain, _: Target) -> None:
    """Tell every address the name of its bus."""
    names: dict[tuple[str, int], str] = {}
    for item in domain.all(Controller):
        names.setdefault((item.type or "", item.index or 0), bus.name(item, domain))
    for item in domain.all(Controller):
        item.bus_name = names[item.type or "", item.index or 0]
    for device in domain.devices:
        place: Any = address_of(device)
        number = _NUMBER.get(type(place))
        if place is not None and number is not None:
            kind, index = number(place, device)
            place.bus_alias = names.get((kind, index or 0))


_NUMBER: Final[Mapping[type, Callable[[Any, Any], tuple[str, int | None]]]] = {
    PciAddress: lambda place, _: ("pci", place.bus),
    UsbAddress: lambda place, _: ("usb", place.bus),
    VirtioSerialAddress: lambda place, _: ("virtio-serial", place.controller),
    CcidAddress: lambda place, _: ("ccid", place.controller),
    DriveAddress: lambda place, device: (getattr(device, "bus", None) or "scsi", place.controller),
}
