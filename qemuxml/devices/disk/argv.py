"""Disks as libvirt starts them: the nodes of ``-blockdev``, then ``-device virtio-blk-pci,drive=libvirt-1-format``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from qemuxml.cmdline.render import Words
from qemuxml.common import blockdev, protocols, reconnect, scsi
from qemuxml.common.addresses import DriveAddress
from qemuxml.common.image import Image
from qemuxml.common.sizes import in_bytes
from qemuxml.common.source import BackingStore, DataStore, MetadataCache, VhostUserSource, VolumeSource
from qemuxml.common.storage import BlockSource, FileSource, NetworkSource, Source
from qemuxml.devices.disk import Disk, front, is_empty, target_index
from qemuxml.domain import launch
from qemuxml.domain.throttlegroups import object_id
from qemuxml.mapping.context import Writing
from qemuxml.mapping.plumbing import Helper
from qemuxml.mapping.props import Pair, json, key_values
from qemuxml.record import replace

# ------------------------------------------------------------------ the image


def _image(disk: Disk, writing: Writing) -> Image:
    source: Any = disk.source
    if disk.auth or disk.encryption:
        source = replace(source, rear=replace(source.rear, encryption=source.rear.encryption or disk.encryption))
        if isinstance(source, NetworkSource):
            source.auth = source.auth or disk.auth
    return replace(_layer(disk, disk, source, writing), no_unref=disk.discard_no_unref, table_cache=_bytes(disk.metadata_cache))


VOLUMES: Final = "/var/lib/libvirt/images"
"""Where the pool named default has its volumes, on most hosts."""


def _of_pool(source: VolumeSource, writing: Writing) -> FileSource:
    """A volume as a file in a folder of its pool's name: what it is, only libvirt knows."""
    folder = VOLUMES if source.pool == "default" else f"{VOLUMES}/{source.pool}"
    path = f"{folder}/{source.volume}"
    writing.note(f"<source pool='{source.pool}' volume='{source.volume}'>: only libvirt knows where it is: {path} stands for it")
    return FileSource(file=path, startup_policy=source.startup_policy, tail=source.tail, rear=source.rear)


def _layer(disk: Disk, layer: Disk | BackingStore | DataStore, source: Any, writing: Writing, **more: Any) -> Image:
    """One image of the disk; what ``<driver>`` says of caching and discarding holds for the whole chain."""
    if isinstance(source, VolumeSource):
        source = _of_pool(source, writing)
    name = f"libvirt-{layer.node}"
    below = None if isinstance(layer, DataStore) else layer.backing
    readonly = more.get("readonly", disk.readonly if layer is disk else True)
    store = source.rear.data_store
    return Image(
        name=name,
        source=source,
        format=layer.format or "raw",
        readonly=readonly,
        cache=front.cache(disk),
        io=disk.io,
        discard=disk.discard,
        detect_zeroes=disk.detect_zeroes,
        table_cache=_bytes(layer.metadata_cache),
        always_format=writing.has("block.raw-format-node"),
        floppy=disk.device == "floppy",
        cdrom=disk.device == "cdrom",
        fdset=layer.fdset if writing.by_libvirt else None,
        nbdkit=_nbdkit(source, name, writing),
        reservations=_reservations(source, name),
        data=_layer(disk, store, store.source, writing, readonly=readonly) if store else None,
        backing=_layer(disk, below, below.source, writing) if below is not None and below.type else None,
        ended=below is not None and below.type is None,
    )


def _bytes(cache: MetadataCache | None) -> int | None:
    return None if cache is None or cache.size is None else in_bytes(cache.size, cache.unit or "bytes")


def _nbdkit(source: Source, name: str, writing: Writing) -> str | None:
    """Keys and passwords of SSH are nothing that QEMU can be told: libvirt has nbdkit open such images."""
    if not isinstance(source, NetworkSource) or source.protocol != "ssh" or not writing.by_libvirt:
        return None
    key_given = source.identity is not None and (source.identity.keyfile or source.identity.agentsock)
    return f"{launch.state_directory(writing)}/nbdkit-{name}-storage.socket" if source.auth or key_given else None


# ------------------------------------------------------------------ reservations

_HELPER: Final = "pr-helper0"


def _is_managed(disk: Disk) -> bool:
    found = disk.source.rear.reservations if disk.source else None
    return found is not None and found.managed is not False


def _reservations(source: Source, name: str) -> str | None:
    found = source.rear.reservations
    if found is None:
        return None
    return f"pr-helper-{name}-storage" if found.managed is False else _HELPER


def write_reservations(writing: Writing) -> Iterator[Words]:
    """``-object pr-manager-helper``: the helper that libvirt runs for all disks that want it."""
    if any(_is_managed(disk) for disk in writing.domain.all(Disk)):
        socket = launch.own_file(f"{_HELPER}.sock", writing)
        writing.need(Helper(words=("qemu-pr-helper", "-k", socket), socket=socket))
        yield _helper(_HELPER, socket)


def _own_helper(image: Image) -> Iterator[Words]:
    found = image.source.rear.reservations
    if image.reservations and found is not None and found.managed is False:
        yield _helper(image.reservations, (found.source.path if found.source else None) or "")


