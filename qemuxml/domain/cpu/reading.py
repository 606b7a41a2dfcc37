"""The CPU of today read back: ``-cpu host,hv-relaxed=on,kvm=off,l3-cache=on,pmu=off``, features spelt ``+f``, ``f`` or ``f=on``.

A property that is no feature of libvirt's is passed on as QEMU itself makes it of ``-cpu``: ``-global x86_64-cpu.NAME=VALUE``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import escape
from qemuxml.cmdline.values import Property, decoded, on_off
from qemuxml.common.origin import by_libvirt
from qemuxml.domain import boards
from qemuxml.domain.clock import Clock
from qemuxml.domain.cpu import settling
from qemuxml.domain.cpu.model import Cache, Cpu, CpuFeature, Maxphysaddr
from qemuxml.domain.cpu.names import HYPERV, QEMU_NAMES, SLIPPED
from qemuxml.domain.features import Features, Hyperv
from qemuxml.later import pattern
from qemuxml.mapping.codecs import integer, size
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import Claimed, dropped
from qemuxml.record import record


@record(frozen=True, kw_only=True)
class Asked:
    """One property: its name, and whether it is on; None for one that is no switch."""

    spelt: str
    on: bool | None
    item: Property

    @property
    def name(self) -> str:
        """The name with dashes: x86 CPUs take both spellings."""
        return _dashed(self.spelt)

    @property
    def text(self) -> str:
        """The value as QEMU reads it."""
        return self.item.text if self.on is None else "on" if self.on else "off"


def claim_cpu(option: Option, reading: Reading) -> Claimed | None:
    """``-cpu MODEL,PROPERTY…``; of several options, and of a repeated property, the last one counts."""
    if option.value is None:
        return None
    if reading.ledger.named("-cpu")[-1] is not option:
        return dropped(option, "of several -cpu QEMU takes the last")
    values = reading.values(option, "cpu-type")  # a CPU has a property ``model`` too, which is a number
    model = settling.spelt(values.get("cpu-type") or "", option, reading)
    if model is None:
        return None
    asked = list({made.name: made for made in (_asked(item) for item in values.unread())}.values())
    _set_model(model, reading)
    guest = _Guest(reading, model)
    left = [item for item in asked if not guest.take(item)]
    guest.close()
    reading.settle(settling.settle_model)
    reading.finish(settling.forget_kvms)
    return _with_globals(option, left, reading)


def _asked(item: Property) -> Asked:
    item.read = True
    text = item.key
    if item.bare:
        signed = len(text) > 1 and text[0] in "+-"
        name, on = (text[1:], text[0] == "+") if signed else (text, True)
        return Asked(spelt=name, on=on, item=item)
    try:
        return Asked(spelt=text, on=on_off(item.text), item=item)
    except ValueError:
        return Asked(spelt=text, on=None, item=item)


def _dashed(name: str) -> str:
    return name.replace("_", "-")


_BASES: Final = {
    "x86_64": "x86_64-cpu", "i686": "i386-cpu", "aarch64": "arm-cpu", "armv7l": "arm-cpu", "ppc64": "powerpc64-cpu",
    "ppc64le": "powerpc64-cpu", "ppc": "powerpc-cpu", "s390x": "s390x-cpu", "riscv64": "riscv-cpu",
    "riscv32": "riscv-cpu", "loongarch64": "loongarch-cpu", "armv6l": "arm-cpu",
}  # fmt: skip
"""QEMU's type of all CPUs of an architecture."""


def _with_globals(option: Option, left: list[Asked], reading: Reading) -> Claimed | None:
    base = _BASES.get(reading.domain.os.arch or "")
    if left and base is None:
        return None
    words = tuple(word for item in left for word in ("-global", f"{base}.{item.name}={escape(item.text)}"))
    return reading.but(option, words)


def _set_model(model: str, reading: Reading) -> None:
    domain = reading.domain
    cpu = domain.cpu
    if not model or (cpu is not None and cpu.mode == "host-model"):
        return
    cpu = domain.cpu = cpu or Cpu()
    if model == "host":
        cpu.mode = "host-passthrough"
    elif model == "max":
        cpu.mode = "maximum"
    else:
        named = model.upper() if domain.os.arch in boards.PPC64 and re.fullmatch("power[0-9]+", model) else model
        cpu.mode, cpu.match, cpu.model, cpu.fallback = "custom", "exact", named, "allow"


