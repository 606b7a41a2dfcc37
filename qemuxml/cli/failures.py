"""How a command ends, and what it complains of: ``guest.args:3:1: warning: -foo bar is passed through to QEMU as it stands``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

import click

from qemuxml.errors import ConversionError, Span
from qemuxml.later import later

if TYPE_CHECKING:
    from qemuxml.convert import Conversion
    from qemuxml.mapping.ledger import Entry

T = TypeVar("T")

_join: Final = later("shlex:join")

INTERRUPTED: Final = 130
"""The exit status of a program that Ctrl-C ended, as shells give it."""


class Failure(click.ClickException):
    """What ends the command with status 1; the message is printed as it stands."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message on standard error."""
        click.echo(self.message, file=file, err=True)


class Trouble(Failure):
    """What ends a command whose status 1 says something else, with status 2."""

    exit_code = 2


def attempt(work: Callable[[], T], file: str = "") -> T:
    """What the work gives. Raises Failure for every refusal, and for every defect of the converter.

    ``file`` is named where there are several, and the refusal has no place.
    """
    name = f"{'<stdin>' if file == '-' else file}: " if file else ""
    try:
        return work()
    except ConversionError as error:
        raise Failure(error.report() if error.place else f"{name}{error.report()}") from None
    except (click.ClickException, click.Abort, BrokenPipeError):
        raise
    except Exception as error:
        if os.environ.get("QEMUXML_DEBUG"):
            raise
        said = shown(f"{type(error).__name__}: {error}")
        raise Failure(f"{name}error: internal error: {said}; please report it (QEMUXML_DEBUG=1 shows where)") from None


# ------------------------------------------------------------------ warnings

_SAYINGS = {
    "passed": "{} is passed through to QEMU as it stands",
    "dropped": "{} is left out",
    "replaced": "{} is replaced",
    "guessed": "{} is in part a guess",
}
"""What is said of an option that met this fate; of the other fates nothing is."""

SHOWN = 72
"""Characters of an option that a warning shows: one may be as long as a kernel's arguments."""


def warnings(result: Conversion) -> Iterator[str]:
    """What a person should know, in the order of the input; what is about the whole of it comes last."""
    told: list[tuple[Span | None, str]] = [
        (entry.option.span, _saying(entry)) for entry in result.entries if entry.fate in _SAYINGS
    ]
    told += [(note.place, note.message) for note in result.notes]
    told.sort(key=lambda item: item[0].start if item[0] else sys.maxsize)
    for place, message in told:
        yield f"{place}: warning: {message}" if place else f"warning: {message}"


def _saying(entry: Entry) -> str:
    words = _join(word.text for word in entry.option.words)
    if entry.kept:
        return f"{shown(words)} is passed through to QEMU in part: {shown(_join(entry.kept))}"
    said = _SAYINGS[entry.fate].format(shown(words))
    return f"{said}: {entry.reason}" if entry.reason else said


def shown(text: str) -> str:
    """On one line, and not for ever."""
    text = text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
    return "".join(character if character.isprintable() else "�" for character in text)
