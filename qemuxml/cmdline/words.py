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
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from qemuxml.errors import CommandLineError, Source, Span

if TYPE_CHECKING:
    from pyparsing import ParserElement

LONGEST_WORD = 131072
"""Characters in one word: Linux's execve(2) takes no argument over 128 KiB (MAX_ARG_STRLEN), so no guest ever ran with one."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DOUBLE_QUOTED_RUN = re.compile(r'\\\r?\n|\\([$`"\\])|((?:[^\\]|\\(?!\r?\n|[$`"\\]))+)')

_SINGLE_QUOTED_RUN = re.compile(r"\\\r?\n|((?:[^\\]|\\(?!\r?\n))+)")

Run = tuple[int, str]
"""Characters that stand in the source as they stand in the word: where they begin in the source, and they themselves."""


@dataclass(frozen=True, slots=True)
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
        return Span(self.source, first, self._place(end - 1) + 1 if end > start else first)

    def _place(self, offset: int) -> int:
        if not self.runs:
            return self.start
        run = self.runs[bisect_right(self.runs, (offset, self.end)) - 1]
        return min(run[1] + offset - run[0], self.end)


def split(source: Source) -> list[Word]:
    """The words of a command line.

    Raises CommandLineError for a quote that is not closed, a character that no XML document can hold (NUL among them),
    and a word longer than Linux passes to a program.
    """
    odd = _NOT_XML.search(source.text)
    if odd:
        place = Span(source, odd.start(), odd.end())
        raise CommandLineError(f"the character U+{ord(odd[0]):04X} cannot stand in a command line", place)
    try:
        found = _grammar().parse_string(source.text, parse_all=True)
    except _UnclosedQuoteError as quote:
        place = Span(source, quote.place, quote.place + 1)
        raise CommandLineError("this quote is not closed", place) from None
    words = []
    for start, runs, end in found:
        word = _word(source, start, runs, end)
        if len(word.text) > LONGEST_WORD:
            raise CommandLineError(
                f"a word of {len(word.text)} characters: Linux passes {LONGEST_WORD} at most",
                Span(source, start, start + 1),
            )
        words.append(word)
    return words


def _word(source: Source, start: int, runs: list[Run], end: int) -> Word:
    text, places = "", []
    if len(runs) == 1:
        return Word(runs[0][1], source, start, end, ((0, runs[0][0]),))
    for place, characters in runs:
        places.append((len(text), place))
        text += characters
    return Word(text, source, start, end, tuple(places))


@cache
def _grammar() -> ParserElement:
    # Imported here because XML to command line never needs it, and it takes longer to load than a guest to convert.
    import pyparsing as pp  # noqa: PLC0415

    continuation = r"\\(?:\r?\n|\Z)"
    word_ends = r"(?=[ \t\r\n]|\Z)"
    gap = pp.Regex(rf"(?:[ \t\r\n]|{continuation})+").suppress()
    comment = pp.Regex(r"#[^\n]*").suppress()

    # Nearly every word is bare or wholly in single quotes: one regular expression each keeps a long line fast.
    bare_word = pp.Regex(rf"""[^ \t\r\n'"\\#][^ \t\r\n'"\\]*{word_ends}""")
    bare_word.set_parse_action(lambda _, place, found: (place, [(place, found[0])], place + len(found[0])))
    quoted_word = pp.Regex(rf"'[^']*'{word_ends}")
    quoted_word.set_parse_action(
        lambda _, place, found: (place, _single_quoted(place + 1, found[0][1:-1]), place + len(found[0]))
    )

    plain = pp.Regex(r"""[^ \t\r\n'"\\]+""")
    plain.set_parse_action(lambda _, place, found: [(place, found[0])])
    joined = pp.Regex(continuation).suppress()
    escaped = pp.Regex(r"\\.", re.DOTALL)
    escaped.set_parse_action(lambda _, place, found: [(place + 1, found[0][1:])])
    single = pp.Regex(r"'[^']*'")
    single.set_parse_action(lambda _, place, found: _single_quoted(place + 1, found[0][1:-1]))
    double = pp.Regex(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
    double.set_parse_action(lambda _, place, found: _double_quoted(place + 1, found[0][1:-1]))
    unclosed = pp.Regex(r"""['"]""")
    unclosed.set_parse_action(_refuse_unclosed)
    glued_word = pp.Located(pp.OneOrMore(plain | joined | escaped | single | double | unclosed))
    glued_word.set_parse_action(lambda found: [(found[0], list(found[1]), found[2])])

    line: Any = pp.ZeroOrMore(gap | bare_word | quoted_word | comment | glued_word)
    grammar: ParserElement = line.leave_whitespace().parse_with_tabs()
    return grammar


def _single_quoted(place: int, inner: str) -> list[Run]:
    return _runs(_SINGLE_QUOTED_RUN, place, inner)


def _double_quoted(place: int, inner: str) -> list[Run]:
    return _runs(_DOUBLE_QUOTED_RUN, place, inner)


def _runs(pattern: re.Pattern[str], place: int, inner: str) -> list[Run]:
    """The characters that a pattern's groups catch; what it matches outside them is only the quoting of the text."""
    if "\\" not in inner:
        return [(place, inner)]
    return [
        (place + found.start(found.lastindex), found[found.lastindex]) for found in pattern.finditer(inner) if found.lastindex
    ]


class _UnclosedQuoteError(Exception):
    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


def _refuse_unclosed(_: str, place: int, __: Any) -> None:
    raise _UnclosedQuoteError(place)
