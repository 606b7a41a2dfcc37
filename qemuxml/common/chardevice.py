"""Character devices in QEMU's spelling of today: ``-chardev socket,id=charserial0,host=127.0.0.1,port=9999``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from qemuxml.cmdline.render import Words
from qemuxml.common import reconnect, sourcelabel
from qemuxml.common.chardev import Chardev, Source
from qemuxml.common.tls import credentials
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.context import Writing
from qemuxml.mapping.props import Pair, key_values

_TYPES: Final = frozenset(
    {"null", "vc", "pty", "stdio", "file", "pipe", "dev", "unix", "tcp", "udp", "spicevmc", "spiceport", "qemu-vdagent", "dbus"}
)


def backend_id(alias: str) -> str:
    """The id of the host side of a device."""
    return f"char{alias}"


def options(chardev: Chardev, alias: str, writing: Writing, *, usage: str = "", ident: str | None = None) -> Iterator[Words]:
    """The host side of the device ``alias``: credentials and descriptors that it needs, then ``-chardev``.

    ``ident`` is the id of one that another process must answer at once (vhost-user, swtpm). ``usage`` is what SPICE is told of
    the device (``vdagent``, ``usbredir``, ``smartcard``), "parallel" for a parallel port.
    """
    identifier = ident or backend_id(alias)
    if is_encrypted(chardev):
        yield "-object", credentials(f"obj{identifier}_tls0", "libvirt-chardev", server=is_server(chardev))
    made = _Backend(alias, identifier, usage, writing, patient=ident is None and not writing.by_libvirt)
    pairs = made.write(chardev)
    yield from made.descriptors
    yield "-chardev", f"{made.driver},{key_values(pairs)}"


def is_server(chardev: Chardev) -> bool:
    """Whether QEMU waits for a client; it does on a socket whose path libvirt generates."""
    source = chardev.source()
    return source.mode == "bind" or (chardev.type == "unix" and not source.path)


def is_encrypted(chardev: Chardev) -> bool:
    """Whether the connection is wrapped in TLS: libvirt's configuration has it off where the XML says nothing."""
    return chardev.type == "tcp" and chardev.source().tls is True


class _Backend:
    """The properties of one ``-chardev``, and the descriptors that are handed over for it."""

    def __init__(self, alias: str, identifier: str, usage: str, writing: Writing, *, patient: bool) -> None:
        self.alias = alias
        self.identifier = identifier
        self.usage = usage
        self.writing = writing
        self.patient = patient
        self.driver = ""
        self.descriptors: list[Words] = []

    def write(self, chardev: Chardev) -> list[Pair]:
        self.driver = self._name(chardev.type or "")
        own = _WRITERS.get(chardev.type or "")
        pairs: list[Pair] = [("id", self.identifier), *(own(self, chardev) if own else ())]
        return [*pairs, *self._log(chardev)]

    def _name(self, kind: str) -> str:
        if kind == "dev":
            return "parallel" if self.usage == "parallel" else "serial"
        return "socket" if kind in ("tcp", "unix") else kind

    def _log(self, chardev: Chardev) -> Iterator[Pair]:
        if chardev.log is None:
            return
        path, append = self._file(chardev.log, "log", append=chardev.log_append)
        yield "logfile", path
        if append is not None:
            yield "logappend", append

    def _file(self, path: str, role: str, *, append: bool | None) -> tuple[str, bool | None]:
        """A file that QEMU writes: libvirt's log daemon opens it and hands over a pipe, to which QEMU can but append."""
        if not self.writing.by_libvirt:
            return path, append
        number = self.writing.number("fdset")
        self.descriptors.append(("-add-fd", f"set={number},fd={self.writing.descriptor()},opaque={self.alias}-{role}"))
        return f"/dev/fdset/{number}", True

    def file(self, chardev: Chardev) -> Iterator[Pair]:
        """``path=/tmp/log,append=on``."""
        source = chardev.source()
        path, append = self._file(source.path or "", "source", append=source.append)
        yield "path", path
        if append is not None:
            yield "append", append

    def path(self, chardev: Chardev) -> Iterator[Pair]:
        """A pipe or a device."""
        yield "path", chardev.source().path or ""

    def udp(self, chardev: Chardev) -> Iterator[Pair]:
        """Where to what the guest says is sent, and what is bound for the answers."""
        remote, local = chardev.source("connect"), chardev.source("bind")
        yield "host", remote.host or ""
        yield "port", remote.service or ""
        yield "localaddr", local.host or ""
        yield "localport", local.service or "0"

    def tcp(self, chardev: Chardev) -> Iterator[Pair]:
        """``host=…,port=…,telnet=on,server=on,wait=off,tls-creds=…``."""
        source = chardev.source()
        yield "host", source.host or ""
        yield "port", source.service or ""
        if chardev.protocol == "telnet":
            yield "telnet", True
        yield from self._side(chardev)
        if is_encrypted(chardev):
            yield "tls-creds", f"obj{self.identifier}_tls0"

    def unix(self, chardev: Chardev) -> Iterator[Pair]:
        """``path=…``; libvirt opens a socket that is listened on by itself and hands over its descriptor."""
        source = chardev.source()
        if is_server(chardev) and self.writing.by_libvirt:
            yield "fd", self.writing.descriptor()
        else:
            yield "path", source.path or ""
        yield from self._side(chardev)

    def _side(self, chardev: Chardev) -> Iterator[Pair]:
        if is_server(chardev):
            yield "server", True
            yield "wait", False
        else:
            source = chardev.source()
            if source.reconnect is None and self.patient:
                # A person may start the other end later: QEMU tries again, where it would refuse to start.
                yield reconnect.after(1, self.writing)
            yield from reconnect.write(source.reconnect, self.writing)

    def spicevmc(self, _: Chardev) -> Iterator[Pair]:
        """``name=vdagent``: what SPICE carries."""
        yield "name", self.usage

    def port(self, chardev: Chardev) -> Iterator[Pair]:
        """``name=org.example.port``: a port of SPICE or D-Bus by its own name."""
        yield "name", chardev.source().channel or ""

    def vdagent(self, chardev: Chardev) -> Iterator[Pair]:
        """QEMU's own agent, that shares the clipboard and the pointer with any display."""
        source = chardev.source()
        yield "name", "vdagent"
        if source.clipboard is not None:
            yield "clipboard", source.clipboard
        if source.mouse is not None:
            yield "mouse", source.mouse == "client"


