"""Guest nodes: ``<cpu><numa><cell id='0' cpus='0-3' …/></numa></cpu>`` is ``-numa node,nodeid=0,cpus=0-3,memdev=ram-node0``.

With the distances between them (``-numa dist``), and what heterogeneous memory has: ``-numa hmat-lb``, ``-numa hmat-cache``.
"""

from __future__ import annotations

from qemuxml.common.bitmap import MEMBERS
from qemuxml.common.sizes import UNIT
from qemuxml.domain.cpuplaces import Place
from qemuxml.domain.memory.model import ACCESS
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import DECIMAL, UINT32, UINT64, YES_NO, one_of, within
from qemuxml.mapping.xml import attr, children, flag
from qemuxml.record import field, record


@record(kw_only=True)
class Sibling:
    """How far another node is: 10 is the node itself, 20 the usual neighbour."""

    id: int | None = attr("@id", UINT32)
    value: int | None = attr("@value", UINT64)


@record(kw_only=True)
class MemoryCache:
    """A cache on the side of a node's memory."""

    level: int | None = attr("@level", within(1, 3, DECIMAL), required=True)
    associativity: str | None = attr("@associativity", one_of("none", "direct", "full"), required=True)
    policy: str | None = attr("@policy", one_of("none", "writeback", "writethrough"), required=True)
    size: int | None = attr("size@value", UINT64, required=True)
    size_unit: str | None = attr("size@unit")
    line: int | None = attr("line@value", UINT64, required=True)
    line_unit: str | None = attr("line@unit")


@record(kw_only=True)
class Cell:
    """One node: its CPUs and its memory."""

    id: int | None = attr("@id", UINT32)
    cpus: list[int] | None = attr("@cpus", MEMBERS)
    memory: int | None = attr("@memory", UINT64)
    unit: str | None = attr("@unit", UNIT)
    access: str | None = attr("@memAccess", ACCESS)
    discard: bool | None = attr("@discard", YES_NO)
    has_distances: bool = flag("distances")
    siblings: list[Sibling] = children("distances/sibling", Sibling)
    caches: list[MemoryCache] = children("cache", MemoryCache)
    backend: str | None = None
    """The object that ``memdev=`` named."""
    places: dict[Place, None] = field(default_factory=dict)
    """The places of CPUs that ``-numa cpu`` named."""


@record(kw_only=True)
class Interconnect:
    """How fast an initiator reaches a node's memory, or one of the caches on its side (nanoseconds, or KiB a second)."""

    initiator: int | None = attr("@initiator", UINT32)
    target: int | None = attr("@target", UINT32)
    cache: int | None = attr("@cache", UINT32)
    type: str | None = attr("@type", one_of("access", "read", "write"), required=True)
    value: int | None = attr("@value", UINT64, required=True)
    unit: str | None = attr("@unit", UNIT)


@record(kw_only=True)
class Numa:
    """``<numa>``."""

    cells: list[Cell] = children("cell", Cell)
    latencies: list[Interconnect] = children("interconnects/latency", Interconnect)
    bandwidths: list[Interconnect] = children("interconnects/bandwidth", Interconnect)

    def in_order(self) -> list[Cell]:
        """The nodes by their number."""
        return sorted(self.cells, key=lambda cell: cell.id or 0)

    @property
    def has_hmat(self) -> bool:
        """Whether the guest is told of speeds and caches: ``-machine hmat=on``."""
        return bool(self.latencies or self.bandwidths or any(cell.caches for cell in self.cells))

    def initiator(self, cell: Cell) -> int | None:
        """The node whose CPUs are nearest to a node's memory."""
        if cell.cpus:
            return cell.id
        with_cpus = [item.id for item in self.in_order() if item.cpus]
        ways = (self.latencies, self.bandwidths)
        latencies, bandwidths = ([item for item in items if item.target == cell.id and not item.cache] for items in ways)
        if latencies:
            return min(latencies, key=lambda item: item.value or 0).initiator
        if bandwidths:
            return max(bandwidths, key=lambda item: item.value or 0).initiator
        return with_cpus[0] if with_cpus else None


