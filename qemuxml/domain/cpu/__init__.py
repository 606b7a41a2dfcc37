"""The guest's CPU: ``-cpu core2duo,+vmx,-sse3`` is ``<cpu mode='custom' match='exact'>`` with its ``<feature>`` elements."""

from __future__ import annotations

from qemuxml.domain.cpu import legacy, reading
from qemuxml.domain.cpu.model import Cpu
from qemuxml.mapping.kind import Kind

__all__ = ["KIND", "Cpu"]

KIND = Kind(element="cpu", model=Cpu, claims={"-cpu": legacy.claim_cpu}, modern={"-cpu": reading.claim_cpu})
