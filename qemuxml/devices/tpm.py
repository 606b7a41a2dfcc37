"""Trusted platform modules: ``<tpm model='tpm-tis'>`` is ``-tpmdev emulator,id=tpm-tpm0,chardev=chrtpm -device tpm-tis``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words, escape
from qemuxml.common import chardevice, chardevread
from qemuxml.common.addresses import SpaprVioAddress
from qemuxml.common.chardev import Chardev, Source
from qemuxml.common.device import address, ident, refer
from qemuxml.common.info import Info
from qemuxml.common.piece import Piece
from qemuxml.common.secrets import secret_file
from qemuxml.domain import Domain, launch
from qemuxml.domain.boards import S390, board_of
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import UINT32, YES_NO, one_of
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed
from qemuxml.mapping.plumbing import Helper
from qemuxml.mapping.props import Props, computed, const, json
from qemuxml.mapping.xml import attr, child, children, flag, group
from qemuxml.record import record

PROXY: Final = "spapr-tpm-proxy"
_MODELS: Final = frozenset({"tpm-tis", "tpm-crb", "tpm-spapr", PROXY})


@record(kw_only=True)
class TpmSource(Source):
    """Where swtpm keeps its state (``dir``, ``file``), or where an external one listens (``unix``)."""

    type: str | None = attr("@type")


@record(kw_only=True)
class Banks:
    """The hashes that are kept of what was measured."""

    sha1: bool = flag("sha1")
    sha256: bool = flag("sha256")
    sha384: bool = flag("sha384")
    sha512: bool = flag("sha512")


@record(kw_only=True)
class Profile:
    """What algorithms swtpm offers."""

    source: str | None = attr("@source")
    remove_disabled: str | None = attr("@removeDisabled", one_of("check", "fips-host"))
    name: str | None = attr("@name")


@record(kw_only=True)
class Backend:
    """Who does the work: the host's chip, swtpm that libvirt starts, or one that runs already."""

    type: str | None = attr("@type")
    version: str | None = attr("@version")
    persistent_state: bool | None = attr("@persistent_state", YES_NO)
    debug: int | None = attr("@debug", UINT32)
    device: str | None = attr("device@path")
    encryption: str | None = attr("encryption@secret")
    banks: Banks | None = child("active_pcr_banks", Banks)
    sources: list[TpmSource] = children("source", TpmSource)
    profile: Profile | None = child("profile", Profile)


@record(kw_only=True)
class Tpm:
    """The device that the guest sees, and its backend."""

    model: str | None = attr("@model")
    backend: Backend | None = child("backend", Backend)
    info: Info = group(Info)
    driver: str | None = None
    """QEMU's name of the device: boards without an ISA bus have a TIS of their own."""


DEVICE = Props(Tpm, computed("driver", lambda tpm: tpm.driver), refer("tpmdev", "tpm-{}"), ident(), address())
TO_PROXY = Props(Tpm, const("driver", PROXY), ident(), computed("host-path", lambda tpm: tpm.backend.device or "/dev/tpm0"))


def write(tpm: Tpm, writing: Writing) -> Iterator[Words]:
    """The backend and the device."""
    if tpm.model == PROXY:
        yield "-device", json(TO_PROXY.write(tpm))
        return
    backend = tpm.backend or Backend()
    if backend.type == "passthrough":
        yield from _passthrough(tpm, backend.device or "/dev/tpm0", writing)
    else:
        host = Chardev(type="unix", sources=[Source(mode="connect", path=_socket(tpm, backend, writing))])
        yield from chardevice.options(host, str(tpm.info.alias), writing, ident="chrtpm")
        yield "-tpmdev", f"emulator,id=tpm-{tpm.info.alias},chardev=chrtpm"
    yield "-device", json(DEVICE.write(tpm))


def _passthrough(tpm: Tpm, device: str, writing: Writing) -> Iterator[Words]:
    """The host's chip, and the file by which a command is cancelled; libvirt opens both."""
    name = device.rsplit("/", 1)[-1]
    paths = [device, f"/sys/class/tpm/{name}/device/cancel"]
    if writing.by_libvirt:
        for number, role in enumerate(("tpm", "cancel")):
            fdset = writing.number("fdset")
            yield "-add-fd", f"set={fdset},fd={writing.descriptor()},opaque={tpm.info.alias}-{role}"
            paths[number] = f"/dev/fdset/{fdset}"
    yield "-tpmdev", f"passthrough,id=tpm-{tpm.info.alias},path={escape(paths[0])},cancel-path={escape(paths[1])}"