class _Guest:
    """Where the properties go: each ``take`` says whether domain XML has a word for one."""

    def __init__(self, reading: Reading, model: str) -> None:
        self.reading = reading
        self.model = model
        self.domain = reading.domain
        self.is_x86 = self.domain.os.arch in boards.X86
        self.is_hosted = model in ("host", "max")
        self.caches: dict[str, bool] = {}

    @property
    def features(self) -> Features:
        found = self.domain.features
        if found is None:
            found = self.domain.features = Features()
        return found

    @property
    def hyperv(self) -> Hyperv:
        found = self.features.hyperv
        if found is None:
            found = self.features.hyperv = Hyperv()
        return found

    @property
    def clock(self) -> Clock:
        found = self.domain.clock
        if found is None:
            found = self.domain.clock = Clock()
        return found

    @property
    def cpu(self) -> Cpu:
        found = self.domain.cpu
        if found is None:
            found = self.domain.cpu = Cpu()
        return found

    @property
    def limits(self) -> Maxphysaddr:
        found = self.cpu.maxphysaddr
        if found is None:
            found = self.cpu.maxphysaddr = Maxphysaddr()
        return found

    def take(self, asked: Asked) -> bool:
        """Say one property in the XML; False if it has no word there."""
        if asked.name.startswith("hv-"):
            return _take_hyperv(self, asked)
        take = _TAKERS.get(asked.name)
        return take(self, asked) if take else _take_feature(self, asked)

    def close(self) -> None:
        """What several properties say together: where the view of the caches comes from."""
        own, hosted = self.caches.get("l3-cache"), self.caches.get("host-cache-info")
        if hosted:
            self.cpu.cache = Cache(mode="passthrough")
        elif own:
            self.cpu.cache = Cache(level=3, mode="emulate")
        elif own is False or hosted is False:
            self.cpu.cache = Cache(mode="disable")


# ------------------------------------------------------------------ hypervisors


_ENLIGHTENMENTS: Final = {name or field.replace("_", "-"): field for field, name in HYPERV}


def _take_hyperv(guest: _Guest, asked: Asked) -> bool:
    name = asked.name.removeprefix("hv-")
    if name == "spinlocks":
        return _take_retries(guest, asked)
    if name == "vendor-id":
        guest.hyperv.vendor_id, guest.hyperv.vendor = True, asked.item.text
        return True
    if asked.on is None:
        return False
    if name in _ENLIGHTENMENTS:
        setattr(guest.hyperv, _ENLIGHTENMENTS[name], asked.on)
    elif name == "passthrough":
        guest.hyperv.mode = "passthrough" if asked.on else guest.hyperv.mode
    elif name == "time":
        guest.clock.timer("hypervclock").present = asked.on
    elif name == "crash":
        if asked.on:
            guest.domain.devices.append(guest.reading.device("panic", model="hyperv"))
    else:
        return False
    return True


NEVER: Final = 0xFFFFFFFF
"""Retries that QEMU takes for no spinlocks at all."""
LEAST: Final = 0xFFF
"""Fewer retries libvirt refuses."""


def _take_retries(guest: _Guest, asked: Asked) -> bool:
    retries = decoded(asked.item, integer)
    if retries == NEVER:
        return True
    if not LEAST <= retries < NEVER:
        return False
    guest.hyperv.spinlocks, guest.hyperv.retries = True, retries
    return True


def _feature_switch(field: str, *, said: bool | None = None) -> Callable[[_Guest, Asked], bool]:
    """A field of ``<features>``; ``said`` is the only state that has a word, the other is QEMU's own."""

    def take(guest: _Guest, asked: Asked) -> bool:
        if asked.on is not None and said in (None, asked.on):
            setattr(guest.features, field, asked.on)
        return asked.on is not None

    return take


def _take_kvm(guest: _Guest, asked: Asked) -> bool:
    if asked.on is False:
        guest.features.kvm_hidden = True
    return asked.on is not None


def _take_usual(_: _Guest, asked: Asked) -> bool:
    """A switch that is on unless it is switched off."""
    return asked.on is True


def _take_kvmclock(guest: _Guest, asked: Asked) -> bool:
    guest.clock.timer("kvmclock").present = asked.on
    return asked.on is not None


# ------------------------------------------------------------------ the CPU's own


def _take_frequency(guest: _Guest, asked: Asked) -> bool:
    guest.clock.timer("tsc").frequency = decoded(asked.item, _hertz)
    return True


