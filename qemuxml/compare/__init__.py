"""Two guests held against each other as hardware: devices matched by what they are and where they sit, then by role.

Both are completed as libvirt completes a guest. Whether something differs is decided by the options that libvirt would start
the guest with; what differs is told in the words of the XML.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from qemuxml import convert
from qemuxml.compare import ignoring
from qemuxml.compare.guest import Guest
from qemuxml.compare.matching import matched
from qemuxml.mapping.facts import Statement, statements


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in which two guests differ. A side that says nothing there has None; a whole device has no ``path``."""

    subject: str
    path: str
    first: str | None
    second: str | None

    def as_json(self) -> dict[str, str | None]:
        """The same as JSON has it."""
        return {"subject": self.subject, "path": self.path, "first": self.first, "second": self.second}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences of two guests, and both guests as canonical XML."""

    differences: tuple[Difference, ...]
    first: str
    second: str


def compare(first: str, second: str, *, names: tuple[str, str], ignore: Collection[str] = ()) -> Comparison:
    """Compare two texts, each domain XML or a command line.

    ``ignore`` may hold "host" (paths, sockets, displays) and "identity" (name, UUID, MAC addresses).
    Raises ConversionError for a text that is no guest.
    """
    one, other = (_guest(text, name, ignore) for text, name in zip((first, second), names, strict=True))
    found = tuple(_differences(one, other)) if one.words != other.words else ()
    return Comparison(found, convert.to_xml(one.domain), convert.to_xml(other.domain))


def _guest(text: str, name: str, ignore: Collection[str]) -> Guest:
    xml = text if convert.is_xml(text) else convert.from_native(text, name=name, profile="modern", base_dir=None).text
    writing = convert.complete(xml, name=name)
    ignoring.forget(writing.domain, ignore)
    return Guest(writing)


# ------------------------------------------------------------------ what differs


def _differences(one: Guest, other: Guest) -> Iterator[Difference]:
    found = [*_parts(one, other), *_devices(one, other)]
    yield from found or _options(one.rest, other.rest)


def _parts(one: Guest, other: Guest) -> Iterator[Difference]:
    """Memory, processors and all that is no device."""
    if one.domain.emulator != other.domain.emulator:
        yield Difference("guest", "/devices/emulator", one.domain.emulator, other.domain.emulator)
    if Counter(one.rest) != Counter(other.rest):
        yield from _changes("guest", (one, _by_path(one)), (other, _by_path(other)))


def _by_path(guest: Guest) -> Side:
    return {item.path: item for item in statements(guest.domain) if item.path != "/devices/emulator"}


def _devices(one: Guest, other: Guest) -> Iterator[Difference]:
    for left, right in matched(one.parts, other.parts):
        if right is None and left is not None:
            yield Difference(left.title, "", left.text, None)
        elif left is None and right is not None:
            yield Difference(right.title, "", None, right.text)
        elif left and right and (left.words != right.words or not left.words):
            found = list(_changes(left.title, (one, left.statements), (other, right.statements)))
            yield from found or _options(left.words, right.words, left.title)


Side = dict[str, Statement]


def _changes(subject: str, left: tuple[Guest, Side], right: tuple[Guest, Side]) -> Iterator[Difference]:
    """What the two sides say otherwise; of that only what QEMU is told, if that explains the difference."""
    paths = [path for path in dict.fromkeys((*left[1], *right[1])) if _text(left[1], path) != _text(right[1], path)]
    heavy = [path for path in paths if _weighs(path, left, right)]
    for path in heavy or paths:
        yield Difference(subject, path, _text(left[1], path), _text(right[1], path))


def _text(side: Side, path: str) -> str | None:
    return side[path].text if path in side else None


def _weighs(path: str, left: tuple[Guest, Side], right: tuple[Guest, Side]) -> bool:
    mine, theirs = left[1].get(path), right[1].get(path)
    if mine and theirs:
        return left[0].weighs(mine, getattr(theirs.owner, theirs.field))
    return left[0].weighs(mine) if mine else bool(theirs and right[0].weighs(theirs))


def _options(left: Sequence[str], right: Sequence[str], subject: str = "guest") -> Iterator[Difference]:
    """What the XML cannot tell apart and the command line does."""
    missing, added = Counter(left) - Counter(right), Counter(right) - Counter(left)
    yield from (Difference(subject, "option", words, None) for words in missing.elements())
    yield from (Difference(subject, "option", None, words) for words in added.elements())
