"""Options of a script or a function: ``while getopts "m:c:g" NAME; do case $NAME in m) MEM=$OPTARG;; esac; done``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from qemuxml.shell.effect import Effect, Words
from qemuxml.shell.syntax import Simple
from qemuxml.shell.values import NotKnownError, Text, Unknown, computed, known

if TYPE_CHECKING:
    from qemuxml.shell.evaluation import Evaluator


def _getopts(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """``getopts m:g NAME``: the next option of the script or function, with its value in OPTARG."""
    letters, name = (str(known(word)) for word in words[:2])
    arguments = tuple(words[2:]) or evaluator.expander.parameters.arguments(node.start, node.end)
    place, offset = _whole(evaluator, "OPTIND", 1), _whole(evaluator, _OFFSET, 1)

    def assign(variable: str, text: str) -> None:
        evaluator.assign(variable, computed(text, node.start, node.end))

    text = str(known(arguments[place - 1])) if place <= len(arguments) else ""
    if not re.match("-.", text) or text == "--":
        assign(name, "?")
        assign("OPTIND", str(place + (text == "--")))
        evaluator.state.status = False
        return
    letter = text[offset]
    at_end = offset + 1 == len(text)
    assign("OPTIND", str(place + at_end))
    assign(_OFFSET, "1" if at_end else str(offset + 1))
    found = letters.lstrip(":").partition(letter)
    evaluator.state.put("OPTARG", None)
    if not found[1] or letter == ":":
        assign(name, "?")
        if letters.startswith(":"):
            assign("OPTARG", letter)
        return
    assign(name, letter)
    if not found[2].startswith(":"):
        return
    assign(_OFFSET, "1")
    if not at_end:
        assign("OPTARG", text[offset + 1 :])
        assign("OPTIND", str(place + 1))
    elif place < len(arguments):
        evaluator.assign("OPTARG", arguments[place])
        assign("OPTIND", str(place + 2))
    elif letters.startswith(":"):
        assign(name, ":")
        assign("OPTARG", letter)
    else:
        assign(name, "?")


_OFFSET = "OPTIND inside of its word"
"""A variable of our own: where in ``-abc`` getopts stands."""


def _whole(evaluator: Evaluator, name: str, default: int) -> int:
    value = evaluator.state.get(name) if evaluator.state.is_mentioned(name) else None
    text = str(known(value)) if isinstance(value, Text | Unknown) else ""
    return int(text) if re.fullmatch("[1-9][0-9]{0,4}", text) else default


def _getopt(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """``getopt -o m:h -- "$@"``: the options in order; where there are none, what is left."""
    texts = [str(known(word)) for word in words]
    if "--" not in texts or texts[texts.index("--") + 1 :]:
        raise NotKnownError(Unknown(f"the output of {evaluator.context.shown(node.start, node.end)}", node.start, node.end))
    evaluator.say(node, computed(" --\n", node.start, node.end))


EFFECTS: Final[dict[str, Effect]] = {"getopts": _getopts, "getopt": _getopt}
