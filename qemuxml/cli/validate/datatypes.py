"""The types of text in libvirt's schema: fixed values, numbers with bounds, and strings of a form (XML Schema's datatypes)."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from qemuxml.record import record

_UNBOUNDED: Final = (None, None)
_NUMBERS: Final[dict[str, tuple[int | None, int | None]]] = {
    "integer": _UNBOUNDED,
    "positiveInteger": (1, None),
    "nonNegativeInteger": (0, None),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}


_PATHS: Final = (("/.*",), (r"(/|[a-zA-Z]:\\).+",))
"""The forms that the schema has for absolute paths."""


@record(frozen=True)
class Datatype:
    """A type with its parameters; ``value`` is one of one value. ``alternatives`` of a pattern follow each other."""

    name: str = "string"
    value: str | None = None
    patterns: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    longest: int | None = None

    def takes(self, text: str) -> bool:
        """Whether a text is of the type."""
        if self.value is not None:
            return " ".join(text.split()) == " ".join(self.value.split())
        kept = text if self.name == "string" else text.strip()
        return self._of_type(kept) and all(_compiled(pattern).fullmatch(kept) for pattern in self.patterns)

    def _of_type(self, text: str) -> bool:
        if self.name in _NUMBERS:
            return bool(re.fullmatch(r"[+-]?[0-9]+", text)) and self._in_bounds(int(text))
        if self.name in ("double", "float", "decimal"):
            return bool(re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|-?INF|NaN", text))
        if self.name == "NCName":
            return bool(re.fullmatch(r"[^\W\d][\w.-]*", text))
        if self.name == "dateTime":
            return bool(re.fullmatch(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", text))
        return self.longest is None or len(text) <= self.longest

    def _in_bounds(self, number: int) -> bool:
        bounds = (*_NUMBERS[self.name], self.minimum, self.maximum)
        lowest = max((bound for bound in (bounds[0], bounds[2]) if bound is not None), default=None)
        highest = min((bound for bound in (bounds[1], bounds[3]) if bound is not None), default=None)
        return (lowest is None or number >= lowest) and (highest is None or number <= highest)

    def __str__(self) -> str:
        if self.value is not None:
            return f"'{self.value}'"
        if self.name in _NUMBERS:
            lowest, highest = (self.minimum, self.maximum)
            bounds = (
                f" {'' if lowest is None else lowest}..{'' if highest is None else highest}"
                if (lowest, highest) != _UNBOUNDED
                else ""
            )
            return f"a number ({self.name}{bounds})"
        if self.patterns in _PATHS:
            return "an absolute path"
        return f"a text like {' and '.join(self.patterns)}" if self.patterns else f"a text ({self.name})"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """XML Schema's expressions are Python's, but that ``^`` and ``$`` are no anchors; libvirt's have none of the rest."""
    return re.compile(re.sub(r"(?<![\\\[])\$", r"\\$", pattern))
