"""Commands whose effect on the shell is known: ``cd``, ``shift``, ``read``, ``echo``, ``dirname``; and the QEMU calls themselves.

Every other program changes nothing that matters here; its output and its exit status are not known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from qemuxml.cmdline.arity import takes_value
from qemuxml.cmdline.binary import is_emulator, is_for_qemu
from qemuxml.errors import CommandLineError
from qemuxml.record import record, replace
from qemuxml.shell import control, getopts, inner, output, variables
from qemuxml.shell.effect import Effect, Field, Words
from qemuxml.shell.grammar import Grammar
from qemuxml.shell.launchers import CARRIERS, LAUNCHERS, Launcher
from qemuxml.shell.state import Frame
from qemuxml.shell.syntax import Simple
from qemuxml.shell.syntax import Word as SyntaxWord
from qemuxml.shell.values import Array, NotKnownError, Run, Text, Unknown, Value, computed, joined, known

if TYPE_CHECKING:
    from qemuxml.shell.evaluation import Evaluator


@record(frozen=True)
class Call:
    """One start of QEMU: its words (some perhaps not known), its own environment, where it is started, and on what that hangs."""

    words: tuple[Field, ...]
    environment: tuple[Text | Unknown, ...]
    folder: str | Unknown
    doubt: Unknown | None
    start: int
    end: int

    @property
    def signature(self) -> tuple[object, ...]:
        """What tells one guest from another."""
        return (self.start, *(str(word) if isinstance(word, Text) else word.start for word in self.words))


def run(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """Follow one command with its words expanded."""
    name = words[0]
    if isinstance(name, Text):
        text = str(name)
        if node.words and text == node.words[0].bare and text in evaluator.state.aliases:
            _follow_alias(evaluator, node, evaluator.state.aliases[text])
            return
        function = evaluator.state.functions.get(text)
        if function is not None:
            evaluator.call(function, tuple(words[1:]))
            return
        effect = _EFFECTS.get(text) or _EFFECTS.get(text.rsplit("/", 1)[-1] if text.startswith("/") else "")
        if effect is not None and not (text in LAUNCHERS and len(words) > 1 and effect is not _command):
            _apply(effect, evaluator, node, words)
            return
    start(evaluator, node, words)


def _apply(effect: Effect, evaluator: Evaluator, node: Simple, words: Words) -> None:
    evaluator.state.status = True
    try:
        effect(evaluator, node, words[1:])
    except NotKnownError as error:
        evaluator.state.status = error.unknown
        evaluator.say(node, error.unknown)


# ------------------------------------------------------------------ programs


def start(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """A program, perhaps behind others that start it (``sudo``)."""
    if not words:
        return
    found = launched(words)
    if "xargs" in found.by and found.words:
        found = replace(found, words=(*found.words, *inner.added_by_xargs(evaluator, node)))
    shown = evaluator.context.shown(node.start, node.end)
    if found.words and _is_call(found.words):
        _record(evaluator, node, found.words, found.environment)
    elif found.by and found.words and isinstance(found.words[0], Text) and str(found.words[0]) in evaluator.state.functions:
        evaluator.call(evaluator.state.functions[str(found.words[0])], found.words[1:])
        return
    elif script := inner.found(evaluator, node, found.words):
        _follow_child(evaluator, node, script)
    elif carried := inner.carried(words):
        _record(evaluator, node, carried, (), certain=_name(words) in CARRIERS)
    elif evaluator.calls and isinstance(words[0], Text) and str(words[0]).startswith("-"):
        message = f"{shown}: no part of the QEMU call above: a comment, or the lack of a backslash, has ended that"
        evaluator.context.note(message, node.start, node.end)
    evaluator.state.status = Unknown(f"the exit status of {shown}", node.start, node.end)
    if not isinstance(words[0], Text) or str(words[0]) not in _SILENT:
        evaluator.say(node, Unknown(f"the output of {shown}", node.start, node.end))
    if "exec" in found.by and found.words:
        evaluator.leave()


_OPTION = re.compile(r"--?([a-z][a-z0-9-]*)")
_ASKING = re.compile(r"--?(version|help|h)")
_ASKING_VALUE = re.compile(r"(.*,)?help|\?")
"""What makes QEMU print something and end, as the value of an option: it runs no guest then."""


def _is_call(words: Words) -> bool:
    """Whether it is QEMU: by its name, or by options like its own where the name is not known."""
    if isinstance(words[0], Text):
        return is_emulator(str(words[0])) and not _only_asks([str(word) if isinstance(word, Text) else "" for word in words])
    options = [found[1] for word in words[1:] if isinstance(word, Text) and (found := _OPTION.fullmatch(str(word)))]
    named = re.search("qemu|kvm", words[0].name + words[0].what, re.IGNORECASE)
    return bool(named and options) or any(len(option) > 2 and takes_value(option) is not None for option in options)


def _only_asks(words: list[str]) -> bool:
    valued = (word for option, word in pairwise(words) if option.startswith("-") and takes_value(option.lstrip("-")))
    return any(map(_ASKING.fullmatch, words)) or any(map(_ASKING_VALUE.fullmatch, valued))


def _record(evaluator: Evaluator, node: Simple, words: Words, environment: Sequence[Field], *, certain: bool = True) -> None:
    own, given = list[Field](), list[Field]()
    for word in environment:
        name = word.begins.partition("=")[0] if isinstance(word, Unknown) else ""
        if isinstance(word, Unknown) and not is_for_qemu(name):
            _leave_out(evaluator, name, word)
        else:
            given.append(word)
    for assignment in node.assignments:
        value = evaluator.value(assignment.value) if isinstance(assignment.value, SyntaxWord) else None
        if isinstance(value, Unknown) and not is_for_qemu(assignment.name):
            _leave_out(evaluator, assignment.name, value)
        elif value is not None:
            own.append(_assigned(assignment.name, value, assignment.start))
    state = evaluator.state
    names = sorted(name for name in state.exported - {assignment.name for assignment in node.assignments} if is_for_qemu(name))
    exported = []
    for name in names:
        word = _assigned(name, state.get(name), node.start)
        if isinstance(word, Unknown):
            _leave_out(evaluator, name, word)
        else:
            exported.append(word)
    doubt = evaluator.doubts[-1] if evaluator.doubts else None
    call = Call(tuple(words), (*exported, *own, *given), state.folder, doubt, node.start, node.end)
    calls = evaluator.calls if certain else evaluator.presumed
    if call.signature not in {other.signature for other in calls}:
        calls.append(call)


def _leave_out(evaluator: Evaluator, name: str, value: Unknown) -> None:
    """A variable that does without its value: QEMU starts without it."""
    evaluator.context.note(f"{name} is left out: only a run of the script would tell {value.what}", value.start, value.end)


def _name(words: Words) -> str:
    """The name of the program, without its folders."""
    return str(words[0]).rsplit("/", 1)[-1] if isinstance(words[0], Text) else ""


def _assigned(name: str, value: Value | None, start: int) -> Text | Unknown:
    """``NAME=value`` as one word."""
    if isinstance(value, Array):
        value = value.get(0)
    if isinstance(value, Unknown):
        return value
    return Text((Run(f"{name}=", start, computed=True), *(value.runs if value else ())), start, start + len(name))


_SILENT = frozenset(
    ["mkdir", "touch", "rm", "rmdir", "cp", "mv", "ln", "chmod", "chown", "sleep", "sync", "modprobe", "kill", "truncate"]
)
"""Programs that put out nothing."""


# ------------------------------------------------------------------ programs that start programs

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")


@record(frozen=True)
class Launched:
    """The program behind its launchers: its words, and the variables that the launchers set for it."""

    words: tuple[Field, ...]
    environment: tuple[Field, ...] = ()
    by: tuple[str, ...] = ()


def launched(words: Sequence[Field]) -> Launched:
    """What is started in the end; a command without a launcher is itself."""
    rest, environment, by = tuple(words), list[Field](), list[str]()
    while rest and not isinstance(rest[0], Unknown):
        name = str(rest[0]).rsplit("/", 1)[-1]
        launcher = LAUNCHERS.get(name)
        if launcher is None:
            break
        by.append(name)
        rest = _behind(launcher, rest[1:], environment)
    return Launched(rest, tuple(environment), tuple(by))


def _takes_word(option: str, valued: Sequence[str]) -> bool:
    """Whether an option's value is the next word: that of ``-u``, of ``-Eu``, not that of ``-uroot`` or ``--user=root``."""
    if option.startswith("--"):
        return option in valued
    letters = [f"-{letter}" in valued for letter in option[1:]]
    return option in valued or (True in letters and letters.index(True) == len(letters) - 1)


