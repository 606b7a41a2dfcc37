"""How much memory: ``-m 2G`` is ``<memory unit='KiB'>2097152</memory>`` and the like ``<currentMemory>``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import parse
from qemuxml.common.bitmap import MEMBERS
from qemuxml.common.sizes import UNIT, in_bytes
from qemuxml.domain.tuning import BlockTuning, MemoryTuning
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import INT, KIB, MIB, ON_OFF, UINT32, UINT64, one_of, size
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import attr, child, children, flag, text
from qemuxml.record import record

ACCESS = one_of("shared", "private")


@record(kw_only=True)
class Page:
    """A size of huge pages, and the guest nodes that have it; without nodes it is for the rest."""

    size: int | None = attr("@size", UINT64)
    unit: str | None = attr("@unit", UNIT)
    nodeset: list[int] | None = attr("@nodeset", MEMBERS)


@record(kw_only=True)
class Memory:
    """Memory sizes, each a number in its own unit (KiB without one); ``maximum`` with slots is what hotplug may reach."""

    slots: int | None = attr("maxMemory@slots", UINT32)
    maximum_unit: str | None = attr("maxMemory@unit", UNIT)
    maximum: int | None = text("maxMemory", UINT64)
    dump_core: bool | None = attr("memory@dumpCore", ON_OFF)
    unit: str | None = attr("memory@unit", UNIT)
    size: int | None = text("memory", UINT64)
    current_unit: str | None = attr("currentMemory@unit", UNIT)
    current: int | None = text("currentMemory", UINT64)
    block_tuning: BlockTuning | None = child("blkiotune", BlockTuning)
    tuning: MemoryTuning | None = child("memtune", MemoryTuning)
    hugepages: bool = flag("memoryBacking/hugepages")
    pages: list[Page] = children("memoryBacking/hugepages/page", Page)
    nosharepages: bool = flag("memoryBacking/nosharepages")
    locked: bool = flag("memoryBacking/locked")
    source: str | None = attr("memoryBacking/source@type", one_of("file", "anonymous", "memfd"))
    access: str | None = attr("memoryBacking/access@mode", ACCESS)
    allocation: str | None = attr("memoryBacking/allocation@mode", one_of("immediate", "ondemand"))
    threads: int | None = attr("memoryBacking/allocation@threads", UINT32)
    discard: bool = flag("memoryBacking/discard")
    backend: str | None = None
    """The object that ``-machine memory-backend=`` named."""

    def set(self, size_in_bytes: int) -> None:
        """The same size for the start and for the balloon, in KiB."""
        self.size = self.current = size_in_bytes // KIB
        self.unit = self.current_unit = "KiB"


def _mebibytes(text: str) -> int:
    found = size(text, MIB)
    if not 0 <= found < 1 << 63:
        raise ValueError("is not a size of memory")
    return found


def claim_m(option: Option, reading: Reading) -> Claimed | None:
    """``-m 512``, ``-m 2G``, ``-m size=8G,slots=16,maxmem=16G``; a number without a suffix counts MiB."""
    values = parse(option.value, "size") if option.value else None
    if values is None:
        return None
    found = values.get("size", _mebibytes)
    slots, maximum = values.get("slots", INT.decode), values.get("maxmem", _mebibytes)
    if not reading.understood(values):
        return None
    memory = reading.domain.memory
    memory.set(found or reading.target.memory)
    if maximum is not None:
        memory.slots, memory.maximum, memory.maximum_unit = slots, maximum // KIB, "KiB"
    return mapped(option)


def manual(memory: Memory, writing: Writing) -> Iterator[Words]:
    """``-m`` in MiB, rounded down as libvirt did. QEMU 0.9 had neither hotplug nor a balloon nor huge pages."""
    if memory.size is None:
        raise DomainXmlError("<memory> is missing")
    least = in_bytes(memory.current, memory.current_unit) if memory.current is not None else None
    if least is not None and least < in_bytes(memory.size, memory.unit):
        writing.note("<currentMemory>: QEMU 0.9 has no balloon: the guest gets all of <memory>")
    yield "-m", str(in_bytes(memory.size, memory.unit) // MIB)
