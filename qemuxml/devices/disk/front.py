"""What the guest sees of a disk: the rows of ``-device virtio-blk-pci`` and ``scsi-hd``, ``"serial":"s1","write-cache":"on"``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from qemuxml.cmdline.values import on_off
from qemuxml.common import image
from qemuxml.common.device import address, bootindex, ident
from qemuxml.common.virtio import virtio_driver, virtio_options
from qemuxml.devices.disk import Disk
from qemuxml.mapping.codecs import INT, SWITCH, integer, words
from qemuxml.mapping.props import Pair, Plain, Props, Row, computed, key, positive, when


def _driver(disk: Disk) -> str:
    match disk.bus:
        case "fdc":
            return "floppy"
        case "usb":
            return "usb-storage"
        case "scsi" if disk.device == "lun":
            return "scsi-block"
    kind = "cd" if disk.device == "cdrom" else "hd"
    return f"{'scsi' if disk.bus == 'scsi' else 'ide'}-{kind}"


def _is(*buses: str) -> Any:
    return lambda disk: disk.bus in buses


def _spaced(disk: Disk) -> str | None:
    return disk.serial.replace(" ", "\\ ") if disk.serial else None


def _queue_threads(disk: Disk) -> Iterator[Pair]:
    for number, thread in enumerate(disk.iothreads):
        yield f"iothread-vq-mapping.{number}.iothread", f"iothread{thread.id}"
        yield from ((f"iothread-vq-mapping.{number}.vqs.{at}", queue.id or 0) for at, queue in enumerate(thread.queues))


class _QueueThreads(Plain):
    def take(self, *_: Any) -> None:
        """The claim reads them, which knows all threads of the guest."""

    def put(self, disk: Disk) -> Iterator[Pair]:
        return _queue_threads(disk)


ERROR_POLICY = words({"stop": "stop", "report": "report", "ignore": "ignore", "enospc": "enospace"})


def _on_error(disk: Disk) -> str | None:
    return None if disk.error_policy in (None, "default") else ERROR_POLICY.encode(disk.error_policy)


def _on_read_error(disk: Disk) -> str | None:
    """Without a word about reading, what is said of writing holds; a full disk cannot stop a reader."""
    policy = disk.rerror_policy if disk.rerror_policy not in (None, "default") else disk.error_policy
    return None if policy in (None, "default", "enospace") else policy


def _read_serial(disk: Disk, text: str) -> bool:
    disk.serial = text.replace("\\ ", " ")
    return True


def _read_wwn(disk: Disk, text: str) -> bool:
    disk.wwn = f"{integer(text):016x}"
    return True


def _read_removable(disk: Disk, text: str) -> bool:
    disk.removable = on_off(text) or None
    return True


def _read_shared(disk: Disk, text: str) -> bool:
    """Libvirt lets guests share raw images only."""
    shared = on_off(text)
    disk.shareable = shared and disk.format in (None, "raw")
    return disk.shareable == shared


def _read_on_error(disk: Disk, text: str) -> bool:
    disk.error_policy = None if text == "auto" else ERROR_POLICY.decode(text)
    return True


def _read_on_read_error(disk: Disk, text: str) -> bool:
    policy = None if text == "auto" else ERROR_POLICY.decode(text)
    disk.rerror_policy = None if policy == disk.error_policy else policy
    return True


def _read_write_cache(disk: Disk, text: str) -> bool:
    """What the device says joins what the image said; a mode without a name leaves it to an override."""
    if text == "auto":
        return True
    try:
        disk.cache = image.with_write_cache(disk.cache, write_cache=on_off(text))
    except ValueError:
        return False
    return True


VIRTIO: Final[tuple[Row, ...]] = (
    *virtio_options(),
    when(lambda disk: disk.iothread is not None, computed("iothread", lambda disk: f"iothread{disk.iothread}")),
    key("ioeventfd", "ioeventfd", SWITCH),
    key("event_idx", "event_idx", SWITCH),
    key("num-queues", "queues", INT),
    key("queue-size", "queue_size", INT),
    _QueueThreads(),
    address(),
)
"""What only a virtio disk has, up to its address."""
LOOKS: Final[tuple[Row, ...]] = (
    positive("logical_block_size", "logical_block_size"),
    positive("physical_block_size", "physical_block_size"),
    key("discard_granularity", "discard_granularity", INT),
    computed("wwn", lambda disk: None if disk.wwn is None else int(disk.wwn, 16), _read_wwn),
    when(_is("scsi", "ide", "sata"), key("rotation_rate", "rotation_rate", INT)),
    key("vendor", "vendor"),
    when(_is("scsi"), key("product", "product")),
    when(_is("ide", "sata"), key("model", "product")),
    when(_is("usb"), computed("removable", lambda disk: bool(disk.removable), _read_removable)),
    when(_is("scsi"), key("removable", "removable", SWITCH)),
    when(
        lambda disk: disk.device != "lun",
        computed("write-cache", lambda disk: image.write_cache(cache(disk)), _read_write_cache),
    ),
    positive("cyls", "cylinders"),
    positive("heads", "heads"),
    positive("secs", "sectors"),
    key("bios-chs-trans", "translation"),
    computed("serial", _spaced, _read_serial),
    computed("werror", _on_error, _read_on_error),
    computed("rerror", _on_read_error, _read_on_read_error),
)
"""What the guest sees of any disk."""
SERVED = Props(Disk, virtio_driver("vhost-user-blk"), *VIRTIO)
VIRTIO_DISK = Props(
    Disk,
    virtio_driver("virtio-blk"),
    computed("scsi", lambda disk: True if disk.device == "lun" else None),
    *VIRTIO,
)
OTHER = Props(Disk, computed("driver", _driver), address())
BOOT = Props(Disk, ident(), when(lambda disk: disk.bus != "fdc", bootindex()))
REST = Props(Disk, *LOOKS)
SHARED = Props(Disk, computed("share-rw", lambda disk: True if disk.shareable else None, _read_shared))


def cache(disk: Disk) -> str | None:
    """Guests that share a disk must not see another's old data: nothing said means no cache."""
    if disk.cache in (None, "default"):
        return "none" if disk.shareable and not disk.readonly else None
    return disk.cache