def _behind(launcher: Launcher, words: tuple[Field, ...], environment: list[Field]) -> tuple[Field, ...]:
    position, valued = 0, launcher.valued.split()
    while position < len(words):
        text = str(words[position]) if isinstance(words[position], Text) else ""
        if text == "--":
            position += 1
            break
        if not text.startswith("-") or text == "-":
            break
        position += 2 if _takes_word(text, valued) else 1
    while launcher.assigns and position < len(words):
        word = words[position]
        if not _ASSIGNMENT.match(str(word) if isinstance(word, Text) else word.begins):
            break
        environment.append(word)
        position += 1
    return words[position + launcher.others :]


# ------------------------------------------------------------------ texts that are scripts


def _follow_child(evaluator: Evaluator, node: Simple, script: inner.Script) -> None:
    """Follow a text in a shell of its own, which gets the variables that are exported."""
    with evaluator.subshell():
        state = evaluator.state
        names = state.exported | {assignment.name for assignment in node.assignments}
        for assignment in node.assignments:
            evaluator.assignment(assignment)
        variables = {name: state.get(name) for name in names if state.is_mentioned(name)}
        state.frames = [Frame(variables, script.arguments)]
        _follow_text(evaluator, node, script.text)


def _follow_text(evaluator: Evaluator, node: Simple, text: Text) -> None:
    """Follow a text as a script. Errors in it are placed at the command."""
    context = evaluator.context
    start, end = context.add_script(text)
    try:
        program = Grammar(context.source, start, end).program()
    except CommandLineError as error:
        raise CommandLineError(f"{error.message}, in the text that is run here", context.span(node.start, node.end)) from None
    evaluator.run(program)


