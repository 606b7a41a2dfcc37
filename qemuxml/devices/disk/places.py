"""Where ``-device`` puts a disk: ``bus=ide.1,unit=0``, ``bus=scsi0.0,channel=0,scsi-id=1,lun=0``; else the next free place.

The place, or libvirt's own id of the device (``virtio-disk3``), says the name of the target too.
"""

from __future__ import annotations

import re
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.common import scsi
from qemuxml.common.addresses import DriveAddress, drive
from qemuxml.common.piece import Piece
from qemuxml.common.place import Bus
from qemuxml.common.scsi import Place
from qemuxml.devices.disk import PREFIX, Disk, target_index, target_name
from qemuxml.devices.disk.board import default_bus, has_ide, has_scsi
from qemuxml.devices.disk.legacy import INTERFACES, NAMED, index_of
from qemuxml.later import pattern
from qemuxml.mapping.context import Reading


class Places:
    """What the disks read so far have taken: names of targets, and places on each controller.

    ``numbers`` are the bus and the number of each drive that is a device of its own; their places are kept for them.
    """

    def __init__(self, reading: Reading) -> None:
        self._units = reading.once(scsi.Units)
        self.numbers = _numbers(reading)
        self._targets = {target_name(bus, index) for bus, index in self.numbers.values()}
        self._last: dict[str, int] = {}
        """The highest number of a bus, and of all buses whose names begin alike."""
        self._kept: dict[tuple[str, int], set[Place]] = {}
        self._taken: dict[tuple[str, int], set[Place]] = {}
        for bus, index in self.numbers.values():
            self._count(bus, index)
            self.on(bus, 0).add(_numbered_place(bus, index))

    def _count(self, bus: str, index: int) -> None:
        for key in (bus, f"{PREFIX[bus]}*"):
            self._last[key] = max(self._last.get(key, -1), index)

    def on(self, bus: str, controller: int) -> set[Place]:
        """The places on a controller that are not free."""
        return self._units.on(controller) if bus == "scsi" else self._kept.setdefault((bus, controller), set())

    def is_taken(self, bus: str, place: DriveAddress) -> bool:
        """Whether another disk sits in that very place; then QEMU would have refused the line."""
        return _place(place) in self._taken.get((bus, place.controller or 0), ())

    def is_used(self, bus: str, index: int) -> bool:
        """The same of a drive by its number."""
        return bus in _TAKERS and _numbered_place(bus, index) in self._taken.get((bus, 0), ())

    def enter(self, disk: Disk) -> None:
        """Count a disk that stands in the guest now."""
        place = disk.info.address
        if isinstance(place, DriveAddress):
            self._taken.setdefault((disk.bus or "", place.controller or 0), set()).add(_place(place))
            self.on(disk.bus or "", place.controller or 0).add(_place(place))
        if disk.target is not None:
            self._targets.add(disk.target)
            self._count(disk.bus or "", target_index(disk.target) or 0)

    def name(self, bus: str, index: int | None, *, ordered: bool = False) -> str:
        """The target's name of that number if no other disk has it; else the one behind all of its kind.

        ``ordered`` asks for a name behind the others: libvirt wrote its own lines in the order of their names.
        """
        late = ordered and index is not None and index < self._last.get(bus, -1)
        name = target_name(bus, index) if index is not None and not late else None
        return (
            name
            if name is not None and name not in self._targets
            else target_name(bus, self._last.get(f"{PREFIX[bus]}*", -1) + 1)
        )


