"""The guest's CPU: ``-cpu core2duo,+vmx,-sse3`` is ``<cpu mode='custom' match='exact'>`` with its ``<feature>`` elements."""

from __future__ import annotations

from qemuxml.domain.cpu.model import Cpu
from qemuxml.later import later
from qemuxml.mapping.kind import Kind

__all__ = ["KIND", "Cpu"]

KIND = Kind(
    element="cpu",
    model=Cpu,
    claims={"-cpu": later("qemuxml.domain.cpu.legacy:claim_cpu")},
    modern={"-cpu": later("qemuxml.domain.cpu.reading:claim_cpu")},
)
