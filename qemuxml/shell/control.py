"""Commands that decide where a script goes on: ``test``, ``exit``, ``return``, ``break``, ``let``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qemuxml.shell.effect import Effect, Words
from qemuxml.shell.syntax import Simple
from qemuxml.shell.values import Unknown, known

if TYPE_CHECKING:
    from qemuxml.shell.evaluation import Evaluator


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


def _alias(evaluator: Evaluator, node: Simple, words: Words) -> None:
    """``alias vm='kvm -m 512'``: a script that has one makes use of it."""
    _ = node
    for word in words:
        name, equals, _value = str(known(word)).partition("=")
        if equals:
            evaluator.state.aliases = {**evaluator.state.aliases, name: known(word).cut(len(name) + 1, len(str(word)))}


EFFECTS: dict[str, Effect] = {
    ":": _nothing, "true": _nothing, "false": _false, "[": _test, "test": _test, "let": _let, "exit": _exit, "return": _return,
    "break": _break, "continue": _continue, "exec": _nothing, "trap": _nothing, "umask": _nothing, "ulimit": _nothing,
    "shopt": _nothing, "alias": _alias, "hash": _nothing,
}  # fmt: skip
