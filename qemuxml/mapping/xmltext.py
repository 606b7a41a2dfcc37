"""One writer for every declared class: ``Disk(type="file", …)`` to ``<disk type='file'>…``, as libvirt prints it.

It builds a tree of its own: a command line becomes XML without lxml, which is for reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

from qemuxml.cmdline.words import unsound
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.xml import QEMU, Attr, Child, Children, Flag, Group, Listing, Raw, Text, Variant, declarations

Place = Callable[[Any], tuple[int, str]]
"""Gives the place of a listed child in the order of the document, and its tag."""


class Node:
    """An element on its way to the text; its tag has the prefix that the document has for it."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.attributes: dict[str, str] = {}
        self.text = ""
        self.below: list[Node] = []
        self.verbatim = ""
        """What stands for it and all below it, if it is of another program."""

    def add(self, tag: str) -> Node:
        """A new element behind those that are there."""
        self.below.append(Node(tag))
        return self.below[-1]

    def down(self, steps: Iterable[str]) -> Node:
        """The element down the path; what is missing of it is added."""
        here = self
        for step in steps:
            here = next((node for node in here.below if node.tag == step), None) or here.add(step)
        return here


def write(made: Any, tag: str, place: Place) -> Node:
    """An element of an object of a declared class; ``place`` is for listed children."""
    node = Node(tag)
    _fill(node, made, place)
    return node


def _fill(node: Node, made: Any, place: Place) -> None:
    for name, declared in declarations(type(made)):
        value = getattr(made, name)
        if (value is not None and value is not False) or (isinstance(declared, Attr | Text) and value is False):
            _put(declared, value, node, place)


def _put(declared: Any, value: Any, node: Node, place: Place) -> None:  # noqa: C901 - one case for each declaration
    match declared:
        case Attr(steps, name, codec):
            node.down(steps).attributes[name] = _sound(codec.encode(value))
        case Text(steps, codec):
            node.down(steps).text = _sound(codec.encode(value))
        case Flag(steps):
            node.down(steps)
        case Child(steps) | Variant(steps):
            _fill(node.down(steps), value, place)
        case Group():
            _fill(node, value, place)
        case Children(steps):
            for item in value:
                _fill(node.down(steps[:-1]).add(steps[-1]), item, place)
        case Raw(steps):
            node.down(steps[:-1]).below.append(of_element(value))
        case Listing(steps):
            for (_, tag), item in sorted(((place(item), item) for item in value), key=itemgetter(0)):
                _fill(node.down(steps).add(tag), item, place)
            node.down(steps)


def _sound(text: str) -> str:
    """The text itself. Raises UnsupportedError for a character that no XML document can hold: ``%00`` of a URI may be one."""
    odd = unsound(text)
    if odd:
        raise UnsupportedError(f"a value with the character U+{ord(odd[0]):04X} cannot stand in XML")
    return text


def of_element(element: Any) -> Node:
    """The same of an element of lxml's."""
    from lxml.etree import tostring  # noqa: PLC0415 - an element that is handed over has loaded it

    space, _, name = element.tag.rpartition("}")
    if space not in _PREFIXES:
        node = Node(name)
        node.verbatim = tostring(element, encoding="unicode", with_tail=False)
        return node
    node = Node(_PREFIXES[space] + name)
    node.attributes = {_prefixed(key): str(value) for key, value in element.attrib.items()}
    node.text = element.text or ""
    node.below = [of_element(item) for item in element]
    return node


_PREFIXES = {"": "", f"{{{QEMU}": "qemu:"}


def _prefixed(key: str) -> str:
    space, _, name = key.rpartition("}")
    return _PREFIXES.get(space, "") + name


# ------------------------------------------------------------------ text


_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&apos;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
)
_TEXT_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def to_text(root: Node) -> str:
    """The document: two blanks a level, single quotes, a namespace only where it is used."""
    lines: list[str] = []
    _lines(root, "", lines, f" xmlns:qemu='{QEMU}'" if _is_used("qemu:", root) else "")
    return "\n".join(lines) + "\n"


def _is_used(prefix: str, node: Node) -> bool:
    return node.tag.startswith(prefix) or any(_is_used(prefix, item) for item in node.below)


def _lines(node: Node, indent: str, lines: list[str], namespaces: str = "") -> None:
    attributes = "".join(f" {name}='{value.translate(_ESCAPES)}'" for name, value in node.attributes.items())
    opening = f"{indent}<{node.tag}{attributes}{namespaces}"
    if node.verbatim:
        lines.append(indent + node.verbatim)
    elif node.below:
        lines.append(opening + ">")
        for below in node.below:
            _lines(below, indent + "  ", lines)
        lines.append(f"{indent}</{node.tag}>")
    elif node.text:
        lines.append(f"{opening}>{node.text.translate(_TEXT_ESCAPES)}</{node.tag}>")
    else:
        lines.append(opening + "/>")
