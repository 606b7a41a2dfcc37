"""Disks in QEMU's own spellings: ``-hda a.img``, ``-cdrom``, ``-drive file=…,if=virtio``, ``-usbdevice disk:…``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qemuxml.cmdline.options import IMAGE, Option
from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import Property, Values, decoded, on_off, parse
from qemuxml.common.addresses import DriveAddress, pci_slot
from qemuxml.common.refusals import refuse
from qemuxml.common.storage import NetworkSource, apply_ceph_arguments
from qemuxml.common.storage import read as read_image
from qemuxml.common.storage import write as write_image
from qemuxml.devices.disk import Disk, target_index, target_name
from qemuxml.devices.disk.board import default_bus
from qemuxml.devices.disk.front import ERROR_POLICY
from qemuxml.errors import CommandLineError, DomainXmlError, Span, UnsupportedError
from qemuxml.mapping.codecs import INT, one_of, words
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.props import Props, key, key_values, switch
from qemuxml.record import replace

UNITS = {"ide": 2, "scsi": 7, "fdc": 2}
"""How many disks one bus holds, as QEMU and libvirt number them in ``bus=``, ``unit=``."""

INTERFACES = {"ide": "ide", "scsi": "scsi", "virtio": "virtio", "floppy": "fdc", "xen": "xen", "sd": "sd"}
BUSES = words(INTERFACES)
_CACHE = words({"none": "none", "writethrough": "writethrough", "writeback": "writeback", "directsync": "directsync",
                "unsafe": "unsafe", "off": "none", "on": "writeback"})  # fmt: skip
_SWITCHES = words({"on": "on", "off": "off"})

DRIVE = Props(
    Disk,
    key("format", "format"),
    key("cache", "cache", _CACHE),
    key("werror", "error_policy", ERROR_POLICY),
    key("rerror", "rerror_policy", one_of("stop", "report", "ignore")),
    key("aio", "io", one_of("threads", "native", "io_uring")),
    key("copy-on-read", "copy_on_read", _SWITCHES),
    key("discard", "discard", words({"unmap": "unmap", "on": "unmap", "ignore": "ignore", "off": "ignore"})),
    key("detect-zeroes", "detect_zeroes", one_of("off", "on", "unmap")),
    key("cyls", "cylinders", INT),
    key("heads", "heads", INT),
    key("secs", "sectors", INT),
    key("trans", "translation", one_of("none", "lba", "auto")),
    switch("readonly", "readonly"),
    key("serial", "serial"),
)


# ------------------------------------------------------------------ -drive


def claim_drive(option: Option, reading: Reading) -> Claimed | None:
    """``-drive file=…,if=ide|scsi|virtio|floppy|xen|sd``; with ``if=none`` together with the ``-device`` that has its ``id``."""
    values = parse(option.value) if option.value and not reading.has("reads-graphs") else None
    if values is None or values.peek("if") in ("pflash", "mtd") or _is_graph(values):
        return None
    if values.peek("if") == "none":
        return _claim_with_device(option, values, reading)
    disk = _drive(values, reading)
    if disk is None:
        return None
    usual = default_bus(reading)
    disk.bus = values.get("if", BUSES.decode) or usual
    disk.bus = usual if (disk.bus, usual) == ("ide", "sata") else disk.bus
    index = index_of(values, disk.bus)
    disk.info.address = values.get("addr", pci_slot) if disk.bus == "virtio" else None
    values.get("boot", on_off)
    values.get("id")
    if not reading.understood(values):
        return None
    number(disk, index, reading, option)
    if disk.bus == "fdc":
        disk.device = "floppy"
    return mapped(option, disk)


def _is_graph(values: Values) -> bool:
    """Whether the image is told by nodes (``driver=``, ``file.driver=``, ``json:``) instead of a name."""
    nodes = any(item.key == "driver" or item.key.startswith("file.") for item in values)
    return (nodes and "file" not in values) or (values.peek("file") or "").startswith("json:")


def _drive(values: Values, reading: Reading) -> Disk | None:
    """The disk without its bus; None if its image says what the target must not lose."""
    disk = DRIVE.read(values)
    disk.driver = "qemu" if disk.format else None
    if disk.rerror_policy == disk.error_policy:
        disk.rerror_policy = None
    media = values.get("media", one_of("disk", "cdrom").decode)
    disk.device = "cdrom" if media == "cdrom" else "disk"
    disk.readonly = disk.readonly or media == "cdrom"
    name = values.property("file")
    if name is not None and name.text:
        return disk if _open(disk, name, reading) else None
    if media == "cdrom" or values.peek("if") == "floppy":
        disk.type = "file"
        return disk
    raise CommandLineError("a drive that is no CD-ROM or floppy needs file=", values.span)


def _open(disk: Disk, name: Property, reading: Reading) -> bool:
    """Set the image of that name, with a note for the settings in it that are lost; False if none may be."""
    image = decoded(name, lambda text: read_image(reading.image(text)))
    disk.type, disk.source, disk.auth = image.type, image.source, image.auth
    disk.format = image.format or disk.format
    if image.unsaid and not reading.has("forgets-properties"):
        return False
    for setting in image.unsaid:
        reading.note(f"{setting}: domain XML has no word for this setting of an image: it is left out", name.span)
    if isinstance(image.source, NetworkSource) and image.source.protocol == "rbd":
        ask_environment(image.source, reading)
    return True


def ask_environment(source: NetworkSource, reading: Reading) -> None:
    """Take the monitors of an RBD image from the variable ``CEPH_ARGS``, if the image names none itself."""
    arguments = reading.variable("CEPH_ARGS") or ""
    try:
        apply_ceph_arguments(source, arguments)
    except ValueError as error:
        raise CommandLineError(f"CEPH_ARGS {error}", _place_of("CEPH_ARGS", reading)) from None


def _place_of(variable: str, reading: Reading) -> Span | None:
    return next((item.word.span() for item in reading.line.environment if item.name == variable), None)


def _place_number(text: str) -> int:
    number = INT.decode(text)
    if not 0 <= number < 1 << 12:
        raise ValueError("is no number that a drive can have")
    return number


def index_of(values: Values, bus: str) -> int | None:
    """The number of a drive on its bus by ``index=``, or by ``bus=`` and ``unit=``; None if it has none of them."""
    index, bus_number, unit = (values.get(name, _place_number) for name in ("index", "bus", "unit"))
    if index is None and (bus_number is not None or unit is not None):
        index = (bus_number or 0) * UNITS.get(bus, 0) + (unit or 0)
    return index


def number(disk: Disk, index: int | None, reading: Reading, option: Option) -> None:
    """The target's name of a disk with that number. Raises CommandLineError if another disk has it."""
    if index is None:
        return
    bus = disk.bus or "ide"
    disk.target = target_name(bus, index)
    if (bus, index) in reading.domain.numbered:
        raise CommandLineError(f"another drive is number {index} of this bus too", option.span)
    reading.domain.numbered.add((bus, index))


