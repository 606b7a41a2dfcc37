"""Where an image lies: ``file=nbd:unix:/run/nbd.sock:exportname=bar`` is ``<source protocol='nbd' name='bar'>`` with its host.

The names of images are QEMU's: a path, ``PROTOCOL:…`` in a form of the protocol's own, or a URI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from qemuxml.cmdline.words import unsound
from qemuxml.common.source import (
    CHAIN,
    SOURCES,
    STARTUP,
    BackingStore,
    Cookie,
    Identity,
    NvmeSource,
    Rear,
    Secret,
    Tail,
    VhostUserSource,
    VhostVdpaSource,
    VolumeSource,
)
from qemuxml.errors import UnsupportedError
from qemuxml.later import later
from qemuxml.mapping.codecs import UINT32, UINT64, YES_NO
from qemuxml.mapping.xml import attr, child, children, group
from qemuxml.record import record

PORTS: Final[Mapping[str, str]] = {
    "nbd": "10809", "http": "80", "https": "443", "ftp": "21", "ftps": "990", "tftp": "69", "ssh": "22", "iscsi": "3260",
    "gluster": "24007", "sheepdog": "7000", "rbd": "0",
}  # fmt: skip
"""The port of a server that names none; RBD's library finds its own."""

CURL: Final = frozenset({"http", "https", "ftp", "ftps", "tftp"})
"""Protocols that QEMU speaks by way of a URL."""


@record(kw_only=True)
class Auth:
    """Who logs in to a storage server."""

    username: str | None = attr("@username")
    secret: Secret | None = child("secret", Secret)


@record(kw_only=True)
class Host:
    """One server: by name and port, or by the path of its socket."""

    transport: str | None = attr("@transport")
    name: str | None = attr("@name")
    port: str | None = attr("@port")
    socket: str | None = attr("@socket")


@record(kw_only=True)
class FileSource:
    """An image file."""

    file: str | None = attr("@file")
    fdgroup: str | None = attr("@fdgroup")
    startup_policy: str | None = attr("@startupPolicy", STARTUP)
    tail: Tail = group(Tail)
    rear: Rear = group(Rear)


@record(kw_only=True)
class BlockSource:
    """A block device of the host."""

    dev: str | None = attr("@dev")
    startup_policy: str | None = attr("@startupPolicy", STARTUP)
    tail: Tail = group(Tail)
    rear: Rear = group(Rear)


@record(kw_only=True)
class DirSource:
    """A directory that QEMU shows as a FAT disk."""

    dir: str | None = attr("@dir")
    startup_policy: str | None = attr("@startupPolicy", STARTUP)
    tail: Tail = group(Tail)
    rear: Rear = group(Rear)


@record(kw_only=True)
class NetworkSource:
    """An image on a server."""

    protocol: str | None = attr("@protocol", required=True)
    name: str | None = attr("@name")
    query: str | None = attr("@query")
    tls: bool | None = attr("@tls", YES_NO)
    tls_hostname: str | None = attr("@tlsHostname")
    startup_policy: str | None = attr("@startupPolicy", STARTUP)
    hosts: list[Host] = children("host", Host)
    snapshot: str | None = attr("snapshot@name")
    config: str | None = attr("config@file")
    initiator: str | None = attr("initiator/iqn@name")
    ssl_verify: bool | None = attr("ssl@verify", YES_NO)
    cookies: list[Cookie] = children("cookies/cookie", Cookie)
    readahead: int | None = attr("readahead@size", UINT64)
    timeout: int | None = attr("timeout@seconds", UINT64)
    reconnect_delay: int | None = attr("reconnect@delay", UINT32)
    known_hosts: str | None = attr("knownHosts@path")
    identity: Identity | None = child("identity", Identity)
    tail: Tail = group(Tail)
    auth: Auth | None = child("auth", Auth)
    rear: Rear = group(Rear)


Source = FileSource | BlockSource | DirSource | NetworkSource | VolumeSource | NvmeSource | VhostUserSource | VhostVdpaSource
SOURCES.update(
    {
        "file": FileSource,
        "block": BlockSource,
        "dir": DirSource,
        "network": NetworkSource,
        "volume": VolumeSource,
        "nvme": NvmeSource,
        "vhostuser": VhostUserSource,
        "vhostvdpa": VhostVdpaSource,
    }
)
CHAIN.update(dict.fromkeys((*SOURCES, "None"), BackingStore))

