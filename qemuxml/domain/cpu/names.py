"""Names of CPU features and Hyper-V enlightenments in QEMU and in libvirt: ``hv-tlbflush-ext`` is ``<tlbflush><extended/>``."""

from __future__ import annotations

from typing import Final

from qemuxml.domain.cpu.model import Cpu

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
SLIPPED: Final = {
    "mpx": (
        "Skylake-Client", "Skylake-Client-IBRS", "Skylake-Client-noTSX-IBRS", "Skylake-Server", "Skylake-Server-IBRS",
        "Skylake-Server-noTSX-IBRS", "Cascadelake-Server", "Cascadelake-Server-noTSX", "Icelake-Server", "Icelake-Server-noTSX",
    ),
    "monitor": ("Dhyana", "EPYC", "EPYC-IBPB", "Opteron_G3"),
    "intel-pt": ("Icelake-Client", "Icelake-Client-noTSX", "Icelake-Server", "Icelake-Server-noTSX"),
}  # fmt: skip
"""Features that a model had once and lost; libvirt turns them off, so that old and new guests are alike."""

HYPERV: Final = (
    ("relaxed", "relaxed"), ("vapic", "vapic"), ("spinlocks", ""), ("vpindex", "vpindex"), ("runtime", "runtime"),
    ("synic", "synic"), ("stimer", "stimer"), ("stimer_direct", "stimer-direct"), ("reset", "reset"), ("vendor_id", ""),
    ("frequencies", "frequencies"), ("reenlightenment", "reenlightenment"), ("tlbflush", "tlbflush"),
    ("tlbflush_direct", "tlbflush-direct"), ("tlbflush_extended", "tlbflush-ext"), ("ipi", "ipi"), ("evmcs", "evmcs"),
    ("avic", "avic"), ("emsr_bitmap", "emsr-bitmap"), ("xmm_input", "xmm-input"),
)  # fmt: skip
"""Fields of ``<hyperv>`` and QEMU's names, in libvirt's order; two carry a value."""


def qemu_feature(name: str) -> str:
    """A feature's name as QEMU has it."""
    return QEMU_NAMES.get(name, name)


def is_host_model(cpu: Cpu) -> bool:
    """Whether it is the host's CPU as libvirt would name it, or that at least."""
    return cpu.mode == "host-model" or (cpu.mode == "custom" and cpu.match == "minimum")
