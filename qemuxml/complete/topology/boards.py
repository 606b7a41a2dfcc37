"""What a machine is, for the passes that complete a guest: its root bus, its USB controller, the devices it brings."""

from __future__ import annotations

from dataclasses import dataclass

from qemuxml.domain import Domain

X86 = ("x86_64", "i686")
PPC = ("ppc", "ppc64", "ppc64le")
ARM = ("aarch64", "armv7l", "armv6l")
RISCV = ("riscv64", "riscv32")
MIPS = ("mips", "mipsel", "mips64", "mips64el")


@dataclass(frozen=True, slots=True)
class Board:
    """A machine of an architecture; ``name`` is without its version."""

    arch: str
    machine: str

    @property
    def is_x86(self) -> bool:
        """A PC or its like."""
        return self.arch in X86

    @property
    def has_ps2(self) -> bool:
        """Whether it has a keyboard and a mouse by itself."""
        return self.is_x86 and self.machine != "microvm"

    @property
    def is_q35(self) -> bool:
        """A PC of the Q35 chipset."""
        return self.is_x86 and (self.machine == "q35" or self.machine.startswith("pc-q35"))

    @property
    def is_i440fx(self) -> bool:
        """A PC of the i440FX chipset."""
        return self.is_x86 and (self.machine == "pc" or self.machine.startswith(("pc-i440", "pc-0.", "pc-1.", "rhel")))

    @property
    def is_pseries(self) -> bool:
        """IBM's paravirtual POWER machine."""
        return self.arch in PPC and self.machine.startswith("pseries")

    @property
    def is_ccw(self) -> bool:
        """An s390 mainframe: devices sit on its channel subsystem."""
        return self.arch in ("s390x", "s390") and self.machine.startswith("s390-ccw")

    @property
    def is_virt(self) -> bool:
        """QEMU's own virtual board of ARM, RISC-V or LoongArch."""
        virt = self.machine == "virt" or self.machine.startswith("virt-")
        return virt and self.arch in (*ARM, *RISCV, "loongarch64")

    @property
    def root(self) -> str | None:
        """The model of the root bus; None for a board without PCI."""
        if self.is_q35 or self.is_virt:
            return "pcie-root"
        if self.is_x86:
            return "pci-root" if self.is_i440fx else None
        plain = (*PPC, "alpha", "sh4", "sh4eb", "sparc64")
        others = self.is_ccw or self.machine == "versatilepb" or (self.machine == "malta" and self.arch in MIPS)
        return "pci-root" if self.arch in plain or others else None

    @property
    def may_lack_pci(self) -> bool:
        """Whether libvirt lets devices of PCI be without a bus: on boards of ARM and RISC-V, which wire their own."""
        return self.root is None and self.arch in (*ARM, *RISCV)

    @property
    def has_transports(self) -> bool:
        """Whether virtio devices can sit on the board itself."""
        return (self.arch in ARM and self.machine.startswith("vexpress-")) or (self.is_virt and self.arch in (*ARM, *RISCV))

    @property
    def balloon(self) -> bool:
        """Whether a guest has a balloon that says nothing of it."""
        return self.arch not in (*ARM, "loongarch64", "sparc")

    @property
    def has_single_bus(self) -> bool:
        """Whether QEMU calls the root bus ``pci`` and not ``pci.0``."""
        return not self.is_x86 and not self.is_ccw and not self.is_virt and self.arch not in PPC

    def default_usb(self) -> str | None:
        """The model of a USB controller that is added; None where none is."""
        if self.is_q35:
            return "qemu-xhci"
        if self.is_i440fx:
            return "piix3-uhci"
        if self.arch in PPC:
            return "piix3-uhci" if self.arch == "ppc" else "pci-ohci"
        if self.machine == "versatilepb":
            return "pci-ohci" if self.arch == "armv7l" else "qemu-xhci"
        if self.machine.startswith("realview"):
            return "pci-ohci"
        return "piix3-uhci" if self.root == "pci-root" and not self.is_ccw else None

    def usb_model(self) -> str:
        """The model of a USB controller that names none."""
        if self.arch in ("aarch64", "loongarch64"):
            return "qemu-xhci"
        return "pci-ohci" if self.arch in ("ppc64", "ppc64le") else "piix3-uhci"

    def scsi_model(self) -> str:
        """The model of a SCSI controller that names none."""
        if self.is_pseries:
            return "ibmvscsi"
        if self.is_ccw or self.arch == "loongarch64":
            return "virtio-scsi"
        return "ncr53c90" if self.arch == "sparc" else "lsilogic"


def board_of(domain: Domain) -> Board:
    """The guest's board."""
    return Board(domain.os.arch or "", domain.os.machine or "")
