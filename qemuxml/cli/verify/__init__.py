"""``qemuxml verify guest.args``: the original and the converted guest started paused, and where their hardware differs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from qemuxml.cli.failures import Failure, Trouble, attempt
from qemuxml.cli.files import write
from qemuxml.cli.jobs import stoppable
from qemuxml.cli.options import BASE_DIR
from qemuxml.cli.starts import NTH, OPTIONAL_FILE, PID, PROC, SET, start

if TYPE_CHECKING:
    from qemuxml.cli.verify.hardware import Hardware
    from qemuxml.cli.verify.tame import Manner
    from qemuxml.shell.start import Start

DIFFERENT: Final = 1


@click.command(
    "verify",
    epilog="""\b
Examples:
  qemuxml verify guest.args
  qemuxml verify --stand-ins --libvirt qemu:///embed guest.args""",
)
@OPTIONAL_FILE
@PID
@PROC
@BASE_DIR
@SET
@NTH
@click.option("--libvirt", "uri", metavar="URI", help="Let that libvirt start the converted guest, as virsh -c URI would.")
@click.option("--stand-ins", is_flag=True, help="Do not ask for the images: empty ones stand in for them.")
def verify(file: str | None, uri: str | None, *, stand_ins: bool, **where: Any) -> None:
    """Start a guest and its conversion, and compare their hardware.

    Both are started paused in the QEMU that is installed, their processors never run, and no image, network or socket of the
    host is given to them. FILE is a command line; - is standard input. The exit status is 0 for the same hardware, 1 for
    another, 2 if that cannot be told.
    """
    try:
        original = attempt(lambda: start(file, **where))
    except Failure as failure:
        raise Trouble(failure.message) from None
    lines = attempt(lambda: _verdict(original, uri, stand_ins=stand_ins))
    write("-", "".join(f"{line}\n" for line in lines))
    if lines:
        raise click.exceptions.Exit(DIFFERENT)


def _verdict(original: Start, uri: str | None, *, stand_ins: bool) -> list[str]:
    from qemuxml import convert  # noqa: PLC0415 - --help needs no parser
    from qemuxml.cli.verify.launch import Unstarted  # noqa: PLC0415
    from qemuxml.cli.verify.tame import Untame  # noqa: PLC0415
    from qemuxml.errors import ConversionError  # noqa: PLC0415

    try:
        convert.from_start(original, profile="modern")  # what it refuses has its place in what was given
        with stoppable():
            return _compared(original, uri, _Images(original.folder, stand_ins=stand_ins))
    except (Untame, Unstarted) as verdict:
        raise Trouble(f"{original.source.name}: cannot tell: {verdict}") from None
    except ConversionError as error:
        raise Trouble(error.report()) from None


def _compared(original: Start, uri: str | None, images: _Images) -> list[str]:
    """Start both guests in the first manner in which both start. Raises Untame, Unstarted or ConversionError."""
    from qemuxml import convert  # noqa: PLC0415
    from qemuxml.cli.verify.hardware import differences  # noqa: PLC0415
    from qemuxml.cli.verify.launch import Unstarted, by_qemu, starts  # noqa: PLC0415

    obstacle = None
    for guest, manner in starts(original, images.size):
        xml = convert.from_start(guest, profile="modern").text
        side = "the original"
        while True:
            try:
                before = by_qemu(guest, manner)
                side = "the converted guest"
                return list(differences(before, _converted(xml, uri, manner)))
            except Unstarted as verdict:
                if not images.fit(str(verdict)):
                    if obstacle is None or not manner.blank:
                        obstacle = Unstarted(f"{side} does not start: {verdict}")
                    break
    raise obstacle or Unstarted


def _converted(xml: str, uri: str | None, manner: Manner) -> Hardware:
    from qemuxml import convert, shell  # noqa: PLC0415
    from qemuxml.cli.verify.launch import by_libvirt, by_qemu  # noqa: PLC0415
    from qemuxml.errors import Source  # noqa: PLC0415

    if uri is not None:
        return by_libvirt(xml, uri, manner)
    line = convert.to_native(xml, name="<converted>", profile="modern").text
    return by_qemu(shell.find(Source(line, "<converted line>")), manner)


_MISFIT: Final = re.compile(r"requires (\d+) bytes, .*provides (\d+) bytes")
"""What QEMU says of a flash chip whose image has another size than the chip."""


class _Images:
    """The images of a command line: opened for reading, and for their size alone, or not at all.

    What the original's image had, the converted one's of that name has.
    """

    def __init__(self, base_dir: str | None, *, stand_ins: bool) -> None:
        self._folder = Path(base_dir or ".")
        self._stand_ins = stand_ins
        self._known: dict[str, int] = {}
        self._fitted: dict[int, int] = {}

    def size(self, name: str, floor: int) -> int:
        """Bytes, at least ``floor``, or what a chip of the guest wants. Raises Untame for an image that cannot be read.

        A stand-in of what is no image has no name.
        """
        base = name.rpartition("/")[2]
        if base not in self._known:
            without = self._stand_ins or not name or ":" in name.partition("/")[0]
            self._known[base] = floor if without else max(floor, self._read(name))
        size = self._known[base] if name else floor
        return self._fitted.get(size, size)

    def fit(self, obstacle: str) -> bool:
        """Whether it is a size that keeps a guest from its start; that one is another from now on."""
        found = _MISFIT.search(obstacle)
        if found is None or int(found[2]) in self._fitted:
            return False
        self._fitted[int(found[2])] = int(found[1])
        return True

    def _read(self, name: str) -> int:
        from qemuxml.cli.verify.tame import Untame  # noqa: PLC0415

        try:
            with (self._folder / name).open("rb") as stream:
                return stream.seek(0, 2)
        except OSError as error:
            raise Untame(f"{name}: {error.strerror} (--stand-ins does without the images)") from None
