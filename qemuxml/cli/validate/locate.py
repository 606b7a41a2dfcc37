"""Where a document breaks a schema: ``/domain/devices/disk[2]/@type: 'fil' is none of 'file', 'block', …``, with its line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any, Final

from qemuxml.cli.validate.patterns import (
    ANY_NAME,
    EMPTY,
    NOTHING,
    Pattern,
    end_tag,
    front,
    leave,
    needed,
    start_tag,
    start_tag_end,
    takes,
    with_attribute,
    with_text,
)
from qemuxml.errors import XmlPlace
from qemuxml.mapping.xml import QEMU
from qemuxml.mapping.xmlwalk import Reader
from qemuxml.record import record

MOST: Final = 20
"""Errors that are told of one document."""

LISTED: Final = 12
"""What was expected is listed up to that many."""


@record(frozen=True)
class Fault:
    """One thing that the schema does not allow."""

    place: XmlPlace
    message: str


class Locator:
    """Walks a document along a schema, and notes what does not fit; of what is wrong, the rest is walked as if it were right."""

    def __init__(self, schema: Pattern, name: str) -> None:
        self._schema = schema
        self._reader = Reader(name, {})
        self.faults: list[Fault] = []

    def walk(self, root: Any) -> list[Fault]:
        """The faults of a document, in its order."""
        self._element(self._schema, root)
        return self.faults

    def _fault(self, node: Any, message: str, attribute: str = "") -> None:
        if len(self.faults) < MOST:
            self.faults.append(Fault(self._reader.place(node, attribute), message))

    def _element(self, pattern: Pattern, node: Any) -> Pattern:
        """What may come behind the element."""
        opened = start_tag(pattern, node.tag)
        if opened is NOTHING:
            self._fault(node, _unexpected(pattern, node))
            return pattern
        for name, value in node.attrib.items():
            opened = self._attribute(opened, node, str(name), str(value))
        return self._inside(self._attributes_end(opened, node), node)

    def _attribute(self, pattern: Pattern, node: Any, name: str, value: str) -> Pattern:
        found = with_attribute(pattern, name, value)
        if found is not NOTHING:
            return found
        known = [part for part in _attributes(pattern) if part.parts[0] == name]
        if known:
            self._fault(node, f"'{_short(value)}' is not {_one_of(_values(known))}", _plain(name))
            # As if the value were right: else the attribute would be missing, too.
            return _without(pattern, name)
        allowed = [part.parts[0] for part in _attributes(pattern)]
        self._fault(node, f"no attribute '{_plain(name)}' here{_instead(name, allowed)}", _plain(name))
        return pattern

    def _attributes_end(self, pattern: Pattern, node: Any) -> Pattern:
        found = start_tag_end(pattern)
        if found is not NOTHING:
            return found
        missing = _missing_attributes(pattern)
        which = f"attribute '{missing[0]}'" if len(missing) == 1 else f"attribute {_one_of(map(repr, missing))}"
        self._fault(node, f"the {which} is missing")
        for name in missing:
            pattern = _without(pattern, name)
        return start_tag_end(pattern)

    def _inside(self, pattern: Pattern, node: Any) -> Pattern:
        children = [child for child in node if isinstance(child.tag, str)]
        text = "".join([node.text or "", *(child.tail or "" for child in node)])
        pattern = self._children(pattern, node, children, text) if children else self._text(pattern, node, text)
        found = end_tag(pattern)
        if found is not NOTHING:
            return found
        if pattern is not NOTHING:
            self._missing(pattern, node)
        return leave(pattern)

    def _children(self, pattern: Pattern, node: Any, children: Iterable[Any], text: str) -> Pattern:
        if text.strip():
            found = with_text(pattern, text)
            if found is NOTHING:
                self._fault(node, f"the text '{_short(text.strip())}' has no place here")
            else:
                pattern = found
        for child in children:
            pattern = self._element(pattern, child)
        return pattern

    def _text(self, pattern: Pattern, node: Any, text: str) -> Pattern:
        found = with_text(pattern, text)
        if not text.strip() and end_tag(pattern) is not NOTHING:
            return pattern
        if found is not NOTHING:
            return found
        wanted = [part for part in front(pattern) if part.kind == "data"]
        if text.strip():
            said = _short(text.strip())
            self._fault(
                node, f"'{said}' is not {_one_of(map(str, _types(wanted)))}" if wanted else f"the text '{said}' has no place here"
            )
            return _filled(pattern)
        return pattern

    def _missing(self, pattern: Pattern, node: Any) -> None:
        wanted = needed(pattern) or {(part.kind, part.parts[0]) for part in front(pattern) if part.parts}
        elements = sorted(f"<{_plain(name)}>" for kind, name in wanted if kind == "element")
        texts = sorted(str(datatype) for kind, datatype in wanted if kind == "data")
        if elements:
            self._fault(node, f"{_one_of(elements)} is missing in it")
        else:
            self._fault(node, f"it is empty: expected {_one_of(texts) if texts else 'something else'}")


# ------------------------------------------------------------------ what was expected


def _unexpected(pattern: Pattern, node: Any) -> str:
    allowed = [part.parts[0] for part in front(pattern) if part.kind == "element"]
    above = node.getparent()
    where = f" in <{_plain(above.tag)}>" if above is not None else ""
    twice = above is not None and node.tag not in allowed and any(item is not node for item in above.iterfind(node.tag))
    if twice:
        return f"no <{_plain(node.tag)}>{where} beside what stands before it{_instead_elements(allowed)}"
    return f"no <{_plain(node.tag)}>{where}{_instead(node.tag, allowed, element=True)}"


def _instead_elements(allowed: Iterable[str]) -> str:
    names = sorted({f"<{_plain(name)}>" for name in allowed})
    return f"; still expected: {_listed(names)}" if names else ""


def _instead(name: str, allowed: Iterable[str], *, element: bool = False) -> str:
    names = sorted({_plain(item) for item in allowed if item != ANY_NAME})
    close = difflib.get_close_matches(_plain(name), names, 1, 0.75)
    shown = [f"<{item}>" for item in names] if element else [f"'{item}'" for item in names]
    meant = f": is {'<' + close[0] + '>' if element else repr(close[0])} meant?" if close else ""
    return f"{meant}; expected: {_listed(shown)}" if names else "; nothing more is expected here"


def _missing_attributes(pattern: Pattern) -> list[str]:
    """What must come whichever way is taken; if that is nothing, what could come."""
    found = [name for kind, name in needed(pattern) if kind == "attribute"] or [part.parts[0] for part in _attributes(pattern)]
    return sorted({_plain(name) for name in found})


def _attributes(pattern: Pattern) -> Iterator[Pattern]:
    return (part for part in _everything(pattern) if part.kind == "attribute")


def _everything(pattern: Pattern) -> Iterator[Pattern]:
    """What may come in the open element, in whatever order; attributes have none."""
    match pattern.kind, pattern.parts:
        case (("choice" | "interleave" | "group" | "oneOrMore"), parts):
            for part in parts:
                yield from _everything(part)
        case "after", (inside, _):
            yield from _everything(inside)
        case "attribute", _:
            yield pattern


def _without(pattern: Pattern, name: str) -> Pattern:
    """The pattern as if an attribute had come with a right value, whichever that is."""
    for part in _attributes(pattern):
        if _plain(part.parts[0]) == _plain(name):
            for value in _samples(part.parts[1]):
                found = with_attribute(pattern, part.parts[0], value)
                if found is not NOTHING:
                    return found
    return pattern


def _samples(content: Pattern) -> Iterator[str]:
    """Texts that the pattern may take."""
    fixed = [str(part.parts[0].value) for part in front(content) if part.kind == "data" and part.parts[0].value is not None]
    yield from (text for text in (*fixed, *_COMMON) if takes(content, text))


_COMMON: Final = (
    "1", "0", "yes", "on", "a", "/a", "vda", "0x0000", "0x1", "52:54:00:00:00:01", "10.0.0.1", "1.0",
    "00000000-0000-0000-0000-000000000001", "0x5000000000000001", "5000000000000001", "0-1",
)  # fmt: skip
"""One of most of the forms that libvirt's schema knows."""


def _filled(pattern: Pattern) -> Pattern:
    """The pattern as if a right text had come."""
    for part in front(pattern):
        for text in _samples(part) if part.kind == "data" else ():
            found = with_text(pattern, text)
            if found is not NOTHING:
                return found
    return NOTHING if pattern is EMPTY else pattern


def _types(parts: Iterable[Pattern]) -> Iterable[str]:
    return dict.fromkeys(str(part.parts[0]) for part in parts)


def _values(attributes: Iterable[Pattern]) -> Iterable[str]:
    contents = [part for known in attributes for part in front(known.parts[1])]
    return dict.fromkeys(str(part.parts[0]) if part.kind == "data" else "a text" for part in contents)


def _one_of(expected: Iterable[str]) -> str:
    items = list(expected)
    return items[0] if len(items) == 1 else f"one of {_listed(items)}"


def _listed(items: Iterable[str]) -> str:
    shown = list(items)
    more = f" and {len(shown) - LISTED} more" if len(shown) > LISTED else ""
    return ", ".join(shown[:LISTED]) + more


def _plain(name: str) -> str:
    return name.replace(f"{{{QEMU}}}", "qemu:")


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
