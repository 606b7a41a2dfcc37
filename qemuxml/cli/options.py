"""Options that several commands have: ``@PROFILE`` over a command gives it ``--profile``."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from qemuxml.cli.failures import Failure

PROFILES = ("modern", "legacy", "manual")
FORMAT = "qemu-argv"


def _absolute(_: click.Context, __: click.Parameter, folder: str | None) -> str | None:
    if folder is None:
        return None
    if not folder or not folder.isprintable():
        raise click.BadParameter("a folder's name with printable characters is needed")
    return os.path.join(os.getcwd(), folder)


def _variables(_: click.Context, __: click.Parameter, assignments: tuple[str, ...]) -> dict[str, str]:
    for item in assignments:
        if not re.match(r"[A-Za-z_][A-Za-z0-9_]*=", item) or not item.isprintable():
            raise click.BadParameter(f"{item!r} is not NAME=VALUE")
    return dict(item.split("=", 1) for item in assignments)


CONFIG_FORMAT = click.argument("config_format", metavar="FORMAT")
NAMED = click.Path(allow_dash=True)
"""A file's name: shells complete it."""
FILE = click.argument("file", metavar="FILE", type=NAMED)
FILES = click.argument("files", metavar="FILE...", nargs=-1, required=True, type=NAMED)
PROFILE = click.option(
    "--profile",
    type=click.Choice(PROFILES),
    default="modern",
    show_default=True,
    help="What to write for: today's libvirt and QEMU, the last libvirt with this command, or libvirt 1.2.4's manual.",
)
BASE_DIR = click.option(
    "--base-dir",
    metavar="DIR",
    type=click.Path(file_okay=False),
    callback=_absolute,
    help="Make relative file names absolute: the folder from which the guest was started.",
)
ENV = click.option(
    "--env",
    "environment",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_variables,
    help="A launch variable (PATH, HOME, USER, LOGNAME) to print; may be repeated. None is read from the process.",
)
PLUMBING = click.option(
    "--plumbing",
    type=click.Choice(["standalone", "libvirt"]),
    default="standalone",
    show_default=True,
    help="The host side: a line that a person runs, or what libvirt itself would execute.",
)
QEMU_VERSION = click.option("--qemu-version", metavar="VERSION", help="Write for that QEMU, 6.2 to 10.0 (the default).")
OUTPUT = click.option(
    "-o",
    "--output",
    metavar="FILE",
    default="-",
    type=NAMED,
    help="Write there, all of it or nothing, instead of to standard output.",
)
QUIET = click.option("-q", "--quiet", is_flag=True, help="Print errors only, no warnings.")


Command = TypeVar("Command", bound=Callable[..., Any])


def together(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """All of these as one, in the order in which ``--help`` shows them."""

    def give(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return give


def check_format(config_format: str) -> None:
    """Raise Failure for any format but virsh's qemu-argv."""
    if config_format != FORMAT:
        raise Failure(f"error: unsupported config type {config_format}")
