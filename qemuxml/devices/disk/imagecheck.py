"""What libvirt refuses of a disk's images: formats, ``<backingStore>``, ``<encryption>``, and sources that say too little."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from qemuxml.common import protocols, sourcelabel
from qemuxml.common.source import BackingStore, Encryption, NvmeSource, Tail, VhostUserSource, VhostVdpaSource
from qemuxml.common.storage import PORTS, Auth, BlockSource, DirSource, FileSource, Host, NetworkSource
from qemuxml.devices.disk import Disk, sources
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.context import Target


def check(disk: Disk, target: Target) -> None:
    """Raise the first refusal."""
    _chain(disk)
    for source in sources(disk):
        _source(source, disk, target)


def no(element: str, what: str) -> UnsupportedError:
    """The refusal of an element, and why."""
    return UnsupportedError(f"{element}: {what}")


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
        raise no(f"{element} type='{name}'", _UNOPENED[name])
    if name is not None and name not in _FORMATS:
        raise no(f"{element} type='{name}'", "an unknown format")
    if name == "fat" and not isinstance(source, DirSource) and disk.type != "volume":
        raise no(f"{element} type='fat'", "only for a source of type 'dir'")
    if isinstance(source, DirSource) and name != "fat":
        raise no("<disk type='dir'>", "needs format fat")


def _chain(disk: Disk) -> None:
    _format(disk, disk.format, disk.source, "<driver>")
    if isinstance(disk.source, DirSource) and not disk.readonly:
        raise no("<disk type='dir'>", "a directory is shown read-only: <readonly/> is missing")
    layer: Disk | BackingStore = disk
    while layer.backing is not None and layer.backing.type is not None:
        if layer.format in ("bochs", "cloop", "dmg", "vpc", "vdi", "vhd", "ploop"):
            raise no("<backingStore>", f"an image of format '{layer.format}' has none")
        layer = layer.backing
        if layer.format is None:
            raise DomainXmlError("<backingStore>: <format> is missing")
        if layer.source is None or _is_nowhere(layer.source):
            raise DomainXmlError("<backingStore>: <source> is missing, or names nothing")
        _format(disk, layer.format, layer.source, "<backingStore> <format>")
    for image in _images(disk):
        _encrypted(image, disk)
        _stored(image)


def _is_nowhere(source: Any) -> bool:
    return (isinstance(source, FileSource) and not source.file) or (isinstance(source, BlockSource) and not source.dev)


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
        raise no("<dataStore>", "only for format qcow2")
    if store.format != "raw":
        raise no("<dataStore>", "its format must be raw")
    if store.source is None:
        raise DomainXmlError("<dataStore>: it has no <source>")
    if store.source.rear.data_store is not None:
        raise DomainXmlError("<dataStore>: it has no <dataStore> of its own")
    if store.source.tail.slices:
        raise DomainXmlError("<dataStore>: it cannot be a slice")


def _encrypted(image: Disk | BackingStore, disk: Disk) -> None:
    inner = image.source.rear.encryption if image.source is not None else None
    outer = disk.encryption if image is disk else None
    if inner and outer:
        raise no("<encryption>", "it stands in <disk> and in <source>")
    found = inner or outer
    if found is None:
        return
    if found.format in ("default", "qcow"):
        raise no(f"<encryption format='{found.format}'>", "QEMU supports the old encryption of qcow no longer")
    if image.format not in ("raw", "qcow2") and image.format is not None:
        raise no("<encryption>", "only for format raw or qcow2")
    if found.cipher or found.ivgen:
        raise no("<encryption>", "<cipher> and <ivgen> are for making volumes, not for opening them")
    _keys(found)
    _engine(found, image.source)


def _keys(found: Encryption) -> None:
    if found.format is None:
        raise DomainXmlError("<encryption>: it has no format")
    if not found.secrets:
        raise DomainXmlError("<encryption>: it has no <secret>")
    for item in found.secrets:
        if item.type != "passphrase":
            raise no(f"<secret type='{item.type}'>", "the secret of an image is a passphrase")
        if bool(item.uuid) == bool(item.usage):
            raise DomainXmlError("<secret>: exactly one of uuid and usage names it")


def _engine(found: Encryption, source: Any) -> None:
    if found.engine == "librbd":
        if not isinstance(source, NetworkSource) or source.protocol != "rbd":
            raise no("<encryption engine='librbd'>", "only for RBD images")
        if found.format not in ("luks", "luks2", "luks-any"):
            raise no(f"<encryption format='{found.format}'>", "librbd has no such encryption")
        return
    if found.format in ("default", "qcow"):
        raise no(f"<encryption format='{found.format}'>", "the old encryption of qcow images is supported no longer")
    if found.format != "luks":
        raise no(f"<encryption format='{found.format}'>", "QEMU itself has no such encryption")
    if len(found.secrets) != 1:
        raise no("<encryption>", "QEMU takes exactly one secret")


# ------------------------------------------------------------------ sources


def _source(source: Any, disk: Disk, target: Target) -> None:
    if source.startup_policy if hasattr(source, "startup_policy") else None:
        _startup(source, disk)
    _parts(source.tail)
    sourcelabel.check(source.tail.labels)
    reservations = source.rear.reservations
    if reservations is not None:
        _reserved(reservations, disk)
    match source:
        case NetworkSource():
            _network(source, disk, target)
        case NvmeSource():
            _nvme(source)
        case VhostUserSource() | VhostVdpaSource() if disk.bus != "virtio":
            raise no(f"<disk type='{disk.type}'>", "only for bus virtio")
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
        raise no("<reservations>", "only for device='lun'")
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
        raise no("<source namespace>", "namespaces count from 1")


_GONE: Final = {"sheepdog": "supported no longer", "vxhs": "QEMU supports it no longer", "tftp": "QEMU supports it no longer"}
_LOGINS: Final = {"rbd": "ceph", "iscsi": "iscsi"}


def _network(source: NetworkSource, disk: Disk, target: Target) -> None:
    protocol = source.protocol
    if protocol is None:
        return
    element = f"<source protocol='{protocol}'>"
    if protocol in _GONE:
        raise no(element, _GONE[protocol])
    if protocol not in PORTS and protocol != "nfs":
        raise DomainXmlError(f"{element}: an unknown protocol")
    if source.name is None and protocol != "nbd":
        raise DomainXmlError(f"{element}: the name is missing")
    for host in source.hosts:
        _host(host, element)
        if host.port and protocol == "nfs":
            raise no("<host port>", "NFS has no port to choose")
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
        raise no("<source tls='yes'>", f"not for protocol '{source.protocol}'")
    if source.tls_hostname and target.has("nbd.lacks-tls-hostname"):
        raise no("<source tlsHostname>", "this QEMU has no such property")
    if source.auth and disk.auth and source is disk.source:
        raise no("<auth>", "it stands in <disk> and in <source>")


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
    if host.port and int(host.port[:6]) > _LAST_PORT:
        raise DomainXmlError(f"{element}: <host port='{host.port}'>: ports end at {_LAST_PORT}")


_LAST_PORT: Final = 65535


def _login(auth: Auth, protocol: str) -> None:
    if not auth.username:
        raise DomainXmlError("<auth>: the username is missing")
    if auth.secret is None:
        raise DomainXmlError("<auth>: the <secret> is missing")
    if auth.secret.type not in ("ceph", "iscsi"):
        raise no(f"<secret type='{auth.secret.type}'>", "an unknown type of secret")
    if protocol in ("nbd", "gluster", "nfs"):
        raise no("<auth>", f"protocol '{protocol}' knows none")
    if auth.secret.type != _LOGINS.get(protocol, auth.secret.type):
        raise no(f"<secret type='{auth.secret.type}'>", f"not for protocol '{protocol}'")
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
        raise no("<encryption>", "this QEMU opens no layers of RBD encryption")
    if found.format == "luks-any" and target.has("rbd.lacks-encryption-luks-any"):
        raise no("<encryption format='luks-any'>", "this QEMU has no such encryption")
