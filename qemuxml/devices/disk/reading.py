"""Disks of today's command lines: ``-device virtio-blk-pci,drive=d0`` with the ``-blockdev`` or ``-drive`` behind it.

``-device`` says what the guest sees, the graph of nodes what the host opens. What domain XML cannot say of the image passes the
whole disk through; a property of ``-device`` that it has no word for goes to ``<qemu:override>``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import escape
from qemuxml.cmdline.values import parse
from qemuxml.common import blockgraph, chardevread, drivers, imageformat, iothreads
from qemuxml.common.addresses import DriveAddress, pci_slot
from qemuxml.common.blocknode import Graph
from qemuxml.common.origin import by_libvirt
from qemuxml.common.piece import Piece, boot_order
from qemuxml.common.source import VhostUserSource
from qemuxml.devices.disk import Disk, board, drive, front, legacy, places
from qemuxml.devices.disk import image as images
from qemuxml.later import later
from qemuxml.mapping.codecs import integer
from qemuxml.mapping.context import Reading
from qemuxml.mapping.kind import Claim
from qemuxml.mapping.ledger import Claimed, Fate, mapped
from qemuxml.record import replace

# ------------------------------------------------------------------ -device

_FRONTS: Final[Mapping[str, tuple[str, str | None]]] = {
    **dict.fromkeys(drivers.virtio("virtio-blk"), ("virtio", "disk")),
    "ide-hd": ("ide", "disk"), "ide-cd": ("ide", "cdrom"), "ide-drive": ("ide", None),
    "scsi-hd": ("scsi", "disk"), "scsi-cd": ("scsi", "cdrom"), "scsi-disk": ("scsi", None), "scsi-block": ("scsi", "lun"),
    "usb-storage": ("usb", None), "floppy": ("fdc", "floppy"),
}  # fmt: skip
"""The bus and the device by QEMU's driver; where it says no device, the drive's ``media=`` does."""


def claim(option: Option, reading: Reading) -> Claimed | None:
    """A device with its image, if there is one in it."""
    piece = Piece(option, reading)
    bus, device = _FRONTS[piece.values.peek("driver") or ""]
    disk = Disk(type="file", bus=bus, device=device, driver="qemu")
    graph = Graph(piece)
    if not _medium(graph, disk, piece.values.peek("drive")) or _is_usb_cdrom(disk, reading):
        return None
    piece.values.get("drive")
    disk.device = disk.device or "disk"
    if not places.read(piece, disk) or (disk.bus == "ide" and not board.has_ide(reading)):
        return None
    _look(piece, disk)
    return _finish(piece, graph, disk)


def _is_usb_cdrom(disk: Disk, reading: Reading) -> bool:
    """``usb-storage`` is a CD-ROM by the ``media=`` of its ``-drive`` alone, and libvirt writes none of these."""
    return disk.bus == "usb" and disk.device == "cdrom" and not by_libvirt(reading)


def _medium(graph: Graph, disk: Disk, name: str | None) -> bool:
    """Read what the drive holds: nodes, a ``-drive``, or nothing. False if it is not understood."""
    if name is None:
        return disk.device in ("cdrom", "floppy")
    node = graph.node(name)
    if node is None:
        option = graph.reading.referring("-drive", "id", name)
        return option is not None and _drive(graph, disk, option)
    image = blockgraph.read(node)
    if image is None:
        return False
    images.apply(image, disk)
    images.filter_by(graph, disk)
    return True


def _drive(graph: Graph, disk: Disk, option: Option) -> bool:
    back = graph.piece.join(option)
    if back.values.get("if") not in (None, "none"):
        return False
    for key in ("index", "bus", "unit"):
        back.values.get(key)
    return drive.read(back.values, graph, disk)


def _look(piece: Piece, disk: Disk) -> None:
    """What the guest sees."""
    values = piece.values
    if disk.bus == "virtio":
        piece.read(front.VIRTIO_DISK, disk)
        _serve(piece, disk)
    elif values.peek("driver") in ("ide-drive", "scsi-disk"):
        values.get("driver")
    else:
        piece.read(front.OTHER, disk)
    piece.read(front.SHARED, disk)
    piece.read(front.REST, disk)
    if disk.shareable and not disk.readonly and disk.cache == "none":
        # Libvirt caches no disk that guests share, whether the XML says so or not.
        disk.cache = None
    disk.info.loadparm = values.get("loadparm")
    for key, usual in _USUAL.items():
        if values.peek(key) == usual:
            values.get(key)
    name = values.peek("id")
    if disk.bus == "scsi" and values.peek("device_id") in (disk.serial, f"drive-{name}" if places.is_libvirts(name) else None):
        values.get("device_id")


_USUAL: Final = {"scsi": "off", "config-wce": "on"}
"""What a device does unasked, and old lines say."""


def _serve(piece: Piece, disk: Disk) -> None:
    """The threads that serve a virtio disk; a plain one says no model."""
    disk.model = None if disk.model == "virtio" else disk.model
    disk.iothread = iothreads.read(piece)
    disk.iothreads = iothreads.read_mapping(piece)


def _finish(piece: Piece, graph: Graph, disk: Disk) -> Claimed | None:
    if disk.bus == "fdc":
        disk.info.boot_order = _floppy_order(piece.reading, disk)
    claimed = piece.mapped(disk)
    if claimed is not None:
        _enter(piece, graph, disk)
    return claimed


def _enter(piece: Piece, graph: Graph, disk: Disk) -> None:
    piece.reading.once(places.Places).enter(disk)
    graph.enter()


def claim_served(option: Option, reading: Reading) -> Claimed | None:
    """``-device vhost-user-blk-pci,chardev=c0``: a disk that another process serves behind a socket."""
    piece = Piece(option, reading)
    disk = Disk(type="vhostuser", bus="virtio", device="disk", driver="qemu", format="raw")
    chardev = chardevread.follow(piece)
    if chardev is None or chardev.type != "unix" or not chardev.sources[0].path:
        return None
    disk.source = VhostUserSource(type="unix", path=chardev.sources[0].path, reconnect=chardev.sources[0].reconnect)
    piece.read(front.SERVED, disk)
    _serve(piece, disk)
    piece.read(front.REST, disk)
    return _finish(piece, Graph(piece), disk) if places.read(piece, disk) else None


# ------------------------------------------------------------------ floppies


def claim_floppies(option: Option, reading: Reading) -> Claimed | None:
    """``-device isa-fdc,bootindexA=1``, the controller of a board that has none; older lines name its drives too."""
    piece = Piece(option, reading)
    controller = reading.device("controller", type="fdc", index=0)
    piece.values.get("driver")
    piece.values.get("bus")
    for letter in "AB":
        piece.values.get(f"bootindex{letter}")
    disks = []
    for unit, letter in enumerate("AB"):
        name = piece.values.get(f"drive{letter}")
        if name is not None:
            disk = _inserted(piece, name, unit)
            if disk is None:
                return None
            disks.append(disk)
    claimed = piece.mapped(controller)
    return replace(claimed, devices=(controller, *disks)) if claimed else None


def claim_global(option: Option, reading: Reading) -> Claimed | None:
    """``-global isa-fdc.driveA=drive-fdc0-0-0`` and ``isa-fdc.bootindexA=1``, of the board's own controller."""
    found = re.fullmatch(r"isa-fdc\.(drive|bootindex)([AB])=(.+)", option.text)
    if not found:
        return None
    if found[1] == "bootindex":
        return mapped(option)
    piece = Piece(option, reading, None)
    disk = _inserted(piece, found[3], "AB".index(found[2]))
    return piece.claimed(disk) if disk is not None and piece.understood() else None


