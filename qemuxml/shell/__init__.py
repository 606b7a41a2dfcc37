r"""The QEMU call in a shell script: ``MEM=${1:-512}; exec kvm -m "$MEM"`` gives the words ``kvm -m 512``; nothing is run.

``syntax`` and ``grammar`` read a script, ``expansion`` and its neighbours expand words, ``evaluation`` and
``commands`` follow what the script does; ``unit`` reads systemd's files, ``process`` what runs. Every character
of a word keeps its place, through variables and arrays too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from qemuxml.cmdline import words as plain
from qemuxml.cmdline.binary import is_emulator
from qemuxml.errors import CommandLineError, Source, Span
from qemuxml.later import pattern
from qemuxml.shell.launchers import LAUNCHERS
from qemuxml.shell.start import Start


def find(
    source: Source, *, base_dir: str | None = None, settings: Mapping[str, str] | None = None, nth: int | None = None
) -> Start:
    """The QEMU call of a text: a plain command line's words as they stand, a script's by following it.

    ``base_dir`` is where the script is started, ``settings`` are variables (and arguments, by their number) that its caller
    gives, ``nth`` chooses among several calls, counted from 1. Raises CommandLineError for a text that a shell would not read,
    for a script without a call, and where the call needs what only a run of the script would tell.
    """
    if is_script(source.text):
        # Imported here because a plain line does without the twenty modules that follow a script.
        from qemuxml.shell.calls import Script  # noqa: PLC0415

        plain.check(source)
        return Script(source, base_dir, settings or {}, is_unit=is_unit(source.text)).found(nth)
    if nth not in (None, 1):
        raise CommandLineError(f"there is one QEMU call here, and no number {nth}", Span(source, 0, 1))
    return Start(source, plain.split(source), base_dir)


# ------------------------------------------------------------------ scripts and plain lines

_TOKEN = pattern(
    r"""(?P<joined>\\\r?\n)|\\.|'[^']*+'|(?P<comment>(?<![^ \t\r\n])\#[^\n]*+)|(?P<expansion>\$[A-Za-z_0-9({@*]|`)"""
    r"""|(?P<double>"(?:[^"\\]++|\\.)*+")|(?P<operator>(?<![^ \t\r\n])[;&|<>()]|[;&|<>)](?![^ \t\r\n]))|(?P<line>\n)"""
    r"""|[^\\'"\n$` \t\r;&|<>()]++|.""",
    re.DOTALL,
)
_EXPANSION = pattern(r"(?<!\\)(?:\\\\)*+(?:\$[A-Za-z_0-9({@*]|`)")
_FIRST = pattern(r"(?:\s|\\\r?\n|#[^\n]*\n|[A-Za-z_]\w*=(?:[^\s'\"\\]|\\.|'[^']*'|\"(?:[^\"\\]|\\.)*\")*+(?=\s))*+([^\s;]++)")
_SHELL_WORDS = frozenset(
    ["cd", "set", "export", "if", "for", "while", "case", "function", "source", ".", "test", "[", "[[", "eval"]
)
_FIRST_ON_LINE = pattern(r"[ \t]*([^\s'\"\\]+)(?=\s)")
_UNIT = pattern(r"(?:[ \t\r\n]|[#;][^\n]*\n)*+\[[A-Z][A-Za-z]*\][ \t\r]*\n")


def is_unit(text: str) -> bool:
    """Whether a text begins with a section, as unit files do."""
    return bool(_UNIT.match(text))


def is_script(text: str) -> bool:
    """Whether a text is more than one command line: it has variables, several commands, or a program that starts QEMU."""
    if text.startswith("#!") or is_unit(text):
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
