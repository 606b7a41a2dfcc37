"""Where a guest's kernel keeps its last words: ``<pstore backend='acpi-erst'>`` is ``-device acpi-erst`` over a file."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common.device import address, ident, refer
from qemuxml.common.info import Info
from qemuxml.common.piece import Piece
from qemuxml.common.sizes import UNIT, in_bytes
from qemuxml.domain import Domain
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import KIB, UINT64, one_of, size
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind, Plug
from qemuxml.mapping.ledger import Claimed
from qemuxml.mapping.props import Props, computed, const, json, key
from qemuxml.mapping.xml import attr, group, text
from qemuxml.record import record


@record(kw_only=True)
class Pstore:
    """The store and its file."""

    backend: str | None = attr("@backend", one_of("acpi-erst"))
    path: str | None = text("path")
    unit: str | None = attr("size@unit", UNIT)
    size: int | None = text("size", UINT64)
    info: Info = group(Info)
    named_here: bool = False
    """Whether the XML leaves the file's name to whoever starts the guest."""

    @property
    def bytes(self) -> int:
        """The size; a number without a unit counts KiB."""
        return in_bytes(self.size or 0, self.unit)


FILE = Props(
    Pstore,
    const("qom-type", "memory-backend-file"),
    ident("mem{}"),
    key("mem-path", "path"),
    computed("size", lambda pstore: pstore.bytes),
    const("share", value=True),
)
DEVICE = Props(Pstore, const("driver", "acpi-erst"), ident(), refer("memdev", "mem{}"), address())


def write(pstore: Pstore, writing: Writing) -> Iterator[Words]:
    """The file and the device."""
    if pstore.named_here and not writing.by_libvirt:
        pstore.path = writing.state_path("_PSTORE.raw")
    yield "-object", json(FILE.write(pstore))
    yield "-device", json(DEVICE.write(pstore))


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device acpi-erst,memdev=…`` with the file behind it."""
    piece = Piece(option, reading)
    pstore = piece.read(DEVICE, Pstore(backend="acpi-erst"))
    memory = piece.follow("memdev", "-object", "qom-type")
    if memory is None:
        return None
    pstore.path = memory.values.get("mem-path", reading.path)
    pstore.unit, pstore.size = "KiB", (memory.values.get("size", size) or 0) // KIB
    memory.read(FILE, pstore)
    return piece.mapped(pstore)


def fill(pstore: Pstore, domain: Domain, _: Target) -> None:
    """A file of its own beside the guest's other state, where none is named."""
    if not pstore.path:
        pstore.path, pstore.named_here = f"/var/lib/libvirt/qemu/nvram/{domain.identity.name}_PSTORE.raw", True


def check(pstore: Pstore, _: Domain, __: Target) -> None:
    """Refuse a store that says too little. Raises DomainXmlError."""
    if pstore.backend is None or pstore.bytes < 4 * KIB:
        raise DomainXmlError("<pstore> needs its backend and a <size> of at least 4 KiB")


def pci(_: Pstore, __: Domain) -> Plug:
    """A device of conventional PCI."""
    return Plug.CONVENTIONAL


KIND = Kind(
    element="pstore",
    model=Pstore,
    modern={"-device acpi-erst": claim},
    alias="pstore",
    write=write,
    fill=fill,
    check=check,
    pci=pci,
)
