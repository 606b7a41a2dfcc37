"""Where a guest stands: a file, ``--pid 4711`` or ``--proc DIR``; what only its caller knows, ``--set NAME=VALUE``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from qemuxml.cli.failures import Failure
from qemuxml.cli.files import LARGEST, cause, read
from qemuxml.cli.options import NAMED

if TYPE_CHECKING:
    from pathlib import Path

    from qemuxml.shell.process import Process
    from qemuxml.shell.start import Start


_SETTING = re.compile(r"([A-Za-z_][A-Za-z0-9_]*|[1-9][0-9]*|\$\(.*?\))=(.*)")
"""A variable, an argument or the output of commands (``$(nproc)=4``), and its value."""


def _settings(_: click.Context, __: click.Parameter, assignments: tuple[str, ...]) -> dict[str, str]:
    settings = {}
    for item in assignments:
        found = _SETTING.fullmatch(item)
        if not found or not item.isprintable():
            raise click.BadParameter(f"{item!r} is not NAME=VALUE")
        settings[found[1]] = found[2]
    return settings


def _name(_: click.Context, __: click.Parameter, name: str | None) -> str | None:
    if name is not None and (not name or not name.isprintable() or "/" in name):
        raise click.BadParameter("a guest's name has printable characters and no slash")
    return name


def _uuid(_: click.Context, __: click.Parameter, uuid: str | None) -> str | None:
    try:
        return uuid and str(UUID(uuid))
    except ValueError:
        raise click.BadParameter(f"{uuid!r} is no UUID") from None


OPTIONAL_FILE = click.argument("file", metavar="[FILE]", required=False, type=NAMED)
SET = click.option(
    "--set",
    "settings",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_settings,
    help="A variable, an argument by its number, or '$(command)', that the caller of a script gives; may be repeated.",
)
NTH = click.option("--nth", metavar="N", type=click.IntRange(1), help="The Nth QEMU call of a script that has several.")
PID = click.option("--pid", metavar="PID", type=click.IntRange(1), help="Convert a running QEMU, in place of a FILE.")
PROC = click.option(
    "--proc",
    metavar="DIR",
    type=click.Path(file_okay=False),
    help="Convert a saved /proc/PID: a folder with cmdline, environ, exe and cwd.",
)
GUEST_NAME = click.option(
    "--name", "guest_name", metavar="NAME", callback=_name, help="The guest's name, where the line has none."
)
GUEST_UUID = click.option(
    "--uuid", "guest_uuid", metavar="UUID", callback=_uuid, help="The guest's UUID, where the line has none."
)


def start(  # noqa: PLR0913 - the options above
    file: str | None,
    output: str = "-",
    *,
    base_dir: str | None,
    settings: dict[str, str] | None = None,
    nth: int | None = None,
    pid: int | None = None,
    proc: str | None = None,
) -> Start:
    """How the guest is started that the options name. Raises UsageError unless they name one."""
    from qemuxml import shell  # noqa: PLC0415 - --help needs no parser

    if [file, pid, proc].count(None) != 2:
        raise click.UsageError("one guest is needed: FILE, --pid or --proc")
    if file is not None:
        return shell.find(read(file, output), base_dir=base_dir, settings=settings, nth=nth)
    from pathlib import Path  # noqa: PLC0415 - a file needs none

    from qemuxml.shell import process  # noqa: PLC0415

    found = read_process(Path(f"/proc/{pid}") if pid else Path(str(proc)))
    if isinstance(found, str):
        raise Failure(f"error: {found}")
    return process.start(found, base_dir=base_dir)


# ------------------------------------------------------------------ processes


def read_process(folder: Path) -> Process | str:
    """What a folder like ``/proc/PID`` says of its process; a complaint if not even its command line can be read."""
    from qemuxml.shell.process import Process  # noqa: PLC0415

    try:
        cmdline = _bytes(folder / "cmdline")
    except (OSError, ValueError) as error:
        return f"cannot read {folder / 'cmdline'}: {cause(error)}"
    return Process(
        str(folder / "cmdline"), cmdline, _unless_refused(_bytes, folder / "environ"),
        _unless_refused(_target, folder / "exe"), _unless_refused(_target, folder / "cwd"),
    )  # fmt: skip


def _bytes(path: Path) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST // 1024**2} MiB")
    return data


def _target(path: Path) -> str:
    """What a link points to; a saved one may be a text."""
    found = str(path.readlink()) if path.is_symlink() else _bytes(path).decode().strip("\n")
    if not found.isprintable():
        raise ValueError("it is no path")
    return found


def _unless_refused(reading: Any, path: Path) -> Any:
    try:
        return reading(path)
    except (OSError, ValueError):
        return None