def _inserted(piece: Piece, name: str, unit: int) -> Disk | None:
    """The drive of that name as a floppy."""
    disk = Disk(type="file", bus="fdc", device="floppy", driver="qemu")
    graph = Graph(piece)
    if not _medium(graph, disk, name):
        return None
    places.insert(piece.reading, disk, unit)
    disk.info.boot_order = _floppy_order(piece.reading, disk)
    graph.enter()
    return disk


def _floppy_order(reading: Reading, disk: Disk) -> int | None:
    place = disk.info.address
    return reading.once(_orders).get("AB"[(place.unit or 0) % 2]) if isinstance(place, DriveAddress) else None


def _orders(reading: Reading) -> dict[str, int]:
    """The boot orders of floppies, by the drive's letter: they are the controller's to say."""
    found: dict[str, int] = {}
    for option in (*reading.ledger.named("-global"), *reading.ledger.named("-device")):
        values = parse(option.value, "driver") if option.value and "isa-fdc" in option.text else None
        for letter in "AB" if values else "":
            for key in (f"bootindex{letter}", f"isa-fdc.bootindex{letter}"):
                number = values.get(key, integer) if values else None
                order = boot_order(number, reading) if number is not None else None
                if order is not None:
                    found[letter] = order
    return found


# ------------------------------------------------------------------ -drive, and the options that name an image


def claim_drive(option: Option, reading: Reading) -> Claimed | None:
    """``-drive if=virtio|ide|scsi|floppy|sd``, a device with its image; ``if=none`` belongs to the ``-device`` that names it."""
    piece = Piece(option, reading, None)
    values, graph = piece.values, Graph(piece)
    if option.value is None or values.peek("if") in ("none", "pflash", "mtd"):
        return None
    if values.peek("if") == "sd" and not board.has_slots(reading) and not by_libvirt(reading):
        return _loose_card(option, reading)
    values.get("if", legacy.BUSES.decode)
    bus, index = reading.once(places.Places).numbers.get(option, ("", 0))
    disk = Disk(type="file", bus=bus, device="floppy" if bus == "fdc" else None, driver="qemu")
    if not bus or reading.once(places.Places).is_used(bus, index) or not drive.read(values, graph, disk):
        return None
    if not board.has_place(bus, reading) or (bus == "sd" and disk.transient):
        return None
    _fix_medium(disk)
    disk.info.address = values.get("addr", pci_slot) if bus == "virtio" else _target(bus, index, reading)
    values.get("id")
    if values.unread() or not piece.understood():
        return None
    legacy.number(disk, index, reading, option)
    _enter(piece, graph, disk)
    return piece.claimed(disk)


