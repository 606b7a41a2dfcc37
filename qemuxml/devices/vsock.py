"""Sockets between guest and host: ``<vsock model='virtio'>`` is ``-device vhost-vsock-pci,guest-cid=3``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common import drivers
from qemuxml.common.device import address, ident
from qemuxml.common.info import Info
from qemuxml.common.piece import Piece
from qemuxml.common.virtio import MODELS, Virtio, plug, virtio_driver, virtio_options
from qemuxml.domain import Domain
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import INT, UINT32, YES_NO, one_of
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind, Plug
from qemuxml.mapping.ledger import Claimed
from qemuxml.mapping.props import Pair, Props, json, key
from qemuxml.mapping.xml import attr, group
from qemuxml.record import record

FIRST_CID = 3
"""0 to 2 are the hypervisor, the guest itself and the host."""


@record(kw_only=True)
class Vsock:
    """The device and the guest's number on it, which the host may choose (``auto``)."""

    model: str | None = attr("@model", one_of(*MODELS))
    auto: bool | None = attr("cid@auto", YES_NO)
    cid: int | None = attr("cid@address", UINT32)
    virtio: Virtio = group(Virtio)
    info: Info = group(Info)


HEAD = Props(Vsock, virtio_driver("vhost-vsock"), *virtio_options(), ident(), key("guest-cid", "cid", INT))
TAIL = Props(Vsock, address())


def write(vsock: Vsock, writing: Writing) -> Iterator[Words]:
    """The device. libvirt opens /dev/vhost-vsock for it, and hands the descriptor over."""
    handle: list[Pair] = [("vhostfd", str(writing.descriptor()))] if writing.by_libvirt else []
    yield "-device", json([*HEAD.write(vsock), *handle, *TAIL.write(vsock)])


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device vhost-vsock-pci,guest-cid=3``; libvirt opens the host's side of it by itself."""
    piece = Piece(option, reading)
    vsock = piece.read(HEAD)
    piece.values.get("vhostfd")
    return piece.mapped(vsock)


def fill(vsock: Vsock, _: Domain, __: Target) -> None:
    """The model, and a number where none is said: the lowest that a guest can have."""
    vsock.model = vsock.model or "virtio"
    if vsock.cid is None:
        vsock.cid = FIRST_CID


def check(vsock: Vsock, _: Domain, __: Target) -> None:
    """Refuse a number that is not a guest's. Raises DomainXmlError."""
    if not FIRST_CID <= (vsock.cid or 0) < 1 << 32:
        raise DomainXmlError(f"<vsock>: <cid address='{vsock.cid}'> is no guest's number: they begin with 3")


def pci(vsock: Vsock, _: Domain) -> Plug:
    """A virtio device sits on whatever PCI bus there is."""
    return plug(vsock.model)


KIND = Kind(
    element="vsock",
    model=Vsock,
    modern={f"-device {name}": claim for name in drivers.virtio("vhost-vsock")},
    alias="vsock",
    write=write,
    fill=fill,
    check=check,
    pci=pci,
)
