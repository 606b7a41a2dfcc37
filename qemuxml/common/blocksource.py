"""Where an image lies, read from its storage node: ``"driver":"nbd","server":{"type":"unix",…}`` is ``<source protocol='nbd'>``.

It is the way back of ``protocols.pairs``. None is the answer for what domain XML has no source for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.common.addresses import PciAddress
from qemuxml.common.blocknode import Node
from qemuxml.common.source import (
    Cookie,
    Encryption,
    Identity,
    NvmeSource,
    Reservations,
    ReservationsSource,
    Secret,
    VhostVdpaSource,
)
from qemuxml.common.storage import (
    CURL,
    PORTS,
    Auth,
    BlockSource,
    DirSource,
    FileSource,
    Host,
    NetworkSource,
    Source,
    port_number,
    server,
)
from qemuxml.mapping.codecs import integer, size


def read(node: Node) -> Source | None:
    """The source that a storage node opens."""
    take = DRIVERS.get(node.peek("driver") or "file")
    if take is None:
        return None
    node.get("driver")
    return take(node)


# ------------------------------------------------------------------ of the host


def _file(node: Node) -> Source | None:
    node.ignore("locking", "auto")
    node.ignore("drop-cache", "on")
    name = node.path("filename")
    return _reserved(FileSource(file=name, fdgroup=_group(name)), node) if name else None


def _group(name: str) -> str | None:
    """A file that the caller opened before the start: libvirt has a caller name such descriptors."""
    found = re.fullmatch(r"/dev/fdset/([0-9]{1,9})", name)
    return f"fdset{found[1]}" if found else None


def _block(node: Node) -> Source | None:
    node.ignore("locking", "auto")
    node.ignore("drop-cache", "on")
    name = node.path("filename")
    return _reserved(BlockSource(dev=name), node) if name else None


def _reserved(source: FileSource | BlockSource, node: Node) -> Source | None:
    """The same with who makes persistent reservations: libvirt's own helper, or that of the socket."""
    name = node.peek("pr-manager")
    option = node.graph.object(name, "pr-manager-helper") if name else None
    if option is None:
        return source
    node.get("pr-manager")
    path = _helper(option, node)
    if name == _OWN_HELPER:
        source.rear.reservations = Reservations(managed=True)
    else:
        client = ReservationsSource(type="unix", path=path, mode="client")
        source.rear.reservations = Reservations(managed=False, source=client)
    return source


_OWN_HELPER: Final = "pr-helper0"
"""The helper that libvirt runs itself, for all disks that want it."""


def _helper(option: Option, node: Node) -> str | None:
    graph = node.graph
    if graph.reading.ledger.is_open(option) and option not in graph.piece.options():
        graph.piece.join(option, "qom-type")
    values = graph.reading.values(option, "qom-type")
    values.get("qom-type")
    return values.get("path")


def _directory(node: Node) -> Source | None:
    node.ignore("floppy")
    node.ignore("rw", "off")
    name = node.path("dir")
    return DirSource(dir=name) if name else None


def _nvme(node: Node) -> Source | None:
    """Whoever started the guest had given the controller to QEMU before: libvirt need not."""
    found = re.fullmatch(r"([0-9a-fA-F]{1,4}):([0-9a-fA-F]{1,2}):([0-9a-fA-F]{1,2})\.([0-7])", node.peek("device") or "")
    namespace = node.get("namespace", integer)
    if not found or not namespace:
        return None
    node.get("device")
    domain, bus, slot, function = (int(part, 16) for part in found.groups())
    place = PciAddress(domain=domain, bus=bus, slot=slot, function=function)
    return NvmeSource(type="pci", namespace=namespace, managed=False, address=place)


def _vdpa(node: Node) -> Source | None:
    name = node.path("path")
    if name and _group(name):
        node.graph.piece.guessed(f"{name}: the vDPA device that the caller had opened is not named")
    return VhostVdpaSource(dev=name) if name else None


# ------------------------------------------------------------------ servers


def _server(node: Node, protocol: str) -> Host | None:
    """``type=inet,host=…,port=…`` or ``type=unix,path=…``; nothing that is left out can be guessed."""
    node.ignore("type", "inet", "tcp", "unix")
    if "path" in node or "socket" in node:
        return Host(transport="unix", socket=node.get("path") or node.get("socket"))
    name, port = node.get("host"), node.get("port", port_number)
    return Host(name=name, port=port or PORTS.get(protocol)) if name else None


def _nbd(node: Node) -> Source | None:
    flat = not node.has_inside("server")
    host = _server(node if flat else node.inside("server"), "nbd")
    if host is None:
        return None
    source = NetworkSource(protocol="nbd", name=node.get("export") or None, hosts=[host])
    source.tls = _tls(node)
    source.tls_hostname = node.get("tls-hostname")
    source.reconnect_delay = node.get("reconnect-delay", integer) or None
    return source


def _tls(node: Node) -> bool | None:
    """Whether certificates wrap the connection: libvirt takes those of its own folder."""
    option = node.graph.object(node.peek("tls-creds"), "tls-creds-x509")
    if option is None:
        return None
    node.get("tls-creds")
    node.graph.replaced[option] = "libvirt takes the certificates for NBD from the folder that its qemu.conf names"
    password = node.graph.reading.values(option, "qom-type").peek("passwordid")
    secret = node.graph.object(password, "secret")
    if secret is not None:
        node.graph.replaced[secret] = "libvirt takes the password of the key from the secret that its qemu.conf names"
    return True


