"""The words in which a class says where its fields stand in XML: ``cache: str | None = attr("driver@cache")``.

The order of the fields is the order of the document. A path names child elements with ``/`` and an attribute behind ``@``;
an element that several fields name is written once, where the first of them stands. Nothing here reads or writes:
``xmlwalk`` and ``xmltext`` do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, overload

from qemuxml.mapping.codecs import STR, Codec
from qemuxml.record import MISSING, Field, fields, record

T = TypeVar("T")

QEMU = "http://libvirt.org/schemas/domain/qemu/1.0"
"""The namespace of steps that begin with ``qemu:``."""


@record(frozen=True)
class Attr:
    """An attribute of this element or, behind a path, of a child."""

    steps: tuple[str, ...]
    name: str
    codec: Codec[Any]
    required: bool = False
    """Whether its element is refused without it."""
    once: bool = False
    """Whether a second such element is refused."""


@record(frozen=True)
class Text:
    """The text of a child, or of this element if the path is empty. Blanks around it are layout unless it is ``verbatim``."""

    steps: tuple[str, ...]
    codec: Codec[Any]
    verbatim: bool = False


@record(frozen=True)
class Flag:
    """True where an empty child stands."""

    steps: tuple[str, ...]
    once: bool = False
    """Whether a second one is refused."""


@record(frozen=True)
class Child:
    """One child element that is a class of its own."""

    steps: tuple[str, ...]
    model: type[Any]
    once: bool = False
    """Whether a second one is refused."""


@record(frozen=True)
class Children:
    """All child elements of one name."""

    steps: tuple[str, ...]
    model: type[Any]


@record(frozen=True)
class Group:
    """Fields of another class, written into this very element at this place."""

    model: type[Any]


@record(frozen=True)
class Variant:
    """One child element of several classes; ``of`` maps the value of ``on`` to the class.

    ``on`` is an earlier field's name or, behind ``@``, an attribute of the child itself.
    """

    steps: tuple[str, ...]
    on: str
    of: Mapping[str, type[Any]]
    closed: bool = False
    """Whether a child is refused that is of none of the classes."""


@record(frozen=True)
class Listing:
    """Children of many names in one list, each of the class that the reader's table of elements gives for its name."""

    steps: tuple[str, ...]


@record(frozen=True)
class Raw:
    """A child that is kept as it is, with all below it: other programs' notes."""

    steps: tuple[str, ...]


Declared = Attr | Text | Flag | Child | Children | Group | Variant | Listing | Raw


def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("/")) if path else ()


@overload
def attr(path: str, *, required: bool = ..., once: bool = ...) -> str | None: ...
@overload
def attr(path: str, codec: Codec[T], *, required: bool = ..., once: bool = ...) -> T | None: ...
def attr(path: str, codec: Codec[Any] = STR, *, required: bool = False, once: bool = False) -> Any:
    """An attribute: ``attr("driver@cache")``; None where it is absent, unless it is ``required`` where its element stands.

    An element that stands ``once`` is refused the second time; others than the first are left over else.
    """
    before, _, name = path.rpartition("@")
    return _declared(Attr(_steps(before), name, codec, required, once))


@overload
def text(path: str, *, verbatim: bool = ...) -> str | None: ...
@overload
def text(path: str, codec: Codec[T]) -> T | None: ...
def text(path: str, codec: Codec[Any] = STR, *, verbatim: bool = False) -> Any:
    """The text of a child: ``text("name")``; of the element itself: ``text("")``; with its blanks if it is ``verbatim``."""
    return _declared(Text(_steps(path), codec, verbatim))


def flag(path: str, *, once: bool = False) -> bool:
    """Whether an empty child stands there: ``flag("readonly")``. A second one is refused if it stands ``once``."""
    return _declared(Flag(_steps(path), once), default=False)  # type: ignore[no-any-return]


def child(path: str, model: type[T], *, once: bool = False) -> T | None:
    """A child element of a class of its own; None where it is absent. A second one is refused if it stands ``once``."""
    return _declared(Child(_steps(path), model, once))  # type: ignore[no-any-return]


def children(path: str, model: type[T]) -> list[T]:
    """All children of that name, in their order."""
    return _declared(Children(_steps(path), model), factory=list)  # type: ignore[no-any-return]


def group(model: type[T]) -> T:
    """The fields of another class, in this element and at this place."""
    return _declared(Group(model), factory=model)  # type: ignore[no-any-return]


def variant(path: str, on: str, of: Mapping[str, type[Any]], *, closed: bool = False) -> Any:
    """A child whose class an earlier field (``on="type"``) or its own attribute (``on="@type"``) chooses.

    One that is ``closed`` refuses a child of another kind; else that is left over.
    """
    return _declared(Variant(_steps(path), on, of, closed))


def raw(path: str) -> Any:
    """A child that nobody here understands and nothing may change: ``raw("metadata")``."""
    return _declared(Raw(_steps(path)))


def listing(path: str) -> list[Any]:
    """Children of many names, as ``<devices>`` has them."""
    return _declared(Listing(_steps(path)), factory=list)  # type: ignore[no-any-return]


def _declared(meaning: Declared, default: Any = None, factory: Callable[[], Any] | None = None) -> Any:
    return Field(MISSING if factory else default, factory, meaning)


def declarations(model: type[Any]) -> Declarations:
    """The declared fields of a class, in the order of the document."""
    found = _KNOWN.get(model)
    if found is None:
        found = _KNOWN[model] = tuple((item.name, item.meaning) for item in fields(model) if item.meaning is not None)
    return found


Declarations = tuple[tuple[str, Declared], ...]
_KNOWN: dict[type[Any], Declarations] = {}
