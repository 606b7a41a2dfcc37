"""libvirt's RELAX NG files read into patterns: ``<element name='disk'>`` with all that may stand in it."""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import Any, Final

from lxml import etree

from qemuxml.cli.validate.datatypes import Datatype
from qemuxml.cli.validate.patterns import (
    ANY_NAME,
    EMPTY,
    NOTHING,
    TEXT,
    Pattern,
    attribute,
    choice,
    data,
    element,
    group,
    interleave,
    one_or_more,
    optional,
)

_RNG: Final = "{http://relaxng.org/ns/structure/1.0}"


class Grammar:
    """The definitions of a schema and of all that it includes."""

    def __init__(self, path: Path) -> None:
        self._definitions: dict[str, list[Any]] = {}
        self._combining: dict[str, str] = {}
        self._starts: list[Any] = []
        self._included: set[Path] = set()
        self._known: dict[str, Pattern] = {}
        self._include(path)

    @property
    def start(self) -> Pattern:
        """What a document is."""
        return self._content(self._starts[-1])

    def _include(self, path: Path, replaced: frozenset[str] = frozenset()) -> None:
        if path in self._included:
            return
        self._included.add(path)
        self._take(etree.parse(path).getroot(), path, replaced)

    def _take(self, node: Any, path: Path, replaced: frozenset[str]) -> None:
        for child in _children(node):
            match _tag(child):
                case "include":
                    own = frozenset(str(item.get("name")) for item in _children(child) if _tag(item) == "define")
                    self._include(path.parent / child.get("href"), replaced | own)
                    self._take(child, path, replaced)
                case "start":
                    self._starts.insert(0, child) if node.tag == f"{_RNG}include" else self._starts.append(child)
                case "define" if child.get("name") not in replaced:
                    self._define(child)
                case "div":
                    self._take(child, path, replaced)

    def _define(self, node: Any) -> None:
        name = str(node.get("name"))
        self._definitions.setdefault(name, []).append(node)
        if node.get("combine"):
            self._combining[name] = node.get("combine")

    def _reference(self, name: str) -> Pattern:
        found = self._known.get(name)
        if found is None:
            parts = [self._content(node) for node in self._definitions[name]]
            join = choice if self._combining.get(name, "choice") == "choice" else interleave
            found = self._known[name] = reduce(join, parts)
        return found

    def _content(self, node: Any) -> Pattern:
        """The children of a node, one after the other."""
        return reduce(group, map(self._pattern, _children(node)), EMPTY)

    def _pattern(self, node: Any) -> Pattern:  # noqa: C901, PLR0911, PLR0912 - one case for each element of RELAX NG
        match _tag(node):
            case "element":
                return element(_name(node), lambda: self._inside(node), node)
            case "attribute":
                return attribute(_name(node), self._inside(node) if self._has_content(node) else TEXT)
            case "ref":
                return self._reference(str(node.get("name")))
            case "choice":
                return choice(*map(self._pattern, _children(node)))
            case "interleave":
                return reduce(interleave, map(self._pattern, _children(node)), EMPTY)
            case "group":
                return self._content(node)
            case "optional":
                return optional(self._content(node))
            case "zeroOrMore":
                return optional(one_or_more(self._content(node)))
            case "oneOrMore":
                return one_or_more(self._content(node))
            case "value":
                return data(Datatype(value=node.text or ""))
            case "data":
                return data(_datatype(node))
            case "text":
                return TEXT
            case "empty":
                return EMPTY
            case "notAllowed":
                return NOTHING
            case "grammar":
                raise NotImplementedError("a grammar in a grammar")
        raise NotImplementedError(f"<{_tag(node)}>")

    def _inside(self, node: Any) -> Pattern:
        return reduce(group, (self._pattern(child) for child in _children(node) if _tag(child) not in _NAMES), EMPTY)

    def _has_content(self, node: Any) -> bool:
        return any(_tag(child) not in _NAMES for child in _children(node))


_NAMES: Final = ("name", "anyName", "nsName")


def _children(node: Any) -> list[Any]:
    return [child for child in node if isinstance(child.tag, str) and child.tag.startswith(_RNG)]


def _tag(node: Any) -> str:
    return str(node.tag).removeprefix(_RNG)


def _name(node: Any) -> str:
    """The name that an element or attribute has, with its namespace as lxml writes it; of a class of names, any."""
    name = node.get("name")
    if name is None:
        held = [child for child in _children(node) if _tag(child) == "name"]
        if not held:
            return ANY_NAME
        name = (held[0].text or "").strip()
    prefix, colon, local = name.rpartition(":")
    if colon:
        return f"{{{node.nsmap[prefix]}}}{local}"
    namespace = _inherited(node, "ns") if _tag(node) == "element" else node.get("ns")
    return f"{{{namespace}}}{name}" if namespace else str(name)


def _inherited(node: Any, attribute_name: str) -> str | None:
    while node is not None:
        if node.get(attribute_name) is not None:
            return str(node.get(attribute_name))
        node = node.getparent()
    return None


def _datatype(node: Any) -> Datatype:
    parameters: dict[str, list[str]] = {}
    for child in _children(node):
        if _tag(child) == "param":
            parameters.setdefault(str(child.get("name")), []).append(child.text or "")

    def number(name: str) -> int | None:
        return int(parameters[name][0]) if name in parameters else None

    patterns = tuple(text.strip() for text in parameters.get("pattern", ()))
    return Datatype(str(node.get("type")), None, patterns, number("minInclusive"), number("maxInclusive"), number("maxLength"))
