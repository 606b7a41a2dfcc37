"""What QEMU and libvirt say of machines: the root bus of ``-machine q35``, the controllers that libvirt adds to it, ACPI.

The tables are facts of QEMU 10.0 (``query-machines``, ``-machine NAME,help``), one question to each binary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qemuxml.domain.boards import cpus, disks, memory
from qemuxml.domain.boards.names import ARM, LIBVIRTS, MIPS, PPC, PPC64, RISCV, S390, WITH_CPUS, X86, family, version
from qemuxml.record import record

if TYPE_CHECKING:
    from qemuxml.domain import Domain

__all__ = [
    "ARM", "LIBVIRTS", "MIPS", "PPC", "PPC64", "RISCV", "S390", "WITH_CPUS", "X86", "Board", "board_of", "cpus", "disks",
    "family", "has_gic", "has_slots", "knows_acpi", "memory", "version",
]  # fmt: skip


@record(frozen=True)
class Board:
    """A machine of an architecture."""

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
    def has_ide(self) -> bool:
        """Whether it has the IDE controller that libvirt knows, with two channels."""
        xen = self.is_x86 and self.machine.startswith("xenfv")
        return self.is_i440fx or xen or self.machine in ("malta", "sun4u", "g3beige")

    @property
    def is_pseries(self) -> bool:
        """IBM's paravirtual POWER machine."""
        return self.arch in PPC and self.machine.startswith("pseries")

    @property
    def is_ccw(self) -> bool:
        """An s390 mainframe: devices sit on its channel subsystem."""
        return self.arch in S390 and self.machine.startswith("s390-ccw")

    @property
    def notifier(self) -> str | None:
        """The ``<panic>`` that a machine has whether anybody asks for it or not."""
        return "pseries" if self.is_pseries else "s390" if self.is_ccw else None

    @property
    def is_virt(self) -> bool:
        """QEMU's own virtual board of ARM, RISC-V or LoongArch."""
        virt = self.machine == "virt" or self.machine.startswith("virt-")
        return virt and self.arch in ARM | RISCV | {"loongarch64"}

    @property
    def root(self) -> str | None:
        """The model of the root bus; None for a board without PCI."""
        if self.is_q35 or self.is_virt:
            return "pcie-root"
        if self.is_x86:
            return "pci-root" if self.is_i440fx else None
        plain = PPC | {"alpha", "sh4", "sh4eb", "sparc64"}
        others = self.is_ccw or self.machine == "versatilepb" or (self.machine == "malta" and self.arch in MIPS)
        return "pci-root" if self.arch in plain or others else None

    @property
    def has_transports(self) -> bool:
        """Whether virtio devices can sit on the board itself."""
        return (self.arch in ARM and self.machine.startswith("vexpress-")) or (self.is_virt and self.arch in ARM | RISCV)

    @property
    def balloon(self) -> bool:
        """Whether a guest has a balloon that says nothing of it."""
        return self.arch not in ARM | {"loongarch64", "sparc"}

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


def knows_acpi(arch: str | None, machine: str | None) -> bool:
    """Whether ``-machine`` has a property ``acpi``."""
    if arch in X86:
        return True
    return arch in ARM | RISCV | {"loongarch64"} and family(machine) == "virt"


WITH_SOUND: Final = frozenset({
    "40p", "integratorcp", "musicpal", "pegasos2", "q800", "realview-eb", "realview-eb-mpcore", "realview-pb-a8",
    "realview-pbx-a9", "versatileab", "versatilepb", "vexpress-a15", "vexpress-a9", "xlnx-zcu102",
})  # fmt: skip
"""Machines with a sound chip on the board, whose ``-machine`` takes ``audiodev`` (``-machine NAME,help``)."""


_LAST_WITH_SIZES: Final = (5, 0)


def takes_node_sizes(arch: str | None, machine: str | None) -> bool:
    """Whether a node's memory is a number there (``numa-mem-supported``): that of old machines must stay so, for migration."""
    name = family(machine)
    if arch in RISCV | {"loongarch64"}:
        return name in ("virt", "spike")
    old = version(machine)
    return name in ("pc-i440fx", "pc-q35", "virt", "pseries") and bool(old) and old[:2] <= _LAST_WITH_SIZES


def has_slots(arch: str | None, machine: str | None) -> bool:
    """Whether memory can be plugged into the machine, which has a node then without being asked."""
    name = family(machine)
    return (arch in X86 and name in ("pc-i440fx", "pc-q35")) or (arch in ARM | {"loongarch64"} and name == "virt")


def has_gic(arch: str | None, machine: str | None) -> bool:
    """Whether the machine has a generic interrupt controller."""
    return arch in ARM and family(machine) == "virt"
