"""Loops: ``while``, ``until``, ``for disk in *.img``, ``for ((i = 0; i < 3; i++))``, and how ``break`` leaves one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from qemuxml.errors import CommandLineError
from qemuxml.shell.conditions import negated
from qemuxml.shell.evaluation.branches import Branches
from qemuxml.shell.state import State
from qemuxml.shell.syntax import ArithmeticFor, For, Sequence, While, Word
from qemuxml.shell.values import NotKnownError, Text, Truth, Unknown

MOST_ROUNDS = 2000
"""Rounds of one loop."""


class Loops(Branches):
    """Goes round, as often as that is known."""

    def rounds(self, node: While) -> None:
        """``while`` and ``until``."""
        with self._loop(node.start):
            for _ in range(MOST_ROUNDS):
                before = self.state.copy()
                truth = self.condition(node.condition)
                truth = negated(truth) if node.until else truth
                if truth is False or not self.state.alive:
                    return
                if isinstance(truth, Unknown):
                    self.fork(truth, [lambda: self._round(node.body), lambda: None])
                    return
                self._round(node.body)
                if not self.state.alive:
                    return
                if self.state == before:
                    break
            self._go_on_for_ever(node.start)

    def _go_on_for_ever(self, start: int) -> None:
        """Only a ``break`` leads out of a loop without an end, or out of one that goes round too often to be followed."""
        if not self.calls and not self.loops[-1][0]:
            what = "this loop has no end, or one that is too far off to be followed, and no QEMU call in it"
            raise CommandLineError(what, self.context.span(start, start + 1))
        self.state.alive = False

    @contextmanager
    def _loop(self, start: int) -> Iterator[None]:
        """A loop that ``break`` may leave."""
        breaks: list[State] = []
        self.loops.append((breaks, []))
        yield
        self.loops.pop()
        self.gather(breaks, start)
        if self.state.alive and isinstance(self.state.status, bool):
            self.state.status = True

    def _round(self, body: Sequence) -> None:
        """The body once; ``continue`` ends it early."""
        continues = self.loops[-1][1]
        self.run(body)
        self.gather(continues, 0)
        continues.clear()

    def each(self, node: For) -> None:
        """``for NAME in WORDS`` and ``select``."""
        words = self.deciding(lambda: self._words(node))
        if node.chosen:
            words = Unknown("what a person chooses", node.start, node.start + 1)
        if isinstance(words, Unknown):
            self._unknown_rounds(node, words)
            return
        with self._loop(node.start):
            for word in words:
                if self.state.alive:
                    self.state.put(node.name, word)
                    self._round(node.body)

    def _words(self, node: For) -> list[Text]:
        if node.words is not None:
            return [field for word in node.words for field in self.expander.fields(word)]
        found = self.expander.parameters.arguments(node.start, node.start + 1)
        unknown = next((value for value in found if isinstance(value, Unknown)), None)
        if unknown:
            raise NotKnownError(unknown)
        return [value for value in found if isinstance(value, Text)]

    def _unknown_rounds(self, node: For, unknown: Unknown) -> None:
        def once() -> None:
            self.assign(node.name, unknown)
            self._round(node.body)

        with self._loop(node.start):
            self.fork(unknown, [once, lambda: None])

    def count(self, node: ArithmeticFor) -> None:
        """``for ((FIRST; CONDITION; STEP))``."""
        try:
            with self._loop(node.start):
                self.expander.number(node.first)
                for _ in range(MOST_ROUNDS):
                    if not self.state.alive or (node.condition.parts and not self.calculated(node.condition)):
                        return
                    self._round(node.body)
                    self.expander.number(node.step)
                self._go_on_for_ever(node.start)
        except NotKnownError as error:
            cause = error.unknown
            self.fork(cause, [lambda: self.run(node.body), lambda: None])

    def calculated(self, word: Word) -> Truth:
        """Whether an arithmetic expression is not zero."""
        return self.expander.number(word) != 0

    def leave_loop(self, levels: int, *, again: bool) -> None:
        """``break`` and ``continue``."""
        if self.loops:
            breaks, continues = self.loops[-min(levels, len(self.loops))]
            (continues if again else breaks).append(self.state.copy())
            self.state.alive = False
