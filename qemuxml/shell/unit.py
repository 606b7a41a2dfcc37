r"""Unit files of systemd: ``ExecStart=/usr/bin/kvm -m ${MEM} \`` with ``Environment=``, ``WorkingDirectory=`` and ``%i``.

Lines ending with a backslash go on in the next one that is no comment. Words are split at blanks; quotes and escapes are C's, not
a shell's; ``$NAME`` as a word of its own is split, ``${NAME}`` is not, and nothing else is expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qemuxml.errors import CommandLineError
from qemuxml.record import record
from qemuxml.shell import commands
from qemuxml.shell.context import Context
from qemuxml.shell.evaluation import Evaluator
from qemuxml.shell.syntax import Simple
from qemuxml.shell.values import Run, Text, Unknown, computed, joined

_KEY = re.compile(r"[ \t]*([A-Za-z]+)[ \t]*=[ \t]*")
_PREFIX = re.compile(r"[-@:+!|]*")
_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)\}|\$\$")
_SPECIFIER = re.compile(r"%(.)")
_SPLIT_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)")
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "s": " "}


@record(frozen=True)
class _Setting:
    """One ``Key=value``; the value's lines are runs, joined by blanks."""

    key: str
    value: Text


def follow(evaluator: Evaluator) -> None:
    """Follow the commands of a unit file's ``ExecStart=``."""
    _Unit(evaluator).follow()


