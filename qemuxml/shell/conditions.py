"""Tests: ``[ -z "$MEM" ]``, ``[[ $arch == x86* ]]``. True, false, or what one would have to know to say."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Sequence

from qemuxml.shell.arithmetic import NoNumberError, number
from qemuxml.shell.context import Context
from qemuxml.shell.expansion import Expander
from qemuxml.shell.patterns import Piece, compiled, is_plain
from qemuxml.shell.syntax import Check, Junction, Word
from qemuxml.shell.values import Array, NotKnownError, Text, Truth, Unknown, computed

_NUMBERS: dict[str, Callable[[int, int], bool]] = {
    "-eq": operator.eq, "-ne": operator.ne, "-lt": operator.lt, "-le": operator.le, "-gt": operator.gt, "-ge": operator.ge,
}  # fmt: skip
_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "=": operator.eq, "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
_FILES = {
    "-d": "is a folder", "-f": "is a file", "-r": "can be read", "-w": "can be written", "-x": "can be executed",
    "-s": "has something in it", "-t": "is a terminal", "-L": "is a symbolic link", "-h": "is a symbolic link",
    "-b": "is a block device", "-c": "is a character device", "-p": "is a pipe", "-S": "is a socket",
}  # fmt: skip
_LONGEST_SUBJECT = 256
"""Characters that a regular expression is tried on: a bad one may take very long."""


def negated(truth: Truth) -> Truth:
    """The opposite; what is not known stays so."""
    return truth if isinstance(truth, Unknown) else not truth


def every(truths: Iterable[Truth]) -> Truth:
    """Whether all hold: no as soon as one does not, whatever the others may be."""
    doubt = None
    for truth in truths:
        if truth is False:
            return False
        if isinstance(truth, Unknown):
            doubt = doubt or truth
    return doubt or True


def some(truths: Iterable[Truth]) -> Truth:
    """Whether at least one holds."""
    return negated(every(negated(truth) for truth in truths))


class Conditions:
    """Decides tests in the state of a context."""

    def __init__(self, context: Context, expander: Expander) -> None:
        self.context = context
        self.expander = expander

    # -------------------------------------------------------------- [[ … ]]

    def holds(self, node: Check | Junction) -> Truth:
        """Whether the expression holds."""
        try:
            if isinstance(node, Check):
                return self._check(node)
        except NotKnownError as error:
            return error.unknown
        if node.operator == "!":
            return negated(self.holds(node.operands[0]))
        truths = (self.holds(operand) for operand in node.operands)
        return every(truths) if node.operator == "&&" else some(truths)

    def _check(self, node: Check) -> Truth:
        if node.operator == "-v":
            return self.is_set(str(self.expander.text(node.operands[0])), node.start, node.end)
        left = self.expander.text(node.operands[0])
        if len(node.operands) == 1:
            return self.unary(node.operator, left, node.start, node.end)
        right = node.operands[1]
        if node.operator in ("=", "==", "!="):
            return self._matches(str(left), right, node) ^ (node.operator == "!=")
        if node.operator == "=~":
            return self._searches(str(left), right)
        if node.operator in _NUMBERS:
            return _NUMBERS[node.operator](self.expander.number(node.operands[0]), self.expander.number(right))
        return self.binary(node.operator, left, self.expander.text(right), node.start, node.end)

    def _matches(self, subject: str, pattern: Word, node: Check) -> bool:
        pieces = self.expander.pattern(pattern)
        self.context.spend(len(subject) * (len(pieces) + 1), node.start)
        return matches(subject, pieces)

    def _searches(self, subject: str, pattern: Word) -> Truth:
        """``=~``: what Python's regular expressions read as the shell's do, and cannot take for ever over."""
        pieces = self.expander.pattern(pattern)
        text = "".join(re.escape(piece) if quoted else piece for piece, quoted in pieces)
        unknown = Unknown(f"whether {self.context.shown(pattern.start, pattern.end)} matches", pattern.start, pattern.end)
        self.context.state.put("BASH_REMATCH", Unknown("what a regular expression has matched", pattern.start, pattern.end))
        text = re.sub(r"\[:(\w+):\]", lambda found: _CLASSES.get(found[1], found[0]), text)
        if re.search(r"\)[*+?{]|\[:|\\[a-zA-Z]", text) or len(re.findall(r"[*+{]", text)) > 2 or len(subject) > _LONGEST_SUBJECT:
            return unknown
        try:
            found = re.search(text, subject)
        except re.error:
            return unknown
        if found and "|" not in text:
            matched = enumerate(found.groups(default=""), 1)
            items = [(0, found[0]), *matched]
            place = pattern.start, pattern.end
            self.context.state.put("BASH_REMATCH", Array(tuple((number, computed(item, *place)) for number, item in items)))
        return bool(found)

    # -------------------------------------------------------------- [ … ] and test

    def test(self, arguments: Sequence[Text], start: int, end: int) -> Truth:
        """Whether the arguments of ``test`` hold."""
        return _Test(self, arguments, start, end).truth()

    def is_operator(self, text: str) -> bool:
        """Whether a word stands between two others in ``test``."""
        return text in _NUMBERS or text in _TEXTS or text in ("-nt", "-ot", "-ef")

    def unary(self, name: str, text: Text, start: int, end: int) -> Truth:
        """``-z text``, ``-e file``."""
        if name in ("-n", "-z"):
            return bool(str(text)) == (name == "-n")
        return Unknown(f"whether {text or 'that'} {_FILES.get(name, 'exists')}", start, end)

    def binary(self, name: str, left: Text, right: Text, start: int, end: int) -> Truth:
        """``left = right``, ``left -lt right``."""
        if name in _TEXTS:
            return _TEXTS[name](str(left), str(right))
        if name not in _NUMBERS:
            return Unknown(f"which of {left} and {right} is newer", start, end)
        try:
            return _NUMBERS[name](number(str(left)), number(str(right)))
        except NoNumberError:
            return False

    def is_set(self, name: str, start: int, end: int) -> Truth:
        """``-v NAME``."""
        value = self.expander.parameters.scalar(name.partition("[")[0], start, end)
        if isinstance(value, Unknown) and value.unset:
            return not self.context.suppose(value) and value
        if value is None:
            return isinstance(self.context.state.get(name), Array)
        return True


class _Test:
    """``[ ! -z a -a ( b = c ) ]``: a recursive descent over the words."""

    def __init__(self, conditions: Conditions, words: Sequence[Text], start: int, end: int) -> None:
        self.conditions = conditions
        self.words = words
        self.start = start
        self.end = end
        self.position = 0

    def truth(self) -> Truth:
        if not self.words:
            return False
        found = self._either()
        whole = self.position >= len(self.words)
        return found if whole else Unknown("whether this test holds", self.start, self.end)

    def _text(self, ahead: int = 0) -> str:
        place = self.position + ahead
        return str(self.words[place]) if place < len(self.words) else ""

    def _left(self) -> int:
        return len(self.words) - self.position

    def _either(self) -> Truth:
        truths = [self._both()]
        while self._text() == "-o" and self._left() > 1:
            self.position += 1
            truths.append(self._both())
        return some(truths)

    def _both(self) -> Truth:
        truths = [self._primary()]
        while self._text() == "-a" and self._left() > 1:
            self.position += 1
            truths.append(self._primary())
        return every(truths)

    def _primary(self) -> Truth:
        word = self._text()
        if self._left() >= 3 and self.conditions.is_operator(self._text(1)):
            left, right = self.words[self.position], self.words[self.position + 2]
            name = self._text(1)
            self.position += 3
            return self.conditions.binary(name, left, right, self.start, self.end)
        negations = 0
        while word == "!" and self._left() > 1:
            negations, self.position = negations + 1, self.position + 1
            word = self._text()
        truth = self._operand(word)
        return negated(truth) if negations % 2 else truth

    def _operand(self, word: str) -> Truth:
        if self._left() >= 3 and self.conditions.is_operator(self._text(1)):
            return self._primary()
        if self._left() >= 2 and re.fullmatch("-[a-zA-Z]", word):
            self.position += 2
            operand = self.words[self.position - 1]
            if word == "-v":
                return self.conditions.is_set(str(operand), self.start, self.end)
            return self.conditions.unary(word, operand, self.start, self.end)
        self.position += 1
        return bool(word)


_CLASSES = {
    "digit": "0-9", "alpha": "A-Za-z", "alnum": "A-Za-z0-9", "space": r"\s", "upper": "A-Z", "lower": "a-z",
    "xdigit": "0-9A-Fa-f",
}  # fmt: skip


def matches(subject: str, pieces: tuple[Piece, ...]) -> bool:
    """Whether a pattern matches the whole text."""
    if is_plain(pieces):
        return subject == "".join(piece for piece, _ in pieces)
    return bool(compiled(pieces).fullmatch(subject))
