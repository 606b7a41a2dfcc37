"""Memory that is a device: ``<memory model='dimm'>`` is ``-object memory-backend-ram,id=memdimm0`` with ``-device pc-dimm``.

Also NVDIMMs, virtio-mem, virtio-pmem, and the enclave memory of SGX, which is a part of the machine.
"""

from __future__ import annotations

from typing import Final

from qemuxml.common.bitmap import MEMBERS
from qemuxml.common.info import Info
from qemuxml.common.sizes import UNIT, in_bytes
from qemuxml.domain.memory.model import ACCESS
from qemuxml.mapping.codecs import KIB, UINT32, UINT64, YES_NO, hexadecimal, one_of
from qemuxml.mapping.xml import attr, flag, group, text
from qemuxml.record import record


@record(kw_only=True)
class MemoryDevice:
    """One device; each of its sizes has its own unit (KiB without one)."""

    model: str | None = attr("@model", one_of("dimm", "nvdimm", "virtio-pmem", "virtio-mem", "sgx-epc"))
    access: str | None = attr("@access", ACCESS)
    discard: bool | None = attr("@discard", YES_NO)
    uuid: str | None = text("uuid")
    nodemask: list[int] | None = text("source/nodemask", MEMBERS)
    page_unit: str | None = attr("source/pagesize@unit", UNIT)
    page: int | None = text("source/pagesize", UINT64)
    path: str | None = text("source/path")
    align_unit: str | None = attr("source/alignsize@unit", UNIT)
    align: int | None = text("source/alignsize", UINT64)
    pmem: bool = flag("source/pmem")
    dynamic: bool | None = attr("target@dynamicMemslots", YES_NO)
    size_unit: str | None = attr("target/size@unit", UNIT)
    size: int | None = text("target/size", UINT64)
    node: int | None = text("target/node", UINT32)
    label_unit: str | None = attr("target/label/size@unit", UNIT)
    label: int | None = text("target/label/size", UINT64)
    readonly: bool = flag("target/readonly")
    block_unit: str | None = attr("target/block@unit", UNIT)
    block: int | None = text("target/block", UINT64)
    requested_unit: str | None = attr("target/requested@unit", UNIT)
    requested: int | None = text("target/requested", UINT64)
    current_unit: str | None = attr("target/current@unit", UNIT)
    current: int | None = text("target/current", UINT64)
    base: int | None = attr("target/address@base", hexadecimal(1))
    info: Info = group(Info)
    ordinal: int = 0
    """How many devices of the same model come before."""

    def given_size(self) -> int:
        """Bytes as the XML says them; the guest's whole memory counts them so. Enclave memory is apart."""
        return 0 if self.model in ("sgx-epc", "virtio-pmem") else in_bytes(self.size or 0, self.size_unit)

    @property
    def label_size(self) -> int | None:
        """Bytes of an NVDIMM's label area."""
        return in_bytes(self.label, self.label_unit) if self.label else None

    @label_size.setter
    def label_size(self, found: int | None) -> None:
        self.label, self.label_unit = _in_units(found)

    @property
    def block_size(self) -> int | None:
        """Bytes that a virtio-mem device plugs at once."""
        return in_bytes(self.block, self.block_unit) if self.block else None

    @block_size.setter
    def block_size(self, found: int | None) -> None:
        self.block, self.block_unit = _in_units(found)

    @property
    def requested_size(self) -> int | None:
        """Bytes that a virtio-mem device should plug."""
        return in_bytes(self.requested, self.requested_unit) if self.model == "virtio-mem" and self.requested else None

    @requested_size.setter
    def requested_size(self, found: int | None) -> None:
        self.requested, self.requested_unit = _in_units(found)


def _in_units(found: int | None) -> tuple[int | None, str | None]:
    """Bytes as libvirt says them, in KiB where they are whole."""
    if found is None:
        return None, None
    return (found, "b") if found % KIB else (found // KIB, "KiB")


SLOTTED: Final = frozenset({"dimm", "nvdimm"})
"""The models that sit in a slot of the board."""
