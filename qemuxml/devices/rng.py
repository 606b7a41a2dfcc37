"""Random numbers for the guest: ``-object rng-random`` with ``-device virtio-rng-pci`` is ``<rng model='virtio'>``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qemuxml.cmdline.render import Words
from qemuxml.common import chardevice
from qemuxml.common.chardev import Chardev
from qemuxml.common.device import address, ident, refer
from qemuxml.common.info import Info
from qemuxml.common.virtio import Virtio, virtio_driver, virtio_options
from qemuxml.domain import Domain
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import INT
from qemuxml.mapping.context import Target, Writing
from qemuxml.mapping.kind import Kind, Plug
from qemuxml.mapping.props import Props, computed, const, json, key
from qemuxml.mapping.xml import attr, group, text, variant


@dataclass(kw_only=True)
class Rng:
    """A virtio random number generator. ``rate_bytes`` are allowed in ``period`` ms.

    ``backend`` is the source's path; ``daemon`` is the way to one that speaks EGD's protocol.
    """

    model: str | None = attr("@model")
    rate_bytes: int | None = attr("rate@bytes", INT)
    period: int | None = attr("rate@period", INT)
    backend_model: str | None = attr("backend@model")
    backend: str | None = text("backend")
    daemon: Chardev | None = variant("backend", on="backend_model", of={"egd": Chardev})
    virtio: Virtio = group(Virtio)
    info: Info = group(Info)


_PERIOD = 1000
"""Milliseconds that the rate counts where the XML names no period."""

RANDOM = Props(Rng, const("qom-type", "rng-random"), ident("obj{}"), key("filename", "backend"))
DAEMON = Props(Rng, const("qom-type", "rng-egd"), refer("chardev", "char{}"), ident("obj{}"))
BUILTIN = Props(Rng, const("qom-type", "rng-builtin"), ident("obj{}"))
DEVICE = Props(
    Rng,
    virtio_driver("virtio-rng"),
    *virtio_options(),
    refer("rng", "obj{}"),
    key("max-bytes", "rate_bytes", INT),
    computed("period", lambda rng: (rng.period or _PERIOD) if rng.rate_bytes is not None else None),
    ident(),
    address(),
)


def write(rng: Rng, writing: Writing) -> Iterator[Words]:
    """The source, and the device that reads it."""
    if rng.daemon is not None:
        yield from chardevice.options(rng.daemon, str(rng.info.alias), writing)
    yield "-object", json(_BACKENDS[rng.backend_model or "random"].write(rng))
    yield "-device", json(DEVICE.write(rng))


_BACKENDS = {"random": RANDOM, "builtin": BUILTIN, "egd": DAEMON}


def fill(rng: Rng, _: Domain, __: Target) -> None:
    """The host's source of randomness, the protocol of a daemon."""
    if rng.backend_model == "random":
        rng.backend = rng.backend or "/dev/random"
    if rng.daemon is not None:
        chardevice.fill(rng.daemon)


def check(rng: Rng, _: Domain, __: Target) -> None:
    """What libvirt refuses of a generator."""
    if rng.model not in ("virtio", "virtio-transitional", "virtio-non-transitional"):
        raise DomainXmlError(f"<rng>: unknown model '{rng.model}'")
    if rng.backend_model not in _BACKENDS:
        raise DomainXmlError(f"<rng>: unknown model '{rng.backend_model}' of a <backend>")
    if rng.daemon is not None:
        chardevice.check(rng.daemon, "<rng>")


def pci(_: Rng, __: Domain) -> Plug:
    """A virtio device sits on whatever PCI bus there is."""
    return Plug.EITHER


KIND = Kind(element="rng", model=Rng, alias="rng", write=write, fill=fill, check=check, pci=pci)
