"""QEMU properties declared once: ``key("cache", "cache")`` reads ``cache=none`` into ``disk.cache`` and writes it back.

A table is an ordered list of rows. A field is named by its way from the object, ``info.alias`` for one in a group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar

from qemuxml.cmdline.render import compact, escape
from qemuxml.cmdline.values import Values, decoded, on_off
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.codecs import INT, STR, Codec, integer

T = TypeVar("T")
Value = str | bool | int
Reader = Callable[[Any, str], bool]
"""Reads a property's text into an object; False leaves the property unread."""
Pair = tuple[str, Value]
"""One property as it is written; ``render`` chooses between ``key=value`` and JSON."""


class Row(Protocol):
    """One line of a table."""

    def take(self, values: Values, made: Any) -> None:
        """Read properties into the object."""

    def put(self, made: Any) -> Iterable[Pair]:
        """Write properties of the object."""

    def confirm(self, values: Values, made: Any) -> None:
        """Count as read what follows from the object, now that it is whole."""


class Props(Generic[T]):
    """The properties of one option, in the order in which they are written."""

    def __init__(self, model: type[T], *rows: Row) -> None:
        self.model = model
        self.rows = rows

    def read(self, values: Values, into: T | None = None) -> T:
        """An object of the properties. Raises CommandLineError at the property that does not decode.

        A property that is computed from the object counts as read if the object would write it as it stands.
        """
        made = self.model() if into is None else into
        for row in self.rows:
            row.take(values, made)
        for row in self.rows:
            row.confirm(values, made)
        return made

    def write(self, made: T) -> list[Pair]:
        """The properties of an object; a field that is None has none."""
        return [pair for row in self.rows for pair in row.put(made)]


class Plain:
    """A row that reads all that it writes."""

    def confirm(self, values: Values, made: Any) -> None:
        """Nothing is left to be confirmed."""


class _Key(Plain):
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
        return () if value is None else ((self.name, self.codec.value(value)),)


class _Positive(_Key):
    def put(self, made: Any) -> Iterable[Pair]:
        return super().put(made) if self.fetch(made) else ()


class _Switch(Plain):
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

    def confirm(self, values: Values, made: Any) -> None:
        if self.condition(made):
            for row in self.rows:
                row.confirm(values, made)


class _Computed:
    def __init__(self, name: str, value: Callable[[Any], Value | None], read: Reader | None) -> None:
        self.name = name
        self.value = value
        self.read = read

    def take(self, values: Values, made: Any) -> None:
        found, read = values.seek(self.name), self.read
        if read is not None and found is not None and decoded(found, lambda text: read(made, text)):
            values.get(self.name)

    def confirm(self, values: Values, made: Any) -> None:
        found = values.peek(self.name)
        if found is None:
            return
        value = self.value(made)
        if value is not None and _same(_spelt(value), found):
            values.get(self.name)

    def put(self, made: Any) -> Iterable[Pair]:
        value = self.value(made)
        return () if value is None else ((self.name, value),)


class _Driver(Plain):
    def __init__(self, name: str, field: str, names: Mapping[str | None, str]) -> None:
        self.name = name
        self.names = names
        self.fetch = attrgetter(field)
        self.store = _setter(field)
        self.back = {driver: value for value, driver in reversed(list(names.items()))}

    def take(self, values: Values, made: Any) -> None:
        found = values.get(self.name)
        if found in self.back:
            self.store(made, self.back[found])

    def put(self, made: Any) -> Iterable[Pair]:
        kind = self.fetch(made)
        if kind not in self.names:
            raise UnsupportedError(f"QEMU has no such model: '{kind}'")
        return ((self.name, self.names[kind]),)


def key(name: str, field: str, codec: Codec[Any] = STR) -> Row:
    """A property and the field that it is."""
    return _Key(name, field, codec)


def positive(name: str, field: str, codec: Codec[Any] = INT) -> Row:
    """A number that says nothing where it is 0: libvirt does not write it then."""
    return _Positive(name, field, codec)


def switch(name: str, field: str) -> Row:
    """A property that is on or off, in any of QEMU's spellings; written only when it is on."""
    return _Switch(name, field)


def when(condition: Callable[[Any], bool], *rows: Row) -> Row:
    """Rows that apply to some objects only; what the condition asks for must be known by earlier rows."""
    return _When(condition, rows)


def const(name: str, value: Value) -> Row:
    """A property that is always written, and says nothing when it is read."""
    return _Computed(name, lambda _: value, None)


def computed(name: str, value: Callable[[Any], Value | None], read: Reader | None = None) -> Row:
    """A property that follows from the object (a period from its default).

    ``read(made, text)`` is the way back. Without one the property counts as read if the object would write the same.
    """
    return _Computed(name, value, read)


def driver(field: str, names: Mapping[str | None, str], name: str = "driver") -> Row:
    """The name of the device by a field: ``driver("model", {"virtio": "virtio-rng-pci"})``."""
    return _Driver(name, field, names)


def json(pairs: Iterable[Pair]) -> str:
    """``{"driver":"virtio-rng-pci","id":"rng0"}``: dotted keys become objects, and lists where the parts are numbers."""
    return compact(_nested(pairs))


def _nested(pairs: Iterable[Pair]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        *steps, last = name.split(".")
        here = made
        for step in steps:
            here = here.setdefault(step, {})
        here[last] = value
    return {name: _listed(value) for name, value in made.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(name.isdigit() for name in value):
        return [_listed(item) for item in value.values()]
    return {name: _listed(item) for name, item in value.items()}


def key_values(pairs: Iterable[Pair]) -> str:
    """``a=b,c=on``: the spelling of QEMU's older options."""
    return ",".join(f"{name}={escape(_spelt(value))}" for name, value in pairs)


def _same(written: str, found: str) -> bool:
    """Whether two spellings are one value: ``0x10`` and ``16``, ``on`` and ``true``."""
    if written == found:
        return True
    for decode in (integer, on_off):
        try:
            return decode(written) == decode(found)
        except ValueError:
            continue
    return False


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