_WRITERS: Final[Mapping[str, Callable[[_Backend, Chardev], Iterator[Pair]]]] = {
    "file": _Backend.file,
    "pipe": _Backend.path,
    "dev": _Backend.path,
    "udp": _Backend.udp,
    "tcp": _Backend.tcp,
    "unix": _Backend.unix,
    "spicevmc": _Backend.spicevmc,
    "spiceport": _Backend.port,
    "dbus": _Backend.port,
    "qemu-vdagent": _Backend.vdagent,
}


# ------------------------------------------------------------------ refusals


def check(chardev: Chardev, element: str, *, generated_path: bool = False) -> None:
    """Raise what libvirt refuses of a host side; ``generated_path`` if libvirt has a path of its own for a socket."""
    if chardev.type not in _TYPES:
        raise UnsupportedError(f"{element}: unknown or unsupported type '{chardev.type}' of a character device")
    _check_sources(chardev, element)
    if chardev.type in ("file", "dev", "pipe", "unix"):
        _check_path(chardev, element, generated_path=generated_path)
    if chardev.type == "tcp":
        _check_tcp(chardev, element)
    if chardev.type == "udp" and not chardev.source("connect").service:
        raise DomainXmlError(f"{element}: type 'udp' needs <source mode='connect'> with a service")
    if chardev.type in ("spiceport", "dbus") and not chardev.source().channel:
        raise DomainXmlError(f"{element}: type '{chardev.type}' needs <source channel='…'/>")


def _check_sources(chardev: Chardev, element: str) -> None:
    for source in chardev.sources:
        if source.mode not in (None, "bind", "connect"):
            raise DomainXmlError(f"{element}: <source mode='{source.mode}'> is neither 'bind' nor 'connect'")
        sourcelabel.check(source.labels)
        if chardev.type in ("tcp", "unix"):
            _check_reconnect(chardev, source, element)


def _check_reconnect(chardev: Chardev, source: Source, element: str) -> None:
    wish = source.reconnect
    if wish is None or wish.enabled is None:
        return
    if is_server(chardev):
        raise UnsupportedError(f"{element}: <reconnect> is possible only for <source mode='connect'>")
    if wish.enabled and not wish.timeout:
        raise DomainXmlError(f"{element}: <reconnect enabled='yes'> needs a timeout")


def _check_path(chardev: Chardev, element: str, *, generated_path: bool) -> None:
    if not chardev.source().path and not (chardev.type == "unix" and generated_path):
        raise DomainXmlError(f"{element}: type '{chardev.type}' needs <source path='…'/>")


def _check_tcp(chardev: Chardev, element: str) -> None:
    source = chardev.source()
    if chardev.protocol not in (None, "raw", "telnet"):
        raise UnsupportedError(f"{element}: QEMU has no protocol '{chardev.protocol}' for a character device")
    if not source.service:
        raise DomainXmlError(f"{element}: type 'tcp' needs <source service='…'/>")
    if not source.host:
        raise DomainXmlError(f"{element}: type 'tcp' needs <source host='…'/>")
