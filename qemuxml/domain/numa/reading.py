"""Guest nodes read back: ``-numa node,cpus=0-3,mem=2G``, ``-numa dist``, ``-numa hmat-lb`` and ``-cache``, ``-numa cpu``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Property, Values, decoded
from qemuxml.common.bitmap import members
from qemuxml.common.piece import Piece
from qemuxml.domain import cpuplaces
from qemuxml.domain.memory.backing import Backing
from qemuxml.domain.numa.model import Cell, Interconnect, MemoryCache, Numa, Sibling
from qemuxml.mapping.codecs import KIB, MIB, integer, one_of, size
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import Claimed, mapped


def claim(option: Option, reading: Reading) -> Claimed | None:
    """One option, by its type; what it says of a node may come before the node itself."""
    if option in reading.once(_empty_nodes):
        return None
    values = reading.values(option, "type")
    read = _TYPES.get(values.peek("type") or "")
    if read is None:
        return None
    values.get("type")
    numa = reading.domain.numa = reading.domain.numa or Numa()
    read(values, numa, reading)
    reading.settle(settle)
    return mapped(option) if reading.understood(values) else None


def _empty_nodes(reading: Reading) -> set[Option]:
    """Nodes with neither memory nor CPUs, to plug memory into: libvirt makes a backend of each, and QEMU none of no bytes."""
    found = {option: reading.values(option, "type") for option in reading.ledger.named("-numa")}
    nodes = {option: values for option, values in found.items() if values.peek("type") == "node"}
    empty = {option for option, values in nodes.items() if "memdev" not in values and values.peek("mem") in (None, "0")}
    return {option for option in empty if "cpus" not in nodes[option]} if len(empty) < len(nodes) else set()


def place(device: Any, piece: Piece) -> None:
    """Memory is plugged into the first node if none is named. Of a node without memory of its own QEMU alone is told."""
    numa = piece.reading.domain.numa if device.model in ("dimm", "nvdimm", "virtio-mem") else None
    nodes = [cell.id or 0 for cell in numa.cells] if numa else []
    wanted = device.node or 0
    if nodes:
        device.node = wanted if wanted in nodes else min(nodes)
    if nodes and wanted != device.node:
        piece.reading.override(device, [Property("node", wanted, piece.option.span)])


def _number(text: str) -> int:
    number = integer(text)
    if not 0 <= number < LIMIT:
        raise ValueError("is not the number of a node")
    return number


LIMIT: Final = 128
"""QEMU's own limit of nodes."""


def _cell(numa: Numa, number: int) -> Cell:
    found = next((cell for cell in numa.cells if cell.id == number), None)
    if found is None:
        found = Cell(id=number)
        numa.cells.append(found)
    return found


def _node(values: Values, numa: Numa, _: Reading) -> None:
    number = values.get("nodeid", _number)
    cell = _cell(numa, len(numa.cells) if number is None else number)
    cpus = {cpu for item in values.every("cpus") for cpu in decoded(item, members)}
    for name in {item.key for item in values if item.key.startswith("cpus.")}:
        cpus |= set(values.get(name, members) or ())
    cell.cpus = sorted(cpus | set(cell.cpus or ())) or None
    memory = values.get("mem", lambda text: size(text, MIB))
    if memory is not None:
        cell.memory, cell.unit = memory // KIB, "KiB"
    cell.backend = values.get("memdev")
    values.get("initiator")


def _distance(values: Values, numa: Numa, _: Reading) -> None:
    source, target, value = values.get("src", _number), values.get("dst", _number), values.get("val", integer)
    if source is not None:
        _cell(numa, source).siblings.append(Sibling(id=target, value=value))


_HIERARCHY: Final = {"memory": None, "first-level": 1, "second-level": 2, "third-level": 3}


def _speed(values: Values, numa: Numa, _: Reading) -> None:
    way = values.get("data-type", one_of(*(f"{kind}-{name}" for kind in _WAYS for name in ("latency", "bandwidth"))).decode) or ""
    kind, _dash, name = way.partition("-")
    made = Interconnect(initiator=values.get("initiator", _number), target=values.get("target", _number), type=kind)
    made.cache = _HIERARCHY[values.get("hierarchy", one_of(*_HIERARCHY).decode) or "memory"]
    if name == "latency":
        made.value = values.get("latency", integer)
        numa.latencies.append(made)
    else:
        made.value, made.unit = (values.get("bandwidth", size) or 0) // KIB, "KiB"
        numa.bandwidths.append(made)


_WAYS: Final = ("access", "read", "write")
_POLICIES: Final = {"none": "none", "write-back": "writeback", "write-through": "writethrough"}
_ASSOCIATIVITIES: Final = {"none": "none", "direct": "direct", "complex": "full"}


def _cache(values: Values, numa: Numa, _: Reading) -> None:
    cell = _cell(numa, values.get("node-id", _number) or 0)
    policy = values.get("policy", one_of(*_POLICIES).decode) or "none"
    associativity = values.get("associativity", one_of(*_ASSOCIATIVITIES).decode) or "none"
    cell.caches.append(
        MemoryCache(
            level=values.get("level", integer),
            associativity=_ASSOCIATIVITIES[associativity],
            policy=_POLICIES[policy],
            size=(values.get("size", size) or 0) // KIB,
            size_unit="KiB",
            line=values.get("line", integer),
            line_unit="B",
        )
    )


def _share_sockets(cells: list[Cell], reading: Reading) -> None:
    """CPUs that no node names: the sockets are dealt out, one to each node in turn."""
    cpu, count = reading.domain.cpu, reading.domain.vcpu.count or 1
    sockets = (cpu.topology.sockets if cpu and cpu.topology else None) or count
    for number in range(count):
        cell = cells[number * sockets // count % len(cells)]
        cell.cpus = [*(cell.cpus or ()), number]


def _cpu(values: Values, numa: Numa, reading: Reading) -> None:
    """``-numa cpu,node-id=1,socket-id=1``: every CPU that the ids fit."""
    cell = _cell(numa, values.get("node-id", _number) or 0)
    cell.places[cpuplaces.read(values)] = None
    reading.settle(settle_places)


def settle_places(reading: Reading) -> None:
    """Name the CPUs of the nodes by their numbers, now that the topology is known."""
    domain = reading.domain
    for cell in domain.numa.cells if domain.numa else ():
        found = {number for place in cell.places for number in cpuplaces.numbers(place, domain)}
        cell.cpus = sorted(found | set(cell.cpus or ())) or None


_TYPES: Final[Mapping[str, Callable[[Values, Numa, Reading], None]]] = {
    "node": _node, "dist": _distance, "hmat-lb": _speed, "hmat-cache": _cache, "cpu": _cpu,
}  # fmt: skip


def settle(reading: Reading) -> None:
    """The memory of each node by its backend; nodes for which nothing is said share what is left of the guest's."""
    domain = reading.domain
    cells = domain.numa.in_order() if domain.numa else []
    for cell in cells:
        found = reading.names.get(cell.backend or "")
        if isinstance(found, Backing) and found.size is not None:
            cell.memory, cell.unit = found.size // KIB, "KiB"
    if len(cells) > 1 and not any(cell.cpus or cell.places for cell in cells):
        _share_sockets(cells, reading)
    silent = [cell for cell in cells if cell.memory is None]
    left = (domain.memory.size or reading.target.memory // KIB) - sum(cell.memory or 0 for cell in cells)
    for cell in silent:
        cell.memory, cell.unit = max(left, 0) // len(silent), "KiB"
