"""Properties that libvirt writes for every device, and that QEMU has otherwise where nobody says them.

``max_outputs`` of a QXL card is 0 by hand and 1 by libvirt; ``port`` of a USB device is empty by hand. Such a property is taken
away from libvirt's line by ``<qemu:override>``, so that the device is what it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qemuxml import layout
from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Property, Values
from qemuxml.common.addresses import CcwAddress, UsbAddress
from qemuxml.devices.disk import Disk
from qemuxml.devices.video import Video
from qemuxml.mapping.context import Reading


def take_away(reading: Reading) -> None:
    """Name the properties that no option of the device said, and libvirt would."""
    options = reading.ledger.makers()
    in_order = _are_in_order(reading)
    for device in reading.domain.devices:
        option = options.get(id(device))
        front = option if option is not None and option.name == "-device" else None
        said = reading.values(front, "driver") if front is not None else None
        for name in _written(device):
            if name == "device_id" and said is not None and "drive" in said:
                _name_drive(reading, device, said)
            elif name == "device_id" and front is None:
                place = option.span if option is not None else reading.line.emulator.span()
                reading.override(device, [Property("device_id", _drive_name(reading, device, option), place)])
            elif (said is None or name not in said) and (name != "devno" or in_order):
                reading.unset(device, name)


def _name_drive(reading: Reading, device: Any, said: Values) -> None:
    """A SCSI disk shows the guest the id of its ``-drive``; of a ``-blockdev`` it shows nothing."""
    drive = said.property("drive")
    named = any(reading.values(option).peek("id") == drive.text for option in reading.ledger.named("-drive")) if drive else False
    if drive is not None and named and "device_id" not in said:
        reading.override(device, [Property("device_id", drive.text, drive.span)])
    elif "device_id" not in said:
        reading.unset(device, "device_id")


def _drive_name(reading: Reading, disk: Disk, option: Option | None) -> str:
    """The name of a drive that is a device of its own: ``scsi0-hd0`` where no ``id=`` gives one."""
    place: Any = disk.info.address
    unit = (place.target or place.unit or 0) if place else 0
    given = reading.values(option).peek("id") if option is not None and option.name == "-drive" else None
    return given or f"scsi{place.controller or 0 if place else 0}-{'cd' if disk.device == 'cdrom' else 'hd'}{unit}"


def _are_in_order(reading: Reading) -> bool:
    """Whether libvirt's own order of channel devices gives each the number that it has."""
    infos = [(device, getattr(device, "info", None)) for device in reading.domain.devices]
    made = [device for device, info in infos if info is not None and isinstance(info.address, CcwAddress)]
    numbers = [device.info.address.devno for kind in layout.DEVICES for device in made if isinstance(device, kind.model)]
    return numbers == list(range(len(numbers)))


def _written(device: Any) -> Iterator[str]:
    place = getattr(getattr(device, "info", None), "address", None)
    if isinstance(place, UsbAddress) and hasattr(device, "info"):
        yield "port"
    if isinstance(place, CcwAddress):
        yield "devno"
    if isinstance(device, Video) and device.type == "qxl":
        yield from ("max_outputs", "vram64_size_mb")
    if isinstance(device, Disk) and device.bus == "scsi" and not device.serial:
        yield "device_id"
    if isinstance(device, Disk) and device.cache and device.bus != "fdc":
        yield "write-cache"
