"""Commands whose effect on the shell is known: ``cd``, ``shift``, ``read``, ``echo``, ``dirname``; and the QEMU calls themselves.

Every other program changes nothing that matters here; its output and its exit status are not known.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qemuxml.cmdline.arity import takes_value
from qemuxml.cmdline.binary import is_emulator
from qemuxml.errors import CommandLineError
from qemuxml.shell.grammar import Grammar
from qemuxml.shell.launchers import LAUNCHERS, Field, launched
from qemuxml.shell.syntax import Redirect, Simple
from qemuxml.shell.syntax import Word as SyntaxWord
from qemuxml.shell.values import Array, NotKnownError, Run, Text, Unknown, Value, computed, joined, known

if TYPE_CHECKING:
    from qemuxml.shell.evaluation import Evaluator


@dataclass(frozen=True, slots=True)
class Call:
    """One start of QEMU: its words (some perhaps not known), its own environment, where it is started, and on what that hangs."""

    words: tuple[Field, ...]
    environment: tuple[Text | Unknown, ...]
    folder: str | Unknown
    doubt: Unknown | None
    start: int
    end: int

    @property
    def signature(self) -> tuple[object, ...]:
        """What tells one guest from another."""
        return (self.start, *(str(word) if isinstance(word, Text) else word.start for word in self.words))


def takes_output(redirect: Redirect) -> bool:
    """Whether standard output goes elsewhere."""
    return redirect.operator in (">", ">>", ">|", ">&", "&>", "&>>") and redirect.descriptor in ("", "1")


Words = Sequence[Field]
Effect = Callable[["Evaluator", Simple, Words], None]


def run(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """Follow one command with its words expanded."""
    name = words[0]
    if isinstance(name, Text):
        text = str(name)
        function = evaluator.state.functions.get(text)
        if function is not None:
            evaluator.call(function, tuple(words[1:]))
            return
        effect = _EFFECTS.get(text) or _EFFECTS.get(text.rsplit("/", 1)[-1] if text.startswith("/") else "")
        if effect is not None and not (text in LAUNCHERS and len(words) > 1 and effect is not _command):
            _apply(effect, evaluator, node, words)
            return
    _start(evaluator, node, words)


def _apply(effect: Effect, evaluator: Evaluator, node: Simple, words: Words) -> None:
    evaluator.state.status = True
    try:
        effect(evaluator, node, words[1:])
    except NotKnownError as error:
        evaluator.state.status = error.unknown
        evaluator.say(node, error.unknown)


# ------------------------------------------------------------------ programs


def _start(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """A program, perhaps behind others that start it (``sudo``)."""
    found = launched(words)
    shown = evaluator.context.shown(node.start, node.end)
    if found.words and _is_call(found.words):
        _record(evaluator, node, found.words, found.environment)
    elif found.by and found.words and isinstance(found.words[0], Text) and str(found.words[0]) in evaluator.state.functions:
        evaluator.call(evaluator.state.functions[str(found.words[0])], found.words[1:])
        return
    elif script := _inner_script(found.words):
        _follow_text(evaluator, node, script)
    evaluator.state.status = Unknown(f"the exit status of {shown}", node.start, node.end)
    if not isinstance(words[0], Text) or str(words[0]) not in _SILENT:
        evaluator.say(node, Unknown(f"the output of {shown}", node.start, node.end))
    if "exec" in found.by and found.words:
        evaluator.leave()


_OPTION = re.compile(r"--?([a-z][a-z0-9-]*)")


def _is_call(words: Words) -> bool:
    """Whether it is QEMU: by its name, or by options like its own where the name is not known."""
    if isinstance(words[0], Text):
        return is_emulator(str(words[0]))
    options = [found[1] for word in words[1:] if isinstance(word, Text) and (found := _OPTION.fullmatch(str(word)))]
    named = re.search("qemu|kvm", words[0].name + words[0].what, re.IGNORECASE)
    return bool(named and options) or any(len(option) > 2 and takes_value(option) is not None for option in options)


def _record(evaluator: Evaluator, node: Simple, words: Words, environment: Sequence[Text]) -> None:
    own = [
        _assigned(assignment.name, evaluator.value(assignment.value), assignment.start)
        for assignment in node.assignments
        if isinstance(assignment.value, SyntaxWord)
    ]
    state = evaluator.state
    names = sorted(
        name for name in state.exported - {assignment.name for assignment in node.assignments} if _OF_QEMU.fullmatch(name)
    )
    exported = [_assigned(name, state.get(name), node.start) for name in names]
    doubt = evaluator.doubts[-1] if evaluator.doubts else None
    call = Call(tuple(words), (*exported, *own, *environment), state.folder, doubt, node.start, node.end)
    if call.signature not in {other.signature for other in evaluator.calls}:
        evaluator.calls.append(call)


_OF_QEMU = re.compile(
    "(QEMU|SPICE|SDL|PULSE|PIPEWIRE|ALSA|JACK|MESA|LIBGL|VK|DRI|EGL|GBM|CEPH|MALLOC|GLIBC)_[A-Z0-9_]+|LD_(PRELOAD|LIBRARY_PATH)"
)
"""Variables of a whole session that QEMU, or a library of its, reads."""


def _assigned(name: str, value: Value | None, start: int) -> Text | Unknown:
    """``NAME=value`` as one word."""
    if isinstance(value, Array):
        value = value.get(0)
    if isinstance(value, Unknown):
        return value
    return Text((Run(f"{name}=", start, computed=True), *(value.runs if value else ())), start, start + len(name))


_SILENT = frozenset(
    ["mkdir", "touch", "rm", "rmdir", "cp", "mv", "ln", "chmod", "chown", "sleep", "sync", "modprobe", "kill", "truncate"]
)
"""Programs that put out nothing."""


# ------------------------------------------------------------------ texts that are scripts


def _inner_script(words: Words) -> Text | None:
    """The text of ``sh -c text``."""
    texts = [str(word) if isinstance(word, Text) else "" for word in words]
    if texts and re.fullmatch("(.*/)?(ba|da|z|k)?sh", texts[0]):
        for place, text in enumerate(texts[1:-1], 1):
            if re.fullmatch("-[a-z]*c", text):
                found = words[place + 1]
                return found if isinstance(found, Text) else None
    return None


def _follow_text(evaluator: Evaluator, node: Simple, text: Text) -> None:
    """Follow a text as a script. Errors in it are placed at the command."""
    context = evaluator.context
    start, end = context.add_script(text)
    try:
        program = Grammar(context.source, start, end).program()
    except CommandLineError as error:
        raise CommandLineError(f"{error.message}, in the text that is run here", context.span(node.start, node.end)) from None
    evaluator.run(program)


def _eval(evaluator: Evaluator, node: Simple, words: Words) -> None:
    pieces: list[Text] = []
    for word in words:
        pieces += [known(word), computed(" ", node.start, node.end)]
    if pieces:
        _follow_text(evaluator, node, joined(pieces[:-1], node.start, node.end))


def _source(evaluator: Evaluator, node: Simple, words: Words) -> None:
    shown = evaluator.context.shown(node.start, node.end)
    evaluator.context.note(
        f"{shown}: that file is not read: what it sets is not known here (--set NAME=VALUE gives it)", node.start, node.end
    )
    evaluator.state.status = True
    _ = words


# ------------------------------------------------------------------ control


def _nothing(evaluator: Evaluator, node: Simple, words: Words) -> None:
    _ = evaluator, node, words


def _false(evaluator: Evaluator, node: Simple, words: Words) -> None:
    _ = node, words
    evaluator.state.status = False


def _test(evaluator: Evaluator, node: Simple, words: Words) -> None:
    _ = words

    def decide() -> bool | Unknown:
        texts = [field for word in node.words[1:] for field in evaluator.expander.fields(word)]
        bracket = node.words[0].bare == "["
        if bracket and (not texts or str(texts[-1]) != "]"):
            return False
        return evaluator.conditions.test(texts[:-1] if bracket else texts, node.start, node.end)

    evaluator.state.status = evaluator.deciding(decide)


def _let(evaluator: Evaluator, node: Simple, words: Words) -> None:
    _ = words
    value = 0
    for word in node.words[1:]:
        value = evaluator.expander.number(word)
    evaluator.state.status = value != 0


def _exit(evaluator: Evaluator, node: Simple, words: Words) -> None:
    _ = node, words
    evaluator.leave()


def _return(evaluator: Evaluator, node: Simple, words: Words) -> None:
    _ = node
    if words:
        evaluator.state.status = str(known(words[0])) == "0"
    evaluator.leave_function()


def _levels(words: Words) -> int:
    text = str(known(words[0])) if words else "1"
    return int(text) if re.fullmatch("[1-9]", text) else 1


def _break(evaluator: Evaluator, node: Simple, words: Words) -> None:
    _ = node
    evaluator.leave_loop(_levels(words), again=False)


def _continue(evaluator: Evaluator, node: Simple, words: Words) -> None:
    _ = node
    evaluator.leave_loop(_levels(words), again=True)


def _exec(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """``exec >log`` changes the shell's own output only; with a command, it is a launcher."""
    _ = evaluator, node, words


