"""Programs that change the text they read: ``echo web:512 | cut -d: -f2``, ``tr a-z A-Z``, ``sed 's/img$/raw/'``, ``head -n 1``.

Only the plain uses that a text alone decides are known here. All else gives None: only a run would tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from qemuxml.shell.arithmetic import NoNumberError, calculate

Filter = Callable[[Sequence[str], str], str | None]
"""The output for these arguments and this input; None if it is not known."""


def _lines(text: str) -> list[str]:
    return text.split("\n")[: -1 if text.endswith("\n") else None]


def _ended(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _options(words: Sequence[str], valued: str, flags: str) -> tuple[dict[str, str], list[str]] | None:
    """Options of one letter and what follows them; None if there are others."""
    found: dict[str, str] = {}
    rest = list(words)
    while rest and re.match("-[a-zA-Z]", rest[0]):
        word = rest.pop(0)[1:]
        while word:
            letter, word = word[0], word[1:]
            if letter in valued:
                if not word and not rest:
                    return None
                found[letter], word = word or rest.pop(0), ""
            elif letter in flags:
                found[letter] = ""
            else:
                return None
    return found, rest


# ------------------------------------------------------------------ tr

_NAMED: Final = {
    "[:lower:]": "a-z",
    "[:upper:]": "A-Z",
    "[:digit:]": "0-9",
    "[:space:]": " \\t\\n\\r\\v\\f",
    "[:alnum:]": "0-9A-Za-z",
}
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "v": "\v", "f": "\f", "\\": "\\"}


def _set(text: str) -> str | None:
    """The characters of ``a-z``; None for what is no plain set."""
    for name, characters in _NAMED.items():
        text = text.replace(name, characters)
    if re.search(r"\[[:=.]|\[.\*", text):
        return None
    text = re.sub(r"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), text)
    return re.sub(r"(.)-(.)", lambda found: "".join(map(chr, range(ord(found[1]), ord(found[2]) + 1))), text, flags=re.DOTALL)


def _translate(words: Sequence[str], text: str) -> str | None:
    options = _options(words, "", "cds")
    sets = [_set(item) for item in options[1]] if options else []
    if options is None or not 1 <= len(sets) <= 2 or None in sets:
        return None
    known = [item for item in sets if item is not None]
    flags = options[0]
    if "d" in flags or "c" in flags:
        kept = "".join(character for character in text if (character in known[0]) == ("c" in flags))
        return kept if len(known) == 1 and "d" in flags else None
    if len(known) > 1:
        if not known[1]:
            return None
        second = known[1].ljust(len(known[0]), known[1][-1])
        text = text.translate({ord(one): other for one, other in zip(known[0], second, strict=False)})
    if "s" in flags:
        return re.sub(f"([{re.escape(known[-1])}])\\1+", r"\1", text)
    return text if len(known) > 1 else None


# ------------------------------------------------------------------ fields and lines


def _places(text: str, size: int) -> set[int] | None:
    """The numbers of ``1,3-5``, counted from one."""
    found: set[int] = set()
    for part in text.split(","):
        ends = re.fullmatch(r"([0-9]{1,4})?(-)?([0-9]{1,4})?", part)
        if not ends or not (ends[1] or ends[3]):
            return None
        first = int(ends[1] or 1)
        last = int(ends[3]) if ends[3] else size if ends[2] else first
        found |= set(range(first, min(last, size) + 1))
    return found


def _cut(words: Sequence[str], text: str) -> str | None:
    found = _options(words, "dfc", "s")
    if found is None or found[1] or ("f" in found[0]) == ("c" in found[0]):
        return None
    options = found[0]
    separator = options.get("d", "\t")
    lines = []
    for line in _lines(text):
        parts = list(line) if "c" in options else line.split(separator)
        if len(parts) == 1 and "f" in options:
            lines += [] if "s" in options else [line]
            continue
        places = _places(options.get("f") or options.get("c") or "", len(parts))
        if places is None:
            return None
        joint = "" if "c" in options else separator
        lines.append(joint.join(part for number, part in enumerate(parts, 1) if number in places))
    return _ended(lines)


_PRINTED: Final = re.compile(r"[ \t]*\{[ \t]*print[ \t]*(?:\$([0-9]{1,2}|NF))?[ \t;]*\}[ \t]*")


def _awk(words: Sequence[str], text: str) -> str | None:
    """``awk -F: '{print $2}'``."""
    found = _options(words, "F", "")
    program = _PRINTED.fullmatch(found[1][0]) if found and len(found[1]) == 1 else None
    if found is None or program is None:
        return None
    separator = found[0].get("F", " ")
    if not re.fullmatch(r"[ ,:;=/@-]", separator):
        return None
    lines = []
    for line in _lines(text):
        parts = line.split() if separator == " " else line.split(separator) if line else []
        number = len(parts) if program[1] == "NF" else int(program[1] or 0)
        lines.append(line if not number else parts[number - 1] if number <= len(parts) else "")
    return _ended(lines)


def _ends(words: Sequence[str], text: str, *, first: bool) -> str | None:
    if words and re.fullmatch("-[0-9]{1,6}", words[0]):
        words = ["-n", words[0][1:], *words[1:]]
    found = _options(words, "nc", "")
    if found is None or found[1] or len(found[0]) > 1:
        return None
    amount = found[0].get("n") or found[0].get("c") or "10"
    if not re.fullmatch("[0-9]{1,6}", amount):
        return None
    parts = list(text) if "c" in found[0] else re.findall(r"[^\n]*\n|[^\n]+", text)
    return "".join(parts[: int(amount)] if first else parts[max(len(parts) - int(amount), 0) :])


def _sorted(words: Sequence[str], text: str) -> str | None:
    found = _options(words, "", "un")
    if found is None or found[1] or not text.isascii():
        return None
    lines = _lines(text)
    if "n" in found[0]:
        if not all(re.fullmatch("[0-9]{1,18}", line) for line in lines):
            return None
        lines.sort(key=int)
    else:
        if not re.fullmatch(r"[a-z0-9\n]*", text):
            return None  # how others are sorted depends on the language
        lines.sort()
    return _ended(list(dict.fromkeys(lines)) if "u" in found[0] else lines)


def _counted(words: Sequence[str], text: str) -> str | None:
    counts = {"-l": text.count("\n"), "-w": len(text.split()), "-c": len(text.encode())}
    return f"{counts[words[0]]}\n" if len(words) == 1 and words[0] in counts else None


# ------------------------------------------------------------------ sed and grep


def _regular(text: str, *, extended: bool) -> str | None:
    """A regular expression of the shell's tools for Python; None for one that may mean something else, or take long."""
    text = text.replace(r"\t", "\t")
    if re.search(r"(?<!\\)\$(?!\Z)|(?<![\\\[])\^(?<!\A\^)|\[[^\]]*\\", text):
        return None
    if not extended:
        if re.search(r"\\[^.$*/\[\]^\\(){}+?|]|[|]", text):
            return None
        text = re.sub(r"\\([(){}+?|])|([(){}+?|])", lambda found: found[1] or f"\\{found[2]}", text)
    elif re.search(r"\\[a-zA-Z0-9<>]", text):
        return None
    text = re.sub(r"\[:(\w+):\]", lambda found: _CLASSES.get(found[1], found[0]), text)
    if (
        "[:" in text
        or "[[" in text
        or re.search(r"\)[*+?{]|\(\?|\\[a-zA-Z0-9<>]|[|]", text)
        or len(re.findall(r"(?<!\\)[*+{]", text)) > 2
    ):
        return None
    try:
        re.compile(text)
    except re.error:
        return None
    return text