# ------------------------------------------------------------------ if=none and its -device

_FRONTENDS = {
    "virtio-blk-pci": ("virtio", None), "ide-drive": ("ide", None), "ide-hd": ("ide", "disk"), "ide-cd": ("ide", "cdrom"),
    "scsi-disk": ("scsi", None), "scsi-hd": ("scsi", "disk"), "scsi-cd": ("scsi", "cdrom"), "usb-storage": ("usb", None),
}  # fmt: skip


def _claim_with_device(option: Option, values: Values, reading: Reading) -> Claimed | None:
    front = reading.referring("-device", "drive", values.peek("id") or "")
    if front is None or front.value is None:
        return None
    device = parse(front.value, "driver")
    driver = device.get("driver") or ""
    if driver not in _FRONTENDS:
        return None
    values.get("if")
    values.get("id")
    values.get("boot", on_off)
    disk = _drive(values, reading)
    if disk is None:
        return None
    disk.bus, device_type = _FRONTENDS[driver]
    disk.device = device_type or disk.device
    index = _frontend_place(disk, device)
    for name in ("drive", "id"):
        device.get(name)
    if not (reading.understood(values) and reading.understood(device)):
        return None
    number(disk, index, reading, option)
    return replace(mapped(option, disk), options=(option, front))


def _frontend_place(disk: Disk, device: Values) -> int | None:
    """What the ``-device`` says of the disk's place; None if it says nothing."""
    disk.info.boot_order = device.get("bootindex", INT.decode)
    disk.serial = device.get("serial") or disk.serial
    if disk.bus == "virtio":
        if device.peek("bus") in (None, "pci.0", "pci"):
            device.get("bus")
            disk.info.address = device.get("addr", pci_slot)
        return None
    if disk.bus == "ide":
        found = re.fullmatch(r"ide\.([01])", device.peek("bus") or "")
        if found:
            device.get("bus")
            return int(found[1]) * 2 + (device.get("unit", INT.decode) or 0)
        return None
    if disk.bus == "scsi":
        found = re.fullmatch(r"scsi([0-9]{1,3})\.0", device.peek("bus") or "")
        if found:
            device.get("bus")
            return int(found[1]) * UNITS["scsi"] + (device.get("scsi-id", INT.decode) or 0)
    return None


# ------------------------------------------------------------------ one option, one image

NAMED: dict[str, tuple[str | None, str, int]] = {
    **{f"-hd{letter}": (None, "disk", number) for number, letter in enumerate("abcd")},
    **{f"-sd{letter}": ("scsi", "disk", number) for number, letter in enumerate("abcdefg")},
    **{f"-fd{letter}": ("fdc", "floppy", number) for number, letter in enumerate("ab")},
    "-cdrom": (None, "cdrom", 2),
    "-sd": ("sd", "disk", 0),
    IMAGE: (None, "disk", 0),
}
"""Bus (None is the machine's own), device and number of the options that take an image's name."""


