"""What a disk shows the guest unasked: ``device_id`` is the name of its ``-drive``, and libvirt's line has names of its own."""

from __future__ import annotations

from typing import Any, Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Property, Values
from qemuxml.common import unsaid
from qemuxml.devices.disk import Disk
from qemuxml.later import pattern
from qemuxml.mapping.context import Reading


def unsay(disk: Disk, option: Option | None, reading: Reading) -> None:
    """Keep the name that a SCSI disk shows, and the write cache that follows from its drive's mode."""
    if disk.bus == "scsi" and disk.device != "lun" and not disk.serial:
        _name(disk, option, reading)
    if disk.bus == "usb" and not disk.serial:
        _name_usb(option, reading)
    if disk.cache and disk.bus != "fdc":
        unsaid.unset(disk, ["write-cache"], option, reading)


def _name(disk: Disk, option: Option | None, reading: Reading) -> None:
    said = unsaid.said(option, reading)
    if said is None:
        place = option.span if option is not None else reading.line.emulator.span()
        reading.override(disk, [Property("device_id", _drive_name(disk, option, reading), place)])
    elif "device_id" not in said:
        _name_by_drive(disk, said, reading)


def _name_usb(option: Option | None, reading: Reading) -> None:
    """The disk within ``usb-storage`` takes its name from the drive too, and only a setting for all such disks reaches it."""
    said = unsaid.said(option, reading)
    name = said.peek("drive") if said is not None else None
    others = [item for item in reading.ledger.named("-device") if item is not option and _SCSI_DISK.search(item.text)]
    if name and not others and any(reading.values(item).peek("id") == name for item in reading.ledger.named("-drive")):
        reading.added += ["-global", f"scsi-hd.device_id={name}"]


_SCSI_DISK: Final = pattern(r"scsi-hd|scsi-disk|usb-storage")


def _name_by_drive(disk: Disk, said: Values, reading: Reading) -> None:
    """A disk shows the guest the id of its ``-drive``; of a ``-blockdev`` it shows nothing."""
    drive = said.property("drive")
    if drive and any(reading.values(option).peek("id") == drive.text for option in reading.ledger.named("-drive")):
        reading.override(disk, [Property("device_id", drive.text, drive.span)])
    else:
        reading.unset(disk, "device_id")


def _drive_name(disk: Disk, option: Option | None, reading: Reading) -> str:
    """The name of a drive that is a device of its own: ``scsi0-hd0`` where no ``id=`` gives one."""
    place: Any = disk.info.address
    unit = (place.target or place.unit or 0) if place else 0
    given = reading.values(option).peek("id") if option is not None and option.name == "-drive" else None
    return given or f"scsi{place.controller or 0 if place else 0}-{'cd' if disk.device == 'cdrom' else 'hd'}{unit}"