def _curl(node: Node) -> Source | None:
    from urllib.parse import unquote, urlsplit  # noqa: PLC0415 - few images come from the web

    parts = node.get("url", urlsplit)
    if parts is None or parts.scheme not in CURL or "@" in parts.netloc or parts.fragment:
        return None
    of_web = parts.scheme in ("http", "https")
    if not parts.netloc or (parts.query and not of_web):
        return None
    host = node.get("url", lambda _: server(parts.netloc, PORTS[parts.scheme]))
    path = unquote(parts.path.removeprefix("/"))
    source = NetworkSource(protocol=parts.scheme, name=path, query=parts.query or None, hosts=[host] if host else [])
    source.auth = _auth(node, "username", "password-secret", "iscsi")
    source.ssl_verify = node.switch("sslverify")
    source.cookies = _cookies(node)
    source.timeout = node.get("timeout", integer)
    source.readahead = node.get("readahead", size)
    return source


def _cookies(node: Node) -> list[Cookie]:
    """``a=b; c=d``, said outright or in a secret. What is encrypted under libvirt's key nobody can read."""
    option = node.graph.object(node.peek("cookie-secret"), "secret")
    text = node.get("cookie")
    if option is not None:
        node.get("cookie-secret")
        values = node.graph.reading.values(option, "qom-type")
        encrypted = "keyid" in values or values.peek("format") not in (None, "raw")
        text = _HIDDEN if encrypted else values.peek("data")
        node.graph.replaced[option] = "the cookies stand in the XML" if text != _HIDDEN else "put the cookies into the XML"
    pairs = [item.strip().partition("=") for item in (text or "").split(";") if item.strip()]
    return [Cookie(name=name, value=value) for name, _, value in pairs]


_HIDDEN: Final = "cookie=SECRET"


def _auth(node: Node, user: str, secret: str, kind: str) -> Auth | None:
    if user not in node and secret not in node:
        return None
    usage = node.graph.secret(node.get(secret))
    return Auth(username=node.get(user), secret=Secret(type=kind, usage=usage))


def _iscsi(node: Node) -> Source | None:
    node.ignore("transport", "tcp")
    target = node.get("target")
    host = node.get("portal", lambda text: server(text, PORTS["iscsi"]))
    if not target or host is None:
        return None
    source = NetworkSource(protocol="iscsi", name=f"{target}/{node.get('lun', integer) or 0}", hosts=[host])
    source.initiator = node.get("initiator-name")
    source.auth = _auth(node, "user", "password-secret", "iscsi")
    return source


def _rbd(node: Node) -> Source | None:
    pool, image = node.get("pool"), node.get("image")
    if not pool or not image:
        return None
    hosts = [_monitor(item) for item in node.listed("server")]
    source = NetworkSource(protocol="rbd", name=f"{pool}/{image}", hosts=hosts)
    source.snapshot, source.config = node.get("snapshot"), node.get("conf")
    for number in range(2):
        node.ignore(f"auth-client-required.{number}", "cephx", "none")
    source.auth = _auth(node, "user", "key-secret", "ceph")
    source.rear.encryption = _rbd_encryption(node)
    return source


def _monitor(node: Node) -> Host:
    """RBD's library finds the port 0 itself."""
    name, port = node.get("host"), node.get("port")
    return Host(name=name, port=None if port in (None, "0") else port)


def _rbd_encryption(node: Node) -> Encryption | None:
    """One passphrase a layer: the image's own first, then those of the images that it was cloned from."""
    found: Encryption | None = None
    layer = "encrypt"
    while node.has_inside(layer):
        inside = node.inside(layer)
        found = found or Encryption(format=inside.peek("format"), engine="librbd")
        inside.ignore("format", found.format or "luks")
        found.secrets.append(Secret(type="passphrase", usage=node.graph.secret(inside.get("key-secret"))))
        layer += ".parent"
    return found


def _gluster(node: Node) -> Source | None:
    node.ignore("debug")
    volume, path = node.get("volume"), node.get("path")
    hosts = [_server(item, "gluster") for item in node.listed("server")]
    known = [host for host in hosts if host is not None]
    if not volume or not path or len(known) != len(hosts):
        return None
    return NetworkSource(protocol="gluster", name=f"{volume}/{path}", hosts=known)


def _ssh(node: Node) -> Source | None:
    """A user needs a key or password in the XML, and neither is on the line: a node with one is not read to its end."""
    host = _server(node.inside("server"), "ssh")
    name = node.get("path")
    if host is None or not name:
        return None
    return NetworkSource(protocol="ssh", name=name, hosts=[host])


def _nfs(node: Node) -> Source | None:
    host = _server(node.inside("server"), "nfs")
    name = node.get("path")
    if host is None or not name:
        return None
    source = NetworkSource(protocol="nfs", name=name, hosts=[host])
    user, group = node.get("user", integer), node.get("group", integer)
    if user is not None or group is not None:
        source.identity = Identity(user=_numeric(user), group=_numeric(group))
    return source


def _numeric(number: int | None) -> str | None:
    """A number with a plus before it, so that nobody looks for a user of that name."""
    return None if number is None else f"+{number}"


DRIVERS: Final[Mapping[str, Callable[[Node], Source | None]]] = {
    "file": _file, "host_device": _block, "host_cdrom": _block, "vvfat": _directory, "nvme": _nvme, "nbd": _nbd,
    "virtio-blk-vhost-vdpa": _vdpa, "iscsi": _iscsi, "rbd": _rbd, "gluster": _gluster, "ssh": _ssh, "nfs": _nfs,
    **dict.fromkeys(sorted(CURL), _curl),
}  # fmt: skip
"""The drivers of storage nodes that domain XML has a source for."""
