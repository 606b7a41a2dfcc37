"""What may be wished of a guest that is read from a command line: ``--hostfwd=passt``; and the files read for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from qemuxml.cli.failures import Failure
from qemuxml.cli.files import read
from qemuxml.cli.images import first_bytes
from qemuxml.mapping.wishes import HOSTFWD as ANSWERS

if TYPE_CHECKING:
    from qemuxml.errors import Source
    from qemuxml.mapping.wishes import Wishes

HOSTFWD = click.option(
    "--hostfwd",
    type=click.Choice(ANSWERS),
    default=ANSWERS[0],
    show_default=True,
    help="What becomes of a user network with hostfwd: a passt backend, a -netdev passed through, or one without forwards.",
)

LEAN = click.option(
    "--lean", is_flag=True, help="Leave out the devices that only QEMU's defaults add: the line's own stay, in place."
)
PROBE = click.option(
    "--no-probe",
    "probe",
    flag_value=False,
    type=bool,
    default=True,
    help="Do not look into images for a format that the line does not say; their names must tell it.",
)


def wishes(  # noqa: PLR0913 - a wish each
    *,
    hostfwd: str = "passt",
    lean: bool = False,
    probe: bool = True,
    file: str | None = None,
    name: str | None = None,
    uuid: str | None = None,
    of_this_host: bool = True,
) -> Wishes:
    """The wishes for a guest of this host, whose files may be read, or of another, whose names say nothing here.

    ``file`` is where its command line stands: a script is started from its own folder, unless somebody says otherwise.
    """
    from qemuxml.mapping.wishes import Wishes  # noqa: PLC0415 - --help needs none

    return Wishes(
        hostfwd=hostfwd,
        lean=lean,
        name=name,
        uuid=uuid,
        folder=_folder(file) if file is not None else None,
        read_file=_configuration if of_this_host else None,
        read_image=first_bytes if probe and of_this_host else None,
    )


def taken(options: dict[str, Any], file: str | None) -> Wishes:
    """The wishes among the options of a command, which then has them no more."""
    found = {name: options.pop(name) for name in ("hostfwd", "lean", "probe") if name in options}
    name, uuid = options.pop("guest_name", None), options.pop("guest_uuid", None)
    return wishes(file=file, name=name, uuid=uuid, of_this_host=options.get("proc") is None, **found)


def _folder(file: str) -> str | None:
    """The folder of a file; for what comes by a pipe, the one in which the command runs."""
    try:
        here = os.getcwd()
        found = os.path.dirname(os.path.join(here, file)) if file != "-" and os.path.isfile(file) else here
    except OSError:
        return None
    return found if found.isprintable() else None


def _configuration(path: str) -> Source | None:
    """The file of a ``-readconfig``; None if it cannot be read, or is a pipe that would wait: the option is passed through."""
    try:
        return read(path) if os.path.isfile(path) else None
    except Failure:
        return None
