"""What became of every option of a command line, with its place and the XPath of what it became."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from qemuxml import convert, layout
from qemuxml.convert import Conversion
from qemuxml.domain import Domain
from qemuxml.errors import Span
from qemuxml.mapping.facts import facts
from qemuxml.mapping.ledger import Entry, Fate, Note
from qemuxml.record import record

INEXACT: Final = (Fate.PASSED, Fate.DROPPED, Fate.GUESSED)
"""Fates of options whose meaning domain XML does not hold for certain."""


@record(frozen=True)
class Item:
    """One option: its words, what became of it and why, where it stood, and the XPaths of what it became."""

    words: tuple[str, ...]
    fate: Fate
    reason: str
    place: Span
    xpaths: tuple[str, ...]

    @property
    def text(self) -> str:
        """The option as one would type it."""
        return shlex.join(self.words)

    def as_json(self) -> dict[str, Any]:
        """The same as JSON has it."""
        return {
            "option": self.words[0],
            "words": list(self.words),
            "fate": str(self.fate),
            "reason": self.reason,
            "place": _place(self.place),
            "xpath": list(self.xpaths),
        }


@record(frozen=True)
class Report:
    """A domain XML, and the fate of each option that it was made from, in the order of the command line."""

    xml: str
    items: tuple[Item, ...]
    notes: tuple[Note, ...]

    @property
    def exact(self) -> bool:
        """Whether nothing was passed, dropped or guessed."""
        return not any(item.fate in INEXACT for item in self.items)

    def counts(self) -> dict[str, int]:
        """How many options met each fate."""
        return counts(self.items)

    def as_json(self) -> dict[str, Any]:
        """The same as JSON has it, without the XML."""
        return {
            "options": [item.as_json() for item in self.items],
            "notes": [{"message": note.message, "place": _place(note.place)} for note in self.notes],
            "counts": self.counts(),
        }


def counts(items: Iterable[Item | Entry]) -> dict[str, int]:
    """How many options met each fate."""
    found = Counter(item.fate for item in items)
    return {str(fate): found[fate] for fate in Fate}


def report(text: str, *, name: str, profile: str, base_dir: str | None) -> Report:
    """Convert a command line, and tell of every option what became of it. Raises as ``convert.from_native`` does."""
    return of(convert.from_native(text, name=name, profile=profile, base_dir=base_dir, traced=True))


def of(conversion: Conversion) -> Report:
    """The report of a traced conversion."""
    finder = _Finder(conversion)
    items = tuple(
        Item(
            tuple(word.text for word in entry.option.words),
            entry.fate,
            entry.reason,
            entry.option.span,
            tuple(dict.fromkeys(finder.xpaths(entry))),
        )
        for entry in conversion.entries
    )
    return Report(conversion.text, items, conversion.notes)


class _Finder:
    """Where in the written document the things stand that options became."""

    def __init__(self, conversion: Conversion) -> None:
        domain = conversion.domain
        self._changed = conversion.changed
        self._present = {path for path, _ in facts(domain)}
        self._devices = device_paths(domain)
        self._arguments = _argument_paths(conversion)

    def xpaths(self, entry: Entry) -> Iterator[str]:
        """The XPaths of what an option became."""
        if entry.fate is Fate.PASSED:
            yield from self._arguments.get(id(entry), ())
        yield from (self._devices[id(device)] for device in entry.devices if id(device) in self._devices)
        yield from (f"/domain{path}" for path in self._changed.get(entry.option, ()) if path in self._present)


def device_paths(domain: Domain) -> dict[int, str]:
    """The XPath of each device in the written document, by the identity of its object."""
    totals = Counter(layout.element(device) for device in domain.devices)
    numbers: Counter[str] = Counter()
    found = {}
    for device in sorted(domain.devices, key=layout.place):
        tag = layout.element(device)
        numbers[tag] += 1
        found[id(device)] = f"/domain/devices/{tag}" + (f"[{numbers[tag]}]" if totals[tag] > 1 else "")
    return found


def _argument_paths(conversion: Conversion) -> dict[int, list[str]]:
    """The ``<qemu:arg>`` of each passed option, by the identity of its entry; they stand in the order of the options."""
    passed = [entry for entry in conversion.entries if entry.fate is Fate.PASSED]
    kept = conversion.domain.commandline.args if conversion.domain.commandline else []
    found, number = {}, 0
    for entry in passed:
        positions = range(number + 1, number + len(entry.passed) + 1)
        number += len(entry.passed)
        single = len(kept) == 1
        found[id(entry)] = [f"/domain/qemu:commandline/qemu:arg{'' if single else f'[{n}]'}" for n in positions]
    return found


def _place(place: Span | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {"file": place.source.name, "line": place.line, "column": place.column, "start": place.start, "end": place.end}
