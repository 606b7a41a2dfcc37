"""The guest's memory on today's command line: ``-m size=219136k`` with ``-object memory-backend-ram,id=pc.ram,…``.

A guest of several nodes has a backend for each (``ram-node0``) in place of the one; a memory device has its own (``memdimm0``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from qemuxml.cmdline.render import Words
from qemuxml.common.sizes import in_bytes
from qemuxml.domain import boards
from qemuxml.domain.launch import short_name
from qemuxml.domain.memory.model import Memory
from qemuxml.domain.numa import argv as numa
from qemuxml.domain.numa.model import Cell
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import KIB, MIB
from qemuxml.mapping.context import Writing
from qemuxml.mapping.props import Pair, json
from qemuxml.record import record

if TYPE_CHECKING:
    from qemuxml.domain import Domain

GIB: Final = 1024 * MIB
RAM_DIRECTORY: Final = "/var/lib/libvirt/qemu/ram"
"""Where libvirt keeps the files of shared memory."""
MOST: Final = 1 << 63
"""Sizes end below this."""


# ------------------------------------------------------------------ sizes


def alignment(domain: Domain) -> int:
    """What the memory of a node is rounded up to: pseries machines plug memory in pieces of 256 MiB."""
    return 256 * MIB if (domain.os.arch or "").startswith("ppc64") else MIB


def module_alignment(domain: Domain) -> int:
    """What the size of a memory device is rounded up to."""
    return 256 * MIB if (domain.os.arch or "").startswith("ppc64") else 2 * MIB


def rounded(size: int, unit: int) -> int:
    """The next multiple."""
    return -(-size // unit) * unit


def cell_size(cell: Cell, domain: Domain) -> int:
    """Bytes of a node's memory. Raises DomainXmlError when rounding leads beyond what can be counted."""
    size = rounded(in_bytes(cell.memory or 0, cell.unit), alignment(domain))
    if size > MOST - GIB:
        raise DomainXmlError(f"<cell id='{cell.id}'>: its memory is more than can be counted").of(cell)
    return size


def initial_size(domain: Domain) -> int:
    """Bytes at the start, without the memory devices. Raises DomainXmlError when nothing says how much."""
    if domain.numa and domain.numa.cells:
        return sum(cell_size(cell, domain) for cell in domain.numa.cells)
    memory = domain.memory
    if memory.size is None:
        raise DomainXmlError("<memory> is missing: neither it nor <numa> says how much memory the guest has")
    size = in_bytes(memory.size, memory.unit) - sum(device.given_size() for device in devices(domain))
    if size <= 0:
        raise DomainXmlError("<memory>: the memory devices leave nothing of it for the start")
    return rounded(size, alignment(domain))


def devices(domain: Domain) -> list[Any]:
    """The ``<memory>`` devices; this room knows them by their backends only."""
    return [device for device in domain.devices if hasattr(device, "given_size")]


# ------------------------------------------------------------------ backends


@record(kw_only=True)
class Wanted:
    """What a backend must be: the memory of a node, or of a device that sits on one."""

    name: str
    """The id of the object."""
    file: str
    """The name of its file, where it is one."""
    size: int
    cell: int | None = None
    main: bool = False
    """The machine's own memory: its id names the block of memory in a migration."""
    path: str | None = None
    """The image of an NVDIMM."""
    page: int | None = None
    """Bytes of a page that the device asks for."""
    nodes: list[int] | None = None
    """Host nodes that the device asks for."""
    access: str | None = None
    discard: bool | None = None
    align: int | None = None
    pmem: bool = False
    persistent: bool = False
    """An image that the guest writes to directly, as virtio-pmem does: nothing is allocated ahead."""
    elastic: bool = False
    """A virtio-mem device's: it allocates what it plugs, and nothing is reserved."""


@record(kw_only=True)
class Backend:
    """The objects of a backend; ``plain`` says that it asks for nothing but a size."""

    context: list[Pair] | None
    pairs: list[Pair]
    prealloc: bool
    plain: bool

    def words(self) -> Iterator[Words]:
        """``-object thread-context`` if there is one, and ``-object memory-backend-…``."""
        if self.context:
            yield "-object", json(self.context)
        yield "-object", json(self.pairs)


