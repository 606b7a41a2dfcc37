"""What is loaded late: ``later("qemuxml.devices.disk.check:check")`` is that function; its module is loaded when it is called.

A conversion loads the rooms of the house that its guest has need of, and no others: ``layout.py`` names the rooms so, and the
door plate of a kind the functions of its folder. Where one function alone needs a module, it imports it itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any


def load(place: str) -> Any:
    """What stands at a place, ``module:name``, or the module itself."""
    module, _, name = place.partition(":")
    loaded = import_module(module)
    return getattr(loaded, name) if name else loaded


def later(place: str) -> Callable[..., Any]:
    """The function at a place."""

    def call(*values: Any, **named: Any) -> Any:
        return load(place)(*values, **named)

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
