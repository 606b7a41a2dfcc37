"""How QEMU opens an image: the properties of its storage node, ``"driver":"nbd","server":{"type":"unix",…},"export":"vol"``.

The same properties stand in ``-blockdev`` and, behind ``file.``, in ``-drive``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from qemuxml.common.addresses import PciAddress
from qemuxml.common.source import NvmeSource, VhostVdpaSource
from qemuxml.common.storage import PORTS, BlockSource, DirSource, FileSource, Host, NetworkSource, Source
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.props import Pair


def pairs(source: Source, name: str) -> Iterator[Pair]:
    """The properties of a source; ``name`` begins the ids of its secrets (``libvirt-1``).

    Raises UnsupportedError for what QEMU cannot open.
    """
    match source:
        case FileSource():
            yield from (("driver", "file"), ("filename", source.file or ""))
        case BlockSource():
            yield from (("driver", "host_device"), ("filename", source.dev or ""))
        case DirSource():
            yield from (("driver", "vvfat"), ("dir", source.dir or ""), ("floppy", False), ("rw", False))
        case NvmeSource():
            yield from (("driver", "nvme"), ("device", _pci(source.address)), ("namespace", source.namespace or 0))
        case VhostVdpaSource():
            yield from (("driver", "virtio-blk-vhost-vdpa"), ("path", source.dev or ""))
        case NetworkSource(protocol=str(protocol)) if protocol in _PROTOCOLS:
            yield from _PROTOCOLS[protocol](source, name)
        case NetworkSource():
            raise UnsupportedError(f"<source protocol='{source.protocol}'>: QEMU opens no image by this protocol")
        case _:
            raise UnsupportedError("<source>: only libvirt knows what a volume of a storage pool is")


def auth_id(name: str) -> str:
    """The secret with which QEMU logs in to a storage server."""
    return f"{name}-storage-auth-secret0"


def encryption_id(name: str, number: int, layer: str = "format") -> str:
    """The secret of an encrypted image."""
    return f"{name}-{layer}-encryption-secret{number}"


def cookie_id(name: str) -> str:
    """The secret that holds the cookies of a web server."""
    return f"{name}-storage-httpcookie-secret0"


def tls_id(name: str) -> str:
    """The credentials of an encrypted connection."""
    return f"obj{name}-storage_tls0"


def port(source: NetworkSource, host: Host) -> str:
    """The port of a server, or its protocol's own."""
    return host.port if host.port not in (None, "0") else PORTS.get(source.protocol or "", "0")


def cookies(source: NetworkSource) -> str:
    """``a=b; c=d``."""
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in source.cookies)


def one_host(source: NetworkSource) -> Host:
    """The only server. Raises DomainXmlError if there is none, or more than one."""
    if len(source.hosts) != 1:
        raise DomainXmlError(f"<source protocol='{source.protocol}'>: there must be exactly one <host>")
    return source.hosts[0]


def _pci(address: PciAddress | None) -> str:
    place = address or PciAddress()
    return f"{place.domain or 0:04x}:{place.bus or 0:02x}:{place.slot or 0:02x}.{place.function or 0:x}"


def _bracketed(name: str | None) -> str:
    return f"[{name}]" if name and ":" in name else name or ""


def _inet_or_unix(source: NetworkSource, host: Host, prefix: str) -> Iterator[Pair]:
    if host.transport == "unix":
        yield from ((f"{prefix}.type", "unix"), (f"{prefix}.path", host.socket or ""))
    elif host.transport == "rdma":
        raise UnsupportedError("<host transport='rdma'>: QEMU supports this transport no longer")
    else:
        yield from ((f"{prefix}.type", "inet"), (f"{prefix}.host", host.name or ""), (f"{prefix}.port", port(source, host)))


def _nbd(source: NetworkSource, name: str) -> Iterator[Pair]:
    yield "driver", "nbd"
    yield from _inet_or_unix(source, one_host(source), "server")
    if source.name:
        yield "export", source.name
    if source.tls:
        yield "tls-creds", tls_id(name)
    if source.tls_hostname:
        yield "tls-hostname", source.tls_hostname
    if source.reconnect_delay:
        yield "reconnect-delay", source.reconnect_delay


def _curl(source: NetworkSource, name: str) -> Iterator[Pair]:
    host = one_host(source)
    from urllib.parse import quote  # noqa: PLC0415 - few images come from the web

    path = quote((source.name or "").removeprefix("/"), safe="/:@!$&'()*+,;=-._~")
    of_web = source.protocol in ("http", "https")
    query = f"?{source.query}" if source.query and of_web else ""
    server = "+unix://" if host.transport == "unix" else f"://{_bracketed(host.name)}:{port(source, host)}"
    yield "driver", source.protocol or ""
    yield "url", f"{source.protocol}{server}/{path}{query}"
    if source.auth:
        yield from (("username", source.auth.username or ""), ("password-secret", auth_id(name)))
    if source.ssl_verify is not None and source.protocol in ("https", "ftps"):
        yield "sslverify", source.ssl_verify
    if source.cookies and of_web:
        yield "cookie-secret", cookie_id(name)
    if source.timeout:
        yield "timeout", source.timeout
    if source.readahead:
        yield "readahead", source.readahead


