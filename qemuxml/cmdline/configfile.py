"""A configuration file of QEMU as the options that it is: ``[device "net0"]`` with ``driver = "e1000"`` is ``-device``.

``-readconfig`` reads such a file in the place where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import escape
from qemuxml.cmdline.words import Word
from qemuxml.errors import CommandLineError, Source, Span
from qemuxml.later import pattern

_SECTION = pattern(r'\[\s*([A-Za-z0-9_-]+)(?:\s+"([^"]*)")?\s*\]')
_SETTING = pattern(r'([A-Za-z0-9_.-]+)\s*=\s*"([^"]*)"')
_NAMES: Final = {"memory": "m", "smp-opts": "smp", "boot-opts": "boot", "acpi": "acpitable"}
"""Sections that are not named as their options are."""

MOST_LINES: Final = 32768
"""Lines of a file, far beyond any guest's."""


def options(source: Source) -> list[Option]:
    """The options of a file, in its order. Raises CommandLineError for a line that is no part of one."""
    return [_option(source, *section) for section in _sections(source)]


def _sections(source: Source) -> Iterator[tuple[int, str, str | None, list[tuple[str, str]]]]:
    start, name, identifier = 0, "", None
    settings: list[tuple[str, str]] | None = None
    at = 0
    for number, line in enumerate(source.text.splitlines(keepends=True)):
        text = line.strip()
        section, setting = _SECTION.fullmatch(text), _SETTING.fullmatch(text)
        if number >= MOST_LINES:
            raise CommandLineError(f"more than {MOST_LINES} lines: this is no guest", Span(source, at, at + 1))
        if section:
            if settings is not None:
                yield start, name, identifier, settings
            start, name, identifier, settings = at, section[1], section[2], []
        elif setting and settings is not None:
            settings.append((setting[1], setting[2]))
        elif text and not text.startswith("#"):
            message = 'neither a section such as [device "net0"] nor a setting such as driver = "e1000"'
            raise CommandLineError(message, Span(source, at, at + len(line.rstrip())))
        at += len(line)
    if settings is not None:
        yield start, name, identifier, settings


def _option(source: Source, start: int, name: str, identifier: str | None, settings: list[tuple[str, str]]) -> Option:
    end = source.text.index("]", start) + 1
    pairs = [*settings, *([("id", identifier)] if identifier is not None else [])]
    value = ",".join(f"{key}={escape(text)}" for key, text in pairs)
    words = tuple(Word(text, source, start, end, ()) for text in (f"-{_NAMES.get(name, name)}", value))
    return Option(words[0].text, words, words[1])
