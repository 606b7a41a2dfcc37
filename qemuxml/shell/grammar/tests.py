"""Tests: ``[[ $MEM -gt 512 && -n $DISK ]]``, which have a grammar of their own."""

from __future__ import annotations

import re
from collections.abc import Callable

from qemuxml.shell.grammar.lines import Lines
from qemuxml.shell.grammar.words import DELIMITER
from qemuxml.shell.syntax import Check, Command, Conditional, Junction

_NOT = re.compile(rf"!{DELIMITER}")
_TEST_END = re.compile(rf"\]\]{DELIMITER}")
_UNARY_TEST = re.compile(rf"-[a-zA-Z]{DELIMITER}")
_BINARY_TEST = re.compile(rf"==|=~|!=|=|<|>|-(?:eq|ne|lt|le|gt|ge|ef|nt|ot){DELIMITER}")
_IN_EXPRESSION = re.compile(r"[^ \t\r\n$`'\"\\]++")


class Tests(Lines):
    """Reads what stands between ``[[`` and ``]]``."""

    def conditional(self, start: int) -> Command:
        """The test behind a ``[[`` at ``start``."""
        expression = self._either()
        self.lines()
        if not self.match(_TEST_END):
            self.refuse("a syntax error: no ']]' ends what begins here", start)
        return Conditional(expression, start)

    def _either(self) -> Check | Junction:
        return self._junction("||", lambda: self._junction("&&", self._negation))

    def _junction(self, operator: str, operand: Callable[[], Check | Junction]) -> Check | Junction:
        operands = [operand()]
        self.lines()
        while self.take(operator):
            operands.append(operand())
            self.lines()
        return Junction(operator, tuple(operands)) if len(operands) > 1 else operands[0]

    def _negation(self) -> Check | Junction:
        self.lines()
        start = self.position
        self.enter(start)
        found: Check | Junction
        if self.match(_NOT):
            found = Junction("!", (self._negation(),))
        elif self.take("("):
            found = self._either()
            if not self.take(")"):
                self.refuse("a syntax error: this parenthesis is not closed", start)
        else:
            found = self._check()
        self.depth -= 1
        return found

    def _check(self) -> Check:
        start = self.position
        if unary := self.match(_UNARY_TEST):
            self.gap()
            return Check(unary[0], (self.word(pattern=True),), start, self.position)
        left = self.word()
        if left.start == left.end or left.bare == "]]":
            self.refuse("a syntax error: a test needs something to test", start)
        self.gap()
        if self.at("]]"):
            return Check("-n", (left,), start, left.end)
        binary = self.match(_BINARY_TEST)
        if not binary:
            return Check("-n", (left,), start, left.end)
        self.gap()
        right = self.word(" \t\r\n", _IN_EXPRESSION) if binary[0] == "=~" else self.word(pattern=True)
        return Check(binary[0], (left, right), start, self.position)