def backend(wanted: Wanted, writing: Writing) -> Backend:
    """The backend that the guest's ``<memoryBacking>``, node and ``<numatune>`` ask for."""
    domain = writing.domain
    memory = domain.memory
    cell = _cell(domain, wanted.cell)
    access = wanted.access or (cell.access if cell else None) or memory.access
    page = None if wanted.path else _page(wanted, domain)
    kind, pairs = _kind(wanted, writing, page, access)
    if kind == "memory-backend-file":
        discard = _discard(wanted, cell, memory)
        pairs += [("discard-data", discard)] if discard is not None else []
    pairs += [("share", access == "shared")] if access and kind != "memory-backend-ram" else []
    if wanted.main and kind != "memory-backend-ram":
        pairs.append(("x-use-canonical-path-for-ramblock-id", False))
    prealloc = memory.allocation == "immediate" or page is not None or (wanted.path is not None and not wanted.persistent)
    prealloc = prealloc and not wanted.pmem
    pairs += _allocation(wanted, writing, prealloc=prealloc)
    pairs.append(("size", wanted.size))
    pairs += [("align", wanted.align)] if wanted.align else []
    pairs += [("pmem", True)] if wanted.pmem else []
    mode, nodes = _nodes(wanted, domain)
    pairs += _policy(mode, nodes)
    threaded = prealloc and not wanted.elastic and mode != "restrictive" and writing.has("object.thread-context")
    context = _context(wanted, nodes) if nodes and threaded else None
    if context:
        pairs.append(("prealloc-context", f"tc-{wanted.name}"))
    plain = kind == "memory-backend-ram" and page is None and not (nodes and mode != "restrictive") and not wanted.elastic
    return Backend(context=context, pairs=[("qom-type", kind), ("id", wanted.name), *pairs], prealloc=prealloc, plain=plain)


def _cell(domain: Domain, number: int | None) -> Cell | None:
    cells = domain.numa.cells if domain.numa else []
    return next((cell for cell in cells if cell.id == number), None)


def _kind(wanted: Wanted, writing: Writing, page: int | None, access: str | None) -> tuple[str, list[Pair]]:
    """The type of the object, and where it lies."""
    source = writing.domain.memory.source
    if wanted.path:
        return "memory-backend-file", [("mem-path", wanted.path)]
    if source == "memfd" or (not writing.by_libvirt and (page or access or source == "file")):
        # Libvirt makes folders for files of memory; a person's line has memory that can be shared without any.
        return "memory-backend-memfd", [("hugetlb", True), ("hugetlbsize", page)] if page else []
    folder = f"-1-{short_name(writing.domain.identity.name or '')}"
    if page:
        return "memory-backend-file", [("mem-path", f"/dev/hugepages{_spelt(page)}/libvirt/qemu/{folder}")]
    if access or source == "file":
        return "memory-backend-file", [("mem-path", f"{RAM_DIRECTORY}/{folder}/{wanted.file}")]
    return "memory-backend-ram", []


def _spelt(page: int) -> str:
    return f"{page // GIB}G" if page >= GIB else f"{page // MIB}M"


def _discard(wanted: Wanted, cell: Cell | None, memory: Memory) -> bool | None:
    """What each level says, the nearest first; an NVDIMM's image is never thrown away."""
    if wanted.path:
        return None
    if wanted.discard is not None:
        return wanted.discard
    if cell and cell.discard is not None:
        return cell.discard
    return True if memory.discard else None


def _allocation(wanted: Wanted, writing: Writing, *, prealloc: bool) -> list[Pair]:
    """Memory that is allocated ahead: on a person's line by as many threads as ``-mem-prealloc`` has, one for each CPU."""
    if wanted.elastic:
        return [("reserve", False)]
    pairs: list[Pair] = [("prealloc", True)] if prealloc else []
    count = writing.domain.vcpu.at_start() if prealloc and not writing.by_libvirt else 1
    threads = writing.domain.memory.threads or (count if count > 1 else None)
    return pairs + ([("prealloc-threads", threads)] if threads else [])


def _nodes(wanted: Wanted, domain: Domain) -> tuple[str, list[int]]:
    tuning = domain.tuning.numa
    found = tuning.of(wanted.cell) if tuning else None
    mode, nodes = found or ("strict", [])
    return mode, wanted.nodes or nodes


_POLICIES = {"strict": "bind", "preferred": "preferred", "interleave": "interleave"}


def _policy(mode: str, nodes: list[int]) -> list[Pair]:
    """``host-nodes`` and ``policy``; a restrictive mode is left to control groups."""
    if not nodes or mode == "restrictive":
        return []
    return [*((f"host-nodes.{number}", node) for number, node in enumerate(nodes)), ("policy", _POLICIES[mode])]


def _context(wanted: Wanted, nodes: list[int]) -> list[Pair]:
    """The threads that touch the memory ahead run where it lies."""
    affinity: list[Pair] = [(f"node-affinity.{number}", node) for number, node in enumerate(nodes)]
    return [("qom-type", "thread-context"), ("id", f"tc-{wanted.name}"), *affinity]


# ------------------------------------------------------------------ huge pages


def default_page(_: Domain) -> int:
    """The size of a host's huge pages where none is said."""
    return 2 * MIB


