"""``qemuxml scan``: every QEMU that runs on this host, one JSON record a guest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from qemuxml.cli.failures import Failure
from qemuxml.cli.files import write
from qemuxml.cli.options import PROFILE
from qemuxml.cli.starts import read_process
from qemuxml.cli.wishes import HOSTFWD, LEAN, PROBE, wishes

if TYPE_CHECKING:
    from qemuxml.mapping.wishes import Wishes
    from qemuxml.shell.process import Process

Record = dict[str, Any]
_PROC: Final = "/proc"


@click.command(
    "scan",
    epilog="""\b
Examples:
  qemuxml scan > guests.ndjson
  qemuxml scan | jq -r 'select(.error) | "\\(.pid): \\(.error.message)"'
  qemuxml scan --proc-root /srv/rescued/proc""",
)
@PROFILE
@HOSTFWD
@LEAN
@PROBE
@click.option(
    "--proc-root",
    metavar="DIR",
    type=click.Path(file_okay=False),
    default=_PROC,
    show_default=True,
    help="Where the processes are: a saved /proc.",
)
def scan(profile: str, proc_root: str, **wished: Any) -> None:
    """Convert every running QEMU of this host.

    Prints one JSON record a guest: {"pid", "name", "xml", "report"}, or {"pid", "error"} for one that cannot be read or
    converted. As root it sees every guest's folder and environment.
    """
    found = wishes(**wished, of_this_host=proc_root == _PROC)
    for record in _records(Path(proc_root), profile=profile, wishes=found):
        write("-", json.dumps(record, ensure_ascii=False).replace("\u2028", "\\u2028") + "\n")


def _records(root: Path, **options: Any) -> Iterator[Record]:
    try:
        numbers = sorted(int(folder.name) for folder in root.iterdir() if folder.name.isascii() and folder.name.isdigit())
    except OSError as error:
        raise Failure(f"error: cannot read {root}: {error.strerror}") from None
    for number in numbers:
        record = _record(root / str(number), **options)
        if record is not None:
            yield {"pid": number, **record}


def _record(folder: Path, **options: Any) -> Record | None:
    """What is said of a process; None if it runs no guest, or has ended meanwhile."""
    found = read_process(folder)
    if isinstance(found, str):
        return {"error": {"message": found}} if _is_called_qemu(folder) else None
    if found.is_guest:
        return _converted(found, **options)
    if not found.cmdline and _is_called_qemu(folder):
        return {"error": {"message": f"{found.name} is empty: this QEMU has ended"}}
    return None


def _is_called_qemu(folder: Path) -> bool:
    """Whether Linux knows the process as QEMU (by the first 15 characters of its name)."""
    try:
        name = (folder / "comm").read_text(errors="replace")
    except OSError:
        return False
    return name.startswith(("qemu-system-", "qemu-kvm"))


def _converted(process: Process, profile: str, wishes: Wishes) -> Record:
    from qemuxml import convert, report  # noqa: PLC0415 - --help needs no parser
    from qemuxml.cli.batch import told  # noqa: PLC0415
    from qemuxml.shell.process import start  # noqa: PLC0415

    try:
        made = convert.from_start(start(process), profile=profile, traced=True, wishes=wishes)
        return {"name": made.domain.identity.name, "xml": made.text, "report": report.of(made).as_json()}
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a guest, the next one has its turn
        return {"error": told(error)}
