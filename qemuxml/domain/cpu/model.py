"""The CPU that the guest sees: ``<cpu mode='custom'><model>core2duo</model><feature …/></cpu>``."""

from __future__ import annotations

from typing import Final

from qemuxml.mapping.codecs import ON_OFF, POSITIVE, UINT32, one_of
from qemuxml.mapping.xml import attr, child, children, text
from qemuxml.record import record


@record(kw_only=True)
class Topology:
    """How the CPUs are arranged."""

    sockets: int | None = attr("@sockets", POSITIVE, required=True)
    dies: int | None = attr("@dies", POSITIVE)
    clusters: int | None = attr("@clusters", POSITIVE)
    cores: int | None = attr("@cores", POSITIVE, required=True)
    threads: int | None = attr("@threads", POSITIVE, required=True)


@record(kw_only=True)
class CpuFeature:
    """One feature that the guest's CPU must have (``require``) or must not have (``disable``)."""

    policy: str | None = attr("@policy")
    name: str | None = attr("@name")


@record(kw_only=True)
class Cache:
    """``<cache level='3' mode='emulate'/>``: where the guest's view of the caches comes from."""

    level: int | None = attr("@level", UINT32)
    mode: str | None = attr("@mode", one_of("emulate", "passthrough", "disable"))


@record(kw_only=True)
class Maxphysaddr:
    """How many bits a physical address has."""

    mode: str | None = attr("@mode", one_of("emulate", "passthrough"))
    bits: int | None = attr("@bits", UINT32)
    limit: int | None = attr("@limit", POSITIVE)


@record(kw_only=True)
class Cpu:
    """``<cpu>``."""

    mode: str | None = attr("@mode", one_of("custom", "host-model", "host-passthrough", "maximum"))
    match: str | None = attr("@match", one_of("minimum", "exact", "strict"))
    check: str | None = attr("@check", one_of("none", "partial", "full"))
    migratable: bool | None = attr("@migratable", ON_OFF)
    deprecated_features: bool | None = attr("@deprecated_features", ON_OFF)
    fallback: str | None = attr("model@fallback", one_of("allow", "forbid"))
    vendor_id: str | None = attr("model@vendor_id")
    model: str | None = text("model")
    vendor: str | None = text("vendor")
    topology: Topology | None = child("topology", Topology)
    cache: Cache | None = child("cache", Cache, once=True)
    maxphysaddr: Maxphysaddr | None = child("maxphysaddr", Maxphysaddr)
    features: list[CpuFeature] = children("feature", CpuFeature)


DEFAULT_MODELS: Final = frozenset({"qemu32", "qemu64"})
"""What QEMU takes without ``-cpu``: domain XML says it by saying nothing."""
