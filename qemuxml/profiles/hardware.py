"""What QEMU's boards bring by themselves, as data: read off ``info qtree`` of each machine of QEMU 10.0 without any option.

To add a board: start its binary with ``-S -M NAME`` and nothing else, print ``info qtree``, and note which card, network card,
drives and ports are there that ``-nodefaults`` takes away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from qemuxml.record import record


@record(frozen=True, kw_only=True)
class Hardware:
    """One board. ``vga`` and ``network`` are libvirt's names of the models; ``cdrom`` is the bus of the empty drive, number 2.

    ``taken`` are the slots of the root bus that the board has for itself, ``usb`` is libvirt's name of its own USB controller.
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
    is_desktop: bool = False
    """Whether its graphics card, made after the network cards, brings its USB along, with a keyboard and a mouse."""


_X86: Final = ("x86_64", "i686")
_PPC64: Final = ("ppc64", "ppc64le")

BOARDS: Final[Sequence[Hardware]] = (
    Hardware(machine=r"q35|pc-q35-.*", architectures=_X86, vga="vga", network="e1000e", cdrom="sata", parallel=True, serial=True,
             taken=(0, 31), usb="ich9-ehci1"),
    Hardware(machine=r"microvm", architectures=_X86, serial=True),
    Hardware(machine=r"pc|pc-.*", architectures=_X86, vga="vga", network="e1000", cdrom="ide", floppy=True, parallel=True,
             serial=True, taken=(0, 1), usb="piix3-uhci"),
    Hardware(machine=r"pseries.*", architectures=_PPC64, vga="vga", network="spapr-vlan", cdrom="scsi", serial=True, memory=512,
             taken=(), usb="nec-xhci", is_desktop=True),
    Hardware(machine=r"s390-ccw-virtio.*", architectures=("s390x",), network="virtio", serial=True, taken=()),
    Hardware(machine=r"virt(-.*)?", architectures=("aarch64", "armv7l"), network="virtio", serial=True),
    Hardware(machine=r"virt(-.*)?", architectures=("riscv64", "riscv32"), serial=True),
    Hardware(machine=r"virt(-.*)?", architectures=("loongarch64",), network="virtio", serial=True),
)  # fmt: skip


SIZES: Final[Mapping[str, tuple[int, int]]] = {
    "ast2500-evb": (512, 1), "ast2600-evb": (1024, 2), "ast2700a0-evb": (1024, 4), "ast2700a1-evb": (1024, 4),
    "bletchley-bmc": (2048, 2), "bpim2u": (1024, 4), "canon-a1100": (64, 1), "collie": (512, 1), "cubieboard": (1024, 1),
    "fby35": (128, 3), "fby35-bmc": (2048, 2), "fp5280g2-bmc": (512, 1), "fuji-bmc": (2048, 2), "g220a-bmc": (1024, 1),
    "kudo-bmc": (1024, 2), "mori-bmc": (1024, 2), "mps2-an385": (16, 1), "mps2-an386": (16, 1), "mps2-an500": (16, 1),
    "mps2-an505": (16, 1), "mps2-an511": (16, 1), "mps2-an521": (16, 2), "mps3-an524": (2048, 2), "mps3-an536": (3072, 1),
    "mps3-an547": (2048, 1), "musca-a": (128, 2), "musca-b1": (128, 2), "next-cube": (64, 1), "npcm750-evb": (512, 2),
    "npcm845-evb": (1024, 4), "nuri": (128, 2), "orangepi-pc": (1024, 4), "palmetto-bmc": (256, 1), "powernv10": (1024, 1),
    "powernv8": (1024, 1), "powernv9": (1024, 1), "qcom-dc-scm-v1-bmc": (1024, 2), "qcom-firework-bmc": (1024, 2),
    "quanta-gbs-bmc": (1024, 2), "quanta-gsj": (512, 2), "rainier-bmc": (1024, 2), "raspi0": (512, 1), "raspi1ap": (512, 1),
    "raspi2b": (1024, 4), "raspi3ap": (512, 4), "raspi3b": (1024, 4), "raspi4b": (2048, 4), "romulus-bmc": (512, 1),
    "sam460ex": (512, 1), "sbsa-ref": (1024, 4), "sifive_u": (128, 2), "smdkc210": (128, 2), "sonorapass-bmc": (512, 1),
    "supermicro-x11spi-bmc": (512, 1), "supermicrox11-bmc": (256, 1), "tiogapass-bmc": (1024, 1), "witherspoon-bmc": (512, 1),
    "xlnx-versal-virt": (128, 4), "yosemitev2-bmc": (512, 1),
}  # fmt: skip
"""MiB and CPUs of boards that have not 128 MiB and one CPU, as their binaries tell over QMP."""

