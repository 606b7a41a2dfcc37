"""How a guest tells that it crashed: ``-cpu …,hv_crash`` is ``<panic model='hyperv'/>``; pseries and s390 have their own."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common.addresses import IsaAddress, PciAddress
from qemuxml.common.device import address
from qemuxml.common.info import Info
from qemuxml.common.piece import Piece
from qemuxml.domain import Domain
from qemuxml.domain.boards import ARM, S390, Board, board_of
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import integer
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind, Plug
from qemuxml.mapping.ledger import Claimed
from qemuxml.mapping.props import Props, computed, const, json
from qemuxml.mapping.xml import attr, group
from qemuxml.record import record


@record(kw_only=True)
class Panic:
    """A panic notifier."""

    model: str | None = attr("@model")
    info: Info = group(Info)


ISA = Props(
    Panic,
    const("driver", "pvpanic"),
    computed("ioport", lambda panic: (panic.info.address.iobase or 0) if isinstance(panic.info.address, IsaAddress) else None),
)
PCI = Props(Panic, const("driver", "pvpanic-pci"), address())


def write(panic: Panic, _: Writing) -> Iterator[Words]:
    """The devices of their own; ``hyperv`` is a property of ``-cpu``, pseries and s390 need nothing."""
    if panic.model == "isa":
        yield "-device", json(ISA.write(panic))
    elif panic.model == "pvpanic":
        yield "-device", json(PCI.write(panic))


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device pvpanic,ioport=1285`` and ``-device pvpanic-pci``."""
    piece = Piece(option, reading)
    if piece.values.get("driver") == "pvpanic-pci":
        return piece.mapped(Panic(model="pvpanic"))
    panic = Panic(model="isa")
    port = piece.values.get("ioport", integer)
    if port is not None:
        panic.info.address = IsaAddress(type="isa", iobase=port)
    return piece.mapped(panic)


def fill(panic: Panic, domain: Domain, _: Target) -> None:
    """The model of the platform."""
    panic.model = panic.model or board_of(domain).notifier or _usual(board_of(domain))


def _usual(board: Board) -> str | None:
    return "isa" if board.is_x86 else "pvpanic" if board.is_virt and board.arch in ARM else None


def check(panic: Panic, domain: Domain, _: Target) -> None:
    """What libvirt refuses of a notifier. Raises DomainXmlError."""
    board, place = board_of(domain), panic.info.address
    fits = {
        "isa": board.is_x86,
        "hyperv": board.is_x86,
        "pseries": board.is_pseries,
        "s390": board.arch in S390,
        "pvpanic": board.is_x86 or board.is_pseries or board.arch in ("aarch64", "riscv64", "loongarch64"),
    }
    if panic.model is None:
        raise DomainXmlError(f"<panic>: it needs a model, as {board.arch} machine '{board.machine}' has none of its own")
    if not fits.get(panic.model or "", False):
        raise DomainXmlError(f"<panic model='{panic.model}'>: {board.arch} machine '{board.machine}' has no such device")
    if panic.model in ("hyperv", "pseries", "s390") and place is not None:
        raise DomainXmlError(f"<panic model='{panic.model}'> has no address")
    if panic.model == "isa" and place is not None and not isinstance(place, IsaAddress):
        raise DomainXmlError("<panic model='isa'>: its address is of type 'isa'")
    if panic.model == "pvpanic" and place is not None and not isinstance(place, PciAddress):
        raise DomainXmlError("<panic model='pvpanic'>: its address is of type 'pci'")
    if sum(1 for item in domain.all(Panic) if item.model == panic.model) > 1:
        raise DomainXmlError(f"<panic model='{panic.model}'>: a guest has one of a model")


def pci(panic: Panic, _: Domain) -> Plug | None:
    """Of the models only pvpanic is a PCI device; it comes with the machine."""
    return Plug.ROOT if panic.model == "pvpanic" else None


KIND = Kind(
    element="panic",
    model=Panic,
    modern={"-device pvpanic": claim, "-device pvpanic-pci": claim},
    alias="panic",
    write=write,
    fill=fill,
    check=check,
    pci=pci,
)
