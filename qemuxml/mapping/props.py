"""QEMU properties declared once: ``key("cache", "cache")`` reads ``cache=none`` into ``disk.cache`` and writes it back.

A table is an ordered list of rows. A field is named by its way from the object, ``info.alias`` for one in a group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar

from qemuxml.cmdline.render import escape
from qemuxml.cmdline.values import Values
from qemuxml.mapping.codecs import STR, Codec

T = TypeVar("T")
Value = str | bool | int
Pair = tuple[str, Value]
"""One property as it is written; ``render`` chooses between ``key=value`` and JSON."""


class Row(Protocol):
    """One line of a table."""

    def take(self, values: Values, made: Any) -> None:
        """Read properties into the object."""

    def put(self, made: Any) -> Iterable[Pair]:
        """Write properties of the object."""


class Props(Generic[T]):
    """The properties of one option, in the order in which they are written."""

    def __init__(self, model: type[T], *rows: Row) -> None:
        self.model = model
        self.rows = rows

    def read(self, values: Values, into: T | None = None) -> T:
        """An object of the properties. Raises CommandLineError at the property that does not decode."""
        made = self.model() if into is None else into
        for row in self.rows:
            row.take(values, made)
        return made

    def write(self, made: T) -> list[Pair]:
        """The properties of an object; a field that is None has none."""
        return [pair for row in self.rows for pair in row.put(made)]


class _Key:
    def __init__(self, name: str, field: str, codec: Codec[Any]) -> None:
        self.name = name
        self.codec = codec
        self.fetch = attrgetter(field)
        self.store = _setter(field)

    def take(self, values: Values, made: Any) -> None:
        value = values.get(self.name, self.codec.decode)
        if value is not None:
            self.store(made, value)

    def put(self, made: Any) -> Iterable[Pair]:
        value = self.fetch(made)
        return () if value is None else ((self.name, self.codec.encode(value)),)


class _Switch:
    def __init__(self, name: str, field: str) -> None:
        self.name = name
        self.fetch = attrgetter(field)
        self.store = _setter(field)

    def take(self, values: Values, made: Any) -> None:
        value = values.flag(self.name)
        if value is not None:
            self.store(made, value)

    def put(self, made: Any) -> Iterable[Pair]:
        value = self.fetch(made)
        return () if not value else ((self.name, True),)


class _When:
    def __init__(self, condition: Callable[[Any], bool], rows: tuple[Row, ...]) -> None:
        self.condition = condition
        self.rows = rows

    def take(self, values: Values, made: Any) -> None:
        if self.condition(made):
            for row in self.rows:
                row.take(values, made)

    def put(self, made: Any) -> Iterable[Pair]:
        if self.condition(made):
            for row in self.rows:
                yield from row.put(made)


def key(name: str, field: str, codec: Codec[Any] = STR) -> Row:
    """A property and the field that it is."""
    return _Key(name, field, codec)


def switch(name: str, field: str) -> Row:
    """A property that is on or off, in any of QEMU's spellings; written only when it is on."""
    return _Switch(name, field)


def when(condition: Callable[[Any], bool], *rows: Row) -> Row:
    """Rows that apply to some objects only; what the condition asks for must be known by earlier rows."""
    return _When(condition, rows)


def key_values(pairs: Iterable[Pair]) -> str:
    """``a=b,c=on``: the spelling of QEMU's older options."""
    return ",".join(f"{name}={escape(_spelt(value))}" for name, value in pairs)


def _spelt(value: Value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _setter(field: str) -> Callable[[Any, Any], None]:
    holder, _, name = field.rpartition(".")
    if not holder:
        return lambda made, value: setattr(made, name, value)
    fetch = attrgetter(holder)
    return lambda made, value: setattr(fetch(made), name, value)
