"""What virtio devices share: ``<driver iommu='on' ats='on' packed='on'/>`` and ``model='virtio-transitional'``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from qemuxml.common.addresses import CcwAddress, PciAddress, VirtioMmioAddress
from qemuxml.mapping.codecs import ON_OFF, SWITCH
from qemuxml.mapping.kind import Plug
from qemuxml.mapping.props import Row, computed, key
from qemuxml.mapping.xml import attr
from qemuxml.record import record

MODELS: Final = ("virtio", "virtio-transitional", "virtio-non-transitional")
"""The models of a device that has legacy ports, both sorts of ports, or modern ones alone."""


@record(kw_only=True)
class Virtio:
    """The attributes of a virtio device's ``<driver>``."""

    iommu: bool | None = attr("driver@iommu", ON_OFF)
    ats: bool | None = attr("driver@ats", ON_OFF)
    packed: bool | None = attr("driver@packed", ON_OFF)
    page_per_vq: bool | None = attr("driver@page_per_vq", ON_OFF)

    @property
    def is_said(self) -> bool:
        """Whether any of them is said, which no other device has."""
        return any(said is not None for said in (self.iommu, self.ats, self.packed, self.page_per_vq))


def plug(model: str | None) -> Plug:
    """Where a virtio device of PCI sits: a transitional one has legacy ports, which PCI Express has no room for."""
    return Plug.CONVENTIONAL if model == "virtio-transitional" else Plug.EITHER


def virtio_driver(base: str, model: Callable[[Any], str | None] = lambda made: made.model) -> Row:
    """``driver``: the base name with the transport of the device's address, and with its model's transition."""

    def name(made: Any) -> str:
        suffix = (model(made) or "").removeprefix("virtio")
        return f"{base}{_transport(made.info.address)}{suffix if suffix in _TRANSITIONS else ''}"

    def read(made: Any, driver: str) -> bool:
        found = re.fullmatch(rf"{re.escape(base)}(?:-pci|-ccw|-device)?(-transitional|-non-transitional)?", driver)
        if found and hasattr(made, "model"):
            made.model = f"virtio{found[1] or ''}"
        return bool(found)

    return computed("driver", name, read)


_TRANSITIONS = ("-transitional", "-non-transitional")


def _transport(address: Any) -> str:
    match address:
        case CcwAddress():
            return "-ccw"
        case VirtioMmioAddress():
            return "-device"
        case PciAddress() | None:
            return "-pci"
    return "-pci"


def virtio_options() -> tuple[Row, ...]:
    """The rows of a virtio device's common switches."""
    return (
        key("iommu_platform", "virtio.iommu", SWITCH),
        key("ats", "virtio.ats", SWITCH),
        key("packed", "virtio.packed", SWITCH),
        key("page-per-vq", "virtio.page_per_vq", SWITCH),
    )
