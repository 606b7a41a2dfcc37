r"""The grammar of bash and sh scripts: ``for n in 1 2; do kvm -name vm$n & done`` becomes its syntax tree, nothing is run.

Written by hand for two reasons. Every character has to keep its place, through quotes and here-documents, and each word has to
come out as bash reads it; tree-sitter-bash 0.25 splits ``a"b"\ c`` in two, and takes all that follows `# a comment` in
back-quotes, a common way to comment one line of a long command, for a part of it. And a converter should not need a compiled
grammar to read ten lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from qemuxml.errors import Source
from qemuxml.shell.scanner import METACHARACTERS, Scanner
from qemuxml.shell.syntax import (
    AndOr,
    ArithmeticFor,
    Arm,
    Assignment,
    Calculation,
    Case,
    Check,
    Command,
    Conditional,
    Element,
    For,
    Function,
    Group,
    If,
    Junction,
    Literal,
    Part,
    Pipeline,
    Redirect,
    Redirected,
    Sequence,
    Simple,
    While,
    Word,
)

_GAP = re.compile(r"(?:[ \t\r]|\\\r?\n)++")
_COMMENT = re.compile(r"#[^\n]*+")
_DELIMITER = r"(?=[ \t\r\n;&|()<>]|\\\r?\n|\Z)"
_RESERVED = re.compile(
    rf"(?:if|then|else|elif|fi|for|while|until|do|done|case|esac|select|function|time|coproc|\{{|\}}|!|\[\[){_DELIMITER}"
)
_CLOSERS = frozenset(["then", "else", "elif", "fi", "do", "done", "esac", "}"])
_TERMINATOR = re.compile(r";;&|;&|;;")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*+)(?=\[|\+?=)")
_FUNCTION = re.compile(r"([^ \t\r\n;&|()<>$`'\"\\={}]++)[ \t]*+\([ \t]*+\)")
_REDIRECT = re.compile(r"([0-9]+|\{[A-Za-z_][A-Za-z0-9_]*+\})?(<<<|<<-|<<|<&|<>|>>|>\||>&|&>>|&>|<(?!\()|>(?!\())")
_DECLARING: Final = frozenset(["declare", "typeset", "local", "export", "readonly"])
_BEFORE_PIPELINE = re.compile(rf"(?:!|time(?:[ \t]+-p)?){_DELIMITER}")
_IN = re.compile(rf"in{_DELIMITER}")
_EMPTY_PARENTHESES = re.compile(r"[ \t]*+\([ \t]*+\)")
_KEYED = re.compile(r"\[[^\]\n]*\]=")
_NOT = re.compile(rf"!{_DELIMITER}")
_TEST_END = re.compile(rf"\]\]{_DELIMITER}")
_UNARY_TEST = re.compile(rf"-[a-zA-Z]{_DELIMITER}")
_BINARY_TEST = re.compile(rf"==|=~|!=|=|<|>|-(?:eq|ne|lt|le|gt|ge|ef|nt|ot){_DELIMITER}")
_IN_EXPRESSION = re.compile(r"[^ \t\r\n$`'\"\\]++")


class Grammar(Scanner):
    """Reads commands; the errors are those that ``bash -n`` would give."""

    def __init__(self, source: Source, position: int = 0, limit: int | None = None, depth: int = 0) -> None:
        super().__init__(source, position, limit, depth)
        self._heredocs: list[Redirect] = []

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
            self._lines()
            if not self.character or self.character == ")" or self._terminates() or self._closer():
                return Sequence(tuple(items))
            items.append(self._and_or())

    def _terminates(self) -> bool:
        return bool(_TERMINATOR.match(self.text, self.position, self.limit))

    def _closer(self) -> str:
        found = _RESERVED.match(self.text, self.position, self.limit)
        return found[0] if found and found[0] in _CLOSERS else ""

    def _gap(self) -> None:
        self.match(_GAP)
        if self.at("#"):
            self.match(_COMMENT)

    def _lines(self) -> None:
        """Go over blanks, comments and line ends, and the here-documents behind those."""
        self._gap()
        while self.at("\n"):
            self._line_end()
            self._gap()

    def _and_or(self) -> AndOr:
        first = self._pipeline()
        others = []
        self._gap()
        while operator := "&&" if self.take("&&") else "||" if self.take("||") else "":
            self._lines()
            others.append((operator, self._pipeline()))
            self._gap()
        background = not self.at("&&") and self.take("&")
        separated = background or (not self._terminates() and self.take(";"))
        if not separated and self.character not in ("", "\n", ")") and not self._terminates() and not self._closer():
            self.refuse(f"a syntax error: {self.character!r} stands where a command should end")
        return AndOr(first, tuple(others), background)

    def _pipeline(self) -> Pipeline:
        negated = False
        while found := self.match(_BEFORE_PIPELINE):
            negated ^= found[0] == "!"
            self._gap()
        commands = [self._command()]
        self._gap()
        while self.at("|") and not self.at("||"):
            self.position += 1
            self.take("&")
            self._lines()
            commands.append(self._command())
            self._gap()
        return Pipeline(tuple(commands), negated)

    # -------------------------------------------------------------- commands

    def _command(self) -> Command:
        start = self.position
        self.enter(start)
        command = self._compound() or self._simple()
        self.depth -= 1
        if isinstance(command, Simple | Function):
            return command
        redirects = []
        self._gap()
        while redirect := self._redirect():
            redirects.append(redirect)
            self._gap()
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
            "case": self._case, "select": self._for, "function": self._named_function, "[[": self._conditional,
        }.get(found[0])  # fmt: skip
        if read is None:
            if found[0] == "coproc":
                self.position = found.end()
                self._gap()
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
        self._gap()
        if self.take("(("):
            return self._arithmetic_for(start)
        name = self.word().bare or self.refuse("a syntax error: 'for' needs the name of a variable", start)
        self._lines()
        words: list[Word] | None = None
        if self.match(_IN):
            words = self._words()
        self.take(";")
        self._lines()
        return For(name, None if words is None else tuple(words), self._do(start), self.text.startswith("select", start), start)

    def _words(self) -> list[Word]:
        words = []
        self._gap()
        while self.character and self.character not in METACHARACTERS:
            words.append(self.word())
            self._gap()
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
        self._gap()
        self.take(";")
        self._lines()
        return ArithmeticFor(first, condition, step, self._do(start), start)

    def _case(self, start: int) -> Command:
        self._gap()
        subject = self.word()
        self._lines()
        if not self.match(_IN):
            self.refuse("a syntax error: 'case' needs an 'in'", start)
        arms = []
        self._lines()
        while not self._reserved("esac"):
            if not self.character:
                self.refuse("a syntax error: no 'esac' ends what begins here", start)
            arms.append(self._arm())
            self._lines()
        return Case(subject, tuple(arms), start)

    def _arm(self) -> Arm:
        start = self.position
        self.take("(")
        patterns = []
        while True:
            self._gap()
            patterns.append(self.word(pattern=True))
            self._gap()
            if not self.take("|"):
                break
        if not self.take(")"):
            self.refuse("a syntax error: no ')' ends this pattern", start)
        body = self.sequence()
        terminator = self.match(_TERMINATOR)
        if not terminator and self._closer() != "esac":
            self.refuse("a syntax error: no ';;' ends what begins here", start)
        return Arm(tuple(patterns), body, terminator[0] if terminator else ";;")

    # -------------------------------------------------------------- [[ … ]]

    def _conditional(self, start: int) -> Command:
        expression = self._either()
        self._lines()
        if not self.match(_TEST_END):
            self.refuse("a syntax error: no ']]' ends what begins here", start)
        return Conditional(expression, start)

    def _either(self) -> Check | Junction:
        return self._junction("||", lambda: self._junction("&&", self._negation))

    def _junction(self, operator: str, operand: Callable[[], Check | Junction]) -> Check | Junction:
        operands = [operand()]
        self._lines()
        while self.take(operator):
            operands.append(operand())
            self._lines()
        return Junction(operator, tuple(operands)) if len(operands) > 1 else operands[0]

    def _negation(self) -> Check | Junction:
        self._lines()
        start = self.position
        self.enter(start)
        found: Check | Junction
        if self.match(_NOT):
            found = Junction("!", (self._negation(),))
        elif self.take("("):
            found = self._either()
            if not self.take(")"):
                self.refuse("a syntax error: this parenthesis is not closed", start)
        else:
            found = self._check()
        self.depth -= 1
        return found

    def _check(self) -> Check:
        start = self.position
        if unary := self.match(_UNARY_TEST):
            self._gap()
            return Check(unary[0], (self.word(pattern=True),), start, self.position)
        left = self.word()
        if left.start == left.end or left.bare == "]]":
            self.refuse("a syntax error: a test needs something to test", start)
        self._gap()
        if self.at("]]"):
            return Check("-n", (left,), start, left.end)
        binary = self.match(_BINARY_TEST)
        if not binary:
            return Check("-n", (left,), start, left.end)
        self._gap()
        right = self.word(" \t\r\n", _IN_EXPRESSION) if binary[0] == "=~" else self.word(pattern=True)
        return Check(binary[0], (left, right), start, self.position)

    # -------------------------------------------------------------- functions

    def _function(self) -> Command | None:
        start = self.position
        found = self.match(_FUNCTION)
        return self._definition(found[1], start) if found else None

    def _named_function(self, start: int) -> Command:
        self._gap()
        name = self.word().bare or self.refuse("a syntax error: 'function' needs a name", start)
        self.match(_EMPTY_PARENTHESES)
        return self._definition(name, start)

    def _definition(self, name: str, start: int) -> Command:
        self._lines()
        if self.character != "(" and not _RESERVED.match(self.text, self.position, self.limit):
            self.refuse("a syntax error: this function has no body", start)
        return Function(name, self._command(), start)

    # -------------------------------------------------------------- simple commands

    def _simple(self) -> Command:
        start = end = self.position
        assignments: list[Assignment] = []
        words: list[Word] = []
        declarations: list[Assignment] = []
        redirects: list[Redirect] = []
        while self.character:
            declaring = bool(words) and words[0].bare in _DECLARING
            if redirect := self._redirect():
                redirects.append(redirect)
            elif self.character in METACHARACTERS and not self.at("<(") and not self.at(">("):
                break
            elif (not words or declaring) and (assignment := self._assignment()):
                (declarations if declaring else assignments).append(assignment)
            else:
                words.append(self.word())
            end = self.position
            self._gap()
        if end == start:
            shown = self.character or "the end"
            self.refuse(f"a syntax error: {shown!r} stands where a command should")
        if self.at("("):
            self.refuse("a syntax error: '(' stands where a word should")
        return Simple(tuple(assignments), tuple(words), tuple(declarations), tuple(redirects), start, end)

    def _assignment(self) -> Assignment | None:
        start = self.position
        name = self.match(_ASSIGNMENT)
        if not name:
            return None
        index = self._index() if self.take("[") else None
        append = self.at("+=")
        if not self.take("+=") and not self.take("="):
            self.position = start
            return None
        value: Word | tuple[Element, ...] = self._elements() if self.take("(") else self.word()
        return Assignment(name[1], value, start, self.position, index, append)

    def _elements(self) -> tuple[Element, ...]:
        start = self.position - 1
        elements = []
        self._lines()
        while not self.take(")"):
            if not self.character:
                self.refuse("a syntax error: no ')' ends the array that begins here", start)
            if self.character in METACHARACTERS and not self.at("<("):
                self.refuse(f"a syntax error: {self.character!r} stands where an element of the array should")
            elements.append(self._element())
            self._lines()
        return tuple(elements)

    def _element(self) -> Element:
        start = self.position
        if _KEYED.match(self.text, self.position, self.limit) and self.take("["):
            key = self._index()
            if self.take("="):
                return Element(self.word(), key)
            self.position = start
        return Element(self.word())

    # -------------------------------------------------------------- redirections and here-documents

    def _redirect(self) -> Redirect | None:
        start = self.position
        found = self.match(_REDIRECT)
        if not found:
            return None
        self._gap()
        target = self.word()
        if target.start == target.end:
            self.refuse(f"a syntax error: '{found[2]}' needs a word behind it", start)
        redirect = Redirect(found[2], target, found[1] or "")
        if found[2] in ("<<", "<<-"):
            self._heredocs.append(redirect)
        return redirect

    def _line_end(self) -> None:
        """Go over a line's end; the here-documents that the line has begun stand behind it."""
        self.position += 1
        while self._heredocs:
            redirect = self._heredocs.pop(0)
            redirect.target = self._heredoc(redirect.target, tabs=redirect.operator == "<<-")

    def _heredoc(self, delimiter: Word, *, tabs: bool) -> Word:
        """The text up to the line of the delimiter, expanded unless a part of that was quoted; ``<<-`` strips tabs."""
        closing = re.sub(r"['\"\\]", "", self.text[delimiter.start : delimiter.end])
        literal = closing != self.text[delimiter.start : delimiter.end]
        start = self.position
        lines: list[Literal] = []
        while self.position < self.limit:
            begin, end = self.position, self._next_line()
            begin += len(self.text[begin:end]) - len(self.text[begin:end].lstrip("\t")) if tabs else 0
            if self.text[begin:end].rstrip("\r\n") == closing:
                break
            lines.append(Literal(self.text[begin:end], begin, quoted=True))
        return Word(tuple(lines if literal else self._expanded(lines)), start, self.position)

    def _next_line(self) -> int:
        found = self.text.find("\n", self.position, self.limit)
        self.position = self.limit if found < 0 else found + 1
        return self.position

    def _expanded(self, lines: list[Literal]) -> list[Part]:
        """The parts of a here-document. Lines that stand one behind the other are read as one: ``$(`` may span them."""
        regions: list[tuple[int, int]] = []
        for line in lines:
            begin = line.start
            if regions and regions[-1][1] == begin:
                begin = regions.pop()[0]
            regions.append((begin, line.start + len(line.text)))
        found: list[Part] = []
        for begin, end in regions:
            found += self.within(begin, end).quoted_parts("", escaped="$`\\")
        return found
