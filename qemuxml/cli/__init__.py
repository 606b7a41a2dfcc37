"""The command ``qemuxml``: the only room that prints, opens files or exits; complaints go to standard error.

This module is loaded at every start, so it imports next to nothing: ``--help`` and ``--version`` are answered from here, and
all else by ``group``, with click and the one command that is called.
"""

from __future__ import annotations

import gc
import os
import sys

from qemuxml import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

COMMANDS = {
    "from-native": ("from_native", "Print a command line's domain XML."),
    "to-native": ("to_native", "Print a domain XML's command line."),
    "domxml-from-native": ("from_native", "Print a command line's domain XML, as virsh did."),
    "domxml-to-native": ("to_native", "Print a domain XML's command line, as virsh does."),
    "explain": ("explain", "Explain a command line, option by option."),
    "diff": ("diff", "Compare two guests as hardware."),
    "roundtrip": ("roundtrip", "Convert there and back, and print what did not survive."),
    "fixtures": ("fixtures", "Make the XML of every command line in a folder, and the command line of every XML."),
    "batch": ("batch", "Convert records of JSON, one a line."),
    "scan": ("scan", "Convert every running QEMU of this host."),
    "validate": ("validate", "Check domain XML against libvirt's schema, and more."),
    "verify": ("verify", "Start a guest and its conversion, and compare their hardware."),
    "completion": ("completion", "Print the script that completes qemuxml in a shell."),
}
"""Each command's module, which has it as a function of the command's name, and the line that the help has for it."""

VERSION = f"qemuxml {__version__}"

_HELP = """\
Usage: qemuxml [OPTIONS] COMMAND [ARGS]...

  Convert QEMU command lines to libvirt domain XML, and back.

  Needs neither libvirt nor QEMU. The result goes to standard output, errors
  and warnings to standard error. FILE may be - for standard input.

Options:
  --version   Show the version and exit.
  -h, --help  Show this message and exit.

Commands:
{commands}

  Examples:
    qemuxml from-native guest.args
    qemuxml domxml-from-native qemu-argv guest.args
    qemuxml to-native --profile manual guest.xml
    qemuxml from-native --pid 4711

  COMMAND --help shows the options and examples of a command."""


def help_text() -> str:
    """What ``qemuxml --help`` prints."""
    width = max(map(len, COMMANDS)) + 2
    return _HELP.format(commands="\n".join(f"  {name:{width}}{line}" for name, (_, line) in COMMANDS.items()))


def main() -> None:
    """Run the command and exit: 0 done, 1 refused, 2 called in a wrong way, 130 interrupted."""
    words = sys.argv[1:]
    if words == ["--version"]:
        _answer(VERSION)
    elif words in (["--help"], ["-h"]):
        _answer(help_text())
    else:
        gc.disable()  # what is loaded stays: to look for garbage in it takes a tenth of a short run
        from qemuxml.cli.group import run  # noqa: PLC0415 - click takes longer to load than all else here takes to run

        _end(run())


def _end(status: int) -> NoReturn:
    """Exit without taking apart what is loaded, object by object, as Python would: it takes a sixth of a short run."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue  # the shell or the reader has closed it
    os._exit(status)


def _answer(text: str) -> None:
    try:
        print(text, flush=True)  # noqa: T201 - click.echo would load click
    except OSError:
        # Python would try again at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
