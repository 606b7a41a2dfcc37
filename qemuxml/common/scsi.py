"""Where a SCSI drive sits on its controller: ``"bus":"scsi0.0","channel":0,"scsi-id":0,"lun":1``, or ``"scsi-id":1``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from qemuxml.common.addresses import DriveAddress
from qemuxml.mapping.props import Pair

if TYPE_CHECKING:
    from qemuxml.domain import Domain

NARROW: Final = frozenset({"lsilogic", "dc390", "am53c974", "ncr53c90"})
"""The controllers of the old sort, where a unit is a SCSI target of its own."""


def place(address: DriveAddress, domain: Domain) -> Iterator[Pair]:
    """The bus and the numbers on it."""
    bus = (address.bus_alias or f"scsi{address.controller or 0}").removesuffix(".0")
    yield "bus", f"{bus}.0"
    if is_narrow(address.controller or 0, domain.devices):
        yield "scsi-id", address.unit or 0
    else:
        yield from (("channel", address.bus or 0), ("scsi-id", address.target or 0), ("lun", address.unit or 0))


def is_narrow(index: int, devices: Iterable[Any]) -> bool:
    """Whether the controller of that number is of the old sort."""
    found = (device for device in devices if getattr(device, "type", None) == "scsi" and hasattr(device, "index"))
    return any(device.model in NARROW and (device.index or 0) == index for device in found)
