"""The host side of a character device, ``<serial type='tcp'><source mode='bind' …/>``, and its older spelling.

Serial ports, parallel ports, consoles, channels, smartcards and redirected USB devices share it. QEMU's first spelling is here
(``-serial tcp:127.0.0.1:9999,server,nowait``); ``chardevice`` writes the one of today (``-chardev socket,id=charserial0,…``).
"""

from __future__ import annotations

import re

from qemuxml.cmdline.values import Values, parse
from qemuxml.cmdline.words import Word
from qemuxml.common.reconnect import Reconnect
from qemuxml.common.sourcelabel import SourceLabel
from qemuxml.errors import CommandLineError, DomainXmlError, Span, UnsupportedError
from qemuxml.mapping.codecs import ON_OFF, YES_NO, one_of
from qemuxml.mapping.context import Reading
from qemuxml.mapping.xml import attr, child, children
from qemuxml.record import record, replace


@record(kw_only=True)
class Source:
    """One ``<source>``: a path, or a host and service that are bound or connected to. UDP has one of each.

    ``channel`` names a port of SPICE or D-Bus; ``clipboard`` and ``mouse`` are of QEMU's own vdagent.
    """

    mode: str | None = attr("@mode", one_of("connect", "bind"))
    path: str | None = attr("@path")
    host: str | None = attr("@host")
    service: str | None = attr("@service")
    channel: str | None = attr("@channel")
    master: str | None = attr("@master")
    slave: str | None = attr("@slave")
    append: bool | None = attr("@append", ON_OFF)
    tls: bool | None = attr("@tls", YES_NO)
    reconnect: Reconnect | None = child("reconnect", Reconnect)
    labels: list[SourceLabel] = children("seclabel", SourceLabel)
    clipboard: bool | None = attr("clipboard@copypaste", YES_NO, required=True)
    mouse: str | None = attr("mouse@mode", one_of("client", "server"), required=True)


@record(kw_only=True)
class Chardev:
    """The host side of a character device. ``log`` is a file that gets a copy of what the guest says."""

    type: str | None = attr("@type")
    tty: str | None = attr("@tty")
    sources: list[Source] = children("source", Source)
    protocol: str | None = attr("protocol@type", one_of("raw", "telnet", "telnets", "tls"))
    log: str | None = attr("log@file")
    log_append: bool | None = attr("log@append", ON_OFF)

    def source(self, mode: str | None = None) -> Source:
        """The source, of UDP the one that is in that mode; an empty one if there is none."""
        found = [item for item in self.sources if mode is None or (item.mode or "connect") == mode]
        return found[0] if found else Source()


_PLAIN = ("null", "vc", "pty", "stdio")


def read(word: Word, reading: Reading) -> tuple[Chardev, Values] | None:
    """The chardev of a word and the properties that are left in it; None for a form that domain XML has no word for.

    Raises CommandLineError for a form that lacks its path, its host or its port.
    """
    text = word.text
    head, comma, _ = text.partition(",")
    values = parse(word, None, len(head) + 1) if comma else parse(word, None, len(text))
    form, colon, rest = head.partition(":")
    span = word.span(0, len(head))
    if head in _PLAIN or (form == "vc" and colon):
        return Chardev(type=form), values
    if head.startswith("/dev/"):
        return Chardev(type="dev", sources=[Source(path=head)]), values
    if form in ("file", "pipe", "unix") and colon:
        return _by_path(form, rest, values, span), values
    if form in ("tcp", "telnet") and colon:
        return _tcp(form, rest, values, span, reading), values
    return (_udp(rest, span), values) if form == "udp" and colon else None


def _by_path(form: str, path: str, values: Values, span: Span) -> Chardev:
    if not path:
        raise CommandLineError(f"{form}: needs a path", span)
    if form != "unix":
        return Chardev(type=form, sources=[Source(path=path)])
    return Chardev(type="unix", sources=[Source(mode=_mode(values), path=path)])


def _mode(values: Values) -> str:
    # A server that waits for its first client holds the guest back; libvirt's never do, and domain XML has no word for it.
    values.flag("wait")
    return "bind" if values.flag("server") else "connect"


def _tcp(form: str, rest: str, values: Values, span: Span, reading: Reading) -> Chardev:
    host, service = _host_and_service(rest, span)
    if host is None and reading.has("forgets-properties"):
        host = ""  # the releases of that time printed what stands before the colon, even if that is nothing
    source = Source(mode=_mode(values), host=host, service=service)
    return Chardev(type="tcp", sources=[source], protocol="telnet" if form == "telnet" else "raw")


