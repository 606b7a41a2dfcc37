"""What the machine can do: ``-no-acpi`` takes ``<acpi/>`` away, ``-cpu …,hv_relaxed`` adds ``<hyperv><relaxed state='on'/>``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common.sizes import Size
from qemuxml.domain import boards
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import ANY_BASE32, MIB, ON_OFF, YES_NO, one_of
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import attr, child, flag
from qemuxml.record import record

if TYPE_CHECKING:
    from qemuxml.domain import Domain


@record(kw_only=True)
class Hyperv:
    """Enlightenments for Windows guests, each on or off; ``mode`` passthrough takes all that the host has."""

    mode: str | None = attr("@mode", one_of("custom", "passthrough"))
    relaxed: bool | None = attr("relaxed@state", ON_OFF, required=True)
    vapic: bool | None = attr("vapic@state", ON_OFF, required=True)
    spinlocks: bool | None = attr("spinlocks@state", ON_OFF, required=True)
    retries: int | None = attr("spinlocks@retries", ANY_BASE32)
    vpindex: bool | None = attr("vpindex@state", ON_OFF, required=True)
    runtime: bool | None = attr("runtime@state", ON_OFF, required=True)
    synic: bool | None = attr("synic@state", ON_OFF, required=True)
    stimer: bool | None = attr("stimer@state", ON_OFF, required=True)
    stimer_direct: bool | None = attr("stimer/direct@state", ON_OFF, required=True)
    reset: bool | None = attr("reset@state", ON_OFF, required=True)
    vendor_id: bool | None = attr("vendor_id@state", ON_OFF, required=True)
    vendor: str | None = attr("vendor_id@value")
    frequencies: bool | None = attr("frequencies@state", ON_OFF, required=True)
    reenlightenment: bool | None = attr("reenlightenment@state", ON_OFF, required=True)
    tlbflush: bool | None = attr("tlbflush@state", ON_OFF, required=True)
    tlbflush_direct: bool | None = attr("tlbflush/direct@state", ON_OFF, required=True)
    tlbflush_extended: bool | None = attr("tlbflush/extended@state", ON_OFF, required=True)
    ipi: bool | None = attr("ipi@state", ON_OFF, required=True)
    evmcs: bool | None = attr("evmcs@state", ON_OFF, required=True)
    avic: bool | None = attr("avic@state", ON_OFF, required=True)
    emsr_bitmap: bool | None = attr("emsr_bitmap@state", ON_OFF, required=True)
    xmm_input: bool | None = attr("xmm_input@state", ON_OFF, required=True)


@record(kw_only=True)
class Xen:
    """Of a Xen guest alone."""

    e820_host: bool | None = attr("e820_host@state", ON_OFF)
    passthrough: bool | None = attr("passthrough@state", ON_OFF)
    passthrough_mode: str | None = attr("passthrough@mode")


@record(kw_only=True)
class Features:
    """``<features>``: what the machine has beyond its kind."""

    acpi: bool = flag("acpi")
    apic: bool = flag("apic")
    apic_eoi: bool | None = attr("apic@eoi", ON_OFF)
    pae: bool = flag("pae")
    hap: bool = flag("hap")
    hap_state: bool | None = attr("hap@state", ON_OFF)
    viridian: bool = flag("viridian")
    privnet: bool = flag("privnet")
    hyperv: Hyperv | None = child("hyperv", Hyperv)
    kvm_hidden: bool | None = attr("kvm/hidden@state", ON_OFF, required=True)
    kvm_hint_dedicated: bool | None = attr("kvm/hint-dedicated@state", ON_OFF, required=True)
    kvm_poll_control: bool | None = attr("kvm/poll-control@state", ON_OFF, required=True)
    kvm_pv_ipi: bool | None = attr("kvm/pv-ipi@state", ON_OFF, required=True)
    dirty_ring: bool | None = attr("kvm/dirty-ring@state", ON_OFF, required=True)
    dirty_ring_size: int | None = attr("kvm/dirty-ring@size", ANY_BASE32)
    pvspinlock_given: bool = flag("pvspinlock")
    pvspinlock: bool | None = attr("pvspinlock@state", ON_OFF)
    pmu_given: bool = flag("pmu")
    pmu: bool | None = attr("pmu@state", ON_OFF)
    vmport_given: bool = flag("vmport")
    vmport: bool | None = attr("vmport@state", ON_OFF)
    gic_given: bool = flag("gic")
    gic: str | None = attr("gic@version")
    smm_given: bool = flag("smm")
    smm: bool | None = attr("smm@state", ON_OFF)
    tseg: Size | None = child("smm/tseg", Size)
    ioapic: str | None = attr("ioapic@driver", one_of("kvm", "qemu"))
    hpt_resizing: str | None = attr("hpt@resizing", one_of("enabled", "disabled", "required"))
    hpt_page: Size | None = child("hpt/maxpagesize", Size)
    vmcoreinfo_given: bool = flag("vmcoreinfo")
    vmcoreinfo: bool | None = attr("vmcoreinfo@state", ON_OFF)
    htm: bool | None = attr("htm@state", ON_OFF, required=True)
    nested_hv: bool | None = attr("nested-hv@state", ON_OFF, required=True)
    msrs: str | None = attr("msrs@unknown", one_of("ignore", "fault"))
    ccf_assist: bool | None = attr("ccf-assist@state", ON_OFF, required=True)
    xen: Xen | None = child("xen", Xen)
    cfpc: str | None = attr("cfpc@value", one_of("broken", "workaround", "fixed"))
    sbbc: str | None = attr("sbbc@value", one_of("broken", "workaround", "fixed"))
    ibs: str | None = attr("ibs@value", one_of("broken", "workaround", "fixed-ibs", "fixed-ccd", "fixed-na"))
    tb_cache: Size | None = child("tcg/tb-cache", Size)
    async_teardown_given: bool = flag("async-teardown")
    async_teardown: bool | None = attr("async-teardown@enabled", YES_NO)
    ras: bool | None = attr("ras@state", ON_OFF)
    ps2: bool | None = attr("ps2@state", ON_OFF, required=True)
    aia: str | None = attr("aia@value", one_of("none", "aplic", "aplic-imsic"))


def claim_no_acpi(option: Option, reading: Reading) -> Claimed:
    """``-no-acpi``."""
    features = reading.domain.features = reading.domain.features or Features()
    features.acpi = False
    return mapped(option)


def manual(features: Features | None, _: Writing) -> Iterator[Words]:
    """``-no-acpi``, unless the guest asks for ACPI; PAE and APIC were always there."""
    if not (features and features.acpi):
        yield ("-no-acpi",)


# ------------------------------------------------------------------ completion

_IMPLIED: Final = ("pmu", "vmcoreinfo", "smm", "async_teardown", "pvspinlock", "vmport")
"""Elements that mean on where they say nothing."""


def fill(domain: Domain, _: Target) -> None:
    """What libvirt adds: the interrupt controller of an ARM virt machine, and the state of elements that stand alone."""
    arch, machine = domain.os.arch, domain.os.machine
    if boards.has_gic(arch, machine):
        features = domain.features = domain.features or Features()
        if features.gic is None:
            features.gic_given, features.gic = True, "3" if domain.identity.type == "kvm" else "2"
    if domain.features:
        for name in _IMPLIED:
            if getattr(domain.features, f"{name}_given") and getattr(domain.features, name) is None:
                setattr(domain.features, name, True)
        if domain.features.hyperv and domain.features.hyperv.mode is None:
            domain.features.hyperv.mode = "custom"


# ------------------------------------------------------------------ refusals


def check(domain: Domain, _: Target) -> None:
    """What libvirt refuses of ``<features>``, by architecture and machine."""
    features = domain.features
    if features is None:
        return
    _check_acpi(features, domain)
    for element, present, fits in _PLACES:
        if present(features) and not fits(domain):
            where = f"architecture '{domain.os.arch}' or machine type '{domain.os.machine}'"
            raise UnsupportedError(f"<{element}>: the feature is not supported for {where}")
    _check_values(features, domain)
    _check_accelerated(features, domain)
    if features.hyperv:
        _check_hyperv(features.hyperv, domain)


def _check_values(features: Features, domain: Domain) -> None:
    if features.gic is not None and features.gic not in ("2", "3", "host"):
        raise DomainXmlError(f"<gic>: invalid version '{features.gic}'")
    if features.gic == "host" and domain.identity.type != "kvm":
        raise UnsupportedError("<gic version='host'> needs KVM")
    if features.vmport and features.ps2 is False:
        raise UnsupportedError("<vmport state='on'> requires <ps2> not to be off")
    if features.tseg and boards.family(domain.os.machine) != "pc-q35":
        raise UnsupportedError("<tseg>: SMM TSEG is only supported with q35 machine type")
    if features.tseg and features.tseg.in_bytes("MiB") % MIB:
        raise UnsupportedError("<tseg>: it must be whole MiB")
    if features.pmu is False and domain.os.arch in boards.PPC64:
        raise UnsupportedError(f"<pmu state='off'>: architecture '{domain.os.arch}' always has one")
    if features.hpt_page and (features.hpt_page.size or 0) <= 0:
        raise DomainXmlError("<maxpagesize> must be a size")


def _check_accelerated(features: Features, domain: Domain) -> None:
    if features.tb_cache and domain.identity.type != "qemu":
        raise UnsupportedError("<tcg> features are incompatible with domain type '" + str(domain.identity.type) + "'")
    if features.dirty_ring:
        size = features.dirty_ring_size or 0
        if size & (size - 1) or not 1024 <= size <= 65536:
            raise UnsupportedError("<dirty-ring>: the size must be a power of 2 between 1024 and 65536")
        if domain.identity.type != "kvm":
            raise UnsupportedError("<dirty-ring> needs KVM")


def _check_acpi(features: Features, domain: Domain) -> None:
    if features.acpi and domain.os.arch in boards.ARM and not boards.knows_acpi(domain.os.arch, domain.os.machine):
        raise UnsupportedError(f"<acpi>: machine type '{domain.os.machine}' does not support ACPI")
    uefi = domain.os.loader_type == "pflash" or domain.os.firmware == "efi"
    if features.acpi and domain.os.arch == "aarch64" and not uefi:
        raise UnsupportedError("<acpi>: it needs UEFI on this architecture: <os firmware='efi'>")


def _is_pseries(domain: Domain) -> bool:
    return domain.os.arch in boards.PPC64 and boards.family(domain.os.machine) == "pseries"


def _is_x86(domain: Domain) -> bool:
    return domain.os.arch in boards.X86


_PLACES: Final[tuple[tuple[str, Callable[[Features], object], Callable[[Domain], bool]], ...]] = (
    ("gic", lambda made: made.gic_given, lambda domain: boards.has_gic(domain.os.arch, domain.os.machine)),
    ("hpt", lambda made: made.hpt_resizing or made.hpt_page, _is_pseries),
    ("htm", lambda made: made.htm is not None, _is_pseries),
    ("nested-hv", lambda made: made.nested_hv is not None, _is_pseries),
    ("ccf-assist", lambda made: made.ccf_assist is not None, _is_pseries),
    ("cfpc", lambda made: made.cfpc, _is_pseries),
    ("sbbc", lambda made: made.sbbc, _is_pseries),
    ("ibs", lambda made: made.ibs, _is_pseries),
    ("ras", lambda made: made.ras is not None, lambda domain: boards.has_gic(domain.os.arch, domain.os.machine)),
    ("apic eoi", lambda made: made.apic_eoi is not None, _is_x86),
    ("vmport", lambda made: made.vmport is not None, _is_x86),
    ("ioapic", lambda made: made.ioapic, _is_x86),
    ("pvspinlock", lambda made: made.pvspinlock is not None, _is_x86),
    ("ps2", lambda made: made.ps2 is not None, _is_x86),
    ("aia", lambda made: made.aia, lambda domain: domain.os.arch in boards.RISCV and boards.family(domain.os.machine) == "virt"),
    ("async-teardown", lambda made: made.async_teardown, lambda _: True),
)
"""Which machines have what."""

_VENDOR_LENGTH: Final = 12
_RETRIES: Final = 0xFFF


def _check_hyperv(hyperv: Hyperv, domain: Domain) -> None:
    if domain.os.arch not in boards.X86 | boards.ARM:
        raise UnsupportedError(f"<hyperv> is not supported for architecture '{domain.os.arch}'")
    if hyperv.spinlocks and hyperv.retries is not None and hyperv.retries < _RETRIES:
        raise DomainXmlError("<spinlocks>: the number of retries must be at least 4095")
    if hyperv.vendor_id:
        _check_vendor(hyperv.vendor)


def _check_vendor(vendor: str | None) -> None:
    if vendor is None:
        raise DomainXmlError("<vendor_id>: the value is missing")
    if len(vendor) > _VENDOR_LENGTH:
        raise DomainXmlError("<vendor_id>: the value must be no longer than 12 characters")
    if "," in vendor:
        raise DomainXmlError("<vendor_id>: commas are not supported in the value")


KIND = Kind(element="features", model=Features, claims={"-no-acpi": claim_no_acpi})