def _numbered_place(bus: str, index: int) -> Place:
    return (index // 2, 0, index % 2) if bus == "ide" else (0, 0, index)


def _place(address: DriveAddress) -> Place:
    return address.bus or 0, address.target or 0, address.unit or 0


def _numbers(reading: Reading) -> dict[Option, tuple[str, int]]:
    """Bus and number of each drive that is a device of its own: QEMU makes these before any ``-device``."""
    usual, found = default_bus(reading), dict[Option, tuple[str, int]]()
    taken: dict[str, set[int]] = {}
    free: dict[str, int] = {}
    for option in reading.line.options:
        named = _numbered(option, reading, usual)
        if named is not None:
            bus, index = named
            numbers = taken.setdefault(bus, set())
            while free.setdefault(bus, 0) in numbers:
                free[bus] += 1
            found[option] = bus, free[bus] if index is None else index
            numbers.add(found[option][1])
    return found


def _numbered(option: Option, reading: Reading, usual: str) -> tuple[str, int | None] | None:
    """The bus and the number that an option gives a drive; None if it is no device of its own."""
    index: int | None
    if option.name in NAMED:
        named, _, index = NAMED[option.name]
        bus = named or usual
    elif option.name == "-drive" and option.value is not None:
        values = reading.values(option)
        bus = INTERFACES.get(values.peek("if") or "", "") if "if" in values else usual
        index = index_of(values, bus)
    else:
        return None
    bus = usual if (bus, usual) == ("ide", "sata") else bus
    return (bus, index) if bus else None


def insert(reading: Reading, disk: Disk, unit: int) -> None:
    """Put a floppy into one of the two drives of the first controller."""
    places = reading.once(Places)
    disk.info.address, disk.target = drive(0, 0, unit), places.name("fdc", unit)
    places.enter(disk)


def read(piece: Piece, disk: Disk) -> bool:
    """Set the drive address of a disk that has one, and its target's name. False if the bus is not known, or the place taken."""
    places = piece.reading.once(Places)
    take = _TAKERS.get(disk.bus or "")
    if take is not None:
        place = take(piece, disk, places)
        if place is None or places.is_taken(disk.bus or "", place):
            return False
        disk.info.address = place
    own = is_libvirts(piece.values.peek("id"))
    disk.target = disk.target or places.name(disk.bus or "", _index(piece, disk), ordered=own)
    return True


def is_libvirts(name: str | None) -> bool:
    """Whether libvirt gave a disk its id."""
    return bool(_OWN_NAME.fullmatch(name or ""))


_OWN_NAME: Final = pattern(r"(ide|sata|scsi|fdc)[0-9]+(-[0-9]+){2,3}|(virtio|usb)-disk[0-9]+")
"""What libvirt calls disks by their places."""


# ------------------------------------------------------------------ IDE and SATA


def _ide(piece: Piece, disk: Disk, places: Places) -> DriveAddress | None:
    """A disk of ``ide-hd`` is SATA's or IDE's by its bus."""
    reading = piece.reading
    name = piece.values.peek("bus")
    bus = _ide_bus(name, reading) if name is not None else _last_ide(reading)
    if bus is None or (bus.type == "ide" and not has_ide(reading)):
        return None
    piece.values.get("bus")
    disk.bus = bus.type
    unit = piece.values.get("unit", scsi.number)
    if bus.type == "sata":
        return drive(bus.index, 0, bus.number)
    taken = places.on(bus.type, bus.index)
    units = [unit] if unit is not None else [0, 1]
    return drive(bus.index, bus.number, next((at for at in units if (bus.number, 0, at) not in taken), units[0]))


_SATA_PORTS: Final = 6


def _ide_bus(name: str, reading: Reading) -> Bus | None:
    """``ide.3`` is a port of the board's SATA controller on a Q35, ``sata1.3`` one of another."""
    prefix, _, number = name.rpartition(".")
    if not re.fullmatch("[0-9]{1,2}", number):
        return None
    controller = reading.buses.get(prefix)
    if controller is not None and controller.type == "sata":
        return Bus("sata", controller.index, int(number))
    return Bus("sata" if default_bus(reading) == "sata" else "ide", 0, int(number)) if prefix == "ide" else None


def _last_ide(reading: Reading) -> Bus:
    """The bus that QEMU takes where none is named: the last of the controller that was made last."""
    added = [bus.index for bus in reading.buses.values() if bus.type == "sata"]
    if added or default_bus(reading) == "sata":
        return Bus("sata", added[-1] if added else 0, _SATA_PORTS - 1)
    return Bus("ide", 0, 1)


# ------------------------------------------------------------------ SCSI


def _scsi(piece: Piece, _: Disk, __: Places) -> DriveAddress | None:
    reading = piece.reading
    return scsi.read(piece.values, reading) if has_scsi(reading) or scsi.has_adapter(reading) else None


# ------------------------------------------------------------------ floppies


def _floppy(piece: Piece, _: Disk, places: Places) -> DriveAddress | None:
    piece.values.get("bus")
    unit = piece.values.get("unit", scsi.number)
    return drive(0, 0, scsi.free({at for _, _, at in places.on("fdc", 0)}) if unit is None else unit)


_TAKERS: Final = {"ide": _ide, "sata": _ide, "scsi": _scsi, "fdc": _floppy}

# ------------------------------------------------------------------ targets


def _index(piece: Piece, disk: Disk) -> int | None:
    place = disk.info.address
    if isinstance(place, DriveAddress):
        controller, bus, unit = place.controller or 0, place.bus or 0, place.unit or 0
        match disk.bus:
            case "ide":
                return (controller * 2 + bus) * 2 + unit
            case "sata":
                return controller * _SATA_PORTS + unit
            case "fdc":
                return controller * 2 + unit
            case "scsi":
                plain = not controller and not bus and not place.target and unit < _SCSI_UNITS
                return unit if plain else None
    named = re.fullmatch(r"(?:virtio|usb)-disk([0-9]{1,4})", piece.values.peek("id") or "")
    return int(named[1]) if named else None


_SCSI_UNITS: Final = 7
