"""What commands put out and read: ``$(dirname "$0")``, ``<<EOF``, ``<<<text``."""

from __future__ import annotations

from collections.abc import Iterable

from qemuxml.shell.context import Context
from qemuxml.shell.evaluation.ways import Ways
from qemuxml.shell.expansion import Expander
from qemuxml.shell.grammar import Grammar
from qemuxml.shell.syntax import Backquoted, Redirect, Sequence, Simple, Substitution
from qemuxml.shell.values import NotKnownError, Text, Unknown, computed, joined


class Streams(Ways):
    """Collects what commands put out, if anybody asks for it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.expander = Expander(context, self.substitution)

    def substitution(self, node: Substitution | Backquoted) -> Text:
        """The output of commands, if all of it is known, or if the caller gives it (``--set '$(nproc)=4'``)."""
        body = node.body if isinstance(node, Substitution) else self._unquoted(node)
        before, deciding = self.state, self.context.deciding
        inner = before.copy()
        inner.output = ()
        loops, self.loops = self.loops, []
        self.state, self.context.deciding = inner, False
        self.run(body)
        output = self.state.output
        before.status = self.state.status if self.state.alive else Unknown("the exit status of a subshell", node.start, node.end)
        self.state, self.context.deciding, self.loops = before, deciding, loops
        if isinstance(output, Unknown):
            name = self._name(node)
            told = self.context.given(name, node.start, node.end)
            if told is None:
                raise NotKnownError(output.of(name))
            return told
        text = joined(output or (), node.start, node.end)
        return text.cut(0, len(str(text).rstrip("\n")))

    def _unquoted(self, node: Backquoted) -> Sequence:
        start, end = self.context.add_script(computed(node.text, node.start, node.end))
        return Grammar(self.context.source, start, end).program()

    def _name(self, node: Substitution | Backquoted) -> str:
        """``$(nproc)``: the commands in one line, by which a caller can give their output."""
        text = self.context.source.text[node.start : node.end]
        return f"$({' '.join((text[1:-1] if text.startswith('`') else text[2:-1]).split())})"

    def say(self, node: Simple, output: Text | Unknown) -> None:
        """Put out a text, if a substitution collects it."""
        if self.state.output is None or any(redirect.takes_output for redirect in node.redirects):
            return
        if isinstance(output, Unknown) or isinstance(self.state.output, Unknown):
            self.state.output = output if isinstance(output, Unknown) else self.state.output
        else:
            self.state.output = (*self.state.output, output)

    def say_unknown(self, unknown: Unknown) -> None:
        """Put out what nobody knows, if a substitution collects it."""
        if self.state.output is not None:
            self.state.output = unknown

    def read(self, node: Simple) -> Text | Unknown:
        """What a command reads: a here-document, a here-string, or what comes to the commands around it."""
        found = self.incoming(node.redirects)
        if found is None:
            found = self.state.input
        return Unknown("what is read there", node.start, node.end) if found is None else found

    def taken(self, node: Simple, rest: Text | Unknown) -> None:
        """A command has read something: what is left comes to the next one that reads from the same place."""
        if self.incoming(node.redirects) is None and self.state.input is not None:
            self.state.input = rest

    def incoming(self, redirects: Iterable[Redirect]) -> Text | Unknown | None:
        """What redirections give to read; None if they give nothing."""
        for redirect in reversed([*redirects]):
            if redirect.operator.startswith("<") and redirect.descriptor in ("", "0"):
                return self._text(redirect)
        return None

    def _text(self, redirect: Redirect) -> Text | Unknown:
        start, end = redirect.target.start, redirect.target.end
        if redirect.operator not in ("<<", "<<-", "<<<"):
            return Unknown(f"the text of the file {self.context.shown(start, end)}", start, end)
        try:
            text = self.expander.text(redirect.target)
        except NotKnownError as error:
            return error.unknown
        return joined([text, computed("\n", start, end)], start, end) if redirect.operator == "<<<" else text
