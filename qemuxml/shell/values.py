"""What a shell's variables hold: texts of which each character keeps its place, arrays of them, and what cannot be known."""

from __future__ import annotations

from collections.abc import Iterable

from qemuxml.record import record, replace


@record(frozen=True)
class Run:
    """Characters and the place of the first. They stand there one behind the other, unless they are ``computed`` at it."""

    text: str
    place: int
    computed: bool = False

    def cut(self, start: int, end: int) -> Run:
        """The characters ``start`` to ``end``."""
        return Run(self.text[start:end], self.place if self.computed else self.place + start, self.computed)


@record(frozen=True)
class Text:
    """A value that is known; ``start`` and ``end`` are the place of the word in which it is written."""

    runs: tuple[Run, ...]
    start: int
    end: int

    def __str__(self) -> str:
        return "".join(run.text for run in self.runs)

    def cut(self, start: int, end: int) -> Text:
        """The characters ``start`` to ``end``, with their places."""
        runs, offset = [], 0
        for run in self.runs:
            first, last = max(start - offset, 0), min(end - offset, len(run.text))
            if first < last:
                runs.append(run.cut(first, last))
            offset += len(run.text)
        return Text(tuple(runs), self.start, self.end)

    def at(self, start: int, end: int) -> Text:
        """The same characters as the value of another word."""
        return Text(self.runs, start, end)

    def at_own_place(self) -> Text:
        """The same characters as a word that stands where its first and its last character stand."""
        if not self.runs:
            return self
        last = self.runs[-1]
        return self.at(self.runs[0].place, last.place + (1 if last.computed else len(last.text)))


def computed(text: str, start: int, end: int) -> Text:
    """A text that nobody wrote: the answer of an expansion."""
    return Text((Run(text, start, computed=True),) if text else (), start, end)


def joined(texts: Iterable[Text], start: int, end: int) -> Text:
    """The texts one behind the other."""
    return Text(tuple(run for text in texts for run in text.runs), start, end)


@record(frozen=True)
class Unknown:
    """What only a run of the script would tell; ``name`` is the variable that holds it, or ``$(nproc)``, whose output it is."""

    what: str
    start: int
    end: int
    name: str = ""
    unset: bool = False
    """Whether it is just a variable or an argument that nobody has given: it may well be empty."""
    own: bool = False
    """Whether it is a variable that the script sets, but not on the way to here."""
    begins: str = ""
    """What a word begins with that is not known for the rest: ``DISPLAY=``."""

    def of(self, name: str) -> Unknown:
        """The same as the value of a variable; the first variable keeps its name, for that is the one to give."""
        return self if self.name and not self.name.startswith("$") else replace(self, name=name)


@record(frozen=True)
class Array:
    """``NAME=(…)``: the elements with their indices, or their keys if it is ``keyed`` (``declare -A``)."""

    items: tuple[tuple[int | str, Text | Unknown], ...] = ()
    keyed: bool = False

    def get(self, key: int | str) -> Text | Unknown | None:
        """One element; behind one that is not known, and may be several, none is."""
        for at, value in self.items:
            if at == key or (isinstance(value, Unknown) and isinstance(key, int)):
                return value
        return None

    def put(self, key: int | str, value: Text | Unknown) -> Array:
        """The array with one element more, or another one in its place."""
        others = [item for item in self.items if item[0] != key]
        items = [*others, (key, value)]
        return Array(tuple(items if self.keyed else sorted(items, key=lambda item: int(item[0]))), self.keyed)

    def without(self, key: int | str) -> Array:
        """The array without one element."""
        return Array(tuple(item for item in self.items if item[0] != key), self.keyed)

    def extended(self, values: Iterable[Text | Unknown]) -> Array:
        """The array with more elements behind its last."""
        last = self.items[-1][0] if self.items else -1
        first = last + 1 if isinstance(last, int) else len(self.items)
        return Array((*self.items, *enumerate(values, first)), self.keyed)

    @property
    def values(self) -> tuple[Text | Unknown, ...]:
        """The elements in their order."""
        return tuple(value for _, value in self.items)


Value = Text | Unknown | Array
Truth = bool | Unknown
"""Whether a condition holds, or what one would have to know."""


class NotKnownError(Exception):
    """An expansion needs what only a run of the script would tell."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.what)
        self.unknown = unknown


def known(value: Text | Unknown) -> Text:
    """The value as a text. Raises NotKnownError."""
    if isinstance(value, Unknown):
        raise NotKnownError(value)
    return value


def same(one: Value | None, other: Value | None) -> bool:
    """Whether two values are the same characters, wherever they stand."""
    if isinstance(one, Text) and isinstance(other, Text):
        return str(one) == str(other)
    if isinstance(one, Array) and isinstance(other, Array):
        return len(one.items) == len(other.items) and all(
            mine[0] == its[0] and same(mine[1], its[1]) for mine, its in zip(one.items, other.items, strict=True)
        )
    return one == other
