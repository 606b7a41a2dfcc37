"""Places in the input, and the family of refusals that names them: ``guest.args:5:41: error: …`` over the text and a marker."""

from __future__ import annotations

import re

from qemuxml.record import record

MARKER_WIDTH = 120
"""Characters of a source line that a marker shows: a process's command line is often one line of thousands."""


@record(frozen=True)
class Source:
    """A text and the name that errors print for it (a file name, ``<stdin>``, ``<argv>``)."""

    text: str
    name: str


@record(frozen=True)
class Span:
    """The characters ``start`` to ``end`` (exclusive, counted from 0) of a source."""

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line of the first character, counted from 1."""
        return self.source.text.count("\n", 0, self.start) + 1

    @property
    def column(self) -> int:
        """The column of the first character, in characters counted from 1."""
        return self.start - self._line_start() + 1

    @property
    def text(self) -> str:
        """The characters themselves, quotes and escapes included."""
        return self.source.text[self.start : self.end]

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"

    def marker(self) -> str:
        """Two lines: the source line, clipped around the place, and carets under the place."""
        begin = self._line_start()
        end = self.source.text.find("\n", begin)
        end = len(self.source.text) if end < 0 else end
        if end - begin > MARKER_WIDTH:
            begin = max(begin, self.start - MARKER_WIDTH // 3)
            end = min(end, begin + MARKER_WIDTH)
        shown = self.source.text[begin:end].replace("\r", "")
        indent = "".join(c if c == "\t" else " " for c in shown[: self.start - begin])
        carets = "^" * max(1, min(self.end, end) - self.start)
        return f"{shown.translate(_VISIBLE)}\n{indent}{carets}"

    def _line_start(self) -> int:
        return self.source.text.rfind("\n", 0, self.start) + 1


_VISIBLE = dict.fromkeys((*range(9), *range(11, 32), 127), "�")
"""Control characters would move the marker, or the terminal's cursor."""


@record(frozen=True)
class XmlPlace:
    """A node of a domain XML: the file's name, the line, and the path (``/domain/devices/disk[2]/@type``)."""

    name: str
    line: int
    path: str

    def __str__(self) -> str:
        return f"{self.name}:{self.line}: {self.path}"

    def plain(self) -> str:
        """The path without the numbers of namesakes: ``/domain/devices/disk/@type``."""
        return re.sub(r"\[[0-9]+\]", "", self.path)

    def marker(self) -> str:
        """XML has no marker: the path says it."""
        return ""


class ConversionError(Exception):
    """Any refusal of this package: ``message`` says what is wrong, ``place`` where (None if it is about the whole input)."""

    def __init__(self, message: str, place: Span | XmlPlace | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.about: object | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message

    def at(self, place: Span | XmlPlace | None) -> ConversionError:
        """The same error with a place, if it has none yet: deep code raises bare, the loop around it knows where."""
        if self.place is None:
            self.place = place
        return self

    def of(self, thing: object) -> ConversionError:
        """The same error about an object that was read, if it is about none yet: who read it knows its place."""
        if self.about is None:
            self.about = thing
        return self

    def report(self) -> str:
        """What a terminal shows: ``place: error: message``, and below it the text with a marker."""
        if self.place is None:
            return f"error: {self.message}"
        marker = self.place.marker()
        return f"{self.place}: error: {self.message}" + (f"\n{marker}" if marker else "")


class CommandLineError(ConversionError):
    """The command line cannot be read: a quote that is not closed, an option without its value, a value of the wrong form."""


class DomainXmlError(ConversionError):
    """The XML is not well-formed, is not a domain, or says what libvirt refuses."""


class UnsupportedError(ConversionError):
    """The input is sound, but the chosen profile has no words for it."""
