"""Parameter expansion: ``${MEM:-512}``, ``${IMG%.*}``, ``${#disks[@]}``, ``${args[@]:1}``, ``$1``, ``"$@"``."""

from __future__ import annotations

import re
from collections.abc import Callable

from qemuxml.record import record
from qemuxml.shell.context import Context
from qemuxml.shell.patterns import Piece, compiled, is_plain
from qemuxml.shell.syntax import Parameter, Word
from qemuxml.shell.values import Array, NotKnownError, Text, Unknown, Value, computed, joined, known

DYNAMIC = frozenset(
    [
        "BASHPID", "BASH_VERSINFO", "BASH_VERSION", "EPOCHREALTIME", "EPOCHSECONDS", "EUID", "FUNCNAME", "GROUPS", "HOSTNAME",
        "HOSTTYPE", "LINENO", "MACHTYPE", "PPID", "RANDOM", "SECONDS", "SHELLOPTS", "SHLVL", "SRANDOM", "UID",
    ]
)  # fmt: skip
"""Variables that a shell sets itself."""

LINUX = "the host is taken for one with Linux"
"""What is told where a script asks for its system: libvirt runs QEMU on Linux."""

_CHANGES_CASE = {"^^": str.upper, ",,": str.lower}


@record(frozen=True)
class Expanded:
    """What a parameter becomes: texts, or the word that stands in for it; ``joined`` are one word in quotes (``"$*"``)."""

    texts: tuple[Text, ...] = ()
    joined: bool = False
    instead: Word | None = None


@record(frozen=True)
class _Base:
    """The parameter's own value before its operator: one value, or a list."""

    values: tuple[Text | Unknown | None, ...]
    many: bool = False
    joined: bool = False


