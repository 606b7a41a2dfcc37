"""Character devices read back: ``-chardev socket,id=c0,path=/tmp/s,server=on,wait=off`` is ``<source mode='bind' …/>``.

libvirt's own lines name descriptors where it opened the file or socket itself: the name is not on the line, and is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from qemuxml.common import reconnect
from qemuxml.common.chardev import Chardev, Source
from qemuxml.common.piece import Piece
from qemuxml.common.tls import PKI
from qemuxml.mapping.context import Reading


def follow(piece: Piece, key: str = "chardev") -> Chardev | None:
    """The host side that a device's ``chardev`` names, with the credentials that it needs.

    None if there is no such open option, or domain XML has no word for its kind; then the device stays open too.
    """
    backend = piece.follow(key, "-chardev", "backend")
    return read(backend) if backend else None


def read(backend: Piece) -> Chardev | None:
    """The host side that a ``-chardev`` is; None for a kind that domain XML has no word for."""
    if "backend.type" in backend.values:
        backend.values = backend.values.renamed(_NESTED)
    values = backend.values
    values.get("id")
    take = _TAKERS.get(values.get("backend") or "")
    made = take(backend) if take else None
    if made is None:
        return None
    made.log = values.get("logfile", backend.reading.path)
    made.log_append = values.flag("logappend")
    if values.flag("mux"):
        backend.reading.note("mux: libvirt has a monitor of its own, the device has its host side for itself", values.span)
    _forget_wrapping(made)
    return made


def _forget_wrapping(made: Chardev) -> None:
    # Through a descriptor of its log daemon libvirt's QEMU can but append, whatever the guest's XML says.
    for path, source in ((source.path or "", source) for source in made.sources):
        if path.startswith(_DESCRIPTORS):
            source.append = None
    if (made.log or "").startswith(_DESCRIPTORS):
        made.log_append = None


_DESCRIPTORS: Final = "/dev/fdset/"


_NESTED: Final = {
    "backend.type": "backend", "backend.data.device": "path", "backend.data.out": "path", "backend.data.fqdn": "name",
    "backend.data.name": "name", "backend.data.type": "name", "backend.data.addr.type": "addr.type",
    "backend.data.addr.data.host": "host", "backend.data.addr.data.port": "port", "backend.data.addr.data.path": "path",
    "backend.data.addr.data.str": "fd", "backend.data.remote.type": "addr.type", "backend.data.local.type": "addr.type",
    "backend.data.remote.data.host": "host", "backend.data.remote.data.port": "port",
    "backend.data.local.data.host": "localaddr", "backend.data.local.data.port": "localport",
    **{f"backend.data.{name}": name for name in (
        "append", "server", "wait", "telnet", "reconnect", "reconnect-ms", "tls-creds", "clipboard", "mouse",
        "logfile", "logappend",
    )},
}  # fmt: skip
"""Where the nested spelling of QEMU's newest ``-chardev`` keeps what the flat one names."""


def _plain(name: str) -> Callable[[Piece], Chardev]:
    return lambda _: Chardev(type=name)


def _stdio(backend: Piece) -> Chardev:
    """A terminal of its own instead of the one that QEMU was started from; libvirt's lines mean its log."""
    backend.values.flag("signal")
    if re.fullmatch("char(serial|console|channel|parallel)[0-9]+", backend.values.peek("id") or ""):
        return Chardev(type="stdio")
    backend.replaced("libvirt's guests have no terminal: it becomes a pty, which virsh console shows")
    return Chardev(type="pty")


def _file(backend: Piece) -> Chardev:
    values = backend.values
    source = Source(path=values.get("path", backend.reading.path), append=values.flag("append"))
    return Chardev(type="file", sources=[source])


def is_terminal(path: str) -> bool:
    """Whether a device is the terminal of whoever started QEMU: the next start has another."""
    return bool(re.fullmatch(r"/dev/(pts/[0-9]+|tty)", path))


def _tty(backend: Piece) -> Chardev:
    path = backend.values.get("path", backend.reading.path)
    if is_terminal(path or ""):
        backend.replaced("a terminal of that launch: it becomes a pty, which virsh console shows")
        return Chardev(type="pty")
    return Chardev(type="dev", sources=[Source(path=path)])


