"""``qemuxml from-native guest.args``, and virsh's ``domxml-from-native qemu-argv guest.args``: a command line to XML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qemuxml.cli.failures import attempt, warnings
from qemuxml.cli.files import read, write
from qemuxml.cli.options import BASE_DIR, CONFIG_FORMAT, FILE, OUTPUT, PROFILE, QUIET, check_format

if TYPE_CHECKING:
    from qemuxml.convert import Conversion


@click.command(
    "domxml-from-native",
    epilog="""\b
Examples:
  qemuxml domxml-from-native qemu-argv guest.args
  qemuxml domxml-from-native qemu-argv - --profile legacy < guest.args
  qemuxml domxml-from-native qemu-argv guest.sh --base-dir /srv/vm -o guest.xml""",
)
@CONFIG_FORMAT
@FILE
@PROFILE
@BASE_DIR
@OUTPUT
@QUIET
def domxml_from_native(config_format: str, file: str, **options: Any) -> None:
    """Print a command line's domain XML, as virsh did.

    FORMAT is qemu-argv. FILE is a text with one command line as a shell reads it: quotes, backslashes, comments and
    continued lines. - is standard input.
    """
    check_format(config_format)
    _run(file, **options)


@click.command(
    "from-native",
    epilog="""\b
Examples:
  qemuxml from-native guest.args
  echo 'kvm -m 512 -hda disk.img' | qemuxml from-native - --base-dir .
  qemuxml from-native guest.args --profile legacy -o guest.xml""",
)
@FILE
@PROFILE
@BASE_DIR
@OUTPUT
@QUIET
def from_native(file: str, **options: Any) -> None:
    """Print a command line's domain XML.

    The short form of domxml-from-native qemu-argv. FILE is a text with one command line; - is standard input.
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
    return convert.from_native(source.text, name=source.name, **options)
