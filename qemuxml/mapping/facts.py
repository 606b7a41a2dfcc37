"""What a declared object says, one fact a place: ``/memory/@unit`` is KiB; for reports and comparisons of whole guests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qemuxml.mapping.codecs import Codec
from qemuxml.mapping.xml import Attr, Child, Children, Flag, Group, Text, Variant, declarations
from qemuxml.record import record

Fact = tuple[str, str]
"""A path below the object (``/driver/@cache``) and the text that stands there; a flag has none."""


@record(frozen=True)
class Statement:
    """One declared field that says something: where it stands, and the object and the field that say it."""

    path: str
    owner: Any
    field: str
    codec: Codec[Any] | None

    @property
    def text(self) -> str:
        """What stands there; a flag, or an element that says nothing but that it is there, has no text."""
        return self.codec.encode(getattr(self.owner, self.field)) if self.codec else ""


def facts(made: Any) -> Iterator[Fact]:
    """Everything that the object says, in the order of the document, but the devices of a listing and other programs' notes."""
    return ((statement.path, statement.text) for statement in statements(made))


def statements(made: Any, path: str = "") -> Iterator[Statement]:
    """The same with the objects that say it."""
    for name, declared in declarations(type(made)):
        value = getattr(made, name)
        if value is None or (value is False and not isinstance(declared, Attr | Text)):
            continue
        match declared:
            case Attr(steps, attribute, codec):
                yield Statement(f"{_below(path, steps)}/@{attribute}", made, name, codec)
            case Text(steps, codec):
                yield Statement(_below(path, steps), made, name, codec)
            case Flag(steps):
                yield Statement(_below(path, steps), made, name, None)
            case Child(steps) | Variant(steps):
                yield from list(statements(value, below := _below(path, steps))) or [Statement(below, made, name, None)]
            case Children(steps):
                yield from _children(value, _below(path, steps), made, name)
            case Group():
                yield from statements(value, path)


def _below(path: str, steps: tuple[str, ...]) -> str:
    return "/".join((path, *steps))


def _children(items: list[Any], path: str, owner: Any, name: str) -> Iterator[Statement]:
    named = _by_name(items)
    for number, item in enumerate(items):
        below = f"{path}[{named[number] if named else number + 1}]" if len(items) > 1 or named else path
        yield from list(statements(item, below)) or [Statement(below, owner, name, None)]


def _by_name(items: list[Any]) -> list[str]:
    """Predicates for children that have a name each (``@name='aes'``): among those the order says nothing."""
    for attribute in ("name", "alias"):
        names = [getattr(item, attribute, None) if _is_attribute(item, attribute) else None for item in items]
        if all(isinstance(name, str) and "'" not in name for name in names) and len(set(names)) == len(names):
            return [f"@{attribute}='{name}'" for name in names]
    return []


def _is_attribute(item: Any, attribute: str) -> bool:
    return any(field == attribute and isinstance(place, Attr) and not place.steps for field, place in declarations(type(item)))
