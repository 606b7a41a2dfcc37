"""What a disk shows the guest unasked: ``device_id`` is the name of its ``-drive``, and libvirt's line has names of its own."""

from __future__ import annotations

from typing import Any

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Property, Values
from qemuxml.common import unsaid
from qemuxml.devices.disk import Disk
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import Entry


def unsay(disk: Disk, option: Option | None, reading: Reading) -> None:
    """Keep the name that a SCSI disk shows, and the write cache that follows from its drive's mode."""
    if disk.bus == "scsi" and disk.device != "lun" and not disk.serial:
        _name(disk, option, reading)
    if disk.bus == "usb" and not disk.serial:
        _name_stick(disk, option, reading)
    if disk.cache and disk.bus != "fdc":
        unsaid.unset(disk, ["write-cache"], option, reading)


def _name(disk: Disk, option: Option | None, reading: Reading) -> None:
    said = unsaid.said(option, reading)
    if said is None:
        place = option.span if option is not None else reading.line.emulator.span()
        reading.override(disk, [Property("device_id", _drive_name(disk, option, reading), place)])
    elif "device_id" not in said:
        _name_by_drive(disk, said, reading)


def _name_stick(disk: Disk, option: Option | None, reading: Reading) -> None:
    """The disk in a USB stick has no name in libvirt's line: it gets that of all disks without one, where it is the only such."""
    said = unsaid.said(option, reading)
    drive = _drive_of(said, reading) if said is not None else None
    others = [other for other in reading.domain.all(Disk) if other.bus == "usb" and other is not disk]
    if drive is not None and not others and not any(map(_is_passed_disk, reading.ledger.entries())):
        reading.added += ["-global", f"scsi-hd.device_id={drive.text}"]


def _is_passed_disk(entry: Entry) -> bool:
    return any(word.startswith(("scsi-hd", '{"driver":"scsi-hd"')) for word in entry.passed)


def _drive_of(said: Values, reading: Reading) -> Property | None:
    """The id of the ``-drive`` of a device, None if that is no ``-drive``."""
    drive = said.property("drive")
    known = drive and any(reading.values(option).peek("id") == drive.text for option in reading.ledger.named("-drive"))
    return drive if known else None


def _name_by_drive(disk: Disk, said: Values, reading: Reading) -> None:
    """A disk shows the guest the id of its ``-drive``; of a ``-blockdev`` it shows nothing."""
    drive = _drive_of(said, reading)
    if drive:
        reading.override(disk, [Property("device_id", drive.text, drive.span)])
    else:
        reading.unset(disk, "device_id")


def _drive_name(disk: Disk, option: Option | None, reading: Reading) -> str:
    """The name of a drive that is a device of its own: ``scsi0-hd0`` where no ``id=`` gives one."""
    place: Any = disk.info.address
    unit = (place.target or place.unit or 0) if place else 0
    given = reading.values(option).peek("id") if option is not None and option.name == "-drive" else None
    return given or f"scsi{place.controller or 0 if place else 0}-{'cd' if disk.device == 'cdrom' else 'hd'}{unit}"