UNASKED: Final[Mapping[str, str]] = {
    "40p": "cdrom, floppy, vga std, parallel", "LX": "cdrom, floppy, vga tcx", "SPARCClassic": "cdrom, floppy, vga tcx",
    "SPARCbook": "cdrom, floppy, vga tcx", "SS-10": "cdrom, floppy, vga tcx", "SS-20": "cdrom, floppy, vga tcx",
    "SS-4": "cdrom, floppy, vga tcx", "SS-5": "cdrom, floppy, vga tcx", "SS-600MP": "cdrom, vga tcx",
    "Voyager": "cdrom, floppy, vga tcx", "amigaone": "cdrom, floppy, vga std, parallel", "ast2500-evb": "sdcard",
    "ast2600-evb": "sdcard", "ast2700a0-evb": "sdcard", "ast2700a1-evb": "sdcard", "bletchley-bmc": "sdcard",
    "fby35-bmc": "sdcard", "fp5280g2-bmc": "sdcard", "fuji-bmc": "sdcard", "g220a-bmc": "sdcard", "g3beige": "cdrom, vga std",
    "integratorcp": "sdcard", "isapc": "cdrom, floppy, vga cirrus, parallel", "mac99": "cdrom, vga std, usb",
    "malta": "cdrom, floppy, vga cirrus", "palmetto-bmc": "sdcard", "pegasos2": "cdrom, floppy, vga std, parallel",
    "qcom-dc-scm-v1-bmc": "sdcard", "qcom-firework-bmc": "sdcard", "quanta-q71l-bmc": "sdcard", "rainier-bmc": "sdcard",
    "realview-eb": "cdrom, sdcard", "realview-eb-mpcore": "cdrom, sdcard", "realview-pb-a8": "sdcard",
    "realview-pbx-a9": "sdcard", "romulus-bmc": "sdcard", "sam460ex": "cdrom", "sonorapass-bmc": "sdcard",
    "sun4u": "cdrom, floppy, vga std, parallel", "sun4v": "cdrom, floppy, vga std, parallel",
    "supermicro-x11spi-bmc": "sdcard", "supermicrox11-bmc": "sdcard", "tiogapass-bmc": "sdcard",
    "versatileab": "cdrom, sdcard", "versatilepb": "cdrom, sdcard", "vexpress-a15": "sdcard", "vexpress-a9": "sdcard",
    "witherspoon-bmc": "sdcard", "xlnx-zcu102": "sdcard", "yosemitev2-bmc": "sdcard",
}  # fmt: skip
"""What other boards bring unless ``-nodefaults`` takes it away, beside their network card."""

AUDIO_BOARDS: Final[frozenset[tuple[str, str]]] = frozenset(
    {("aarch64", "integratorcp"), ("aarch64", "musicpal"), ("aarch64", "realview-eb"), ("aarch64", "realview-eb-mpcore"),
      ("aarch64", "realview-pb-a8"), ("aarch64", "realview-pbx-a9"), ("aarch64", "versatileab"), ("aarch64", "versatilepb"),
      ("aarch64", "vexpress-a15"), ("aarch64", "vexpress-a9"), ("aarch64", "xlnx-zcu102"), ("armv7l", "integratorcp"),
      ("armv7l", "musicpal"), ("armv7l", "realview-eb"), ("armv7l", "realview-eb-mpcore"), ("armv7l", "realview-pb-a8"),
      ("armv7l", "realview-pbx-a9"), ("armv7l", "versatileab"), ("armv7l", "versatilepb"), ("armv7l", "vexpress-a15"),
      ("armv7l", "vexpress-a9"), ("m68k", "q800"), ("ppc", "40p"), ("ppc", "pegasos2"), ("ppc64", "40p"),
      ("ppc64", "pegasos2")}
)  # fmt: skip
"""Boards with a sound chip of their own: those whose ``-machine NAME,help`` names ``audiodev``."""


def hardware(arch: str, machine: str) -> Hardware | None:
    """The board of that name; None for one that nobody has looked at."""
    return next((board for board in BOARDS if arch in board.architectures and re.fullmatch(board.machine, machine)), None)
