"""The click group of all commands, each loaded when it is called: ``qemuxml from-native`` loads ``from_native`` alone."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from qemuxml import __version__
from qemuxml.cli import COMMANDS, VERSION, help_text
from qemuxml.cli.failures import INTERRUPTED


class Commands(click.Group):
    """The commands of the table, loaded one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands, in the order of the help."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"qemuxml.cli.{COMMANDS[cmd_name][0]}")
        command = getattr(module, cmd_name.replace("-", "_"))
        return command if isinstance(command, click.Command) else None

    def get_help(self, ctx: click.Context) -> str:
        """Give the same text that ``main`` answers with."""
        del ctx
        return help_text()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="qemuxml", message=VERSION)
def commands() -> None:
    """Convert QEMU command lines to libvirt domain XML, and back."""


def run() -> int:
    """Run the command that the process was called with; gives its exit status."""
    if not sys.argv[1:] and "_QEMUXML_COMPLETE" not in os.environ:  # a shell that completes gives no words
        click.echo(help_text(), err=True)
        return click.UsageError.exit_code
    try:
        return commands.main(prog_name="qemuxml", standalone_mode=False) or 0
    except click.UsageError as error:
        _tell(error)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED


def _tell(error: click.UsageError) -> None:
    """What was wrong in the call, as every other error is told: click would write ``Error``."""
    if error.ctx:
        click.echo(f"{error.ctx.get_usage()}\nTry '{error.ctx.command_path} --help' for help.\n", err=True)
    click.echo(f"error: {error.format_message()}", err=True)
