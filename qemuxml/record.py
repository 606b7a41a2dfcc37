"""Classes that are their fields, ``@record class Word``, as dataclasses are; but nothing is compiled when a module is loaded.

A command that converts one guest loads hundreds of these classes, and uses a few. The standard library writes and compiles the
methods of each, which took longer than all else together; here all classes share the methods of this module.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final, TypeVar, dataclass_transform, overload

T = TypeVar("T")

_FIELDS: Final = "__record_fields__"
_MATCHED: Final = "__match_args__"
MISSING: Final = object()
"""The default of a field that has none."""


class Field:
    """One field: its name, its default or what makes one, and what others declare about it."""

    __slots__ = ("default", "factory", "meaning", "name")

    def __init__(self, default: Any = MISSING, factory: Callable[[], Any] | None = None, meaning: Any = None) -> None:
        self.name = ""
        self.default = default
        self.factory = factory
        self.meaning = meaning


def field(*, default_factory: Callable[[], Any]) -> Any:
    """A field whose default is made anew for each object: ``field(default_factory=list)``."""
    return Field(factory=default_factory)


@overload
def record(model: type[T], /) -> type[T]: ...
@overload
def record(*, kw_only: bool = ..., frozen: bool = ..., eq: bool = ...) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(field_specifiers=(field,))
def record(model: Any = None, /, *, kw_only: bool = False, frozen: bool = False, eq: bool = True) -> Any:
    """Make a class of the fields that it annotates.

    Its objects are made from the fields' values, in order or by name (by name alone if it is ``kw_only``). They are equal if
    their fields are, unless it says ``eq=False``; those that are ``frozen`` never change, and can be keys.
    """
    if model is None:
        return lambda decorated: _complete(decorated, kw_only=kw_only, frozen=frozen, eq=eq)
    return _complete(model, kw_only=kw_only, frozen=frozen, eq=eq)


def fields(model: Any) -> tuple[Field, ...]:
    """The fields of a class or of an object, in their order."""
    found: tuple[Field, ...] = getattr(model, _FIELDS)
    return found


def is_record(value: Any) -> bool:
    """Whether that is an object of such a class."""
    return hasattr(type(value), _FIELDS)


def replace(made: T, **changes: Any) -> T:
    """A new object with other values in some of its fields."""
    return type(made)(**{item.name: getattr(made, item.name) for item in fields(made)} | changes)


# ------------------------------------------------------------------ a class


def _complete(model: Any, *, kw_only: bool, frozen: bool, eq: bool) -> Any:
    own = {item.name: item for item in _own(model)}
    inherited = {item.name: own.pop(item.name, item) for item in getattr(model, _FIELDS, ())}
    declared = (*inherited.values(), *own.values())
    names = tuple(item.name for item in declared)
    setattr(model, _FIELDS, declared)
    order = () if kw_only else names
    setattr(model, _MATCHED, order)
    model.__init__ = _initializer(declared, order)
    model.__repr__ = _shown
    if frozen:
        model.__setattr__ = model.__delattr__ = _refuse
    if eq and names:
        values = attrgetter(*names)
        model.__eq__ = _comparer(values)
        model.__hash__ = _hasher(values) if frozen else None
    return model


def _own(model: Any) -> tuple[Field, ...]:
    """The fields that the class itself annotates; a plain default stays where Python put it, as an attribute of the class."""
    return tuple(_named(model, name, model.__dict__.get(name, MISSING)) for name in model.__annotations__)


def _named(model: Any, name: str, given: Any) -> Field:
    item = given if isinstance(given, Field) else Field(given)
    item.name = name
    if item.default is not MISSING:
        setattr(model, name, item.default)
    elif item is given:
        delattr(model, name)
    return item


def _initializer(declared: tuple[Field, ...], order: tuple[str, ...]) -> Callable[..., None]:
    """``__init__`` of a class; what is not given is read from the class itself."""
    known = frozenset(item.name for item in declared)
    required = tuple(item.name for item in declared if item.default is MISSING and item.factory is None)
    made = tuple((item.name, item.factory) for item in declared if item.factory)

    def init(self: Any, /, *values: Any, **named: Any) -> None:
        if values:
            _place(self, values, named, order)
        if not known.issuperset(named):
            raise TypeError(f"{type(self).__name__} has no field {', '.join(sorted(named.keys() - known))}")
        for name in required:
            if name not in named:
                raise TypeError(f"{type(self).__name__} lacks its field {name}")
        for name, factory in made:
            if name not in named:
                named[name] = factory()
        self.__dict__.update(named)

    return init


def _place(made: Any, values: tuple[Any, ...], named: dict[str, Any], order: tuple[str, ...]) -> None:
    """Give names to the values that are told by their place."""
    if len(values) > len(order):
        raise TypeError(f"{type(made).__name__} takes {len(order)} values by their place, not {len(values)}")
    for name, value in zip(order, values, strict=False):
        if name in named:
            raise TypeError(f"{type(made).__name__} is given its field {name} twice")
        named[name] = value


# ------------------------------------------------------------------ what all objects share


def _shown(made: Any) -> str:
    """``Word(text='-m', start=0)``."""
    return f"{type(made).__name__}({', '.join(f'{item.name}={getattr(made, item.name)!r}' for item in fields(made))})"


def _comparer(values: attrgetter[Any]) -> Callable[[Any, Any], Any]:
    return lambda made, other: values(made) == values(other) if other.__class__ is made.__class__ else NotImplemented


def _hasher(values: attrgetter[Any]) -> Callable[[Any], int]:
    return lambda made: hash(values(made))


def _refuse(made: Any, name: str, *_: Any) -> None:
    raise AttributeError(f"{type(made).__name__} never changes: neither does its {name}")
