"""Simple commands: ``MEM=512 ARGS+=(-m "$MEM") kvm "${ARGS[@]}" 2>/dev/null``: assignments, words and redirections."""

from __future__ import annotations

import re
from typing import Final

from qemuxml.shell.grammar.lines import Lines
from qemuxml.shell.grammar.words import METACHARACTERS
from qemuxml.shell.syntax import Assignment, Command, Element, Redirect, Simple, Word

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*+)(?=\[|\+?=)")
_DECLARING: Final = frozenset(["declare", "typeset", "local", "export", "readonly"])
_KEYED = re.compile(r"\[[^\]\n]*\]=")


class SimpleCommands(Lines):
    """Reads commands of one line, and the assignments before or in them."""

    def simple(self) -> Command:
        """The command that begins here with a word, an assignment or a redirection."""
        start = end = self.position
        assignments: list[Assignment] = []
        words: list[Word] = []
        declarations: list[Assignment] = []
        redirects: list[Redirect] = []
        while self.character:
            declaring = bool(words) and words[0].bare in _DECLARING
            if redirect := self.redirect():
                redirects.append(redirect)
            elif self.character in METACHARACTERS and not self.at("<(") and not self.at(">("):
                break
            elif (not words or declaring) and (assignment := self._assignment()):
                (declarations if declaring else assignments).append(assignment)
            else:
                words.append(self.word())
            end = self.position
            self.gap()
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
        index = self.index() if self.take("[") else None
        append = self.at("+=")
        if not self.take("+=") and not self.take("="):
            self.position = start
            return None
        value: Word | tuple[Element, ...] = self._elements() if self.take("(") else self.word()
        return Assignment(name[1], value, start, self.position, index, append)

    def _elements(self) -> tuple[Element, ...]:
        start = self.position - 1
        elements = []
        self.lines()
        while not self.take(")"):
            if not self.character:
                self.refuse("a syntax error: no ')' ends the array that begins here", start)
            if self.character in METACHARACTERS and not self.at("<("):
                self.refuse(f"a syntax error: {self.character!r} stands where an element of the array should")
            elements.append(self._element())
            self.lines()
        return tuple(elements)

    def _element(self) -> Element:
        start = self.position
        if _KEYED.match(self.text, self.position, self.limit) and self.take("["):
            key = self.index()
            if self.take("="):
                return Element(self.word(), key)
            self.position = start
        return Element(self.word())
