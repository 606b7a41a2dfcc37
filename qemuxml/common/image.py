"""An image that QEMU opens, with all below it: what ``-blockdev`` says, and ``<driver>``, ``<source>`` and ``<backingStore>``.

``blockdev`` writes it as a graph of nodes, ``blockgraph`` reads it back from one.
"""

from __future__ import annotations

from typing import Final

from qemuxml.common.source import Encryption, Slice
from qemuxml.common.storage import DirSource, Source
from qemuxml.record import record

CACHE: Final = {
    "none": (True, False, True), "writeback": (False, False, True), "writethrough": (False, False, False),
    "directsync": (True, False, False), "unsafe": (False, True, True),
}  # fmt: skip
"""What a mode of ``<driver cache='…'>`` is: past the host's cache, never flushed, and the guest's own write cache."""

DRIVERS: Final = {"vhd": "vhdx", "ploop": "parallels"}
"""Formats that QEMU names otherwise."""
NESTING: Final = frozenset({"qcow", "qcow2", "qed", "vmdk"})
"""Formats of images that can lie on others."""


@record(frozen=True, kw_only=True)
class Image:
    """An image to open. ``name`` begins the names of its nodes (``libvirt-1``); ``ended`` says that no image is below it."""

    name: str
    source: Source
    format: str = "raw"
    readonly: bool = False
    cache: str | None = None
    io: str | None = None
    discard: str | None = None
    detect_zeroes: str | None = None
    no_unref: bool | None = None
    table_cache: int | None = None
    """Bytes of a qcow2 image's tables to keep."""
    floppy: bool = False
    cdrom: bool = False
    always_format: bool = False
    """Whether a raw image has a format node too, as QEMU needed it for block jobs before it could leave them unnamed."""
    fdset: int | None = None
    """The set of descriptors that libvirt hands over for the image."""
    nbdkit: str | None = None
    """The socket of an nbdkit that opens the image in QEMU's place."""
    reservations: str | None = None
    """The object that makes SCSI persistent reservations."""
    data: Image | None = None
    backing: Image | None = None
    ended: bool = False

    @property
    def encryption(self) -> Encryption | None:
        """How it is encrypted, if it is."""
        return self.source.rear.encryption

    @property
    def by_qemu(self) -> Encryption | None:
        """The encryption, if it is QEMU that decrypts."""
        return self.encryption if self.encryption and self.encryption.engine != "librbd" else None

    @property
    def part(self) -> Slice | None:
        """The part of the storage that the image is."""
        return next((part for part in self.source.tail.slices if part.type == "storage"), None)

    @property
    def has_format(self) -> bool:
        """Whether a format node is needed."""
        return self.format != "raw" or self.always_format or self.by_qemu is not None or isinstance(self.source, DirSource)

    @property
    def storage(self) -> str:
        """The node that the format lies on."""
        return f"{self.name}-slice-sto" if self.part else f"{self.name}-storage"

    @property
    def node(self) -> str:
        """The topmost node of the image."""
        return f"{self.name}-format" if self.has_format else self.storage


def write_cache(mode: str | None) -> str | None:
    """``write-cache`` of the guest's device; None where nothing was said."""
    return None if mode not in CACHE else "on" if CACHE[mode][2] else "off"


def mode(*, direct: bool, no_flush: bool, write_cache: bool) -> str:
    """The name of a mode of caching. Raises ValueError for one that domain XML has no name for."""
    for name, settings in CACHE.items():
        if settings == (direct, no_flush, write_cache):
            return name
    raise ValueError("is a mode of caching without a name")


def with_write_cache(cache: str | None, *, write_cache: bool) -> str | None:
    """The mode of an image behind a device that has a write cache, or none; unsaid it is writeback.

    Raises ValueError for one without a name.
    """
    direct, no_flush, _ = CACHE.get(cache or "", CACHE["writeback"])
    return mode(direct=direct, no_flush=no_flush, write_cache=write_cache)
