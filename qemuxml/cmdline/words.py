r"""The grammar of a command line: ``-name 'my guest' \`` becomes the words ``-name`` and ``my guest``, each with its place.

Words are POSIX shell words (XCU 2.2, "Quoting"): blanks and newlines separate them, single quotes keep all, double quotes
keep all but ``\`` before ``$``, a back-quote, ``"``, ``\`` and a newline, a backslash before a newline joins two lines, a
word may be glued from several quoted pieces, and ``#`` at the start of a word begins a comment. Nothing is expanded.

One thing is not POSIX: a backslash before a newline joins lines in single quotes too. Programs that fold long command lines
(libvirt's logs and test data among them) fold them there, and no file name ends a line with a backslash.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING

from qemuxml.errors import CommandLineError, Source, Span
from qemuxml.later import pattern
from qemuxml.record import record

if TYPE_CHECKING:
    from pyparsing import ParserElement

LONGEST_WORD = 131072
"""Characters in one word: Linux's execve(2) takes no argument over 128 KiB (MAX_ARG_STRLEN), so no guest ever ran with one."""

LONGEST_LINE = 2097152
"""Characters in one text: Linux passes 2 MiB of arguments to a program (a quarter of its stack, which is 8 MiB)."""

MOST_WORDS = 32768
"""Words in one line, far beyond any guest's: the bound keeps hostile input from filling the memory."""

