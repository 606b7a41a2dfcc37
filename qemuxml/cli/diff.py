"""``qemuxml diff run.sh guest.xml``: whether two guests have the same hardware, and where they differ."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import click

from qemuxml.cli.failures import Failure, Trouble, attempt
from qemuxml.cli.files import read, write
from qemuxml.cli.options import NAMED
from qemuxml.cli.wishes import wishes

if TYPE_CHECKING:
    from qemuxml.compare import Comparison, Difference

DIFFERENT: Final = 1

_COLORS: Final = {"-": "red", "+": "green", "@": "cyan"}


@click.command(
    "diff",
    epilog="""\b
Examples:
  qemuxml diff run.sh guest.xml
  qemuxml diff --ignore host --ignore identity test.xml production.xml
  virsh dumpxml demo | qemuxml diff -u guest.xml -""",
)
@click.argument("first", metavar="A", type=NAMED)
@click.argument("second", metavar="B", type=NAMED)
@click.option("-u", "--unified", is_flag=True, help="Print a unified diff of both guests as canonical XML.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--ignore",
    multiple=True,
    type=click.Choice(["host", "identity"]),
    help="Leave out paths, sockets and displays (host), or name, UUID and MAC addresses (identity); may be repeated.",
)
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Whether to print in colour: auto does on a terminal.",
)
def diff(  # noqa: PLR0913 - the command's options
    first: str, second: str, *, unified: bool, as_json: bool, ignore: tuple[str, ...], color: str
) -> None:
    """Compare two guests as hardware.

    A and B are each a command line, a script or domain XML; one of them may be - for standard input. Both are completed as
    libvirt completes a guest. The exit status is 0 if they are the same, 1 if they differ, 2 for trouble.
    """
    if first == second == "-":
        raise click.UsageError("only one of A and B can be standard input")
    try:
        found = attempt(lambda: _compared(first, second, ignore))
        if as_json:
            write("-", json.dumps(_object(found, first, second), indent=2, ensure_ascii=False) + "\n")
        else:
            lines = _unified(found, first, second) if unified else _told(found, first, second)
            write("-", "".join(f"{line}\n" for line in _colored(lines, color)))
    except Failure as failure:
        raise Trouble(failure.message) from None
    if found.differences:
        raise click.exceptions.Exit(DIFFERENT)


def _compared(first: str, second: str, ignore: tuple[str, ...]) -> Comparison:
    from qemuxml import compare  # noqa: PLC0415 - --help needs no parser

    one, other = read(first), read(second)
    wished = (wishes(file=first), wishes(file=second))
    return compare.compare(one.text, other.text, names=(one.name, other.name), ignore=ignore, wishes=wished)


def _object(found: Comparison, first: str, second: str) -> dict[str, Any]:
    return {
        "same": not found.differences,
        "first": first,
        "second": second,
        "differences": [item.as_json() for item in found.differences],
    }


# ------------------------------------------------------------------ text


def _told(found: Comparison, first: str, second: str) -> Iterator[str]:
    if not found.differences:
        return
    yield f"--- {first}"
    yield f"+++ {second}"
    subject = ""
    for item in found.differences:
        if not item.path:
            yield f"{'+' if item.first is None else '-'} {item.subject}: {item.first if item.second is None else item.second}"
            subject = ""
            continue
        if item.subject != subject:
            yield f"@ {item.subject}"
            subject = item.subject
        yield from _change(item)


def _change(item: Difference) -> Iterator[str]:
    name = item.path.removeprefix("/")
    for sign, text in (("-", item.first), ("+", item.second)):
        if text is not None:
            yield f"{sign}   {name}" + (f" {text}" if text else "")


def _unified(found: Comparison, first: str, second: str) -> Iterator[str]:
    if found.differences:
        yield from difflib.unified_diff(found.first.splitlines(), found.second.splitlines(), first, second, lineterm="")


def _colored(lines: Iterator[str], color: str) -> Iterator[str]:
    wanted = color == "always" or (color == "auto" and sys.stdout is not None and sys.stdout.isatty())
    return (click.style(line, fg=_COLORS.get(line[:1])) for line in lines) if wanted else lines
