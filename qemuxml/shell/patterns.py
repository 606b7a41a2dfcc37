"""Shell patterns: ``*.img``, ``[a-c]?`` as in ``case``, ``[[ … ]]`` and ``${NAME%.*}``, without the file system."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

Piece = tuple[str, bool]
"""Characters of a pattern, and whether they were quoted: quoted ones stand for themselves."""

_CLASSES = {
    "alpha": "A-Za-z", "digit": "0-9", "alnum": "A-Za-z0-9", "upper": "A-Z", "lower": "a-z", "space": r" \t\r\n\v\f",
    "blank": r" \t", "punct": r"!-/:-@\[-`{-~", "xdigit": "0-9A-Fa-f", "word": "A-Za-z0-9_",
}  # fmt: skip
_BRACKETS = re.compile(r"\[[!^]?\]?(?:\[:[a-z]+:\]|[^\]])*\]")


def is_plain(pattern: Sequence[Piece]) -> bool:
    """Whether the pattern stands only for itself."""
    return not any(not quoted and re.search(r"[*?\[]", text) for text, quoted in pattern)


@lru_cache(maxsize=256)
def compiled(pattern: tuple[Piece, ...]) -> re.Pattern[str]:
    """The pattern for ``fullmatch``.

    All stars but the last take the first match of what follows them and never look back, so that no text costs more than
    its length: that is enough, for what stands behind a later star may begin anywhere.
    """
    segments: list[list[str]] = [[]]
    for text, quoted in pattern:
        if quoted:
            segments[-1].append(re.escape(text))
        else:
            _add(segments, text)
    first, *others = ("".join(segment) for segment in segments)
    middle = "".join(f"(?>.*?{segment})" for segment in others[:-1])
    last = f".*{others[-1]}" if others else ""
    return re.compile(first + middle + last, re.DOTALL)


def _add(segments: list[list[str]], text: str) -> None:
    position = 0
    while position < len(text):
        brackets = _BRACKETS.match(text, position)
        character = text[position]
        if character == "*":
            segments.append([])
        elif character == "?":
            segments[-1].append(".")
        elif character == "[" and brackets:
            segments[-1].append(_bracket(brackets[0]))
            position = brackets.end() - 1
        else:
            segments[-1].append(re.escape(character))
        position += 1


def _bracket(text: str) -> str:
    inner = text[1:-1]
    negation = "^" if inner[:1] in ("!", "^") else ""
    inner = inner[len(negation) :]
    parts = re.split(r"\[:([a-z]+):\]", inner)
    translated = "".join(
        _CLASSES.get(part, "") if number % 2 else re.sub(r"([\\\[\]^&~|])", r"\\\1", part) for number, part in enumerate(parts)
    )
    try:
        re.compile(f"[{negation}{translated}]")
    except re.error:
        return re.escape(text)
    return f"[{negation}{translated}]"
