"""``qemuxml to-native guest.xml``, and virsh's ``domxml-to-native qemu-argv guest.xml``: XML to a command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from qemuxml.cli.failures import attempt, warnings
from qemuxml.cli.files import read, write
from qemuxml.cli.options import CONFIG_FORMAT, ENV, NAMED, OUTPUT, PLUMBING, PROFILE, QEMU_VERSION, QUIET, check_format, together
from qemuxml.cli.starts import OPTIONAL_FILE

if TYPE_CHECKING:
    from qemuxml.convert import Conversion
    from qemuxml.errors import Source


def _folder(_: click.Context, __: click.Parameter, folder: str | None) -> str | None:
    if folder is not None and not (folder and folder.isprintable()):
        raise click.BadParameter("a folder's name with printable characters is needed")
    return folder


def _bridges(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    for item in given:
        name, _equals, bridge = item.partition("=")
        if not (name and bridge and item.isprintable()):
            raise click.BadParameter(f"{item!r} is not NAME=BRIDGE")
    return dict(item.split("=", 1) for item in given)


def _descriptors(_: click.Context, __: click.Parameter, folders: tuple[str, ...]) -> dict[str, str]:
    """The texts of all descriptors, a later folder's in place of an earlier one's of the same name."""
    if not folders:
        return {}
    from pathlib import Path  # noqa: PLC0415 - few ask for it

    try:
        return {path.name: path.read_text("utf-8") for folder in folders for path in sorted(Path(folder).glob("*.json"))}
    except (OSError, ValueError) as error:
        raise click.BadParameter(str(error)) from None


_XML = click.option("--xml", metavar="FILE", type=NAMED, help="The domain XML; the same as FILE without --xml.")
_WISHES: Final = together(
    PROFILE,
    PLUMBING,
    QEMU_VERSION,
    ENV,
    click.option("--domain", metavar="NAME", help="A guest of this host, in place of FILE: its XML is asked of virsh."),
    click.option("--pretty", is_flag=True, help="Print one option a line, joined by backslashes."),
    click.option("--script", is_flag=True, help="Print a shell script that prepares the host, starts helpers, then the guest."),
    click.option("--redact", is_flag=True, help="Take out secrets, serial numbers, UUIDs, MAC addresses and paths."),
    click.option("--paused", is_flag=True, help="Start the guest paused (-S)."),
    click.option("--inline-secrets", is_flag=True, help="Put secrets that the XML holds on the line, not into files."),
    click.option(
        "--state-dir",
        metavar="DIR",
        type=click.Path(file_okay=False),
        callback=_folder,
        help="Where sockets and secrets of the guest go.",
    ),
    click.option(
        "--network",
        "networks",
        metavar="NAME=BRIDGE",
        multiple=True,
        callback=_bridges,
        help="The bridge of one of libvirt's networks; virbr0 is default's. May be repeated.",
    ),
    click.option(
        "--firmware-dir",
        "firmware",
        metavar="DIR",
        multiple=True,
        type=click.Path(file_okay=False),
        callback=_descriptors,
        help="A folder of firmware descriptors (/usr/share/qemu/firmware) to select from. May be repeated.",
    ),
    click.option("--strict", is_flag=True, help="Refuse elements and attributes that nothing here understands."),
    OUTPUT,
    QUIET,
)
"""What both commands can be asked for."""


@click.command(
    "domxml-to-native",
    epilog="""\b
Examples:
  qemuxml domxml-to-native qemu-argv --profile manual guest.xml
  qemuxml domxml-to-native qemu-argv --profile manual --xml guest.xml
  virsh dumpxml demo | qemuxml domxml-to-native qemu-argv --profile manual -""",
)
@CONFIG_FORMAT
@OPTIONAL_FILE
@_XML
@_WISHES
def domxml_to_native(config_format: str, file: str | None, xml: str | None, **options: Any) -> None:
    """Print a domain XML's command line, as virsh does.

    FORMAT is qemu-argv. FILE is a libvirt domain XML, and may come behind --xml. - is standard input.
    """
    if file is not None and xml is not None:
        raise click.UsageError("one FILE is needed, with or without --xml")
    check_format(config_format)
    _run(xml if file is None else file, **options)


@click.command(
    "to-native",
    epilog="""\b
Examples:
  qemuxml to-native guest.xml --pretty
  qemuxml to-native --domain demo --script -o demo.sh
  qemuxml to-native guest.xml --redact
  qemuxml to-native --profile manual guest.xml --env HOME=/root -o guest.args""",
)
@OPTIONAL_FILE
@_WISHES
def to_native(file: str | None, **options: Any) -> None:
    """Print a domain XML's command line.

    The short form of domxml-to-native qemu-argv. FILE is a libvirt domain XML; - is standard input.
    """
    _run(file, **options)


def _run(file: str | None, output: str, domain: str | None, *, quiet: bool, **options: Any) -> None:
    if (file is None) is (domain is None):
        raise click.UsageError("one FILE is needed, or --domain NAME")
    result = attempt(lambda: _converted(_source(file, output, domain), **options))
    for warning in () if quiet else warnings(result):
        click.echo(warning, err=True)
    write(output, result.text)


def _source(file: str | None, output: str, domain: str | None) -> Source:
    if file is not None:
        return read(file, output)
    from qemuxml.cli.virsh import dumpxml  # noqa: PLC0415 - of this option alone

    return dumpxml(domain or "")


def _converted(  # noqa: PLR0913 - the wishes of who starts QEMU
    source: Source,
    *,
    plumbing: str,
    script: bool,
    paused: bool,
    inline_secrets: bool,
    state_dir: str | None,
    networks: dict[str, str],
    **options: Any,
) -> Conversion:
    from qemuxml import convert  # noqa: PLC0415 - --help needs no parser
    from qemuxml.mapping.plumbing import find  # noqa: PLC0415

    wishes = {"scripted": script, "paused": paused, "inline_secrets": inline_secrets, "bridges": networks}
    found = find(plumbing, **wishes, state_dir=state_dir or "")
    return convert.to_native(source.text, name=source.name, plumbing=found, **options)
