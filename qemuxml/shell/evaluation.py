"""Follows a script without running it: ``if [ -n "$GUI" ]; then …; fi``, loops, functions; QEMU calls are collected on the way.

Where a condition cannot be decided, both ways are followed and merged (see ``state``). Where one was decided only because
something was supposed to be empty, and the script ends there, the supposition was wrong: the guest did start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from qemuxml.errors import CommandLineError
from qemuxml.shell import commands
from qemuxml.shell.conditions import Conditions, matches, negated
from qemuxml.shell.context import COMMAND, FIELD, Context
from qemuxml.shell.expansion import Expander
from qemuxml.shell.state import Frame, State, merged
from qemuxml.shell.syntax import (
    AndOr,
    ArithmeticFor,
    Arm,
    Assignment,
    Calculation,
    Case,
    Command,
    Conditional,
    For,
    Function,
    Group,
    If,
    Parameter,
    Pipeline,
    Quotes,
    Redirect,
    Redirected,
    Sequence,
    Simple,
    Substitution,
    While,
    Word,
)
from qemuxml.shell.values import Array, NotKnownError, Text, Truth, Unknown, Value, joined

DEEPEST = 40
"""Lists of commands in one another, function calls included."""

MOST_ROUNDS = 2000
"""Rounds of one loop."""

Action = Callable[[], None]
Result = TypeVar("Result")


def _parameters(word: Word) -> Iterator[Parameter]:
    """The parameters that a word expands, in quotes too."""
    pending = list(word.parts)
    while pending:
        part = pending.pop()
        if isinstance(part, Parameter):
            yield part
        elif isinstance(part, Quotes):
            pending += part.parts


class Evaluator:
    """Follows commands; ``calls`` are the QEMU calls that it has met."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.expander = Expander(context, self._substitution)
        self.conditions = Conditions(context, self.expander)
        self.calls: list[commands.Call] = []
        self.called: set[str] = set()
        self.doubts: list[Unknown] = []
        """The conditions that could not be decided on the way to here."""
        self._loops: list[tuple[list[State], list[State]]] = []
        self._depth = 0

    @property
    def state(self) -> State:
        """The state of the shell at this point."""
        return self.context.state

    @state.setter
    def state(self, state: State) -> None:
        self.context.state = state

    # -------------------------------------------------------------- lists

    def run(self, sequence: Sequence) -> None:
        """Follow commands one after the other, as long as the shell goes on."""
        self._depth += 1
        for item in sequence.items:
            if not self.state.alive:
                break
            self._and_or(item)
        self._depth -= 1

    def _and_or(self, node: AndOr) -> None:
        if node.background:
            with self._subshell():
                self._chain(node)
            self.state.status = True
        else:
            self._chain(node)

    def _chain(self, node: AndOr) -> None:
        mark = len(self.context.supposed)
        self._pipeline(node.first)
        for operator, pipeline in node.others:
            if self.state.alive:
                self._either_way(self._wanted(operator), lambda pipeline=pipeline: self._pipeline(pipeline), mark)  # type: ignore[misc]

    def _wanted(self, operator: str) -> Truth:
        return self.state.status if operator == "&&" else negated(self.state.status)

    def _either_way(self, condition: Truth, action: Action, mark: int) -> None:
        """Follow what comes if the condition holds, perhaps."""
        if condition is True:
            self._follow(action, mark)
        elif isinstance(condition, Unknown):
            self._fork(condition, [action, lambda: None])

    def _follow(self, action: Action, mark: int) -> bool:
        """Follow a way; False if it cannot have been gone: it ends the script, and only a supposition has led there."""
        before, calls = self.state.copy(), len(self.calls)
        action()
        if self.state.exited and calls == len(self.calls) and len(self.context.supposed) > mark:
            self.state = before
            return False
        return True

    def _fork(self, cause: Unknown, ways: list[Action]) -> None:
        """Follow each way from the same state; behind them, what differs is not known."""
        before, states = self.state, []
        self.doubts.append(cause)
        for way in ways:
            self.state = before.copy()
            way()
            states.append(self.state)
        self.doubts.pop()
        self.state = merged(states, cause, self.context.given)

    def _pipeline(self, node: Pipeline) -> None:
        if len(node.commands) == 1:
            self._command(node.commands[0])
        else:
            for command in node.commands:
                with self._subshell():
                    self._command(command)
            unknown = Unknown("the output of a pipeline", node.commands[0].start, node.commands[-1].start)
            self.state.status = Unknown("the exit status of a pipeline", unknown.start, unknown.end)
            self._say_unknown(unknown)
        if node.negated:
            self.state.status = negated(self.state.status)

    def _say_unknown(self, unknown: Unknown) -> None:
        if self.state.output is not None:
            self.state.output = unknown

    @contextmanager
    def _subshell(self) -> Iterator[None]:
        """What happens in a shell of its own leaves no trace but its output and its status."""
        before, loops = self.state, self._loops
        self.state, self._loops = before.copy(), []
        yield
        inner = self.state
        self.state, self._loops = before, loops
        self.state.output = inner.output
        self.state.status = inner.status if inner.alive else Unknown("the exit status of a subshell", 0, 0)

    # -------------------------------------------------------------- commands

    def _command(self, node: Command) -> None:
        self.context.spend(COMMAND, node.start)
        if self._depth > DEEPEST:
            place = self.context.span(node.start, node.start + 1)
            raise CommandLineError("functions and loops stand too deep in one another here", place)
        follow: dict[type[Command], Callable[[Any], None]] = {
            Simple: self.simple,
            Group: self._group,
            If: lambda node: self._if(node, 0),
            While: self._while,
            For: self._for,
            ArithmeticFor: self._arithmetic_for,
            Case: self._case,
            Conditional: self._conditional,
            Calculation: self._calculation,
            Function: self._function,
            Redirected: self._redirected,
        }
        follow[type(node)](node)

    def _conditional(self, node: Conditional) -> None:
        self.state.status = self.deciding(lambda: self.conditions.holds(node.expression))

    def _calculation(self, node: Calculation) -> None:
        self.state.status = self.deciding(lambda: self._calculated(node.expression))

    def _function(self, node: Function) -> None:
        self.state.functions[node.name] = node
        self.state.status = True

    def deciding(self, decide: Callable[[], Result]) -> Result | Unknown:
        """What a condition comes to; in it, what nobody has given is supposed to be empty."""
        before, self.context.deciding = self.context.deciding, True
        try:
            return decide()
        except NotKnownError as error:
            return error.unknown
        finally:
            self.context.deciding = before

    def _calculated(self, word: Word) -> Truth:
        return self.expander.number(word) != 0

    def _group(self, node: Group) -> None:
        if node.subshell:
            with self._subshell():
                self.run(node.body)
        else:
            self.run(node.body)

    def _redirected(self, node: Redirected) -> None:
        output = self.state.output
        away = any(commands.takes_output(redirect) for redirect in node.redirects)
        if away:
            self.state.output = None
        self._command(node.command)
        if away:
            self.state.output = output

    # -------------------------------------------------------------- conditions

    def _if(self, node: If, number: int) -> None:
        if number == len(node.arms):
            self.state.status = True
            if node.otherwise:
                self.run(node.otherwise)
            return
        condition, body = node.arms[number]
        mark = len(self.context.supposed)
        truth = self._condition(condition)
        if not self.state.alive:
            return
        if isinstance(truth, Unknown):
            self._fork(truth, [lambda: self.run(body), lambda: self._if(node, number + 1)])
        elif not truth or not self._follow(lambda: self.run(body), mark):
            self._if(node, number + 1)

    def _condition(self, sequence: Sequence) -> Truth:
        self.run(sequence)
        return self.state.status

    def _case(self, node: Case) -> None:
        mark = len(self.context.supposed)
        subject = self.deciding(lambda: self.expander.text(node.subject))
        self.state.status = True
        if isinstance(subject, Unknown):
            self._any_arm(node, subject)
            return
        for number, arm in enumerate(node.arms):
            truth = self._fits(str(subject), arm)
            if isinstance(truth, Unknown):
                self._any_arm(node, truth)
                return
            if truth:
                if not self._follow(lambda number=number: self._arms(node, number), mark):  # type: ignore[misc]
                    self._any_arm(node, self.context.supposed[-1])
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

    def _arms(self, node: Case, number: int) -> None:
        """Follow an arm, and those that it falls through to."""
        for arm in node.arms[number:]:
            self.run(arm.body)
            if arm.terminator != ";&":
                break

    def _any_arm(self, node: Case, cause: Unknown) -> None:
        ways: list[Action] = [lambda number=number: self._arms(node, number) for number in range(len(node.arms))]  # type: ignore[misc]
        if not any(pattern.bare == "*" for arm in node.arms for pattern in arm.patterns):
            ways.append(lambda: None)
        self._fork(cause, ways)

    # -------------------------------------------------------------- loops

    def _while(self, node: While) -> None:
        with self._loop(node.start):
            for _ in range(MOST_ROUNDS):
                before = self.state.copy()
                truth = self._condition(node.condition)
                truth = negated(truth) if node.until else truth
                if truth is False or not self.state.alive:
                    return
                if isinstance(truth, Unknown):
                    self._fork(truth, [lambda: self._round(node.body), lambda: None])
                    return
                self._round(node.body)
                if not self.state.alive:
                    return
                if self.state == before:
                    self.state.alive = False  # for ever the same: only a break leads out
                    return

    @contextmanager
    def _loop(self, start: int) -> Iterator[None]:
        """A loop that ``break`` may leave."""
        breaks: list[State] = []
        self._loops.append((breaks, []))
        yield
        self._loops.pop()
        self._gather(breaks, start)
        if self.state.alive and isinstance(self.state.status, bool):
            self.state.status = True

    def _round(self, body: Sequence) -> None:
        """The body once; ``continue`` ends it early."""
        continues = self._loops[-1][1]
        self.run(body)
        self._gather(continues, 0)
        continues.clear()

    def _gather(self, others: list[State], start: int) -> None:
        """Go on from here and from the states in which something was left."""
        if others:
            cause = self.doubts[-1] if self.doubts else Unknown("how often a loop goes round", start, start + 1)
            self.state = merged([self.state, *others], cause, self.context.given)

    def _for(self, node: For) -> None:
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
            self._fork(unknown, [once, lambda: None])

    def _arithmetic_for(self, node: ArithmeticFor) -> None:
        try:
            with self._loop(node.start):
                self.expander.number(node.first)
                for _ in range(MOST_ROUNDS):
                    if not self.state.alive or (node.condition.parts and not self._calculated(node.condition)):
                        return
                    self._round(node.body)
                    self.expander.number(node.step)
        except NotKnownError as error:
            cause = error.unknown
            self._fork(cause, [lambda: self.run(node.body), lambda: None])

    def leave_loop(self, levels: int, *, again: bool) -> None:
        """``break`` and ``continue``."""
        if self._loops:
            breaks, continues = self._loops[-min(levels, len(self._loops))]
            (continues if again else breaks).append(self.state.copy())
            self.state.alive = False

    # -------------------------------------------------------------- functions

    def call(self, function: Function, arguments: tuple[Text | Unknown, ...] | None) -> None:
        """Follow a function's body; without arguments, nobody knows with which words it is called."""
        self.called.add(function.name)
        loops, self._loops = self._loops, []
        frame = Frame(arguments=arguments)
        depth = len(self.state.frames)
        self.state.frames.append(frame)
        self._depth += 1
        self._command(function.body)
        self._depth -= 1
        self._loops = loops
        self._gather(frame.returns, function.start)
        del self.state.frames[depth:]

    def leave_function(self) -> None:
        """``return``; outside of a function it ends a script that was sourced."""
        if len(self.state.frames) > 1:
            self.state.frame.returns.append(self.state.copy())
            self.state.alive = False
        else:
            self.leave()

    def leave(self) -> None:
        """``exit``."""
        self.state.alive = False
        self.state.exited = True

    # -------------------------------------------------------------- simple commands

    def simple(self, node: Simple) -> None:
        """Assignments, or a command."""
        words = self.words(node.words)
        if not words:
            self.state.status = True
            for assignment in node.assignments:
                self.assignment(assignment)
            if any(redirect.operator == "<" for redirect in node.redirects):
                self._say_unknown(Unknown("the text of a file", node.start, node.end))
            return
        commands.run(self, node, words)

    def words(self, words: tuple[Word, ...]) -> list[Text | Unknown]:
        """The words of a command; one that cannot be known stands for itself."""
        found: list[Text | Unknown] = []
        for word in words:
            try:
                found += self.expander.fields(word)
            except NotKnownError as error:
                found.append(error.unknown)
        return found

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
        else:
            self.state.put(name, value)

    def _scalar(self, node: Assignment, word: Word, old: Value | None) -> Value:
        value = self.value(word)
        if node.index is not None:
            return self._element(node.index, value, old, append=node.append)
        if isinstance(old, Array):
            return old.put(0, value)
        if not node.append or old is None:
            return value
        if isinstance(old, Unknown) or isinstance(value, Unknown):
            return old if isinstance(old, Unknown) else value
        return self.context.checked(joined([old, value], word.start, word.end))

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
        for element in node.value:
            self.context.spend(1 + len(array.items) // 8, node.start)
            if element.key is not None:
                found = self._element(element.key, self.value(element.value), array, append=False)
                if not isinstance(found, Array):
                    return found
                array = found
            else:
                array = array.extended(self.words((element.value,)))
        return array

    # -------------------------------------------------------------- output

    def _substitution(self, node: Substitution) -> Text:
        """The output of commands, if all of it is known."""
        before, deciding = self.state, self.context.deciding
        inner = before.copy()
        inner.output = ()
        loops, self._loops = self._loops, []
        self.state, self.context.deciding = inner, False
        self.run(node.body)
        output = self.state.output
        before.status = self.state.status if self.state.alive else Unknown("the exit status of a subshell", node.start, node.end)
        self.state, self.context.deciding, self._loops = before, deciding, loops
        if isinstance(output, Unknown):
            raise NotKnownError(output)
        text = joined(output or (), node.start, node.end)
        return text.cut(0, len(str(text).rstrip("\n")))

    def say(self, node: Simple, output: Text | Unknown) -> None:
        """Put out a text, if a substitution collects it."""
        if self.state.output is None or any(commands.takes_output(redirect) for redirect in node.redirects):
            return
        if isinstance(output, Unknown) or isinstance(self.state.output, Unknown):
            self.state.output = output if isinstance(output, Unknown) else self.state.output
        else:
            self.state.output = (*self.state.output, output)

    def read(self, node: Simple) -> Text | Unknown:
        """What a command reads: a here-document or a here-string."""
        for redirect in reversed(node.redirects):
            if redirect.operator in ("<<", "<<-", "<<<"):
                return self._incoming(redirect)
        return Unknown("what is read there", node.start, node.end)

    def _incoming(self, redirect: Redirect) -> Text | Unknown:
        try:
            return self.expander.text(redirect.target)
        except NotKnownError as error:
            return error.unknown