def _helper(identifier: str, path: str) -> Words:
    return "-object", json([("qom-type", "pr-manager-helper"), ("id", identifier), ("path", path)])


# ------------------------------------------------------------------ the device


def write(disk: Disk, writing: Writing) -> Iterator[Words]:
    """The image from the bottom up, its filters, and the device that the guest sees.

    A transient disk that shares its image gets one of its own when QEMU runs: it is plugged in then.
    """
    if disk.share_backing or _is_dropped(disk, writing):
        return
    if disk.bus == "sd":
        yield "-drive", ",".join(_sd(disk, writing))
    elif isinstance(disk.source, VhostUserSource):
        yield from _served(disk, disk.source, writing)
    else:
        drive: list[Pair] = []
        if not is_empty(disk):
            top = yield from _graph(disk, writing)
            drive.append(("drive", top))
        yield "-device", json([*_front(disk), *front.SHARED.write(disk), *drive, *_rest(disk, writing)])


def _is_dropped(disk: Disk, writing: Writing) -> bool:
    """Whether the guest starts without the disk: a volume that may be missing is, where there is no storage pool to ask."""
    if not isinstance(disk.source, VolumeSource) or disk.source.startup_policy != "optional":
        return False
    writing.note(f"<source pool='{disk.source.pool}'>: only libvirt finds volumes of a pool; {disk.target} is optional: left out")
    return disk.device not in ("cdrom", "floppy")


def _graph(disk: Disk, writing: Writing) -> Any:
    image = _image(disk, writing)
    yield from _own_helper(image)
    yield from blockdev.write(image, writing)
    top = image.node
    if disk.copy_on_read == "on":
        above = f"libvirt-CoR-{disk.target}"
        yield "-blockdev", json([("driver", "copy-on-read"), ("node-name", above), ("file", top), ("discard", "unmap")])
        top = above
    for item in disk.throttle_filters:
        above = f"libvirt-{item.node}-filter"
        group = object_id(item.group or "")
        yield "-blockdev", json([("driver", "throttle"), ("node-name", above), ("throttle-group", group), ("file", top)])
        top = above
    return top


def _rest(disk: Disk, writing: Writing) -> list[Pair]:
    """The name, the place in the boot order, and what the guest sees."""
    loader = disk.info.loadparm if disk.info.boot_index is not None and not writing.has("machine.loadparm") else None
    named: list[Pair] = [("loadparm", loader)] if loader else []
    return [*front.BOOT.write(disk), *named, *front.REST.write(disk)]


def _front(disk: Disk) -> list[Pair]:
    """The driver, and where the disk sits."""
    if disk.bus == "virtio":
        return front.VIRTIO_DISK.write(disk)
    pairs = front.OTHER.write(disk)
    if isinstance(disk.info.address, DriveAddress):
        pairs += _drive_place(disk, disk.info.address)
    return pairs


def _drive_place(disk: Disk, place: DriveAddress) -> Iterator[Pair]:
    controller = (place.bus_alias or f"{disk.bus}{place.controller or 0}").removesuffix(".0")
    match disk.bus:
        case "fdc":
            yield "unit", place.unit or 0
        case "ide":
            yield from (("bus", f"{controller}.{place.bus or 0}"), ("unit", place.unit or 0))
        case "sata":
            yield "bus", f"{controller}.{place.unit or 0}"
        case "scsi":
            yield from scsi.place(place)
            if disk.device != "lun":
                yield "device_id", disk.serial or f"drive-{disk.info.alias}"


def _served(disk: Disk, source: VhostUserSource, writing: Writing) -> Iterator[Words]:
    identifier = f"chr-vu-{disk.info.alias}"
    socket: list[Pair] = [("id", identifier), ("path", source.path or ""), *reconnect.write(source.reconnect, writing)]
    yield "-chardev", f"socket,{key_values(socket)}"
    yield "-device", json([*front.SERVED.write(disk), ("chardev", identifier), *_rest(disk, writing)])


# ------------------------------------------------------------------ SD cards

_CARD: Final[tuple[tuple[str, str], ...]] = (("copy-on-read", "copy_on_read"), ("discard", "discard"),
                                             ("detect-zeroes", "detect_zeroes"), ("aio", "io"))  # fmt: skip


def _sd(disk: Disk, writing: Writing) -> Iterator[str]:
    """``file=/a.img,format=raw,if=sd,index=0``: boards wire cards themselves, and take them from ``-drive`` only."""
    if not is_empty(disk):
        yield key_values(_sd_image(disk, writing))
    yield key_values([("if", "sd"), ("index", target_index(disk.target or "") or 0)])
    if disk.readonly:
        yield "readonly=on"
    if disk.cache not in (None, "default"):
        yield f"cache={disk.cache}"
    for name, field in _CARD:
        value = getattr(disk, field)
        if value is not None:
            yield f"{name}={value}"


def _sd_image(disk: Disk, writing: Writing) -> list[Pair]:
    image = _image(disk, writing)
    if isinstance(image.source, FileSource):
        pairs: list[Pair] = [("file", image.source.file or "")]
    elif isinstance(image.source, BlockSource):
        pairs = [("file", image.source.dev or "")]
    else:
        pairs = [(f"file.{name}", value) for name, value in protocols.pairs(image.source, image.name)]
    return [*pairs, ("format", image.format)]
