"""Limits that disks share: ``<throttlegroups>`` is ``-object throttle-group``, which ``<throttlefilter>`` of a disk names."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.render import Words
from qemuxml.common.iotune import limits
from qemuxml.mapping.context import Writing
from qemuxml.mapping.props import Pair, json


def object_id(group: str) -> str:
    """The object of a group."""
    return f"throttle-{group}"


def write(writing: Writing) -> Iterator[Words]:
    """One object for each group."""
    for group in writing.domain.throttlegroups:
        pairs: list[Pair] = [("qom-type", "throttle-group"), ("id", object_id(group.group_name or ""))]
        yield "-object", json([*pairs, *((f"limits.{name}", value) for name, value in limits(group))])
