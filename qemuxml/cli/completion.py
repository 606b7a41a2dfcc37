"""``qemuxml completion bash``: the script with which a shell completes the program's commands, options and files."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from qemuxml.cli.files import write

SHELLS = ("bash", "zsh", "fish")


@click.command(
    "completion",
    epilog="""\b
Examples:
  qemuxml completion bash > ~/.local/share/bash-completion/completions/qemuxml
  qemuxml completion zsh > ~/.zfunc/_qemuxml
  qemuxml completion fish > ~/.config/fish/completions/qemuxml.fish""",
)
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that completes qemuxml in a shell."""
    write("-", script(shell))


def script(shell: str) -> str:
    """The text of the script; it calls the program for what comes next."""
    from qemuxml.cli.group import commands  # noqa: PLC0415 - which loads this module

    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - click knows the three
    text = found(commands, {}, "qemuxml", "_QEMUXML_COMPLETE").source().rstrip("\n") + "\n"
    # zsh loads the file once and runs it at every call: click's test would hold for the first call alone.
    return text.replace("$zsh_eval_context[-1] == loadautofunc", '"$funcstack[1]" == "_qemuxml"')
