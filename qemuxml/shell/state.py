"""What a shell knows at one point of a script: variables, arguments, functions, its folder; and how two such states become one.

Where a condition cannot be decided, both ways are followed from copies of the state, and merged behind it: what is the same
on both ways stays known, all else depends on the condition, and is an error only where the QEMU call needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from qemuxml.record import field, record, replace
from qemuxml.shell.syntax import Function
from qemuxml.shell.values import Array, Text, Truth, Unknown, Value, same


@record
class Frame:
    """The variables and the arguments of one function; the first frame is the script's own. Arguments may be not given."""

    variables: dict[str, Value | None] = field(default_factory=dict)
    """None is a variable that the script has unset."""
    arguments: tuple[Text | Unknown, ...] | None = None
    returns: list[State] = field(default_factory=list)
    """The states in which the function was left by ``return``."""
    references: dict[str, str] = field(default_factory=dict)
    """The variables that others stand for: ``local -n list=$1``."""

    def copy(self) -> Frame:
        """A frame that changes apart from this one; it returns to the same place."""
        return Frame(dict(self.variables), self.arguments, self.returns, dict(self.references))


@record
class State:
    """Everything a command can change."""

    folder: str | Unknown
    """Where the shell is; relative if nobody knows where it began."""
    frames: list[Frame] = field(default_factory=lambda: [Frame()])
    functions: dict[str, Function] = field(default_factory=dict)
    aliases: dict[str, Text] = field(default_factory=dict)
    exported: frozenset[str] = frozenset()
    integers: frozenset[str] = frozenset()
    """The variables that hold numbers: what they are given is computed (``declare -i``)."""
    alive: bool = True
    """Whether a shell would still come here: not behind ``exit`` or ``break``."""
    exited: bool = False
    """Whether the script has ended."""
    status: Truth = True
    output: tuple[Text, ...] | Unknown | None = None
    """What a command substitution has collected; None outside of one."""
    input: Text | Unknown | None = None
    """What the commands here read; None is what a person types."""

    def copy(self) -> State:
        """A state that changes apart from this one."""
        return replace(self, frames=[frame.copy() for frame in self.frames], functions=dict(self.functions))

    @property
    def frame(self) -> Frame:
        """The innermost function's."""
        return self.frames[-1]

    def home(self, name: str) -> tuple[Frame, str]:
        """The frame in which a variable lives, and its name there: that of another one, if it only refers to that."""
        depth = len(self.frames)
        for _ in range(_MOST_REFERENCES):
            places = (
                place
                for place in range(depth - 1, -1, -1)
                if name in self.frames[place].variables or name in self.frames[place].references
            )
            place = next(places, 0)
            target = self.frames[place].references.get(name)
            if target is None:
                return self.frames[place], name
            depth = max(place + (target != name), 1)  # what has its own name lives further out
            name = target
        return self.frames[0], name

    def is_mentioned(self, name: str) -> bool:
        """Whether the script has set or unset the variable."""
        frame, name = self.home(name)
        return name in frame.variables

    def get(self, name: str) -> Value | None:
        """A variable's value; None if it is unset, or was never set."""
        frame, name = self.home(name)
        return frame.variables.get(name)

    def put(self, name: str, value: Value | None) -> None:
        """Give a variable a value, where it lives."""
        frame, name = self.home(name)
        frame.variables[name] = value

    def names(self) -> list[str]:
        """The variables that have a value, in the order of their names."""
        return sorted({name for frame in self.frames for name in frame.variables if self.get(name) is not None})


_MOST_REFERENCES = 8
"""References to references; bash ends a circle of them with an error."""

Given = Callable[[str, int, int], Text | None]
"""The value that the caller gives for a variable, if it gives one, placed where it is used."""


def merged(states: Iterable[State], cause: Unknown, given: Given) -> State:
    """The state behind ways of which nobody knows which one was gone; what ``given`` knows decides what differs."""
    all_states = list(states)
    living = [state for state in all_states if state.alive]
    if len(living) <= 1:
        return living[0] if living else all_states[0]
    result = living[0].copy()
    for number, frame in enumerate(result.frames):
        frame.variables = _variables([state.frames[number] for state in living], cause, given)
        for name in {name for state in living for name in state.frames[number].references}:
            if len({state.frames[number].references.get(name) for state in living}) > 1:
                frame.references.pop(name, None)
                frame.variables[name] = Unknown(f"{cause.what}, on which {name} depends", cause.start, cause.end, name)
        arguments = [state.frames[number].arguments for state in living]
        if any(item != arguments[0] for item in arguments):
            frame.arguments = None
    for state in living[1:]:
        result.functions = {**state.functions, **result.functions}
        result.exported |= state.exported
        result.integers |= state.integers
        if state.status != result.status:
            result.status = cause
        if state.output != result.output:
            result.output = cause
        if state.input != result.input:
            result.input = cause
    return result


def _variables(frames: list[Frame], cause: Unknown, given: Given) -> dict[str, Value | None]:
    names = dict.fromkeys(name for frame in frames for name in frame.variables)
    return {name: _merged_value([frame.variables.get(name) for frame in frames], name, cause, given) for name in names}


def _merged_value(values: list[Value | None], name: str, cause: Unknown, given: Given) -> Value | None:
    first = values[0]
    if all(same(first, other) for other in values[1:]):
        return first
    what = f"{cause.what}, on which {name} depends"
    if any(isinstance(value, Array) for value in values):
        return Unknown(what, cause.start, cause.end)
    return given(name, cause.start, cause.end) or Unknown(what, cause.start, cause.end, name)