def system_page(domain: Domain) -> int:
    """The size of a host's ordinary pages: they need no backend of their own."""
    return 64 * KIB if (domain.os.arch or "").startswith("ppc64") else 4 * KIB


def _page(wanted: Wanted, domain: Domain) -> int | None:
    """Bytes of the huge pages of a backend; None for ordinary pages."""
    size = wanted.page or default_page_of(domain, wanted.cell)
    return None if size == system_page(domain) else size


def default_page_of(domain: Domain, cell: int | None) -> int | None:
    """Bytes of the pages that a node's memory has if it asks for none of its own; None for ordinary pages."""
    memory = domain.memory
    if not memory.hugepages:
        return None
    if not memory.pages:
        return default_page(domain)
    own = [page for page in memory.pages if page.nodeset and (cell or 0) in page.nodeset]
    rest = [page for page in memory.pages if not page.nodeset]
    chosen = next(iter([*own, *rest]), None)
    return in_bytes(chosen.size or 0, chosen.unit) if chosen else None


MOUNTED: Final = frozenset({2 * MIB, GIB, 16 * MIB, 16 * GIB, MIB, 64 * KIB, 32 * MIB, 512 * MIB})
"""The sizes of huge pages that hosts mount, over all architectures."""


def check_pages(domain: Domain) -> None:
    """Refuse huge pages of a size that no host has, or for nodes that the guest has not. Raises DomainXmlError."""
    _check_source(domain.memory)
    cells = [cell.id for cell in domain.numa.cells] if domain.numa else []
    masters = 0
    taken: set[int] = set()
    for page in domain.memory.pages:
        size = in_bytes(page.size or 0, page.unit)
        if size != system_page(domain) and size not in MOUNTED:
            raise DomainXmlError(f"<page size='{page.size}'>: no host has huge pages of {size // KIB} KiB").of(page)
        outside = [node for node in page.nodeset or () if node not in (cells or [0])]
        if outside:
            raise DomainXmlError(f"<page nodeset='…'>: the guest has no node {outside[0]}").of(page)
        if taken & set(page.nodeset or ()):
            raise DomainXmlError("<page nodeset='…'>: another <page> is for the same node").of(page)
        taken |= set(page.nodeset or ())
        masters += not page.nodeset or not cells
    if masters > 1:
        raise DomainXmlError("<hugepages>: two <page> elements are for the same memory").of(domain.memory.pages[1])


def _check_source(memory: Memory) -> None:
    """Huge pages are files, and taken at once."""
    if memory.hugepages and memory.allocation == "ondemand":
        raise UnsupportedError("<allocation mode='ondemand'>: not possible with <hugepages>")
    if memory.hugepages and memory.source == "anonymous":
        raise UnsupportedError("<source type='anonymous'>: not possible with <hugepages>")


# ------------------------------------------------------------------ options


def write(writing: Writing) -> Iterator[Words]:
    """``-m``, the backend of a guest without nodes, ``-overcommit``."""
    domain = writing.domain
    memory = domain.memory
    size = initial_size(domain)
    parts = [f"size={size // KIB}k"]
    if memory.maximum:
        parts += [f"slots={memory.slots}"] if memory.slots else []
        parts.append(f"maxmem={rounded(in_bytes(memory.maximum, memory.maximum_unit), alignment(domain)) // KIB}k")
    yield "-m", ",".join(parts)
    name = boards.memory.ram_id(domain.os.arch, domain.os.machine)
    if name and not (domain.numa and domain.numa.cells):
        yield from backend(Wanted(name=name, file=name, size=size, main=True), writing).words()
    yield "-overcommit", f"mem-lock={'on' if memory.locked else 'off'}"


def write_numa(writing: Writing) -> Iterator[Words]:
    """The nodes with their backends, distances, speeds and caches."""
    domain = writing.domain
    if domain.numa is None or not domain.numa.cells:
        return
    cells = domain.numa.in_order()
    backends = [_cell_backend(cell, writing) for cell in cells]
    hmat = list(numa.hmat_words(domain.numa))
    by_size = boards.takes_node_sizes(domain.os.arch, domain.os.machine) and not hmat and all(item.plain for item in backends)
    if by_size and domain.memory.allocation == "immediate":
        yield ("-mem-prealloc",)
    for cell, made in zip(cells, backends, strict=True):
        if by_size:
            yield numa.node_words(domain.numa, cell, f"mem={cell_size(cell, domain) // MIB}")
        else:
            yield from made.words()
            yield numa.node_words(domain.numa, cell, f"memdev=ram-node{cell.id}")
    yield from numa.distance_words(domain.numa)
    yield from hmat


def _cell_backend(cell: Cell, writing: Writing) -> Backend:
    name = f"ram-node{cell.id}"
    return backend(Wanted(name=name, file=name, size=cell_size(cell, writing.domain), cell=cell.id), writing)
