"""RELAX NG patterns and their derivatives: what may still come, after what has come.

A pattern is what is left of a schema; each start tag, attribute, text and end tag turns it into another. The method is James
Clark's. A pattern that turns into NOTHING has met what it does not allow, and the pattern before says what it expected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final

from qemuxml.cli.validate.datatypes import Datatype
from qemuxml.record import record


@record(frozen=True, eq=False)
class Pattern:
    """A pattern; the same parts give the same object. ``number`` counts them, so that their order is the same every time."""

    kind: str
    parts: tuple[Any, ...]
    nullable: bool
    number: int


_MADE: dict[tuple[Any, ...], Pattern] = {}


def _make(kind: str, *parts: Any, nullable: bool = False) -> Pattern:
    found = _MADE.get((kind, *parts))
    if found is None:
        found = _MADE[kind, *parts] = Pattern(kind, parts, nullable, len(_MADE))
    return found


EMPTY: Final = _make("empty", nullable=True)
NOTHING: Final = _make("notAllowed")
TEXT: Final = _make("text", nullable=True)

ANY_NAME: Final = "*"
"""A name class that takes every name."""


def choice(*options: Pattern) -> Pattern:
    """One of them."""
    flat = {part for option in options for part in (option.parts if option.kind == "choice" else (option,))} - {NOTHING}
    if not flat:
        return NOTHING
    ordered = sorted(flat, key=lambda part: part.number)
    return ordered[0] if len(ordered) == 1 else _make("choice", *ordered, nullable=any(part.nullable for part in ordered))


def group(first: Pattern, second: Pattern) -> Pattern:
    """One after the other."""
    if NOTHING in (first, second):
        return NOTHING
    if first is EMPTY:
        return second
    return first if second is EMPTY else _make("group", first, second, nullable=first.nullable and second.nullable)


def interleave(first: Pattern, second: Pattern) -> Pattern:
    """Both, in any order."""
    if NOTHING in (first, second):
        return NOTHING
    if first is EMPTY:
        return second
    return first if second is EMPTY else _make("interleave", first, second, nullable=first.nullable and second.nullable)


def one_or_more(part: Pattern) -> Pattern:
    """The same again and again."""
    return NOTHING if part is NOTHING else _make("oneOrMore", part, nullable=part.nullable)


def optional(part: Pattern) -> Pattern:
    """It, or nothing at all."""
    return choice(part, EMPTY)


def data(datatype: Datatype) -> Pattern:
    """A text of that type."""
    return _make("data", datatype)


def attribute(name: str, content: Pattern) -> Pattern:
    """An attribute."""
    return _make("attribute", name, content)


def element(name: str, content: Callable[[], Pattern], identity: object) -> Pattern:
    """An element; its content is asked for when one is met, for it may hold itself."""
    found = _MADE.get(("element", name, identity))
    if found is None:
        found = _MADE["element", name, identity] = Pattern("element", (name, content), nullable=False, number=len(_MADE))
    return found


def _after(inside: Pattern, behind: Pattern) -> Pattern:
    """The rest of an element that is open, and what comes behind it."""
    return NOTHING if NOTHING in (inside, behind) else _make("after", inside, behind)


# ------------------------------------------------------------------ derivatives

Wrap = Callable[[Pattern], Pattern]


def _behind(pattern: Pattern, wrap: Wrap) -> Pattern:
    """Change what comes behind the open element."""
    if pattern.kind == "after":
        return _after(pattern.parts[0], wrap(pattern.parts[1]))
    if pattern.kind == "choice":
        return choice(*(_behind(part, wrap) for part in pattern.parts))
    return NOTHING


@cache
def start_tag(pattern: Pattern, name: str) -> Pattern:  # noqa: PLR0911 - one case for each kind of pattern
    """After ``<name``."""
    match pattern.kind, pattern.parts:
        case "choice", parts:
            return choice(*(start_tag(part, name) for part in parts))
        case "element", (own, content):
            return _after(content(), EMPTY) if own in (name, ANY_NAME) else NOTHING
        case "interleave", (first, second):
            return choice(
                _behind(start_tag(first, name), lambda rest: interleave(rest, second)),
                _behind(start_tag(second, name), lambda rest: interleave(first, rest)),
            )
        case "oneOrMore", (part,):
            return _behind(start_tag(part, name), lambda rest: group(rest, optional(pattern)))
        case "group", (first, second):
            found = _behind(start_tag(first, name), lambda rest: group(rest, second))
            return choice(found, start_tag(second, name)) if first.nullable else found
        case "after", (inside, behind):
            return _behind(start_tag(inside, name), lambda rest: _after(rest, behind))
    return NOTHING


def with_attribute(pattern: Pattern, name: str, value: str) -> Pattern:
    """After ``name='value'``."""
    match pattern.kind, pattern.parts:
        case "choice", parts:
            return choice(*(with_attribute(part, name, value) for part in parts))
        case "after", (inside, behind):
            return _after(with_attribute(inside, name, value), behind)
        case (("group" | "interleave"), (first, second)):
            join = group if pattern.kind == "group" else interleave
            return choice(join(with_attribute(first, name, value), second), join(first, with_attribute(second, name, value)))
        case "oneOrMore", (part,):
            return group(with_attribute(part, name, value), optional(pattern))
        case "attribute", (own, content):
            return EMPTY if own in (name, ANY_NAME) and takes(content, value) else NOTHING
    return NOTHING


def takes(content: Pattern, value: str) -> bool:
    """Whether a text is what the pattern wants."""
    return (content.nullable and not value.strip()) or with_text(content, value).nullable


@cache
def start_tag_end(pattern: Pattern) -> Pattern:  # noqa: PLR0911 - one case for each kind of pattern
    """After the ``>`` of a start tag: no attribute can come any more."""
    match pattern.kind, pattern.parts:
        case "choice", parts:
            return choice(*map(start_tag_end, parts))
        case "after", (inside, behind):
            return _after(start_tag_end(inside), behind)
        case "group", (first, second):
            return group(start_tag_end(first), start_tag_end(second))
        case "interleave", (first, second):
            return interleave(start_tag_end(first), start_tag_end(second))
        case "oneOrMore", (part,):
            return one_or_more(start_tag_end(part))
        case "attribute", _:
            return NOTHING
    return pattern


def with_text(pattern: Pattern, text: str) -> Pattern:  # noqa: PLR0911 - one case for each kind of pattern
    """After a text."""
    match pattern.kind, pattern.parts:
        case "choice", parts:
            return choice(*(with_text(part, text) for part in parts))
        case "interleave", (first, second):
            return choice(interleave(with_text(first, text), second), interleave(first, with_text(second, text)))
        case "group", (first, second):
            found = group(with_text(first, text), second)
            return choice(found, with_text(second, text)) if first.nullable else found
        case "after", (inside, behind):
            return _after(with_text(inside, text), behind)
        case "oneOrMore", (part,):
            return group(with_text(part, text), optional(pattern))
        case "text", _:
            return pattern
        case "data", (datatype,):
            return EMPTY if datatype.takes(text) else NOTHING
    return NOTHING


def end_tag(pattern: Pattern) -> Pattern:
    """After an end tag; NOTHING if something is missing in the element."""
    if pattern.kind == "choice":
        return choice(*map(end_tag, pattern.parts))
    return leave(pattern) if pattern.kind == "after" and pattern.parts[0].nullable else NOTHING


def leave(pattern: Pattern) -> Pattern:
    """What comes behind the open element, whatever is wrong in it."""
    if pattern.kind == "choice":
        return choice(*map(leave, pattern.parts))
    behind: Pattern = pattern.parts[1] if pattern.kind == "after" else NOTHING
    return behind


# ------------------------------------------------------------------ what is expected


def front(pattern: Pattern) -> Iterator[Pattern]:
    """The elements, attributes and texts that may come next."""
    match pattern.kind, pattern.parts:
        case (("choice" | "interleave" | "oneOrMore"), parts):
            for part in parts:
                yield from front(part)
        case "after", (inside, _):
            yield from front(inside)
        case "group", (first, second):
            yield from front(first)
            if first.nullable or not any(part.kind == "element" for part in front(first)):
                yield from front(second)
        case (("element" | "attribute" | "data" | "text"), _):
            yield pattern


def needed(pattern: Pattern) -> frozenset[tuple[str, Any]]:
    """The kinds and names of the elements, attributes and texts that must come, whichever way is taken."""
    match pattern.kind, pattern.parts:
        case "choice", parts:
            return frozenset.intersection(*map(needed, parts))
        case "after", (inside, _):
            return needed(inside)
        case (("group" | "interleave" | "oneOrMore"), parts):
            return frozenset().union(*map(needed, parts))
        case (("element" | "attribute" | "data"), _):
            return frozenset({(pattern.kind, pattern.parts[0])})
    return frozenset()
