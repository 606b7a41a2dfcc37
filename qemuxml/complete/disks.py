"""The numbers in ``libvirt-1-storage``: libvirt counts disks from the last to the first, and down each chain of images."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from qemuxml import layout
from qemuxml.common.source import VhostVdpaSource
from qemuxml.devices.disk import Disk
from qemuxml.domain import Domain
from qemuxml.mapping.context import Target


def number(domain: Domain, _: Target) -> None:
    """Number every image that is opened as a graph, then the disk's filters; and the sets of descriptors beside them.

    The logical units of the host come behind.
    """
    numbers, sets = count(1), count()
    for disk in reversed(domain.all(Disk)):
        if disk.bus == "sd" or disk.type == "vhostuser" or disk.share_backing:
            continue
        for image in _images(disk):
            image.node = next(numbers)
            if isinstance(image.source, VhostVdpaSource) or getattr(image.source, "fdgroup", None):
                image.fdset = next(sets)
        for item in disk.throttle_filters:
            item.node = next(numbers)
    for device in layout.of("hostdev", domain.devices):
        if device.type == "scsi":
            device.node = next(numbers)


def _images(disk: Disk) -> Iterator[Any]:
    layer: Any = disk
    while layer is not None:
        yield layer
        if layer.source is not None and layer.source.rear.data_store is not None:
            yield layer.source.rear.data_store
        layer = layer.backing if layer.backing is not None and layer.backing.type else None