def _udp(rest: str, span: Span) -> Chardev:
    """``udp:HOST:PORT@LOCAL:PORT``: what is sent goes to the first, what is bound is the second; port 0 binds any."""
    remote, at, local = rest.partition("@")
    host, service = _host_and_service(remote, span)
    sources = [Source(mode="connect", host=host, service=service)]
    if at:
        host, service = _host_and_service(local, span)
        if host or service != "0":
            sources.insert(0, Source(mode="bind", host=host, service=None if service == "0" else service))
    return Chardev(type="udp", sources=sources)


def _host_and_service(text: str, span: Span) -> tuple[str | None, str]:
    found = re.fullmatch(r"(?:\[([^\]]*)\]|([^:\[\]]*)):([0-9]+|[A-Za-z][A-Za-z0-9_.+-]*)", text)
    if not found or (found[3].isdigit() and int(found[3][:6]) > 65535):
        raise CommandLineError(f"'{text[:60]}' is not HOST:PORT", span)
    return found[1] or found[2] or None, found[3]


# ------------------------------------------------------------------ writing


def check_port(kind: str, port: int | None, number: int) -> None:
    """Raise UnsupportedError if the port of a ``<serial>`` or ``<parallel>`` is not the next one, or QEMU 0.9 has not so many."""
    if number >= _MOST[kind]:
        raise UnsupportedError(f"QEMU 0.9 has {_MOST[kind]} {kind} ports: <target port='{port}'>")
    if port not in (None, number):
        raise UnsupportedError(f"QEMU 0.9 numbers {kind} ports without gaps, this is number {number}: <target port='{port}'>")


_MOST = {"serial": 4, "parallel": 3}


def write(chardev: Chardev) -> str:
    """The chardev as QEMU 0.9 takes it.

    Raises UnsupportedError for a type that it lacked, DomainXmlError for one without its path, host or service.
    """
    kind = chardev.type or "pty"
    first = chardev.sources[0] if chardev.sources else Source()
    match kind:
        case "null" | "vc" | "pty" | "stdio":
            return kind
        case "dev":
            return _path(first)
        case "file" | "pipe":
            return f"{kind}:{_path(first)}"
        case "unix":
            return f"unix:{_path(first)}{_listening(first)}"
        case "tcp":
            form = "telnet" if chardev.protocol == "telnet" else "tcp"
            if chardev.protocol not in (None, "raw", "telnet"):
                raise UnsupportedError(f"QEMU 0.9 has no <protocol type='{chardev.protocol}'>")
            return f"{form}:{_joined(first)}{_listening(first)}"
        case "udp":
            return _write_udp(chardev)
    raise UnsupportedError(f"QEMU 0.9 has no character device of type '{kind}'")


def _path(source: Source) -> str:
    if not source.path:
        raise DomainXmlError("<source path> is missing")
    if "," in source.path:
        raise UnsupportedError("QEMU 0.9 takes no comma in <source path>")
    return source.path


def _listening(source: Source) -> str:
    return ",server,nowait" if source.mode == "bind" else ""


def _joined(source: Source) -> str:
    host = source.host or ""
    if not source.service:
        raise DomainXmlError("<source service> is missing")
    return f"[{host}]:{source.service}" if ":" in host else f"{host}:{source.service}"


def _write_udp(chardev: Chardev) -> str:
    by_mode = {source.mode: source for source in chardev.sources}
    remote = by_mode.get("connect", Source(service="0"))
    local = by_mode.get("bind", Source())
    local = replace(local, service=local.service or "0")
    return f"udp:{_joined(remote)}@{_joined(local)}"


def fill(chardev: Chardev, default: str | None = None) -> None:
    """The type that a device of this kind has unsaid. Only TCP has a protocol; raw where none is named.

    Raises DomainXmlError for more sources than the type has ends.
    """
    chardev.type = chardev.type or default
    most = 2 if chardev.type == "udp" else 1
    if len(chardev.sources) > most:
        raise DomainXmlError(f"type '{chardev.type}' takes {most} <source>, and there are {len(chardev.sources)}")
    chardev.protocol = (chardev.protocol or "raw") if chardev.type == "tcp" else None
