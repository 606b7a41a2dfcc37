"""How a guest tells that it crashed: ``-cpu …,hv_crash`` is ``<panic model='hyperv'/>``; pseries and s390 have their own."""

from __future__ import annotations

from dataclasses import dataclass

from qemuxml.common.info import Info
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.xml import attr, group


@dataclass(kw_only=True)
class Panic:
    """A panic notifier."""

    model: str | None = attr("@model")
    info: Info = group(Info)


KIND = Kind(element="panic", model=Panic)
