"""Sets of CPUs and host nodes as XML spells them: ``cpuset='0-3,^2,8'`` is 0, 1, 3, 8."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from qemuxml.mapping.codecs import Codec

GREATEST = 1 << 16
"""No host has more CPUs or nodes; libvirt's own bitmaps end earlier."""


def members(text: str) -> list[int]:
    """The numbers of a set, ascending. Raises ValueError for another form and for a set of nothing."""
    found: set[int] = set()
    for item in text.replace(" ", "").split(","):
        match = re.fullmatch(r"(\^?)([0-9]{1,6})(?:-([0-9]{1,6}))?", item)
        if not match:
            raise ValueError("is not a set of numbers (0-3,^2,8)")
        first, last = int(match[2]), int(match[3] or match[2])
        if last < first or last > GREATEST or (match[1] and match[3]):
            raise ValueError("is not a set of numbers (0-3,^2,8)")
        if match[1]:
            found.discard(first)
        else:
            found.update(range(first, last + 1))
    if not found:
        raise ValueError("is a set without members")
    return sorted(found)


def ranges(numbers: Iterable[int]) -> Iterator[str]:
    """``0-3``, ``8``: the runs of a set."""
    left = sorted(set(numbers))
    while left:
        first = last = left.pop(0)
        while left and left[0] == last + 1:
            last = left.pop(0)
        yield str(first) if first == last else f"{first}-{last}"


MEMBERS: Codec[list[int]] = Codec(members, lambda numbers: ",".join(ranges(numbers)))
