"""The CPU on the line of today: ``-cpu Haswell,vmx=on,kvmclock=off,hv-time=on,hv-relaxed=on,kvm=off,pmu=off,l3-cache=on``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from qemuxml.cmdline.render import Words, escape
from qemuxml.domain import boards
from qemuxml.domain.cpu import x86
from qemuxml.domain.cpu.model import Cpu, CpuFeature
from qemuxml.domain.features import Features, Hyperv
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.later import pattern
from qemuxml.mapping.context import Target, Writing

if TYPE_CHECKING:
    from qemuxml.domain import Domain

QEMU_NAMES: Final = {
    "cmp_legacy": "cmp-legacy",
    "ds_cpl": "ds-cpl",
    "fxsr_opt": "fxsr-opt",
    "kvm_pv_eoi": "kvm-pv-eoi",
    "kvm_pv_unhalt": "kvm-pv-unhalt",
    "lahf_lm": "lahf-lm",
    "nodeid_msr": "nodeid-msr",
    "pclmuldq": "pclmulqdq",
    "perfctr_core": "perfctr-core",
    "perfctr_nb": "perfctr-nb",
    "tsc_adjust": "tsc-adjust",
}
"""Features that QEMU spells otherwise than libvirt."""
_GONE: Final = frozenset({"osxsave", "ospke", "cmt", "mbm_total", "mbm_local"})
"""Features that libvirt knows, and QEMU has not: they are left out."""
_REMOVED: Final = frozenset({"pconfig", "cvt16"})
"""Features that QEMU has no longer: it need not be told to leave them out."""
SLIPPED: Final = {
    "mpx": (
        "Skylake-Client", "Skylake-Client-IBRS", "Skylake-Client-noTSX-IBRS", "Skylake-Server", "Skylake-Server-IBRS",
        "Skylake-Server-noTSX-IBRS", "Cascadelake-Server", "Cascadelake-Server-noTSX", "Icelake-Server", "Icelake-Server-noTSX",
    ),
    "monitor": ("Dhyana", "EPYC", "EPYC-IBPB", "Opteron_G3"),
    "intel-pt": ("Icelake-Client", "Icelake-Client-noTSX", "Icelake-Server", "Icelake-Server-noTSX"),
}  # fmt: skip
"""Features that a model had once and lost; libvirt turns them off, so that old and new guests are alike."""


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
    if _is_host_model(cpu):
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
    if cpu.mode in ("host-passthrough", "maximum") and cpu.migratable is not None:
        yield f"migratable={_state(cpu.migratable)}"
    if cpu.vendor_id:
        yield f"vendor={escape(cpu.vendor_id)}"
    given = {item.name for item in cpu.features}
    yield from (f"{name}={state}" for name, state in _named(cpu, writing).items())
    if cpu.mode == "custom" and not _is_host_model(cpu) and domain.os.arch in boards.X86:
        yield from (f"{name}=off" for name in sorted(SLIPPED) if cpu.model in SLIPPED[name] and name not in given)
    if cpu.deprecated_features is not None and writing.domain.os.arch in boards.S390:
        yield from (f"{name}={_state(cpu.deprecated_features)}" for name in ("bpb", "csske", "cte", "te") if name not in given)


def _is_host_model(cpu: Cpu) -> bool:
    return cpu.mode == "host-model" or (cpu.mode == "custom" and cpu.match == "minimum")


def _named(cpu: Cpu, writing: Writing) -> dict[str, str]:
    """The features of the host model that is known, and those that the guest asks for."""
    known = writing.target.host_model if _is_host_model(cpu) else None
    states = dict(word.split("=") for word in (known or "").split(",")[1:])
    for item in cpu.features:
        wanted = item.policy not in ("disable", "forbid")
        if item.name not in _GONE and (wanted or item.name not in _REMOVED):
            states[qemu_feature(item.name or "")] = _state(wanted)
    return states


def qemu_feature(name: str) -> str:
    """A feature's name as QEMU has it."""
    return QEMU_NAMES.get(name, name)


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


