r"""The QEMU call in a shell script: ``MEM=${1:-512}; exec kvm -m "$MEM"`` gives the words ``kvm -m 512``; nothing is run.

``syntax``, ``scanner`` and ``grammar`` read a script, ``expansion`` and its neighbours expand words, ``evaluation`` and
``commands`` follow what the script does. Every character of a word keeps its place, through variables and arrays too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from qemuxml.cmdline import words as plain
from qemuxml.cmdline.binary import is_emulator
from qemuxml.errors import CommandLineError, Source, Span
from qemuxml.mapping.ledger import Note
from qemuxml.shell.commands import Call
from qemuxml.shell.context import Context
from qemuxml.shell.evaluation import Evaluator
from qemuxml.shell.grammar import Grammar
from qemuxml.shell.launchers import LAUNCHERS
from qemuxml.shell.start import Start
from qemuxml.shell.state import State
from qemuxml.shell.values import Text, Unknown


def find(
    source: Source, *, base_dir: str | None = None, settings: Mapping[str, str] | None = None, nth: int | None = None
) -> Start:
    """The QEMU call of a text: a plain command line's words as they stand, a script's by following it.

    ``base_dir`` is where the script is started, ``settings`` are variables (and arguments, by their number) that its caller
    gives, ``nth`` chooses among several calls, counted from 1. Raises CommandLineError for a text that a shell would not read,
    for a script without a call, and where the call needs what only a run of the script would tell.
    """
    if is_script(source.text):
        plain.check(source)
        return _Script(source, base_dir, settings or {}).found(nth)
    if nth not in (None, 1):
        raise CommandLineError(f"there is one QEMU call here, and no number {nth}", Span(source, 0, 1))
    return Start(source, plain.split(source), base_dir)


# ------------------------------------------------------------------ scripts and plain lines

_TOKEN = re.compile(
    r"""(?P<joined>\\\r?\n)|\\.|'[^']*+'|(?P<comment>(?<![^ \t\r\n])\#[^\n]*+)|(?P<expansion>\$[A-Za-z_0-9({@*]|`)"""
    r"""|(?P<double>"(?:[^"\\]++|\\.)*+")|(?P<operator>(?<![^ \t\r\n])[;&|<>()]|[;&|<>)](?![^ \t\r\n]))|(?P<line>\n)"""
    r"""|[^\\'"\n$` \t\r;&|<>()]++|.""",
    re.DOTALL,
)
_EXPANSION = re.compile(r"(?<!\\)(?:\\\\)*+(?:\$[A-Za-z_0-9({@*]|`)")
_FIRST = re.compile(r"(?:\s|\\\r?\n|#[^\n]*\n|[A-Za-z_]\w*=(?:[^\s'\"\\]|\\.|'[^']*'|\"(?:[^\"\\]|\\.)*\")*+(?=\s))*+([^\s;]++)")
_SHELL_WORDS = frozenset(
    ["cd", "set", "export", "if", "for", "while", "case", "function", "source", ".", "test", "[", "[[", "eval"]
)
_FIRST_ON_LINE = re.compile(r"[ \t]*([^\s'\"\\]+)(?=\s)")


def is_script(text: str) -> bool:
    """Whether a text is more than one command line: it has variables, several commands, or a program that starts QEMU."""
    if text.startswith("#!"):
        return True
    first = _FIRST.match(text)
    if first and (first[1] in _SHELL_WORDS or first[1].rsplit("/", 1)[-1] in LAUNCHERS):
        return True
    begun = False
    for found in _TOKEN.finditer(text):
        if _tells(found) or (begun and found.lastgroup == "line" and _begins_with_emulator(text, found.end())):
            return True
        begun = begun or (found.lastgroup not in ("line", "comment", "joined") and not found[0].isspace())
    return False


def _tells(found: re.Match[str]) -> bool:
    """Whether a token is one that no plain command line has."""
    if found.lastgroup == "double":
        return bool(_EXPANSION.search(found[0]))
    return found.lastgroup in ("expansion", "operator")


def _begins_with_emulator(text: str, position: int) -> bool:
    word = _FIRST_ON_LINE.match(text, position)
    return bool(word and is_emulator(word[1]))


# ------------------------------------------------------------------ the calls of a script


LONGEST_SCRIPT = 262144
"""Characters of a script: those that start a guest have a few thousand."""