def _path(kind: str) -> Callable[[Piece], Chardev]:
    return lambda backend: Chardev(type=kind, sources=[Source(path=backend.values.get("path", backend.reading.path))])


def _socket(backend: Piece) -> Chardev | None:
    values = backend.values
    source = Source(mode="bind" if values.flag("server") else "connect")
    values.flag("wait")
    values.get("addr.type")
    source.reconnect = reconnect.read(values)
    if "host" in values or "port" in values:
        source.host, source.service = values.get("host") or default_host(source.mode), values.get("port")
        source.tls = _tls(backend)
        return Chardev(type="tcp", sources=[source], protocol="telnet" if values.flag("telnet") else "raw")
    if "fd" in values:
        values.get("fd")
        return Chardev(type="unix", sources=[Source()])
    source.path = values.get("path", backend.reading.path)
    return Chardev(type="unix", sources=[source]) if source.path else None


def default_host(mode: str | None) -> str:
    """Where QEMU listens if no host is named: everywhere; a client asks its own host."""
    return "0.0.0.0" if mode == "bind" else "127.0.0.1"  # noqa: S104 - it is what the line asks for


def _tls(backend: Piece) -> bool | None:
    """Whether credentials of libvirt's own folder wrap the connection; others have no word in domain XML."""
    credentials = backend.follow("tls-creds", "-object", "qom-type")
    if credentials is None:
        return None
    values = credentials.values
    secret = credentials.follow("passwordid", "-object", "qom-type")
    if secret is not None:
        for key in ("qom-type", "id", "data", "keyid", "iv", "format"):
            secret.values.get(key)
    for key in ("qom-type", "id", "endpoint", "verify-peer"):
        values.get(key)
    if values.peek("dir") == f"{PKI}/libvirt-chardev":
        values.get("dir")
    return True


def _udp(backend: Piece) -> Chardev:
    values = backend.values
    values.every("addr.type")
    sources = [Source(mode="connect", host=values.get("host") or None, service=values.get("port"))]
    local, port = values.get("localaddr") or None, values.get("localport")
    if local or port not in (None, "0"):
        sources.insert(0, Source(mode="bind", host=local, service=None if port == "0" else port))
    return Chardev(type="udp", sources=sources)


def _spicevmc(backend: Piece) -> Chardev:
    """The name follows from what the device is for."""
    if backend.values.peek("name") in _SPICE_NAMES:
        backend.values.get("name")
    return Chardev(type="spicevmc")


_SPICE_NAMES: Final = ("vdagent", "usbredir", "smartcard")


def _named(kind: str) -> Callable[[Piece], Chardev]:
    return lambda backend: Chardev(type=kind, sources=[Source(channel=backend.values.get("name"))])


def _vdagent(backend: Piece) -> Chardev:
    values = backend.values
    if values.peek("name") in _SPICE_NAMES:
        values.get("name")
    source = Source(clipboard=values.flag("clipboard"))
    mouse = values.flag("mouse")
    source.mouse = None if mouse is None else "client" if mouse else "server"
    return Chardev(type="qemu-vdagent", sources=[] if source == Source() else [source])


_TAKERS: Final[Mapping[str, Callable[[Piece], Chardev | None]]] = {
    "null": _plain("null"), "vc": _plain("vc"), "pty": _plain("pty"), "stdio": _stdio, "file": _file, "pipe": _path("pipe"),
    "serial": _tty, "tty": _tty, "parallel": _path("dev"), "parport": _path("dev"), "socket": _socket,
    "udp": _udp, "spicevmc": _spicevmc, "spiceport": _named("spiceport"), "dbus": _named("dbus"), "qemu-vdagent": _vdagent,
}  # fmt: skip


def generated(made: Chardev, alias: str, reading: Reading, piece: Piece) -> None:
    """Give a socket that came as a descriptor a path: libvirt opened it, and the path is not on the line."""
    source = made.source()
    if made.type == "unix" and source.mode is None and source.path is None:
        name = reading.domain.identity.name or "guest"
        made.sources = [Source(mode="bind", path=f"/run/libvirt/qemu/{name}-{alias}.sock")]
        piece.guessed("the socket came as a descriptor: its path is not on the line")
