"""What libvirt refuses of ``<disk>``: attributes that a bus, a device or a format lacks, and sources that say too little."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from qemuxml.common import iotune, protocols
from qemuxml.common.addresses import DriveAddress, PciAddress, UsbAddress
from qemuxml.common.source import BackingStore, Encryption, NvmeSource, Tail, VhostUserSource, VhostVdpaSource, VolumeSource
from qemuxml.common.storage import Auth, BlockSource, DirSource, FileSource, Host, NetworkSource
from qemuxml.devices.disk import Disk, sources, target_index
from qemuxml.domain import Domain
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.context import Target


def check(disk: Disk, domain: Domain, target: Target) -> None:
    """Raise the first refusal."""
    for refuse in (_target, _device, _driver, _virtio_only, _device_only, _strings, _chain, _served):
        refuse(disk)
    for source in sources(disk):
        _source(source, disk, target)
    if disk.type in ("vhostuser", "vhostvdpa") and not _shares_memory(domain):
        raise _no(f"<disk type='{disk.type}'>", "needs shared memory: <memoryBacking> with <access mode='shared'/>")
    _address(disk, domain)
    _threads(disk, domain)
    _tuning(disk, domain)
    _twins(disk, domain)


def _no(element: str, what: str) -> UnsupportedError:
    return UnsupportedError(f"{element}: {what}")


# ------------------------------------------------------------------ target and device

_PREFIXES: Final = {"floppy": ("fd",), "disk": ("hd", "sd", "vd", "xvd", "ubd"), "lun": ("hd", "sd", "vd", "xvd", "ubd")}


def _target(disk: Disk) -> None:
    if disk.info.boot_order == 0:
        raise DomainXmlError("<boot order='0'>: the order counts from 1")
    name = disk.target
    if not name:
        raise DomainXmlError("<disk>: <target> names no device, as dev='vda' does")
    if re.fullmatch(r"(?:fd|hd|sd|vd|xvd|ubd)[a-z]+[0-9]+", name):
        raise _no(f"<target dev='{name}'>", "a partition cannot be a disk")
    if target_index(name) is None and not disk.has_place:
        raise DomainXmlError(f"<target dev='{name}'>: an unknown name of a disk, and no <address> is given")
    if disk.device in _PREFIXES and disk.bus != "xen" and target_index(name) is not None and not name.startswith(
        _PREFIXES[disk.device]
    ):  # fmt: skip
        raise DomainXmlError(f"<target dev='{name}'>: no name of a {disk.device}")
    if disk.device == "floppy" and disk.bus != "fdc":
        raise DomainXmlError(f"<target bus='{disk.bus}'>: a floppy's bus is fdc")
    if disk.bus in ("xen", "uml", None):
        raise _no(f"<target bus='{disk.bus}'>", "QEMU has no such disks")


def _device(disk: Disk) -> None:
    removable = disk.device in ("cdrom", "floppy")
    if disk.bus in ("virtio", "sd") and removable:
        raise _no(f"<target bus='{disk.bus}'>", "a disk of this bus has no medium to eject")
    if is_empty(disk) and not removable and disk.type != "volume":
        raise DomainXmlError(f"<disk>: {disk.target} has no <source>")
    if is_empty(disk) and disk.bus == "usb":
        raise _no("<target bus='usb'>", "a disk of this bus must not be empty")
    if disk.tray and not removable:
        raise _no("<target tray>", "only a CD-ROM or floppy has one")
    if disk.removable is not None and disk.bus not in ("usb", "scsi"):
        raise DomainXmlError("<target removable>: only disks of bus usb or scsi can be removable")
    if disk.rotation_rate is not None and disk.bus not in ("scsi", "ide", "sata"):
        raise DomainXmlError("<target rotation_rate>: only disks of bus scsi, ide or sata turn")
    if disk.rotation_rate is not None and disk.device != "disk":
        raise DomainXmlError(f"<target rotation_rate>: a {disk.device} has none")
    if disk.device == "lun":
        _lun(disk)
    elif disk.rawio is not None or disk.sgio is not None:
        raise _no("<disk rawio, sgio>", "only for device='lun'")


def _lun(disk: Disk) -> None:
    element = "<disk device='lun'>"
    source = disk.source
    if disk.sgio == "unfiltered":
        raise _no("<disk sgio='unfiltered'>", "this is possible no longer")
    if disk.bus == "virtio":
        raise _no(element, "QEMU's virtio disks pass no SCSI commands on any more")
    if disk.bus != "scsi":
        raise _no(element, f"not possible on bus '{disk.bus}'")
    if isinstance(source, NetworkSource) and source.protocol != "iscsi":
        raise _no(element, f"not possible by protocol '{source.protocol}'")
    if not isinstance(source, NetworkSource | BlockSource) and disk.type != "volume":
        raise _no(element, "the source must be a block device")
    if disk.format not in (None, "raw"):
        raise _no(element, "the format must be raw")
    if disk.wwn or disk.vendor or disk.product or disk.serial:
        raise _no(element, "the device itself says its wwn, serial, vendor and product")


# ------------------------------------------------------------------ driver


def _driver(disk: Disk) -> None:
    if disk.driver not in (None, "qemu"):
        raise _no(f"<driver name='{disk.driver}'>", "the driver's name is qemu")
    if disk.io == "native" and disk.cache not in ("none", "directsync") and not disk.shareable:
        raise _no("<driver io='native'>", "needs cache='none' or cache='directsync'")
    if disk.rerror_policy == "enospace":
        raise _no("<driver rerror_policy='enospace'>", "a full disk cannot stop a reader")
    _format_only(disk)


def _format_only(disk: Disk) -> None:
    if disk.copy_on_read == "on" and disk.readonly:
        raise _no("<driver copy_on_read='on'>", "a read-only disk cannot keep what it reads")
    if disk.discard_no_unref and disk.format != "qcow2":
        raise _no("<driver discard_no_unref>", "only for format qcow2")
    if disk.discard_no_unref and disk.readonly:
        raise _no("<driver discard_no_unref>", "not for a read-only disk")
    if disk.metadata_cache and disk.format != "qcow2":
        raise _no("<metadata_cache>", "only for format qcow2")
    if disk.shareable and disk.format not in (None, "raw"):
        raise _no("<shareable>", f"guests cannot share an image of format '{disk.format}'")
    if disk.bus == "sd" and disk.serial:
        raise _no("<serial>", "an SD card has none")


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
                raise _no(element, f"only for disks of bus virtio, and {disk.target} is of bus {disk.bus}")


def _device_only(disk: Disk) -> None:
    if disk.wwn and disk.bus not in ("ide", "scsi"):
        raise _no("<wwn>", "only disks of bus ide or scsi have one")
    if (disk.vendor or disk.product) and disk.bus != "scsi":
        raise _no("<vendor>, <product>", "only disks of bus scsi have them")
    if disk.translation and disk.bus != "ide":
        raise _no("<geometry trans>", "only for disks of bus ide")
    if (disk.cylinders or disk.heads or disk.sectors) and disk.bus not in ("ide", "scsi", "virtio", "sata"):
        raise _no("<geometry>", f"not for disks of bus {disk.bus}")
    if disk.transient and disk.readonly:
        raise _no("<transient>", f"{disk.target} is read-only")
    if disk.transient and disk.type not in ("file", "vhostuser"):
        raise _no("<transient>", "only for a disk of type 'file'")
    if disk.share_backing and disk.bus not in ("usb", "virtio", "scsi"):
        raise _no("<transient shareBacking>", f"not for disks of bus {disk.bus}")


# ------------------------------------------------------------------ strings


def _strings(disk: Disk) -> None:
    if disk.wwn is not None and not re.fullmatch("[0-9a-fA-F]{16}", disk.wwn):
        raise DomainXmlError(f"<wwn>: '{disk.wwn}' has not 16 hexadecimal digits")
    for element, value, longest in (("vendor", disk.vendor, 8), ("product", disk.product, 16)):
        if value is not None and not re.fullmatch("[ -~]*", value):
            raise DomainXmlError(f"<{element}>: not printable")
        if value is not None and len(value) > longest:
            raise _no(f"<{element}>", f"more than {longest} characters")
    if disk.serial is not None and not re.fullmatch(r"[A-Za-z0-9_.+ \-]*", disk.serial):
        raise DomainXmlError(
            f"<serial>: '{disk.serial}' has characters other than letters, digits, '_', '.', '+', '-' and blanks"
        )


# ------------------------------------------------------------------ images

_UNOPENED: Final = {
    "cow": "QEMU supports this format no longer",
    "dir": "a directory is <disk type='dir'>",
    "iso": "an ISO image is of format raw",
}
_FORMATS: Final = frozenset(
    "raw fat bochs cloop dmg vpc vdi qcow qcow2 qed vmdk vhd ploop".split()  # noqa: SIM905 - a list of words
)


def _format(disk: Disk, name: str | None, source: Any, element: str) -> None:
    if name in _UNOPENED:
        raise _no(f"{element} type='{name}'", _UNOPENED[name])
    if name is not None and name not in _FORMATS:
        raise _no(f"{element} type='{name}'", "an unknown format")
    if name == "fat" and not isinstance(source, DirSource) and disk.type != "volume":
        raise _no(f"{element} type='fat'", "only for a source of type 'dir'")
    if isinstance(source, DirSource) and name != "fat":
        raise _no("<disk type='dir'>", "needs format fat")


def _chain(disk: Disk) -> None:
    _format(disk, disk.format, disk.source, "<driver>")
    if isinstance(disk.source, DirSource) and not disk.readonly:
        raise _no("<disk type='dir'>", "a directory is shown read-only: <readonly/> is missing")
    layer: Disk | BackingStore = disk
    while layer.backing is not None and layer.backing.type is not None:
        if layer.format in ("bochs", "cloop", "dmg", "vpc", "vdi", "vhd", "ploop"):
            raise _no("<backingStore>", f"an image of format '{layer.format}' has none")
        layer = layer.backing
        if layer.format is None:
            raise DomainXmlError("<backingStore>: <format> is missing")
        _format(disk, layer.format, layer.source, "<backingStore> <format>")
    for image in _images(disk):
        _encrypted(image, disk)
        _stored(image)


def _images(disk: Disk) -> Iterator[Disk | BackingStore]:
    layer: Disk | BackingStore | None = disk
    while layer is not None:
        yield layer
        layer = layer.backing


def _stored(image: Disk | BackingStore) -> None:
    store = image.source.rear.data_store if image.source is not None else None
    if store is None:
        return
    if image.format != "qcow2":
        raise _no("<dataStore>", "only for format qcow2")
    if store.format != "raw":
        raise _no("<dataStore>", "its format must be raw")
    if store.source is None:
        raise DomainXmlError("<dataStore>: it has no <source>")
    if store.source.tail.slices:
        raise DomainXmlError("<dataStore>: it cannot be a slice")


def _encrypted(image: Disk | BackingStore, disk: Disk) -> None:
    inner = image.source.rear.encryption if image.source is not None else None
    outer = disk.encryption if image is disk else None
    if inner and outer:
        raise _no("<encryption>", "it stands in <disk> and in <source>")
    found = inner or outer
    if found is None:
        return
    if image.format not in ("raw", "qcow2") and image.format is not None:
        raise _no("<encryption>", "only for format raw or qcow2")
    if found.cipher or found.ivgen:
        raise _no("<encryption>", "<cipher> and <ivgen> are for making volumes, not for opening them")
    _keys(found)
    _engine(found, image.source)


def _keys(found: Encryption) -> None:
    if found.format is None:
        raise DomainXmlError("<encryption>: it has no format")
    if not found.secrets:
        raise DomainXmlError("<encryption>: it has no <secret>")
    for item in found.secrets:
        if item.type != "passphrase":
            raise _no(f"<secret type='{item.type}'>", "the secret of an image is a passphrase")
        if bool(item.uuid) == bool(item.usage):
            raise DomainXmlError("<secret>: exactly one of uuid and usage names it")


def _engine(found: Encryption, source: Any) -> None:
    if found.engine == "librbd":
        if not isinstance(source, NetworkSource) or source.protocol != "rbd":
            raise _no("<encryption engine='librbd'>", "only for RBD images")
        if found.format not in ("luks", "luks2", "luks-any"):
            raise _no(f"<encryption format='{found.format}'>", "librbd has no such encryption")
        return
    if found.format in ("default", "qcow"):
        raise _no(f"<encryption format='{found.format}'>", "the old encryption of qcow images is supported no longer")
    if found.format != "luks":
        raise _no(f"<encryption format='{found.format}'>", "QEMU itself has no such encryption")
    if len(found.secrets) != 1:
        raise _no("<encryption>", "QEMU takes exactly one secret")


def is_empty(disk: Disk) -> bool:
    """Whether there is no medium in the drive."""
    match disk.source:
        case None | FileSource(file=None) | BlockSource(dev=None) | DirSource(dir=None) | NetworkSource(protocol=None):
            return True
        case VolumeSource(startup_policy="optional"):
            return True
    return False


# ------------------------------------------------------------------ sources


def _source(source: Any, disk: Disk, target: Target) -> None:
    if source.startup_policy if hasattr(source, "startup_policy") else None:
        _startup(source, disk)
    _parts(source.tail)
    reservations = source.rear.reservations
    if reservations is not None:
        _reserved(reservations, disk)
    match source:
        case NetworkSource():
            _network(source, disk, target)
        case NvmeSource():
            _nvme(source)
        case VhostUserSource() | VhostVdpaSource() if disk.bus != "virtio":
            raise _no(f"<disk type='{disk.type}'>", "only for bus virtio")
        case VhostUserSource(path=None):
            raise DomainXmlError("<source>: the path of the vhost-user socket is missing")


def _startup(source: Any, disk: Disk) -> None:
    if isinstance(source, NetworkSource):
        raise DomainXmlError(f"<source startupPolicy='{source.startup_policy}'>: not for a disk of type 'network'")
    if source.startup_policy == "requisite" and disk.device not in ("cdrom", "floppy"):
        raise DomainXmlError("<source startupPolicy='requisite'>: only for a CD-ROM or floppy")


def _parts(tail: Tail) -> None:
    for part in tail.slices:
        if part.type == "storage" and (part.offset is None or part.size is None):
            raise DomainXmlError("<slice>: it needs an offset and a size")


def _reserved(found: Any, disk: Disk) -> None:
    if found.managed is None:
        raise DomainXmlError("<reservations>: it does not say whether it is managed")
    if disk.device != "lun":
        raise _no("<reservations>", "only for device='lun'")
    if found.managed:
        return
    helper = found.source
    if helper is None or helper.type is None:
        raise DomainXmlError("<reservations>: its <source> is missing")
    if helper.type != "unix" or helper.mode not in (None, "client") or not helper.path:
        raise DomainXmlError("<reservations>: its <source> is of type 'unix' and mode 'client', and has a path")


def _nvme(source: NvmeSource) -> None:
    if source.type != "pci":
        raise DomainXmlError(f"<source type='{source.type}'>: an NVMe disk is of type 'pci'")
    if source.address is None:
        raise DomainXmlError("<source>: the <address> of the NVMe controller is missing")
    if not source.namespace:
        raise _no("<source namespace>", "namespaces count from 1")


_GONE: Final = {"sheepdog": "supported no longer", "vxhs": "QEMU supports it no longer", "tftp": "QEMU supports it no longer"}
_LOGINS: Final = {"rbd": "ceph", "iscsi": "iscsi"}


def _network(source: NetworkSource, disk: Disk, target: Target) -> None:
    protocol = source.protocol
    if protocol is None:
        return
    element = f"<source protocol='{protocol}'>"
    if protocol in _GONE:
        raise _no(element, _GONE[protocol])
    if protocol not in protocols.PORTS and protocol != "nfs":
        raise DomainXmlError(f"{element}: an unknown protocol")
    if source.name is None and protocol != "nbd":
        raise DomainXmlError(f"{element}: the name is missing")
    for host in source.hosts:
        _host(host, element)
        if host.port and protocol == "nfs":
            raise _no("<host port>", "NFS has no port to choose")
    for auth in (source.auth, disk.auth):
        if auth is not None:
            _login(auth, protocol)
    _cookies(source)
    _secured(source, disk, target)
    _rbd_layers(source, target)
    if protocol not in ("rbd", "gluster"):
        protocols.one_host(source)
    list(protocols.pairs(source, ""))


def _secured(source: NetworkSource, disk: Disk, target: Target) -> None:
    if source.tls and source.protocol not in ("nbd", "vxhs"):
        raise _no("<source tls='yes'>", f"not for protocol '{source.protocol}'")
    if source.tls_hostname and target.has("nbd.lacks-tls-hostname"):
        raise _no("<source tlsHostname>", "this QEMU has no such property")
    if source.auth and disk.auth and source is disk.source:
        raise _no("<auth>", "it stands in <disk> and in <source>")


def _host(host: Host, element: str) -> None:
    if host.transport not in (None, "tcp", "unix", "rdma"):
        raise DomainXmlError(f"<host transport='{host.transport}'>: an unknown transport")
    if host.transport == "unix":
        if not host.socket:
            raise DomainXmlError(f"{element}: <host transport='unix'> needs a socket")
        return
    if host.socket:
        raise DomainXmlError(f"{element}: <host socket> is for transport='unix'")
    if not host.name:
        raise DomainXmlError(f"{element}: <host> has no name")
    if host.port and not host.port.isdecimal():
        raise DomainXmlError(f"{element}: <host port='{host.port}'> is not a number")


def _login(auth: Auth, protocol: str) -> None:
    if not auth.username:
        raise DomainXmlError("<auth>: the username is missing")
    if auth.secret is None:
        raise DomainXmlError("<auth>: the <secret> is missing")
    if auth.secret.type not in ("ceph", "iscsi"):
        raise _no(f"<secret type='{auth.secret.type}'>", "an unknown type of secret")
    if auth.secret.type != _LOGINS.get(protocol, auth.secret.type):
        raise _no(f"<secret type='{auth.secret.type}'>", f"not for protocol '{protocol}'")
    if bool(auth.secret.uuid) == bool(auth.secret.usage):
        raise DomainXmlError("<secret>: exactly one of uuid and usage names it")


def _cookies(source: NetworkSource) -> None:
    seen = set()
    for cookie in source.cookies:
        if not re.fullmatch(r"[!#$%&'*+\-.0-9A-Z^_`a-z|~]+", cookie.name or ""):
            raise DomainXmlError(f"<cookie name='{cookie.name}'>: no name of a cookie")
        if cookie.name in seen:
            raise DomainXmlError(f"<cookie name='{cookie.name}'>: it stands twice")
        seen.add(cookie.name)
        if not re.fullmatch(r'"?[!#$%&\'()*+\-./0-9:<=>?@A-Z\[\]^_`a-z{|}~]+"?', cookie.value or ""):
            raise DomainXmlError(f"<cookie name='{cookie.name}'>: its value has characters that no cookie has")


def _rbd_layers(source: NetworkSource, target: Target) -> None:
    found = source.rear.encryption
    if found is None or found.engine != "librbd":
        return
    if len(found.secrets) > 1 and target.has("rbd.lacks-encryption-layering"):
        raise _no("<encryption>", "this QEMU opens no layers of RBD encryption")
    if found.format == "luks-any" and target.has("rbd.lacks-encryption-luks-any"):
        raise _no("<encryption format='luks-any'>", "this QEMU has no such encryption")


# ------------------------------------------------------------------ vhost-user


_SERVED_BY_OTHERS: Final[tuple[tuple[str, Callable[[Disk], Any]], ...]] = (
    ("snapshot", lambda disk: disk.snapshot not in (None, "no")),
    ("cache", lambda disk: disk.cache),
    ("error_policy", lambda disk: disk.error_policy),
    ("rerror_policy", lambda disk: disk.rerror_policy),
    ("io", lambda disk: disk.io),
    ("ioeventfd", lambda disk: disk.ioeventfd is not None),
    ("event_idx", lambda disk: disk.event_idx is not None),
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
    ("backingStore", lambda disk: disk.backing and disk.backing.type),
)
"""What QEMU does with an image is not to be had where another process opens it."""


def _served(disk: Disk) -> None:
    if isinstance(disk.source, VhostUserSource):
        for name, said in _SERVED_BY_OTHERS:
            if said(disk):
                raise _no("<disk type='vhostuser'>", f"{name} is not possible with it")


def _shares_memory(domain: Domain) -> bool:
    """Whether another process may see all of the guest's memory: every NUMA cell is shared, by its own word or the guest's."""
    cells = domain.numa.cells if domain.numa else []
    words = [cell.access or domain.memory.access for cell in cells] or [domain.memory.access]
    return all(word == "shared" for word in words)


# ------------------------------------------------------------------ addresses, threads, limits, twins


def _address(disk: Disk, domain: Domain) -> None:
    place = disk.info.address
    if place is None:
        return
    if disk.bus in ("ide", "sata", "scsi", "fdc") and not isinstance(place, DriveAddress):
        raise _no(f"<address type='{place.type}'>", f"not for {disk.target}, a disk of bus {disk.bus}")
    if disk.bus == "usb" and not isinstance(place, UsbAddress):
        raise DomainXmlError(f"<address type='{place.type}'>: not for {disk.target}, a disk of bus usb")
    if disk.bus == "virtio" and isinstance(place, DriveAddress | UsbAddress):
        raise _no(f"<address type='{place.type}'>", f"not for {disk.target}, a disk of bus virtio")
    if isinstance(place, DriveAddress):
        _drive(disk, place, domain)
    elif isinstance(place, PciAddress) and disk.bus == "sd":
        raise _no("<address type='pci'>", "the board wires SD cards itself")


_ONLY: Final[dict[str, tuple[str, ...]]] = {
    "ide": ("controller", "target"),
    "sata": ("bus", "target"),
    "fdc": ("controller", "bus", "target"),
}
"""Parts of an address that are 0 on a bus."""


def _drive(disk: Disk, place: DriveAddress, domain: Domain) -> None:
    for part in _ONLY.get(disk.bus or "", ()):
        if getattr(place, part):
            raise _no(f"<address {part}='{getattr(place, part)}'>", f"must be 0 on bus {disk.bus}")
    if disk.bus == "scsi":
        if place.bus:
            raise DomainXmlError(f"<address bus='{place.bus}'>: a SCSI controller has one bus")
        models = {
            device.model for device in domain.devices if getattr(device, "type", None) == "scsi" and hasattr(device, "index")
            and (device.index or 0) == (place.controller or 0)
        }  # fmt: skip
        if place.target and "lsilogic" in models:
            raise _no(f"<address target='{place.target}'>", "must be 0 on a controller of model lsilogic")


def _threads(disk: Disk, domain: Domain) -> None:
    numbers = {thread.id for thread in domain.iothreads.all()}
    if disk.iothread == 0:
        raise DomainXmlError("<driver iothread='0'>: threads count from 1")
    if disk.iothread and disk.iothreads:
        raise DomainXmlError("<driver iothread>: it cannot be used together with <iothreads>")
    if disk.iothread and disk.iothread not in numbers:
        raise _no(f"<driver iothread='{disk.iothread}'>", "the guest has no such I/O thread")
    seen: set[int | None] = set()
    for thread in disk.iothreads:
        if thread.id not in numbers:
            raise _no(f"<iothread id='{thread.id}'>", "the guest has no such I/O thread")
        if thread.id in seen:
            raise _no(f"<iothread id='{thread.id}'>", "it stands twice")
        seen.add(thread.id)
    _queues(disk)


def _queues(disk: Disk) -> None:
    mapped = [queue.id or 0 for thread in disk.iothreads for queue in thread.queues]
    if not mapped:
        return
    if not disk.queues:
        raise _no("<driver queues>", "<iothread> maps queues, but their number is not said")
    if any(not thread.queues for thread in disk.iothreads):
        raise _no("<iothread>", "either every thread has queues, or none")
    for number in mapped:
        if number >= disk.queues:
            raise _no(f"<queue id='{number}'>", f"the disk has {disk.queues}")
    if len(set(mapped)) != len(mapped):
        raise _no("<queue>", "two threads have the same")
    if len(mapped) != disk.queues:
        raise _no("<iothreads>", "not every queue has a thread")


def _tuning(disk: Disk, domain: Domain) -> None:
    if disk.iotune:
        iotune.check(disk.iotune)
    if not disk.throttle_filters:
        return
    if disk.iotune:
        raise _no("<throttlefilters>", f"it cannot be used together with <iotune> for {disk.target}")
    if disk.device == "cdrom":
        raise _no("<throttlefilters>", "not for a CD-ROM")
    names = {group.group_name for group in domain.throttlegroups}
    for item in disk.throttle_filters:
        if item.group not in names:
            raise DomainXmlError(f"<throttlefilter group='{item.group}'>: the guest has no such group")


def _twins(disk: Disk, domain: Domain) -> None:
    """Two disks with one name, or in one place; SCSI host devices have places of the same kind."""
    place = _place(disk)
    for other in domain.devices:
        if other is disk:
            continue
        if isinstance(other, Disk) and other.target == disk.target:
            raise DomainXmlError(f"<target dev='{disk.target}'>: two disks have this name")
        if place is not None and _place(other) == place:
            raise _no("<address type='drive'>", f"{disk.target} is not alone in its place, {', '.join(map(str, place))}")


def _place(device: Any) -> tuple[Any, ...] | None:
    info = getattr(device, "info", None)
    address = info.address if info is not None else None
    if not isinstance(address, DriveAddress):
        return None
    bus = device.bus if isinstance(device, Disk) else "scsi"
    return bus, address.controller or 0, address.bus or 0, address.target or 0, address.unit or 0
