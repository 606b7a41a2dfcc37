"""How the host treats a guest: ``<cputune>``, ``<numatune>``, ``<blkiotune>``, ``<memtune>``, ``<resource>``.

libvirt does this with control groups and system calls: only ``<numatune>`` reaches the command line, as the host nodes of
the memory's backends.
"""

from __future__ import annotations

from qemuxml.common.bitmap import MEMBERS
from qemuxml.common.sizes import UNIT, Size
from qemuxml.mapping.codecs import INT, INT32, UINT32, UINT64, one_of
from qemuxml.mapping.xml import attr, child, children, group, text
from qemuxml.record import record


@record(kw_only=True)
class DeviceWeight:
    """How a block device of the host is shared."""

    path: str | None = text("path")
    weight: int | None = text("weight", UINT32)
    read_iops: int | None = text("read_iops_sec", UINT32)
    write_iops: int | None = text("write_iops_sec", UINT32)
    read_bytes: int | None = text("read_bytes_sec", UINT64)
    write_bytes: int | None = text("write_bytes_sec", UINT64)


@record(kw_only=True)
class BlockTuning:
    """``<blkiotune>``."""

    weight: int | None = text("weight", INT)
    devices: list[DeviceWeight] = children("device", DeviceWeight)


@record(kw_only=True)
class MemoryTuning:
    """``<memtune>``."""

    hard_limit: Size | None = child("hard_limit", Size)
    soft_limit: Size | None = child("soft_limit", Size)
    min_guarantee: Size | None = child("min_guarantee", Size)
    swap_hard_limit: Size | None = child("swap_hard_limit", Size)


@record(kw_only=True)
class VcpuPin:
    """The host CPUs of one CPU."""

    vcpu: int | None = attr("@vcpu", UINT32, required=True)
    cpuset: list[int] | None = attr("@cpuset", MEMBERS, required=True)


@record(kw_only=True)
class IoThreadPin:
    """The host CPUs of one I/O thread."""

    iothread: int | None = attr("@iothread", UINT32, required=True)
    cpuset: list[int] | None = attr("@cpuset", MEMBERS, required=True)


@record(kw_only=True)
class Scheduler:
    """A scheduler of the host, and its priority."""

    scheduler: str | None = attr("@scheduler", one_of("batch", "idle", "fifo", "rr"), required=True)
    priority: int | None = attr("@priority", INT32)


@record(kw_only=True)
class VcpuScheduler:
    """The scheduler of some CPUs."""

    vcpus: list[int] | None = attr("@vcpus", MEMBERS, required=True)
    scheduler: Scheduler = group(Scheduler)


@record(kw_only=True)
class IoThreadScheduler:
    """The scheduler of some I/O threads."""

    iothreads: list[int] | None = attr("@iothreads", MEMBERS, required=True)
    scheduler: Scheduler = group(Scheduler)


@record(kw_only=True)
class Cache:
    """A share of a host cache."""

    id: int | None = attr("@id", UINT32, required=True)
    level: int | None = attr("@level", UINT32, required=True)
    type: str | None = attr("@type", one_of("both", "code", "data"), required=True)
    size: int | None = attr("@size", UINT64, required=True)
    unit: str | None = attr("@unit", UNIT)


@record(kw_only=True)
class Monitor:
    """What is counted of a cache or of memory."""

    level: int | None = attr("@level", UINT32)
    vcpus: list[int] | None = attr("@vcpus", MEMBERS, required=True)


@record(kw_only=True)
class CacheTuning:
    """The caches of some CPUs."""

    vcpus: list[int] | None = attr("@vcpus", MEMBERS, required=True)
    id: str | None = attr("@id")
    caches: list[Cache] = children("cache", Cache)
    monitors: list[Monitor] = children("monitor", Monitor)


@record(kw_only=True)
class Bandwidth:
    """A share of a node's bandwidth, in percent."""

    id: int | None = attr("@id", UINT32, required=True)
    bandwidth: int | None = attr("@bandwidth", UINT64, required=True)


@record(kw_only=True)
class BandwidthTuning:
    """The memory bandwidth of some CPUs."""

    vcpus: list[int] | None = attr("@vcpus", MEMBERS, required=True)
    nodes: list[Bandwidth] = children("node", Bandwidth)
    monitors: list[Monitor] = children("monitor", Monitor)


@record(kw_only=True)
class CpuTuning:
    """``<cputune>``."""

    shares: int | None = text("shares", UINT64)
    period: int | None = text("period", UINT64)
    quota: int | None = text("quota", INT)
    global_period: int | None = text("global_period", UINT64)
    global_quota: int | None = text("global_quota", INT)
    emulator_period: int | None = text("emulator_period", UINT64)
    emulator_quota: int | None = text("emulator_quota", INT)
    iothread_period: int | None = text("iothread_period", UINT64)
    iothread_quota: int | None = text("iothread_quota", INT)
    vcpu_pins: list[VcpuPin] = children("vcpupin", VcpuPin)
    emulator_pin: list[int] | None = attr("emulatorpin@cpuset", MEMBERS, required=True, once=True)
    iothread_pins: list[IoThreadPin] = children("iothreadpin", IoThreadPin)
    emulator_scheduler: Scheduler | None = child("emulatorsched", Scheduler, once=True)
    vcpu_schedulers: list[VcpuScheduler] = children("vcpusched", VcpuScheduler)
    iothread_schedulers: list[IoThreadScheduler] = children("iothreadsched", IoThreadScheduler)
    caches: list[CacheTuning] = children("cachetune", CacheTuning)
    bandwidths: list[BandwidthTuning] = children("memorytune", BandwidthTuning)


MODE = one_of("strict", "preferred", "interleave", "restrictive")


@record(kw_only=True)
class MemoryNode:
    """Where the memory of one guest node comes from."""

    cell: int | None = attr("@cellid", UINT32)
    mode: str | None = attr("@mode", MODE)
    nodeset: list[int] | None = attr("@nodeset", MEMBERS)


@record(kw_only=True)
class NumaTuning:
    """``<numatune>``: the host nodes of the guest's memory; ``auto`` leaves them to the host's numad."""

    mode: str | None = attr("memory@mode", MODE)
    placement: str | None = attr("memory@placement", one_of("static", "auto"))
    nodeset: list[int] | None = attr("memory@nodeset", MEMBERS)
    nodes: list[MemoryNode] = children("memnode", MemoryNode)

    def of(self, cell: int | None) -> tuple[str, list[int]] | None:
        """Mode and host nodes of a guest node's memory (None: of the whole guest's); None where nothing is said."""
        for node in self.nodes:
            if node.cell == cell and node.nodeset:
                return node.mode or "strict", node.nodeset
        if self.nodeset and self.placement != "auto":
            return self.mode or "strict", self.nodeset
        return None


@record(kw_only=True)
class Tuning:
    """The elements beside each other in ``<domain>``."""

    cpu: CpuTuning | None = child("cputune", CpuTuning)
    numa: NumaTuning | None = child("numatune", NumaTuning, once=True)