# ------------------------------------------------------------------ variables


def _declare(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """``export``, ``local``, ``declare``, ``readonly``: assignments, and words that are names."""
    name = node.words[0].bare
    options = [str(word) for word in words if isinstance(word, Text) and str(word).startswith("-")]
    flags = "".join(options)
    here = len(evaluator.state.frames) > 1 and name in ("local", "declare", "typeset") and "g" not in flags
    names = []
    for word in words:
        text = str(known(word))
        if found := re.match(r"([A-Za-z_][A-Za-z0-9_]*)(=?)", text):
            names.append(found[1])
            if found[2]:
                evaluator.assign(found[1], known(word).cut(found.end(), len(text)), here=here)
            elif here:
                evaluator.state.frame.variables[found[1]] = Array(keyed="A" in flags) if set(flags) & set("aA") else None
            elif "A" in flags:
                evaluator.state.put(found[1], Array(keyed=True))
    for assignment in node.declarations:
        names.append(assignment.name)
        if "A" in flags:
            evaluator.assign(assignment.name, Array(keyed=True), here=here)
        evaluator.assignment(assignment, here=here)
    if name == "export" or "x" in flags:
        evaluator.state.exported |= frozenset(names)
    evaluator.state.status = True


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


def _getopts(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """Options of the script: none where it has no arguments."""
    arguments = evaluator.expander.parameters.arguments(node.start, node.end)
    if not arguments:
        evaluator.state.status = False
        return
    unknown = Unknown("what getopts finds", node.start, node.end)
    for name in (str(known(words[1])) if len(words) > 1 else "OPTION", "OPTARG", "OPTIND"):
        evaluator.assign(name, unknown)
    evaluator.state.status = unknown


def _read(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """``read NAMES <<< text``: the first line, split; with ``-d ''`` the whole text."""
    options, names = _read_options(words)
    source = evaluator.input(node)
    status: bool | Unknown = True
    if isinstance(source, Unknown) or set(options) - set("radpst"):
        unknown = source if isinstance(source, Unknown) else Unknown("what is read there", node.start, node.end)
        for name in [*names, options.get("a", "")]:
            if name:
                evaluator.assign(name, unknown)
        evaluator.state.status = Unknown("whether there is more to read", node.start, node.end)
        return
    characters = str(source)
    if options.get("d") == "":
        status, line = False, source
    else:
        end = characters.find("\n")
        line = source if end < 0 else source.cut(0, end)
    separators = _separators(evaluator, node)
    if "a" in options:
        evaluator.assign(options["a"], Array().extended(_pieces(line, separators, 0)))
    else:
        pieces = _pieces(line, separators, len(names))
        for place, name in enumerate(names or ["REPLY"]):
            evaluator.assign(name, pieces[place] if place < len(pieces) else Text((), node.start, node.end))
    evaluator.state.status = status


def _read_options(words: Words) -> tuple[dict[str, str], list[str]]:
    """The options of ``read`` with their values, and the names behind them."""
    options: dict[str, str] = {}
    place = 0
    while place < len(words) and re.fullmatch("-[a-z]*", text := str(known(words[place]))):
        for letter in text[1:]:
            options[letter] = ""
        place += 1
        if text[-1] in "adnNpiut" and place < len(words):
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
        found.append(_placed(text.cut(position, end)))
        position = cut.end() if cut else len(characters)
    return found


def _placed(text: Text) -> Text:
    """A piece stands where its characters stand."""
    if not text.runs:
        return text
    last = text.runs[-1]
    return text.at(text.runs[0].place, last.place + (1 if last.computed else len(last.text)))


def _mapfile(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """``mapfile -t NAME <<EOF``: an element for each line."""
    options, names = _read_options(words)
    name = names[-1] if names else "MAPFILE"
    source = evaluator.input(node)
    if isinstance(source, Unknown) or set(options) - {"t"}:
        unknown = source if isinstance(source, Unknown) else Unknown("what is read there", node.start, node.end)
        evaluator.assign(name, unknown)
        return
    lines, position = list[Text](), 0
    for line in str(source).splitlines(keepends=True):
        end = position + (len(line.rstrip("\n")) if "t" in options else len(line))
        lines.append(_placed(source.cut(position, end)))
        position += len(line)
    evaluator.assign(name, Array().extended(lines))


# ------------------------------------------------------------------ folders and names


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


def _command(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """``command -v kvm``, ``which kvm``: a path, of which the name is enough where it is QEMU."""
    if node.words[0].bare == "command" and not (words and str(words[0]) in ("-v", "-V")):
        _start(evaluator, node, words)
        return
    names = _plain(words)
    shown = " ".join(map(str, names)) or "that"
    evaluator.state.status = Unknown(f"whether {shown} is installed", node.start, node.end)
    for name in names:
        found = _line(name, node) if is_emulator(str(name)) else Unknown(f"where {name} is installed", node.start, node.end)
        evaluator.say(node, found)


# ------------------------------------------------------------------ output


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


_CONVERSION = re.compile(r"%(0?[0-9]*)([sdx])|%%|\\([nt\\\"'])|([^%\\]+)")


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
    if kind == "s" or not re.fullmatch("[0-9]{0,18}", text) or len(width) > 3 or (text.startswith("0") and text != "0"):
        raise NotKnownError(unknown)
    return computed(format(int(text or "0"), f"{width}{kind}"), node.start, node.end)


def _cat(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """A here-document; files are not read."""
    if words:
        raise NotKnownError(Unknown(f"the output of {evaluator.context.shown(node.start, node.end)}", node.start, node.end))
    evaluator.say(node, evaluator.input(node))


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


_EFFECTS: dict[str, Effect] = {
    ":": _nothing, "true": _nothing, "false": _false, "[": _test, "test": _test, "let": _let, "exit": _exit,
    "return": _return, "break": _break, "continue": _continue, "exec": _exec, "eval": _eval, "source": _source, ".": _source,
    "export": _declare, "declare": _declare, "typeset": _declare, "local": _declare, "readonly": _declare, "unset": _unset,
    "set": _set, "shift": _shift, "getopts": _getopts, "read": _read, "mapfile": _mapfile, "readarray": _mapfile,
    "cd": _cd, "pwd": _pwd, "dirname": _dirname, "basename": _basename, "realpath": _realpath, "readlink": _readlink,
    "command": _command, "which": _command, "echo": _echo, "printf": _printf, "cat": _cat, "seq": _seq,
    "trap": _nothing, "umask": _nothing, "ulimit": _nothing, "shopt": _nothing, "alias": _nothing, "hash": _nothing,
}  # fmt: skip
