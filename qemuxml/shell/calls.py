"""The QEMU calls of a script or a unit file, and the one of them that is meant: ``--nth 2``; its words with their places."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from qemuxml.cmdline import words as plain
from qemuxml.errors import CommandLineError, Source, Span
from qemuxml.mapping.ledger import Note
from qemuxml.shell.commands import Call
from qemuxml.shell.context import Context
from qemuxml.shell.evaluation import Evaluator
from qemuxml.shell.grammar import Grammar
from qemuxml.shell.names import assigned
from qemuxml.shell.start import Start
from qemuxml.shell.state import State
from qemuxml.shell.syntax import Sequence
from qemuxml.shell.unit import follow as follow_unit
from qemuxml.shell.values import Text, Unknown

_OTHER_LANGUAGE = re.compile(
    r"#![^\n]*?/(?:env[ \t]+(?:-\S+[ \t]+)*)?(?!env\b|(?:ba|da|a|k|mk|z|yas)?sh\b)([\w.+-]+)[ \t\r]*(?:-.*)?\n"
)
"""The first line of a script in Python, Perl and so on."""

LONGEST_SCRIPT = 262144
"""Characters of a script: those that start a guest have a few thousand."""


class Script:
    """A script, followed twice at most: with arguments and environment that are supposed to be empty, else without."""

    def __init__(self, source: Source, base_dir: str | None, settings: Mapping[str, str], *, is_unit: bool) -> None:
        self.source = source
        self.base_dir = base_dir
        self.settings = settings
        if len(source.text) > LONGEST_SCRIPT:
            place = Span(source, LONGEST_SCRIPT, LONGEST_SCRIPT + 1)
            raise CommandLineError(
                f"{len(source.text)} characters: a script of more than {LONGEST_SCRIPT} is not followed", place
            )
        self.program = None if is_unit else self._read()
        self.context, self.calls = self._followed(supposing=True)
        if not self.calls and self.context.supposed:
            self.context, self.calls = self._followed(supposing=False)

    def _read(self) -> Sequence:
        """The commands of a script. Raises CommandLineError for what no shell would read."""
        other = _OTHER_LANGUAGE.match(self.source.text)
        if other:
            place = Span(self.source, 0, other.end() - 1)
            raise CommandLineError(f"this is a script for {other[1]}, not for a shell like bash", place)
        return Grammar(self.source).program()

    def _followed(self, *, supposing: bool) -> tuple[Context, list[Call]]:
        context = Context(
            self.source,
            self.source,
            self.settings,
            self._own_name(),
            State(self.base_dir or "."),
            assigned(self.program),
            supposing=supposing,
        )
        evaluator = Evaluator(context)
        if self.program is None:
            follow_unit(evaluator)
        else:
            evaluator.run(self.program)
        if not evaluator.calls:
            self._call_the_uncalled(evaluator)
        return context, evaluator.calls or self._presumed(evaluator)

    @staticmethod
    def _presumed(evaluator: Evaluator) -> list[Call]:
        """What a program that nobody here knows may start: ``launch-in-jail kvm -m 512``."""
        for call in evaluator.presumed:
            message = "this is taken for a QEMU call: the program before it is not known here"
            evaluator.context.note(message, call.start, call.end)
        return evaluator.presumed

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
        """The call that is meant. Raises CommandLineError if there is none, or several, or it needs what is not known."""
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
        name = f"{unknown.name}: " if unknown.name[:1].isalpha() or unknown.name[:1] == "_" else ""
        hint = f" (--set {shlex.quote(unknown.name)}=VALUE gives it)" if unknown.name else ""
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
