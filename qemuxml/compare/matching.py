"""Which device of one guest is which of another: by its MAC address or image, else by what sits where, else by its role."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence

from qemuxml.compare.guest import Part

Key = Callable[[Part], Hashable]
"""What two devices must have in common; None has nothing in common with anything."""


def matched(first: Sequence[Part], second: Sequence[Part]) -> Iterator[tuple[Part | None, Part | None]]:
    """Pairs of devices, in the order of the first guest; then what only the second has."""
    left, right = list(first), list(second)
    pairs: dict[int, Part] = {}
    for key in _KEYS:
        _pair(left, right, _once(key, left, right) if key is _identity else key, pairs)
        left = [part for part in left if id(part) not in pairs]
    yield from ((part, pairs.get(id(part))) for part in first)
    yield from ((None, part) for part in right)


def _pair(left: Sequence[Part], right: list[Part], key: Key, pairs: dict[int, Part]) -> None:
    """Pair what has the same key, the first with the first; what was paired leaves ``right``."""
    waiting: dict[Hashable, list[Part]] = {}
    for part in right:
        waiting.setdefault((part.family, key(part)), []).append(part)
    for part in left:
        found = waiting.get((part.family, key(part)))
        if found and key(part) is not None:
            pairs[id(part)] = found.pop(0)
    taken = {id(part) for part in pairs.values()}
    right[:] = [part for part in right if id(part) not in taken]


def _once(key: Key, *sides: Sequence[Part]) -> Key:
    """The key of those parts that are the only ones of their side to have it."""
    counts = [Counter((part.family, key(part)) for part in side) for side in sides]
    return lambda part: key(part) if all(count[part.family, key(part)] == 1 for count in counts) else None


def _all(part: Part) -> Hashable:
    return (tuple(part.facts.items()), part.words)


def _words(part: Part) -> Hashable:
    return part.words or None


def _what(part: Part) -> tuple[str | None, ...]:
    return tuple(part.facts.get(path) for path in ("/@model", "/@type", "/@device", "/@bus", "/target/@bus", "/model/@type"))


def _thing_and_place(part: Part) -> Hashable:
    return (_what(part), part.address) if part.address else None


def _place(part: Part) -> Hashable:
    return part.address or None


_ROLES = (
    ("/mac/@address",),
    ("/target/@dev",),
    ("/@type", "/@index"),
    ("/target/@name",),
    ("/target/@dir",),
    ("/target/@type", "/target/@port"),
    ("/source/@file",),
)
"""What a device is for: the card of a MAC, the disk of a name, the controller of an index, the port of a number."""


def _role(part: Part) -> Hashable:
    return _said(part, _ROLES)


def _said(part: Part, alternatives: tuple[tuple[str, ...], ...]) -> Hashable:
    """What the part says at the first of the groups of places that it has."""
    for paths in alternatives:
        found = tuple(part.facts.get(path) for path in paths)
        if all(text is not None for text in found):
            return (paths, found)
    return None


_IDENTITIES = (
    ("/mac/@address",),
    ("/target/@name",),
    ("/target/@dir",),
    ("/source/@file",),
    ("/source/@dev",),
    ("/source/@volume", "/source/@pool"),
    ("/source/@name", "/source/@protocol"),
    ("/serial",),
    ("/uuid",),
    ("/@type", "/@index"),
)
"""By what a person knows a device, wherever it sits: its MAC address, its name, its image, the number of a controller."""


def _identity(part: Part) -> Hashable:
    """None for the PCI controllers: their numbers follow from their places."""
    return None if part.facts.get("/@type") == "pci" else _said(part, _IDENTITIES)


def _kind(part: Part) -> Hashable:
    return _what(part)


def _any(_: Part) -> Hashable:
    return ""


_KEYS: tuple[Key, ...] = (_all, _words, _identity, _thing_and_place, _place, _role, _kind, _any)
