"""Numbers of sound backends: ``-audiodev none,id=audio1`` is ``<audio id='1'/>``, ``id=snd`` takes the next free number."""

from __future__ import annotations

import re
from collections.abc import Mapping

from qemuxml.mapping.context import Reading


def numbers(reading: Reading) -> Mapping[str, int]:
    """The number of every ``-audiodev`` by its id: the one in libvirt's own name for it, else the next that nobody has."""
    names = [reading.values(option, "driver").peek("id") or "" for option in reading.ledger.named("-audiodev")]
    found = {name: int(match[1]) for name in names if (match := re.fullmatch("audio([1-9][0-9]{0,8})", name))}
    for name in names:
        if name not in found:
            found[name] = next(number for number in range(1, len(names) + 1) if number not in found.values())
    return found


def stated(reading: Reading, name: str | None) -> int | None:
    """The number that a card or display must say: none for the first backend, which it has without a word."""
    known = numbers(reading)
    found = known.get(name or "")
    return None if found is None or found == next(iter(known.values())) else found
