"""Nodes on the line: ``-blockdev driver=qcow2,node-name=a,file=b`` refers to ``b``, or has it inside as ``file.driver=``.

A node is a piece of an option: its properties begin with a prefix, which is empty for the option's own node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeVar, overload

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Values, on_off
from qemuxml.common.piece import Piece
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import Claimed, Fate

T = TypeVar("T")

DEEPEST: Final = 64
"""Images on each other; libvirt follows no chain of over 200."""


class Node:
    """The properties of one node; ``depth`` counts the nodes above it."""

    def __init__(self, graph: Graph, values: Values, prefix: str = "", depth: int = 0) -> None:
        self.graph = graph
        self.values = values
        self.prefix = prefix
        self.depth = depth

    def __contains__(self, key: str) -> bool:
        return self.prefix + key in self.values

    def peek(self, key: str) -> str | None:
        """The text of a property, without counting it as read."""
        return self.values.peek(self.prefix + key)

    @overload
    def get(self, key: str) -> str | None: ...
    @overload
    def get(self, key: str, decode: Callable[[str], T]) -> T | None: ...
    def get(self, key: str, decode: Callable[[str], T] | None = None) -> T | str | None:
        """The value of a property, decoded; None if it is absent. Raises CommandLineError as ``Values.get`` does."""
        return self.values.get(self.prefix + key) if decode is None else self.values.get(self.prefix + key, decode)

    def path(self, key: str) -> str | None:
        """The name of a file, absolute if the folder that it is relative to is known."""
        return self.get(key, self.graph.reading.path)

    def switch(self, key: str) -> bool | None:
        """A property that is on or off."""
        return self.get(key, on_off)

    def ignore(self, key: str, *usual: str) -> None:
        """Read a property that changes nothing: with these values, or with any if none are named."""
        if not usual or self.peek(key) in usual:
            self.get(key)

    def has_inside(self, key: str) -> bool:
        """Whether the node or list of that key stands in this very option."""
        start = f"{self.prefix}{key}."
        return any(item.key.startswith(start) for item in self.values)

    def inside(self, key: str) -> Node:
        """The object of that key (``server``) in this very option."""
        return Node(self.graph, self.values, f"{self.prefix}{key}.", self.depth + 1)

    def listed(self, key: str) -> Iterator[Node]:
        """The objects of a list: ``server.0``, ``server.1``."""
        number = 0
        while self.has_inside(f"{key}.{number}"):
            yield self.inside(f"{key}.{number}")
            number += 1

    def child(self, key: str) -> Node | None:
        """The node below, inside this one or by its name; None if there is none, or none that can be read."""
        if self.depth > DEEPEST:
            return None
        if self.has_inside(key):
            return self.inside(key)
        name = self.peek(key)
        found = self.graph.node(name, self.depth + 1) if name else None
        if found is not None:
            self.get(key)
        return found


class Graph:
    """The nodes that one disk is made of. Their options become part of the disk's piece; secrets and such are replaced."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.reading = piece.reading
        self.replaced: dict[Option, str] = {}
        """Objects whose part libvirt plays itself, with what a person must do."""
        self.copied_to: str | None = None
        """The name of the target in that of libvirt's copy-on-read filter."""
        self.filters: list[str] = []
        """The throttle groups above the image, the highest first."""
        self._visited: set[str] = set()

    def node(self, name: str, depth: int = 0) -> Node | None:
        """The node of that name; a node that another disk has too is read again. None if there is none, or it is met twice."""
        found = self.reading.once(_index).get(name)
        if found is None or name in self._visited:
            return None
        self._visited.add(name)
        option, prefix = found
        if self.reading.ledger.is_open(option) and option not in self.piece.options():
            self.piece.join(option, "driver")
        return Node(self, self.reading.values(option, "driver"), prefix, depth)

    def object(self, name: str | None, kind: str) -> Option | None:
        """The ``-object`` of that id and kind, open or not."""
        option = self.reading.once(_objects).get(name or "")
        values = self.reading.values(option, "qom-type") if option else None
        return option if values is not None and values.peek("qom-type") == kind else None

    def secret(self, name: str | None) -> str:
        """What the XML calls a secret: domain XML only names secrets, and libvirt keeps them."""
        option = self.object(name, "secret")
        if option is not None:
            self.replaced[option] = f"libvirt keeps secrets itself: define this one there, with the usage '{name}'"
        return name or ""

    def enter(self) -> None:
        """Enter what is replaced, once the disk is mapped."""
        for option, reason in self.replaced.items():
            if self.reading.ledger.is_open(option):
                self.reading.ledger.enter(Claimed((option,), Fate.REPLACED, (), reason))


def _index(reading: Reading) -> dict[str, tuple[Option, str]]:
    """Nodes by name: each with the option that it stands in, and the prefix of its properties there."""
    found: dict[str, tuple[Option, str]] = {}
    for option in reading.ledger.named("-blockdev"):
        for item in reading.values(option, "driver"):
            if item.key == "node-name" or item.key.endswith(".node-name"):
                found.setdefault(item.text, (option, item.key.removesuffix("node-name")))
    return found


def _objects(reading: Reading) -> dict[str, Option]:
    """Objects by id."""
    found: dict[str, Option] = {}
    for option in reading.ledger.named("-object"):
        found.setdefault(reading.values(option, "qom-type").peek("id") or "", option)
    return found