def _follow_alias(evaluator: Evaluator, node: Simple, text: Text) -> None:
    """The text of an alias, and what is written behind its name."""
    end = node.words[0].end
    rest = Text((Run(evaluator.context.source.text[end : node.end], end),), end, node.end)
    aliases, evaluator.state.aliases = evaluator.state.aliases, {}
    _follow_text(evaluator, node, joined([text, rest], node.start, node.end))
    evaluator.state.aliases = aliases


def _eval(evaluator: Evaluator, node: Simple, words: Words) -> None:
    pieces: list[Text] = []
    for word in words:
        pieces += [known(word), computed(" ", node.start, node.end)]
    if pieces:
        _follow_text(evaluator, node, joined(pieces[:-1], node.start, node.end))


def _source(evaluator: Evaluator, node: Simple, words: Words) -> None:
    shown = evaluator.context.shown(node.start, node.end)
    evaluator.context.note(
        f"{shown}: that file is not read: what it sets is not known here (--set NAME=VALUE gives it)", node.start, node.end
    )
    evaluator.state.status = True
    _ = words


def _command(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """``command -v kvm``, ``which kvm``: a path, of which the name is enough where it is QEMU."""
    if node.words[0].bare == "command" and not (words and str(words[0]) in ("-v", "-V")):
        start(evaluator, node, words)
        return
    names = [known(word) for word in words if isinstance(word, Unknown) or not str(word).startswith("-")]
    shown = " ".join(map(str, names)) or "that"
    evaluator.state.status = Unknown(f"whether {shown} is installed", node.start, node.end)
    for name in names:
        if is_emulator(str(name)):
            evaluator.say(node, joined([name, computed("\n", node.start, node.end)], name.start, name.end))
        else:
            evaluator.say(node, Unknown(f"where {name} is installed", node.start, node.end))


_EFFECTS: dict[str, Effect] = {
    **control.EFFECTS, **variables.EFFECTS, **getopts.EFFECTS, **output.EFFECTS,
    "eval": _eval, "source": _source, ".": _source, "command": _command, "which": _command,
}  # fmt: skip
