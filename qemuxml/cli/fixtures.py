"""``qemuxml fixtures DIR``: keep command lines and XML of a test suite together, in the layout of libvirt's own tests.

``NAME.args`` and ``NAME.sh`` are command lines, and ``NAME.xml`` beside one is made of it. A ``NAME.xml`` without one is written
by hand, and ``NAME.ARCH-VERSION.args`` (``web.x86_64-latest.args``) is made of it.
"""

from __future__ import annotations

import difflib
import gc
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from qemuxml.cli.failures import INTERRUPTED, Failure, attempt
from qemuxml.cli.files import LARGEST, read, write
from qemuxml.cli.jobs import JOBS, ordered, stoppable, undivided
from qemuxml.cli.options import PLUMBING
from qemuxml.record import record

STALE: Final = 1
_MADE: Final = re.compile(r"(?P<name>.+)\.(?P<arch>\w+)-(?P<version>latest|\d+\.\d+)\.args")

LONG: Final = 50
"""Files from which on a terminal shows a progress bar."""


@record(frozen=True)
class Task:
    """A file to make others of; ``version`` is the QEMU that a command line is for."""

    source: Path
    version: str = "latest"


@record(frozen=True)
class Made:
    """What became of a task: the file and its text, or what is wrong."""

    path: Path
    text: str = ""
    error: str = ""


@click.command(
    "fixtures",
    epilog="""\b
Examples:
  qemuxml fixtures tests/guests
  qemuxml fixtures --check --jobs 4 tests/guests""",
)
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; print what would change, and fail if anything would.")
@click.option(
    "--qemu-version",
    "versions",
    metavar="VERSION",
    multiple=True,
    default=("latest",),
    show_default=True,
    help="Make command lines for that QEMU; may be repeated.",
)
@PLUMBING
@JOBS
def fixtures(folder: Path, *, check: bool, versions: tuple[str, ...], plumbing: str, jobs: int) -> None:
    """Make the XML of every command line in a folder, and the command line of every XML.

    NAME.args and NAME.sh get NAME.xml. A NAME.xml without one of these is written by hand, and gets NAME.ARCH-VERSION.args.
    """
    import qemuxml.convert  # noqa: F401, PLC0415 - before the processes part: each has it then

    gc.enable()  # many guests come and go

    tasks = list(_tasks(folder, versions))
    done = _Done(check=check, total=len(tasks))
    try:
        with stoppable(), _progress(len(tasks)) as advance:
            for made in ordered(partial(make, plumbing=plumbing), tasks, jobs):
                done.take(made)
                advance()
    except KeyboardInterrupt:
        click.echo(f"interrupted; {done.far()}", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        raise Failure(f"error: nobody reads standard output any more; {done.far()}") from None
    except Failure as failure:
        raise Failure(f"{failure.message}; {done.far()}") from None
    done.orphans(_orphans(folder, tasks))
    click.echo(done.summary(), err=True)
    if done.failed:
        raise click.exceptions.Exit(STALE)


def _tasks(folder: Path, versions: Iterable[str]) -> Iterator[Task]:
    """In the order of their names, which is the same everywhere."""
    lines = sorted(path for path in folder.iterdir() if path.suffix in (".args", ".sh") and not _MADE.fullmatch(path.name))
    yield from (Task(path) for path in lines)
    made = {path.stem for path in lines}
    for path in sorted(folder.glob("*.xml")):
        if path.stem not in made:
            yield from (Task(path, version) for version in versions)


def _orphans(folder: Path, tasks: list[Task]) -> list[Path]:
    """Command lines that were made of XML that is not there any more."""
    sources = {task.source.stem for task in tasks if task.source.suffix == ".xml"}
    found = ((path, _MADE.fullmatch(path.name)) for path in sorted(folder.glob("*.args")))
    return [path for path, made in found if made and made["name"] not in sources]


def make(task: Task, plumbing: str) -> Made:
    """Convert one file; what is wrong with it is told, not raised."""
    try:
        return attempt(lambda: _made(task, plumbing), str(task.source))
    except Failure as failure:
        return Made(task.source, error=failure.message)


def _made(task: Task, plumbing: str) -> Made:
    from qemuxml import convert  # noqa: PLC0415 - --help needs no parser
    from qemuxml.mapping.plumbing import find  # noqa: PLC0415

    source = read(str(task.source))
    if task.source.suffix != ".xml":
        rivals = [task.source.with_suffix(suffix) for suffix in (".args", ".sh")]
        if all(rival.exists() for rival in rivals):
            raise Failure(f"{task.source}: error: {rivals[0].name} and {rivals[1].name} would both be {task.source.stem}.xml")
        found = convert.from_native(source.text, name=source.name, profile="modern", base_dir=None)
        return Made(task.source.with_suffix(".xml"), found.text)
    version = None if task.version == "latest" else task.version
    made = convert.to_native(
        source.text, name=source.name, profile="modern", plumbing=find(plumbing), qemu_version=version, pretty=True
    )
    return Made(task.source.with_name(f"{task.source.stem}.{made.domain.os.arch}-{task.version}.args"), made.text)


class _Done:
    """What was done so far."""

    def __init__(self, *, check: bool, total: int) -> None:
        self.check = check
        self.total = total
        self.counts: Counter[str] = Counter()

    def far(self) -> str:
        """How many files were done so far."""
        return f"{self.counts.total()} of {self.total} done"

    @property
    def failed(self) -> bool:
        """Whether the folder is not what it should be."""
        return bool(self.counts["failed"] or (self.check and (self.counts.total() - self.counts["unchanged"])))

    def take(self, made: Made) -> None:
        """Write a file, or tell how it differs."""
        if made.error:
            click.echo(made.error, err=True)
            self.counts["failed"] += 1
            return
        before = _text(made.path)
        if before == made.text:
            self.counts["unchanged"] += 1
        elif self.check:
            write("-", "".join(_difference(made.path, before, made.text)))
            self.counts["missing" if before is None else "changed"] += 1
        else:
            with undivided():
                write(str(made.path), made.text)
                self.counts["written"] += 1

    def orphans(self, paths: list[Path]) -> None:
        """Tell of files whose source is gone; nothing deletes them."""
        for path in paths:
            click.echo(f"{path}: the XML that it was made of is gone", err=True)
            self.counts["orphaned"] += 1

    def summary(self) -> str:
        """One line."""
        said = ", ".join(f"{number} {what}" for what, number in sorted(self.counts.items()))
        return f"{self.total} file{'' if self.total == 1 else 's'}: {said}" if said else "no guests here"


def _text(path: Path) -> str | None:
    """What stands in a file now; None if there is none, or nothing that could have been made."""
    try:
        with path.open("rb") as stream:
            return stream.read(LARGEST + 1).decode()
    except (OSError, UnicodeDecodeError):
        return None


def _difference(path: Path, before: str | None, after: str) -> Iterator[str]:
    lines = (before or "").splitlines(keepends=True)
    name = "/dev/null" if before is None else str(path)
    for line in difflib.unified_diff(lines, after.splitlines(keepends=True), name, str(path)):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    """A bar on a terminal, and only for long work."""
    if total < LONG or sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=total, file=sys.stderr, label="fixtures") as bar:
        yield lambda: bar.update(1)
