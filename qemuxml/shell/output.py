"""Programs whose output follows from their words: ``echo``, ``printf``, ``dirname "$0"``, ``pwd``, ``seq``, ``cat <<EOF``."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from qemuxml.shell.arithmetic import NoNumberError, number
from qemuxml.shell.effect import Effect, Words
from qemuxml.shell.filters import FILTERS
from qemuxml.shell.parameters import LINUX
from qemuxml.shell.syntax import Simple
from qemuxml.shell.values import NotKnownError, Text, Unknown, computed, joined, known

if TYPE_CHECKING:
    from qemuxml.shell.evaluation import Evaluator


def _cd(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """Where relative names begin from here on."""
    state = evaluator.state
    names = [word for word in words if isinstance(word, Unknown) or str(word) not in ("-P", "-L", "-e", "--")]
    name = names[0] if names else evaluator.expander.parameters.scalar("HOME", node.start, node.end)
    state.status = True
    if isinstance(name, Unknown):
        state.folder = name
    elif name is None or str(name) == "-":
        state.folder = Unknown("the folder that was left", node.start, node.end)
    elif not isinstance(state.folder, Unknown) or str(name).startswith("/"):
        state.folder = absolute(evaluator, str(name))


def absolute(evaluator: Evaluator, name: str) -> str:
    """A file name as seen from where the script began. Raises NotKnownError."""
    if name.startswith("/"):
        return posixpath.normpath(name)
    folder = evaluator.state.folder
    if isinstance(folder, Unknown):
        raise NotKnownError(folder)
    return posixpath.normpath(posixpath.join(folder, name))


def _pwd(evaluator: Evaluator, node: Simple, words: Words) -> None:
    _ = words
    folder = evaluator.state.folder
    evaluator.say(node, folder if isinstance(folder, Unknown) else computed(f"{folder}\n", node.start, node.end))


def _plain(words: Words) -> list[Text]:
    return [known(word) for word in words if isinstance(word, Unknown) or not re.fullmatch("-[a-zA-Z-]+", str(word))]


def _dirname(evaluator: Evaluator, node: Simple, words: Words) -> None:
    for text in _plain(words):
        name = str(text).rstrip("/") or "/"
        head = posixpath.dirname(name)
        folder = head.rstrip("/") or head or "."
        cut = text.cut(0, len(folder)) if str(text).startswith(folder) else computed(folder, node.start, node.end)
        evaluator.say(node, _line(cut, node))


def _basename(evaluator: Evaluator, node: Simple, words: Words) -> None:
    texts = _plain(words)
    if not texts:
        return
    name = str(texts[0]).rstrip("/")
    start = name.rfind("/") + 1
    end = len(name)
    suffix = str(texts[1]) if len(texts) > 1 else ""
    if suffix and name.endswith(suffix) and len(name) - start > len(suffix):
        end -= len(suffix)
    evaluator.say(node, _line(texts[0].cut(start, end) if name else computed("/", node.start, node.end), node))


def _realpath(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """The name made absolute; whether a link is on the way, the script does not say."""
    for text in _plain(words):
        evaluator.say(node, computed(f"{absolute(evaluator, str(text))}\n", node.start, node.end))


def _readlink(evaluator: Evaluator, node: Simple, words: Words) -> None:
    if not any(isinstance(word, Text) and re.fullmatch("-[a-z]*[fem][a-z]*|--canonicalize.*", str(word)) for word in words):
        raise NotKnownError(Unknown(f"the output of {evaluator.context.shown(node.start, node.end)}", node.start, node.end))
    _realpath(evaluator, node, words)


def _line(text: Text, node: Simple) -> Text:
    return joined([text, computed("\n", node.start, node.end)], text.start, text.end)


def _echo(evaluator: Evaluator, node: Simple, words: Words) -> None:
    texts = [known(word) for word in words]
    newline = True
    while texts and re.fullmatch("-[neE]+", str(texts[0])):
        option = str(texts.pop(0))
        newline = newline and "n" not in option
        if "e" in option and any("\\" in str(text) for text in texts):
            raise NotKnownError(Unknown(f"the output of {evaluator.context.shown(node.start, node.end)}", node.start, node.end))
    parts: list[Text] = []
    for place, text in enumerate(texts):
        parts += [computed(" ", node.start, node.end), text] if place else [text]
    if newline:
        parts.append(computed("\n", node.start, node.end))
    evaluator.say(node, joined(parts, node.start, node.end))


def _printf(evaluator: Evaluator, node: Simple, words: Words) -> None:
    r"""``printf 'format' arguments`` with ``%s``, ``%d``, ``%%`` and ``\n``; ``-v NAME`` keeps it in a variable."""
    texts = list(words)
    target = ""
    if len(texts) > 1 and str(texts[0]) == "-v":
        target = str(known(texts[1]))
        texts = texts[2:]
    if texts and str(texts[0]) == "--":
        texts = texts[1:]
    result: Text | Unknown
    try:
        result = _formatted([known(text) for text in texts], node, evaluator)
    except NotKnownError as error:
        result = error.unknown
    if target:
        evaluator.assign(target, result)
    else:
        evaluator.say(node, result)


_CONVERSION = re.compile(r"%([-+ 0#]*[0-9]{0,3}(?:\.[0-9]{1,3})?)([sdiuxXoc])|%%|\\([nt\\\"'])|([^%\\]+)")


def _formatted(texts: list[Text], node: Simple, evaluator: Evaluator) -> Text:
    unknown = Unknown(f"the output of {evaluator.context.shown(node.start, node.end)}", node.start, node.end)
    if not texts:
        raise NotKnownError(unknown)
    template, arguments = texts[0], texts[1:]
    parts: list[Text] = []
    while True:
        position, taken = 0, len(arguments)
        characters = str(template)
        while position < len(characters):
            found = _CONVERSION.match(characters, position)
            if not found:
                raise NotKnownError(unknown)
            if found[2]:
                parts.append(_converted(found[1], found[2], arguments.pop(0) if arguments else None, node, unknown))
            elif found[4]:
                parts.append(template.cut(found.start(), found.end()))
            else:
                plain = "%" if found[0] == "%%" else {"n": "\n", "t": "\t"}.get(found[3], found[3])
                parts.append(computed(plain, node.start, node.end))
            position = found.end()
        evaluator.context.spend(len(characters) + 1, node.start)
        if not arguments or taken == len(arguments):
            return joined(parts, node.start, node.end)


def _converted(width: str, kind: str, argument: Text | None, node: Simple, unknown: Unknown) -> Text:
    if kind == "s" and not width:
        return argument or Text((), node.start, node.end)
    text = str(argument) if argument else ""
    if kind in "sc":
        return computed(f"%{width}s" % (text[:1] if kind == "c" else text), node.start, node.end)
    try:
        value = number(text)
    except NoNumberError:
        raise NotKnownError(unknown) from None
    if value < 0 and kind not in "di":
        raise NotKnownError(unknown)  # the bits of a negative number: nobody means that
    return computed(f"%{width}{kind}" % value, node.start, node.end)


def _unknown(evaluator: Evaluator, node: Simple) -> Unknown:
    return Unknown(f"the output of {evaluator.context.shown(node.start, node.end)}", node.start, node.end)


def _cat(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """A here-document, or what comes through a pipe; files are not read."""
    if [str(word) for word in words] not in ([], ["-"]):
        raise NotKnownError(_unknown(evaluator, node))
    text = evaluator.read(node)
    evaluator.taken(node, computed("", node.start, node.end))
    evaluator.say(node, text)


def _tee(evaluator: Evaluator, node: Simple, words: Words) -> None:
    _ = words
    evaluator.say(node, evaluator.read(node))


def _filter(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """``echo web:512 | cut -d: -f2``: a program that changes the text that it reads."""
    name = str(evaluator.expander.text(node.words[0])).rsplit("/", 1)[-1]
    arguments, text = [str(known(word)) for word in words], str(known(evaluator.read(node)))
    evaluator.context.spend(len(text) * 4, node.start)
    changed = FILTERS[name](arguments, text) if len(text) <= _LONGEST_FILTERED else None
    if changed is None:
        raise NotKnownError(_unknown(evaluator, node))
    evaluator.taken(node, computed("", node.start, node.end))
    if name == "grep":
        evaluator.state.status = bool(changed)
    if not (name == "grep" and any(re.match("-[a-zA-Z]*q", word) for word in arguments)):
        evaluator.say(node, computed(changed, node.start, node.end))


_LONGEST_FILTERED = 10_000
"""Characters of a text that is filtered."""


def _expr(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """``expr $n + 1``: arithmetic alone."""
    texts = [str(known(word)) for word in words]
    is_sum = all(re.fullmatch("-?[0-9]{1,15}" if place % 2 == 0 else "[-+*/%]", text) for place, text in enumerate(texts))
    if len(texts) % 2 == 0 or not is_sum:
        raise NotKnownError(_unknown(evaluator, node))
    numbers = [str(int(text)) if place % 2 == 0 else text for place, text in enumerate(texts)]
    value = evaluator.expander.computed(computed(" ".join(numbers), node.start, node.end))
    evaluator.state.status = value != 0
    evaluator.say(node, computed(f"{value}\n", node.start, node.end))


def _seq(evaluator: Evaluator, node: Simple, words: Words) -> None:
    numbers = [str(known(word)) for word in words]
    if not all(re.fullmatch("-?[0-9]{1,9}", text) for text in numbers) or not 1 <= len(numbers) <= 3:
        raise NotKnownError(Unknown(f"the output of {evaluator.context.shown(node.start, node.end)}", node.start, node.end))
    first = int(numbers[0]) if len(numbers) > 1 else 1
    step = int(numbers[1]) if len(numbers) > 2 else 1
    last = int(numbers[-1])
    values = range(first, last + (1 if step > 0 else -1), step or 1)
    evaluator.context.spend(len(values), node.start)
    evaluator.say(node, computed("".join(f"{value}\n" for value in values), node.start, node.end))


def _uname(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """``uname -s``: Linux, for there libvirt runs QEMU."""
    if any(str(known(word)) not in ("-s", "-o") for word in words):
        raise NotKnownError(Unknown(f"the output of {evaluator.context.shown(node.start, node.end)}", node.start, node.end))
    evaluator.context.note(LINUX, node.start, node.end)
    name = "GNU/Linux" if "-o" in map(str, words) else "Linux"
    evaluator.say(node, computed(f"{name}\n", node.start, node.end))


EFFECTS: dict[str, Effect] = {
    "cd": _cd, "pwd": _pwd, "dirname": _dirname, "basename": _basename, "realpath": _realpath, "readlink": _readlink,
    "echo": _echo, "printf": _printf, "cat": _cat, "tee": _tee, "seq": _seq, "uname": _uname, "expr": _expr,
    **dict.fromkeys(FILTERS, _filter),
}  # fmt: skip
