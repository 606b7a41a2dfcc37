"""How many CPUs today, and how they are arranged: ``-smp 8,sockets=2,dies=1,cores=4,threads=1``, any part of it left out."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

from qemuxml.cmdline.options import Option
from qemuxml.common import machineoptions
from qemuxml.domain import boards
from qemuxml.domain.cpu.model import Cpu, Topology
from qemuxml.errors import CommandLineError
from qemuxml.mapping.codecs import integer
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import Claimed, Fate

if TYPE_CHECKING:
    from collections.abc import Mapping

COUNTS: Final = ("cpus", "maxcpus")
LEVELS: Final = ("sockets", "dies", "clusters", "cores", "threads")
"""What domain XML has of a topology."""
MOST: Final = 1 << 16
"""No machine has as many CPUs."""
CORES_SINCE: Final = (6, 2)
OTHERS: Final = ("drawers", "books", "modules")
"""Levels that it has no word for."""


def claim_smp(option: Option, reading: Reading) -> Claimed | None:
    """``-smp`` with or without a topology; later options add to earlier ones.

    A topology with a level that domain XML lacks is passed on: QEMU adds it up with libvirt's own.
    """
    values = reading.values(option, "cpus")
    given = {name: values.get(name, _count) for name in (*COUNTS, *LEVELS)}
    further = {name: values.get(name, _count) for name in OTHERS}
    count, current, topology = _completed(given, further, prefers_sockets=_prefers_sockets(reading))
    if count >= MOST:
        raise CommandLineError(f"{count} CPUs are more than any machine has", option.span)
    if current > count:
        raise CommandLineError(f"maxcpus={count} is less than the {current} CPUs of the start", option.span)
    domain = reading.domain
    domain.vcpu.count = count
    domain.vcpu.current = current if current < count else None
    if any(number not in (None, 1) for number in further.values()):
        return reading.partly(option, [item for item in values if item.key in (*LEVELS, *OTHERS)])
    if prod(topology.values()) != count:
        return Claimed(
            (option,), Fate.GUESSED, (), f"{_product(topology)} CPUs are not {count}: the arrangement is left to libvirt"
        )
    if not _is_plain(topology, given, count, domain.os.arch):
        domain.cpu = domain.cpu or Cpu()
        domain.cpu.topology = Topology(**topology)
    return reading.partly(option, values.unread())


def _count(text: str) -> int:
    number = integer(text)
    if not 0 <= number < MOST:
        raise ValueError("is not a number of CPUs")
    return number


def _prefers_sockets(reading: Reading) -> bool:
    """Whether the machine fills up sockets first: those before 6.2 do, later ones fill up cores."""
    versions = (boards.version(name) for name in reading.once(machineoptions.properties).get("type", ()))
    return any(found < CORES_SINCE for found in versions if found)


def _completed(
    given: Mapping[str, int | None], further: Mapping[str, int | None], *, prefers_sockets: bool
) -> tuple[int, int, dict[str, int]]:
    """The greatest number, the number at the start, and the topology, with what is missing as QEMU completes it."""
    cpus, most = given["cpus"] or None, given["maxcpus"] or None
    made = {name: given[name] or 0 for name in LEVELS}
    middle = 1
    for name in ("dies", "clusters"):
        made[name] = made[name] or 1
        middle *= made[name]
    for number in further.values():
        middle *= number or 1
    total = most or cpus
    if total is not None:
        first, second = ("sockets", "cores") if prefers_sockets else ("cores", "sockets")
        open_level = next((name for name in (first, second, "threads") if not made[name]), None)
        for name in ("sockets", "cores", "threads"):
            made[name] = made[name] or 1
        if open_level:
            others = made["sockets"] * made["cores"] * made["threads"] * middle
            made[open_level] = max(1, total // others)
    else:
        for name in LEVELS:
            made[name] = made[name] or 1
        total = made["sockets"] * made["cores"] * made["threads"] * middle
    return total, cpus or total, made


def _product(topology: Mapping[str, int]) -> str:
    return " x ".join(str(number) for number in topology.values() if number != 1)


def _is_plain(topology: Mapping[str, int], given: Mapping[str, int | None], count: int, arch: str | None) -> bool:
    """Whether libvirt arranges the CPUs so where the XML is silent: each is a socket. Dies that are given were asked for.

    Guests whose CPUs libvirt does not know see no topology, and may not have one.
    """
    if arch not in boards.WITH_CPUS:
        return True
    return topology["sockets"] == count and not given["dies"] and not given["clusters"]
