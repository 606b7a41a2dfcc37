"""What stands between the words of a script: blanks, comments, line ends; ``>log``, ``2>&1``, and the text behind ``<<EOF``."""

from __future__ import annotations

import re

from qemuxml.errors import Source
from qemuxml.shell.grammar.words import Scanner
from qemuxml.shell.syntax import Literal, Part, Redirect, Word

_GAP = re.compile(r"(?:[ \t\r]|\\\r?\n)++")
_COMMENT = re.compile(r"#[^\n]*+")
_REDIRECT = re.compile(r"([0-9]+|\{[A-Za-z_][A-Za-z0-9_]*+\})?(<<<|<<-|<<|<&|<>|>>|>\||>&|&>>|&>|<(?!\()|>(?!\())")


class Lines(Scanner):
    """Reads from one word to the next, and the here-documents behind a line that begins them."""

    def __init__(self, source: Source, position: int = 0, limit: int | None = None, depth: int = 0) -> None:
        super().__init__(source, position, limit, depth)
        self._heredocs: list[Redirect] = []

    def gap(self) -> None:
        """Go over blanks, joined lines and a comment."""
        self.match(_GAP)
        if self.at("#"):
            self.match(_COMMENT)

    def lines(self) -> None:
        """Go over blanks, comments and line ends, and the here-documents behind those."""
        self.gap()
        while self.at("\n"):
            self._line_end()
            self.gap()

    def _line_end(self) -> None:
        """Go over a line's end; the here-documents that the line has begun stand behind it."""
        self.position += 1
        while self._heredocs:
            redirect = self._heredocs.pop(0)
            redirect.target = self._heredoc(redirect.target, tabs=redirect.operator == "<<-")

    def redirect(self) -> Redirect | None:
        """The redirection that comes next, if one does; a here-document's text is read at the end of the line."""
        start = self.position
        found = self.match(_REDIRECT)
        if not found:
            return None
        self.gap()
        target = self.word()
        if target.start == target.end:
            self.refuse(f"a syntax error: '{found[2]}' needs a word behind it", start)
        redirect = Redirect(found[2], target, found[1] or "")
        if found[2] in ("<<", "<<-"):
            self._heredocs.append(redirect)
        return redirect

    def _heredoc(self, delimiter: Word, *, tabs: bool) -> Word:
        """The text up to the line of the delimiter, expanded unless a part of that was quoted; ``<<-`` strips tabs."""
        closing = re.sub(r"['\"\\]", "", self.text[delimiter.start : delimiter.end])
        literal = closing != self.text[delimiter.start : delimiter.end]
        start = self.position
        lines: list[Literal] = []
        while self.position < self.limit:
            begin, end = self.position, self._next_line()
            begin += len(self.text[begin:end]) - len(self.text[begin:end].lstrip("\t")) if tabs else 0
            if self.text[begin:end].rstrip("\r\n") == closing:
                break
            lines.append(Literal(self.text[begin:end], begin, quoted=True))
        return Word(tuple(lines if literal else self._expanded(lines)), start, self.position)

    def _next_line(self) -> int:
        found = self.text.find("\n", self.position, self.limit)
        self.position = self.limit if found < 0 else found + 1
        return self.position

    def _expanded(self, lines: list[Literal]) -> list[Part]:
        """The parts of a here-document. Lines that stand one behind the other are read as one: ``$(`` may span them."""
        regions: list[tuple[int, int]] = []
        for line in lines:
            begin = line.start
            if regions and regions[-1][1] == begin:
                begin = regions.pop()[0]
            regions.append((begin, line.start + len(line.text)))
        found: list[Part] = []
        for begin, end in regions:
            found += self.within(begin, end).quoted_parts("", escaped="$`\\")
        return found
