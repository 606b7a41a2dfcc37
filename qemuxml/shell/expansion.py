"""Expansion of words: ``-drive file="$DIR"/a.img`` becomes texts of which every character knows where it stands.

Nothing is looked up outside of the script. What only a running shell knows raises NotKnownError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Protocol

from qemuxml.cmdline.arity import takes_value
from qemuxml.errors import CommandLineError
from qemuxml.shell.arithmetic import NoNumberError, calculate, number
from qemuxml.shell.braces import MOST, TooManyError, alternatives
from qemuxml.shell.context import Context
from qemuxml.shell.parameters import Expanded, Parameters
from qemuxml.shell.patterns import Piece
from qemuxml.shell.syntax import Arithmetic, Backquoted, Literal, Opaque, Parameter, Part, Quotes, Substitution, Word
from qemuxml.shell.values import Array, NotKnownError, Run, Text, Unknown, computed, known

_GLOB = re.compile(r"[*?]|\[[^\]]+\]")
_TILDE = re.compile(r"~([^/:]*)")
_NUMBER = re.compile(r"[-+]?(?:0[xX][0-9A-Fa-f]+|[0-9]+(?:#[0-9A-Za-z]+)?)")
_DEEPEST = 20
"""Variables whose values are expressions with variables, in one another."""
_ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")


def _awaits_value(word: str) -> bool:
    """Whether it is an option that takes the next word."""
    return word.startswith("-") and bool(takes_value(word.lstrip("-")))


class _Sink(Protocol):
    """Where expanded characters go: fields, one text, or a pattern."""

    def add(self, text: Text, *, quoted: bool, literal: bool) -> None: ...

    def separate(self) -> None: ...


class _Fields:
    """The words that one word becomes."""

    def __init__(self, word: Word, separators: str) -> None:
        self.word = word
        self.found: list[Text] = []
        self.wild = False
        self._parts: list[Text] | None = None
        blank = re.escape("".join(character for character in separators if character in " \t\n"))
        other = re.escape("".join(character for character in separators if character not in " \t\n"))
        self._blank = rf"[{blank}]+" if blank else "(?!)"
        around = rf"[{blank}]*" if blank else ""
        self._delimiter = re.compile((rf"({around}[{other}]{around})|" if other else "((?!))|") + self._blank)

    def add(self, text: Text, *, quoted: bool, literal: bool) -> None:
        self.wild = self.wild or (not quoted and bool(_GLOB.search(str(text))))
        if not quoted and not literal:
            self._split(text)
        elif quoted or text.runs:
            self._append(text)

    def separate(self) -> None:
        if self._parts is not None:
            self.found.append(self._joined(self._parts))
            self._parts = None

    def _append(self, text: Text) -> None:
        if self._parts is None:
            self._parts = []
        self._parts.append(text)

    def _split(self, text: Text) -> None:
        characters, position = str(text), 0
        for delimiter in self._delimiter.finditer(characters):
            self._append_cut(text, position, delimiter.start())
            if delimiter[1] is not None and self._parts is None:
                self._parts = []
            self.separate()
            position = delimiter.end()
        self._append_cut(text, position, len(characters))

    def _append_cut(self, text: Text, start: int, end: int) -> None:
        if start < end:
            cut = text.cut(start, end) if (start, end) != (0, len(str(text))) else text
            self._append(cut.at_own_place())

    def _joined(self, parts: list[Text]) -> Text:
        """A word that is an element of an array, or a piece of one value, stands where that is written."""
        only = parts[0] if len(parts) == 1 else None
        start, end = (only.start, only.end) if only else (self.word.start, self.word.end)
        return Text(tuple(run for part in parts for run in part.runs), start, end)


class _Flat:
    """One text, never split."""

    def __init__(self) -> None:
        self.runs: list[Run] = []

    def add(self, text: Text, *, quoted: bool, literal: bool) -> None:  # noqa: ARG002 - it is all the same here
        self.runs += text.runs

    def separate(self) -> None:
        self.runs.append(Run(" ", self.runs[-1].place if self.runs else 0, computed=True))


class _Pattern:
    """A pattern: unquoted characters may be wild."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []

    def add(self, text: Text, *, quoted: bool, literal: bool) -> None:  # noqa: ARG002 - as above
        self.pieces.append((str(text), quoted))

    def separate(self) -> None:
        self.pieces.append((" ", True))


