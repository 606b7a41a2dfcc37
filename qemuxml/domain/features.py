"""What the machine can do: ``-no-acpi`` takes ``<acpi/>`` away, ``-cpu …,hv_relaxed`` adds ``<hyperv><relaxed state='on'/>``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.codecs import INT, ON_OFF
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import attr, child, flag


@dataclass(kw_only=True)
class Hyperv:
    """Enlightenments for Windows guests, each on or off."""

    relaxed: bool | None = attr("relaxed@state", ON_OFF)
    vapic: bool | None = attr("vapic@state", ON_OFF)
    spinlocks: bool | None = attr("spinlocks@state", ON_OFF)
    retries: int | None = attr("spinlocks@retries", INT)
    vpindex: bool | None = attr("vpindex@state", ON_OFF)
    runtime: bool | None = attr("runtime@state", ON_OFF)
    synic: bool | None = attr("synic@state", ON_OFF)
    stimer: bool | None = attr("stimer@state", ON_OFF)
    reset: bool | None = attr("reset@state", ON_OFF)
    vendor_id: bool | None = attr("vendor_id@state", ON_OFF)
    vendor: str | None = attr("vendor_id@value")
    frequencies: bool | None = attr("frequencies@state", ON_OFF)
    reenlightenment: bool | None = attr("reenlightenment@state", ON_OFF)
    tlbflush: bool | None = attr("tlbflush@state", ON_OFF)
    ipi: bool | None = attr("ipi@state", ON_OFF)
    evmcs: bool | None = attr("evmcs@state", ON_OFF)


@dataclass(kw_only=True)
class Features:
    """``<features>``: what the machine has beyond its kind."""

    acpi: bool = flag("acpi")
    apic: bool = flag("apic")
    apic_eoi: bool | None = attr("apic@eoi", ON_OFF)
    pae: bool = flag("pae")
    hyperv: Hyperv | None = child("hyperv", Hyperv)
    kvm_hidden: bool | None = attr("kvm/hidden@state", ON_OFF)


def claim_no_acpi(option: Option, reading: Reading) -> Claimed:
    """``-no-acpi``."""
    features = reading.domain.features = reading.domain.features or Features()
    features.acpi = False
    return mapped(option)


def manual(features: Features | None, _: Writing) -> Iterator[Words]:
    """``-no-acpi``, unless the guest asks for ACPI; PAE and APIC were always there."""
    features = features or Features()
    if features.hyperv or features.kvm_hidden is not None or features.apic_eoi is not None:
        raise UnsupportedError("QEMU 0.9 has no option for <hyperv>, <kvm> or <apic eoi='…'>")
    if not features.acpi:
        yield ("-no-acpi",)


KIND = Kind(element="features", model=Features, claims={"-no-acpi": claim_no_acpi})