USAGE: Final = "qemuargv2xml_usage"
"""The name of the secret that libvirt's own command printed: a command line holds the secret, but no name for it."""


@record(frozen=True)
class Image:
    """An image's name read: the disk's type, its source, the format that the name implies, and ``<auth>`` beside the source.

    ``unsaid`` are the settings in the name that domain XML has no word for.
    """

    type: str
    source: Source
    format: str | None = None
    auth: Auth | None = None
    unsaid: tuple[str, ...] = ()


_unquote: Final = later("urllib.parse:unquote")
_urlsplit: Final = later("urllib.parse:urlsplit")
_parse_qs: Final = later("urllib.parse:parse_qs")


def read(name: str) -> Image:
    """What QEMU opens under that name. Raises ValueError for a name that its protocol does not allow."""
    odd = unsound(_unquote(name) if "%" in name else name)
    if odd:
        raise ValueError(f"holds the character U+{ord(odd[0]):04X}, which cannot stand in XML")
    protocol, colon, rest = name.partition(":")
    scheme, _, transport = protocol.partition("+")
    if colon and scheme in _PROTOCOLS:
        return _PROTOCOLS[scheme](rest) if not rest.startswith("//") else _uri(name, scheme, transport)
    if colon and rest.startswith("//") and scheme in _URIS:
        return _uri(name, scheme, transport)
    name = rest if protocol == "file" and colon else name
    if name.startswith("/dev/"):
        return Image("block", BlockSource(dev=name))
    return Image("file", FileSource(file=name))


def _nbd(text: str) -> Image:
    """``HOST:PORT[:exportname=NAME]`` or ``unix:PATH[:exportname=NAME]``."""
    place, _, export = text.partition(":exportname=")
    host = Host(transport="unix", socket=place[5:]) if place.startswith("unix:") else server(place, _NBD_PORT)
    return Image("network", NetworkSource(protocol="nbd", name=export or None, hosts=[host]))


def _sheepdog(text: str) -> Image:
    """``IMAGE`` or ``HOST:PORT:IMAGE``."""
    parts = text.split(":", 2)
    if len(parts) != 3 or not parts[2]:
        return Image("network", NetworkSource(protocol="sheepdog", name=text))
    host = Host(name=parts[0] or None, port=port_number(parts[1]))
    return Image("network", NetworkSource(protocol="sheepdog", name=parts[2], hosts=[host]))


_RBD_SILENT = frozenset({"auth_supported", "auth_client_required", "auth_cluster_required", "auth_service_required"})
"""Settings that follow from whether there is a user."""


def _rbd(text: str) -> Image:
    r"""``POOL/IMAGE[@SNAPSHOT][:KEY=VALUE]…``, where a backslash keeps a ``:`` or ``;`` from its meaning."""
    image, *settings = _split(text, ":")
    name, _, snapshot = image.partition("@")
    source = NetworkSource(protocol="rbd", name=_plain(name), snapshot=_plain(snapshot) or None)
    unsaid = []
    for setting in settings:
        key, _, value = setting.partition("=")
        if key == "mon_host":
            source.hosts += [server(_plain(item), _CEPH_PORT) for item in re.split(r"\\?[;,]", value) if item]
        elif key == "conf":
            source.config = _plain(value)
        elif key == "id":
            source.auth = Auth(username=_plain(value), secret=Secret(type="ceph", usage=USAGE))
        elif key not in _RBD_SILENT:
            unsaid.append(key)
    return Image("network", source, unsaid=tuple(unsaid))


_FAT = frozenset({"floppy", "rw", "16", "32", "12"})


def _fat(text: str) -> Image:
    """``[floppy:][rw:]DIRECTORY``; libvirt lets the guest only read. QEMU passes over words that it does not know."""
    given, _, directory = text.rpartition(":")
    unsaid = tuple(word for word in given.split(":") if word in _FAT or word.startswith("label="))
    return Image("dir", DirSource(dir=directory), format="fat", unsaid=unsaid)


_PROTOCOLS = {"nbd": _nbd, "rbd": _rbd, "sheepdog": _sheepdog, "fat": _fat}
_URIS = frozenset({"nbd", "sheepdog", "gluster", "iscsi", "http", "https", "ftp", "ftps", "tftp", "ssh"})
_TRANSPORTS = frozenset({"", "tcp", "unix", "rdma"})
_NBD_PORT, _CEPH_PORT = "10809", "6789"


