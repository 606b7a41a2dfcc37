"""Brace expansion: ``disk{1,2}.img`` becomes ``disk1.img`` and ``disk2.img``, ``{1..3}`` three numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from qemuxml.shell.syntax import Literal, Parameter, Part, Word

MOST = 1000
"""Words that one word may become."""

MOST_BRACES = 100
"""Opening braces in one word."""

_DEEPEST = 8
_RANGE = re.compile(r"(-?\d{1,9})\.\.(-?\d{1,9})(?:\.\.(-?\d{1,9}))?|([A-Za-z])\.\.([A-Za-z])(?:\.\.(-?\d{1,9}))?")

Atom = Part
"""One unquoted character, or any other part whole."""


class TooManyError(Exception):
    """A word stands for more than MOST words."""


def alternatives(word: Word) -> list[Word]:
    """The words that a word with braces stands for; the word itself if it has none. Raises TooManyError."""
    if "{" not in "".join(_bare(part) for part in word.parts):
        return [word]
    if sum(_bare(part).count("{") for part in word.parts) > MOST_BRACES:
        raise TooManyError
    atoms = [atom for part in word.parts for atom in _atoms(part)]
    return [Word(tuple(_glued(found)), word.start, word.end) for found in _expanded(atoms, 0)]


def _bare(part: Part) -> str:
    return part.text if isinstance(part, Literal) and not part.quoted else ""


def _atoms(part: Part) -> Iterator[Atom]:
    if isinstance(part, Literal) and not part.quoted:
        yield from (Literal(character, part.start + number, quoted=False) for number, character in enumerate(part.text))
    else:
        yield part


def _glued(atoms: Sequence[Atom]) -> list[Part]:
    """Neighbouring characters become one literal again."""
    parts: list[Part] = []
    for atom in atoms:
        last = parts[-1] if parts else None
        if isinstance(atom, Literal) and isinstance(last, Literal) and _follows(last, atom):
            parts[-1] = Literal(last.text + atom.text, last.start, quoted=False)
        elif isinstance(last, Parameter) and _is_bare_name(last) and re.match(r"\w", _bare(atom)):
            # Braces come before variables: $a{b,c} becomes $ab $ac.
            parts[-1] = Parameter(last.name + _bare(atom), last.start, last.end + len(_bare(atom)))
        else:
            parts.append(atom)
    return parts


def _follows(last: Literal, atom: Literal) -> bool:
    return not last.quoted and not atom.quoted and last.start + len(last.text) == atom.start


def _is_bare_name(part: Parameter) -> bool:
    """Whether it is written ``$NAME``."""
    return part.end - part.start == len(part.name) + 1 and bool(re.match("[A-Za-z_]", part.name))


def _expanded(atoms: Sequence[Atom], depth: int) -> list[list[Atom]]:
    for start, atom in enumerate(atoms):
        if _bare(atom) != "{" or depth > _DEEPEST:
            continue
        end, commas = _closing(atoms, start)
        inner = atoms[start + 1 : end]
        choices = _choices(atoms, start, end, commas, depth) if commas else _range(inner)
        if choices:
            rest = _expanded(atoms[end + 1 :], depth)
            if len(choices) * len(rest) > MOST:
                raise TooManyError
            return [[*atoms[:start], *choice, *following] for choice in choices for following in rest]
    return [list(atoms)]


def _closing(atoms: Sequence[Atom], start: int) -> tuple[int, list[int]]:
    """The place of the closing brace and of the commas at its level; no commas if it is not closed."""
    depth, commas = 0, list[int]()
    for position in range(start, len(atoms)):
        character = _bare(atoms[position])
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0:
            return position, commas
        if character == "," and depth == 1:
            commas.append(position)
    return start, []


def _choices(atoms: Sequence[Atom], start: int, end: int, commas: list[int], depth: int) -> list[list[Atom]]:
    edges = [start, *commas, end]
    pieces = [atoms[first + 1 : last] for first, last in pairwise(edges)]
    found = [choice for piece in pieces for choice in _expanded(piece, depth + 1)]
    if len(found) > MOST:
        raise TooManyError
    return found


def _range(inner: Sequence[Atom]) -> list[list[Atom]]:
    found = _RANGE.fullmatch("".join(_bare(atom) or "\0" for atom in inner))
    if not found or not inner or not isinstance(inner[0], Literal):
        return []
    place = inner[0].start
    if found[4]:
        values = [chr(code) for code in _steps(ord(found[4]), ord(found[5]), found[6])]
    else:
        padded = any(re.match("-?0[0-9]", end) for end in (found[1], found[2]))
        width = max(len(found[1]), len(found[2])) if padded else 0
        values = [f"{value:0{width}d}" for value in _steps(int(found[1]), int(found[2]), found[3])]
    return [[Literal(value, place, quoted=False)] for value in values]


def _steps(first: int, last: int, step: str | None) -> range:
    distance = abs(int(step or 1)) or 1
    if abs(last - first) // distance >= MOST:
        raise TooManyError
    return range(first, last + 1, distance) if first <= last else range(first, last - 1, -distance)
