"""What QEMU's boards bring by themselves, as data: read off ``info qtree`` of each machine of QEMU 10.0 without any option.

To add a board: start its binary with ``-S -M NAME`` and nothing else, print ``info qtree``, and note which card, network card,
drives and ports are there that ``-nodefaults`` takes away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """One board. ``vga`` and ``network`` are libvirt's names of the models; ``cdrom`` is the bus of the empty drive, number 2.

    ``taken`` are the slots of the root bus that the board has for itself; ``ports`` counts the USB ports of ``usb``.
    """

    machine: str
    architectures: Sequence[str]
    vga: str | None = None
    network: str | None = None
    cdrom: str | None = None
    floppy: bool = False
    parallel: bool = False
    serial: bool = False
    memory: int = 128
    """MiB of a guest without ``-m``."""
    taken: Sequence[int] = (0,)
    usb: str | None = None
    own_usb: bool = False
    """Whether USB with a mouse and a keyboard is there whenever there is a graphics card."""


_X86: Final = ("x86_64", "i686")
_PPC64: Final = ("ppc64", "ppc64le")

BOARDS: Final[Sequence[Hardware]] = (
    Hardware(machine=r"q35|pc-q35-.*", architectures=_X86, vga="vga", network="e1000e", cdrom="sata", parallel=True, serial=True,
             taken=(0, 31), usb="ich9-ehci1"),
    Hardware(machine=r"isapc", architectures=_X86, vga="cirrus", network="ne2k_isa", cdrom="ide", floppy=True, parallel=True,
             serial=True),
    Hardware(machine=r"microvm", architectures=_X86, serial=True),
    Hardware(machine=r"pc|pc-.*", architectures=_X86, vga="vga", network="e1000", cdrom="ide", floppy=True, parallel=True,
             serial=True, taken=(0, 1), usb="piix3-uhci"),
    Hardware(machine=r"pseries.*", architectures=_PPC64, vga="vga", network="spapr-vlan", cdrom="scsi", serial=True, memory=512,
             taken=(), usb="nec-xhci", own_usb=True),
    Hardware(machine=r"s390-ccw-virtio.*", architectures=("s390x",), network="virtio", serial=True, taken=()),
    Hardware(machine=r"virt(-.*)?", architectures=("aarch64", "armv7l"), network="virtio", serial=True),
    Hardware(machine=r"virt(-.*)?", architectures=("riscv64", "riscv32"), serial=True),
    Hardware(machine=r"virt(-.*)?", architectures=("loongarch64",), network="virtio", serial=True),
)  # fmt: skip


AUDIO_BOARDS: Final = frozenset()  # type: ignore[var-annotated]


def hardware(arch: str, machine: str) -> Hardware | None:
    """The board of that name; None for one that nobody has looked at."""
    return next((board for board in BOARDS if arch in board.architectures and re.fullmatch(board.machine, machine)), None)
