"""Memory shared between guests: ``<shmem name='a'>`` is ``-object memory-backend-file`` with ``-device ivshmem-plain``.

With a server it is ``-chardev socket`` and ``-device ivshmem-doorbell``: guests can interrupt each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words, escape
from qemuxml.cmdline.values import on_off
from qemuxml.common import chardevread
from qemuxml.common.device import address, ident
from qemuxml.common.info import Info
from qemuxml.common.piece import Piece
from qemuxml.common.sizes import UNIT, in_bytes
from qemuxml.domain import Domain
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import MIB, ON_OFF, UINT32, UINT64, integer, one_of, size
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind, Plug
from qemuxml.mapping.ledger import Claimed
from qemuxml.mapping.plumbing import Present
from qemuxml.mapping.props import Props, computed, const, json
from qemuxml.mapping.xml import attr, child, group, text
from qemuxml.record import record


@record(kw_only=True)
class Server:
    """The socket of an ivshmem server."""

    path: str | None = attr("@path")


@record(kw_only=True)
class Msi:
    """Message interrupts."""

    vectors: int | None = attr("@vectors", UINT32)
    ioeventfd: bool | None = attr("@ioeventfd", ON_OFF)


@record(kw_only=True)
class Shmem:
    """One piece of shared memory; 4 MiB without a size."""

    name: str | None = attr("@name")
    role: str | None = attr("@role", one_of("master", "peer"))
    model: str | None = attr("model@type", one_of("ivshmem", "ivshmem-plain", "ivshmem-doorbell"))
    unit: str | None = attr("size@unit", UNIT)
    size: int | None = text("size", UINT64)
    server: Server | None = child("server", Server)
    msi: Msi | None = child("msi", Msi)
    info: Info = group(Info)

    @property
    def bytes(self) -> int:
        """The size; a bare number counts bytes."""
        return in_bytes(self.size, self.unit or "b") if self.size else 4 * MIB


_ROLES = {"master": "on", "peer": "off"}

_FOLDER = "/dev/shm/"  # noqa: S108 - the folder of POSIX shared memory

MEMORY = Props(
    Shmem,
    const("qom-type", "memory-backend-file"),
    ident("shmmem-{}"),
    computed("mem-path", lambda shmem: f"{_FOLDER}{shmem.name}"),
    computed("size", lambda shmem: shmem.bytes),
    const("share", value=True),
)
PLAIN = Props(
    Shmem,
    const("driver", "ivshmem-plain"),
    ident(),
    computed("memdev", lambda shmem: f"shmmem-{shmem.info.alias}"),
    computed("master", lambda shmem: _ROLES.get(shmem.role)),
    address(),
)
DOORBELL = Props(
    Shmem,
    const("driver", "ivshmem-doorbell"),
    ident(),
    computed("chardev", lambda shmem: f"char{shmem.info.alias}"),
    computed("vectors", lambda shmem: shmem.msi.vectors if shmem.msi else None),
    computed("ioeventfd", lambda shmem: shmem.msi.ioeventfd if shmem.msi else None),
    address(),
)


def write(shmem: Shmem, writing: Writing) -> Iterator[Words]:
    """The memory and its device, or the device and the server that it asks."""
    if shmem.model == "ivshmem-plain":
        yield "-object", json(MEMORY.write(shmem))
        yield "-device", json(PLAIN.write(shmem))
        return
    yield "-device", json(DOORBELL.write(shmem))
    path = (shmem.server.path if shmem.server else None) or f"/var/lib/libvirt/shmem-{shmem.name}-sock"
    writing.need(
        Present(path=path, missing=f"no ivshmem-server listens at {path}", advice=f"ivshmem-server must listen at {path}")
    )
    yield "-chardev", f"socket,id=char{shmem.info.alias},path={escape(path)}"


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device ivshmem-plain,memdev=…`` with its memory, ``-device ivshmem-doorbell,chardev=…`` with its server."""
    piece = Piece(option, reading)
    shmem = Shmem(model=piece.values.get("driver"))
    return _read_plain(piece, shmem) if shmem.model == "ivshmem-plain" else _read_doorbell(piece, shmem)


def _role(text: str) -> str:
    return "master" if on_off(text) else "peer"


def _read_plain(piece: Piece, shmem: Shmem) -> Claimed | None:
    memory = piece.follow("memdev", "-object", "qom-type")
    path = memory.values.get("mem-path") if memory else None
    if memory is None or path is None or not path.startswith(_FOLDER):
        return None
    shmem.name = path.removeprefix(_FOLDER)
    shmem.unit, shmem.size = "M", (memory.values.get("size", size) or 0) // MIB
    shmem.role = piece.values.get("master", _role)
    memory.read(MEMORY, shmem)
    return piece.mapped(shmem)


def _read_doorbell(piece: Piece, shmem: Shmem) -> Claimed | None:
    host = chardevread.follow(piece)
    if host is None or host.type != "unix":
        return None
    path = host.source().path or ""
    own = re.fullmatch(r"/var/lib/libvirt/shmem-(.+)-sock", path)
    shmem.name = own[1] if own else re.sub(r"\W+", "-", path).strip("-")
    shmem.server = Server(path=None if own else path)
    vectors, ioeventfd = piece.values.get("vectors", integer), piece.values.flag("ioeventfd")
    if vectors is not None or ioeventfd is not None:
        shmem.msi = Msi(vectors=vectors, ioeventfd=ioeventfd)
    return piece.mapped(shmem)


def fill(shmem: Shmem, _: Domain, __: Target) -> None:
    """The default model, and the interrupts of a server."""
    shmem.model = shmem.model or "ivshmem"
    if shmem.model == "ivshmem-doorbell" and shmem.server:
        shmem.msi = shmem.msi or Msi()
        shmem.msi.ioeventfd = True if shmem.msi.ioeventfd is None else shmem.msi.ioeventfd


def check(shmem: Shmem, _: Domain, __: Target) -> None:
    """What libvirt refuses of shared memory. Raises DomainXmlError."""
    name = shmem.name or ""
    if not name or "/" in name or name in (".", ".."):
        raise DomainXmlError("<shmem> needs a name without '/'")
    if shmem.model == "ivshmem":
        raise DomainXmlError("<shmem>: model 'ivshmem' is gone from QEMU: it is 'ivshmem-plain' or 'ivshmem-doorbell' now")
    if shmem.size is not None and (shmem.bytes < MIB or shmem.bytes & (shmem.bytes - 1)):
        raise DomainXmlError("<shmem>: <size> must be a power of two of at least 1 MiB")
    if shmem.msi and shmem.server is None:
        raise DomainXmlError("<shmem>: <msi> needs a <server>")
    if shmem.model == "ivshmem-plain" and shmem.server:
        raise DomainXmlError("<shmem>: model 'ivshmem-plain' has no <server>")
    if shmem.model == "ivshmem-doorbell" and shmem.server is None:
        raise DomainXmlError("<shmem>: model 'ivshmem-doorbell' needs a <server>")
    if shmem.model == "ivshmem-doorbell" and shmem.size is not None:
        raise DomainXmlError("<shmem>: model 'ivshmem-doorbell' has the <size> of its server")


def pci(_: Shmem, __: Domain) -> Plug:
    """A device of conventional PCI."""
    return Plug.CONVENTIONAL


KIND = Kind(
    element="shmem",
    model=Shmem,
    modern={"-device ivshmem-plain": claim, "-device ivshmem-doorbell": claim},
    alias="shmem",
    write=write,
    fill=fill,
    check=check,
    pci=pci,
)
