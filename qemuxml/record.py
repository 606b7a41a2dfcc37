"""Classes that are their fields, ``@record class Word``, as dataclasses are; but nothing is compiled when a module is loaded.

A command that converts one guest loads hundreds of these classes, and uses a few. The standard library writes and compiles the
methods of each, which took longer than all else together; here all classes share the methods of this module, and the fields of
a class are looked at when its first object is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Final, TypeVar, dataclass_transform, overload

T = TypeVar("T")

_DECLARED: Final = "__record_declared__"
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
        return lambda decorated: _declare(decorated, kw_only=kw_only, frozen=frozen, eq=eq)
    return _declare(model, kw_only=kw_only, frozen=frozen, eq=eq)


def fields(model: Any) -> tuple[Field, ...]:
    """The fields of a class or of an object, in their order."""
    of = model if isinstance(model, type) else type(model)
    _complete(of)
    found: tuple[Field, ...] = getattr(of, _FIELDS)
    return found


def is_record(value: Any) -> bool:
    """Whether that is an object of such a class."""
    return hasattr(type(value), _FIELDS)


def replace(made: T, **changes: Any) -> T:
    """A new object with other values in some of its fields."""
    return type(made)(**{item.name: getattr(made, item.name) for item in fields(made)} | changes)


# ------------------------------------------------------------------ a class


def _declare(model: Any, **wishes: bool) -> Any:
    """Keep what a class says of itself, for its first object."""
    setattr(model, _DECLARED, (model.__dict__.copy(), wishes))
    model.__init__ = _first
    model.__reduce__ = _reduced
    return model


def _first(made: Any, /, *values: Any, **named: Any) -> None:
    """``__init__`` of a class that has no object yet."""
    _complete(type(made))
    made.__init__(*values, **named)


def _reduced(made: Any) -> tuple[Any, ...]:
    """How an object is copied, or taken to another process: made without ``__init__``, and given its values."""
    return _blank, (type(made),), made.__dict__


def _blank(model: type[T]) -> T:
    _complete(model)
    return model.__new__(model)


def _complete(model: type[Any]) -> None:
    """Complete a class, its bases first. To do it twice changes nothing: threads may meet here."""
    for own in reversed(model.__mro__):
        if _DECLARED in own.__dict__ and _FIELDS not in own.__dict__:
            said, wishes = own.__dict__[_DECLARED]
            _give_methods(own, _with_inherited(own, said), **wishes)


def _with_inherited(model: Any, said: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields that a class annotates behind those of its bases, which it may declare anew."""
    own = {name: _named(name, said.get(name, MISSING)) for name in said.get("__annotations__", ())}
    inherited = {item.name: own.pop(item.name, item) for item in getattr(model, _FIELDS, ())}
    return (*inherited.values(), *own.values())


def _named(name: str, given: Any) -> Field:
    item = given if isinstance(given, Field) else Field(given)
    item.name = name
    return item


def _give_methods(model: Any, declared: tuple[Field, ...], *, kw_only: bool, frozen: bool, eq: bool) -> None:
    names = tuple(item.name for item in declared)
    for item in declared:
        if item.default is not MISSING:
            setattr(model, item.name, item.default)
    order = () if kw_only else names
    setattr(model, _MATCHED, order)
    model.__repr__ = _shown
    if frozen:
        model.__setattr__ = model.__delattr__ = _refuse
    if eq and names:
        values = attrgetter(*names)
        model.__eq__ = _comparer(values)
        model.__hash__ = _hasher(values) if frozen else None
    model.__init__ = _initializer(declared, order)
    setattr(model, _FIELDS, declared)


def _initializer(declared: tuple[Field, ...], order: tuple[str, ...]) -> Callable[..., None]:
    """``__init__`` of a class; what is not given is read from the class itself."""
    known = frozenset(item.name for item in declared)
    required = tuple(item.name for item in declared if item.default is MISSING and item.factory is None)
    made = tuple((item.name, item.factory) for item in declared if item.factory)

    def init(self: Any, /, *values: Any, **named: Any) -> None:
        if values and not named and len(values) == len(order):
            self.__dict__.update(zip(order, values, strict=True))
            return
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
