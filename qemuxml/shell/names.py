"""The variables that a script sets anywhere: ``[ -n "$DEBUG" ] && GDB="-s -S"`` sets ``GDB``, whether it comes there or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qemuxml.record import fields, is_record
from qemuxml.shell.syntax import Assignment, For


def assigned(program: Any) -> frozenset[str]:
    """The names of all variables that the commands of a script set by an assignment or a loop."""
    return frozenset(_names(program))


def _names(program: Any) -> Iterator[str]:
    pending = [program]
    while pending:
        part = pending.pop()
        if isinstance(part, tuple | list):
            pending += part
        elif is_record(part):
            if isinstance(part, Assignment | For):
                yield part.name
            pending += (getattr(part, item.name) for item in fields(part))