def _hertz(text: str) -> int:
    """QEMU takes the suffixes of decimal units: 2.5G is 2,500,000,000."""
    found = re.fullmatch(r"([0-9]{1,12})(?:\.([0-9]{1,9}))?([kKmMgG])", text)
    if not found:
        return size(text)
    scale: int = 1000 ** " kmg".index(found[3].lower())
    return int(found[1]) * scale + (int(found[2]) * scale // 10 ** len(found[2]) if found[2] else 0)


def _take_virtual_timer(guest: _Guest, asked: Asked) -> bool:
    guest.clock.timer("armvtimer").tickpolicy = "discard" if asked.on else "delay"
    return asked.on is not None


def _take_migratable(guest: _Guest, asked: Asked) -> bool:
    if guest.is_hosted and asked.on is not None:
        guest.cpu.migratable = asked.on
    return guest.is_hosted and asked.on is not None


def _take_enforce(guest: _Guest, asked: Asked) -> bool:
    """``enforce``: the guest starts on a host only that has all of the CPU; no model of libvirt's is quite that of QEMU."""
    cpu = guest.domain.cpu
    if asked.on and cpu and cpu.mode == "custom":
        cpu.check = "full" if by_libvirt(guest.reading) else "partial"
    return asked.on is not None


def _take_warning(_: _Guest, asked: Asked) -> bool:
    """``check``: QEMU warns of what the host lacks, which it does unasked."""
    return asked.on is not None


def _take_vendor(guest: _Guest, asked: Asked) -> bool:
    cpu = guest.domain.cpu
    if cpu is None or cpu.mode != "custom":
        return False
    cpu.vendor_id = asked.item.text
    return True


def _take_cache(guest: _Guest, asked: Asked) -> bool:
    if asked.on is not None and (asked.name == "l3-cache" or guest.is_hosted):
        guest.caches[asked.name] = asked.on
        return True
    return asked.on is False


def _take_bits(guest: _Guest, asked: Asked) -> bool:
    guest.limits.mode, guest.limits.bits = "emulate", decoded(asked.item, integer)
    return True


def _take_host_bits(guest: _Guest, asked: Asked) -> bool:
    if asked.on is None or (asked.on and not guest.is_hosted):
        return False
    guest.limits.mode = "passthrough" if asked.on else "emulate"
    return True


def _take_bits_limit(guest: _Guest, asked: Asked) -> bool:
    if not guest.is_hosted:
        return False
    guest.limits.mode, guest.limits.limit = "passthrough", decoded(asked.item, integer)
    return True


def _take_compatibility(guest: _Guest, asked: Asked) -> bool:
    """``-cpu host,compat=power8`` of QEMU before 2.10: the machine has that property now."""
    if guest.model != "host" or guest.domain.os.arch not in boards.PPC64:
        return False
    guest.cpu.mode, guest.cpu.model = "host-model", asked.item.text
    return True


def _take_width(guest: _Guest, asked: Asked) -> bool:
    """``aarch64=off``: a guest of 32 bits on a host of 64."""
    if asked.on is not False or guest.domain.os.arch != "aarch64":
        return False
    guest.domain.os.arch = "armv7l"
    return True


_TAKERS: Final[Mapping[str, Callable[[_Guest, Asked], bool]]] = {
    "kvm": _take_kvm,
    "kvm-pv-eoi": _feature_switch("apic_eoi"),
    "kvm-pv-unhalt": _feature_switch("pvspinlock"),
    "kvm-hint-dedicated": _feature_switch("kvm_hint_dedicated", said=True),
    "kvm-poll-control": _feature_switch("kvm_poll_control", said=True),
    "kvm-pv-ipi": _feature_switch("kvm_pv_ipi", said=False),
    "pmu": _feature_switch("pmu"),
    **dict.fromkeys(("vmware-cpuid-freq", "cpuid-0xb", "tcg-cpuid", "fill-mtrr-mask", "full-cpuid-auto-level"), _take_usual),
    "kvmclock": _take_kvmclock,
    "tsc-frequency": _take_frequency,
    "tsc-freq": _take_frequency,
    "kvm-no-adjvtime": _take_virtual_timer,
    "migratable": _take_migratable,
    "check": _take_warning,
    "enforce": _take_enforce,
    "vendor": _take_vendor,
    "l3-cache": _take_cache,
    "host-cache-info": _take_cache,
    "phys-bits": _take_bits,
    "host-phys-bits": _take_host_bits,
    "host-phys-bits-limit": _take_bits_limit,
    "compat": _take_compatibility,
    "aarch64": _take_width,
}

# ------------------------------------------------------------------ features

_NAMES: Final = {
    **{_dashed(other): name for name, other in QEMU_NAMES.items() if not name.startswith("kvm")},
    "sse4-1": "sse4.1", "sse4-2": "sse4.2", "sse3": "pni", "xd": "nx", "i64": "lm", "ffxsr": "fxsr_opt",
}  # fmt: skip
"""What libvirt calls the features that QEMU spells otherwise, or in several ways."""
_NO_FEATURES: Final = pattern(
    r"(kvm|x|xen|tcg|full|legacy|start|ace2|phe|pmm|xcrypt|xstore|vmware)-.*|ace2|phe|pmm|xcrypt|xstore|bhi-no|lmce"
    r"|cpuid-0xb|fill-mtrr-mask|vmx-invept-single-context-noglobals"
)
"""Switches of QEMU's x86 CPUs that libvirt does not know as features."""
_ARM_FEATURES: Final = pattern(r"sve[0-9]*|pauth")


def _take_feature(guest: _Guest, asked: Asked) -> bool:
    if asked.on is None or not _is_feature(guest, asked.name):
        return False
    name = _NAMES.get(asked.name, asked.name) if guest.is_x86 else asked.spelt
    if not asked.on and guest.model in SLIPPED.get(name, ()):
        return True
    guest.cpu.features.append(CpuFeature(policy="require" if asked.on else "disable", name=name))
    return True


def _is_feature(guest: _Guest, name: str) -> bool:
    arch = guest.domain.os.arch
    if guest.is_x86:
        return not _NO_FEATURES.fullmatch(name)
    return bool(_ARM_FEATURES.fullmatch(name)) if arch in boards.ARM else arch in boards.S390 | boards.RISCV