def _uri(name: str, protocol: str, transport: str) -> Image:
    if transport not in _TRANSPORTS:
        raise ValueError(f"has the unknown transport '{transport}'")
    parts = _urlsplit(name)
    path = _unquote(parts.path).removeprefix("/")
    login, at, place = parts.netloc.rpartition("@")
    query = _parse_qs(parts.query)
    source = NetworkSource(protocol=protocol, name=path or None, hosts=[_uri_host(place, protocol, transport, query)])
    if protocol == "iscsi":
        # QEMU takes the first logical unit where the URI names none, and libvirt writes that out.
        source.name = path if "/" in path else f"{path}/0"
    user, colon, _ = login.partition(":") if at else ("", "", "")
    unsaid = (*(key for key in query if key != "socket"), *(("password",) if colon else ()))
    auth = _login(protocol, _unquote(user).partition("%")[0]) if user else None
    return Image("network", source, auth=auth, unsaid=unsaid if auth or not user else (*unsaid, "user"))


def _login(protocol: str, user: str) -> Auth | None:
    """Who logs in; libvirt knew users of iSCSI only, and needs a secret for them."""
    return Auth(username=user, secret=Secret(type="iscsi", usage=USAGE)) if protocol == "iscsi" else None


def _uri_host(place: str, protocol: str, transport: str, query: Mapping[str, list[str]]) -> Host:
    if transport == "unix":
        if not query.get("socket"):
            raise ValueError("names no socket=")
        return Host(transport="unix", socket=query["socket"][0])
    host = server(_unquote(place), _NBD_PORT if protocol == "nbd" else None)
    host.transport = transport if transport == "rdma" else None
    return host


def server(text: str, default_port: str | None = None) -> Host:
    """``HOST``, ``HOST:PORT`` or ``[IPV6]:PORT``."""
    found = re.fullmatch(r"(?:\[([^\]]*)\]|([^:\[\]]*))(?::(.*))?", text, re.DOTALL)
    if not found:
        raise ValueError(f"has '{text[:60]}' where HOST:PORT should stand")
    port = port_number(found[3]) if found[3] else default_port
    return Host(name=found[1] or found[2] or None, port=port)


def port_number(text: str) -> str:
    """A TCP port. Raises ValueError for what is none."""
    if not re.fullmatch("[0-9]{1,5}", text) or not 0 < int(text) <= 65535:
        raise ValueError(f"has '{text[:20]}' where a port from 1 to 65535 should stand")
    return text


def _split(text: str, separator: str) -> list[str]:
    return re.findall(rf"(?:[^\\{separator}]|\\.|\\\Z)+", text, re.DOTALL) or [""]


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def apply_ceph_arguments(source: NetworkSource, arguments: str) -> None:
    """The monitors of the variable ``CEPH_ARGS`` (``-m mon1:6321,mon2``), for an RBD image that names none itself.

    Raises ValueError for monitors of another form.
    """
    found = re.search(r"(?:^|\s)(?:-m|--mon-host|--mon_host)[\s=]*((?:[^\s,;]+(?:\s*[,;]\s*|(?=\s|$)))+)", arguments)
    if found and not source.hosts and source.config is None:
        source.hosts = [server(item.strip(), _CEPH_PORT) for item in re.split("[,;]", found[1]) if item.strip()]


# ------------------------------------------------------------------ writing


def write(source: Source | None) -> str:
    """The image's name for QEMU 0.9. Raises UnsupportedError for a protocol that it lacked."""
    match source:
        case None:
            return ""
        case FileSource():
            return source.file or ""
        case BlockSource():
            return source.dev or ""
        case DirSource():
            return f"fat:{source.dir}"
        case NetworkSource(protocol="nbd", hosts=[host], name=None):
            return f"nbd:unix:{host.socket}" if host.transport == "unix" else f"nbd:{host.name or ''}:{host.port or _NBD_PORT}"
        case NetworkSource(protocol="nbd"):
            raise UnsupportedError("QEMU 0.9 opens no NBD export by name: <source name='…'>")
        case NetworkSource():
            raise UnsupportedError(f"QEMU 0.9 opens no image by protocol '{source.protocol}'")
    raise UnsupportedError("QEMU 0.9 opens images by their names only")
