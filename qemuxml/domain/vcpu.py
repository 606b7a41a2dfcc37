"""How many CPUs: ``-smp 1,maxcpus=2`` is ``<vcpu placement='static' current='1'>2</vcpu>``, its topology stands in ``<cpu>``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import Values, parse
from qemuxml.common.bitmap import MEMBERS
from qemuxml.domain import cpuplaces, smp
from qemuxml.domain.cpu.model import Cpu, Topology
from qemuxml.domain.cpuplaces import Place
from qemuxml.errors import CommandLineError, UnsupportedError
from qemuxml.mapping.codecs import UINT32, YES_NO, integer, one_of
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import attr, children, flag, text
from qemuxml.record import field, record


@record(kw_only=True)
class One:
    """One CPU: whether it is there, and whether it may go."""

    id: int | None = attr("@id", UINT32)
    enabled: bool | None = attr("@enabled", YES_NO)
    hotpluggable: bool | None = attr("@hotpluggable", YES_NO)
    order: int | None = attr("@order", UINT32)


@record(kw_only=True)
class Vcpu:
    """The greatest number of CPUs, and how many of them are there at the start if that is fewer."""

    placement: str | None = attr("vcpu@placement", one_of("static", "auto"))
    cpuset: list[int] | None = attr("vcpu@cpuset", MEMBERS)
    current: int | None = attr("vcpu@current", UINT32)
    given: bool = flag("vcpu")
    count: int | None = text("vcpu", UINT32)
    each: list[One] = children("vcpus/vcpu", One)
    added: dict[Place, None] = field(default_factory=dict)
    """The places of the CPUs that are devices of their own."""

    def at_start(self) -> int:
        """How many CPUs QEMU starts with: those that are there and cannot be taken away."""
        if any(one.enabled for one in self.each):
            return sum(1 for one in self.each if one.enabled and not one.hotpluggable)
        return self.current or self.count or 1


def claim_smp(option: Option, reading: Reading) -> Claimed | None:
    """``-smp CPUS,maxcpus=…,sockets=…,cores=…,threads=…``; a number that is missing follows from the others."""
    values = parse(option.value, "cpus") if option.value else Values([], option.span)
    given = {key: _positive(values, key) for key in ("cpus", "maxcpus", "sockets", "cores", "threads")}
    if not reading.understood(values):
        return None
    count, current, topology = _completed(given)
    if current > count:
        raise CommandLineError(f"maxcpus={count} is less than the {current} CPUs of the start", option.span)
    reading.domain.vcpu.count = count
    reading.domain.vcpu.current = current if current < count else None
    if topology:
        cpu = reading.domain.cpu = reading.domain.cpu or Cpu()
        cpu.topology = topology
    return mapped(option)


def _positive(values: Values, key: str) -> int | None:
    def decode(text: str) -> int:
        number = integer(text)
        if not 0 < number < 1 << 31:
            raise ValueError("is not a number of CPUs")
        return number

    return values.get(key, decode)


def _completed(given: dict[str, int | None]) -> tuple[int, int, Topology | None]:
    """The greatest number, the number at the start, and the topology.

    As QEMU completes them (qemu-options, ``-smp``): what is missing is 1, but for the one level that must make up the
    product; sockets fill up first, as in every release before 6.2.
    """
    cpus, sockets, cores, threads = (given[key] for key in ("cpus", "sockets", "cores", "threads"))
    total = given["maxcpus"] or cpus
    if sockets is None and cores is None and threads is None:
        total = total or 1
        return total, cpus or total, None
    if total is None:
        total = (sockets or 1) * (cores or 1) * (threads or 1)
    if sockets is None:
        sockets = max(1, total // ((cores or 1) * (threads or 1)))
    elif cores is None:
        cores = max(1, total // (sockets * (threads or 1)))
    elif threads is None:
        threads = max(1, total // (sockets * cores))
    return total, cpus or total, Topology(sockets=sockets, cores=cores or 1, threads=threads or 1)


def claim_device(option: Option, reading: Reading) -> Claimed | None:
    """``-device qemu64-x86_64-cpu,socket-id=1,core-id=0,thread-id=0``: a CPU that may be taken away again."""
    values = reading.values(option, "driver")
    for name in ("driver", "id", "node-id"):
        values.get(name)
    place = cpuplaces.read(values)
    if values.unread():
        return None
    reading.domain.vcpu.added[place] = None
    reading.settle(settle)
    return mapped(option)


def settle(reading: Reading) -> None:
    """Say of each CPU whether it is there, and whether it may go."""
    domain = reading.domain
    vcpu = domain.vcpu
    first = vcpu.current or vcpu.count or 1
    added = {number for place in vcpu.added for number in cpuplaces.numbers(place, domain)} - set(range(first))
    vcpu.current = first + len(added) if first + len(added) < (vcpu.count or 1) else None
    vcpu.each = [
        One(id=number, enabled=number < first or number in added, hotpluggable=number >= first)
        for number in range(vcpu.count or 1)
    ]


def manual(vcpu: Vcpu, writing: Writing) -> Iterator[Words]:
    """``-smp N``: QEMU 0.9 knew neither hotplug nor topology."""
    if vcpu.current not in (None, vcpu.count):
        raise UnsupportedError("QEMU 0.9 has no option for <vcpu current='…'>: it could not add CPUs later")
    if vcpu.cpuset:
        writing.note(f"<vcpu cpuset='{vcpu.cpuset}'>: this line pins no CPU of the host")
    yield "-smp", str(vcpu.count or 1)


def write(writing: Writing) -> Iterator[Words]:
    """``-smp 1,maxcpus=6,sockets=3,dies=1,clusters=1,cores=2,threads=1``."""
    vcpu, cpu = writing.domain.vcpu, writing.domain.cpu
    count, start = vcpu.count or 1, vcpu.at_start()
    parts = [str(start)]
    if start != count:
        parts.append(f"maxcpus={count}")
    topology = cpu.topology if cpu else None
    if topology is None:
        parts.append(f"sockets={count},cores=1,threads=1")
    else:
        parts.append(f"sockets={topology.sockets or 1}")
        parts.append(f"dies={topology.dies or 1}")
        parts += [f"clusters={topology.clusters or 1}"] if writing.has("smp.clusters") else []
        parts.append(f"cores={topology.cores or 1},threads={topology.threads or 1}")
    yield "-smp", ",".join(parts)


KIND = Kind(
    element="vcpu",
    model=Vcpu,
    claims={"-smp": claim_smp},
    modern={"-smp": smp.claim_smp, "-device *-cpu": claim_device},
    manual=manual,
)
