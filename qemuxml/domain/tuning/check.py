"""What libvirt refuses of ``<cputune>``, ``<numatune>``, ``<blkiotune>``: shares that no kernel gives, names that stand twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from qemuxml.common.twice import twice
from qemuxml.domain.tuning import BandwidthTuning, BlockTuning, CacheTuning, CpuTuning, NumaTuning
from qemuxml.errors import DomainXmlError, UnsupportedError

_LEAST, _LONGEST_PERIOD, _LONGEST_QUOTA = 1000, 1_000_000, 17_592_186_044_415
"""Microseconds that the kernel takes for the share of a CPU, and for the time that it is a share of."""


def check_cpu(cputune: CpuTuning, cpus: int, threads: set[int | None], *, accelerated: bool) -> None:
    """Refuse what the kernel would, and a CPU or thread that is named twice or is not there.

    Raises DomainXmlError or UnsupportedError.
    """
    for who in ("", "global_", "emulator_", "iothread_"):
        for what, most in (("period", _LONGEST_PERIOD), ("quota", _LONGEST_QUOTA)):
            said = getattr(cputune, who + what) or 0
            if said > 0 and not _LEAST <= said <= most:
                raise UnsupportedError(f"<{who}{what}>: {said} is not between {_LEAST} and {most}").of(cputune)
    twice("vcpupin", [pin for pin in cputune.vcpu_pins if (pin.vcpu or 0) < cpus], vcpu="vcpu")
    twice("iothreadpin", cputune.iothread_pins, iothread="iothread")
    for pin in cputune.iothread_pins:
        if pin.iothread not in threads:
            raise DomainXmlError(f"<iothreadpin>: there is no I/O thread {pin.iothread}").of(pin)
    _check_schedulers(cputune, cpus, threads)
    shares: list[CacheTuning | BandwidthTuning] = [*cputune.caches, *cputune.bandwidths]
    if shares and not accelerated:
        said = "<cachetune>, <memorytune>: only a guest of type 'kvm' has a share of the host's caches"
        raise UnsupportedError(said).of(shares[0])
    _check_shares(shares)


def _check_schedulers(cputune: CpuTuning, cpus: int, threads: set[int | None]) -> None:
    _check_numbers("vcpusched", "CPU", [(item, item.vcpus) for item in cputune.vcpu_schedulers], set(range(cpus)))
    _check_numbers("iothreadsched", "I/O thread", [(item, item.iothreads) for item in cputune.iothread_schedulers], threads)
    every = [item.scheduler for item in cputune.vcpu_schedulers] + [item.scheduler for item in cputune.iothread_schedulers]
    for item in (*every, *([cputune.emulator_scheduler] if cputune.emulator_scheduler else [])):
        if item.scheduler in ("fifo", "rr") and item.priority is None:
            raise DomainXmlError(f"scheduler='{item.scheduler}' needs a priority").of(item)


def _check_numbers(
    element: str, kind: str, items: Sequence[tuple[object, list[int] | None]], known: Collection[int | None]
) -> None:
    seen: set[int] = set()
    for item, said in items:
        numbers = set(said or ())
        if numbers - set(known):
            raise DomainXmlError(f"<{element}>: there is no {kind} {min(numbers - set(known))}").of(item)
        if numbers & seen:
            raise DomainXmlError(f"<{element}>: two of them name the same {kind}").of(item)
        seen |= numbers


# ------------------------------------------------------------------ the host's caches

_COUNTED: Final = 3
"""The kernel counts what is in the last cache alone."""


def _check_shares(shares: Sequence[CacheTuning | BandwidthTuning]) -> None:
    named: list[tuple[int, ...]] = []
    for share in shares:
        if isinstance(share, CacheTuning):
            _check_caches(share)
        else:
            twice("node", share.nodes, id="id")
        _check_monitors(share)
        cpus = tuple(share.vcpus or ())
        if any(set(cpus) & set(other) and cpus != other for other in named):
            raise DomainXmlError("<cachetune>, <memorytune>: two of them share some CPUs, and not all").of(share)
        named.append(cpus)


def _check_caches(share: CacheTuning) -> None:
    twice("cache", share.caches, level="level", id="id", type="type")
    for cache in share.caches:
        others = {item.type for item in share.caches if (item.level, item.id) == (cache.level, cache.id)}
        if "both" in others and len(others) > 1:
            said = f"<cache level='{cache.level}' id='{cache.id}'>: type 'both' leaves nothing for another"
            raise DomainXmlError(said).of(cache)


def _check_monitors(share: CacheTuning | BandwidthTuning) -> None:
    all_of_them = set(share.vcpus or ())
    seen: set[int] = set()
    for monitor in share.monitors:
        cpus = set(monitor.vcpus or ())
        if isinstance(share, CacheTuning) and monitor.level is None:
            raise DomainXmlError("<monitor> lacks its attribute 'level'").of(monitor)
        if isinstance(share, CacheTuning) and monitor.level != _COUNTED:
            raise DomainXmlError(f"<monitor level='{monitor.level}'>: only level {_COUNTED} is counted").of(monitor)
        if cpus - all_of_them:
            raise DomainXmlError("<monitor vcpus='…'>: they are not all of those that have the share").of(monitor)
        if cpus & seen:
            raise DomainXmlError("<monitor vcpus='…'>: two of them count the same CPU").of(monitor)
        seen |= cpus


# ------------------------------------------------------------------ memory, disks


def check_numa(numatune: NumaTuning, cells: list[int], placement: str | None) -> None:
    """Refuse a ``<numatune>`` that contradicts itself or the guest's nodes. Raises DomainXmlError."""
    if numatune.nodes and not cells:
        raise DomainXmlError("<memnode> needs guest nodes in <cpu><numa>").of(numatune.nodes[0])
    if numatune.nodes and (numatune.placement == "auto" or (placement == "auto" and numatune.nodeset is None)):
        said = "<memnode>: host nodes for each node and automatic placement exclude each other"
        raise DomainXmlError(said).of(numatune.nodes[0])
    if numatune.mode is not None and numatune.nodeset is None and (numatune.placement or placement) != "auto":
        raise DomainXmlError("<numatune>: <memory placement='static'> needs a nodeset").of(numatune)
    twice("memnode", numatune.nodes, cellid="cell")
    for node in numatune.nodes:
        if node.cell not in cells or node.nodeset is None:
            raise DomainXmlError(f"<memnode cellid='{node.cell}'> names no guest node, or has no nodeset").of(node)
        if (node.mode == "restrictive") != (numatune.mode == "restrictive"):
            said = "<memnode>: mode 'restrictive' must be that of <memory> too, and of every <memnode>"
            raise DomainXmlError(said).of(node)


def check_disks(blkiotune: BlockTuning) -> None:
    """Refuse a device of the host without its path, or twice. Raises DomainXmlError."""
    for device in blkiotune.devices:
        if not device.path:
            raise DomainXmlError("<blkiotune>: a <device> needs its <path>").of(device)
    twice("device", blkiotune.devices, path="path")
