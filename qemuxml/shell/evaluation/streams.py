"""What commands put out and read: ``$(dirname "$0")``, ``<<EOF``, ``<<<text``."""

from __future__ import annotations

from qemuxml.shell.context import Context
from qemuxml.shell.evaluation.ways import Ways
from qemuxml.shell.expansion import Expander
from qemuxml.shell.syntax import Redirect, Simple, Substitution
from qemuxml.shell.values import NotKnownError, Text, Unknown, joined


class Streams(Ways):
    """Collects what commands put out, if anybody asks for it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.expander = Expander(context, self.substitution)

    def substitution(self, node: Substitution) -> Text:
        """The output of commands, if all of it is known."""
        before, deciding = self.state, self.context.deciding
        inner = before.copy()
        inner.output = ()
        loops, self.loops = self.loops, []
        self.state, self.context.deciding = inner, False
        self.run(node.body)
        output = self.state.output
        before.status = self.state.status if self.state.alive else Unknown("the exit status of a subshell", node.start, node.end)
        self.state, self.context.deciding, self.loops = before, deciding, loops
        if isinstance(output, Unknown):
            raise NotKnownError(output)
        text = joined(output or (), node.start, node.end)
        return text.cut(0, len(str(text).rstrip("\n")))

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
