"""Limits that disks share: ``<throttlegroups>`` is ``-object throttle-group``, which ``<throttlefilter>`` of a disk names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common import iotune
from qemuxml.common.iotune import LENGTHS, LIMITS, Iotune, limits
from qemuxml.common.twice import twice
from qemuxml.errors import ConversionError, DomainXmlError
from qemuxml.mapping.codecs import integer
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.props import Pair, json

if TYPE_CHECKING:
    from qemuxml.domain import Domain


def object_id(group: str) -> str:
    """The object of a group."""
    return f"throttle-{group}"


def group_name(identifier: str) -> str:
    """The group of an object."""
    return identifier.removeprefix(object_id(""))


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-object throttle-group,id=limits,x-bps-total=1048576`` or ``limits.bps-total``; 0 is no limit."""
    values = reading.values(option, "qom-type")
    values.get("qom-type")
    group = Iotune(group_name=group_name(values.get("id") or ""))
    for name, field in {**LIMITS, **LENGTHS}.items():
        limit = values.get(f"limits.{name}", integer) or values.get(f"x-{name}", integer)
        setattr(group, field, limit or None)
    if not group.group_name or not reading.understood(values):
        return None
    reading.domain.throttlegroups.append(group)
    return mapped(option)


def write(writing: Writing) -> Iterator[Words]:
    """One object for each group."""
    for group in writing.domain.throttlegroups:
        pairs: list[Pair] = [("qom-type", "throttle-group"), ("id", object_id(group.group_name or ""))]
        yield "-object", json([*pairs, *((f"limits.{name}", value) for name, value in limits(group))])


def check(domain: Domain, _: Target) -> None:
    """Refuse a group without a name, two of one name, and limits that contradict each other."""
    twice("throttlegroup", domain.throttlegroups, group_name="group_name")
    for group in domain.throttlegroups:
        if not group.group_name:
            raise DomainXmlError("<throttlegroup>: it needs a <group_name>").of(group)
        try:
            iotune.check(group, of_disk=False)
        except ConversionError as error:
            raise error.of(group) from None


KIND = Kind(element="throttlegroups", model=Iotune, modern={"-object throttle-group": claim})
