"""Random numbers for the guest: ``-object rng-random`` with ``-device virtio-rng-pci`` is ``<rng model='virtio'>``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qemuxml.cmdline.render import Words
from qemuxml.common.device import address, ident, refer
from qemuxml.common.info import Info
from qemuxml.common.virtio import Virtio, virtio_driver, virtio_options
from qemuxml.domain import Domain
from qemuxml.mapping.codecs import INT
from qemuxml.mapping.context import Writing
from qemuxml.mapping.kind import Kind, Plug
from qemuxml.mapping.props import Props, const, json, key, when
from qemuxml.mapping.xml import attr, group, text


@dataclass(kw_only=True)
class Rng:
    """A virtio random number generator; ``backend`` is the source's path. ``rate_bytes`` are allowed in ``period`` ms."""

    model: str | None = attr("@model")
    rate_bytes: int | None = attr("rate@bytes", INT)
    period: int | None = attr("rate@period", INT)
    backend_model: str | None = attr("backend@model")
    backend: str | None = text("backend")
    virtio: Virtio = group(Virtio)
    info: Info = group(Info)


RANDOM = Props(Rng, const("qom-type", "rng-random"), ident("obj{}"), key("filename", "backend"))
BUILTIN = Props(Rng, const("qom-type", "rng-builtin"), ident("obj{}"))
DEVICE = Props(
    Rng,
    virtio_driver("virtio-rng"),
    *virtio_options(),
    refer("rng", "obj{}"),
    key("max-bytes", "rate_bytes", INT),
    when(lambda rng: rng.rate_bytes is not None, key("period", "period", INT)),
    ident(),
    address(),
)


def write(rng: Rng, _: Writing) -> Iterator[Words]:
    """The source, and the device that reads it."""
    backend = BUILTIN if rng.backend_model == "builtin" else RANDOM
    yield "-object", json(backend.write(rng))
    yield "-device", json(DEVICE.write(rng))


def pci(_: Rng, __: Domain) -> Plug:
    """A virtio device sits on whatever PCI bus there is."""
    return Plug.EITHER


KIND = Kind(element="rng", model=Rng, alias="rng", write=write, pci=pci)
