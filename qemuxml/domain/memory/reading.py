"""Memory read back: ``-m size=2G,slots=4,maxmem=8G``, the backends of the machine and of its nodes, ``-overcommit``.

When all options are read, what the backends have in common becomes ``<memoryBacking>`` and ``<numatune>``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import on_off
from qemuxml.common import machineoptions
from qemuxml.domain import boards
from qemuxml.domain.memory import backing
from qemuxml.domain.memory.backing import RAM_DIRECTORY, Backing
from qemuxml.domain.memory.model import Memory, Page, claim_m
from qemuxml.domain.numa.model import Cell, Numa
from qemuxml.domain.tuning import MemoryNode, NumaTuning
from qemuxml.mapping.codecs import KIB
from qemuxml.mapping.context import Reading
from qemuxml.mapping.kind import Claim
from qemuxml.mapping.ledger import Claimed, Fate, implied, mapped


def claim_memory(option: Option, reading: Reading) -> Claimed | None:
    """``-m 2G,slots=4,maxmem=8G``."""
    reading.finish(add_node)
    return claim_m(option, reading)


def claim_backend(option: Option, reading: Reading) -> Claimed | None:
    """``-object memory-backend-ram,id=pc.ram``, if it is the machine's or a node's; a device's stays open."""
    values = reading.values(option, "qom-type")
    name = values.peek("id")
    if name is None or not (_is_main(name, reading) or name in reading.once(_of_nodes)):
        return None
    made = backing.read(values)
    reading.name(name, made)
    reading.settle(settle)
    if left := ", ".join(item.key for item in values.unread()):
        return Claimed((option,), Fate.GUESSED, (), f"domain XML has no word for {left}")
    return _claimed(option, made)


def _claimed(option: Option, made: Backing) -> Claimed:
    """A file for memory is libvirt's to name, unless it is one of huge pages or was named by libvirt."""
    if made.path is None or made.page is not None or made.path.startswith(RAM_DIRECTORY):
        return mapped(option)
    return Claimed((option,), Fate.REPLACED, (), f"libvirt names the file of the memory itself, not {made.path}")


def _is_main(name: str, reading: Reading) -> bool:
    return name in reading.once(machineoptions.properties).get("memory-backend", ())


def _of_nodes(reading: Reading) -> set[str | None]:
    return {reading.values(item, "type").peek("memdev") for item in reading.ledger.named("-numa")}


def claim_context(option: Option, _: Reading) -> Claimed:
    """``-object thread-context``: libvirt lets memory be touched where it lies by itself."""
    return implied(option, "libvirt allocates memory on the nodes where it lies")


def claim_overcommit(option: Option, reading: Reading) -> Claimed | None:
    """``-overcommit mem-lock=on``."""
    values = reading.values(option)
    locked = values.get("mem-lock", lambda text: text == "on-fault" or on_off(text))
    if locked is not None:
        reading.domain.memory.locked = locked
    if values.peek("cpu-pm") == "off":
        values.get("cpu-pm")
    return reading.partly(option, values.unread())


def claim_realtime(option: Option, reading: Reading) -> Claimed | None:
    """``-realtime mlock=on``: locking is its default."""
    values = reading.values(option)
    reading.domain.memory.locked = values.get("mlock", on_off) is not False
    return mapped(option)


def claim_path(option: Option, reading: Reading) -> Claimed:
    """``-mem-path /dev/hugepages``: where the memory lies that no object is given for."""
    made = Backing(kind="memory-backend-file", path=reading.path(option.text), page=backing.huge_page(option.text))
    reading.name("", made)
    reading.settle(settle)
    return _claimed(option, made)


def claim_prealloc(option: Option, reading: Reading) -> Claimed:
    """``-mem-prealloc``: all memory is allocated at the start."""
    reading.domain.memory.allocation = "immediate"
    return mapped(option)


# ------------------------------------------------------------------ what the backends have in common


def settle(reading: Reading) -> None:
    """Say of the whole guest what is so of all of its backends, and of a node what is so of its own."""
    domain = reading.domain
    cells = domain.numa.cells if domain.numa else []
    _take_size(reading)
    rest = reading.names.get("")
    owners: list[tuple[Cell | None, Backing]] = [
        (cell, found) for cell in cells if (found := reading.names.get(cell.backend or "")) is not None
    ]
    if not cells:
        found = reading.names.get(domain.memory.backend or "", rest)
        owners = [(None, found)] if found is not None else []
    if owners:
        backings = [item for _, item in owners]
        _say_access(owners, domain.memory)
        _say_source(backings, domain.memory)
        _say_pages(owners, domain.memory)
        _say_allocation(backings, domain.memory)
        domain.tuning.numa = _host_nodes(owners) or domain.tuning.numa


