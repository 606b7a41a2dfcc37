"""What libvirt does for a guest on its host without a word on QEMU's line: ``<resource>``, ``<perf>``, ``<idmap>``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qemuxml.common.twice import twice
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import UINT32, YES_NO, one_of
from qemuxml.mapping.context import Target
from qemuxml.mapping.xml import attr, children, text
from qemuxml.record import record

if TYPE_CHECKING:
    from qemuxml.domain import Domain


@record(kw_only=True)
class Resource:
    """The control group and, on Fibre Channel, the name under which the guest does its I/O."""

    partition: str | None = text("partition")
    appid: str | None = attr("fibrechannel@appid")


_EVENTS: Final = one_of(
    "cmt", "mbmt", "mbml", "cpu_cycles", "instructions", "cache_references", "cache_misses", "branch_instructions",
    "branch_misses", "bus_cycles", "stalled_cycles_frontend", "stalled_cycles_backend", "ref_cpu_cycles", "cpu_clock",
    "task_clock", "page_faults", "context_switches", "cpu_migrations", "page_faults_min", "page_faults_maj",
    "alignment_faults", "emulation_faults",
)  # fmt: skip


@record(kw_only=True)
class PerfEvent:
    """One event that the host counts."""

    name: str | None = attr("@name", _EVENTS, required=True)
    enabled: bool | None = attr("@enabled", YES_NO, required=True)


@record(kw_only=True)
class IdRange:
    """Users or groups of a container."""

    start: int | None = attr("@start", UINT32, required=True)
    target: int | None = attr("@target", UINT32, required=True)
    count: int | None = attr("@count", UINT32, required=True)


@record(kw_only=True)
class Idmap:
    """Of a container alone."""

    uids: list[IdRange] = children("uid", IdRange)
    gids: list[IdRange] = children("gid", IdRange)


def check(domain: Domain, _: Target) -> None:
    """Refuse what names nothing, and what stands twice. Raises DomainXmlError or UnsupportedError."""
    found = domain.resource
    if found is not None and not found.partition and not found.appid:
        raise DomainXmlError("<resource>: it names neither a <partition> nor an appid").of(found)
    twice("event", domain.perf, name="name")
    if domain.idmap is not None:
        _check_idmap(domain.idmap)


def _check_idmap(idmap: Idmap) -> None:
    if bool(idmap.uids) != bool(idmap.gids):
        raise UnsupportedError("<idmap>: <uid> and <gid> belong together").of(idmap)
    for ranges in (idmap.uids, idmap.gids):
        if ranges and min(item.start or 0 for item in ranges) > 0:
            raise UnsupportedError("<idmap>: nobody is the container's root: a start='0' is missing").of(ranges[0])
