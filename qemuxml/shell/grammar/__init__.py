r"""The grammar of bash and sh scripts: ``for n in 1 2; do kvm -name vm$n & done`` becomes its syntax tree, nothing is run.

Written by hand for two reasons. Every character has to keep its place, through quotes and here-documents, and each word has to
come out as bash reads it; tree-sitter-bash 0.25 splits ``a"b"\ c`` in two, and takes all that follows `# a comment` in
back-quotes, a common way to comment one line of a long command, for a part of it. And a converter should not need a compiled
grammar to read ten lines.
"""

from __future__ import annotations

import re

from qemuxml.shell.grammar.simple import SimpleCommands
from qemuxml.shell.grammar.tests import Tests
from qemuxml.shell.grammar.words import DELIMITER, METACHARACTERS
from qemuxml.shell.syntax import (
    AndOr,
    ArithmeticFor,
    Arm,
    Calculation,
    Case,
    Command,
    For,
    Function,
    Group,
    If,
    Pipeline,
    Redirected,
    Sequence,
    Simple,
    While,
    Word,
)

_RESERVED = re.compile(
    rf"(?:if|then|else|elif|fi|for|while|until|do|done|case|esac|select|function|time|coproc|\{{|\}}|!|\[\[){DELIMITER}"
)
_CLOSERS = frozenset(["then", "else", "elif", "fi", "do", "done", "esac", "}"])
_TERMINATOR = re.compile(r";;&|;&|;;")
_FUNCTION = re.compile(r"([^ \t\r\n;&|()<>$`'\"\\={}]++)[ \t]*+\([ \t]*+\)")
_BEFORE_PIPELINE = re.compile(rf"(?:!|time(?:[ \t]+-p)?){DELIMITER}")
_IN = re.compile(rf"in{DELIMITER}")
_EMPTY_PARENTHESES = re.compile(r"[ \t]*+\([ \t]*+\)")


