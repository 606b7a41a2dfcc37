"""Where a SCSI drive sits on its controller: ``"bus":"scsi0.0","channel":0,"scsi-id":0,"lun":1``, or ``"scsi-id":1``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from qemuxml.cmdline.values import Values
from qemuxml.common.addresses import DriveAddress
from qemuxml.mapping.codecs import decimal
from qemuxml.mapping.context import Reading
from qemuxml.mapping.props import Pair

NARROW: Final = frozenset({"lsilogic", "dc390", "am53c974", "ncr53c90"})
"""The controllers of the old sort, where a unit is a SCSI target of its own."""


def place(address: DriveAddress) -> Iterator[Pair]:
    """The bus and the numbers on it."""
    bus = (address.bus_alias or f"scsi{address.controller or 0}").removesuffix(".0")
    yield "bus", f"{bus}.0"
    if address.adapter in NARROW:
        yield "scsi-id", address.unit or 0
    else:
        yield from (("channel", address.bus or 0), ("scsi-id", address.target or 0), ("lun", address.unit or 0))


def _adapters(devices: Iterable[Any]) -> Iterator[Any]:
    return (device for device in devices if getattr(device, "type", None) == "scsi" and hasattr(device, "index"))


# ------------------------------------------------------------------ reading

Place = tuple[int, int, int]
"""Bus, target and unit."""


class Units:
    """The places that drives read so far have on each SCSI controller."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._taken: dict[int, set[Place]] = {}
        self._narrow: dict[int, bool] = {}

    def on(self, controller: int) -> set[Place]:
        """The places on a controller that are not free."""
        return self._taken.setdefault(controller, set())

    def is_narrow(self, controller: int) -> bool:
        """Whether the controller of that number is of the old sort; it stands before its drives on every line."""
        if controller not in self._narrow:
            found = (item for item in _adapters(self._reading.domain.devices) if (item.index or 0) == controller)
            own = controller == 0 and self._reading.domain.os.arch == "sparc"
            self._narrow[controller] = own or any(item.model in NARROW for item in found)
        return self._narrow[controller]


def read(values: Values, reading: Reading) -> DriveAddress | None:
    """The place that ``bus=``, ``channel=``, ``scsi-id=`` and ``lun=`` name; what is unsaid is the next free, as QEMU takes it.

    None if the bus is not known.
    """
    index = _adapter(values.peek("bus"), reading)
    if index is None:
        return None
    values.get("bus")
    units = reading.once(Units)
    channel = values.get("channel", number) or 0
    target, unit = values.get("scsi-id", number), values.get("lun", number)
    taken = units.on(index)
    if units.is_narrow(index):
        channel, target, unit = 0, 0, target if target is not None else free({at for _, _, at in taken})
    if target is None:
        target = free({at for _, at, of in taken if of == (unit or 0)})
        unit = unit or 0
    if unit is None:
        unit = free({at for _, of, at in taken if of == target})
    return DriveAddress(type="drive", controller=index, bus=channel, target=target, unit=unit)


def number(text: str) -> int:
    """A number that a drive can have on its bus."""
    found = decimal(text)
    if found > 0xFFFF:
        raise ValueError("is no number that a drive can have")
    return found


def free(taken: set[int]) -> int:
    """The lowest number that is not taken."""
    return next(value for value in range(len(taken) + 1) if value not in taken)


def has_adapter(reading: Reading) -> bool:
    """Whether the line has said a controller so far."""
    return any(True for _ in _adapters(reading.domain.devices))


def _adapter(name: str | None, reading: Reading) -> int | None:
    """The index of the controller that a bus is of; of all the last one, where none is named."""
    bus = reading.buses.get(name) if name else None
    if bus is not None:
        return int(bus.index) if bus.type == "scsi" else None
    if name not in (None, "scsi.0"):
        return None
    found = [item.index or 0 for item in _adapters(reading.domain.devices)]
    return found[0 if name else -1] if found else 0
