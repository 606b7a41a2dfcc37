"""What a disk is where nobody says it: raw, on the bus of its target's name (``vda`` is virtio), at the port of its protocol."""

from __future__ import annotations

from typing import Final

from qemuxml.common.source import VolumeSource
from qemuxml.common.storage import PORTS, NetworkSource
from qemuxml.devices.disk import Disk, is_empty, sources
from qemuxml.domain import Domain
from qemuxml.mapping.context import Target

_BUS: Final = {"hd": "ide", "sd": "scsi", "vd": "virtio", "xvd": "xen", "ubd": "uml"}
"""The bus that the beginning of a target's name means."""


def fill(disk: Disk, _: Domain, __: Target) -> None:
    """A disk of a file, raw, on the bus of its target's name; a CD cannot be written."""
    disk.type = disk.type or "file"
    disk.device = disk.device or "disk"
    disk.stated_bus, disk.has_place = disk.bus, disk.info.address is not None
    disk.bus = disk.bus or _bus(disk)
    disk.driver = disk.driver or "qemu"
    disk.readonly = disk.readonly or disk.device == "cdrom"
    if disk.format is None and disk.type == "volume":
        return
    disk.format = "raw" if disk.format in (None, "aio") else disk.format
    _tidy(disk)
    for item in (disk.encryption, *(source.rear.encryption for source in sources(disk))):
        if item is not None:
            item.engine = item.engine or "qemu"
    for source in sources(disk):
        if isinstance(source, NetworkSource):
            _fill_network(source)


def _tidy(disk: Disk) -> None:
    """What libvirt forgets as soon as it has read it: defaults said outright, and what is of one run."""
    if is_empty(disk) and disk.device in ("cdrom", "floppy") and not isinstance(disk.source, VolumeSource):
        disk.type = "file"
    disk.cache = None if disk.cache == "default" else disk.cache
    disk.tray = None if disk.tray == "closed" else disk.tray
    disk.mirror = None
    unsaved = disk.type == "vhostuser"
    if disk.readonly and not unsaved and disk.snapshot == "no":
        disk.snapshot = None
    elif unsaved:
        disk.snapshot = disk.snapshot or "no"
    if disk.info.loadparm:
        disk.info.loadparm = disk.info.loadparm.upper()
    layer = disk.backing
    while layer is not None:
        layer.index = None
        layer = layer.backing
    for source in sources(disk):
        source.tail.index = None
        source.tail.labels = [label for label in source.tail.labels if not label.labelskip]


def _fill_network(source: NetworkSource) -> None:
    """The port of the protocol, and the first logical unit of an iSCSI target."""
    if source.protocol == "iscsi" and source.name and "/" not in source.name:
        source.name += "/0"
    for host in source.hosts:
        if host.transport != "unix" and source.protocol != "rbd":
            host.port = host.port or PORTS.get(source.protocol or "")


def _bus(disk: Disk) -> str | None:
    if disk.device == "floppy":
        return "fdc"
    name = disk.target or ""
    return next((bus for prefix, bus in _BUS.items() if name.startswith(prefix)), None)