def _fix_medium(disk: Disk) -> None:
    """A CD of virtio can be read only, which the media said, but it cannot be changed: it is a disk."""
    if disk.bus == "virtio" and disk.device == "cdrom":
        disk.device = "disk"


def _loose_card(option: Option, reading: Reading) -> Claimed:
    """``if=sd`` on a board without a slot for cards: a controller took the drive by itself once, today a card names it."""
    values = reading.values(option)
    name = values.peek("id") or f"card{reading.ledger.position(option, ignoring='')}"
    rest = [(item.key, reading.image(item.text) if item.key == "file" else item.text) for item in values if item.key not in _SLOT]
    drivers = [reading.values(item, "driver") for item in reading.ledger.named("-device")]
    named = any(item.peek("drive") == name for item in drivers)
    if not named and any(item.peek("driver") == "sdhci-pci" for item in drivers):
        reading.added += ["-device", f"sd-card,drive={escape(name)}"]
    reading.led += ["-drive", ",".join(f"{key}={escape(text)}" for key, text in (("if", "none"), ("id", name), *rest))]
    return Claimed((option,), Fate.REPLACED, (), "the board has no slot for SD cards: a card of its own names the drive")


_SLOT: Final = ("if", "index", "bus", "unit", "id")


def claim_named(option: Option, reading: Reading) -> Claimed | None:
    """``-hda a.qcow2``: nobody says the format."""
    found = reading.once(places.Places)
    bus, index = found.numbers.get(option, ("", 0))
    known = bus and not found.is_used(bus, index) and board.has_place(bus, reading)
    claimed = legacy.named(option, reading) if known else None
    if claimed is None:
        return None
    disk = claimed.devices[0]
    disk.info.address = disk.info.address or _target(bus, index, reading)
    disk.transient = not disk.readonly and reading.ledger.has("-snapshot")
    _fix_medium(disk)
    found.enter(disk)
    return _with_format(claimed, disk, reading)


def _with_format(claimed: Claimed, disk: Disk, reading: Reading) -> Claimed:
    """The disk with the format that its option does not say. That a CD-ROM is raw is no guess worth a word."""
    if disk.format is not None:
        return claimed
    found = imageformat.guess(disk.source, reading)
    if disk.readonly and found.driver == "raw":
        return claimed
    disk.format = blockgraph.FORMATS[found.driver]
    return replace(claimed, fate=Fate.GUESSED, reason=found.reason)


def claim_usb(option: Option, reading: Reading) -> Claimed | None:
    """``-usbdevice disk:[format=FORMAT:]FILE``, of the releases before 3.0."""
    claimed = legacy.claim_usbdevice(option, reading)
    return _with_format(claimed, claimed.devices[0], reading) if claimed else None


def _target(bus: str, index: int, reading: Reading) -> DriveAddress | None:
    """The number of a SCSI drive is its target; on the other buses libvirt finds the same place by the name."""
    if bus != "scsi":
        return None
    target, unit = (0, index) if board.has_narrow_scsi(reading) else (index, 0)
    return DriveAddress(type="drive", controller=0, bus=0, target=target, unit=unit)


def claim_snapshot(option: Option, reading: Reading) -> Claimed | None:
    """``-snapshot``: every drive forgets what was written to it; passed ones say so, as QEMU has it not beside ``-blockdev``."""
    reading.finish(_forget_writes)
    return mapped(option)


def _forget_writes(reading: Reading) -> None:
    """Say ``snapshot=on`` of each drive that is passed."""
    for option in [item for item in reading.line.options if reading.ledger.is_open(item)]:
        said = option.text if option.name == "-drive" else _as_drive(option)
        if option.value is not None and said and "snapshot=" not in said:
            words = ("-drive", f"{said},snapshot=on")
            reading.ledger.enter(Claimed((option,), Fate.PASSED, (), "-snapshot is said of the drive itself", words))


def _as_drive(option: Option) -> str | None:
    """An option that names an image, as a ``-drive``."""
    bus, device, number = legacy.NAMED.get(option.name, ("", "cdrom", 0))
    place = {"sd": "if=sd", "fdc": f"if=floppy,index={number}"}.get(bus or "", f"index={number}")
    return None if device == "cdrom" else f"file={escape(option.text)},{place}"


CLAIMS: Final[Mapping[str, Claim]] = {
    **{f"-device {name}": claim for name in _FRONTS},
    **{f"-device {name}": claim_served for name in drivers.virtio("vhost-user-blk")},
    "-device isa-fdc": claim_floppies,
    "-global": claim_global,
    "-drive": claim_drive,
    **dict.fromkeys(legacy.NAMED, claim_named),
    "-usbdevice": claim_usb,
    "-snapshot": claim_snapshot,
    "-iscsi": later("qemuxml.devices.disk.iscsi:claim_iscsi"),
}
"""Which claim reads which option."""
