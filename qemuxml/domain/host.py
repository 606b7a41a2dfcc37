"""What libvirt does for a guest on its host without a word on QEMU's line: ``<resource>``, ``<perf>``, ``<idmap>``."""

from __future__ import annotations

from qemuxml.mapping.codecs import UINT32, YES_NO
from qemuxml.mapping.xml import attr, children, text
from qemuxml.record import record


@record(kw_only=True)
class Resource:
    """The control group and, on Fibre Channel, the name under which the guest does its I/O."""

    partition: str | None = text("partition")
    appid: str | None = attr("fibrechannel@appid")


@record(kw_only=True)
class PerfEvent:
    """One event that the host counts."""

    name: str | None = attr("@name")
    enabled: bool | None = attr("@enabled", YES_NO)


@record(kw_only=True)
class IdRange:
    """Users or groups of a container."""

    start: int | None = attr("@start", UINT32)
    target: int | None = attr("@target", UINT32)
    count: int | None = attr("@count", UINT32)


@record(kw_only=True)
class Idmap:
    """Of a container alone."""

    uids: list[IdRange] = children("uid", IdRange)
    gids: list[IdRange] = children("gid", IdRange)
