"""Where an image lies: ``file=nbd:unix:/run/nbd.sock:exportname=bar`` is ``<source protocol='nbd' name='bar'>`` with its host.

The names of images are QEMU's: a path, ``PROTOCOL:…`` in a form of the protocol's own, or a URI.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from qemuxml.common.source import (
    CHAIN,
    SOURCES,
    STARTUP,
    BackingStore,
    Cookie,
    Identity,
    NvmeSource,
    Rear,
    Reconnect,
    Tail,
    VhostUserSource,
    VhostVdpaSource,
    VolumeSource,
)
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.codecs import INT, YES_NO
from qemuxml.mapping.xml import attr, child, children, group


@dataclass(kw_only=True)
class Secret:
    """Where libvirt finds the password of an ``<auth>``."""

    type: str | None = attr("@type")
    usage: str | None = attr("@usage")
    uuid: str | None = attr("@uuid")


@dataclass(kw_only=True)
class Auth:
    """Who logs in to a storage server."""

    username: str | None = attr("@username")
    secret: Secret | None = child("secret", Secret)


@dataclass(kw_only=True)
class Host:
    """One server: by name and port, or by the path of its socket."""

    transport: str | None = attr("@transport")
    name: str | None = attr("@name")
    port: str | None = attr("@port")
    socket: str | None = attr("@socket")


@dataclass(kw_only=True)
class FileSource:
    """An image file."""

    file: str | None = attr("@file")
    fdgroup: str | None = attr("@fdgroup")
    startup_policy: str | None = attr("@startupPolicy", STARTUP)
    tail: Tail = group(Tail)
    rear: Rear = group(Rear)


@dataclass(kw_only=True)
class BlockSource:
    """A block device of the host."""

    dev: str | None = attr("@dev")
    startup_policy: str | None = attr("@startupPolicy", STARTUP)
    tail: Tail = group(Tail)
    rear: Rear = group(Rear)


@dataclass(kw_only=True)
class DirSource:
    """A directory that QEMU shows as a FAT disk."""

    dir: str | None = attr("@dir")
    startup_policy: str | None = attr("@startupPolicy", STARTUP)
    tail: Tail = group(Tail)
    rear: Rear = group(Rear)


@dataclass(kw_only=True)
class NetworkSource:
    """An image on a server."""

    protocol: str | None = attr("@protocol")
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
    readahead: int | None = attr("readahead@size", INT)
    timeout: int | None = attr("timeout@seconds", INT)
    reconnect: Reconnect | None = child("reconnect", Reconnect)
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


@dataclass(frozen=True, slots=True)
class Image:
    """An image's name read: the disk's type, its source, the format that the name implies, and ``<auth>`` beside the source."""

    type: str
    source: Source
    format: str | None = None
    auth: Auth | None = None


def read(name: str) -> Image:
    """What QEMU opens under that name. Raises ValueError for a name that its protocol does not allow."""
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
    if place.startswith("unix:"):
        host = Host(transport="unix", socket=place.removeprefix("unix:"))
    else:
        host = _host(place)
        host.port = host.port or "10809"
    return Image("network", NetworkSource(protocol="nbd", name=export or None, hosts=[host]))


def _sheepdog(text: str) -> Image:
    """``IMAGE`` or ``HOST:PORT:IMAGE``."""
    host, _, rest = text.partition(":")
    port, _, image = rest.partition(":")
    hosts = [Host(name=host, port=port)] if image else []
    return Image("network", NetworkSource(protocol="sheepdog", name=image or text, hosts=hosts))


def _rbd(text: str) -> Image:
    r"""``POOL/IMAGE[@SNAPSHOT][:KEY=VALUE]…``, where a backslash keeps a ``:`` or ``;`` from its meaning."""
    image, *settings = _split(text, ":")
    name, _, snapshot = image.partition("@")
    source = NetworkSource(protocol="rbd", name=_plain(name), snapshot=_plain(snapshot) or None)
    for setting in settings:
        key, _, value = setting.partition("=")
        if key == "mon_host":
            source.hosts += [_host(_plain(item)) for item in re.split(r"\\?;", value) if item]
        elif key == "conf":
            source.config = _plain(value)
        elif key == "id":
            source.auth = Auth(username=_plain(value), secret=Secret(type="ceph", usage=USAGE))
    return Image("network", source)


def _fat(text: str) -> Image:
    """``[floppy:][rw:]DIRECTORY``."""
    return Image("dir", DirSource(dir=re.sub(r"^(?:floppy:|rw:|16:|32:|12:)*", "", text)), format="fat")


_PROTOCOLS = {"nbd": _nbd, "rbd": _rbd, "sheepdog": _sheepdog, "fat": _fat}
_URIS = frozenset({"gluster", "iscsi", "http", "https", "ftp", "ftps", "tftp", "ssh"})


def _uri(name: str, protocol: str, transport: str) -> Image:
    parts = urlsplit(name)
    path = unquote(parts.path).removeprefix("/")
    hosts = [_uri_host(parts, transport)]
    source = NetworkSource(protocol=protocol, name=path or None, hosts=hosts)
    if protocol == "nbd" and transport != "unix":
        hosts[0].port = hosts[0].port or "10809"
    if protocol == "iscsi":
        # QEMU takes the first logical unit where the URI names none, and libvirt writes that out.
        source.name = path if "/" in path else f"{path}/0"
        if parts.username:
            secret = Secret(type="iscsi", usage=USAGE)
            return Image("network", source, auth=Auth(username=unquote(parts.username), secret=secret))
    return Image("network", source)


def _uri_host(parts: SplitResult, transport: str) -> Host:
    if transport == "unix":
        return Host(transport="unix", socket=(parse_qs(parts.query).get("socket") or [""])[0])
    port = parts.port
    return Host(transport=transport if transport == "rdma" else None, name=parts.hostname,
                port=str(port) if port else None)  # fmt: skip


def _host(text: str) -> Host:
    """``HOST``, ``HOST:PORT`` or ``[IPV6]:PORT``."""
    found = re.fullmatch(r"(?:\[([^\]]*)\]|([^:\[\]]*))(?::([0-9]+))?", text)
    if not found:
        raise ValueError(f"has '{text}' where HOST:PORT should stand")
    return Host(name=found[1] or found[2] or None, port=found[3])


def _split(text: str, separator: str) -> list[str]:
    return re.findall(rf"(?:[^\\{separator}]|\\.)+", text) or [""]


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def apply_ceph_arguments(source: NetworkSource, arguments: str) -> None:
    """The monitors of the variable ``CEPH_ARGS`` (``-m mon1:6321,mon2``), for an RBD image that names none itself."""
    found = re.search(r"(?:^|\s)(?:-m|--mon-host|--mon_host)[\s=]*([^\s]+)", arguments)
    if found and not source.hosts and source.config is None:
        source.hosts = [_host(item) for item in re.split("[,;]", found[1]) if item]


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
            return f"nbd:unix:{host.socket}" if host.transport == "unix" else f"nbd:{host.name or ''}:{host.port or 10809}"
        case NetworkSource():
            raise UnsupportedError(f"QEMU 0.9 opens no image by protocol '{source.protocol}'")
    raise UnsupportedError("QEMU 0.9 opens images by their names only")
