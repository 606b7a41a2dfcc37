"""A disk of the image that its graph is: ``<source>``, ``<driver type='qcow2' cache='none'/>``, ``<backingStore>``, filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qemuxml.common.blocknode import Graph
from qemuxml.common.image import Image
from qemuxml.common.source import BackingStore, DataStore, MetadataCache, NvmeSource, VhostVdpaSource
from qemuxml.common.storage import BlockSource, DirSource, FileSource, NetworkSource
from qemuxml.devices.disk import Disk, ThrottleFilter
from qemuxml.domain.throttlegroups import group_name

_TYPES: Final[Mapping[type, str]] = {
    FileSource: "file", BlockSource: "block", DirSource: "dir", NetworkSource: "network", NvmeSource: "nvme",
    VhostVdpaSource: "vhostvdpa",
}  # fmt: skip


def apply(image: Image, disk: Disk) -> None:
    """Set what an image says of its disk."""
    disk.type, disk.source = _TYPES[type(image.source)], image.source
    disk.driver, disk.format = "qemu", image.format
    disk.readonly = disk.readonly or image.readonly
    disk.cache = image.cache or disk.cache
    disk.io = image.io or disk.io
    disk.discard = image.discard or disk.discard
    disk.detect_zeroes = image.detect_zeroes or disk.detect_zeroes
    disk.discard_no_unref = image.no_unref
    disk.metadata_cache = _cache(image)
    disk.backing = _below(image)
    if image.data is not None:
        disk.source.rear.data_store = _data(image.data)


def filter_by(graph: Graph, disk: Disk) -> None:
    """Set the filters that stand above the image."""
    disk.throttle_filters = [ThrottleFilter(group=group_name(name)) for name in reversed(graph.filters)]
    if graph.copied_to is not None:
        disk.copy_on_read = "on"
        disk.target = graph.copied_to or None


def _cache(image: Image) -> MetadataCache | None:
    return None if image.table_cache is None else MetadataCache(size=image.table_cache, unit="bytes")


def _below(image: Image) -> BackingStore | None:
    """The chain of images below; a store without a type says that it ends there."""
    if image.backing is None:
        return BackingStore() if image.ended else None
    store = image.backing
    if store.data is not None:
        store.source.rear.data_store = _data(store.data)
    return BackingStore(
        type=_TYPES[type(store.source)],
        format=store.format,
        metadata_cache=_cache(store),
        source=store.source,
        backing=_below(store),
    )


def _data(image: Image) -> DataStore:
    return DataStore(type=_TYPES[type(image.source)], format=image.format, metadata_cache=_cache(image), source=image.source)
