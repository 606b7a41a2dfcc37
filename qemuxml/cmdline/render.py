r"""Options become text: one line that a shell reads back as the same words, or one option a line joined by ``\``."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

Words = Sequence[str]
"""One option as it is printed: the option and, if it has one, its value."""


def one_line(environment: Iterable[tuple[str, str]], emulator: str, options: Iterable[Words]) -> str:
    """The whole command on one line."""
    return " ".join(_chunks(environment, emulator, options))


def one_option_a_line(environment: Iterable[tuple[str, str]], emulator: str, options: Iterable[Words]) -> str:
    """The same command with every assignment, the binary and every option on a line of its own."""
    return " \\\n".join(_chunks(environment, emulator, options))


def escape(value: str) -> str:
    """A value inside ``a=b,c=d``: QEMU reads ``,,`` as a comma."""
    return value.replace(",", ",,")


def _chunks(environment: Iterable[tuple[str, str]], emulator: str, options: Iterable[Words]) -> list[str]:
    chunks = [f"{name}={shlex.quote(value)}" for name, value in environment]
    chunks.append(shlex.quote(emulator))
    chunks += [" ".join(map(shlex.quote, words)) for words in options]
    return chunks
