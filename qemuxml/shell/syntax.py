"""The syntax tree of a shell script: what ``MEM=${1:-512}; exec kvm -m "$MEM"`` consists of, each part with its place.

Places are offsets in the script's text: ``start`` is the first character, ``end`` the one behind the last.
"""

from __future__ import annotations

from qemuxml.record import record

# ------------------------------------------------------------------ words and their parts


@record(frozen=True)
class Literal:
    """Characters that stand in the script as they are, one behind the other."""

    text: str
    start: int
    quoted: bool


@record(frozen=True)
class Quotes:
    """``"…"``: a field even when it is empty, and never split."""

    parts: tuple[Part, ...]
    start: int
    end: int


@record(frozen=True)
class Parameter:
    """``$NAME`` or ``${NAME[index]operator argument}``; ``second`` is what stands behind a second ``/`` or ``:``."""

    name: str
    start: int
    end: int
    index: Word | None = None
    operator: str = ""
    argument: Word | None = None
    second: Word | None = None
    length: bool = False
    indirect: bool = False


@record(frozen=True)
class Arithmetic:
    """``$((…))``; the expression is expanded like a text in double quotes before it is read."""

    expression: Word
    start: int
    end: int


@record(frozen=True)
class Substitution:
    """``$(…)`` or the same in back-quotes: the output of its commands."""

    body: Sequence
    start: int
    end: int


@record(frozen=True)
class Backquoted:
    """Back-quotes with backslashes in them: ``text`` is what the shell reads as commands, once those are gone."""

    text: str
    start: int
    end: int


@record(frozen=True)
class Opaque:
    """A part that no reader of the script can follow; ``what`` names what only a running shell knows."""

    what: str
    start: int
    end: int


Part = Literal | Quotes | Parameter | Arithmetic | Substitution | Backquoted | Opaque


@record(frozen=True)
class Word:
    """A word before its expansion."""

    parts: tuple[Part, ...]
    start: int
    end: int

    @property
    def bare(self) -> str | None:
        """The word's text, if it is written without quotes and expansions."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Literal) and not self.parts[0].quoted:
            return self.parts[0].text
        return None


@record(frozen=True)
class Element:
    """One element of ``NAME=(…)``; ``[key]=value`` has a key."""

    value: Word
    key: Word | None = None


@record(frozen=True)
class Assignment:
    """``NAME=value``, ``NAME+=value``, ``NAME[index]=value`` or ``NAME=(…)``; no value in ``export NAME``."""

    name: str
    value: Word | tuple[Element, ...] | None
    start: int
    end: int
    index: Word | None = None
    append: bool = False


@record
class Redirect:
    """``>file``, ``2>&1`` or ``<<EOF``: a here-document's target is its text, which comes lines later."""

    operator: str
    target: Word
    descriptor: str = ""

    @property
    def takes_output(self) -> bool:
        """Whether standard output goes elsewhere."""
        return self.operator in (">", ">>", ">|", ">&", "&>", "&>>") and self.descriptor in ("", "1")


# ------------------------------------------------------------------ commands


@record(frozen=True)
class Simple:
    """Assignments, words and redirections; ``declarations`` stand behind ``export``, ``local`` and their like."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    declarations: tuple[Assignment, ...]
    redirects: tuple[Redirect, ...]
    start: int
    end: int


@record(frozen=True)
class Group:
    """``{ …; }``, or ``( … )`` in a shell of its own."""

    body: Sequence
    subshell: bool
    start: int


@record(frozen=True)
class If:
    """``if …; then …; elif …; then …; else …; fi``."""

    arms: tuple[tuple[Sequence, Sequence], ...]
    otherwise: Sequence | None
    start: int


@record(frozen=True)
class While:
    """``while …; do …; done``, or ``until``."""

    condition: Sequence
    body: Sequence
    until: bool
    start: int


@record(frozen=True)
class For:
    """``for NAME in words; do …; done``; without words, over the positional parameters. A ``select`` lets a person choose."""

    name: str
    words: tuple[Word, ...] | None
    body: Sequence
    chosen: bool
    start: int


@record(frozen=True)
class ArithmeticFor:
    """``for ((first; condition; step)); do …; done``."""

    first: Word
    condition: Word
    step: Word
    body: Sequence
    start: int


@record(frozen=True)
class Arm:
    """``pattern|pattern) …;;`` of a ``case``; ``terminator`` is ``;;``, ``;&`` or ``;;&``."""

    patterns: tuple[Word, ...]
    body: Sequence
    terminator: str


@record(frozen=True)
class Case:
    """``case word in …; esac``."""

    subject: Word
    arms: tuple[Arm, ...]
    start: int


@record(frozen=True)
class Check:
    """One test of ``[[ … ]]``: ``-z "$a"``, ``$a == b*``, or a word alone."""

    operator: str
    operands: tuple[Word, ...]
    start: int
    end: int


@record(frozen=True)
class Junction:
    """``a && b``, ``a || b`` or ``! a`` in ``[[ … ]]``."""

    operator: str
    operands: tuple[Check | Junction, ...]


@record(frozen=True)
class Conditional:
    """``[[ … ]]``."""

    expression: Check | Junction
    start: int


@record(frozen=True)
class Calculation:
    """``((…))`` as a command."""

    expression: Word
    start: int


@record(frozen=True)
class Function:
    """``name() { …; }``."""

    name: str
    body: Command
    start: int


@record(frozen=True)
class Redirected:
    """A compound command with redirections."""

    command: Command
    redirects: tuple[Redirect, ...]
    start: int


Command = Simple | Group | If | While | For | ArithmeticFor | Case | Conditional | Calculation | Function | Redirected


@record(frozen=True)
class Pipeline:
    """``a | b``, or one command alone; ``negated`` by ``!``."""

    commands: tuple[Command, ...]
    negated: bool


@record(frozen=True)
class AndOr:
    """``a && b || c``: the first pipeline, and the others behind their operator. ``background`` ends with ``&``."""

    first: Pipeline
    others: tuple[tuple[str, Pipeline], ...]
    background: bool


@record(frozen=True)
class Sequence:
    """Commands one after the other."""

    items: tuple[AndOr, ...]
