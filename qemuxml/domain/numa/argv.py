"""Guest nodes on the line: ``-numa node,nodeid=0,cpus=0-3,memdev=ram-node0``, ``dist``, ``hmat-lb``, ``hmat-cache``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.render import Words
from qemuxml.common.bitmap import ranges
from qemuxml.common.sizes import in_bytes
from qemuxml.domain.numa.model import LOCAL, REMOTE, Cell, MemoryCache, Numa
from qemuxml.mapping.codecs import KIB


def node_words(numa: Numa, cell: Cell, memory: str) -> Words:
    """``-numa node`` of a cell; ``memory`` is ``memdev=ID`` or the size that the oldest machines take."""
    parts = ["node", f"nodeid={cell.id}", *(f"cpus={run}" for run in ranges(cell.cpus or ()))]
    if numa.has_hmat:
        parts.append(f"initiator={numa.initiator(cell)}")
    return "-numa", ",".join([*parts, memory])


def distance_words(numa: Numa) -> Iterator[Words]:
    """``-numa dist`` for every pair of nodes, if any distance is said; a way counts in both directions."""
    said = {(cell.id, item.id): item.value for cell in numa.cells for item in cell.siblings}
    if not said:
        return
    ids = [cell.id for cell in numa.in_order()]
    for source in ids:
        for target in ids:
            usual = LOCAL if source == target else REMOTE
            value = said.get((source, target)) or said.get((target, source)) or usual
            yield "-numa", f"dist,src={source},dst={target},val={value}"


_HIERARCHY = ("memory", "first-level", "second-level", "third-level")


def hmat_words(numa: Numa) -> Iterator[Words]:
    """``-numa hmat-lb`` for every speed, ``-numa hmat-cache`` for every cache."""
    for name, items in (("latency", numa.latencies), ("bandwidth", numa.bandwidths)):
        for item in items:
            value = str(item.value) if name == "latency" else f"{in_bytes(item.value or 0, item.unit) // KIB}K"
            place = f"initiator={item.initiator},target={item.target},hierarchy={_HIERARCHY[min(item.cache or 0, 3)]}"
            yield "-numa", f"hmat-lb,{place},data-type={item.type}-{name},{name}={value}"
    for cell in numa.in_order():
        for cache in cell.caches:
            yield "-numa", _cache(cell, cache)


_ASSOCIATIVITIES = {"direct": "direct", "full": "complex"}
_POLICIES = {"writeback": "write-back", "writethrough": "write-through"}


def _cache(cell: Cell, cache: MemoryCache) -> str:
    policy = _POLICIES.get(cache.policy or "none", "none")
    # libvirt counts the size in KiB and the line in bytes, whatever the units say.
    line = f",line={cache.line}" if cache.line else ""
    return (
        f"hmat-cache,node-id={cell.id},size={cache.size or 0}K,level={cache.level},"
        f"associativity={_ASSOCIATIVITIES.get(cache.associativity or '', 'none')},policy={policy}{line}"
    )