def complete(numa: Numa, count: int) -> None:
    """Numbers for nodes without one, and a node for every CPU: what no node has is in the first.

    Raises DomainXmlError for numbers that are doubled or have a gap, and for CPUs of two nodes.
    """
    for number, cell in enumerate(numa.cells):
        cell.id = number if cell.id is None else cell.id
    if sorted(cell.id or 0 for cell in numa.cells) != list(range(len(numa.cells))):
        raise DomainXmlError("<numa>: the ids of its <cell> elements must be 0, 1, 2 and so on").of(numa)
    named: set[int] = set()
    for cell in numa.cells:
        if named & set(cell.cpus or ()):
            raise DomainXmlError(f"<cell id='{cell.id}'>: another node has the same cpus").of(cell)
        named |= set(cell.cpus or ())
    if named and max(named) >= count:
        raise DomainXmlError(f"<numa>: there are only {count} CPUs, number {max(named)} is none of them").of(numa)
    rest = set(range(count)) - named
    first = numa.in_order()[0] if numa.cells else None
    if rest and first:
        first.cpus = sorted(rest | set(first.cpus or ()))


def check(numa: Numa) -> None:
    """Refuse distances and interconnects that name nodes which are not there. Raises DomainXmlError."""
    ids = {cell.id for cell in numa.cells}
    if not numa.cells:
        raise DomainXmlError("<numa>: it has no <cell>").of(numa)
    for cell in numa.cells:
        _check_cell(cell, ids)
    idle = {cell.id for cell in numa.cells if not cell.cpus}
    for items in (numa.latencies, numa.bandwidths):
        seen = set()
        for item in items:
            _check_way(item, numa, ids)
            if item.initiator in idle:
                raise DomainXmlError("<interconnects>: an initiator has CPUs").of(item)
            way = (item.initiator, item.target, item.cache or 0, item.type)
            if way in seen:
                raise DomainXmlError("<interconnects>: two of them are of the same nodes, cache and type").of(item)
            seen.add(way)


def _check_cell(cell: Cell, ids: set[int | None]) -> None:
    if cell.memory is None:
        raise DomainXmlError(f"<cell id='{cell.id}'> needs its memory").of(cell)
    if cell.has_distances and not cell.siblings:
        raise DomainXmlError(f"<cell id='{cell.id}'>: its <distances> have no <sibling>").of(cell)
    for sibling in cell.siblings:
        _check_sibling(cell, sibling, ids)
    levels = set()
    for cache in cell.caches:
        if cache.level in levels:
            raise DomainXmlError(f"<cache level='{cache.level}'>: the node has another one").of(cache)
        if cache.size is None or cache.line is None:
            raise DomainXmlError(f"<cache level='{cache.level}'>: it needs a <size> and a <line>").of(cache)
        levels.add(cache.level)


def _check_way(item: Interconnect, numa: Numa, ids: set[int | None]) -> None:
    if item.initiator not in ids or item.target not in ids:
        raise DomainXmlError("<interconnects>: initiator and target must be nodes of the guest").of(item)
    levels = {cache.level for cell in numa.cells if cell.id == item.target for cache in cell.caches}
    if item.cache and item.cache not in levels:
        raise DomainXmlError(f"<interconnects>: node {item.target} has no cache of level {item.cache}").of(item)


LOCAL, REMOTE, FARTHEST = 10, 20, 255
"""The distances of a node from itself, from another if nothing is said, and the greatest."""


def _check_sibling(cell: Cell, sibling: Sibling, ids: set[int | None]) -> None:
    if sibling.id not in ids:
        raise DomainXmlError(f"<sibling id='{sibling.id}'> of <cell id='{cell.id}'> is no node of the guest").of(sibling)
    value = sibling.value or 0
    if not LOCAL <= value <= FARTHEST or (sibling.id == cell.id) != (value == LOCAL):
        said = f"<sibling id='{sibling.id}' value='{value}'>: 10 is for the node itself, 11 to 255 for others"
        raise DomainXmlError(said).of(sibling)