def _iscsi(source: NetworkSource, name: str) -> Iterator[Pair]:
    host = one_host(source)
    target, _, unit = (source.name or "").partition("/")
    if not (unit or "0").isdecimal():
        raise DomainXmlError(f"<source protocol='iscsi' name='{source.name}'>: '{unit}' is not the number of a logical unit")
    yield "driver", "iscsi"
    yield "portal", f"{_bracketed(host.name)}:{port(source, host)}"
    yield from (("target", target), ("lun", int(unit or 0)), ("transport", "tcp"))
    if source.auth:
        yield from (("user", source.auth.username or ""), ("password-secret", auth_id(name)))
    if source.initiator:
        yield "initiator-name", source.initiator


def _rbd(source: NetworkSource, name: str) -> Iterator[Pair]:
    pool, slash, image = (source.name or "").partition("/")
    if not slash:
        raise DomainXmlError(f"<source protocol='rbd' name='{source.name}'>: the name is POOL/IMAGE")
    yield from (("driver", "rbd"), ("pool", pool), ("image", image))
    if source.snapshot:
        yield "snapshot", source.snapshot
    if source.config:
        yield "conf", source.config
    for number, host in enumerate(source.hosts):
        yield from ((f"server.{number}.host", host.name or ""), (f"server.{number}.port", port(source, host)))
    yield from _rbd_encryption(source, name)
    if source.auth:
        yield from (("user", source.auth.username or ""), ("auth-client-required.0", "cephx"), ("auth-client-required.1", "none"))
        yield "key-secret", auth_id(name)


def _rbd_encryption(source: NetworkSource, name: str) -> Iterator[Pair]:
    """The library opens layers of encryption: the image's own first, then those of the images that it was cloned from."""
    encryption = source.rear.encryption
    if encryption is None or encryption.engine != "librbd":
        return
    prefix = "encrypt"
    for number in range(len(encryption.secrets)):
        yield f"{prefix}.format", encryption.format or "luks"
        yield f"{prefix}.key-secret", encryption_id(name, number, "storage")
        prefix += ".parent"


def _gluster(source: NetworkSource, _: str) -> Iterator[Pair]:
    volume, slash, path = (source.name or "").removeprefix("/").partition("/")
    if not slash:
        raise DomainXmlError(f"<source protocol='gluster' name='{source.name}'>: the name is VOLUME/PATH")
    yield from (("driver", "gluster"), ("volume", volume), ("path", path))
    for number, host in enumerate(source.hosts):
        yield from _inet_or_unix(source, host, f"server.{number}")
    yield "debug", _GLUSTER_LOG


_GLUSTER_LOG = 4
"""The verbosity that libvirt's configuration asks for from the start."""


def _ssh(source: NetworkSource, _: str) -> Iterator[Pair]:
    host = one_host(source)
    if host.transport == "unix":
        raise UnsupportedError("<host transport='unix'>: SSH has no such transport")
    yield from (("driver", "ssh"), ("path", source.name or ""))
    yield from (("server.host", host.name or ""), ("server.port", port(source, host)))
    user = source.identity.username if source.identity else source.auth.username if source.auth else None
    if user:
        yield "user", user


def _nfs(source: NetworkSource, _: str) -> Iterator[Pair]:
    yield from (("driver", "nfs"), ("server.host", one_host(source).name or ""), ("server.type", "inet"))
    yield "path", source.name or ""
    if source.identity and source.identity.user:
        yield "user", _number(source.identity.user, "user")
    if source.identity and source.identity.group:
        yield "group", _number(source.identity.group, "group")


def _number(text: str, what: str) -> int:
    digits = text.removeprefix("+")
    if digits.isdecimal():
        return int(digits)
    if text == "root":
        return 0
    raise UnsupportedError(f"<identity {what}='{text}'>: only the host knows the number of this {what}")


Describe = Callable[[NetworkSource, str], Iterable[Any]]
_PROTOCOLS: Final[Mapping[str, Describe]] = {
    "nbd": _nbd, "iscsi": _iscsi, "rbd": _rbd, "gluster": _gluster, "ssh": _ssh, "nfs": _nfs,
    **dict.fromkeys(("http", "https", "ftp", "ftps"), _curl),
}  # fmt: skip
