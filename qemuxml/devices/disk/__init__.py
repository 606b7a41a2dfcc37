"""Disks, CD-ROMs and floppies: ``-drive file=a.img,if=ide,index=0`` is ``<disk type='file' device='disk'>``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qemuxml.common.info import Info
from qemuxml.common.iotune import Iotune
from qemuxml.common.queuethreads import QueueThread
from qemuxml.common.source import CHAIN, SOURCES, BackingStore, Encryption, MetadataCache, Mirror, VolumeSource
from qemuxml.common.storage import Auth, BlockSource, DirSource, FileSource, NetworkSource, Source
from qemuxml.common.virtio import MODELS, Virtio
from qemuxml.mapping.codecs import ON_OFF, POSITIVE, UINT32, YES_NO, one_of
from qemuxml.mapping.xml import attr, child, children, flag, group, text, variant
from qemuxml.record import record

_SWITCH = one_of("on", "off")
_SOURCES = {**SOURCES, "None": FileSource}
"""A disk that says no type is a file's."""


@record(kw_only=True)
class ThrottleFilter:
    """A group whose limits apply to the disk. ``node`` is the number of the filter's node."""

    group: str | None = attr("@group")
    node: int = 0


@record(kw_only=True)
class Disk:
    """A disk of any device, bus and source. ``target`` is a name that only orders disks: hda is the first of its bus.

    ``node`` is the number in the names of its nodes (``libvirt-1-storage``), ``fdset`` the set of descriptors of its image.
    """

    type: str | None = attr("@type", one_of(*SOURCES))
    device: str | None = attr("@device", one_of("disk", "cdrom", "floppy", "lun"))
    model: str | None = attr("@model", one_of(*MODELS))
    rawio: bool | None = attr("@rawio", YES_NO)
    sgio: str | None = attr("@sgio", one_of("filtered", "unfiltered"))
    snapshot: str | None = attr("@snapshot", one_of("no", "internal", "external", "manual"))
    driver: str | None = attr("driver@name")
    format: str | None = attr("driver@type")
    cache: str | None = attr("driver@cache", one_of("default", "none", "writeback", "writethrough", "directsync", "unsafe"))
    error_policy: str | None = attr("driver@error_policy", one_of("default", "stop", "report", "ignore", "enospace"))
    rerror_policy: str | None = attr("driver@rerror_policy", one_of("default", "stop", "report", "ignore", "enospace"))
    io: str | None = attr("driver@io", one_of("threads", "native", "io_uring"))
    ioeventfd: bool | None = attr("driver@ioeventfd", ON_OFF)
    event_idx: bool | None = attr("driver@event_idx", ON_OFF)
    copy_on_read: str | None = attr("driver@copy_on_read", _SWITCH)
    discard: str | None = attr("driver@discard", one_of("unmap", "ignore"))
    iothread: int | None = attr("driver@iothread", POSITIVE)
    detect_zeroes: str | None = attr("driver@detect_zeroes", one_of("off", "on", "unmap"))
    discard_no_unref: bool | None = attr("driver@discard_no_unref", ON_OFF)
    queues: int | None = attr("driver@queues", UINT32)
    queue_size: int | None = attr("driver@queue_size", UINT32)
    virtio: Virtio = group(Virtio)
    metadata_cache: MetadataCache | None = child("driver/metadata_cache", MetadataCache)
    iothreads: list[QueueThread] = children("driver/iothreads/iothread", QueueThread)
    auth: Auth | None = child("auth", Auth)
    source: Source | None = variant("source", on="type", of=_SOURCES)
    backing: BackingStore | None = variant("backingStore", on="@type", of=CHAIN)
    backend_domain: str | None = attr("backenddomain@name")
    cylinders: int | None = attr("geometry@cyls", UINT32)
    heads: int | None = attr("geometry@heads", UINT32)
    sectors: int | None = attr("geometry@secs", UINT32)
    translation: str | None = attr("geometry@trans", one_of("auto", "none", "lba"))
    logical_block_size: int | None = attr("blockio@logical_block_size", UINT32)
    physical_block_size: int | None = attr("blockio@physical_block_size", UINT32)
    discard_granularity: int | None = attr("blockio@discard_granularity", UINT32)
    mirror: Mirror | None = child("mirror", Mirror)
    target: str | None = attr("target@dev")
    bus: str | None = attr("target@bus", one_of("ide", "fdc", "scsi", "virtio", "xen", "usb", "uml", "sata", "sd"))
    tray: str | None = attr("target@tray", one_of("open", "closed"))
    removable: bool | None = attr("target@removable", ON_OFF)
    rotation_rate: int | None = attr("target@rotation_rate", UINT32)
    iotune: Iotune | None = child("iotune", Iotune)
    throttle_filters: list[ThrottleFilter] = children("throttlefilters/throttlefilter", ThrottleFilter)
    readonly: bool = flag("readonly")
    shareable: bool = flag("shareable")
    transient: bool = flag("transient")
    share_backing: bool | None = attr("transient@shareBacking", YES_NO)
    serial: str | None = text("serial", verbatim=True)
    wwn: str | None = text("wwn")
    vendor: str | None = text("vendor", verbatim=True)
    product: str | None = text("product", verbatim=True)
    encryption: Encryption | None = child("encryption", Encryption)
    info: Info = group(Info)
    node: int = 0
    fdset: int | None = None
    has_place: bool = False
    """Whether the XML gives an address."""
    stated_bus: str | None = None
    """The bus as the XML says it: disks are put in order before one without a bus gets its own."""