def _take_size(reading: Reading) -> None:
    """The machine's memory is as large as its backend where no ``-m`` says how large."""
    memory = reading.domain.memory
    found = reading.names.get(memory.backend or "")
    if memory.size is None and isinstance(found, Backing) and found.size:
        memory.set(found.size)


def add_node(reading: Reading) -> None:
    """A guest that memory can be plugged into has a node, whether it is named or not; other boards have but the number."""
    domain = reading.domain
    memory, plugged = domain.memory, [device for device in domain.devices if hasattr(device, "given_size")]
    elsewhere = any(device.model in ("sgx-epc", "virtio-pmem") for device in plugged)
    if not memory.slots or (domain.numa and domain.numa.cells) or elsewhere or domain.os.arch in boards.PPC64:
        return
    if not boards.has_slots(domain.os.arch, domain.os.machine):
        reading.added += ["-m", f"slots={memory.slots},maxmem={memory.maximum}K"]
        memory.slots = memory.maximum = memory.maximum_unit = None
        return
    size = (memory.size or 0) - sum(device.given_size() for device in plugged) // KIB
    domain.numa = Numa(cells=[Cell(id=0, cpus=list(range(domain.vcpu.count or 1)), memory=size, unit="KiB")])
    for device in plugged:
        device.node = device.node or 0


def _say_access(owners: Sequence[tuple[Cell | None, Backing]], memory: Memory) -> None:
    ways = {item.access for _, item in owners}
    throws = {item.discard for _, item in owners}
    if len(ways) == 1:
        memory.access = owners[0][1].access
    if throws == {True}:
        memory.discard = True
    for cell, item in owners:
        if cell is not None:
            cell.access = item.access if len(ways) > 1 else None
            cell.discard = item.discard if len(throws) > 1 else None


def _say_source(backings: Sequence[Backing], memory: Memory) -> None:
    if any(item.kind == "memory-backend-memfd" for item in backings):
        memory.source = "memfd"
        return
    for item in backings:
        if item.path is None or item.page is not None:
            if item.kind == "memory-backend-ram" and item.access == "shared":
                memory.source = "memfd"
        elif item.path.startswith("/dev/shm"):  # noqa: S108 - a name to compare with
            memory.source = "memfd"
        elif not item.access or not item.path.startswith(RAM_DIRECTORY):
            memory.source = "file"


def _say_pages(owners: Sequence[tuple[Cell | None, Backing]], memory: Memory) -> None:
    sizes = {item.page for _, item in owners}
    memory.hugepages = sizes != {None}
    if len(sizes) == 1:
        size = sizes.pop()
        memory.pages = [_sized(size)] if size else []
        return
    for size in sorted(item for item in sizes if item):
        nodes = [cell.id or 0 for cell, item in owners if cell is not None and item.page == size]
        memory.pages.append(Page(size=size // KIB, unit="KiB", nodeset=nodes))


def _sized(size: int) -> Page:
    return Page(size=size // KIB, unit="KiB")


def _say_allocation(backings: Sequence[Backing], memory: Memory) -> None:
    """Huge pages are allocated at the start without being asked."""
    if all(item.prealloc for item in backings) and any(item.page is None for item in backings):
        memory.allocation = "immediate"
    memory.threads = next((item.threads for item in backings if item.threads), None)


def _host_nodes(owners: Sequence[tuple[Cell | None, Backing]]) -> NumaTuning | None:
    placed = [(cell, item) for cell, item in owners if item.nodes]
    if not placed:
        return None
    places = {(item.mode, tuple(item.nodes)) for _, item in owners}
    if len(places) == 1:
        return NumaTuning(mode=placed[0][1].mode or "strict", nodeset=placed[0][1].nodes)
    nodes = [
        MemoryNode(cell=cell.id, mode=item.mode or "strict", nodeset=item.nodes) for cell, item in placed if cell is not None
    ]
    return NumaTuning(nodes=nodes)


CLAIMS: Final[Mapping[str, Claim]] = {
    "-m": claim_memory,
    "-overcommit": claim_overcommit,
    "-realtime": claim_realtime,
    "-mem-path": claim_path,
    "-mem-prealloc": claim_prealloc,
    "-object thread-context": claim_context,
    **{f"-object {name}": claim_backend for name in backing.KINDS},
}
