r"""Words of a shell script and what stands in them: ``"${MEM:-512}"M'x'\ y`` becomes quotes, a parameter and literals."""

from __future__ import annotations

import re
from typing import NoReturn

from qemuxml.errors import CommandLineError, Source, Span
from qemuxml.shell.syntax import Arithmetic, Backquoted, Literal, Opaque, Parameter, Part, Quotes, Sequence, Substitution, Word

DEEPEST = 40
"""Constructs in one another; scripts of people have five or six, and each costs the reader some of its stack."""

METACHARACTERS = " \t\r\n;&|()<>"
"""What ends an unquoted word."""

DELIMITER = r"(?=[ \t\r\n;&|()<>]|\\\r?\n|\Z)"
"""A pattern: a word ends here."""

_PLAIN = re.compile(r"[^ \t\r\n;&|()<>$`'\"\\]++")
_IN_BRACES = re.compile(r"[^}$`'\"\\]++")
_IN_QUOTES = re.compile(r'[^"$`\\]++')
_IN_QUOTED_BRACES = re.compile(r'[^}"$`\\]++')
_IN_TEXT = re.compile(r"[^$`\\]++")
_IN_ARITHMETIC = re.compile(r'[^()"$`\\;]++')
_IN_INDEX = re.compile(r"[^\]$`'\"\\]++")
_IN_SLICES = {
    "/": re.compile(r"[^}$`'\"\\/]++"),
    ":": re.compile(r"[^}$`'\"\\:]++"),
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+")
_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+|[0-9]++|[@*#?$!-]")
_SPECIAL = re.compile(r"[0-9@*#?$!-]")
_INDIRECT = re.compile(r"!(?=[A-Za-z_0-9@*#])")
_LENGTH = re.compile(r"#(?=[A-Za-z_0-9@*])")
_SEPARATOR = re.compile(r"[/:]")
_OPERATOR = re.compile(r":?[-=?+]|##?|%%?|//|/[#%]?|\^\^?|,,?|:|@")
_EXTENDED = re.compile(r"[?*+@!](?=\()")
_JOINED = re.compile(r"\\\r?\n")
_ESCAPES = {"a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_CODED = re.compile(r"x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})")


class Scanner:
    """Reads words from ``position`` on; ``limit`` is the end of the region that it may read."""

    def __init__(self, source: Source, position: int = 0, limit: int | None = None, depth: int = 0) -> None:
        self.source = source
        self.text = source.text
        self.position = position
        self.limit = len(source.text) if limit is None else limit
        self.depth = depth

    # -------------------------------------------------------------- looking

    def at(self, expected: str) -> bool:
        """Whether this text comes next."""
        return self.text.startswith(expected, self.position, self.limit)

    def take(self, expected: str) -> bool:
        """Go over this text, if it comes next."""
        found = self.at(expected)
        if found:
            self.position += len(expected)
        return found

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Go over what the pattern matches here, if it does."""
        found = pattern.match(self.text, self.position, self.limit)
        if found:
            self.position = found.end()
        return found

    @property
    def character(self) -> str:
        """The next character; empty at the end."""
        return self.text[self.position] if self.position < self.limit else ""

    def refuse(self, message: str, start: int | None = None) -> NoReturn:
        """Raise CommandLineError at this place, the current one if none is named."""
        start = self.position if start is None else start
        raise CommandLineError(message, Span(self.source, start, start + 1))

    def enter(self, start: int) -> None:
        """Go one level deeper; the caller goes back up by ``self.depth -= 1``."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse(f"more than {DEEPEST} shell constructs stand in one another here", start)

    def sequence(self) -> Sequence:
        """The commands that come next, up to what ends them; the grammar of commands provides it."""
        raise NotImplementedError

    # -------------------------------------------------------------- words

    def word(self, stop: str = METACHARACTERS, plain: re.Pattern[str] = _PLAIN, *, pattern: bool = False) -> Word:
        """The word that begins here, perhaps an empty one; in a ``pattern``, parentheses may belong to it."""
        start = self.position
        parts: list[Part] = []
        while self.position < self.limit:
            if pattern and self.match(_EXTENDED):
                parts.append(self._extended(self.position - 1))
            elif stop is METACHARACTERS and (self.at("<(") or self.at(">(")):
                parts.append(self._process())
            elif self.character in stop:
                break
            else:
                self._part(parts, plain)
        return Word(tuple(parts), start, self.position)

    def _part(self, parts: list[Part], plain: re.Pattern[str]) -> None:
        """Read one part outside of quotes."""
        start = self.position
        if found := self.match(plain):
            parts.append(Literal(found[0], start, quoted=False))
        elif self.match(_JOINED):
            pass
        elif self.take("\\"):
            parts.append(Literal(self.character or "\\", min(self.position, self.limit - 1), quoted=True))
            self.position = min(self.position + 1, self.limit)
        elif self.take("'"):
            parts.append(self._single(start))
        elif self.take('"'):
            parts.append(self._double(start))
        elif self.take("$'"):
            parts += self._coded(start)
        elif self.take('$"'):
            parts.append(self._double(start))
        elif self.character in "$`":
            parts.append(self._expansion(quoted=False))
        else:
            parts.append(Literal(self.character, start, quoted=False))
            self.position += 1

    def _single(self, start: int) -> Literal:
        end = self.text.find("'", self.position, self.limit)
        if end < 0:
            self.refuse("this quote is not closed", start)
        found = Literal(self.text[self.position : end], self.position, quoted=True)
        self.position = end + 1
        return found

    def _double(self, start: int) -> Quotes:
        self.enter(start)
        parts = self.quoted_parts('"', _IN_QUOTES)
        self.depth -= 1
        if not self.take('"'):
            self.refuse("this quote is not closed", start)
        return Quotes(parts, start, self.position)

    def quoted_parts(self, stop: str, plain: re.Pattern[str] = _IN_TEXT, escaped: str = '$`"\\') -> tuple[Part, ...]:
        """Parts as in double quotes: only ``$``, a back-quote and the backslash before some characters are special."""
        parts: list[Part] = []
        while self.position < self.limit and not (stop and self.character in stop):
            start = self.position
            if found := self.match(plain):
                parts.append(Literal(found[0], start, quoted=True))
            elif self.match(_JOINED):
                continue
            elif self.take("\\"):
                if self.character and self.character in escaped:
                    start = self.position
                    self.position += 1
                parts.append(Literal(self.text[start], start, quoted=True))
            elif self.take('"'):
                parts.append(self._double(start))
            else:
                parts.append(self._expansion(quoted=True))
        return tuple(parts)

    def _coded(self, start: int) -> list[Part]:
        r"""``$'a\tb'``: escapes as in C."""
        parts: list[Part] = [Literal("", self.position, quoted=True)]
        while not self.at("'"):
            place = self.position
            if not self.character:
                self.refuse("this quote is not closed", start)
            self.position += 1
            if self.text[place] != "\\":
                parts.append(Literal(self.text[place], place, quoted=True))
            elif found := self.match(_CODED):
                digits = found[found.lastindex or 0]
                code = int(digits, 8 if found.lastindex == 4 else 16)
                if not 0 < code < 0xD800:
                    self.refuse(f"the character {found[0]} cannot stand in a command line", place)
                parts.append(Literal(chr(code), place, quoted=True))
            else:
                character = self.character
                self.position += 1
                kept = character if character in "\\'\"?" else _ESCAPES.get(character, f"\\{character}")
                parts += [Literal(item, place, quoted=True) for item in kept]
        self.position += 1
        return parts

    def _extended(self, start: int) -> Opaque:
        """``@(a|b)``: a pattern of its own grammar."""
        depth = 0
        while self.character:
            depth += {"(": 1, ")": -1}.get(self.character, 0)
            self.position += 1
            if depth == 0:
                break
        return Opaque(f"what {self.text[start : self.position]} matches", start, self.position)

    def _process(self) -> Opaque:
        """``<(…)``: the name of a pipe."""
        start = self.position
        self.position += 2
        self._body(start)
        return Opaque(f"the pipe that {self.text[start : self.position]} is", start, self.position)

    # -------------------------------------------------------------- expansions

    def _expansion(self, *, quoted: bool) -> Part:
        start = self.position
        if self.at("`"):
            return self._backquoted()
        self.position += 1
        if self.at("(("):
            return self._calculation_or_commands(start)
        if self.take("("):
            return Substitution(self._body(start), start, self.position)
        if self.take("{"):
            self.enter(start)
            found = self._braced(start, quoted=quoted)
            self.depth -= 1
            return found
        if found_name := self.match(_NAME) or self.match(_SPECIAL):
            return Parameter(found_name[0], start, self.position)
        return Literal("$", start, quoted=quoted)

    def _body(self, start: int) -> Sequence:
        self.enter(start)
        body = self.sequence()
        self.depth -= 1
        if not self.take(")"):
            self.refuse("this parenthesis is not closed", start)
        return body

    def _calculation_or_commands(self, start: int) -> Part:
        """``$((1+1))``; ``$((a; b) | c)`` is a command substitution that begins with a subshell."""
        position, depth = self.position, self.depth
        self.position += 2
        expression = self.expression("))")
        if expression is not None:
            return Arithmetic(expression, start, self.position)
        self.position, self.depth = position + 1, depth
        return Substitution(self._body(start), start, self.position)

    def expression(self, closer: str) -> Word | None:
        """An arithmetic expression up to ``closer`` outside of its own parentheses; None if it does not come."""
        start, parts, depth = self.position, list[Part](), 0
        while self.character:
            if depth == 0 and self.at(closer):
                self.position += len(closer)
                return Word(tuple(parts), start, self.position - len(closer))
            if self.character in "();":
                depth += {"(": 1, ")": -1}.get(self.character, 0)
                if depth < 0:
                    return None
                parts.append(Literal(self.character, self.position, quoted=True))
                self.position += 1
            else:
                parts += self.quoted_parts("();", _IN_ARITHMETIC)
        return None

    def _backquoted(self) -> Part:
        start = self.position
        end = start + 1
        while end < self.limit and self.text[end] != "`":
            end += 2 if self.text[end] == "\\" else 1
        if end >= self.limit:
            self.refuse("this back-quote is not closed", start)
        self.position = end + 1
        if re.search(r"\\[\\$`]", self.text[start:end]):
            return Backquoted(re.sub(r"\\([\\$`])", r"\1", self.text[start + 1 : end]), start, end + 1)
        inner = self.within(start + 1, end)
        inner.enter(start)
        return Substitution(inner.program(), start, end + 1)

    def within(self, start: int, end: int) -> Scanner:
        """A reader of the same kind for a region of the text."""
        return type(self)(self.source, start, end, self.depth)

    def program(self) -> Sequence:
        """All commands up to the end."""
        raise NotImplementedError

    def _braced(self, start: int, *, quoted: bool) -> Part:
        indirect = bool(self.match(_INDIRECT))
        length = not indirect and bool(self.match(_LENGTH))
        found = self.match(_PARAMETER)
        if not found:
            self.refuse("this is no parameter that a shell could expand", start)
        index = self.index() if self.take("[") else None
        operator = "" if self.at("}") else self._operator(start)
        plain = _IN_QUOTED_BRACES if quoted and operator[-1:] in "-=?+" else _IN_BRACES
        argument = second = None
        if operator:
            argument = self._argument(operator, plain)
            if operator[0] in "/:" and operator[-1:] in "/:#%" and self.match(_SEPARATOR):
                second = self._argument("", plain)
        if not self.take("}"):
            self.refuse("this brace is not closed", start)
        return Parameter(found[0], start, self.position, index, operator, argument, second, length, indirect)

    def _operator(self, start: int) -> str:
        found = self.match(_OPERATOR)
        if not found:
            self.refuse("this brace is not closed, or what stands in it is no expansion", start)
        return found[0]

    def index(self) -> Word:
        """The index behind a ``[``, and its bracket."""
        start = self.position
        index = self.word("]", _IN_INDEX)
        if not self.take("]"):
            self.refuse("this bracket is not closed", start - 1)
        return index

    def _argument(self, operator: str, plain: re.Pattern[str]) -> Word:
        start = self.position
        if plain is _IN_QUOTED_BRACES:
            return Word(self.quoted_parts("}", plain, '$`"\\}'), start, self.position)
        if operator == ":" or operator[:1] == "/":
            return self.word(f"}}{operator[0]}", _IN_SLICES[operator[0]])
        return self.word("}", plain)
