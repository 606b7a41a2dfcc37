"""What may be wished of a guest that is read from a command line: ``--hostfwd=passt``; and the files read for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qemuxml.cli.failures import Failure
from qemuxml.cli.files import read

if TYPE_CHECKING:
    from qemuxml.errors import Source
    from qemuxml.mapping.wishes import Wishes

HOSTFWD = click.option(
    "--hostfwd",
    type=click.Choice(["passt", "passthrough", "drop"]),
    default="passt",
    show_default=True,
    help="What becomes of a user network with hostfwd: a passt backend, a -netdev passed through, or one without forwards.",
)


def wishes(*, hostfwd: str, name: str | None = None, uuid: str | None = None) -> Wishes:
    """The wishes, for a guest of which files may be read."""
    from qemuxml.mapping.wishes import Wishes  # noqa: PLC0415 - --help needs none

    return Wishes(hostfwd=hostfwd, name=name, uuid=uuid, read_file=_configuration)


def _configuration(path: str) -> Source | None:
    """The file of a ``-readconfig``; None if it cannot be read: the option is passed through with a warning."""
    try:
        return read(path)
    except Failure:
        return None
