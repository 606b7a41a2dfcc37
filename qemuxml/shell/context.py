"""What all readers of one script share: its text, what the caller has told, the state, and how much work may be spent."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from qemuxml.cmdline.words import LONGEST_WORD
from qemuxml.errors import CommandLineError, Source, Span
from qemuxml.mapping.ledger import Note
from qemuxml.record import field, record
from qemuxml.shell.state import State
from qemuxml.shell.values import Text, Unknown, computed

WORK = 2_000_000
"""What the reading of one script may cost, in characters: some seconds, and far more than any honest script needs."""

COMMAND = 200
FIELD = 20
"""What a command costs, and a word of one, beside their characters."""


@record
class Context:
    """Shared by the expansion of words, by tests and by the commands."""

    original: Source
    """The script as it was given."""
    source: Source
    """The script with what it adds to itself."""
    settings: Mapping[str, str]
    """What the caller tells: variables, and arguments of the script by their number."""
    script: str
    """What ``$0`` is."""
    state: State
    assigned: frozenset[str] = frozenset()
    """The variables that the script sets anywhere."""
    work: int = WORK
    deciding: bool = False
    """Whether a condition is read: there, what nobody has set is taken as empty."""
    supposed: list[Unknown] = field(default_factory=list)
    """What was taken as empty or as absent."""
    supposing: bool = True
    """Whether anything is."""
    used: set[str] = field(default_factory=set)
    """The settings that were looked at."""
    notes: list[Note] = field(default_factory=list)
    added: list[tuple[int, int, bool]] = field(default_factory=list)
    """For each run of an added script: where it begins, where its first character really stands, whether all stand there."""

    def span(self, start: int, end: int) -> Span:
        """A place in the script."""
        first = self.place(start)
        return Span(self.original, first, max(self.place(end - 1) + 1, first + 1))

    def shown(self, start: int, end: int) -> str:
        """A piece of the script in a message."""
        text = " ".join(self.source.text[start:end].split())
        return text if len(text) <= 60 else text[:57] + "..."

    def line(self, offset: int) -> int:
        """The number of the line in which an offset is."""
        return self.original.text.count("\n", 0, self.place(offset)) + 1

    # -------------------------------------------------------------- texts that are scripts themselves

    def add_script(self, text: Text) -> tuple[int, int]:
        """Make a text that the script has put together readable behind it (``eval``, ``sh -c``); the place where it stands."""
        characters = str(text)
        self.spend(len(self.source.text) + len(characters), text.start)
        start = len(self.source.text) + 1
        self.source = Source(f"{self.source.text}\n{characters}\n", self.source.name)
        offset = start
        for run in text.runs:
            self.added.append((offset, self.place(run.place), run.computed))
            offset += len(run.text)
        return start, offset

    def place(self, offset: int) -> int:
        """Where a character really stands: what was added was written somewhere in the script."""
        if offset <= len(self.original.text) or not self.added:
            return offset
        start, place, is_computed = self.added[max(bisect_right(self.added, (offset, len(self.source.text), True)) - 1, 0)]
        return place if is_computed else place + offset - start

    def note(self, message: str, start: int, end: int) -> None:
        """Tell something that a person should know."""
        self.notes.append(Note(message, self.span(start, end)))

    def spend(self, amount: int, start: int) -> None:
        """Pay for work. Raises CommandLineError when the script costs too much."""
        self.work -= amount
        if self.work < 0:
            raise CommandLineError("the script goes on for too long to be followed", self.span(start, start + 1))

    def checked(self, text: Text) -> Text:
        """The text, if a program could get it as one word."""
        length = sum(len(run.text) for run in text.runs)
        self.spend(FIELD + length + len(text.runs), text.start)
        if length > LONGEST_WORD:
            raise CommandLineError(
                f"a value of more than {LONGEST_WORD} characters: Linux passes no longer one", self.span(text.start, text.end)
            )
        return text

    def given(self, name: str, start: int = 0, end: int = 0) -> Text | None:
        """The value that the caller gives, placed where it is used."""
        if name not in self.settings:
            return None
        self.used.add(name)
        return computed(self.settings[name], start, end)

    def suppose(self, unknown: Unknown) -> bool:
        """Whether what nobody has given is taken as empty here; a condition or a list of arguments asks."""
        if self.supposing and unknown.unset:
            self.supposed.append(unknown)
            return True
        return False
