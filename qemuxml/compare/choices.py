"""What nobody chose, and what only a host decides when it starts a guest: a ``host-model``, a free port, the node to draw with.

Where one guest leaves such a thing to its host and the other one names it, both are taken to say the same. Where QEMU has its own
value for what a guest does not say, such as the cache of a disk, the guest is made to say that.
"""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.common.sizes import in_bytes
from qemuxml.devices.disk import Disk
from qemuxml.devices.graphics import Graphics
from qemuxml.devices.interface import Interface
from qemuxml.devices.vsock import Vsock
from qemuxml.domain import Domain
from qemuxml.domain.cpu.model import Cpu
from qemuxml.domain.memory.model import Memory
from qemuxml.mapping.codecs import KIB


def leave_to_the_host(one: Domain, other: Domain) -> None:
    """Make both guests say the same of what one of them leaves to its host."""
    _balloons(one.memory, other.memory)
    for domain in (one, other):
        _caches(domain)
    _processor(one.cpu, other.cpu)
    _nodes(one, other)
    for first, second in _displays(one, other):
        _display(first, second)
    _cards(one, other)
    for left, right in zip(one.all(Vsock), other.all(Vsock), strict=False):
        if left.auto or right.auto:
            left.cid = right.cid = left.cid if right.auto else right.cid


def _balloons(one: Memory, other: Memory) -> None:
    """A balloon of which nothing is said leaves the guest all of its memory."""
    for memory in (one, other):
        if memory.current is None:
            memory.current, memory.current_unit = memory.size, memory.unit
        if memory.current is not None:
            memory.current, memory.current_unit = in_bytes(memory.current, memory.current_unit) // KIB, "KiB"


def _caches(domain: Domain) -> None:
    """A disk whose cache nobody chose has QEMU's: it is written back, whether or not the guest's side of it says so."""
    for disk in domain.all(Disk):
        if disk.cache in (None, "default") and disk.type not in ("nvme", "vhostuser", "vhostvdpa"):
            disk.cache = "writeback"
    for device in domain.override.devices if domain.override else ():
        device.properties = [item for item in device.properties if (item.name, item.type) != ("write-cache", "remove")]


def _processor(one: Cpu | None, other: Cpu | None) -> None:
    """A host-model, or a model that is the least, is what its host makes of it: it may be the model that the other side names."""
    if one is None or other is None or _is_the_hosts(one) == _is_the_hosts(other) or "host-passthrough" in (one.mode, other.mode):
        return
    for cpu in (one, other):
        cpu.mode, cpu.features = "host-model", []
        cpu.match = cpu.check = cpu.fallback = cpu.model = cpu.vendor = None


def _is_the_hosts(cpu: Cpu) -> bool:
    return cpu.mode == "host-model" or cpu.match == "minimum"


def _nodes(one: Domain, other: Domain) -> None:
    """Memory that is placed by itself goes where the host has room."""
    first, second = one.tuning.numa, other.tuning.numa
    if first is None or second is None or None in (first.mode, second.mode):
        return
    if None in (first.nodeset, second.nodeset) or "auto" in (first.placement, second.placement):
        for tuning in (first, second):
            tuning.placement, tuning.nodeset = "auto", None


def _cards(one: Domain, other: Domain) -> None:
    """A card of the host's has an address of its own where a guest, such as one of a command line, names none."""
    ours, theirs = ([card for card in domain.all(Interface) if card.type == "hostdev"] for domain in (one, other))
    if len(ours) != len(theirs):
        for card in (*ours, *theirs):
            card.mac = None


def _displays(one: Domain, other: Domain) -> Iterator[tuple[Graphics, Graphics]]:
    """The displays of both guests, the first of a type with the first."""
    left = list(other.all(Graphics))
    for display in one.all(Graphics):
        twin = next((item for item in left if item.type == display.type), None)
        if twin is not None:
            left.remove(twin)
            yield display, twin


def _display(one: Graphics, other: Graphics) -> None:
    if None in (one.rendernode, other.rendernode):
        one.rendernode = other.rendernode = None
    if one.autoport != other.autoport:
        for display in (one, other):
            display.autoport, display.port, display.tls_port = True, None, None
