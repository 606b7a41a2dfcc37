"""What a ``<cpu>`` is where nobody says it: the machine's own, matched exactly, its features required."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qemuxml.domain import boards
from qemuxml.domain.cpu.model import Cpu, CpuFeature
from qemuxml.errors import DomainXmlError
from qemuxml.later import pattern
from qemuxml.mapping.context import Target

if TYPE_CHECKING:
    from qemuxml.domain import Domain

SVE_LENGTH: Final = pattern(r"sve\d+")


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
    wanted = any(item.policy == "require" and SVE_LENGTH.fullmatch(item.name or "") for item in cpu.features)
    if wanted and "sve" not in names:
        cpu.features.append(CpuFeature(policy="require", name="sve"))