_CLASSES: Final = {"digit": "0-9", "alpha": "A-Za-z", "alnum": "A-Za-z0-9", "space": r"\s", "upper": "A-Z", "lower": "a-z"}
_SUBSTITUTION: Final = re.compile(r"s([/|,#@:!])((?:\\.|(?!\1).)*)\1((?:\\.|(?!\1).)*)\1(g?)", re.DOTALL)


def _sed(words: Sequence[str], text: str) -> str | None:
    r"""``sed -e 's/a/b/g' -E 's/(x+)y/\1/'``."""
    found = _options(words, "e", "Er")
    if found is None or len(found[1]) + ("e" in found[0]) != 1:
        return None
    program = found[1][0] if found[1] else found[0]["e"]
    for command in re.split(r";[ \t]*(?=s[/|,#@:!])", program):
        steps = _SUBSTITUTION.fullmatch(command.strip())
        pattern = _regular(steps[2], extended=bool(found[0].keys() & {"E", "r"})) if steps else None
        if steps is None or pattern is None or re.search(r"\\[^0-9&/|,#@:!.\\]|(?<!\\)\n", steps[3]):
            return None
        instead = re.sub(r"\\([0-9])|\\(.)|(&)", lambda part: f"\\g<{part[1] or 0}>" if part[1] or part[3] else part[2], steps[3])
        count = 0 if steps[4] else 1
        try:
            text = _ended([re.sub(pattern, instead, line, count=count) for line in _lines(text)])
        except re.error:
            return None
    return text


def _grep(words: Sequence[str], text: str) -> str | None:
    found = _options(words, "e", "EFivqowx")
    if found is None or len(found[1]) + ("e" in found[0]) != 1 or "w" in found[0]:
        return None
    flags, sought = found[0], found[1][0] if found[1] else found[0]["e"]
    pattern = re.escape(sought) if "F" in flags else _regular(sought, extended="E" in flags)
    if pattern is None:
        return None
    expression = re.compile(f"(?:{pattern})" + (r"\Z" if "x" in flags else ""), re.IGNORECASE if "i" in flags else 0)
    look = expression.match if "x" in flags else expression.search
    if "o" in flags:
        return (
            None if "v" in flags else _ended([part[0] for line in _lines(text) for part in expression.finditer(line) if part[0]])
        )
    return _ended([line for line in _lines(text) if bool(look(line)) != ("v" in flags)])


# ------------------------------------------------------------------ arithmetic


def _calculated(words: Sequence[str], text: str) -> str | None:
    """``echo '4 * 1024' | bc``, of whole numbers."""
    if words or not re.fullmatch(r"[0-9 ()+*/%-]{1,60}\n?", text) or "**" in text or re.search("[0-9]{10}", text):
        return None
    try:
        return f"{calculate(re.sub(r'(?<![0-9])0+(?=[0-9])', '', text), lambda _: 0, lambda _, __: None)}\n"
    except NoNumberError:
        return None


FILTERS: Final[Mapping[str, Filter]] = {
    "tr": _translate,
    "cut": _cut,
    "awk": _awk,
    "head": lambda words, text: _ends(words, text, first=True),
    "tail": lambda words, text: _ends(words, text, first=False),
    "sort": _sorted,
    "wc": _counted,
    "sed": _sed,
    "grep": _grep,
    "rev": lambda words, text: None if words else _ended([line[::-1] for line in _lines(text)]),
    "bc": _calculated,
    "tac": lambda words, text: None if words else _ended(_lines(text)[::-1]),
}
"""The filters by their names."""
