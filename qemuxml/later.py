"""What is loaded late: ``later("qemuxml.devices.disk.check:check")`` is that function; its module is loaded when it is called.

A conversion loads the rooms of the house that its guest has need of, and no others: ``layout.py`` names the rooms so, and the
door plate of a kind the functions of its folder. Where one function alone needs a module, it imports it itself. A regular
expression is compiled late, too: ``pattern("pc-q35-.+")`` when it is first matched.

mypy takes such a name for anything; ``tests/test_types.py`` lets it see what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, AnyStr, cast


def load(place: str) -> Any:
    """What stands at a place, ``module:name``, or the module itself."""
    module, _, name = place.partition(":")
    loaded = import_module(module)
    return getattr(loaded, name) if name else loaded


def later(place: str) -> Callable[..., Any]:
    """The function at a place."""
    found: Callable[..., Any] | None = None

    def call(*values: Any, **named: Any) -> Any:
        nonlocal found
        found = found or load(place)
        return found(*values, **named)

    return call


def table(place: str) -> Mapping[str, Any]:
    """The mapping at a place, loaded when it is looked at."""
    return _Table(place)


class _Table(Mapping[str, Any]):
    def __init__(self, place: str) -> None:
        self.place = place

    def __getitem__(self, key: str) -> Any:
        return load(self.place)[key]

    def __iter__(self) -> Iterator[str]:
        return iter(load(self.place))

    def __len__(self) -> int:
        return len(load(self.place))


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What ``re.compile`` gives, compiled when something of it is first asked for."""
    return cast("re.Pattern[AnyStr]", _Pattern(text, flags))


class _Pattern:
    def __init__(self, text: Any, flags: int) -> None:
        self.text, self.flags = text, flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self.text, self.flags), name)
        setattr(self, name, found)
        return found
