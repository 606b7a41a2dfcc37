"""Who claimed which option: ``-m 512`` is mapped, ``-daemonize`` is dropped, what nobody knows is passed. Nothing gets lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from qemuxml.cmdline.options import Option
from qemuxml.errors import Span
from qemuxml.record import field, record, replace


class Fate(StrEnum):
    """What became of an option; every option has exactly one."""

    MAPPED = "mapped"
    """It stands in the XML."""
    IMPLIED = "implied"
    """libvirt or QEMU does it unasked."""
    REPLACED = "replaced"
    """The host side is done another way; the guest sees the same."""
    PASSED = "passed"
    """It is kept verbatim for QEMU."""
    DROPPED = "dropped"
    """It was about that one launch, or the target cannot say it."""
    GUESSED = "guessed"
    """It is mapped, but a part of it is an assumption."""


REST = "the rest of it stands in the XML"
"""The reason of an option that is passed in part."""


@record(frozen=True)
class Claimed:
    """What a claim says: the options that it took, their fate, and the devices that they are.

    ``kept`` are the words that are passed on for an option that stands in the XML but for a part; its fate is passed. Options
    of ``apart`` have a fate and a reason of their own.
    """

    options: tuple[Option, ...]
    fate: Fate = Fate.MAPPED
    devices: tuple[Any, ...] = ()
    reason: str = ""
    kept: tuple[str, ...] = ()
    apart: Mapping[Option, tuple[Fate, str]] = field(default_factory=dict)


def mapped(option: Option, *devices: Any) -> Claimed:
    """The option stands in the XML, as these devices or in an element that the claim has filled."""
    return Claimed((option,), Fate.MAPPED, devices)


def dropped(option: Option, reason: str) -> Claimed:
    """The option leaves no trace, for that reason."""
    return Claimed((option,), Fate.DROPPED, (), reason)


def implied(option: Option, reason: str) -> Claimed:
    """What the option asks for is so without it."""
    return Claimed((option,), Fate.IMPLIED, (), reason)


@record(frozen=True)
class Note:
    """Something that a person should know about the conversion, with its place."""

    message: str
    place: Span | None = None


@record(frozen=True)
class Entry:
    """One line of the ledger."""

    option: Option
    fate: Fate
    reason: str = ""
    devices: tuple[Any, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def passed(self) -> tuple[str, ...]:
        """The words that QEMU gets verbatim."""
        if self.fate is not Fate.PASSED:
            return ()
        return self.kept or tuple(word.text for word in self.option.words)


class Ledger:
    """The options of one command line; each is open until it is entered."""

    def __init__(self, options: Sequence[Option]) -> None:
        self.options = options
        self.watcher: Callable[[Claimed], None] | None = None
        """Is told of every claim when it is entered."""
        self._entries: dict[Option, Entry] = {}
        self._by_name: dict[str, list[Option]] = {}
        self._positions: dict[str, dict[Option, int]] = {}
        for option in options:
            self._by_name.setdefault(option.name, []).append(option)

    def is_open(self, option: Option) -> bool:
        """Whether nobody has claimed it yet."""
        return option not in self._entries

    def named(self, name: str) -> Sequence[Option]:
        """The options of that name, in their order, claimed or not."""
        return self._by_name.get(name, ())

    def open_named(self, name: str) -> Iterator[Option]:
        """The open options of that name, in their order."""
        return (option for option in self.named(name) if self.is_open(option))

    def position(self, option: Option, ignoring: str | None = None) -> int:
        """The number of an option among its namesakes, not counting those with the value ``ignoring``."""
        if option.name not in self._positions:
            counted = [item for item in self.named(option.name) if ignoring is None or item.text != ignoring]
            self._positions[option.name] = {item: number for number, item in enumerate(counted)}
        return self._positions[option.name][option]

    def has(self, *names: str) -> bool:
        """Whether the command line has an option of one of these names, claimed or not."""
        return any(name in self._by_name for name in names)

    def enter(self, claimed: Claimed) -> None:
        """Close the claimed options. An option claimed twice is a defect of a kind, never of the input."""
        for option in claimed.options:
            if option in self._entries:
                raise AssertionError(f"{option.name} was claimed twice")
            fate, reason = claimed.apart.get(option, (claimed.fate, claimed.reason))
            self._entries[option] = Entry(option, fate, reason, claimed.devices, claimed.kept)
        if self.watcher:
            self.watcher(claimed)

    def pass_the_rest(self) -> None:
        """Enter every open option as passed."""
        for option in self.options:
            if self.is_open(option):
                self._entries[option] = Entry(option, Fate.PASSED)

    def respell(self, option: Option, words: tuple[str, ...]) -> None:
        """Pass an option on in other words, which say its place outright."""
        self._entries[option] = replace(self._entries[option], kept=words)

    def makers(self) -> dict[int, Option]:
        """The option that makes each device, by the device's identity: the ``-device`` of those that have one, else the first."""
        found: dict[int, Option] = {}
        for entry in self.entries():
            for device in entry.devices:
                held = found.setdefault(id(device), entry.option)
                if entry.option.name == "-device" != held.name:
                    found[id(device)] = entry.option
        return found

    def entries(self) -> list[Entry]:
        """One entry for each option, in the order of the command line."""
        return [self._entries[option] for option in self.options if option in self._entries]