class _Unit:
    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.context: Context = evaluator.context
        name = evaluator.context.source.name.rsplit("/", 1)[-1]
        prefix, _, instance = name.rsplit(".", 1)[0].partition("@")
        self.specifiers = {
            "n": name, "N": name.rsplit(".", 1)[0], "p": prefix, "t": "/run", "S": "/var/lib", "C": "/var/cache", "%": "%",
        }  # fmt: skip
        if instance:
            self.specifiers["i"] = self.specifiers["I"] = instance

    def follow(self) -> None:
        settings = list(self._settings())
        if self.evaluator.state.folder == ".":
            self.evaluator.state.folder = "/"  # where systemd starts what has no WorkingDirectory=
        for setting in settings:
            if setting.key == "Environment":
                self._set_environment(setting.value)
            elif setting.key == "EnvironmentFile":
                self._note_file(setting.value)
            elif setting.key == "WorkingDirectory":
                self._change_folder(setting.value)
        for setting in settings:
            if setting.key == "ExecStart":
                self._start(setting.value)

    def _note_file(self, value: Text) -> None:
        self.context.note(f"{value} is not read: --set NAME=VALUE gives what it sets", value.start, value.end)

    # -------------------------------------------------------------- lines

    def _settings(self) -> Iterator[_Setting]:
        position, text = 0, self.context.source.text
        section = ""
        while position < len(text):
            end = self._line_end(position)
            line = text[position:end]
            if header := re.match(r"[ \t]*\[(\w+)\]", line):
                section = header[1]
            elif section in ("Service", "") and (key := _KEY.match(line)) and line.lstrip()[:1] not in ("#", ";"):
                runs, end = self._value(position + key.end(), end)
                yield _Setting(key[1], Text(runs, position + key.end(), max(end, position + key.end() + 1)))
            position = end + 1

    def _line_end(self, position: int) -> int:
        end = self.context.source.text.find("\n", position)
        return len(self.context.source.text) if end < 0 else end

    def _value(self, start: int, end: int) -> tuple[tuple[Run, ...], int]:
        """A value with its continued lines; comments between those are skipped."""
        text, runs = self.context.source.text, []
        while True:
            line = text[start:end].rstrip("\r")
            if not line.endswith("\\"):
                runs.append(Run(line, start))
                return tuple(runs), end
            runs += [Run(line[:-1], start), Run(" ", start + len(line) - 1, computed=True)]
            start = end + 1
            end = self._line_end(start)
            while start < len(text) and text[start:end].lstrip()[:1] in ("#", ";"):
                start = end + 1
                end = self._line_end(start)
            if start >= len(text):
                return tuple(runs), len(text)

    # -------------------------------------------------------------- words

    def _words(self, value: Text) -> list[Text]:
        """The words of a value without quotes and escapes; variables stay in them."""
        characters, position, words = str(value), 0, list[Text]()
        self.context.spend(len(characters) * (1 + len(value.runs) // 4), value.start)
        while position < len(characters):
            if characters[position] in " \t":
                position += 1
                continue
            parts, position = self._word(value, characters, position)
            words.append(joined(parts, value.start, value.end).at_own_place())
        return words

    def _word(self, value: Text, characters: str, position: int) -> tuple[list[Text], int]:
        parts, quote, start = list[Text](), "", position
        while position < len(characters) and (quote or characters[position] not in " \t"):
            character = characters[position]
            if quote and character == quote:
                quote = ""
                position += 1
            elif not quote and character in "'\"" and position == start:
                quote = character
                position += 1
            elif character == "\\" and position + 1 < len(characters):
                part, position = self._escape(value, characters, position)
                parts.append(part)
            else:
                parts.append(value.cut(position, position + 1))
                position += 1
        if quote:
            place = value.cut(start, start + 1).runs[0].place
            raise CommandLineError("this quote is not closed", self.context.span(place, place + 1))
        return parts, position

    @staticmethod
    def _escape(value: Text, characters: str, position: int) -> tuple[Text, int]:
        place = value.cut(position, position + 1).runs[0].place
        coded = re.compile(r"\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4}))").match(characters, position)
        if coded:
            code = int(coded[1] or coded[3] or coded[2], 8 if coded[2] else 16)
            return computed(chr(code) if 0 < code < 0xD800 else "?", place, place + 1), coded.end()
        following = characters[position + 1]
        if following in _ESCAPES:
            return computed(_ESCAPES[following], place, place + 1), position + 2
        return value.cut(position + 1, position + 2), position + 2

    # -------------------------------------------------------------- expansion

    def _fields(self, word: Text) -> list[Text | Unknown]:
        text = str(word)
        whole = _SPLIT_VARIABLE.fullmatch(text)
        if not whole:
            return [self._expanded(word)]
        value = self._variable(whole[1], word)
        if isinstance(value, Unknown):
            return [value]
        return [value.cut(*found.span()).at_own_place() for found in re.finditer(r"[^ \t\n]+", str(value))]

    def _expanded(self, word: Text) -> Text | Unknown:
        """A word with its specifiers and variables."""
        parts, position, text = list[Text](), 0, str(word)
        for found in re.finditer(rf"{_VARIABLE.pattern}|{_SPECIFIER.pattern}", text):
            parts.append(word.cut(position, found.start()))
            position = found.end()
            value = self._replacement(found, word)
            if isinstance(value, Unknown):
                return value
            parts.append(value)
        if not position:
            return word
        parts.append(word.cut(position, len(text)))
        return self.context.checked(joined(parts, word.start, word.end))

    def _replacement(self, found: re.Match[str], word: Text) -> Text | Unknown:
        place = word.cut(found.start(), found.start() + 1).runs[0].place
        if found[0] == "$$":
            return computed("$", place, place + 1)
        if found[1]:
            return self._variable(found[1], word)
        if found[2] in self.specifiers:
            return computed(self.specifiers[found[2]], place, place + 2)
        unknown = Unknown(f"what {found[0]} stands for", place, place + 2, found[2])
        return self.context.given(found[2], place, place + 2) or unknown

    def _variable(self, name: str, word: Text) -> Text | Unknown:
        value = self.evaluator.expander.parameters.scalar(name, word.start, word.end)
        return value if value is not None else Text((), word.start, word.end)

    # -------------------------------------------------------------- what settings do

    def _set_environment(self, value: Text) -> None:
        names = set()
        for word in self._words(value):
            found = re.match(r"([A-Za-z_]\w*)=", str(word))
            if found:
                expanded = self._expanded(word)
                content = expanded if isinstance(expanded, Unknown) else expanded.cut(found.end(), len(str(expanded)))
                self.evaluator.assign(found[1], content)
                names.add(found[1])
        self.evaluator.state.exported |= names

    def _change_folder(self, value: Text) -> None:
        folder = self._expanded(value)
        if isinstance(folder, Unknown):
            self.evaluator.state.folder = folder
        elif re.match("-?/", str(folder)):
            self.evaluator.state.folder = str(folder).removeprefix("-").rstrip("/") or "/"

    def _start(self, value: Text) -> None:
        """One ``ExecStart=``; a word ``;`` begins another command."""
        words = self._words(value)
        if not words:
            self.evaluator.calls.clear()  # an empty setting takes the earlier ones back
            return
        prefix = _PREFIX.match(str(words[0]))
        length = prefix.end() if prefix else 0
        renamed = "@" in str(words[0])[:length]
        words[0] = words[0].cut(length, len(str(words[0])))
        fields = [field for word in words[:1] + words[1 + renamed :] for field in self._fields(word)]
        end = next((place for place, field in enumerate(fields) if isinstance(field, Text) and str(field) == ";"), len(fields))
        node = Simple((), (), (), (), value.start, value.end)
        commands.start(self.evaluator, node, fields[:end])
