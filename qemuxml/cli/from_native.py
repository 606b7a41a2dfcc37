"""``qemuxml from-native guest.args``, and virsh's ``domxml-from-native qemu-argv guest.args``: a command line to XML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import click

from qemuxml.cli.failures import attempt, shown, warnings
from qemuxml.cli.files import write
from qemuxml.cli.options import BASE_DIR, CONFIG_FORMAT, FILE, OUTPUT, PROFILE, QUIET, check_format, together
from qemuxml.cli.starts import GUEST_NAME, GUEST_UUID, NTH, OPTIONAL_FILE, PID, PROC, SET, start
from qemuxml.cli.wishes import HOSTFWD, LEAN, PROBE, taken

if TYPE_CHECKING:
    from qemuxml.convert import Conversion
    from qemuxml.report import Report

INEXACT: Final = 3
"""The exit status under ``--strict`` if an option was passed, dropped or guessed; virsh's command has 1."""


class _Command(click.Command):
    """``--report`` takes a value behind ``=`` only: ``--report guest.args`` is no report in the format guest.args."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, ["--report=text" if word == "--report" else word for word in args])


_REPORT = click.option(
    "--report",
    type=click.Choice(["text", "json"]),
    metavar="[=json]",
    help="Print on standard error what became of each option, instead of warnings; --report=json is for programs.",
)
_STRICT = click.option(
    "--strict", is_flag=True, help="Fail if an option was passed, dropped or guessed; the XML is written still."
)
_WISHES: Final = together(
    PROFILE, BASE_DIR, SET, NTH, GUEST_NAME, GUEST_UUID, HOSTFWD, LEAN, PROBE, _REPORT, _STRICT, OUTPUT, QUIET
)
"""What both commands can be asked for."""


@click.command(
    "domxml-from-native",
    cls=_Command,
    epilog="""\b
Examples:
  qemuxml domxml-from-native qemu-argv guest.args
  qemuxml domxml-from-native qemu-argv - --profile legacy < guest.args
  qemuxml domxml-from-native qemu-argv guest.sh --base-dir /srv/vm -o guest.xml""",
)
@CONFIG_FORMAT
@FILE
@_WISHES
def domxml_from_native(config_format: str, file: str, **options: Any) -> None:
    """Print a command line's domain XML, as virsh did.

    FORMAT is qemu-argv. FILE is a command line as a shell reads it, or a shell script that starts QEMU, which is read and
    not run. - is standard input.
    """
    check_format(config_format)
    _run(file, inexact=1, **options)


@click.command(
    "from-native",
    cls=_Command,
    epilog="""\b
Examples:
  qemuxml from-native guest.args
  qemuxml from-native run.sh --base-dir . --set DISK=disk.qcow2
  qemuxml from-native --pid 4711
  qemuxml from-native guest.args --report=json -o guest.xml 2> report.json""",
)
@OPTIONAL_FILE
@PID
@PROC
@_WISHES
def from_native(file: str | None, **options: Any) -> None:
    """Print a command line's domain XML.

    FILE is a command line as a shell reads it, or a shell script that starts QEMU, which is read and not run. - is
    standard input.
    """
    _run(file, inexact=INEXACT, **options)


def _run(  # noqa: PLR0913 - the command's options
    file: str | None, output: str, report: str | None, inexact: int, *, strict: bool, quiet: bool, **options: Any
) -> None:
    result = attempt(lambda: _converted(file, output, traced=report is not None, **options))
    told = _report(result) if report or strict else None
    if report and told:
        click.echo(_json(told) if report == "json" else "\n".join(_table(told)), err=True)
    else:
        for warning in () if quiet else warnings(result):
            click.echo(warning, err=True)
    write(output, result.text)
    if strict and told and not told.exact:
        raise click.exceptions.Exit(inexact)


def _converted(file: str | None, output: str, *, profile: str, traced: bool, **options: Any) -> Conversion:
    from qemuxml import convert  # noqa: PLC0415

    wished = taken(options, file)
    return convert.from_start(start(file, output, **options), profile=profile, traced=traced, wishes=wished)


# ------------------------------------------------------------------ the report


def _report(result: Conversion) -> Report:
    from qemuxml import report  # noqa: PLC0415 - few ask for it

    return report.of(result)


def _json(report: Report) -> str:
    import json  # noqa: PLC0415 - few ask for it

    return json.dumps(report.as_json(), indent=2, ensure_ascii=False)


def _table(report: Report) -> Iterator[str]:
    """One line an option: its place, its fate, the option, and what it became or why it became nothing; then the sums."""
    rows = [(str(item.place), str(item.fate), shown(item.text), _outcome(item)) for item in report.items]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for row in rows:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip()
    for note in report.notes:
        yield f"{note.place}: note: {note.message}" if note.place else f"note: {note.message}"
    sums = ", ".join(f"{number} {fate}" for fate, number in report.counts().items() if number)
    yield f"{len(rows)} options: {sums}" if rows else "no options"


def _outcome(item: Any) -> str:
    return " ".join(item.xpaths) + (f" ({item.reason})" if item.reason and item.xpaths else item.reason)