class Parameters:
    """Expands parameters in the state of a context; words within them are expanded by the functions that are given."""

    def __init__(
        self,
        context: Context,
        text: Callable[[Word], Text],
        pattern: Callable[[Word], tuple[Piece, ...]],
        number: Callable[[Word], int],
    ) -> None:
        self.context = context
        self._text = text
        self._pattern = pattern
        self._number = number
        self.optional = False
        """Whether a parameter that the script itself has not set may be left out: ``kvm -m 512 $DEBUG``."""

    # -------------------------------------------------------------- values

    def scalar(self, name: str, start: int, end: int) -> Text | Unknown | None:
        """The value of a variable or a special parameter; None if the script has unset it."""
        if name.isdigit():
            return self._argument(int(name), start, end)
        special = self._special(name, start, end)
        if special is not None:
            return special
        state = self.context.state
        if name == "OPTIND" and not state.is_mentioned(name):
            return computed("1", start, end)
        if state.is_mentioned(name):
            value = state.get(name)
            return value.get(0) if isinstance(value, Array) else value
        return self._foreign(name, start, end)

    def _foreign(self, name: str, start: int, end: int) -> Text | Unknown:
        """A variable that the script does not set: the caller's."""
        if told := self.context.given(name, start, end):
            return told
        if name == "PWD":
            folder = self.context.state.folder
            return folder if isinstance(folder, Unknown) else computed(folder, start, end)
        if name == "BASH_SOURCE":
            return computed(self.context.script, start, end)
        if name == "OSTYPE":
            self.context.note(LINUX, start, end)
            return computed("linux-gnu", start, end)
        if name in DYNAMIC:
            return Unknown(f"the shell's {name}", start, end, name)
        return Unknown(f"{name} of the environment", start, end, name, unset=True, own=name in self.context.assigned)

    def _special(self, name: str, start: int, end: int) -> Text | Unknown | None:
        if name == "#":
            arguments = self.arguments(start, end)
            return computed(str(len(arguments)), start, end)
        if name == "?":
            status = self.context.state.status
            return status if isinstance(status, Unknown) else computed("0" if status else "1", start, end)
        if name in "$!-":
            return Unknown(f"${name}, a number that each run has anew", start, end)
        return None

    def _argument(self, number: int, start: int, end: int) -> Text | Unknown | None:
        if number == 0:
            return computed(self.context.script, start, end)
        frame = self.context.state.frame
        if frame.arguments is not None:
            return frame.arguments[number - 1] if number <= len(frame.arguments) else None
        return self.context.given(str(number), start, end) or Unknown(
            f"argument {number} of the {'script' if len(self.context.state.frames) == 1 else 'function'}",
            start, end, str(number), unset=True,
        )  # fmt: skip

    def arguments(self, start: int, end: int) -> tuple[Text | Unknown, ...]:
        """``"$@"``. Arguments of the script that nobody has given are supposed to be none. Raises NotKnownError."""
        frame = self.context.state.frame
        if frame.arguments is not None:
            return frame.arguments
        given: list[Text] = []
        while told := self.context.given(str(len(given) + 1), start, end):
            given.append(told)
        whose = "script" if len(self.context.state.frames) == 1 else "function"
        unknown = Unknown(f"the arguments of the {whose}", start, end, "1", unset=True)
        if not given and not self.context.suppose(unknown):
            raise NotKnownError(unknown)
        return tuple(given)

    def _base(self, node: Parameter) -> _Base:
        if node.name in ("@", "*"):
            return _Base(self.arguments(node.start, node.end), many=True, joined=node.name == "*")
        if node.index is None or node.name == "BASH_SOURCE":
            return _Base((self.scalar(node.name, node.start, node.end),))
        value = self._array(node)
        subscript = node.index.bare
        if subscript in ("@", "*"):
            return _Base(value.values, many=True, joined=subscript == "*")
        return _Base((value.get(self.key(value, node.index)),))

    def _array(self, node: Parameter) -> Array:
        state = self.context.state
        value: Value | None = (
            state.get(node.name) if state.is_mentioned(node.name) else self._foreign(node.name, node.start, node.end)
        )
        if isinstance(value, Array):
            return value
        if isinstance(value, Unknown):
            if self.context.deciding and self.context.suppose(value):
                return Array()
            raise NotKnownError(value)
        return Array() if value is None else Array(((0, value),))

    def key(self, array: Array, index: Word) -> int | str:
        """The index as the array has it; a negative one counts from the end."""
        if array.keyed:
            return str(self._text(index))
        number = self._number(index)
        return number if number >= 0 or not array.items else int(array.items[-1][0]) + 1 + number

    # -------------------------------------------------------------- the whole expansion

    def expanded(self, node: Parameter) -> Expanded:
        """What the parameter becomes. Raises NotKnownError."""
        if node.indirect:
            return self._indirect(node)
        base = self._base(node)
        if node.length:
            return Expanded((self._length(base, node),))
        if node.operator[-1:] in ("-", "=", "?", "+") and node.operator:
            return self._alternative(base, node)
        texts = tuple(self._value(value, node) for value in base.values)
        if node.operator == ":":
            texts = self._sliced(texts, node, many=base.many)
        elif node.operator:
            texts = tuple(self._changed(text, node) for text in texts)
        return Expanded(texts, joined=base.joined)

    def _value(self, value: Text | Unknown | None, node: Parameter) -> Text:
        """A value as a text; one that nobody has given is empty in a condition, and where it stands for words of its own."""
        if (
            isinstance(value, Unknown)
            and (self.context.deciding or (self.optional and value.own))
            and self.context.suppose(value)
        ):
            value = None
        return Text((), node.start, node.end) if value is None else known(value)

    def _length(self, base: _Base, node: Parameter) -> Text:
        # An element that is not known may be several: only known ones can be counted.
        length = len([self._value(value, node) for value in base.values])
        if not base.many:
            length = len(str(self._value(base.values[0], node)))
        return computed(str(length), node.start, node.end)

    def _indirect(self, node: Parameter) -> Expanded:
        """``${!NAME}``: the variable whose name NAME holds; ``${!NAME[@]}``: the indices of an array."""
        if node.index is not None and node.index.bare in ("@", "*"):
            keys = [key for key, _ in self._array(node).items]
            return Expanded(tuple(computed(str(key), node.start, node.end) for key in keys), joined=node.index.bare == "*")
        if node.operator in ("@", "*"):
            names = (computed(name, node.start, node.end) for name in self.context.state.names() if name.startswith(node.name))
            return Expanded(tuple(names), joined=node.operator == "*")
        name = str(self._value(self.scalar(node.name, node.start, node.end), node))
        found = re.fullmatch(r"([A-Za-z_]\w*)(\[[@*]\])?", name)
        if not found:
            raise NotKnownError(Unknown(f"what {self.context.shown(node.start, node.end)} names", node.start, node.end))
        if found[2]:
            array = self._array(Parameter(found[1], node.start, node.end))
            return Expanded(tuple(known(value) for value in array.values))
        return self.expanded(
            Parameter(found[1], node.start, node.end, None, node.operator, node.argument, node.second, node.length)
        )

    # -------------------------------------------------------------- operators

    def _alternative(self, base: _Base, node: Parameter) -> Expanded:
        """``-``, ``=``, ``?`` and ``+``, with a colon where an empty value counts as none."""
        values = [None if isinstance(value, Unknown) and value.unset else value for value in base.values]
        missing = all(value is None for value in values)
        if node.operator[0] == ":" and not missing and not any(isinstance(value, Unknown) for value in values):
            missing = not any(value is not None and value.runs for value in values if not isinstance(value, Unknown))
        kind = node.operator[-1]
        if kind == "+":
            return Expanded((Text((), node.start, node.end),)) if missing else Expanded(instead=node.argument)
        if not missing:
            return Expanded(tuple(self._value(value, node) for value in values), joined=base.joined)
        if kind == "?":
            return self._demanded(base, node)
        if kind == "=" and node.argument and not base.many:
            text = self._text(node.argument)
            self.context.state.put(node.name, text)
            return Expanded((text,))
        return Expanded(instead=node.argument)

    def _demanded(self, base: _Base, node: Parameter) -> Expanded:
        """``${NAME:?message}``: the shell would stop here; the guest ran, so the caller has given it."""
        for value in base.values:
            if isinstance(value, Unknown):
                raise NotKnownError(value)
        raise NotKnownError(Unknown(f"{node.name} of the environment", node.start, node.end, node.name))

    def _sliced(self, texts: tuple[Text, ...], node: Parameter, *, many: bool) -> tuple[Text, ...]:
        """``${NAME:offset:length}``, of a list its elements."""
        offset = self._number(node.argument) if node.argument else 0
        length = self._number(node.second) if node.second else None
        if many:
            if node.name in ("@", "*"):
                texts = (computed(self.context.script, node.start, node.end), *texts)
            first, last = self._bounds(len(texts), offset, length)
            return texts[first:last]
        text = texts[0]
        return (text.cut(*self._bounds(len(str(text)), offset, length)),)

    @staticmethod
    def _bounds(size: int, offset: int, length: int | None) -> tuple[int, int]:
        first = offset if offset >= 0 else size + offset
        if first < 0 or first > size:
            return 0, 0
        last = size if length is None else first + length if length >= 0 else size + length
        return first, max(first, min(last, size))

    def _changed(self, text: Text, node: Parameter) -> Text:
        operator = node.operator
        if operator[0] in "#%":
            return self._stripped(text, node)
        if operator[0] == "/":
            return self._replaced(text, node)
        if operator[0] in "^,":
            return self._recased(text, node)
        if operator == "@" and node.argument and node.argument.bare in ("U", "L"):
            change = str.upper if node.argument.bare == "U" else str.lower
            return computed(change(str(text)), node.start, node.end)
        raise NotKnownError(Unknown(f"what {self.context.shown(node.start, node.end)} gives", node.start, node.end))

    def _pieces(self, word: Word | None) -> tuple[Piece, ...]:
        return self._pattern(word) if word else ()

    def _stripped(self, text: Text, node: Parameter) -> Text:
        """``#`` and ``##`` take a prefix away, ``%`` and ``%%`` a suffix: the shortest or the longest."""
        pieces, characters = self._pieces(node.argument), str(text)
        size = len(characters)
        front, longest = node.operator[0] == "#", len(node.operator) == 2
        if is_plain(pieces):
            fixed = "".join(piece for piece, _ in pieces)
            found = characters.startswith(fixed) if front else characters.endswith(fixed)
            lengths = [len(fixed)] if found else []
        else:
            self.context.spend(size * size, node.start)
            matches = compiled(pieces).fullmatch
            sizes = range(size, -1, -1) if longest else range(size + 1)
            parts = (length for length in sizes if matches(characters[:length] if front else characters[size - length :]))
            lengths = [length for length in [next(parts, None)] if length is not None]
        if not lengths:
            return text
        return text.cut(lengths[0], size) if front else text.cut(0, size - lengths[0])

    def _replaced(self, text: Text, node: Parameter) -> Text:
        """``${NAME/pattern/replacement}``; ``//`` replaces all, ``/#`` at the start, ``/%`` at the end."""
        characters = str(text)
        pieces = self._pieces(node.argument)
        replacement = self._text(node.second) if node.second else Text((), node.start, node.end)
        if not any(piece for piece, _ in pieces):
            around = {"/#": [replacement, text], "/%": [text, replacement]}.get(node.operator, [text])
            return joined(around, text.start, text.end)
        parts, last = [], 0
        for start, end in self._matches(characters, pieces, node):
            parts += [text.cut(last, start), replacement]
            last = end
        return joined([*parts, text.cut(last, len(characters))], text.start, text.end)

    def _matches(self, characters: str, pieces: tuple[Piece, ...], node: Parameter) -> list[tuple[int, int]]:
        """Where the pattern matches, the longest match at each place."""
        size, found, start = len(characters), list[tuple[int, int]](), 0
        plain = "".join(piece for piece, _ in pieces) if is_plain(pieces) else None
        matches = compiled(pieces).fullmatch
        if not size and matches(""):
            return [(0, 0)]
        while start < size:
            if plain is not None:
                end = self._plain_end(characters, plain, start)
                start = end - len(plain) if end >= 0 else size
            else:
                self.context.spend((size - start) ** 2 + 1, node.start)
                end = next((end for end in range(size, start, -1) if matches(characters, start, end)), -1)
            if node.operator == "/#" and start > 0:
                break
            if end >= 0 and (node.operator != "/%" or end == size):
                found.append((start, end))
                if node.operator != "//":
                    break
                start = end
            else:
                start += 1
        return found

    @staticmethod
    def _plain_end(characters: str, plain: str, start: int) -> int:
        place = characters.find(plain, start)
        return place + len(plain) if place >= 0 else -1

    def _recased(self, text: Text, node: Parameter) -> Text:
        characters = str(text)
        change = str.upper if node.operator[0] == "^" else str.lower
        if node.argument and node.argument.parts:
            raise NotKnownError(Unknown(f"what {self.context.shown(node.start, node.end)} gives", node.start, node.end))
        if node.operator in _CHANGES_CASE:
            return computed(change(characters), node.start, node.end)
        return joined(
            [computed(change(characters[:1]), node.start, node.end), text.cut(1, len(characters))], text.start, text.end
        )
