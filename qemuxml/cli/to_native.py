"""``qemuxml to-native guest.xml``, and virsh's ``domxml-to-native qemu-argv guest.xml``: XML to a command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qemuxml.cli.failures import attempt, warnings
from qemuxml.cli.files import read, write
from qemuxml.cli.options import CONFIG_FORMAT, ENV, FILE, NAMED, OUTPUT, PLUMBING, PROFILE, QEMU_VERSION, QUIET, check_format

if TYPE_CHECKING:
    from qemuxml.convert import Conversion

_OPTIONAL_FILE = click.argument("file", metavar="[FILE]", required=False, type=NAMED)
_XML = click.option("--xml", metavar="FILE", type=NAMED, help="The domain XML; the same as FILE without --xml.")
_PRETTY = click.option("--pretty", is_flag=True, help="Print one option a line, joined by backslashes.")
_STRICT = click.option("--strict", is_flag=True, help="Refuse elements and attributes that nothing here understands.")


@click.command(
    "domxml-to-native",
    epilog="""\b
Examples:
  qemuxml domxml-to-native qemu-argv --profile manual guest.xml
  qemuxml domxml-to-native qemu-argv --profile manual --xml guest.xml
  virsh dumpxml demo | qemuxml domxml-to-native qemu-argv --profile manual -""",
)
@CONFIG_FORMAT
@_OPTIONAL_FILE
@_XML
@PROFILE
@PLUMBING
@QEMU_VERSION
@ENV
@_PRETTY
@_STRICT
@OUTPUT
@QUIET
def domxml_to_native(config_format: str, file: str | None, xml: str | None, **options: Any) -> None:
    """Print a domain XML's command line, as virsh does.

    FORMAT is qemu-argv. FILE is a libvirt domain XML, and may come behind --xml. - is standard input.
    """
    given = [name for name in (file, xml) if name is not None]
    if len(given) != 1:
        raise click.UsageError("one FILE is needed, with or without --xml")
    check_format(config_format)
    _run(given[0], **options)


@click.command(
    "to-native",
    epilog="""\b
Examples:
  qemuxml to-native --profile manual guest.xml
  qemuxml to-native --profile manual guest.xml --env HOME=/root -o guest.args
  virsh dumpxml demo | qemuxml to-native --profile manual -""",
)
@FILE
@PROFILE
@PLUMBING
@QEMU_VERSION
@ENV
@_PRETTY
@_STRICT
@OUTPUT
@QUIET
def to_native(file: str, **options: Any) -> None:
    """Print a domain XML's command line.

    The short form of domxml-to-native qemu-argv. FILE is a libvirt domain XML; - is standard input.
    """
    _run(file, **options)


def _run(file: str, output: str, *, quiet: bool, **options: Any) -> None:
    result = attempt(lambda: _converted(file, output, **options))
    for warning in () if quiet else warnings(result):
        click.echo(warning, err=True)
    write(output, result.text)


def _converted(file: str, output: str, **options: Any) -> Conversion:
    from qemuxml import convert  # noqa: PLC0415 - --help needs no parser

    source = read(file, output)
    return convert.to_native(source.text, name=source.name, **options)
