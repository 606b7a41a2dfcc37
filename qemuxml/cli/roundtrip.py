"""``qemuxml roundtrip guest.args``: there and back, and what did not survive it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import click

from qemuxml.cli.failures import Failure, Trouble, attempt, shown
from qemuxml.cli.files import read, write
from qemuxml.cli.options import BASE_DIR, FILES, QEMU_VERSION

if TYPE_CHECKING:
    from qemuxml.convert import Conversion
    from qemuxml.errors import Source

LOST: Final = 1


@click.command(
    "roundtrip",
    epilog="""\b
Examples:
  qemuxml roundtrip guest.args
  qemuxml roundtrip fixtures/*.args fixtures/*.xml""",
)
@FILES
@BASE_DIR
@QEMU_VERSION
def roundtrip(files: tuple[str, ...], base_dir: str | None, qemu_version: str | None) -> None:
    """Convert there and back, and print what did not survive.

    FILE is a command line (converted to XML and back) or domain XML (converted to a command line and back); - is standard
    input. The exit status is 0 if all survived, 1 if something did not, 2 for trouble.
    """
    lost = trouble = False
    for file in files:
        try:
            lines = attempt(lambda file=file: list(_lost(read(file), base_dir, qemu_version)), file)  # type: ignore[misc]
        except Failure as failure:
            failure.show()
            trouble = True
            continue
        lost |= bool(lines)
        write("-", "".join(f"{line}\n" for line in lines))
    if trouble:
        raise click.exceptions.Exit(Trouble.exit_code)
    if lost:
        raise click.exceptions.Exit(LOST)


def _lost(source: Source, base_dir: str | None, qemu_version: str | None) -> Iterator[str]:
    from qemuxml import convert  # noqa: PLC0415 - --help needs no parser

    if convert.is_xml(source.text):
        there = convert.to_native(source.text, name=source.name, profile="modern", qemu_version=qemu_version)
        back = convert.from_native(there.text, name=f"{source.name} there", profile="modern", base_dir=None)
        yield from (f"{place}: not understood" for place in convert.leftovers(source.text, name=source.name))
        yield from _different(source, source.text, back.text)
    else:
        out = convert.from_native(source.text, name=source.name, profile="modern", base_dir=base_dir)
        line = convert.to_native(out.text, name=f"{source.name} there", profile="modern", qemu_version=qemu_version)
        back = convert.from_native(line.text, name=f"{source.name} back", profile="modern", base_dir=None)
        yield from _dropped(out)
        yield from _different(source, out.text, back.text)


def _dropped(conversion: Conversion) -> Iterator[str]:
    for entry in conversion.entries:
        if entry.fate == "dropped":
            words = " ".join(word.text for word in entry.option.words)
            yield f"{entry.option.span}: {shown(words)}: {entry.reason}"


def _different(source: Source, before: str, after: str) -> Iterator[str]:
    from qemuxml import compare  # noqa: PLC0415

    found = compare.compare(before, after, names=(source.name, f"{source.name} back"), hardware_alone=True)
    for item in found.differences:
        first, second = (shown(text) if text else text for text in (item.first, item.second))
        where = f"{source.name}: {item.subject}" + (f": {item.path.removeprefix('/')}" if item.path else "")
        if second is None:
            yield f"{where}: lost" + (f": {first}" if first else "")
        elif first is None:
            yield f"{where}: came up" + (f": {second}" if second else "")
        else:
            yield f"{where}: {first} became {second}"
