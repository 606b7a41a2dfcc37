"""What libvirt refuses of ``<disk>``: attributes that a bus, a device or a format lacks, and sources that say too little."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from qemuxml.common import iotune, queuethreads
from qemuxml.common.addresses import DriveAddress, PciAddress, UsbAddress
from qemuxml.common.source import VhostUserSource
from qemuxml.common.storage import BlockSource, NetworkSource
from qemuxml.common.twice import twice
from qemuxml.devices.disk import Disk, imagecheck, is_empty, target_index
from qemuxml.devices.disk.imagecheck import no
from qemuxml.domain import Domain
from qemuxml.domain.boards import S390, board_of
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.context import Target


def check(disk: Disk, domain: Domain, target: Target) -> None:
    """Raise the first refusal."""
    for refuse in (_target, _device, _driver, _virtio_only, _device_only, _strings):
        refuse(disk)
    if disk.device == "lun":
        _lun(disk, target)
    imagecheck.check(disk, target)
    _served(disk)
    if disk.type in ("vhostuser", "vhostvdpa") and not _shares_memory(domain):
        raise no(f"<disk type='{disk.type}'>", "needs shared memory: <memoryBacking> with <access mode='shared'/>")
    _bus(disk, domain)
    _address(disk)
    queuethreads.check(disk.iothread, disk.iothreads, disk.queues, {thread.id for thread in domain.iothreads.all()})
    _tuning(disk, domain)


# ------------------------------------------------------------------ target and device

_PREFIXES: Final = {"floppy": ("fd",), "disk": ("hd", "sd", "vd", "xvd", "ubd"), "lun": ("hd", "sd", "vd", "xvd", "ubd")}


def _target(disk: Disk) -> None:
    if disk.info.boot_order == 0:
        raise DomainXmlError("<boot order='0'>: the order counts from 1")
    name = disk.target
    if not name:
        raise DomainXmlError("<disk>: <target> names no device, as dev='vda' does")
    if re.fullmatch(r"(?:fd|hd|sd|vd|xvd|ubd)[a-z]+[0-9]+", name):
        raise no(f"<target dev='{name}'>", "a partition cannot be a disk")
    if target_index(name) is None and not disk.has_place:
        raise DomainXmlError(f"<target dev='{name}'>: an unknown name of a disk, and no <address> is given")
    if disk.device in _PREFIXES and disk.bus != "xen" and target_index(name) is not None and not name.startswith(
        _PREFIXES[disk.device]
    ):  # fmt: skip
        raise DomainXmlError(f"<target dev='{name}'>: no name of a {disk.device}")
    if disk.device == "floppy" and disk.bus != "fdc":
        raise DomainXmlError(f"<target bus='{disk.bus}'>: a floppy's bus is fdc")
    if disk.bus == "fdc" and disk.device != "floppy":
        raise DomainXmlError("<target bus='fdc'>: only a floppy has it")
    if disk.bus in ("xen", "uml", None):
        raise no(f"<target bus='{disk.bus}'>", "QEMU has no such disks")


def _device(disk: Disk) -> None:
    removable = disk.device in ("cdrom", "floppy")
    if disk.bus in ("virtio", "sd") and removable:
        raise no(f"<target bus='{disk.bus}'>", "a disk of this bus has no medium to eject")
    if is_empty(disk) and not removable and disk.type != "volume":
        raise DomainXmlError(f"<disk>: {disk.target} has no <source>")
    if is_empty(disk) and disk.bus == "usb":
        raise no("<target bus='usb'>", "a disk of this bus must not be empty")
    if disk.readonly and disk.bus in ("ide", "sata") and disk.device == "disk":
        raise no("<readonly>", f"a disk of bus {disk.bus} cannot be read-only")
    if disk.tray and not removable:
        raise no("<target tray>", "only a CD-ROM or floppy has one")
    if disk.removable is not None and disk.bus not in ("usb", "scsi"):
        raise DomainXmlError("<target removable>: only disks of bus usb or scsi can be removable")
    if disk.rotation_rate is not None and disk.bus not in ("scsi", "ide", "sata"):
        raise DomainXmlError("<target rotation_rate>: only disks of bus scsi, ide or sata turn")
    if disk.rotation_rate is not None and disk.device != "disk":
        raise DomainXmlError(f"<target rotation_rate>: a {disk.device} has none")
    if disk.device != "lun" and (disk.rawio is not None or disk.sgio is not None):
        raise no("<disk rawio, sgio>", "only for device='lun'")


def _bus(disk: Disk, domain: Domain) -> None:
    if disk.bus == "sata" and domain.os.arch in S390:
        raise no("<target bus='sata'>", "s390 machines have no such disks")
    if disk.bus == "fdc" and board_of(domain).is_pseries:
        raise no("<target bus='fdc'>", "pseries machines have no floppy drives")


def _lun(disk: Disk, target: Target) -> None:
    element = "<disk device='lun'>"
    source = disk.source
    if disk.sgio == "unfiltered":
        raise no("<disk sgio='unfiltered'>", "this is possible no longer")
    if disk.bus == "virtio" and not target.has("virtio-blk.scsi"):
        raise no(element, "QEMU's virtio disks pass no SCSI commands on any more")
    if disk.bus not in ("scsi", "virtio"):
        raise no(element, f"not possible on bus '{disk.bus}'")
    if isinstance(source, NetworkSource) and source.protocol != "iscsi":
        raise no(element, f"not possible by protocol '{source.protocol}'")
    if not isinstance(source, NetworkSource | BlockSource) and disk.type != "volume":
        raise no(element, "the source must be a block device")
    if disk.format not in (None, "raw"):
        raise no(element, "the format must be raw")
    if disk.wwn or disk.vendor or disk.product or disk.serial:
        raise no(element, "the device itself says its wwn, serial, vendor and product")


# ------------------------------------------------------------------ driver


def _driver(disk: Disk) -> None:
    if disk.driver not in (None, "qemu"):
        raise no(f"<driver name='{disk.driver}'>", "the driver's name is qemu")
    if disk.io == "native" and disk.cache not in ("none", "directsync") and not disk.shareable:
        raise no("<driver io='native'>", "needs cache='none' or cache='directsync'")
    if disk.rerror_policy == "enospace":
        raise no("<driver rerror_policy='enospace'>", "a full disk cannot stop a reader")
    _format_only(disk)


def _format_only(disk: Disk) -> None:
    if disk.copy_on_read == "on" and disk.readonly:
        raise no("<driver copy_on_read='on'>", "a read-only disk cannot keep what it reads")
    if disk.discard_no_unref and disk.format != "qcow2":
        raise no("<driver discard_no_unref>", "only for format qcow2")
    if disk.discard_no_unref and disk.readonly:
        raise no("<driver discard_no_unref>", "not for a read-only disk")
    if disk.metadata_cache and disk.metadata_cache.size and disk.format != "qcow2":
        raise no("<metadata_cache>", "only for format qcow2")
    if disk.shareable and disk.format not in (None, "raw"):
        raise no("<shareable>", f"guests cannot share an image of format '{disk.format}'")
    if disk.bus == "sd" and disk.serial:
        raise no("<serial>", "an SD card has none")


_VIRTIO_ONLY: Final[tuple[tuple[str, Callable[[Disk], Any]], ...]] = (
    ("<disk model>", lambda disk: disk.model),
    ("<driver ioeventfd>", lambda disk: disk.ioeventfd is not None),
    ("<driver event_idx>", lambda disk: disk.event_idx is not None),
    ("<driver queues>", lambda disk: disk.queues),
    ("<driver queue_size>", lambda disk: disk.queue_size),
    ("<driver iothread>", lambda disk: disk.iothread),
    ("<iothreads>", lambda disk: disk.iothreads),
    ("<driver iommu>", lambda disk: disk.virtio.iommu is not None),
    ("<driver ats>", lambda disk: disk.virtio.ats is not None),
    ("<driver packed>", lambda disk: disk.virtio.packed is not None),
    ("<driver page_per_vq>", lambda disk: disk.virtio.page_per_vq is not None),
)


def _virtio_only(disk: Disk) -> None:
    if disk.bus != "virtio":
        for element, said in _VIRTIO_ONLY:
            if said(disk):
                raise no(element, f"only for disks of bus virtio, and {disk.target} is of bus {disk.bus}")


def _device_only(disk: Disk) -> None:
    if disk.wwn and disk.bus not in ("ide", "scsi"):
        raise no("<wwn>", "only disks of bus ide or scsi have one")
    if disk.vendor and disk.bus != "scsi":
        raise no("<vendor>", "only disks of bus scsi have one")
    if disk.product and disk.bus not in ("ide", "sata", "scsi"):
        raise no("<product>", "only disks of bus ide, sata or scsi have one")
    if disk.translation and disk.bus != "ide":
        raise no("<geometry trans>", "only for disks of bus ide")
    if (disk.cylinders or disk.heads or disk.sectors) and disk.bus not in ("ide", "scsi", "virtio", "sata"):
        raise no("<geometry>", f"not for disks of bus {disk.bus}")
    if disk.transient and disk.readonly:
        raise no("<transient>", f"{disk.target} is read-only")
    if disk.transient and disk.type not in ("file", "vhostuser"):
        raise no("<transient>", "only for a disk of type 'file'")
    if disk.share_backing and disk.bus not in ("usb", "virtio", "scsi"):
        raise no("<transient shareBacking>", f"not for disks of bus {disk.bus}")


# ------------------------------------------------------------------ strings


def _strings(disk: Disk) -> None:
    if disk.wwn is not None and not re.fullmatch("(?:0[xX])?[0-9a-fA-F]{16}", disk.wwn):
        raise DomainXmlError(f"<wwn>: '{disk.wwn}' has not 16 hexadecimal digits")
    for element, value, longest in (("vendor", disk.vendor, 8), ("product", disk.product, 16)):
        if value is not None and not re.fullmatch("[ -~]*", value):
            raise DomainXmlError(f"<{element}>: not printable")
        if value is not None and len(value) > longest:
            raise no(f"<{element}>", f"more than {longest} characters")
    if disk.serial is not None and not re.fullmatch(r"[A-Za-z0-9_.+ \-]*", disk.serial):
        raise DomainXmlError(
            f"<serial>: '{disk.serial}' has characters other than letters, digits, '_', '.', '+', '-' and blanks"
        )


# ------------------------------------------------------------------ media


# ------------------------------------------------------------------ vhost-user


_SERVED_BY_OTHERS: Final[tuple[tuple[str, Callable[[Disk], Any]], ...]] = (
    ("snapshot", lambda disk: disk.snapshot not in (None, "no")),
    ("cache", lambda disk: disk.cache),
    ("error_policy", lambda disk: disk.error_policy),
    ("rerror_policy", lambda disk: disk.rerror_policy),
    ("io", lambda disk: disk.io),
    ("ioeventfd", lambda disk: disk.ioeventfd is not None),
    ("copy_on_read", lambda disk: disk.copy_on_read),
    ("discard", lambda disk: disk.discard),
    ("iothread", lambda disk: disk.iothread or disk.iothreads),
    ("detect_zeroes", lambda disk: disk.detect_zeroes),
    ("wwn", lambda disk: disk.wwn),
    ("serial", lambda disk: disk.serial),
    ("vendor", lambda disk: disk.vendor),
    ("product", lambda disk: disk.product),
    ("readonly", lambda disk: disk.readonly),
    ("shareable", lambda disk: disk.shareable),
    ("transient", lambda disk: disk.transient),
    ("iotune", lambda disk: disk.iotune or disk.throttle_filters),
    ("geometry", lambda disk: disk.cylinders or disk.heads or disk.sectors),
    ("blockio", lambda disk: disk.logical_block_size or disk.physical_block_size or disk.discard_granularity),
    ("encryption", lambda disk: disk.encryption),
    ("mirror", lambda disk: disk.mirror),
    ("backingStore", lambda disk: disk.backing is not None),
    ("auth", lambda disk: disk.auth is not None),
)
"""What QEMU does with an image is not to be had where another process opens it."""


def _served(disk: Disk) -> None:
    if isinstance(disk.source, VhostUserSource):
        for name, said in _SERVED_BY_OTHERS:
            if said(disk):
                raise no("<disk type='vhostuser'>", f"{name} is not possible with it")


def _shares_memory(domain: Domain) -> bool:
    """Whether another process may see all of the guest's memory: every NUMA cell is shared, by its own word or the guest's."""
    cells = domain.numa.cells if domain.numa else []
    words = [cell.access or domain.memory.access for cell in cells] or [domain.memory.access]
    return all(word == "shared" for word in words)


# ------------------------------------------------------------------ addresses, limits


def _address(disk: Disk) -> None:
    place = disk.info.address
    if place is None:
        return
    if disk.bus in ("ide", "sata", "scsi", "fdc") and not isinstance(place, DriveAddress):
        raise no(f"<address type='{place.type}'>", f"not for {disk.target}, a disk of bus {disk.bus}")
    if disk.bus == "usb" and not isinstance(place, UsbAddress):
        raise DomainXmlError(f"<address type='{place.type}'>: not for {disk.target}, a disk of bus usb")
    if disk.bus == "virtio" and isinstance(place, DriveAddress | UsbAddress):
        raise no(f"<address type='{place.type}'>", f"not for {disk.target}, a disk of bus virtio")
    if isinstance(place, DriveAddress):
        _drive(disk, place)
    elif isinstance(place, PciAddress) and disk.bus == "sd":
        raise no("<address type='pci'>", "the board wires SD cards itself")


_ONLY: Final[dict[str, tuple[str, ...]]] = {
    "ide": ("controller", "target"),
    "sata": ("bus", "target"),
    "fdc": ("controller", "bus", "target"),
}
"""Parts of an address that are 0 on a bus."""


def _drive(disk: Disk, place: DriveAddress) -> None:
    for part in _ONLY.get(disk.bus or "", ()):
        if getattr(place, part):
            raise no(f"<address {part}='{getattr(place, part)}'>", f"must be 0 on bus {disk.bus}")
    if disk.bus == "scsi":
        if place.bus:
            raise DomainXmlError(f"<address bus='{place.bus}'>: a SCSI controller has one bus")
        if place.target and place.adapter == "lsilogic":
            raise no(f"<address target='{place.target}'>", "must be 0 on a controller of model lsilogic")


def _tuning(disk: Disk, domain: Domain) -> None:
    if disk.iotune:
        iotune.check(disk.iotune)
    if not disk.throttle_filters:
        return
    if disk.iotune:
        raise no("<throttlefilters>", f"it cannot be used together with <iotune> for {disk.target}")
    if disk.device == "cdrom":
        raise no("<throttlefilters>", "not for a CD-ROM")
    twice("throttlefilter", disk.throttle_filters, group="group")
    names = {group.group_name for group in domain.throttlegroups}
    for item in disk.throttle_filters:
        if item.group not in names:
            raise DomainXmlError(f"<throttlefilter group='{item.group}'>: the guest has no such group")