def sources(disk: Disk) -> Iterator[Source]:
    """The sources of all images of a disk: the chain's, and of those that hold an image's data."""
    layer: Disk | BackingStore | None = disk
    while layer is not None:
        if layer.source is not None:
            yield layer.source
            store = layer.source.rear.data_store
            if store is not None and store.source is not None:
                yield store.source
        layer = layer.backing


PREFIX = {"ide": "hd", "scsi": "sd", "sata": "sd", "usb": "sd", "sd": "sd", "virtio": "vd", "xen": "xvd", "fdc": "fd"}
"""The beginning of a disk's target name by its bus."""


def target_name(bus: str, index: int) -> str:
    """``vda`` for the first disk of a bus, ``vdaa`` for the 27th."""
    letters = ""
    while True:
        letters = chr(ord("a") + index % 26) + letters
        index = index // 26 - 1
        if index < 0:
            return PREFIX[bus] + letters


def target_index(name: str) -> int | None:
    """The number that a target name says, counted from 0; None for a name of another form."""
    for prefix in ("xvd", "hd", "sd", "vd", "fd"):
        letters = name.removeprefix(prefix)
        if letters != name and letters.isascii() and letters.isalpha() and letters.islower() and len(letters) <= 4:
            index = 0
            for letter in letters:
                index = index * 26 + ord(letter) - ord("a") + 1
            return index - 1
    return None


def name_targets(disks: Sequence[Disk]) -> None:
    """Give every disk without a target name the next free one of its bus, as QEMU numbers drives without ``index=``.

    Names are one name space, though several buses (scsi, usb, sata) begin theirs alike.
    """
    unnamed = [disk for disk in disks if disk.target is None]
    taken = {disk.target for disk in disks}
    numbers: dict[str, int] = {}
    for disk in unnamed:
        bus = disk.bus or "ide"
        while disk.target is None:
            name = target_name(bus, numbers.setdefault(bus, 0))
            numbers[bus] += 1
            disk.target = None if name in taken else name
        taken.add(disk.target)


def is_empty(disk: Disk) -> bool:
    """Whether there is no medium in the drive."""
    match disk.source:
        case None | FileSource(file=None) | BlockSource(dev=None) | DirSource(dir=None) | NetworkSource(protocol=None):
            return True
        case VolumeSource(startup_policy="optional"):
            return True
    return False
