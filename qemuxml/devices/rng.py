"""Random numbers for the guest: ``-object rng-random`` with ``-device virtio-rng-pci`` is ``<rng model='virtio'>``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common import chardev, chardevice, chardevread, drivers
from qemuxml.common.chardev import Chardev
from qemuxml.common.device import address, ident, refer
from qemuxml.common.info import Info
from qemuxml.common.piece import Piece
from qemuxml.common.virtio import MODELS, Virtio, plug, virtio_driver, virtio_options
from qemuxml.domain import Domain
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import INT, UINT32, integer
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind, Plug
from qemuxml.mapping.ledger import Claimed
from qemuxml.mapping.props import Props, computed, const, json, key
from qemuxml.mapping.xml import attr, group, text, variant
from qemuxml.record import record


@record(kw_only=True)
class Rng:
    """A virtio random number generator. ``rate_bytes`` are allowed in ``period`` ms.

    ``backend`` is the source's path; ``daemon`` is the way to one that speaks EGD's protocol.
    """

    model: str | None = attr("@model")
    rate_bytes: int | None = attr("rate@bytes", UINT32)
    period: int | None = attr("rate@period", UINT32)
    backend_model: str | None = attr("backend@model")
    backend: str | None = text("backend")
    daemon: Chardev | None = variant("backend", on="backend_model", of={"egd": Chardev})
    virtio: Virtio = group(Virtio)
    info: Info = group(Info)


_PERIOD = 1000
"""Milliseconds that the rate counts where the XML names no period."""


def _read_period(rng: Rng, text: str) -> bool:
    rng.period = integer(text)
    return True


RANDOM = Props(Rng, const("qom-type", "rng-random"), ident("obj{}"), key("filename", "backend"))
DAEMON = Props(Rng, const("qom-type", "rng-egd"), ident("obj{}"), refer("chardev", "char{}"))
BUILTIN = Props(Rng, const("qom-type", "rng-builtin"), ident("obj{}"))
DEVICE = Props(
    Rng,
    virtio_driver("virtio-rng"),
    *virtio_options(),
    refer("rng", "obj{}"),
    ident(),
    key("max-bytes", "rate_bytes", INT),
    computed("period", lambda rng: (rng.period or _PERIOD) if rng.rate_bytes is not None else None, _read_period),
    address(),
)


def write(rng: Rng, writing: Writing) -> Iterator[Words]:
    """The source, and the device that reads it."""
    if rng.daemon is not None:
        yield from chardevice.options(rng.daemon, str(rng.info.alias), writing, usage="vdagent")
    yield "-object", json(_BACKENDS[rng.backend_model or "random"].write(rng))
    yield "-device", json(DEVICE.write(rng))


_BACKENDS = {"random": RANDOM, "builtin": BUILTIN, "egd": DAEMON}


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device virtio-rng-pci,rng=objrng0`` with its ``-object``, and the character device of a daemon."""
    piece = Piece(option, reading)
    rng = piece.read(DEVICE)
    source = piece.follow("rng", "-object", "qom-type")
    rng.backend_model = _SOURCES.get(source.values.get("qom-type")) if source else "builtin"
    if source is not None and rng.backend_model:
        source.read(_BACKENDS[rng.backend_model], rng)
        rng.backend = reading.path(rng.backend or "") or None
        if rng.backend_model == "egd":
            rng.daemon = chardevread.follow(source)
            if rng.daemon is None:
                return None
            chardevread.generated(rng.daemon, piece.values.peek("id") or "rng", reading, piece)
    return piece.mapped(rng)


_SOURCES: Final[Mapping[str | None, str]] = {"rng-random": "random", "rng-builtin": "builtin", "rng-egd": "egd"}
"""Without any QEMU draws from its own generator."""


def fill(rng: Rng, _: Domain, __: Target) -> None:
    """The host's source of randomness, the protocol of a daemon."""
    if rng.backend_model == "random":
        rng.backend = rng.backend or "/dev/random"
    if rng.daemon is not None:
        chardev.fill(rng.daemon)


def check(rng: Rng, _: Domain, __: Target) -> None:
    """What libvirt refuses of a generator."""
    if rng.model not in MODELS:
        raise DomainXmlError(f"<rng>: unknown model '{rng.model}'")
    if rng.backend_model not in _BACKENDS:
        raise DomainXmlError(f"<rng>: unknown model '{rng.backend_model}' of a <backend>")
    if rng.daemon is not None:
        chardevice.check(rng.daemon, "<rng>")


def pci(rng: Rng, _: Domain) -> Plug:
    """A virtio device sits on whatever PCI bus there is."""
    return plug(rng.model)


KIND = Kind(
    element="rng",
    model=Rng,
    modern={f"-device {name}": claim for name in drivers.virtio("virtio-rng")},
    alias="rng",
    counts_unnamed=True,
    write=write,
    fill=fill,
    check=check,
    pci=pci,
)
