"""An accelerator for cryptography: ``<crypto model='virtio'>`` is ``-object cryptodev-backend-builtin`` with its device."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common import drivers
from qemuxml.common.device import address, ident, refer
from qemuxml.common.info import Info
from qemuxml.common.piece import Piece
from qemuxml.common.virtio import Virtio, virtio_driver, virtio_options
from qemuxml.domain import Domain
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import INT, UINT32, one_of
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind, Plug
from qemuxml.mapping.ledger import Claimed
from qemuxml.mapping.props import Props, driver, json, key
from qemuxml.mapping.xml import attr, group
from qemuxml.record import record


@record(kw_only=True)
class Crypto:
    """The device and who does its work: QEMU itself, or the host's kernel."""

    model: str | None = attr("@model", one_of("virtio"))
    type: str | None = attr("@type", one_of("qemu"))
    backend: str | None = attr("backend@model", one_of("builtin", "lkcf"))
    queues: int | None = attr("backend@queues", UINT32)
    virtio: Virtio = group(Virtio)
    info: Info = group(Info)


BACKEND = Props(
    Crypto,
    driver("backend", {"builtin": "cryptodev-backend-builtin", "lkcf": "cryptodev-backend-lkcf"}, "qom-type"),
    ident("obj{}"),
    key("queues", "queues", INT),
)
DEVICE = Props(Crypto, virtio_driver("virtio-crypto"), *virtio_options(), refer("cryptodev", "obj{}"), ident(), address())


def write(crypto: Crypto, _: Writing) -> Iterator[Words]:
    """The backend and the device."""
    yield "-object", json(BACKEND.write(crypto))
    yield "-device", json(DEVICE.write(crypto))


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device virtio-crypto-pci,cryptodev=…`` with its ``-object cryptodev-backend-…``."""
    piece = Piece(option, reading)
    backend = piece.follow("cryptodev", "-object", "qom-type")
    if backend is None:
        return None
    return piece.mapped(backend.read(BACKEND, piece.read(DEVICE, Crypto(type="qemu"))))


def check(crypto: Crypto, _: Domain, __: Target) -> None:
    """Refuse a device that says too little. Raises DomainXmlError."""
    if crypto.model is None or crypto.type is None or crypto.backend is None:
        raise DomainXmlError("<crypto> needs a model, a type and a <backend> with its model")


def pci(_: Crypto, __: Domain) -> Plug:
    """Libvirt counts it as a device of conventional PCI."""
    return Plug.CONVENTIONAL


KIND = Kind(
    element="crypto",
    model=Crypto,
    modern={f"-device {name}": claim for name in drivers.virtio("virtio-crypto")},
    alias="crypto",
    counts_unnamed=True,
    write=write,
    check=check,
    pci=pci,
)
