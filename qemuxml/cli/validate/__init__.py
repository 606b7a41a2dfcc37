"""``qemuxml validate guest.xml``: against libvirt's RELAX NG schema, with errors that say where, and what was expected."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from qemuxml.cli.failures import Failure, Trouble, attempt, warnings
from qemuxml.cli.files import read, write
from qemuxml.cli.options import FILES, QEMU_VERSION, QUIET

if TYPE_CHECKING:
    from qemuxml.cli.validate.patterns import Pattern
    from qemuxml.errors import Source

INVALID: Final = 1
SCHEMA: Final = "domain.rng"
_PREFIXES: Final = ("/usr/local/share", "/usr/share", "/opt/homebrew/share")


@click.command(
    "validate",
    epilog="""\b
Examples:
  qemuxml validate guest.xml
  qemuxml from-native guest.args | qemuxml validate -
  qemuxml validate --schema ~/libvirt/src/conf/schemas guests/*.xml""",
)
@FILES
@click.option(
    "--schema", metavar="PATH", type=click.Path(path_type=Path), help="libvirt's domain.rng, or the folder that has it."
)
@QEMU_VERSION
@QUIET
def validate(files: tuple[str, ...], schema: Path | None, qemu_version: str | None, *, quiet: bool) -> None:
    """Check domain XML against libvirt's schema, and more.

    Each error names the element, the attribute, the line and what was expected. Then come checks that no schema has: what
    libvirt refuses, relative paths, options that QEMU has no more, files that only a passed-through argument names.
    The exit status is 0 if all files are valid, 1 if one is not, 2 for trouble.
    """
    pattern = attempt(lambda: _schema(schema))
    invalid = trouble = False
    for file in files:
        try:
            found = attempt(lambda file=file: list(_checked(pattern, read(file), qemu_version)), file)  # type: ignore[misc]
        except Failure as failure:
            failure.show()
            trouble = True
            continue
        invalid |= any(serious for serious, _ in found)
        write("-", "".join(f"{line}\n" for serious, line in found if serious or not quiet))
    if trouble:
        raise click.exceptions.Exit(Trouble.exit_code)
    if invalid:
        raise click.exceptions.Exit(INVALID)


def _checked(pattern: Pattern, source: Source, qemu_version: str | None) -> Iterator[tuple[bool, str]]:
    """What is said of a guest, and whether it is an error."""
    from qemuxml import convert  # noqa: PLC0415 - --help needs no parser
    from qemuxml.cli.validate.advice import advise  # noqa: PLC0415
    from qemuxml.cli.validate.locate import Locator  # noqa: PLC0415
    from qemuxml.mapping import xmlwalk  # noqa: PLC0415

    xml = source.text
    if not convert.is_xml(xml):
        made = convert.from_native(xml, name=source.name, profile="modern", base_dir=None)
        yield from ((False, warning) for warning in warnings(made))
        xml = made.text
    faults = Locator(pattern, source.name).walk(xmlwalk.parse(xml, source.name))
    yield from ((True, f"{fault.place}: error: {fault.message}") for fault in faults)
    for advice in advise(xml, source.name, qemu_version) if not faults else ():
        place = f"{advice.place}: " if advice.place else f"{source.name}: "
        yield advice.error, f"{place}{'error' if advice.error else 'warning'}: {advice.message}"


# ------------------------------------------------------------------ the schema


def _schema(given: Path | None) -> Pattern:
    from qemuxml.cli.validate.grammar import Grammar  # noqa: PLC0415

    path = _found(given)
    try:
        return Grammar(path).start
    except (OSError, KeyError, ValueError, IndexError, NotImplementedError, SyntaxError) as error:
        raise Trouble(f"error: {path} is no schema of libvirt's: {error}") from None


def _found(given: Path | None) -> Path:
    """The file to read. Raises Trouble, naming the packages that have it, if there is none."""
    if given is not None:
        path = given / SCHEMA if given.is_dir() else given
        if not path.is_file():
            raise Trouble(f"error: there is no {path}")
        return path
    data = [Path(folder) for folder in os.environ.get("XDG_DATA_DIRS", "").split(":") if folder.startswith("/")]
    places = dict.fromkeys(folder / "libvirt" / "schemas" / SCHEMA for folder in (*data, *map(Path, _PREFIXES)))
    for path in places:
        if path.is_file():
            return path
    raise Trouble(
        "error: libvirt's schema is not installed: it is in the package libvirt-common (Debian 13), libvirt0 (older Debian and "
        "Ubuntu), libvirt-libs (Fedora) or libvirt (Arch, Homebrew); or name it with --schema"
    )
