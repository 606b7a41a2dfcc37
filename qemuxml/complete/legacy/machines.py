"""What a machine is made of: ``pc`` has an i440fx with IDE and USB at slot 1, ``pseries`` a spapr host bridge."""

from __future__ import annotations

from typing import Final

from qemuxml.domain import Domain, boards
from qemuxml.domain.boards import Board, board_of
from qemuxml.record import record

_PLAIN_PCI: Final = boards.PPC | {"sparc", "sparc64", "alpha", "sh4", "sh4eb"}


@record(frozen=True, kw_only=True)
class Machine:
    """A family of machines, as the last libvirt with from-native saw it."""

    pci_root: str | None = None
    """The model of the controller for PCI bus 0."""
    usb: bool = False
    """Whether libvirt adds a USB controller."""
    usb_model: str | None = None
    usb_address: tuple[int, int] | None = None
    """Slot and function of that USB controller; None if it takes the next free slot."""
    ide_address: tuple[int, int] | None = None
    sata_address: tuple[int, int] | None = None
    """Slot and function of the SATA controller that the board has; None if it has none."""
    video_slot: int | None = None
    """The slot that firmware expects the first graphics card in."""
    keeps_video_slot: bool = False
    """Whether that slot stays empty in a guest without a graphics card."""
    reserved: frozenset[int] = frozenset({0})
    """Slots of PCI bus 0 that the board takes."""
    input_bus: str | None = None
    """The bus of the mouse and keyboard that libvirt adds."""
    panic: str | None = None
    grows: str = "pci-bridge"
    """The controller that makes room for more conventional PCI devices."""
    nic: str = "rtl8139"
    """The model of a network card that names none."""

    @property
    def express(self) -> bool:
        """Whether bus 0 is PCI Express."""
        return self.pci_root == "pcie-root"


I440FX: Final = Machine(
    pci_root="pci-root",
    usb=True,
    usb_address=(1, 2),
    ide_address=(1, 1),
    video_slot=2,
    keeps_video_slot=True,
    reserved=frozenset({0, 1}),
    input_bus="ps2",
)
Q35: Final = Machine(
    pci_root="pcie-root",
    usb=True,
    usb_model="qemu-xhci",
    sata_address=(0x1F, 2),
    video_slot=1,
    reserved=frozenset({0, 0x1F}),
    input_bus="ps2",
)
ISAPC: Final = Machine(input_bus="ps2")
OTHER_PC: Final = Machine(usb=True, input_bus="ps2")
"""A board that libvirt knows nothing of (xenner): it has no PCI bus there, but a USB controller all the same."""
PSERIES: Final = Machine(pci_root="pci-root", usb=True, input_bus="usb", panic="pseries", grows="pci-root")
POWER: Final = Machine(pci_root="pci-root", usb=True, input_bus="usb")
PLAIN_PCI: Final = Machine(pci_root="pci-root", usb=True)
S390: Final = Machine(panic="s390", nic="virtio")
VIRT: Final = Machine(pci_root="pcie-root", nic="virtio")
PLAIN: Final = Machine()
_ARM_NICS = {"versatilepb": "smc91c111", "versatileab": "smc91c111"}


def machine_of(domain: Domain) -> Machine:
    """The family of a guest's machine."""
    board = board_of(domain)
    if board.is_x86:
        return _pc(board)
    if board.arch in boards.PPC64:
        return PSERIES if board.is_pseries else POWER
    if board.arch in boards.ARM:
        return VIRT if board.is_virt else Machine(nic=_ARM_NICS.get(board.machine, "lan9118"))
    if board.arch in boards.S390:
        return S390
    return PLAIN_PCI if board.arch in _PLAIN_PCI or board.machine == "malta" else PLAIN


def _pc(board: Board) -> Machine:
    if board.is_i440fx or board.machine == "xenfv":
        return I440FX
    if board.is_q35:
        return Q35
    return ISAPC if board.machine == "isapc" else OTHER_PC


def is_pseries(domain: Domain) -> bool:
    """Whether devices can sit on the virtual I/O bus of a pseries machine."""
    return machine_of(domain) is PSERIES
