"""The balloon: ``-device virtio-balloon-pci,bus=pci.0,addr=0x5`` is ``<memballoon model='virtio'>``; none is said outright."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import decoded, parse
from qemuxml.common import drivers
from qemuxml.common.addresses import CcwAddress, PciAddress, VirtioMmioAddress, pci_slot
from qemuxml.common.device import address, ident
from qemuxml.common.info import Info
from qemuxml.common.piece import Piece
from qemuxml.common.virtio import MODELS, Virtio, plug, virtio_driver, virtio_options
from qemuxml.domain import Domain
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import INT32, ON_OFF, SWITCH
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind, Plug
from qemuxml.mapping.ledger import Claimed, implied, mapped
from qemuxml.mapping.props import Props, json, key
from qemuxml.mapping.xml import attr, group
from qemuxml.record import record


@record(kw_only=True)
class Memballoon:
    """The device that gives memory back to the host; ``none`` keeps libvirt from adding one."""

    model: str | None = attr("@model")
    autodeflate: bool | None = attr("@autodeflate", ON_OFF)
    free_page_reporting: bool | None = attr("@freePageReporting", ON_OFF)
    stats_period: int | None = attr("stats@period", INT32)
    info: Info = group(Info)
    virtio: Virtio = group(Virtio)


def claim_device(option: Option, reading: Reading) -> Claimed | None:
    """``-device virtio-balloon-pci``, ``-device virtio-balloon`` with the place that they name."""
    values = parse(option.value, "driver") if option.value else None
    if values is None:
        return None
    values.get("driver")
    values.get("id")
    balloon = Memballoon(model="virtio")
    address = values.property("addr") if values.peek("bus") in (None, "pci.0", "pci") else None
    if address is not None:
        values.get("bus")
        place = decoded(address, pci_slot)
        # The last libvirt with from-native looked at the driver's name alone, and placed the balloon by its own rule.
        if reading.has("places-balloon"):
            reading.note("addr: the balloon is placed as libvirt placed it, this address is left out", address.span)
        else:
            balloon.info.address = place
    return mapped(option, balloon) if reading.understood(values) else None


# ------------------------------------------------------------------ QEMU of today

DEVICE = Props(
    Memballoon,
    virtio_driver("virtio-balloon"),
    *virtio_options(),
    ident(),
    key("deflate-on-oom", "autodeflate", SWITCH),
    key("free-page-reporting", "free_page_reporting", SWITCH),
    address(),
)


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device virtio-balloon-pci,id=balloon0`` of today."""
    piece = Piece(option, reading)
    return piece.mapped(piece.read(DEVICE))


def claim_old(option: Option, reading: Reading) -> Claimed | None:
    """``-balloon virtio,addr=0x5``, which made a ``-device`` of what stands behind the model; none is QEMU's default."""
    piece = Piece(option, reading, "model")
    if option.text == "none":
        return implied(option, "QEMU adds none")
    if piece.values.get("model") != "virtio":
        return None
    return piece.mapped(piece.read(DEVICE, Memballoon(model="virtio")))


def write(balloon: Memballoon, _: Writing) -> Iterator[Words]:
    """The device, but for a guest that has none."""
    if balloon.model != "none":
        yield "-device", json(DEVICE.write(balloon))


_MODELS = frozenset({*MODELS, "none"})


def check(balloon: Memballoon, domain: Domain, _: Target) -> None:
    """What libvirt refuses of a balloon. Raises DomainXmlError."""
    if balloon.model not in _MODELS:
        raise DomainXmlError(f"<memballoon model='{balloon.model}'>: QEMU's model is virtio, or none")
    if len(domain.all(Memballoon)) > 1:
        raise DomainXmlError("<memballoon>: a guest has one")
    place = balloon.info.address
    if balloon.model != "none" and place is not None and not isinstance(place, PciAddress | CcwAddress | VirtioMmioAddress):
        raise DomainXmlError(f"<memballoon>: a virtio device has no address of type '{place.type}'")


def pci(balloon: Memballoon, _: Domain) -> Plug | None:
    """A virtio device sits on whatever PCI bus there is."""
    return None if balloon.model == "none" else plug(balloon.model)


_DRIVERS = ("virtio-balloon", "virtio-balloon-pci", "virtio-balloon-ccw", "virtio-balloon-s390", "virtio-balloon-device")


def manual(balloon: Memballoon, _: Writing) -> Iterator[Words]:
    """Nothing for ``none``: QEMU 0.9 had no balloon."""
    if balloon.model != "none":
        raise UnsupportedError(f"QEMU 0.9 has no balloon: <memballoon model='{balloon.model}'>")
    yield from ()


KIND = Kind(
    element="memballoon",
    model=Memballoon,
    alias="balloon",
    write=write,
    check=check,
    pci=pci,
    claims={f"-device {driver}": claim_device for driver in _DRIVERS},
    modern={"-balloon": claim_old, **{f"-device {driver}": claim for driver in drivers.virtio("virtio-balloon")}},
    manual=manual,
)
