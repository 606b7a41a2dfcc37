"""The balloon: ``-device virtio-balloon-pci,bus=pci.0,addr=0x5`` is ``<memballoon model='virtio'>``; none is said outright."""

from __future__ import annotations

from dataclasses import dataclass

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import decoded, parse
from qemuxml.common.addresses import pci_slot
from qemuxml.common.info import Info
from qemuxml.mapping.context import Reading
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
    balloon = Memballoon(model="virtio")
    address = values.property("addr") if values.peek("bus") in (None, "pci.0", "pci") else None
    values.get("id")
    if address is not None:
        values.get("bus")
        balloon.info.address = decoded(address, pci_slot)
    return mapped(option, balloon) if reading.understood(values) else None


KIND = Kind(
    element="memballoon",
    model=Memballoon,
    claims=dict.fromkeys(("-device virtio-balloon", "-device virtio-balloon-pci", "-device virtio-balloon-ccw"), claim_device),
)