class Grammar(SimpleCommands, Tests):
    """Reads commands; the errors are those that ``bash -n`` would give."""

    def program(self) -> Sequence:
        """All commands up to the end of the text. Raises CommandLineError where a shell would see a syntax error."""
        found = self.sequence()
        if self.position < self.limit:
            shown = re.match(r"[A-Za-z}]+|.[;&]*", self.text[self.position : self.position + 20])
            self.refuse(f"a syntax error: {shown[0] if shown else ''!r} has nothing here that it could end")
        return found

    # -------------------------------------------------------------- lists

    def sequence(self) -> Sequence:
        """Commands up to a closing word or parenthesis, which stays."""
        items: list[AndOr] = []
        while True:
            self.lines()
            if not self.character or self.character == ")" or self._terminates() or self._closer():
                return Sequence(tuple(items))
            items.append(self._and_or())

    def _terminates(self) -> bool:
        return bool(_TERMINATOR.match(self.text, self.position, self.limit))

    def _closer(self) -> str:
        found = _RESERVED.match(self.text, self.position, self.limit)
        return found[0] if found and found[0] in _CLOSERS else ""

    def _and_or(self) -> AndOr:
        first = self._pipeline()
        others = []
        self.gap()
        while operator := "&&" if self.take("&&") else "||" if self.take("||") else "":
            self.lines()
            others.append((operator, self._pipeline()))
            self.gap()
        background = not self.at("&&") and self.take("&")
        separated = background or (not self._terminates() and self.take(";"))
        if not separated and self.character not in ("", "\n", ")") and not self._terminates() and not self._closer():
            self.refuse(f"a syntax error: {self.character!r} stands where a command should end")
        return AndOr(first, tuple(others), background)

    def _pipeline(self) -> Pipeline:
        negated = False
        while found := self.match(_BEFORE_PIPELINE):
            negated ^= found[0] == "!"
            self.gap()
        commands = [self._command()]
        self.gap()
        while self.at("|") and not self.at("||"):
            self.position += 1
            self.take("&")
            self.lines()
            commands.append(self._command())
            self.gap()
        return Pipeline(tuple(commands), negated)

    # -------------------------------------------------------------- commands

    def _command(self) -> Command:
        start = self.position
        self.enter(start)
        command = self._compound() or self.simple()
        self.depth -= 1
        if isinstance(command, Simple | Function):
            return command
        redirects = []
        self.gap()
        while redirect := self.redirect():
            redirects.append(redirect)
            self.gap()
        return Redirected(command, tuple(redirects), start) if redirects else command

    def _compound(self) -> Command | None:
        start = self.position
        if self.take("(("):
            expression = self.expression("))")
            if expression is not None:
                return Calculation(expression, start)
            self.position = start
        if self.take("("):
            return Group(self._until(")", start), subshell=True, start=start)
        found = _RESERVED.match(self.text, self.position, self.limit)
        if not found:
            return self._function()
        read = {
            "{": self._group, "if": self._if, "for": self._for, "while": self._while, "until": self._while,
            "case": self._case, "select": self._for, "function": self._named_function, "[[": self.conditional,
        }.get(found[0])  # fmt: skip
        if read is None:
            if found[0] == "coproc":
                self.position = found.end()
                self.gap()
                return self._command()
            self.refuse(f"a syntax error: '{found[0]}' stands where a command should")
        self.position = found.end()
        return read(start)

    def _until(self, closer: str, start: int) -> Sequence:
        body = self.sequence()
        found = self.take(closer) if closer == ")" else self._reserved(closer)
        if not found:
            self.refuse(f"a syntax error: no '{closer}' ends what begins here", start)
        return body

    def _reserved(self, word: str) -> bool:
        found = _RESERVED.match(self.text, self.position, self.limit)
        return bool(found and found[0] == word and self.take(word))

    def _group(self, start: int) -> Command:
        return Group(self._until("}", start), subshell=False, start=start)

    def _if(self, start: int) -> Command:
        arms = []
        while True:
            condition = self._until("then", start)
            body = self.sequence()
            arms.append((condition, body))
            if not self._reserved("elif"):
                break
        otherwise = self._until("fi", start) if self._reserved("else") else None
        if otherwise is None and not self._reserved("fi"):
            self.refuse("a syntax error: no 'fi' ends what begins here", start)
        return If(tuple(arms), otherwise, start)

    def _while(self, start: int) -> Command:
        until = self.text.startswith("until", start)
        condition = self._until("do", start)
        return While(condition, self._until("done", start), until, start)

    def _for(self, start: int) -> Command:
        self.gap()
        if self.take("(("):
            return self._arithmetic_for(start)
        name = self.word().bare or self.refuse("a syntax error: 'for' needs the name of a variable", start)
        self.lines()
        words: list[Word] | None = None
        if self.match(_IN):
            words = self._words()
        self.take(";")
        self.lines()
        return For(name, None if words is None else tuple(words), self._do(start), self.text.startswith("select", start), start)

    def _words(self) -> list[Word]:
        words = []
        self.gap()
        while self.character and self.character not in METACHARACTERS:
            words.append(self.word())
            self.gap()
        return words

    def _do(self, start: int) -> Sequence:
        if self._reserved("{"):
            return self._until("}", start)
        if not self._reserved("do"):
            self.refuse("a syntax error: no 'do' begins this loop's body", start)
        return self._until("done", start)

    def _arithmetic_for(self, start: int) -> Command:
        parts = [self.expression(closer) for closer in (";", ";", "))")]
        first, condition, step = (part or self.refuse("a syntax error in this arithmetic loop", start) for part in parts)
        self.gap()
        self.take(";")
        self.lines()
        return ArithmeticFor(first, condition, step, self._do(start), start)

    def _case(self, start: int) -> Command:
        self.gap()
        subject = self.word()
        self.lines()
        if not self.match(_IN):
            self.refuse("a syntax error: 'case' needs an 'in'", start)
        arms = []
        self.lines()
        while not self._reserved("esac"):
            if not self.character:
                self.refuse("a syntax error: no 'esac' ends what begins here", start)
            arms.append(self._arm())
            self.lines()
        return Case(subject, tuple(arms), start)

    def _arm(self) -> Arm:
        start = self.position
        self.take("(")
        patterns = []
        while True:
            self.gap()
            patterns.append(self.word(pattern=True))
            self.gap()
            if not self.take("|"):
                break
        if not self.take(")"):
            self.refuse("a syntax error: no ')' ends this pattern", start)
        body = self.sequence()
        terminator = self.match(_TERMINATOR)
        if not terminator and self._closer() != "esac":
            self.refuse("a syntax error: no ';;' ends what begins here", start)
        return Arm(tuple(patterns), body, terminator[0] if terminator else ";;")

    # -------------------------------------------------------------- functions

    def _function(self) -> Command | None:
        start = self.position
        found = self.match(_FUNCTION)
        return self._definition(found[1], start) if found else None

    def _named_function(self, start: int) -> Command:
        self.gap()
        name = self.word().bare or self.refuse("a syntax error: 'function' needs a name", start)
        self.match(_EMPTY_PARENTHESES)
        return self._definition(name, start)

    def _definition(self, name: str, start: int) -> Command:
        self.lines()
        if self.character != "(" and not _RESERVED.match(self.text, self.position, self.limit):
            self.refuse("a syntax error: this function has no body", start)
        return Function(name, self._command(), start)
