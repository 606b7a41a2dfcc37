"""Follows a script without running it: ``if [ -n "$GUI" ]; then …; fi``, loops, functions; QEMU calls are collected on the way.

Where a condition cannot be decided, both ways are followed and merged (see ``state``). Where one was decided only because
something was supposed to be empty, and the script ends there, the supposition was wrong: the guest did start.

``ways`` holds the state and goes both ways; ``streams``, ``assignments``, ``branches`` and ``loops`` build on it, one thing each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qemuxml.errors import CommandLineError
from qemuxml.shell import commands
from qemuxml.shell.conditions import Conditions, negated
from qemuxml.shell.context import COMMAND, Context
from qemuxml.shell.evaluation.loops import Loops
from qemuxml.shell.state import Frame
from qemuxml.shell.syntax import (
    AndOr,
    ArithmeticFor,
    Calculation,
    Case,
    Command,
    Conditional,
    For,
    Function,
    Group,
    If,
    Pipeline,
    Redirected,
    Sequence,
    Simple,
    While,
)
from qemuxml.shell.values import Text, Truth, Unknown, joined

DEEPEST = 40
"""Lists of commands in one another, function calls included."""


class Evaluator(Loops):
    """Follows commands; ``calls`` are the QEMU calls that it has met."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.conditions = Conditions(context, self.expander)
        self.called: set[str] = set()
        """The functions that the script calls."""
        self._depth = 0

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
            with self.subshell():
                self._chain(node)
            self.state.status = True
        else:
            self._chain(node)

    def _chain(self, node: AndOr) -> None:
        mark = len(self.context.supposed)
        self._pipeline(node.first)
        for operator, pipeline in node.others:
            if self.state.alive:
                self.either_way(self._wanted(operator), lambda pipeline=pipeline: self._pipeline(pipeline), mark)  # type: ignore[misc]

    def _wanted(self, operator: str) -> Truth:
        return self.state.status if operator == "&&" else negated(self.state.status)

    def _pipeline(self, node: Pipeline) -> None:
        if len(node.commands) == 1:
            self._command(node.commands[0])
        else:
            self._piped(node.commands)
        if node.negated:
            self.state.status = negated(self.state.status)

    def _piped(self, nodes: tuple[Command, ...]) -> None:
        """Commands of which each reads what the one before it puts out."""
        output, coming = self.state.output, self.state.input
        start, end = nodes[0].start, nodes[-1].start
        for node in nodes:
            last = node is nodes[-1]
            self.state.output = output if last else ()
            with self.subshell():
                self.state.input = coming
                self._command(node)
            put_out = self.state.output
            coming = put_out if isinstance(put_out, Unknown) else joined(put_out or (), start, end)
        if not isinstance(self.state.status, bool):
            self.state.status = Unknown("the exit status of a pipeline", start, end)

    # -------------------------------------------------------------- commands

    def _command(self, node: Command) -> None:
        self.context.spend(COMMAND, node.start)
        if self._depth > DEEPEST:
            place = self.context.span(node.start, node.start + 1)
            raise CommandLineError("functions and loops stand too deep in one another here", place)
        follow: dict[type[Command], Callable[[Any], None]] = {
            Simple: self.simple,
            Group: self._group,
            If: lambda node: self.branch(node, 0),
            While: self.rounds,
            For: self.each,
            ArithmeticFor: self.count,
            Case: self.case,
            Conditional: self._conditional,
            Calculation: self._calculation,
            Function: self._function,
            Redirected: self._redirected,
        }
        follow[type(node)](node)

    def simple(self, node: Simple) -> None:
        """Assignments, or a command."""
        words = self.words(node.words)
        if not words:
            self.state.status = True
            for assignment in node.assignments:
                self.assignment(assignment)
            if any(redirect.operator == "<" for redirect in node.redirects):
                self.say_unknown(Unknown("the text of a file", node.start, node.end))
            return
        commands.run(self, node, words)

    def _conditional(self, node: Conditional) -> None:
        self.state.status = self.deciding(lambda: self.conditions.holds(node.expression))

    def _calculation(self, node: Calculation) -> None:
        self.state.status = self.deciding(lambda: self.calculated(node.expression))

    def _group(self, node: Group) -> None:
        if node.subshell:
            with self.subshell():
                self.run(node.body)
        else:
            self.run(node.body)

    def _redirected(self, node: Redirected) -> None:
        output, before = self.state.output, self.state.input
        away, coming = any(redirect.takes_output for redirect in node.redirects), self.incoming(node.redirects)
        if away:
            self.state.output = None
        if coming is not None:
            self.state.input = coming
        self._command(node.command)
        if away:
            self.state.output = output
        if coming is not None:
            self.state.input = before

    # -------------------------------------------------------------- functions

    def _function(self, node: Function) -> None:
        self.state.functions[node.name] = node
        self.state.status = True

    def call(self, function: Function, arguments: tuple[Text | Unknown, ...] | None) -> None:
        """Follow a function's body; without arguments, nobody knows with which words it is called."""
        self.called.add(function.name)
        loops, self.loops = self.loops, []
        frame = Frame(arguments=arguments)
        depth = len(self.state.frames)
        self.state.frames.append(frame)
        self._depth += 1
        self._command(function.body)
        self._depth -= 1
        self.loops = loops
        self.gather(frame.returns, function.start)
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
