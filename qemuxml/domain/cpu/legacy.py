"""The CPU on classic lines: ``-cpu core2duo,+vmx,-sse3`` is ``<cpu mode='custom' match='exact'>``.

What ``-cpu`` says of hypervisor interfaces goes where domain XML has it: ``hv_relaxed`` to ``<hyperv>``, ``kvm=off`` to
``<kvm>``, ``+kvmclock`` to ``<clock>``, ``hv_crash`` to a ``<panic>`` device.
"""

from __future__ import annotations

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Property, Values, decoded, on_off, parse
from qemuxml.domain.clock import Clock, Timer
from qemuxml.domain.cpu.model import DEFAULT_MODELS, Cpu, CpuFeature
from qemuxml.domain.features import Features, Hyperv
from qemuxml.mapping.codecs import integer
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.record import field, record

_SWITCHES = ("relaxed", "vapic", "vpindex", "runtime", "synic", "stimer", "reset", "frequencies", "reenlightenment",
             "tlbflush", "ipi", "evmcs")  # fmt: skip


@record(kw_only=True)
class _Asked:
    """What one ``-cpu`` asks for."""

    model: str | None
    features: list[CpuFeature] = field(default_factory=list)
    hyperv: Hyperv = field(default_factory=Hyperv)
    kvm_hidden: bool | None = None
    eoi: bool | None = None
    timers: dict[str, bool] = field(default_factory=dict)
    crash: bool = False


def claim_cpu(option: Option, reading: Reading) -> Claimed | None:
    """``-cpu MODEL,+FEATURE,-FEATURE,FEATURE=on,hv_relaxed,kvm=off``."""
    values = parse(option.value, "model") if option.value else None
    if values is None:
        return None
    asked = _asked(values)
    if not reading.understood(values):
        return None
    _set_model(asked, reading)
    _set_hypervisor(asked, reading)
    return mapped(option, *([reading.device("panic", model="hyperv")] if asked.crash else []))


def _asked(values: Values) -> _Asked:
    asked = _Asked(model=values.get("model"))
    for item in values.unread():
        item.read = _hyperv(asked, item) or _paravirtual(asked, item) or _feature(asked, item)
    return asked


def _hyperv(asked: _Asked, item: Property) -> bool:
    name = item.key.replace("-", "_")
    if not name.startswith("hv_"):
        return False
    name = name.removeprefix("hv_")
    if name in _SWITCHES:
        setattr(asked.hyperv, name, item.bare or decoded(item, on_off))
    elif name == "crash":
        asked.crash = item.bare or decoded(item, on_off)
    elif name == "time":
        asked.timers["hypervclock"] = item.bare or decoded(item, on_off)
    elif name == "spinlocks":
        asked.hyperv.spinlocks, asked.hyperv.retries = True, decoded(item, _retries)
    elif name == "vendor_id":
        asked.hyperv.vendor_id, asked.hyperv.vendor = True, item.text
    else:
        return False
    return True


def _retries(text: str) -> int:
    """QEMU takes any 32-bit number; libvirt raised those under its least of 4095."""
    number = integer(text)
    if not 0 <= number <= 0xFFFFFFFF:
        raise ValueError("is not a 32-bit number")
    return max(number, 0xFFF)


def _paravirtual(asked: _Asked, item: Property) -> bool:
    match item.key.replace("kvm-pv-eoi", "kvm_pv_eoi"):
        case "kvm" if not item.bare:
            asked.kvm_hidden = not decoded(item, on_off)
        case "+kvmclock" | "-kvmclock":
            asked.timers["kvmclock"] = item.key.startswith("+")
        case "kvmclock" if not item.bare:
            asked.timers["kvmclock"] = decoded(item, on_off)
        case "+kvm_pv_eoi" | "-kvm_pv_eoi":
            asked.eoi = item.key.startswith("+")
        case "kvm_pv_eoi" if not item.bare:
            asked.eoi = decoded(item, on_off)
        case _:
            return False
    return True


def _feature(asked: _Asked, item: Property) -> bool:
    """``+vmx`` and ``-vmx``, or ``vmx=on`` and ``vmx=off`` of QEMU 2.4 and later."""
    if item.bare and item.key[:1] in ("+", "-") and len(item.key) > 1:
        asked.features.append(CpuFeature(policy="require" if item.key[0] == "+" else "disable", name=item.key[1:]))
        return True
    if item.bare or item.text not in ("on", "off") or item.key in _NOT_FEATURES:
        return False
    asked.features.append(CpuFeature(policy="require" if item.text == "on" else "disable", name=item.key))
    return True


_NOT_FEATURES = frozenset(
    {"check", "enforce", "migratable", "pmu", "host-phys-bits", "l3-cache", "host-cache-info", "legacy-cache"}
)
"""Switches of ``-cpu`` that are no CPUID features."""


def _set_model(asked: _Asked, reading: Reading) -> None:
    reading.domain.cpu_model = asked.model
    if (asked.model is None or asked.model in DEFAULT_MODELS) and not asked.features:
        return
    cpu = reading.domain.cpu = reading.domain.cpu or Cpu()
    if asked.model == "host":
        cpu.mode, cpu.check = "host-passthrough", "none"
    else:
        cpu.mode, cpu.match, cpu.check = "custom", "exact", "partial"
        cpu.model, cpu.fallback = asked.model, "allow"
    cpu.features = asked.features


def _set_hypervisor(asked: _Asked, reading: Reading) -> None:
    domain = reading.domain
    if asked.hyperv != Hyperv() or asked.kvm_hidden is not None or asked.eoi is not None:
        features = domain.features = domain.features or Features()
        features.hyperv = asked.hyperv if asked.hyperv != Hyperv() else features.hyperv
        features.kvm_hidden = asked.kvm_hidden
        features.apic_eoi, features.apic = asked.eoi, asked.eoi is not None
    if asked.timers:
        domain.clock = domain.clock or Clock()
        domain.clock.timers += [Timer(name=name, present=present) for name, present in asked.timers.items()]
