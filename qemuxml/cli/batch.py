"""``qemuxml batch < guests.ndjson``: one JSON record a line to one JSON record a line, as fast as they come."""

from __future__ import annotations

import gc
import json
import shlex
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click

from qemuxml.cli.failures import INTERRUPTED, Failure
from qemuxml.cli.files import LARGEST, standard_input, write
from qemuxml.cli.jobs import JOBS, ordered, stoppable, undivided
from qemuxml.cli.options import BASE_DIR, PLUMBING, PROFILE, QEMU_VERSION
from qemuxml.cli.wishes import HOSTFWD, LEAN

if TYPE_CHECKING:
    from qemuxml.errors import Span, XmlPlace

Record = dict[str, Any]

GROUP: Final = 8
"""Records that one process takes at once, if as many are there: to hand one over takes a tenth of its conversion."""
DEPTH: Final = 2
"""Groups that wait for each process."""
READ: Final = 1024 * 1024
"""Bytes of standard input that are taken at once, and of a group that is large enough."""


@click.command(
    "batch",
    epilog="""\b
Examples:
  qemuxml batch < guests.ndjson > domains.ndjson
  echo '{"id": 1, "argv": "kvm -m 512 -hda a.img"}' | qemuxml batch
  parallel --pipe --block 1M qemuxml batch < guests.ndjson""",
)
@JOBS
@PROFILE
@BASE_DIR
@PLUMBING
@QEMU_VERSION
@HOSTFWD
@LEAN
def batch(jobs: int, **options: Any) -> None:
    """Convert records of JSON, one a line.

    Standard input has records {"id": ..., "argv": "..."} (or a list of words) or {"id": ..., "xml": "..."}; standard output
    gets for each, in their order, {"id", "xml", "warnings", "counts"} or {"id", "argv", "warnings"}, or {"id", "error"}.
    """
    import qemuxml.report  # noqa: F401, PLC0415 - before the processes part: each has it then

    gc.enable()  # many guests come and go

    answered = 0
    try:
        with stoppable():
            for lines in ordered(partial(_answers, **options), _groups(1 if jobs == 1 else GROUP), jobs, depth=DEPTH):
                for line in lines:
                    with undivided():
                        write("-", line)
                        answered += 1
    except BrokenPipeError:
        raise Failure(f"error: nobody reads standard output any more; {_far(answered)}") from None
    except Failure as failure:
        raise Failure(f"{failure.message}; {_far(answered)}") from None
    except KeyboardInterrupt:
        click.echo(f"interrupted; {_far(answered)}", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None


def _far(answered: int) -> str:
    return f"{answered} record{'' if answered == 1 else 's'} answered"


def _groups(most: int) -> Iterator[list[bytes]]:
    """The records in groups of those that have come already: none waits for another, and few large ones stand together."""
    group: list[bytes] = []
    for lines in _lines():
        for line in lines:
            group.append(line)
            if len(group) >= most or sum(map(len, group)) > READ:
                yield group
                group = []
        if group:
            yield group
            group = []


def _lines() -> Iterator[list[bytes]]:
    """The lines of standard input that are not blank, as they come; of one that is too long no more than shows it."""
    stream: Any = standard_input()
    begun = b""
    while read := stream.read1(READ):
        *lines, begun = (begun + read).split(b"\n")
        begun = begun[: LARGEST + 1]
        yield [line[: LARGEST + 1] for line in lines if line.strip()]
    if begun.strip():
        yield [begun]


# ------------------------------------------------------------------ one record


def _answers(lines: list[bytes], **options: Any) -> list[str]:
    return [answer(line, **options) for line in lines]


def answer(line: bytes, **options: Any) -> str:
    """The record that answers a line; never raises."""
    record: Record = {}
    try:
        record = _record(line)
        answered = _converted(record, **options)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a record, the next one has its turn
        answered = {"error": told(error)}
    identity = {"id": record["id"]} if "id" in record else {}
    return json.dumps({**identity, **answered}, ensure_ascii=False).replace("\u2028", "\\u2028") + "\n"


def _record(line: bytes) -> Record:
    if len(line) > LARGEST:
        raise ValueError(f"a record is larger than {LARGEST // 1024**2} MiB")
    record = json.loads(line)
    if not isinstance(record, dict):
        raise ValueError("a record is a JSON object")  # noqa: TRY004 - what is wrong is the input's value
    return record


def _converted(
    record: Record, profile: str, base_dir: str | None, plumbing: str, qemu_version: str | None, **wished: Any
) -> Record:
    from qemuxml import convert  # noqa: PLC0415 - --help needs no parser
    from qemuxml.mapping.plumbing import find  # noqa: PLC0415
    from qemuxml.mapping.wishes import Wishes  # noqa: PLC0415

    if ("argv" in record) == ("xml" in record):
        return {"error": {"message": "a record needs either argv or xml"}}
    if "argv" in record:
        argv = record["argv"]
        text = shlex.join(argv) if isinstance(argv, list) else argv
        made = convert.from_native(_text(text), name="argv", profile=profile, base_dir=base_dir, wishes=Wishes(**wished))
        return {"xml": made.text, **_said(made)}
    xml, found = _text(record["xml"]), find(plumbing)
    made = convert.to_native(xml, name="xml", profile=profile, plumbing=found, qemu_version=qemu_version)
    return {"argv": made.text.rstrip("\n"), **_said(made)}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("argv is a text or a list of words, xml a text")  # noqa: TRY004
    return value


def _said(made: Any) -> Record:
    from qemuxml import report  # noqa: PLC0415
    from qemuxml.cli.failures import warnings  # noqa: PLC0415

    counts = {"counts": report.counts(made.entries)} if made.entries else {}
    return {"warnings": list(warnings(made)), **counts}


def told(error: Exception) -> Record:
    """What a record says of an error."""
    from qemuxml.errors import ConversionError  # noqa: PLC0415

    if isinstance(error, ConversionError):
        return {"message": error.message, **({"place": _place(error.place)} if error.place else {})}
    known = isinstance(error, ValueError | TypeError | RecursionError)
    return {"message": f"not a record: {error}" if known else f"internal error: {type(error).__name__}: {error}"}


def _place(place: Span | XmlPlace) -> Record:
    from qemuxml.errors import XmlPlace  # noqa: PLC0415

    if isinstance(place, XmlPlace):
        return {"line": place.line, "path": place.path}
    return {"line": place.line, "column": place.column, "start": place.start, "end": place.end}
