"""What may or may not happen: ``[ -e /dev/kvm ] && ARGS=-enable-kvm`` is followed both ways, and the two states are merged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from qemuxml.shell import commands
from qemuxml.shell.context import Context
from qemuxml.shell.state import State, merged
from qemuxml.shell.syntax import Sequence
from qemuxml.shell.values import Truth, Unknown

Action = Callable[[], None]


class Ways:
    """Holds the state of the shell, and follows what may or may not happen from copies of it."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.calls: list[commands.Call] = []
        """The QEMU calls that were met."""
        self.presumed: list[commands.Call] = []
        """What looks like one behind a program that nobody here knows."""
        self.doubts: list[Unknown] = []
        """The conditions that could not be decided on the way to here."""
        self.loops: list[tuple[list[State], list[State]]] = []
        """For each loop around this point the states in which ``break`` and ``continue`` left it."""

    @property
    def state(self) -> State:
        """The state of the shell at this point."""
        return self.context.state

    @state.setter
    def state(self, state: State) -> None:
        self.context.state = state

    def run(self, sequence: Sequence) -> None:
        """Follow commands one after the other; who knows the commands provides it."""
        raise NotImplementedError

    def either_way(self, condition: Truth, action: Action, mark: int) -> None:
        """Follow what comes if the condition holds, perhaps."""
        if condition is True:
            self.follow(action, mark)
        elif isinstance(condition, Unknown):
            self.fork(condition, [action, lambda: None])

    def follow(self, action: Action, mark: int) -> bool:
        """Follow a way; False if it cannot have been gone: it ends the script, and only a supposition has led there."""
        before, calls = self.state.copy(), len(self.calls)
        action()
        if self.state.exited and calls == len(self.calls) and len(self.context.supposed) > mark:
            self.state = before
            return False
        return True

    def fork(self, cause: Unknown, ways: list[Action]) -> None:
        """Follow each way from the same state; behind them, what differs is not known."""
        before, states = self.state, []
        self.doubts.append(cause)
        for way in ways:
            self.state = before.copy()
            way()
            states.append(self.state)
        self.doubts.pop()
        self.state = merged(states, cause, self.context.given)

    @contextmanager
    def subshell(self) -> Iterator[None]:
        """What happens in a shell of its own leaves no trace but its output and its status."""
        before, loops = self.state, self.loops
        self.state, self.loops = before.copy(), []
        yield
        inner = self.state
        self.state, self.loops = before, loops
        self.state.output = inner.output
        self.state.status = inner.status if inner.alive else Unknown("the exit status of a subshell", 0, 0)

    def gather(self, others: list[State], start: int) -> None:
        """Go on from here and from the states in which something was left."""
        if others:
            cause = self.doubts[-1] if self.doubts else Unknown("how often a loop goes round", start, start + 1)
            self.state = merged([self.state, *others], cause, self.context.given)