class Expander:
    """Expands words in the state of a context; ``substitute`` gives the output of commands."""

    def __init__(self, context: Context, substitute: Callable[[Substitution | Backquoted], Text]) -> None:
        self.context = context
        self.substitute = substitute
        self.parameters = Parameters(context, self.text, self.pattern, self.number)
        self._depth = 0
        self.previous = ""
        """The word before the one that is expanded, as it is written."""

    # -------------------------------------------------------------- what a caller may want of a word

    def fields(self, word: Word) -> list[Text]:
        """The words that a word becomes: none, one or more."""
        try:
            return [field for alternative in alternatives(word) for field in self._fields(alternative)]
        except TooManyError:
            place = self.context.span(word.start, word.end)
            raise CommandLineError(f"these braces stand for more than {MOST} words", place) from None

    def _fields(self, word: Word) -> list[Text]:
        sink = _Fields(word, self._separators())
        self._emit(self._without_tilde(word.parts, colons=False), sink)
        sink.separate()
        if sink.wild:
            self._refuse_names(word, sink.found)
        return [self.context.checked(field) for field in sink.found]

    def text(self, word: Word) -> Text:
        """The word as one text: a value, the subject of a case."""
        sink = _Flat()
        self._emit(self._without_tilde(word.parts, colons=True), sink)
        return self.context.checked(Text(tuple(sink.runs), word.start, word.end))

    def pattern(self, word: Word) -> tuple[Piece, ...]:
        """The word as a pattern."""
        sink = _Pattern()
        self._emit(word.parts, sink)
        return tuple(sink.pieces)

    def number(self, word: Word) -> int:
        """The word as an arithmetic expression. Raises CommandLineError for one without a value."""
        return self.computed(self.text(word))

    def computed(self, text: Text) -> int:
        """The value of a text that is an arithmetic expression. Raises CommandLineError for one without a value."""
        self.context.spend(len(str(text)), text.start)
        try:
            return calculate(str(text), lambda name: self._variable(name, text), lambda name, value: self._set(name, value, text))
        except NoNumberError as error:
            shown = self.context.shown(text.start, text.end)
            raise CommandLineError(f"'{shown}' cannot be computed: {error}", self.context.span(text.start, text.end)) from None

    # -------------------------------------------------------------- parts

    def _emit(self, parts: Iterable[Part], sink: _Sink, *, quoted: bool = False, nested: bool = False) -> None:
        parts = tuple(parts)
        for place, part in enumerate(parts):
            match part:
                case Literal():
                    end = part.start + len(part.text)
                    text = Text((Run(part.text, part.start),) if part.text else (), part.start, end)
                    sink.add(text, quoted=quoted or part.quoted, literal=not nested)
                case Quotes(parts=()):
                    sink.add(Text((), part.start, part.end), quoted=True, literal=True)
                case Quotes():
                    self._emit(part.parts, sink, quoted=True)
                case Parameter():
                    self.parameters.optional = self._may_be_left_out(parts, place, sink, quoted=quoted)
                    self._emit_parameter(part, sink, quoted=quoted)
                case Arithmetic():
                    text = computed(str(self.number(part.expression)), part.start, part.end)
                    sink.add(text, quoted=quoted, literal=False)
                case Substitution() | Backquoted():
                    sink.add(self.substitute(part), quoted=quoted, literal=False)
                case Opaque():
                    raise NotKnownError(Unknown(part.what, part.start, part.end))

    def _may_be_left_out(self, parts: tuple[Part, ...], place: int, sink: _Sink, *, quoted: bool) -> bool:
        """Whether a parameter stands alone between blanks, and is no option's value: ``kvm -s $DEBUG``, ``"$OPTS $DEBUG"``."""
        before, behind = parts[place - 1] if place else None, parts[place + 1] if place + 1 < len(parts) else None
        around = [part.text if isinstance(part, Literal) else "x" for part in (before, behind) if part is not None]
        if not quoted:
            return isinstance(sink, _Fields) and not around and not _awaits_value(self.previous)
        said = around[0] if before is not None else " "
        alone = said[-1:] in " \n\t" and (behind is None or around[-1][:1] in " \n\t")
        last = said.split()[-1:]
        return bool(around) and alone and not (last and _awaits_value(last[0]))

    def _emit_parameter(self, part: Parameter, sink: _Sink, *, quoted: bool) -> None:
        found = self.parameters.expanded(part)
        if found.instead is not None:
            if quoted and not found.instead.parts:
                sink.add(Text((), part.start, part.end), quoted=True, literal=True)
            self._emit(self._without_tilde(found.instead.parts, colons=False), sink, quoted=quoted, nested=True)
        elif found.joined and quoted:
            sink.add(self._together(found, part), quoted=True, literal=False)
        else:
            for position, text in enumerate(found.texts):
                if position:
                    sink.separate()
                sink.add(text, quoted=quoted, literal=False)

    def _together(self, found: Expanded, part: Parameter) -> Text:
        """``"$*"``: the words with the first separator between them."""
        separator = Run(self._separators()[:1], part.start, computed=True)
        runs: list[Run] = []
        for position, text in enumerate(found.texts):
            runs += [separator, *text.runs] if position and separator.text else text.runs
        return Text(tuple(runs), part.start, part.end)

    def _separators(self) -> str:
        value = self.context.state.get("IFS")
        if value is None or isinstance(value, Array):
            return " \t\n"
        return str(known(value))

    def _refuse_names(self, word: Word, fields: list[Text]) -> None:
        """File names that a pattern stands for are known only where the script runs; ``file=*`` and JSON are none."""
        if any(not re.search(r"[=,:{]", str(field)) and re.search(r"[*?]", str(field)) for field in fields):
            shown = self.context.shown(word.start, word.end)
            raise NotKnownError(Unknown(f"the file names that {shown} stands for", word.start, word.end))

    # -------------------------------------------------------------- tildes

    def _without_tilde(self, parts: tuple[Part, ...], *, colons: bool) -> tuple[Part, ...]:
        """``~`` at the start, behind the ``=`` of ``NAME=~``, and in a value behind a colon."""
        first = parts[0] if parts else None
        if not isinstance(first, Literal) or first.quoted or "~" not in first.text:
            return parts
        text = first.text
        position = text.find("~")
        before = text[:position]
        if before and not (before.endswith(":") if colons else _ASSIGNED.fullmatch(before)):
            return parts
        found = _TILDE.match(text, position)
        whole = found is not None and (found.end() < len(text) or len(parts) == 1)
        if found is None or not whole:
            return parts
        start, end = first.start + position, first.start + found.end()
        if found[1]:
            home: Part = Opaque(f"the folder {found[0]}", start, end)
        else:
            home = Quotes((Parameter("HOME", start, end),), start, end)
        kept = [Literal(before, first.start, quoted=False)] if before else []
        rest = [Literal(text[found.end() :], end, quoted=False)] if found.end() < len(text) else []
        return (*kept, home, *rest, *parts[1:])

    # -------------------------------------------------------------- arithmetic

    def _variable(self, name: str, where: Text) -> int:
        """The number in a variable or in an element of an array; what is no number is an expression in its turn."""
        name, bracket, index = name.partition("[")
        value: Text | Unknown | None
        array = self.context.state.get(name) if bracket else None
        if isinstance(array, Array):
            value = array.get(self._index(array, index[:-1], where))
        else:
            value = self.parameters.scalar(name, where.start, where.end)
        if isinstance(value, Unknown) and self.context.deciding and self.context.suppose(value):
            value = None
        if value is None:
            return 0
        text = str(known(value))
        if text.strip() and not _NUMBER.fullmatch(text.strip()) and text.strip() != name:
            self._depth += 1
            if self._depth > _DEEPEST:
                raise NoNumberError(f"'{name}' refers to itself")
            result = calculate(text, lambda inner: self._variable(inner, where), lambda inner, new: self._set(inner, new, where))
            self._depth -= 1
            return result
        return number(text)

    def _index(self, array: Array, index: str, where: Text) -> int | str:
        if array.keyed:
            return index
        place = calculate(index, lambda name: self._variable(name, where), lambda name, value: self._set(name, value, where))
        return place if place >= 0 or not array.items else int(array.items[-1][0]) + 1 + place

    def _set(self, name: str, value: int, where: Text) -> None:
        state, result = self.context.state, computed(str(value), where.start, where.end)
        name, bracket, index = name.partition("[")
        old = state.get(name)
        if not bracket:
            state.put(name, old.put(0, result) if isinstance(old, Array) else result)
        elif isinstance(old, Unknown):
            raise NotKnownError(old)
        else:
            array = old if isinstance(old, Array) else Array(((0, old),)) if old is not None else Array()
            state.put(name, array.put(self._index(array, index[:-1], where), result))
