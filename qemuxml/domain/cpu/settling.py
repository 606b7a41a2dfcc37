"""The CPU when all of ``-cpu`` is read: a model that the machine has anyway, and ``check='none'`` for what a host may lack."""

from __future__ import annotations

from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.common.origin import by_libvirt
from qemuxml.domain import boards
from qemuxml.domain.cpu import x86
from qemuxml.domain.cpu.model import Cpu, CpuFeature
from qemuxml.mapping.context import Reading


def spelt(model: str, option: Option, reading: Reading) -> str | None:
    """The model in libvirt's spelling, which once was not QEMU's only one; None for a CPU that libvirt does not know."""
    if reading.domain.os.arch not in boards.WITH_CPUS:
        return None
    model = model.removesuffix("-loongarch-cpu")  # QEMU takes a model's type for its name there
    known = reading.domain.os.arch not in boards.X86 or model in ("", "host", "max", *x86.MODELS)
    if known or reading.once(by_libvirt):
        return model
    found = next((name for name in sorted(x86.MODELS) if name.lower() == model.lower()), None)
    if found is not None:
        reading.note(f"{model}: QEMU and libvirt spell this CPU {found}", option.span)
    return found


def settle_model(reading: Reading) -> None:
    """Nothing is said of the model that the machine has anyway: libvirt says it by itself.

    Of another one QEMU leaves out what the host lacks, with a warning. So does libvirt where ``check`` is ``none``; it would
    refuse to start the guest otherwise.
    """
    domain = reading.domain
    cpu, os = domain.cpu, domain.os
    if cpu is None or cpu.mode != "custom":
        return
    is_default = cpu.model == boards.cpus.default(os.arch, os.machine, domain.emulator, domain.identity.type)
    if is_default and not (cpu.features or cpu.vendor_id or cpu.check):
        cpu.mode = cpu.match = cpu.model = cpu.fallback = None
    elif cpu.check is None and os.arch in boards.X86 and not reading.once(by_libvirt):
        cpu.check = "none"
    elif cpu.check == "partial" and domain.identity.type == "kvm" and not reading.once(by_libvirt):
        _forget_svm(cpu)


def _forget_svm(cpu: Cpu) -> None:
    """KVM takes virtualization away from AMD's models unless it is asked for; libvirt would ask the host for it."""
    if (cpu.model or "").startswith(_WITH_SVM) and not any(item.name == "svm" for item in cpu.features):
        cpu.features.append(CpuFeature(policy="disable", name="svm"))


_WITH_SVM: Final = ("qemu64", "phenom", "Opteron_G2", "Opteron_G3", "Opteron_G4", "Opteron_G5", "EPYC", "Dhyana")
"""How the names of such models begin."""


def forget_kvms(reading: Reading) -> None:
    """Without KVM no guest sees its spinlocks, and libvirt refuses them."""
    domain = reading.domain
    if domain.identity.type != "kvm" and domain.features and domain.features.pvspinlock and not reading.once(by_libvirt):
        domain.features.pvspinlock = None
