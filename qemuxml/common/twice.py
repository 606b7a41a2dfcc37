"""What a list cannot have twice: two ``<vcpupin vcpu='0'>``, two ``<event name='cmt'>``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qemuxml.errors import DomainXmlError


def twice(element: str, things: Sequence[Any], **fields: str) -> None:
    """Refuse the second of some things that has the same of all these fields, each behind its name in XML, as an earlier one.

    Raises DomainXmlError.
    """
    seen = set()
    for thing in things:
        key = tuple(getattr(thing, name) for name in fields.values())
        if key in seen:
            said = " ".join(f"{name}='{value}'" for name, value in zip(fields, key, strict=True))
            raise DomainXmlError(f"<{element} {said}>: it stands twice").of(thing)
        seen.add(key)
