"""The balloon: ``-device virtio-balloon-pci,bus=pci.0,addr=0x5`` is ``<memballoon model='virtio'>``; none is said outright."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import decoded, parse
from qemuxml.common.addresses import pci_slot
from qemuxml.common.info import Info
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import attr, group


@dataclass(kw_only=True)
class Memballoon:
    """The device that gives memory back to the host; ``none`` keeps libvirt from adding one."""

    model: str | None = attr("@model")
    info: Info = group(Info)


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


_DRIVERS = ("virtio-balloon", "virtio-balloon-pci", "virtio-balloon-ccw", "virtio-balloon-s390", "virtio-balloon-device")


def manual(balloon: Memballoon, _: Writing) -> Iterator[Words]:
    """Nothing for ``none``: QEMU 0.9 had no balloon."""
    if balloon.model != "none":
        raise UnsupportedError(f"QEMU 0.9 has no balloon: <memballoon model='{balloon.model}'>")
    yield from ()


KIND = Kind(
    element="memballoon",
    model=Memballoon,
    claims={f"-device {driver}": claim_device for driver in _DRIVERS},
    manual=manual,
)
