"""The door plate of ``<disk>``: from ``-hda`` and ``-drive if=virtio`` to ``-device virtio-blk-pci,drive=libvirt-1-format``."""

from __future__ import annotations

from qemuxml.common.addresses import DriveAddress
from qemuxml.common.virtio import plug
from qemuxml.devices.disk import Disk, iscsi, legacy, reading, target_index, unsaid
from qemuxml.devices.disk.argv import fill, write
from qemuxml.devices.disk.check import check
from qemuxml.domain import Domain
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
    claims=legacy.CLAIMS,
    modern={**reading.CLAIMS, "-iscsi": iscsi.claim_iscsi},
    alias=alias,
    write=write,
    fill=fill,
    check=check,
    pci=pci,
    manual=legacy.manual,
    unsay=unsaid.unsay,
)
