"""Flash chips read back: ``-drive if=pflash,file=CODE.fd,readonly=on`` is ``<loader type=…>``, the second one ``<nvram>``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import decoded, on_off
from qemuxml.common import blockgraph, globals, imageformat, machineoptions  # noqa: A004 - the module is named for its option
from qemuxml.common.blocknode import Graph
from qemuxml.common.piece import Piece
from qemuxml.common.source import SOURCES
from qemuxml.common.storage import FileSource
from qemuxml.domain import boards
from qemuxml.domain.firmware.model import Nvram
from qemuxml.mapping.codecs import integer, one_of
from qemuxml.mapping.context import Reading
from qemuxml.mapping.kind import Claim
from qemuxml.mapping.ledger import Claimed, mapped

FORMATS: Final = one_of("raw", "qcow2")


def claim_drive(option: Option, reading: Reading) -> Claimed | None:
    """``-drive if=pflash``: the first chip is the firmware, the second holds the guest's variables."""
    values = reading.values(option)
    if values.peek("if") != "pflash" or not _has_flash(reading):
        return None
    for name in ("if", "id", "index", "cache", "snapshot"):
        values.get(name)
    unit = values.get("unit", integer)
    number = unit if unit is not None else reading.once(_pflashes)[option]
    path, kind = values.get("file", reading.path), values.get("format", FORMATS.decode)
    readonly = any(values.get(name, on_off) for name in ("readonly", "read-only"))
    if not path or number > 1 or values.unread():
        return None
    _set_chip(number, FileSource(file=path), kind or _unsaid(path, option, reading), reading, readonly=readonly)
    return mapped(option)


def _unsaid(path: str, option: Option, reading: Reading) -> str | None:
    """The format of a chip that no option says; None is libvirt's word for raw."""
    found = imageformat.guess(FileSource(file=path), reading)
    if found.driver != "qcow2":
        return None
    reading.note(found.reason, option.span)
    return found.driver


def _has_flash(reading: Reading) -> bool:
    """Whether firmware lies in the board's flash, as libvirt has it (``pflash0``, ``pflash1``)."""
    board = _asked_board(reading)
    return board.is_x86 or board.is_virt or board.machine == "sbsa-ref"


def _asked_board(reading: Reading) -> boards.Board:
    """The board that the line asks for: its options may stand behind those of the firmware."""
    arch = reading.domain.os.arch or ""
    asked = reading.once(machineoptions.properties).get("type", [])
    return boards.Board(arch, asked[-1] if asked else reading.target.machines.get(arch, ""))


def _pflashes(reading: Reading) -> dict[Option, int]:
    chips = (item for item in reading.ledger.named("-drive") if reading.values(item).peek("if") == "pflash")
    return {item: number for number, item in enumerate(chips)}


def has_chips(reading: Reading) -> bool:
    """Whether the guest has firmware in flash, however that is said."""
    machine = reading.once(machineoptions.properties)
    return reading.ledger.has("-pflash") or bool(reading.once(_pflashes)) or "pflash0" in machine


def take_node(name: str, number: int, reading: Reading) -> bool:
    """``-blockdev node-name=code,…`` of ``-machine pflash0=code``, with the node that it lies on: whether it was understood."""
    option = reading.referring("-blockdev", "node-name", name)
    if option is None:
        return False
    piece = Piece(option, reading)
    graph = Graph(piece)
    node = graph.node(name)
    image = blockgraph.read(node) if node else None
    if image is None or image.format not in ("raw", "qcow2") or any(item.values.unread() for item in piece.all()):
        return False
    _set_chip(number, image.source, image.format, reading, readonly=image.readonly)
    graph.enter()
    reading.ledger.enter(Claimed(piece.options()))
    return True


def _set_chip(number: int, source: Any, kind: str | None, reading: Reading, *, readonly: bool) -> None:
    os = reading.domain.os
    if number == 0 and isinstance(source, FileSource):
        os.loader, os.loader_type, os.loader_format, os.loader_readonly = source.file, "pflash", kind, readonly
    elif isinstance(source, FileSource):
        os.nvram = Nvram(path=source.file, format=kind)
    else:
        names = {model: name for name, model in SOURCES.items()}
        os.nvram = Nvram(type=names[type(source)], source=source, format=kind)
    reading.settle(settle)


def settle(reading: Reading) -> None:
    """Firmware that only is read, and no second chip: the guest keeps no variables."""
    os = reading.domain.os
    if os.loader_readonly and os.nvram is None:
        os.loader_stateless = True


def claim_secure(option: Option, reading: Reading) -> Claimed | None:
    """``-global driver=cfi.pflash01,property=secure,value=on``: flash is written in system management mode only.

    libvirt has it on a Q35 that has this mode; elsewhere QEMU takes it too, and keeps the flash from being written at all.
    """
    found = globals.read(option, reading)
    if found is None or found.name != "cfi.pflash01.secure":
        return None
    secure = decoded(found.item, on_off)
    if secure and not _can_be_secure(reading):
        return None
    reading.domain.os.loader_secure = secure or None
    return mapped(option)


def _can_be_secure(reading: Reading) -> bool:
    modes = reading.once(machineoptions.properties).get("smm", [])
    return _asked_board(reading).is_q35 and (not modes or modes[-1] in _ON_OR_AUTO)


_ON_OR_AUTO: Final = ("on", "yes", "true", "auto")


def claim_pflash(option: Option, reading: Reading) -> Claimed | None:
    """``-pflash FILE``: the next chip, which the guest may write to."""
    if not _has_flash(reading):
        return None
    number = int(reading.domain.os.loader_type == "pflash")
    path = reading.path(option.text)
    _set_chip(number, FileSource(file=path), _unsaid(path, option, reading) or "raw", reading, readonly=False)
    return mapped(option)


CLAIMS: Final[Mapping[str, Claim]] = {"-drive": claim_drive, "-pflash": claim_pflash}
