"""The bus of ``-hda`` and of a ``-drive`` without ``if=``: a PC has IDE, ``-M q35`` SATA, ``-M virt`` virtio."""

from __future__ import annotations

from typing import Final

from qemuxml.cmdline.values import parse
from qemuxml.domain import boards
from qemuxml.domain.boards import Board, board_of
from qemuxml.later import pattern
from qemuxml.mapping.context import Reading


def default_bus(reading: Reading) -> str:
    """The machine's own bus. On boards that have none such a drive is in no device; old releases took all for IDE."""
    arch = reading.domain.os.arch or ""
    machine = reading.domain.os.machine or _asked_machine(reading) or reading.target.machines.get(arch, "")
    if reading.has("reads-graphs"):
        return boards.disks.bus(arch, machine)
    if machine.startswith("pseries"):
        return "scsi"
    if arch == "s390x":
        return "virtio"
    return "sata" if Board(arch, machine).is_q35 else "ide"


def has_ide(reading: Reading) -> bool:
    """Whether libvirt knows the IDE controller that the board brings; disks on another are passed through."""
    arch = reading.domain.os.arch or ""
    return Board(arch, reading.domain.os.machine or reading.target.machines.get(arch, "")).has_ide


def has_place(bus: str, reading: Reading) -> bool:
    """Whether libvirt finds the place of a drive that the board itself connects; a card for its slot QEMU takes on any board."""
    if bus == "ide":
        return has_ide(reading)
    if bus == "sd":
        # libvirt cannot lay anything over such a disk; Aspeed's boards have no slot beside -nodefaults, which libvirt always says
        return not reading.ledger.has("-snapshot") and not _ASPEED.fullmatch(reading.domain.os.machine or "")
    if bus == "scsi" and has_narrow_scsi(reading):
        return True
    return reading.knows_board or (bus == "fdc" and reading.domain.os.machine == "isapc")


_ASPEED: Final = pattern(r"ast[0-9].*|(?!kudo|mori|quanta-gbs).*-bmc")


def has_narrow_scsi(reading: Reading) -> bool:
    """Whether the board brings a SCSI controller of the old sort: a SPARC workstation."""
    return reading.domain.os.arch == "sparc"


def has_scsi(reading: Reading) -> bool:
    """Whether a SCSI drive needs no controller on the line: it is the board's own, or libvirt puts one on the board's PCI bus."""
    board = board_of(reading.domain)
    return board.is_x86 or board.root is not None or has_narrow_scsi(reading)


def has_slots(reading: Reading) -> bool:
    """Whether the board may have slots for SD cards."""
    found = board_of(reading.domain)
    return not (found.is_x86 or found.is_virt or found.is_pseries or found.is_ccw)


def _asked_machine(reading: Reading) -> str | None:
    """The machine of an option that stands behind the disk."""
    for name in ("-M", "-machine"):
        for option in reading.ledger.named(name):
            machine = parse(option.value, "type").peek("type") if option.value else None
            if machine:
                return machine
    return None
