"""The bus of ``-hda`` and of a ``-drive`` without ``if=``: a PC has IDE, ``-M q35`` SATA, ``-M virt`` virtio."""

from __future__ import annotations

import re
from typing import Final

from qemuxml.cmdline.values import parse
from qemuxml.domain.boards import Board
from qemuxml.mapping.context import Reading


def default_bus(reading: Reading) -> str:
    """The machine's own bus. On boards that have none such a drive is in no device; old releases took all for IDE."""
    arch = reading.domain.os.arch or ""
    machine = reading.domain.os.machine or _asked_machine(reading) or reading.target.machines.get(arch, "")
    if reading.has("reads-graphs"):
        return _usual(arch, machine)
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
        return not reading.ledger.has("-snapshot")  # libvirt cannot lay anything over such a disk
    return reading.knows_board or (bus == "fdc" and reading.domain.os.machine == "isapc")


_BOARDS: Final = (
    (r"(pc-)?q35.*|sbsa-ref", "sata"),
    (r"virt(-[0-9.]+)?|s390-ccw.*", "virtio"),
    (r"pseries.*|realview-eb.*|versatile.*|40p|LX|SPARC.*|SS-.*|Voyager|B160L|C3700|next-cube", "scsi"),
    (r"raspi.*|orangepi-pc", "sd"),
    (r"pc.*|isapc|xenfv.*|g3beige|mac99|amigaone|pegasos2|sam460ex|malta|sun4u|sun4v|clipper", "ide"),
)
"""What QEMU 10.0 answers on each board, by patterns of their names."""
_ARCHITECTURES: Final = {"s390x": "virtio", "ppc64": "scsi", "ppc64le": "scsi", "sparc": "scsi", "hppa": "scsi",
                         "riscv64": "", "riscv32": "", "aarch64": "", "armv7l": "", "m68k": ""}  # fmt: skip
"""The same without ``-machine``."""


def _usual(arch: str, machine: str) -> str:
    if not machine:
        return _ARCHITECTURES.get(arch, "ide")
    return next((bus for pattern, bus in _BOARDS if re.fullmatch(pattern, machine)), "")


def _asked_machine(reading: Reading) -> str | None:
    """The machine of an option that stands behind the disk."""
    for name in ("-M", "-machine"):
        for option in reading.ledger.named(name):
            machine = parse(option.value, "type").peek("type") if option.value else None
            if machine:
                return machine
    return None
