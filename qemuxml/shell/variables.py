"""Commands that give variables and arguments their values: ``local``, ``shift``, ``read``, ``mapfile``, ``set -- a b``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from qemuxml.shell.effect import Effect, Words
from qemuxml.shell.syntax import Simple, Word
from qemuxml.shell.values import Array, Text, Unknown, known

if TYPE_CHECKING:
    from qemuxml.shell.evaluation import Evaluator


_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")


def _declare(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """``export``, ``local``, ``declare``, ``readonly``: assignments, and words that are names."""
    name = node.words[0].bare
    options = [str(word) for word in words if isinstance(word, Text) and str(word).startswith("-")]
    flags = "".join(options)
    here = len(evaluator.state.frames) > 1 and name in ("local", "declare", "typeset") and "g" not in flags
    if "n" in flags and name != "export":
        _refer(evaluator, node, here=here)
        return
    if "i" in flags:
        evaluator.state.integers |= frozenset(_declared(node, words))
    names = [name for word in words for name in _declare_word(evaluator, known(word), flags, here=here)]
    for assignment in node.declarations:
        names.append(assignment.name)
        if "A" in flags:
            evaluator.assign(assignment.name, Array(keyed=True), here=here)
        evaluator.assignment(assignment, here=here)
    if name == "export" or "x" in flags:
        evaluator.state.exported |= frozenset(names)
    evaluator.state.status = True


def _declare_word(evaluator: Evaluator, word: Text, flags: str, *, here: bool) -> Iterator[str]:
    """A word behind ``local`` that is a name, or a name and its value."""
    text = str(word)
    found = re.match(r"([A-Za-z_][A-Za-z0-9_]*)(=?)", text)
    if not found:
        return
    yield found[1]
    if found[2]:
        evaluator.assign(found[1], word.cut(found.end(), len(text)), here=here)
    elif here:
        evaluator.state.frame.variables[found[1]] = Array(keyed="A" in flags) if set(flags) & set("aA") else None
    elif "A" in flags:
        evaluator.state.put(found[1], Array(keyed=True))


def _declared(node: Simple, words: Words) -> list[str]:
    bare = [str(word) for word in words if isinstance(word, Text) and _NAME.fullmatch(str(word))]
    return [*bare, *(assignment.name for assignment in node.declarations)]


def _refer(evaluator: Evaluator, node: Simple, *, here: bool) -> None:
    """``local -n list=$1``: a variable that stands for another one."""
    frame = evaluator.state.frame if here else evaluator.state.frames[0]
    for declared in node.declarations:
        value = evaluator.value(declared.value) if isinstance(declared.value, Word) else None
        target = value if isinstance(value, Unknown) else Unknown(f"what {declared.name} refers to", node.start, node.end)
        if isinstance(value, Text) and _NAME.fullmatch(str(value)):
            frame.references[declared.name] = str(value)
            frame.variables.pop(declared.name, None)
        else:
            frame.variables[declared.name] = target.of(declared.name)


def _unset(evaluator: Evaluator, node: Simple, words: Words) -> None:
    _ = node
    state = evaluator.state
    for word in words:
        text = str(known(word))
        found = re.fullmatch(r"([A-Za-z_][A-Za-z0-9_]*)(?:\[(\d+)\])?", text)
        if found and found[2]:
            array = state.get(found[1])
            if isinstance(array, Array):
                state.put(found[1], array.without(int(found[2])))
        elif found:
            state.put(text, None)
            state.functions.pop(text, None)


def _set(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """``set -- words`` gives the script other arguments; options of the shell change nothing here."""
    _ = node
    for place, word in enumerate(words):
        text = str(word) if isinstance(word, Text) else ""
        if text == "--":
            evaluator.state.frame.arguments = tuple(words[place + 1 :])
            return
        if not text.startswith(("-", "+")):
            if place and str(words[place - 1]) in ("-o", "+o", "-eo", "-euo", "-uo", "-exo", "-euxo", "-ueo"):
                continue
            evaluator.state.frame.arguments = tuple(words[place:])
            return


def _shift(evaluator: Evaluator, node: Simple, words: Words) -> None:
    text = str(known(words[0])) if words else "1"
    arguments = evaluator.expander.parameters.arguments(node.start, node.end)
    amount = int(text) if re.fullmatch("[0-9]{1,6}", text) else 1
    evaluator.state.status = amount <= len(arguments)
    if arguments and amount <= len(arguments):
        evaluator.state.frame.arguments = arguments[amount:]


def _read(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """``read NAMES <<< text``: the first line, split; with ``-d ''`` the whole text."""
    options, names = _read_options(words, "adnNpiut")
    source = evaluator.read(node)
    characters = str(source)
    end = len(characters) if options.get("d") == "" else characters.find("\n")
    status = 0 <= end < len(characters)
    line = source if isinstance(source, Unknown) else source.cut(0, end) if end >= 0 else source
    escaped = "r" not in options and "\\" in str(line)
    if isinstance(line, Unknown) or escaped or set(options) - set("radpst") or options.get("d"):
        unknown = line if isinstance(line, Unknown) else Unknown("what is read there", node.start, node.end)
        for name in [*names, options.get("a", "")]:
            if name:
                evaluator.assign(name, unknown)
        evaluator.taken(node, unknown)
        evaluator.state.status = Unknown("whether there is more to read", node.start, node.end)
        return
    assert isinstance(source, Text)  # noqa: S101 - where it is unknown, its line is
    evaluator.context.spend(len(source.runs), node.start)
    evaluator.taken(node, source.cut(end + 1, len(characters)) if status else Text((), source.start, source.end))
    separators = _separators(evaluator, node)
    if "a" in options:
        evaluator.assign(options["a"], Array().extended(_pieces(line, separators, 0)))
    else:
        pieces = _pieces(line, separators, len(names))
        for place, name in enumerate(names or ["REPLY"]):
            evaluator.assign(name, pieces[place] if place < len(pieces) else Text((), node.start, node.end))
    evaluator.state.status = status


def _read_options(words: Words, valued: str) -> tuple[dict[str, str], list[str]]:
    """Options, those in ``valued`` with the word behind them, and the names that follow."""
    options: dict[str, str] = {}
    place = 0
    while place < len(words) and re.fullmatch("-[a-z]*", text := str(known(words[place]))):
        for letter in text[1:]:
            options[letter] = ""
        place += 1
        if text[-1] in valued and place < len(words):
            options[text[-1]] = str(known(words[place]))
            place += 1
    return options, [str(known(word)) for word in words[place:]]


def _separators(evaluator: Evaluator, node: Simple) -> str:
    """IFS, which an assignment before the command may change for it."""
    for assignment in node.assignments:
        if assignment.name == "IFS" and assignment.value is not None and not isinstance(assignment.value, tuple):
            return str(evaluator.expander.text(assignment.value))
    value = evaluator.state.get("IFS")
    return " \t\n" if value is None or isinstance(value, Array) else str(known(value))


def _pieces(text: Text, separators: str, most: int) -> list[Text]:
    """The text split at separators, at most so many pieces (0: no bound)."""
    blank = re.escape("".join(character for character in separators if character in " \t\n"))
    characters, found, position = str(text), list[Text](), 0
    if not separators:
        return [text]
    if blank:
        position = len(characters) - len(re.sub(rf"^[{blank}]+", "", characters))
        characters = re.sub(rf"[{blank}]+\Z", "", characters)
    around = f"[{blank}]*" if blank else ""
    other = re.escape("".join(character for character in separators if character not in " \t\n"))
    delimiter = re.compile(
        "|".join(filter(None, [f"{around}[{other}]{around}" if other else "", f"[{blank}]+" if blank else ""]))
    )
    while position < len(characters):
        cut = delimiter.search(characters, position) if len(found) + 1 != most else None
        end = cut.start() if cut else len(characters)
        found.append(text.cut(position, end).at_own_place())
        position = cut.end() if cut else len(characters)
    return found


def _mapfile(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """``mapfile -t NAME <<EOF``: an element for each line."""
    options, names = _read_options(words, "dnOsuCc")
    name = names[-1] if names else "MAPFILE"
    source = evaluator.read(node)
    if isinstance(source, Unknown) or set(options) - {"t"}:
        unknown = source if isinstance(source, Unknown) else Unknown("what is read there", node.start, node.end)
        evaluator.assign(name, unknown)
        return
    lines, position = list[Text](), 0
    for line in re.findall(r"[^\n]*\n|[^\n]+", str(source)):
        end = position + (len(line.rstrip("\n")) if "t" in options else len(line))
        lines.append(source.cut(position, end).at_own_place())
        position += len(line)
    evaluator.assign(name, Array().extended(lines))


EFFECTS: dict[str, Effect] = {
    "export": _declare, "declare": _declare, "typeset": _declare, "local": _declare, "readonly": _declare, "unset": _unset,
    "set": _set, "shift": _shift, "read": _read, "mapfile": _mapfile, "readarray": _mapfile,
}  # fmt: skip
