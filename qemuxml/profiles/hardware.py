"""What QEMU's boards bring by themselves, as data: read off ``info qtree`` of each machine of QEMU 10.0 without any option.

To add a board: start its binary with ``-S -M NAME`` and nothing else, print ``info qtree``, and note which card, network card,
drives and ports are there that ``-nodefaults`` takes away. What kinds themselves ask of a machine stands in ``domain/boards``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from qemuxml.record import record


@record(frozen=True, kw_only=True)
class Hardware:
    """One board. ``vga``, ``network`` and ``usb`` are libvirt's names of the models; ``cdrom`` is an empty drive, number 2.

    ``taken`` are the slots of the root bus that the board has for itself.
    """

    machine: str
    architectures: Sequence[str]
    vga: str | None = None
    network: str | None = None
    cdrom: bool = False
    floppy: bool = False
    parallel: bool = False
    serial: bool = False
    taken: Sequence[int] = (0,)
    usb: str | None = None
    is_desktop: bool = False
    """Whether its graphics card, made after the network cards, brings its USB along, with a keyboard and a mouse."""


_X86: Final = ("x86_64", "i686")
_PPC64: Final = ("ppc64", "ppc64le")
_PPC: Final = ("ppc", *_PPC64)

BOARDS: Final[Sequence[Hardware]] = (
    Hardware(machine=r"q35|pc-q35-.*", architectures=_X86, vga="vga", network="e1000e", cdrom=True, parallel=True, serial=True,
             taken=(0, 31), usb="ich9-ehci1"),
    Hardware(machine=r"microvm", architectures=_X86, serial=True),
    Hardware(machine=r"pc|pc-.*", architectures=_X86, vga="vga", network="e1000", cdrom=True, floppy=True, parallel=True,
             serial=True, taken=(0, 1), usb="piix3-uhci"),
    Hardware(machine=r"ppce500", architectures=_PPC, network="virtio", serial=True),
    Hardware(machine=r"bamboo", architectures=_PPC, network="e1000", serial=True),
    Hardware(machine=r"pseries.*", architectures=_PPC64, vga="vga", network="spapr-vlan", cdrom=True, serial=True, taken=(),
             usb="nec-xhci", is_desktop=True),
    Hardware(machine=r"s390-ccw-virtio.*", architectures=("s390x",), network="virtio", serial=True, taken=()),
    Hardware(machine=r"virt(-.*)?", architectures=("aarch64", "armv7l"), network="virtio", serial=True),
    Hardware(machine=r"virt(-.*)?", architectures=("riscv64", "riscv32"), serial=True),
    Hardware(machine=r"virt(-.*)?", architectures=("loongarch64",), network="virtio", serial=True),
)  # fmt: skip


UNASKED: Final[Mapping[str, str]] = {
    "40p": "vga std, parallel", "LX": "cdrom, floppy, vga tcx", "SPARCClassic": "cdrom, floppy, vga tcx",
    "SPARCbook": "cdrom, floppy, vga tcx", "SS-10": "cdrom, floppy, vga tcx", "SS-20": "cdrom, floppy, vga tcx",
    "SS-4": "cdrom, floppy, vga tcx", "SS-5": "cdrom, floppy, vga tcx", "SS-600MP": "cdrom, vga tcx",
    "Voyager": "cdrom, floppy, vga tcx", "amigaone": "cdrom, floppy, vga std, parallel",
    "clipper": "cdrom, floppy, vga cirrus", "fuloong2e": "cdrom, floppy, vga std", "g3beige": "cdrom, vga std",
    "loongson3-virt": "vga cirrus", "magnum": "cdrom, floppy",
    "pica61": "cdrom, floppy",
    "integratorcp": "sdcard", "isapc": "cdrom, floppy, vga cirrus, parallel", "mac99": "cdrom, vga std, usb",
    "malta": "cdrom, floppy, vga cirrus", "pegasos2": "cdrom, floppy, vga std, parallel", "realview-eb": "cdrom, sdcard",
    "realview-eb-mpcore": "cdrom, sdcard", "realview-pb-a8": "sdcard", "realview-pbx-a9": "sdcard",
    "sun4u": "cdrom, floppy, vga std, parallel", "sun4v": "cdrom, floppy, vga std, parallel", "versatileab": "cdrom, sdcard",
    "versatilepb": "cdrom, sdcard", "vexpress-a15": "sdcard", "vexpress-a9": "sdcard", "xlnx-zcu102": "sdcard",
}  # fmt: skip
"""What other boards bring unless ``-nodefaults`` takes it away, beside their network card: libvirt has no places for it."""


def _hosts(count: int, root: str) -> tuple[str, ...]:
    """The PCI host bridges of a PowerNV chip, each with its port, and what its firmware speaks to over IPMI."""
    bridges = (f"pnv-phb,chip-id=0,index={number}" for number in range(count))
    ports = (f"pnv-phb-root-port,bus={root}.{number}" for number in range(count))
    return (*bridges, *ports, "ipmi-bmc-sim,id=bmc0", "isa-ipmi-bt,bmc=bmc0,irq=10")


PARTS: Final[Mapping[str, Sequence[str]]] = {
    "powernv8": _hosts(3, "pnv-phb3-root"), "powernv9": _hosts(6, "pnv-phb4-root"),
    **dict.fromkeys(("powernv", "powernv10", "powernv10-rainier"), _hosts(6, "pnv-phb4-root")),
    "loongson3-virt": ("pci-ohci", "usb-kbd", "usb-tablet"), "sam460ex": ("sii3112",),
}  # fmt: skip
"""Devices that a board makes by itself unless ``-nodefaults`` takes them away, and that an option can bring back."""

CHIPS: Final[Mapping[str, str]] = {
    "ast1030-evb": "w25q80bl,w25q80bl w25q256,w25q256 w25q256,w25q256", "ast2500-evb": "mx25l25635e mx25l25635f",
    "ast2600-evb": "mx66u51235f mx66u51235f", "bletchley-bmc": "w25q01jvq,w25q01jvq",
    "fby35-bmc": "mx66l1g45g,mx66l1g45g mx66u51235f", "fp5280g2-bmc": "n25q512a,n25q512a mx25l25635e",
    "fuji-bmc": "mx66l1g45g,mx66l1g45g mx66l1g45g", "g220a-bmc": "n25q512a,n25q512a mx25l25635e",
    "palmetto-bmc": "n25q256a mx25l25635f", "qcom-dc-scm-v1-bmc": "n25q512a,n25q512a n25q512a",
    "qcom-firework-bmc": "n25q512a,n25q512a n25q512a", "quanta-q71l-bmc": "n25q256a mx25l25635e",
    "rainier-bmc": "mx66l1g45g,mx66l1g45g mx66l1g45g", "romulus-bmc": "n25q256a,n25q256a mx66l1g45g",
    "sonorapass-bmc": "mx66l1g45g,mx66l1g45g mx66l1g45g", "supermicro-x11spi-bmc": "mx25l25635e mx25l25635e",
    "supermicrox11-bmc": "mx25l25635e mx25l25635e", "tiogapass-bmc": "n25q256a,n25q256a mx25l25635e",
    "witherspoon-bmc": "mx25l25635f,mx25l25635f mx66l1g45g", "yosemitev2-bmc": "n25q256a,n25q256a mx25l25635e",
    **dict.fromkeys(("ast2700-evb", "ast2700a0-evb", "ast2700a1-evb"), "w25q01jvq,w25q01jvq w25q512jv"),
}  # fmt: skip
"""The flash chips that Aspeed's boards have unasked, by their types: a bus each word, its chips with commas between."""

CARDLESS: Final = frozenset({"ast1030-evb"})
"""Those of them that have no slot for an SD card."""

SOUND_CHIPS: Final[Mapping[str, str]] = {"amigaone": "via-ac97", "fuloong2e": "via-ac97"}
"""Sound chips of boards that have no such property, by their types."""


def hardware(arch: str, machine: str) -> Hardware | None:
    """The board of that name; None for one that nobody has looked at."""
    return next((board for board in BOARDS if arch in board.architectures and re.fullmatch(board.machine, machine)), None)