HYPERV: Final = (
    ("relaxed", "relaxed"), ("vapic", "vapic"), ("spinlocks", ""), ("vpindex", "vpindex"), ("runtime", "runtime"),
    ("synic", "synic"), ("stimer", "stimer"), ("stimer_direct", "stimer-direct"), ("reset", "reset"), ("vendor_id", ""),
    ("frequencies", "frequencies"), ("reenlightenment", "reenlightenment"), ("tlbflush", "tlbflush"),
    ("tlbflush_direct", "tlbflush-direct"), ("tlbflush_extended", "tlbflush-ext"), ("ipi", "ipi"), ("evmcs", "evmcs"),
    ("avic", "avic"), ("emsr_bitmap", "emsr-bitmap"), ("xmm_input", "xmm-input"),
)  # fmt: skip
"""Fields of ``<hyperv>`` and QEMU's names, in libvirt's order; two carry a value."""


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


# ------------------------------------------------------------------ completion

_SVE_LENGTH: Final = pattern(r"sve\d+")


def fill(domain: Domain, _: Target) -> None:
    """The machine's CPU where the guest names none, and how strictly libvirt compares it with the host's."""
    cpu = domain.cpu
    if cpu is not None:
        _check_nameless(cpu)
        _fill_mode(cpu)
    if cpu is None or (cpu.mode in (None, "custom") and cpu.model is None):
        _fill_default(domain)
        return
    if cpu.check is None:
        cpu.check = _check_of(cpu, domain)
    accelerated = domain.identity.type == "kvm" and domain.os.arch in boards.X86
    if cpu.migratable is None and cpu.mode in ("host-passthrough", "maximum") and accelerated:
        cpu.migratable = True
    if domain.os.arch in boards.ARM:
        _fill_sve(cpu)


def _check_nameless(cpu: Cpu) -> None:
    if cpu.model is None and cpu.mode in (None, "custom"):
        if cpu.features:
            raise DomainXmlError("<cpu>: features without a <model>")
        if cpu.vendor is not None:
            raise DomainXmlError("<vendor>: a vendor without a <model>")


def _fill_mode(cpu: Cpu) -> None:
    """``<model>`` alone means a custom CPU that is matched exactly."""
    if cpu.mode is None and cpu.model is not None:
        cpu.mode = "custom"
    if cpu.mode == "custom" and cpu.model is not None:
        cpu.match = cpu.match or "exact"
    if cpu.model is not None and cpu.mode in ("custom", "host-model") and cpu.fallback is None:
        cpu.fallback = "allow"
    for item in cpu.features:
        item.policy = item.policy or "require"


def _check_of(cpu: Cpu, domain: Domain) -> str:
    if cpu.mode == "host-model":
        return "partial"
    if cpu.mode == "custom" and domain.identity.type == "kvm":
        return "partial"
    return "none"


def _fill_default(domain: Domain) -> None:
    model = boards.cpus.default(domain.os.arch, domain.os.machine, domain.emulator, domain.identity.type)
    if model is None:
        return
    cpu = domain.cpu = domain.cpu or Cpu()
    if model == "host-model":
        cpu.mode, cpu.check = "host-model", "partial"
    else:
        cpu.mode, cpu.match, cpu.check, cpu.model, cpu.fallback = "custom", "exact", "none", model, "forbid"


def _fill_sve(cpu: Cpu) -> None:
    """A vector length asks for the extension itself."""
    names = {item.name for item in cpu.features}
    wanted = any(item.policy == "require" and _SVE_LENGTH.fullmatch(item.name or "") for item in cpu.features)
    if wanted and "sve" not in names:
        cpu.features.append(CpuFeature(policy="require", name="sve"))


# ------------------------------------------------------------------ refusals


def check(domain: Domain, _: Target) -> None:
    """What libvirt refuses of ``<cpu>``."""
    cpu = domain.cpu
    if cpu is None:
        return
    _check_mode(cpu, domain)
    _check_features(cpu, domain)
    _check_cache(cpu)
    _check_address_bits(cpu)


