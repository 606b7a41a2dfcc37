"""The CPU on the line of today: ``-cpu Haswell,vmx=on,kvmclock=off,hv-time=on,hv-relaxed=on,kvm=off,pmu=off,l3-cache=on``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from qemuxml.cmdline.render import Words, escape
from qemuxml.domain import boards
from qemuxml.domain.cpu.model import Cpu
from qemuxml.domain.cpu.names import HYPERV, SLIPPED, is_host_model, qemu_feature
from qemuxml.domain.features import Features, Hyperv
from qemuxml.mapping.context import Writing

if TYPE_CHECKING:
    from qemuxml.domain import Domain

_GONE: Final = frozenset({"osxsave", "ospke", "cmt", "mbm_total", "mbm_local"})
"""Features that libvirt knows, and QEMU has not: they are left out."""
_REMOVED: Final = frozenset({"pconfig", "cvt16"})
"""Features that QEMU has no longer: it need not be told to leave them out."""


def write(writing: Writing) -> Iterator[Words]:
    """``-cpu MODEL,FEATURE=on``; nothing where the guest has no model and asks for nothing."""
    domain = writing.domain
    words = [*_model(domain, writing), *_timers(domain), *_features(domain)]
    if domain.cpu:
        words += [*_cache(domain.cpu), *_address_bits(domain.cpu)]
    model = _name(domain, writing)
    if model:
        yield "-cpu", ",".join([model, *words])
    elif words:
        yield "-cpu", ",".join([_fallback(domain), *words])


def _fallback(domain: Domain) -> str:
    return "qemu32" if domain.os.arch == "i686" else "qemu64" if domain.os.arch in boards.X86 else "max"


def _name(domain: Domain, writing: Writing) -> str | None:
    cpu = domain.cpu
    if cpu is None:
        return None
    if cpu.mode == "maximum":
        return "max"
    if cpu.mode == "host-passthrough":
        return "host"
    if is_host_model(cpu):
        known = writing.target.host_model
        if known:
            return known.partition(",")[0]
        if not cpu.model:
            writing.note("<cpu mode='host-model'>: the host's CPU is not known here: all that the host has is taken")
        return "host" if domain.identity.type in ("kvm", "hvf") else "max"
    return cpu.model


def _model(domain: Domain, writing: Writing) -> Iterator[str]:
    """What belongs to the model itself: its vendor, whether it can migrate, its features."""
    cpu = domain.cpu
    if cpu is None:
        return
    if domain.os.arch == "armv7l" and domain.identity.type == "kvm" and (domain.emulator or "").endswith("aarch64"):
        yield "aarch64=off"
    if cpu.mode in ("host-passthrough", "maximum") and cpu.migratable is not None and domain.os.arch in boards.X86:
        yield f"migratable={_state(cpu.migratable)}"
    if cpu.vendor_id:
        yield f"vendor={escape(cpu.vendor_id)}"
    given = {item.name for item in cpu.features}
    yield from (f"{name}={state}" for name, state in _named(cpu, writing).items())
    if cpu.mode == "custom" and not is_host_model(cpu) and domain.os.arch in boards.X86:
        yield from (f"{name}=off" for name in sorted(SLIPPED) if cpu.model in SLIPPED[name] and name not in given)
    if cpu.deprecated_features is not None and writing.domain.os.arch in boards.S390:
        yield from (f"{name}={_state(cpu.deprecated_features)}" for name in ("bpb", "csske", "cte", "te") if name not in given)


def _named(cpu: Cpu, writing: Writing) -> dict[str, str]:
    """The features of the host model that is known, and those that the guest asks for."""
    known = writing.target.host_model if is_host_model(cpu) else None
    states = dict(word.split("=") for word in (known or "").split(",")[1:])
    for item in cpu.features:
        wanted = item.policy not in ("disable", "forbid")
        if item.name not in _GONE and (wanted or item.name not in _REMOVED):
            states[qemu_feature(item.name or "")] = _state(wanted)
    return states


def _state(on: object) -> str:
    return "on" if on else "off"


def _timers(domain: Domain) -> Iterator[str]:
    for timer in domain.clock.timers if domain.clock else ():
        if timer.name == "kvmclock" and timer.present is not None:
            yield f"kvmclock={_state(timer.present)}"
        elif timer.name == "hypervclock" and timer.present:
            yield "hv-time=on"
        elif timer.name == "tsc" and timer.frequency:
            yield f"tsc-frequency={timer.frequency}"
        elif timer.name == "armvtimer" and timer.tickpolicy:
            yield f"kvm-no-adjvtime={_state(timer.tickpolicy == 'discard')}"


def _features(domain: Domain) -> Iterator[str]:
    features = domain.features or Features()
    if features.apic_eoi is not None:
        yield f"kvm-pv-eoi={_state(features.apic_eoi)}"
    if features.pvspinlock is not None:
        yield f"kvm-pv-unhalt={_state(features.pvspinlock)}"
    if features.hyperv:
        yield from _hyperv(features.hyperv)
    if any(getattr(device, "model", None) == "hyperv" for device in domain.devices):
        yield "hv-crash"
    if features.kvm_hidden:
        yield "kvm=off"
    if features.kvm_hint_dedicated:
        yield "kvm-hint-dedicated=on"
    if features.kvm_poll_control:
        yield "kvm-poll-control=on"
    if features.kvm_pv_ipi is False:
        yield "kvm-pv-ipi=off"
    if features.pmu is not None and domain.os.arch not in boards.PPC64:
        yield f"pmu={_state(features.pmu)}"


def _hyperv(hyperv: Hyperv) -> Iterator[str]:
    if hyperv.mode == "passthrough":
        yield "hv-passthrough=on"
    for field, name in HYPERV:
        if not getattr(hyperv, field):
            continue
        if field == "spinlocks":
            yield f"hv-spinlocks={hyperv.retries or 4095:#x}"
        elif field == "vendor_id":
            yield f"hv-vendor-id={hyperv.vendor or ''}"
        elif field.startswith(("stimer_", "tlbflush_")) and not getattr(hyperv, field.split("_")[0]):
            continue
        else:
            yield f"hv-{name}=on"


def _cache(cpu: Cpu) -> Iterator[str]:
    """``l3-cache`` is an emulated one; ``host-cache-info`` shows the host's. Emulation of one excludes the other."""
    if cpu.cache is None:
        return
    hosted = cpu.mode in ("host-passthrough", "maximum")
    if cpu.cache.mode == "emulate":
        yield "l3-cache=on"
        if hosted:
            yield "host-cache-info=off"
    elif cpu.cache.mode == "passthrough":
        yield "host-cache-info=on"
        yield "l3-cache=off"
    else:
        if hosted:
            yield "host-cache-info=off"
        yield "l3-cache=off"


def _address_bits(cpu: Cpu) -> Iterator[str]:
    limits = cpu.maxphysaddr
    if limits is None:
        return
    if limits.mode == "passthrough":
        yield "host-phys-bits=on"
        if limits.limit:
            yield f"host-phys-bits-limit={limits.limit}"
    elif limits.bits:
        yield f"phys-bits={limits.bits}"
    else:
        yield "host-phys-bits=off"
