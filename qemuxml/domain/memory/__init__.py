"""The guest's memory: ``-m 2G`` is ``<memory>``, its ``-object memory-backend-…`` ``<memoryBacking>``."""

from __future__ import annotations

from qemuxml.domain.memory import model
from qemuxml.domain.memory.model import Memory
from qemuxml.later import table
from qemuxml.mapping.kind import Kind

__all__ = ["KIND", "Memory"]

KIND = Kind(
    element="memory",
    model=Memory,
    claims={"-m": model.claim_m},
    modern=table("qemuxml.domain.memory.reading:CLAIMS"),
    manual=model.manual,
)