def _check_mode(cpu: Cpu, domain: Domain) -> None:
    if cpu.mode == "host-passthrough" and domain.identity.type not in ("kvm", "hvf"):
        raise UnsupportedError(f"<cpu mode='host-passthrough'>: not supported for a '{domain.identity.type}' guest")
    if cpu.mode == "host-model" and domain.identity.type == "qemu" and domain.os.arch not in boards.X86:
        raise UnsupportedError(f"<cpu mode='host-model'>: not supported for a 'qemu' guest of '{domain.os.arch}'")
    if cpu.mode == "custom" and not _is_host_model(cpu) and domain.os.arch in boards.X86 and cpu.model not in x86.MODELS:
        raise UnsupportedError(f"<model>{cpu.model}</model>: there is no such CPU")
    if cpu.migratable is not None and cpu.mode not in ("host-passthrough", "maximum"):
        raise UnsupportedError("<cpu migratable='…'> is only for mode 'host-passthrough' and 'maximum'")
    if cpu.deprecated_features is not None and domain.os.arch not in boards.S390:
        raise UnsupportedError("<cpu deprecated_features='…'> is only for s390x")
    if cpu.vendor_id is not None and (len(cpu.vendor_id) != 12 or "," in cpu.vendor_id):
        raise DomainXmlError("<model vendor_id='…'> must be exactly 12 characters without a comma")


_ARM_FEATURES: Final = pattern(r"sve(?:\d+)?|pauth")


def _check_features(cpu: Cpu, domain: Domain) -> None:
    seen = set()
    for item in cpu.features:
        if not item.name:
            raise DomainXmlError("<feature>: the CPU feature has no name")
        if item.name in seen:
            raise DomainXmlError(f"<feature>: CPU feature '{item.name}' specified more than once")
        seen.add(item.name)
        if item.policy not in ("force", "require", "optional", "disable", "forbid"):
            raise DomainXmlError(f"<feature name='{item.name}'>: invalid policy '{item.policy}'")
        if domain.os.arch in boards.X86 and item.name not in x86.FEATURES and item.name not in QEMU_NAMES:
            raise UnsupportedError(f"<feature>: unknown CPU feature '{item.name}'")
        if domain.os.arch in boards.ARM and not _ARM_FEATURES.fullmatch(item.name):
            raise UnsupportedError(f"<feature>: unknown CPU feature '{item.name}'")
    if any(item.name == "sve" and item.policy in ("disable", "forbid") for item in cpu.features) and any(
        _SVE_LENGTH.fullmatch(item.name or "") and item.policy == "require" for item in cpu.features
    ):
        raise UnsupportedError("<feature name='sve'>: SVE disabled, but SVE vector lengths provided")


def _check_cache(cpu: Cpu) -> None:
    cache = cpu.cache
    if cache is None:
        return
    if cache.mode is None:
        raise DomainXmlError("<cache>: missing mode")
    if cache.mode == "emulate" and cache.level != 3:
        raise UnsupportedError("<cache>: unsupported CPU cache level for mode 'emulate'")
    if cache.mode == "passthrough":
        if cache.level is not None:
            raise UnsupportedError("<cache>: unsupported CPU cache level for mode 'passthrough'")
        if cpu.mode not in ("host-passthrough", "maximum"):
            raise UnsupportedError("<cache mode='passthrough'> can only be used with CPU mode 'host-passthrough' or 'maximum'")
    if cache.mode == "disable" and cache.level is not None:
        raise UnsupportedError("<cache>: unsupported CPU cache level for mode 'disable'")


def _check_address_bits(cpu: Cpu) -> None:
    limits = cpu.maxphysaddr
    if limits is None:
        return
    if limits.mode is None:
        raise DomainXmlError("<maxphysaddr>: missing mode")
    if limits.mode == "passthrough":
        if limits.bits is not None:
            raise UnsupportedError("<maxphysaddr mode='passthrough'>: the number of bits cannot be given")
        if cpu.mode not in ("host-passthrough", "maximum"):
            raise UnsupportedError(
                "<maxphysaddr mode='passthrough'> can only be used with CPU mode 'host-passthrough' or 'maximum'"
            )
    elif limits.limit is not None:
        raise UnsupportedError("<maxphysaddr limit='…'> can only be used with mode='passthrough'")
