"""What variables hold: ``MEM=512``, ``ARGS+=(-m "$MEM")``, ``DISKS[2]=a.img``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.record import replace
from qemuxml.shell.context import FIELD
from qemuxml.shell.evaluation.streams import Streams
from qemuxml.shell.syntax import Assignment, Literal, Parameter, Quotes, Word
from qemuxml.shell.values import Array, NotKnownError, Text, Unknown, Value, computed, joined


def _parameters(word: Word) -> Iterator[Parameter]:
    """The parameters that a word expands, in quotes too."""
    pending = list(word.parts)
    while pending:
        part = pending.pop()
        if isinstance(part, Parameter):
            yield part
        elif isinstance(part, Quotes):
            pending += part.parts


class Assignments(Streams):
    """Gives variables their values."""

    def words(self, words: tuple[Word, ...]) -> list[Text | Unknown]:
        """The words of a command; one that cannot be known stands for itself."""
        found: list[Text | Unknown] = []
        for previous, word in zip((None, *words), words, strict=False):
            found += self._fields(word, previous)
        return found

    def _fields(self, word: Word, previous: Word | None) -> list[Text | Unknown]:
        self.expander.previous = (previous.bare or "") if previous else ""
        try:
            return [*self.expander.fields(word)]
        except NotKnownError as error:
            first = word.parts[0]
            return [replace(error.unknown, begins=first.text) if isinstance(first, Literal) else error.unknown]
        finally:
            self.expander.previous = ""

    def assignment(self, node: Assignment, *, here: bool = False) -> None:
        """``NAME=value``; ``here`` is in the innermost function."""
        old = self.state.frame.variables.get(node.name) if here else self.state.get(node.name)
        if old is None and node.append and not here and not self.state.is_mentioned(node.name):
            old = self.context.given(node.name, node.start, node.end)
        if old is None and isinstance(node.value, Word) and not self.state.is_mentioned(node.name):
            self._suppose_start(node.name, node.value)
        value: Value | None
        if isinstance(node.value, tuple):
            value = self._array(node, old)
        elif node.value is not None:
            value = self._scalar(node, node.value, old)
        else:
            value = old
        self.assign(node.name, value, here=here)

    def _suppose_start(self, name: str, word: Word) -> None:
        """``OPTS="$OPTS -snapshot"`` begins with nothing, unless the caller has given something."""
        for part in _parameters(word):
            if part.name == name and not part.operator:
                value = self.expander.parameters.scalar(name, part.start, part.end)
                if isinstance(value, Unknown) and self.context.suppose(value):
                    self.state.put(name, None)

    def assign(self, name: str, value: Value | None, *, here: bool = False) -> None:
        """Give a variable a value; where that is not known, the caller's counts."""
        if isinstance(value, Unknown):
            value = self.context.given(name, value.start, value.end) or value.of(name)
        if here:
            self.state.frame.variables[name] = value
            self.state.frame.references.pop(name, None)
        else:
            self.state.put(name, value)

    def _scalar(self, node: Assignment, word: Word, old: Value | None) -> Value:
        value = self.value(word)
        if node.index is not None:
            return self._element(node.index, value, old, append=node.append)
        if node.name in self.state.integers:
            return self._number(value, old if node.append else None)
        if isinstance(old, Array):
            return old.put(0, value)
        if not node.append or old is None:
            return value
        if isinstance(old, Unknown) or isinstance(value, Unknown):
            return old if isinstance(old, Unknown) else value
        return self.context.checked(joined([old, value], word.start, word.end))

    def _number(self, value: Text | Unknown, old: Value | None) -> Text | Unknown:
        """What a variable that holds numbers is given; the old number is added to it if there is one."""
        if isinstance(value, Unknown) or isinstance(old, Unknown):
            return old if isinstance(old, Unknown) else value
        try:
            before = self.expander.computed(old) if isinstance(old, Text) else 0
            return computed(str(before + self.expander.computed(value)), value.start, value.end)
        except NotKnownError as error:
            return error.unknown

    def _element(self, index: Word, value: Text | Unknown, old: Value | None, *, append: bool) -> Value:
        if isinstance(old, Unknown):
            return old
        array = old if isinstance(old, Array) else Array(((0, old),)) if old is not None else Array()
        try:
            key = self.expander.parameters.key(array, index)
        except NotKnownError as error:
            return error.unknown
        self.context.spend(FIELD + len(array.items), index.start)
        before = array.get(key)
        if append and isinstance(before, Text) and isinstance(value, Text):
            value = joined([before, value], value.start, value.end)
        return array.put(key, value)

    def value(self, word: Word) -> Text | Unknown:
        """A value; it is as empty as a variable that nobody has given only where it is nothing but that."""
        deciding, self.context.deciding = self.context.deciding, False
        try:
            return self.expander.text(word)
        except NotKnownError as error:
            unknown = error.unknown
            if unknown.unset and not self._is_lone_parameter(word):
                return Unknown(unknown.what, unknown.start, unknown.end, unknown.name)
            return unknown
        finally:
            self.context.deciding = deciding

    @staticmethod
    def _is_lone_parameter(word: Word) -> bool:
        parts = word.parts
        while len(parts) == 1 and isinstance(parts[0], Quotes):
            parts = parts[0].parts
        return len(parts) == 1 and isinstance(parts[0], Parameter)

    def _array(self, node: Assignment, old: Value | None) -> Value:
        if isinstance(old, Unknown) and node.append:
            return old
        keyed = isinstance(old, Array) and old.keyed
        array = Array(keyed=keyed)
        if node.append:
            array = old if isinstance(old, Array) else Array(((0, old),)) if isinstance(old, Text) else array
        assert isinstance(node.value, tuple)  # noqa: S101 - the caller has looked
        previous: Word | None = None
        for element in node.value:
            self.context.spend(1 + len(array.items) // 8, node.start)
            if element.key is not None:
                found = self._element(element.key, self.value(element.value), array, append=False)
                if not isinstance(found, Array):
                    return found
                array = found
            else:
                array = array.extended(self._fields(element.value, previous))
            previous = element.value
        return array