class _Script:
    """A script, followed twice at most: with arguments and environment that are supposed to be empty, else without."""

    def __init__(self, source: Source, base_dir: str | None, settings: Mapping[str, str]) -> None:
        self.source = source
        self.base_dir = base_dir
        self.settings = settings
        if len(source.text) > LONGEST_SCRIPT:
            place = Span(source, LONGEST_SCRIPT, LONGEST_SCRIPT + 1)
            raise CommandLineError(
                f"{len(source.text)} characters: a script of more than {LONGEST_SCRIPT} is not followed", place
            )
        self.program = Grammar(source).program()
        self.context, self.calls = self._followed(supposing=True)
        if not self.calls and self.context.supposed:
            self.context, self.calls = self._followed(supposing=False)

    def _followed(self, *, supposing: bool) -> tuple[Context, list[Call]]:
        context = Context(self.source, self.settings, self._own_name(), State(self.base_dir or "."), supposing=supposing)
        evaluator = Evaluator(context)
        evaluator.run(self.program)
        if not evaluator.calls:
            self._call_the_uncalled(evaluator)
        return context, evaluator.calls

    @staticmethod
    def _call_the_uncalled(evaluator: Evaluator) -> None:
        """Functions that nobody calls here are called by whoever sources the script, or by its arguments."""
        end = evaluator.state
        end.alive, end.exited = True, False
        for name, function in list(end.functions.items()):
            if name not in evaluator.called:
                evaluator.state = end.copy()
                evaluator.call(function, None)

    def _own_name(self) -> str:
        """``$0``: the script is started from its own folder, as ``./run.sh``."""
        name = self.source.name.rsplit("/", 1)[-1]
        return f"{self.base_dir or '.'}/{name}"

    def found(self, nth: int | None) -> Start:
        call = self._chosen(nth)
        words = [self._word(word, call) for word in (*call.environment, *call.words)]
        folder = self._folder(call)
        self._note_what_was_not_known(call)
        return Start(self.source, words, folder, tuple(self.context.notes))

    def _chosen(self, nth: int | None) -> Call:
        if not self.calls:
            raise CommandLineError("no QEMU call found in this script", Span(self.source, 0, 1))
        if nth is None and len(self.calls) > 1:
            lines = ", ".join(str(self.context.line(call.start)) for call in self.calls)
            second = self.calls[1]
            place = self.context.span(second.start, second.end)
            raise CommandLineError(f"the script starts QEMU {len(self.calls)} times (lines {lines}): --nth N chooses one", place)
        number = nth or 1
        if not 1 <= number <= len(self.calls):
            last = self.calls[-1]
            place = self.context.span(last.start, last.end)
            raise CommandLineError(f"the script starts QEMU {len(self.calls)} times: there is no number {number}", place)
        return self.calls[number - 1]

    def _word(self, value: Text | Unknown, call: Call) -> plain.Word:
        if isinstance(value, Unknown):
            raise self._not_known(value, call)
        text, runs, offset = str(value), list[tuple[int, int]](), 0
        for run in value.runs:
            place = self.context.place(run.place)
            if run.computed:
                runs += [(offset + number, place) for number in range(len(run.text))]
            elif run.text:
                runs.append((offset, place))
            offset += len(run.text)
        span = self.context.span(value.start, value.end)
        return plain.Word(text, self.source, span.start, span.end, tuple(runs))

    def _not_known(self, unknown: Unknown, call: Call) -> CommandLineError:
        line = self.context.line(call.start)
        name = f"{unknown.name}: " if unknown.name and not unknown.name.isdigit() else ""
        hint = f" (--set {unknown.name}=VALUE gives it)" if unknown.name else ""
        message = f"{name}only a run of the script would tell {unknown.what}, and the QEMU call in line {line} needs it{hint}"
        return CommandLineError(message, self.context.span(unknown.start, unknown.end))

    def _folder(self, call: Call) -> str | None:
        if isinstance(call.folder, Unknown):
            self.context.note(
                f"the folder of the guest is not known: only a run of the script would tell {call.folder.what}",
                call.folder.start,
                call.folder.end,
            )
            return self.base_dir
        return None if call.folder == "." and self.base_dir is None else call.folder

    def _note_what_was_not_known(self, call: Call) -> None:
        if call.doubt:
            self.context.note(f"the script starts this guest depending on {call.doubt.what}", call.start, call.end)
        told: set[str] = set()
        for unknown in self.context.supposed:
            if unknown.name not in told:
                told.add(unknown.name)
                self.context.note(
                    f"{unknown.what}: taken as empty, for nobody gives it here (--set {unknown.name}=VALUE does)",
                    unknown.start,
                    unknown.end,
                )
        for name in self.settings:
            if name not in self.context.used:
                self.context.notes.append(Note(f"--set {name}: the script never asks for it"))
