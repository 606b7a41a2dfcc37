"""The door plate of ``<disk>``: from ``-hda`` and ``-drive if=virtio`` to ``-device virtio-blk-pci,drive=libvirt-1-format``."""

from __future__ import annotations

from qemuxml.common.addresses import DriveAddress
from qemuxml.common.virtio import plug
from qemuxml.devices.disk import Disk, target_index
from qemuxml.domain import Domain
from qemuxml.later import later, table
from qemuxml.mapping.kind import Kind, Plug


def alias(disk: Disk, _: int, __: Domain) -> str:
    """A drive is named by its place (``ide0-0-1``), any other disk by its target's name (``virtio-disk0``)."""
    own = disk.info.address
    if not isinstance(own, DriveAddress):
        return f"{disk.bus}-disk{target_index(disk.target or '') or 0}"
    parts = [own.controller, own.bus, own.unit]
    if disk.bus == "scsi" and own.adapter != "lsilogic":
        parts.insert(2, own.target)
    return f"{disk.bus}" + "-".join(str(part or 0) for part in parts)


def pci(disk: Disk, _: Domain) -> Plug | None:
    """Of all disks only a virtio one is a PCI device itself; the others sit on a controller."""
    return plug(disk.model) if disk.bus == "virtio" else None


KIND = Kind(
    element="disk",
    model=Disk,
    claims=table("qemuxml.devices.disk.legacy:CLAIMS"),
    modern=table("qemuxml.devices.disk.reading:CLAIMS"),
    alias=alias,
    write=later("qemuxml.devices.disk.argv:write"),
    fill=later("qemuxml.devices.disk.fill:fill"),
    check=later("qemuxml.devices.disk.check:check"),
    pci=pci,
    manual=later("qemuxml.devices.disk.legacy:manual"),
    unsay=later("qemuxml.devices.disk.unsaid:unsay"),
)
