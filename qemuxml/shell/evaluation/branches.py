"""Branches: ``if [ -n "$GUI" ]; then …; else …; fi``, ``case $1 in start) …;; esac``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from qemuxml.shell.conditions import matches
from qemuxml.shell.evaluation.assignments import Assignments
from qemuxml.shell.evaluation.ways import Action
from qemuxml.shell.syntax import Arm, Case, If, Sequence
from qemuxml.shell.values import NotKnownError, Truth, Unknown

Result = TypeVar("Result")


class Branches(Assignments):
    """Decides conditions, and follows the branch that they lead to, or all of them."""

    def deciding(self, decide: Callable[[], Result]) -> Result | Unknown:
        """What a condition comes to; in it, what nobody has given is supposed to be empty."""
        before, self.context.deciding = self.context.deciding, True
        try:
            return decide()
        except NotKnownError as error:
            return error.unknown
        finally:
            self.context.deciding = before

    def condition(self, sequence: Sequence) -> Truth:
        """What the commands of a condition come to: the status of the last one."""
        self.run(sequence)
        return self.state.status

    def branch(self, node: If, number: int) -> None:
        """``if``, from its arm ``number`` on."""
        if number == len(node.arms):
            self.state.status = True
            if node.otherwise:
                self.run(node.otherwise)
            return
        condition, body = node.arms[number]
        mark = len(self.context.supposed)
        truth = self.condition(condition)
        if not self.state.alive:
            return
        if isinstance(truth, Unknown):
            self.fork(truth, [lambda: self.run(body), lambda: self.branch(node, number + 1)])
        elif not truth or not self.follow(lambda: self.run(body), mark):
            self.branch(node, number + 1)

    def case(self, node: Case) -> None:
        """``case``: the arm whose pattern fits, or every one if nobody knows."""
        mark = len(self.context.supposed)
        subject = self.deciding(lambda: self.expander.text(node.subject))
        self.state.status = True
        if isinstance(subject, Unknown):
            self._any_arm(node, subject)
        else:
            self._fitting_arm(node, str(subject), 0, mark)

    def _fitting_arm(self, node: Case, subject: str, first: int, mark: int) -> None:
        """The arm from number ``first`` on whose pattern fits."""
        for number, arm in enumerate(node.arms[first:], first):
            truth = self._fits(subject, arm)
            if isinstance(truth, Unknown):
                self._any_arm(node, truth, first)
                return
            if truth:

                def go_on(following: int) -> None:
                    self._fitting_arm(node, subject, following, mark)

                if not self.follow(lambda number=number: self._arms(node, number, go_on), mark):  # type: ignore[misc]
                    self._any_arm(node, self.context.supposed[-1], first)
                return

    def _fits(self, subject: str, arm: Arm) -> Truth:
        doubt: Truth = False
        for pattern in arm.patterns:
            try:
                pieces = self.expander.pattern(pattern)
            except NotKnownError as error:
                doubt = error.unknown
                continue
            self.context.spend(len(subject) * (len(pieces) + 1), pattern.start)
            if matches(subject, pieces):
                return True
        return doubt

    def _arms(self, node: Case, number: int, go_on: Callable[[int], None]) -> None:
        """Follow an arm, and those that it falls through to (``;&``); ``;;&`` goes on with the arms behind it."""
        for place, arm in enumerate(node.arms[number:], number):
            self.run(arm.body)
            if arm.terminator == ";;&" and self.state.alive:
                go_on(place + 1)
            if arm.terminator != ";&":
                break

    def _any_arm(self, node: Case, cause: Unknown, first: int = 0) -> None:
        def go_on(following: int) -> None:
            self._any_arm(node, cause, following)

        numbers = range(first, len(node.arms))
        ways: list[Action] = [lambda number=number: self._arms(node, number, go_on) for number in numbers]  # type: ignore[misc]
        if not any(pattern.bare == "*" for arm in node.arms[first:] for pattern in arm.patterns):
            ways.append(lambda: None)
        self.fork(cause, ways)