def claim_named(option: Option, reading: Reading) -> Claimed | None:
    """``-hda FILE``, ``-cdrom FILE``, ``-fda FILE``, or a file name alone."""
    return None if reading.has("reads-graphs") else named(option, reading)


def named(option: Option, reading: Reading) -> Claimed | None:
    """The disk of such an option."""
    bus, device, index = NAMED[option.name]
    if not option.text:
        return None
    disk = Disk(device=device, readonly=device == "cdrom")
    disk.bus = bus or default_bus(reading)
    number(disk, index, reading, option)
    # Where the machine has no IDE libvirt keeps the option's own name (-hdc is hdc): its letter is the unit.
    if bus is None and disk.bus in ("scsi", "sata"):
        disk.target = target_name("ide", index)
    return mapped(option, disk) if _open(disk, Property("", option.text, option.span), reading) else None


def claim_usbdevice(option: Option, reading: Reading) -> Claimed | None:
    """``-usbdevice disk:[format=FORMAT:]FILE``."""
    found = re.fullmatch(r"disk:(?:format=([^:]+):)?(.+)", option.text, re.DOTALL)
    if not found:
        return None
    disk = Disk(device="disk", bus="usb", format=found[1])
    disk.driver = "qemu" if disk.format else None
    return mapped(option, disk) if _open(disk, Property("", found[2], option.span), reading) else None


# ------------------------------------------------------------------ QEMU 0.9

_INTERFACES = {"ide": "ide", "scsi": "scsi", "fdc": "floppy", "virtio": "virtio", "sd": "sd"}
_BUS_BY_PREFIX = {"hd": "ide", "sd": "scsi", "fd": "fdc", "vd": "virtio"}
_CACHE_SWITCH = {"none": "off", "writethrough": "off", "writeback": "on", "default": None, None: None}
"""QEMU 0.9's one cache kept writes back; what asks for less goes without it."""


def manual(disk: Disk, writing: Writing) -> Iterator[Words]:
    """``-drive file=…,if=ide,media=cdrom,index=2``, or ``-usbdevice disk:FILE``."""
    if not disk.target:
        raise DomainXmlError("a disk without <target dev='…'/>")
    bus = disk.bus or _BUS_BY_PREFIX.get(disk.target[:2], "")
    _refuse_unsayable(disk)
    file = write_image(disk.source)
    if disk.format not in (None, "raw", "fat"):
        writing.note(f"disk {disk.target}: QEMU 0.9 finds the format ({disk.format}) out by itself")
    if bus == "usb":
        yield "-usbdevice", f"disk:{file}"
        return
    if bus not in _INTERFACES:
        raise UnsupportedError(f"QEMU 0.9 has no disks on bus '{bus}'")
    index = _manual_index(disk, bus, writing)
    pairs: list[tuple[str, str | int]] = [("file", file)] if file else []
    pairs.append(("if", _INTERFACES[bus]))
    if disk.device == "cdrom":
        pairs.append(("media", "cdrom"))
    pairs.append(("index", index))
    pairs += [(name, value) for name, value in (("cyls", disk.cylinders), ("heads", disk.heads), ("secs", disk.sectors),
              ("trans", disk.translation), ("cache", _CACHE_SWITCH[disk.cache])) if value is not None]  # fmt: skip
    yield "-drive", key_values(pairs)


_MOST = {"ide": 4, "scsi": 7, "fdc": 2, "sd": 1}
"""Drives of each kind that QEMU 0.9 has; of virtio disks as many as there are PCI slots."""


def _manual_index(disk: Disk, bus: str, writing: Writing) -> int:
    """The number of the drive: its address says it, or else its target's name."""
    index = target_index(disk.target or "")
    place = disk.info.address
    if isinstance(place, DriveAddress) and bus in UNITS:
        buses = 2 if bus == "ide" else 1
        index = ((place.controller or 0) * buses + (place.bus or 0)) * UNITS[bus] + (place.unit or 0)
    if index is None:
        raise DomainXmlError(f"the name of <target dev='{disk.target}'> has no number")
    if index >= _MOST.get(bus, 32):
        writing.note(f"disk {disk.target}: QEMU 0.9 has {_MOST.get(bus, 32)} drives on bus '{bus}', this is number {index}")
    return index


def _refuse_unsayable(disk: Disk) -> None:
    refuse(
        {
            "<readonly>": disk.readonly and disk.device not in ("cdrom", "floppy"),
        }
    )
    if disk.source is None and disk.device in ("disk", None):
        raise DomainXmlError(f"disk {disk.target}: <source> is missing")
    if disk.device not in ("disk", "cdrom", "floppy", None):
        raise UnsupportedError(f"disk {disk.target}: QEMU 0.9 has no device '{disk.device}'")
    if disk.cache not in _CACHE_SWITCH:
        raise UnsupportedError(f"disk {disk.target}: QEMU 0.9 has no cache mode '{disk.cache}'")


CLAIMS = {"-drive": claim_drive, "-usbdevice": claim_usbdevice, **dict.fromkeys(NAMED, claim_named)}
