"""What programs start that is written in their words: ``sh -c 'kvm -m 512'``, ``su -c "kvm" vm``, ``xterm -e kvm -m 512``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qemuxml.cmdline.arity import takes_value
from qemuxml.cmdline.binary import is_emulator
from qemuxml.record import record
from qemuxml.shell.effect import Field, Words
from qemuxml.shell.launchers import CARRIERS
from qemuxml.shell.syntax import Simple
from qemuxml.shell.values import Text, Unknown

if TYPE_CHECKING:
    from qemuxml.shell.evaluation import Evaluator

_SHELL = re.compile("(.*/)?(ba|da|a|z|k|mk)?sh")
_EMULATOR = re.compile(r"(?:^|[\s;&|(\"'/])(?:qemu-system-[\w.+-]+|qemu-kvm|kvm|qemu)(?=\s)")
_OPTION = re.compile(r"--?([A-Za-z][A-Za-z0-9-]*)")


@record(frozen=True)
class Script:
    """A text that a shell of its own runs, with its arguments; None are not known."""

    text: Text
    arguments: tuple[Field, ...] | None = None


def found(evaluator: Evaluator, node: Simple, words: Words) -> Script | None:
    """The script that a program gets as a word, or reads: ``sh -c text``, ``bash <<EOF``, ``su - vm -c text``."""
    texts = [str(word) if isinstance(word, Text) else "" for word in words]
    if not texts:
        return None
    if _SHELL.fullmatch(texts[0]):
        return _of_shell(evaluator, node, words, texts)
    if texts[0].rsplit("/", 1)[-1] in CARRIERS:
        for word, text in zip(words[1:], texts[1:], strict=True):
            if isinstance(word, Text) and _EMULATOR.search(text) and re.search(r"\s", text):
                return Script(word, ())
    return None


def _of_shell(evaluator: Evaluator, node: Simple, words: Words, texts: list[str]) -> Script | None:
    place = 1
    while place < len(texts) and re.match("[-+].", texts[place]):
        if re.fullmatch("-[a-zA-Z]*c", texts[place]):
            text = words[place + 1] if place + 1 < len(words) else None
            return Script(text, tuple(words[place + 3 :])) if isinstance(text, Text) else None
        place += 2 if re.fullmatch("[-+][a-z]*o", texts[place]) else 1
    reads = place == len(texts) or texts[place] == "-" or "-s" in texts[1:place]
    text = evaluator.read(node) if reads else None
    return Script(text, tuple(words[place:])) if isinstance(text, Text) else None


def carried(words: Words) -> Words | None:
    """QEMU and its options somewhere among the words of another program."""
    texts = [str(word) if isinstance(word, Text) else "" for word in words]
    for place, text in enumerate(texts[1:-1], 1):
        if is_emulator(text):
            if "--" in texts[place + 1 :] and texts[0].endswith("start-stop-daemon"):
                place_of_options = texts.index("--", place + 1) + 1
                return [words[place], *words[place_of_options:]]
            option = _OPTION.fullmatch(texts[place + 1])
            if option and takes_value(option[1]) is not None:
                return words[place:]
    return None


def added_by_xargs(evaluator: Evaluator, node: Simple) -> list[Field]:
    """The words that ``xargs`` reads and hands over."""
    text = evaluator.read(node)
    if isinstance(text, Unknown):
        return [Unknown("the words that xargs reads", node.start, node.end)]
    characters = str(text)
    if re.search(r"[\"'\\]", characters):
        return [Unknown("how xargs splits what it reads", node.start, node.end)]
    return [text.cut(*word.span()).at_own_place() for word in re.finditer(r"\S+", characters)]
