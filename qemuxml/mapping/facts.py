"""What a declared object says, one fact a place: ``/memory/@unit`` is KiB; for reports and comparisons of whole guests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qemuxml.mapping.xml import Attr, Child, Children, Flag, Group, Text, Variant, declarations

Fact = tuple[str, str]
"""A path below the object (``/driver/@cache``) and the text that stands there; a flag has none."""


def facts(made: Any, path: str = "") -> Iterator[Fact]:
    """Everything that the object says, in the order of the document, but the devices of a listing and other programs' notes."""
    for name, declared in declarations(type(made)):
        value = getattr(made, name)
        if value is None or (value is False and not isinstance(declared, Attr | Text)):
            continue
        match declared:
            case Attr(steps, attribute, codec):
                yield f"{_below(path, steps)}/@{attribute}", codec.encode(value)
            case Text(steps, codec):
                yield _below(path, steps), codec.encode(value)
            case Flag(steps):
                yield _below(path, steps), ""
            case Child(steps) | Variant(steps):
                yield from _child(value, _below(path, steps))
            case Children(steps):
                yield from _children(value, _below(path, steps))
            case Group():
                yield from facts(value, path)


def _below(path: str, steps: tuple[str, ...]) -> str:
    return "/".join((path, *steps))


def _child(made: Any, path: str) -> Iterator[Fact]:
    """An element that says nothing but that it is there is a fact too."""
    said = list(facts(made, path))
    yield from said or [(path, "")]


def _children(items: list[Any], path: str) -> Iterator[Fact]:
    for number, item in enumerate(items, 1):
        yield from _child(item, f"{path}[{number}]" if len(items) > 1 else path)
