"""Words become options: ``LC_ALL=C kvm -m 512 disk.img`` is an environment, a binary, ``-m`` with its value and a disk image."""

from __future__ import annotations

from collections.abc import Sequence

from qemuxml.cmdline.arity import takes_value
from qemuxml.cmdline.words import Word
from qemuxml.errors import CommandLineError, Source, Span
from qemuxml.later import pattern
from qemuxml.record import record

IMAGE = "image"
"""The name of a word that belongs to no option: QEMU takes it as the image of the first disk."""

_ASSIGNMENT = pattern(r"([A-Za-z_][A-Za-z0-9_]*)=")


@record(frozen=True)
class Assignment:
    """``NAME=value`` before the binary."""

    name: str
    value: str
    word: Word


@record(frozen=True, eq=False)
class Option:
    """One option with its value: ``name`` has one dash however it was spelt, ``words`` are the words as they stood."""

    name: str
    words: tuple[Word, ...]
    value: Word | None = None

    @property
    def text(self) -> str:
        """The value's text; empty if the option has none."""
        return self.value.text if self.value else ""

    @property
    def span(self) -> Span:
        """From the option's dash to the end of its value; to the option's own end if a script has the value elsewhere."""
        first, last = self.words[0], self.words[-1]
        return Span(first.source, first.start, last.end if last.end > first.start else first.end)


@record(frozen=True)
class CommandLine:
    """A whole command line: the assignments before the binary, the binary, and the options in their order; ``source`` has it."""

    environment: tuple[Assignment, ...]
    emulator: Word
    options: tuple[Option, ...]
    source: Source


def parse(words: Sequence[Word], source: Source) -> CommandLine:
    """Sort words into environment, binary and options.

    Raises CommandLineError if no binary is named, or the last option lacks its value.
    """
    environment = []
    for word in words:
        found = _ASSIGNMENT.match(word.text)
        if not found:
            break
        environment.append(Assignment(found[1], word.text[found.end() :], word))
    rest = words[len(environment) :]
    if not rest:
        raise CommandLineError("no emulator path found", Span(source, len(source.text), len(source.text)))
    if not rest[0].text:
        raise CommandLineError("no emulator path found: an empty word stands where the binary should", rest[0].span())
    if rest[0].text.startswith("-"):
        raise CommandLineError("no emulator path found: an option stands where the binary should", rest[0].span())
    return CommandLine(tuple(environment), rest[0], tuple(_options(rest[1:])), source)


def _options(words: Sequence[Word]) -> list[Option]:
    options = []
    position = 0
    while position < len(words):
        option = _option(words, position)
        options.append(option)
        position += len(option.words)
    return options


def _option(words: Sequence[Word], position: int) -> Option:
    word = words[position]
    if not word.text.startswith("-") or word.text == "-":
        return Option(IMAGE, (word,), word)
    name = word.text.removeprefix("-").removeprefix("-")
    following = words[position + 1] if position + 1 < len(words) else None
    valued = takes_value(name)
    if valued and following is None:
        raise CommandLineError(f"-{name} needs a value, and the line ends here", word.span())
    if valued is None:
        # QEMU would refuse the option: a word behind it that looks like no option is most likely its value.
        valued = following is not None and not following.text.startswith("-")
    if valued and following is not None:
        return Option(f"-{name}", (word, following), following)
    return Option(f"-{name}", (word,))