NOT_XML = pattern("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""A character that no XML document can hold. What it can hold would be a class that takes ten times as long to compile."""

# Possessive repetitions throughout ("++", "*+"): one that could be taken back costs hundreds of bytes for every round.
_JOINED = r"\\(?:\r?\n|\Z)"
_DOUBLE_QUOTED = r"[^\"\\]*+(?:\\.[^\"\\]*+)*+"
_WORD = rf"""(?:[^ \t\r\n'"\\]++|{_JOINED}|\\.|'[^']*+'|"{_DOUBLE_QUOTED}")++"""
_PIECE = rf"""(?s:{_JOINED}|\\(.)|([^ \t\r\n'"\\]++)|'([^']*+)'|"({_DOUBLE_QUOTED})\")"""
_PLAIN_GAP = r"(?:[ \t\r\n]++|(?<=[ \t\n])\\\r?\n|\#[^\n]*+)"
_PLAIN_WORD = r"""(?:[^ \t\r\n'"\\]++|'[^'\\]*+'|"[^"\\]*+")++"""
"""A gap and a word of a text in which a backslash joins lines between words, and does nothing else."""
_SINGLE, _DOUBLE = 3, 4
"""The groups of a piece in quotes; the others stand in the word as they are."""
_RUNS = {
    _SINGLE: r"\\\r?\n|((?:[^\\]++|\\(?!\r?\n))++)",
    _DOUBLE: r'\\\r?\n|\\([$`"\\])|((?:[^\\]++|\\(?!\r?\n|[$`"\\]))++)',
}
"""What stands in quotes: their groups are characters of the word, what they match outside is only quoting."""


@record(frozen=True)
class Word:
    """One word: its text without quotes, and for each run of it ``(offset in the text, offset in the source)``."""

    text: str
    source: Source
    start: int
    end: int
    runs: tuple[tuple[int, int], ...]

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """The place of ``text[start:end]`` in the source; the whole word with its quotes if nothing is named."""
        if start == 0 and end is None:
            return Span(self.source, self.start, self.end)
        end = len(self.text) if end is None else end
        first = self._place(start)
        last = self._place(end - 1) + 1 if end > start else first
        # A script puts words together from pieces, of which a later one may stand earlier.
        return Span(self.source, first, last if last >= first else first + 1)

    def behind(self, count: int) -> Word:
        """The word without its first characters: ``stdio`` of ``mon:stdio``."""
        later = [(max(at - count, 0), place + max(count - at, 0)) for at, place in self.runs]
        return Word(self.text[count:], self.source, self._place(count), self.end, tuple(later))

    def _place(self, offset: int) -> int:
        if not self.runs:
            return self.start
        run = self.runs[max(bisect_right(self.runs, offset, key=itemgetter(0)) - 1, 0)]
        return min(run[1] + offset - run[0], len(self.source.text))


def split(source: Source) -> list[Word]:
    """The words of a command line.

    Raises CommandLineError for a quote that is not closed, a character that no XML document can hold (NUL among them),
    a word or a line longer than Linux passes to a program, and more words than any guest has.
    """
    check(source)
    words: list[Word] = []
    for start, raw in _tokens(source.text):
        if len(words) == MOST_WORDS:
            raise CommandLineError(f"more than {MOST_WORDS} words", Span(source, start, start + 1))
        words.append(_word(source, start, raw))
    return words


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    """The words as they are written, each with its place. A plain text needs no grammar, nor the library of that."""
    if re.fullmatch(f"(?:{_PLAIN_GAP}|{_PLAIN_WORD})*+", text):
        return ((found.start(1), found[1]) for found in re.finditer(f"{_PLAIN_GAP}|({_PLAIN_WORD})", text) if found[1])
    return ((start, found[0]) for found, start, _ in _grammar().scan_string(text) if found)


def unsound(text: str) -> re.Match[str] | None:
    """The first character that no XML document can hold; what is printable has none, and needs no pattern."""
    return None if text.replace("\n", " ").isprintable() else NOT_XML.search(text)


def check(source: Source) -> None:
    """Raise CommandLineError for a text that is too long, or has a character that no XML document can hold."""
    if len(source.text) > LONGEST_LINE:
        place = Span(source, LONGEST_LINE, LONGEST_LINE + 1)
        raise CommandLineError(f"{len(source.text)} characters: Linux passes {LONGEST_LINE} at most", place)
    odd = unsound(source.text)
    if odd:
        place = Span(source, odd.start(), odd.end())
        raise CommandLineError(f"the character U+{ord(odd[0]):04X} cannot stand in a command line", place)


def _word(source: Source, start: int, raw: str) -> Word:
    first = Span(source, start, start + 1)
    if raw in ("'", '"'):
        raise CommandLineError("this quote is not closed", first)
    text: list[str] = []
    places: list[tuple[int, int]] = []
    length, end = 0, start
    for place, characters, piece_end in _runs(start, raw):
        end = piece_end
        if characters:
            places.append((length, place))
            text.append(characters)
            length += len(characters)
        if length > LONGEST_WORD:
            raise CommandLineError(f"a word of more than {LONGEST_WORD} characters: Linux passes no longer one", first)
    return Word("".join(text), source, start, end, tuple(places))


def _runs(start: int, raw: str) -> Iterator[tuple[int, str, int]]:
    """The characters of a word that stand in the source as they are: where, they themselves, and where their piece ends."""
    for piece in re.finditer(_PIECE, raw):
        group = piece.lastindex
        if group is None:
            continue
        place, end = start + piece.start(group), start + piece.end()
        if group not in _RUNS or "\\" not in piece[group]:
            yield place, piece[group], end
            continue
        for run in re.finditer(_RUNS[group], piece[group]):
            if run.lastindex:
                yield place + run.start(run.lastindex), run[run.lastindex], end


@cache
def _grammar() -> ParserElement:
    # Imported here because XML to command line never needs it, and it takes longer to load than a guest to convert.
    import pyparsing as pp  # noqa: PLC0415

    gap = pp.Regex(rf"(?:[ \t\r\n]++|{_JOINED}|\#[^\n]*+)++").suppress()
    word = pp.Regex(_WORD, re.DOTALL)
    unclosed_quote = pp.Regex(r"""['"]""")
    token: ParserElement = gap | word | unclosed_quote
    return token.leave_whitespace().parse_with_tabs()