def _socket(tpm: Tpm, backend: Backend, writing: Writing) -> str:
    """Where swtpm listens: libvirt starts one for the guest."""
    if backend.type == "external":
        return backend.sources[0].path or "" if backend.sources else ""
    if writing.by_libvirt:
        name = launch.short_name(writing.domain.identity.name or "guest")
        return f"/var/run/libvirt/qemu/swtpm/-1-{name}-swtpm.sock"
    socket = writing.state_path("-swtpm.sock")
    source = backend.sources[0] if backend.sources else TpmSource(type="dir", path=writing.state_path("-tpm"))
    state = f"backend-uri=file://{source.path}" if source.type == "file" else f"dir={source.path}"
    words = [
        "swtpm",
        "socket",
        "--terminate",
        "--ctrl",
        f"type=unixio,path={socket},mode=0600",
        "--tpmstate",
        f"{state},mode=0600",
    ]
    if backend.version != "1.2":
        words.append("--tpm2")
    if backend.encryption:
        words += ["--key", f"pwdfile={secret_file(f'{tpm.info.alias}-state', backend.encryption, writing)},mode=aes-256-cbc"]
    if backend.debug is not None:
        words += ["--log", f"level={backend.debug},file={writing.state_path('-swtpm.log')}"]
    folder = source.path if source.type != "file" else None
    writing.need(Helper(words=tuple(words), socket=socket, folder=folder))
    return socket


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device tpm-tis,tpmdev=…`` with its ``-tpmdev``; swtpm's socket in libvirt's own folder says that libvirt starts it."""
    piece = Piece(option, reading)
    tpm = Tpm(model=piece.values.get("driver"))
    tpm.model = "tpm-tis" if tpm.model == "tpm-tis-device" else tpm.model
    if tpm.model == PROXY:
        tpm.backend = Backend(type="passthrough", device=piece.values.get("host-path"))
        return piece.mapped(tpm)
    host = piece.follow("tpmdev", "-tpmdev", "backend")
    tpm.backend = _read_backend(host) if host else None
    return piece.mapped(tpm) if tpm.backend else None


def _read_backend(host: Piece) -> Backend | None:
    values = host.values
    if values.get("backend") == "passthrough":
        path = values.get("path", host.reading.path) or "/dev/tpm0"
        values.get("cancel-path")
        return Backend(type="passthrough", device=path)
    socket = chardevread.follow(host) if values.peek("backend") == "emulator" else None
    if socket is None or socket.type != "unix":
        return None
    path = socket.source().path or ""
    if re.fullmatch(r"(?:/var)?/run/libvirt/qemu/swtpm/[^/]+-swtpm\.sock", path):
        host.guessed("the version of the TPM is swtpm's, and not on the line")
        return Backend(type="emulator", version="2.0")
    return Backend(type="external", sources=[TpmSource(type="unix", mode="connect", path=path)])


def fill(tpm: Tpm, domain: Domain, _: Target) -> None:
    """The model and the version that a board has by default; on spapr-vio an address of another type counts for nothing."""
    board = board_of(domain)
    tpm.model = tpm.model or ("tpm-spapr" if board.is_pseries else "tpm-tis")
    tpm.driver = tpm.model
    if tpm.model == "tpm-spapr" and not isinstance(tpm.info.address, SpaprVioAddress):
        tpm.info.address = None
    if tpm.model == "tpm-tis" and not board.is_x86:
        tpm.driver = "tpm-tis-device"
    if tpm.backend and tpm.backend.type == "emulator":
        older = tpm.driver == "tpm-tis"
        tpm.backend.version = tpm.backend.version or ("1.2" if older else "2.0")


def check(tpm: Tpm, domain: Domain, _: Target) -> None:
    """What libvirt refuses of a TPM."""
    _check_count(domain)
    backend = tpm.backend
    if backend is None or backend.type is None:
        raise DomainXmlError("<tpm> needs a <backend> with its type")
    if tpm.model not in _MODELS:
        raise DomainXmlError(f"<tpm>: unknown model '{tpm.model}'")
    if backend.type not in ("passthrough", "emulator", "external"):
        raise DomainXmlError(f"<tpm>: unknown type '{backend.type}' of a <backend>")
    if backend.version not in (None, "1.2", "2.0"):
        raise DomainXmlError(f"<tpm>: unsupported version '{backend.version}'")
    if backend.banks and backend.version != "2.0":
        raise DomainXmlError("<active_pcr_banks>: only version '2.0' has them")
    _check_model(tpm, backend, domain)
    if backend.type == "external" and any(source.mode == "bind" for source in backend.sources):
        raise DomainXmlError("<tpm>: an external backend is connected to: <source mode='connect'>")
    if backend.type == "external" and not (backend.sources and backend.sources[0].path):
        raise DomainXmlError("<tpm>: an external backend needs <source type='unix' path='…'/>")


def _check_count(domain: Domain) -> None:
    proxies = sum(1 for item in domain.all(Tpm) if item.model == PROXY)
    if proxies > 1:
        raise UnsupportedError("<tpm>: only a single TPM proxy is supported")
    if len(domain.all(Tpm)) - proxies > 1:
        raise UnsupportedError("<tpm>: only a single TPM that is no proxy is supported")


def _check_model(tpm: Tpm, backend: Backend, domain: Domain) -> None:
    board = board_of(domain)
    places = {"tpm-tis": not board.is_pseries, "tpm-crb": board.is_x86}
    if board.arch in S390 or not places.get(tpm.model or "", True):
        raise UnsupportedError(f"<tpm model='{tpm.model}'>: {board.arch} machine '{board.machine}' has no such device")
    if backend.type == "emulator" and backend.version == "1.2" and (not board.is_x86 or tpm.model == "tpm-crb"):
        raise UnsupportedError(f"<tpm model='{tpm.model}'>: its version is '2.0'")
    if tpm.model in ("tpm-spapr", PROXY) and not board_of(domain).is_pseries:
        raise UnsupportedError(f"<tpm model='{tpm.model}'> is of pseries machines alone")
    if tpm.model == PROXY and backend.type != "passthrough":
        raise UnsupportedError(f"<tpm model='{PROXY}'> needs a backend of type 'passthrough'")


KIND = Kind(
    element="tpm",
    model=Tpm,
    modern={f"-device {name}": claim for name in (*sorted(_MODELS), "tpm-tis-device")},
    alias="tpm",
    write=write,
    fill=fill,
    check=check,
)
