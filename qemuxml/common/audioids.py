"""Numbers of sound backends: ``-audiodev none,id=audio1`` is ``<audio id='1'/>``, ``id=snd`` takes the next free number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from qemuxml.mapping.context import Reading

MODELS: Final = {"sb16": "sb16", "es1370": "es1370", "ac97": "ac97", "hda": "ich6", "virtio": "virtio"}
"""Short names of sound cards, in ``-soundhw`` and ``-audio``, and libvirt's."""
UNSAID: Final = ("adlib", "cs4231a", "gus")
"""Those that domain XML has no word for."""
USUAL: Final = "audiodev0"
"""The id of the backend of ``-audio`` where no other is given."""


def numbers(reading: Reading) -> Mapping[str, int]:
    """The number of every ``-audiodev`` by its id: the one in libvirt's own name for it, else the next that nobody has."""
    names = list(_names(reading))
    found = {name: int(match[1]) for name in names if (match := re.fullmatch("audio([1-9][0-9]{0,8})", name))}
    for name in names:
        if name not in found:
            found[name] = next(number for number in range(1, len(names) + 1) if number not in found.values())
    return found


def _names(reading: Reading) -> Iterator[str]:
    for option in reading.line.options:
        if option.name in _BACKENDS and option.value is not None:
            yield reading.values(option, "driver").peek("id") or (USUAL if option.name == "-audio" else "")


_BACKENDS: Final = ("-audiodev", "-audio")


def stated(reading: Reading, name: str | None) -> int | None:
    """The number that a card or display must say: none for the first backend, which it has without a word."""
    known = numbers(reading)
    found = known.get(name or "")
    return None if found is None or found == next(iter(known.values())) else found
