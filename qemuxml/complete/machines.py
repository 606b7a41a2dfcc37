"""What a machine is made of: ``pc`` has an i440fx with IDE and USB at slot 1, ``pseries`` a spapr host bridge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from qemuxml.domain import Domain

X86: Final = frozenset({"i686", "x86_64"})


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A family of machines, as the last libvirt with from-native saw it."""

    pci_root: str | None = None
    """The model of the controller for PCI bus 0."""
    usb_address: tuple[int, int] | None = None
    """Slot and function of the USB controller that libvirt adds; None if it adds none."""
    ide_address: tuple[int, int] | None = None
    video_slot: int | None = None
    """The slot that firmware expects the first graphics card in."""
    reserved: frozenset[int] = frozenset({0})
    """Slots of PCI bus 0 that the board takes."""
    input_bus: str | None = None
    """The bus of the mouse and keyboard that libvirt adds."""
    panic: str | None = None


I440FX: Final = Machine(
    pci_root="pci-root",
    usb_address=(1, 2),
    ide_address=(1, 1),
    video_slot=2,
    reserved=frozenset({0, 1}),
    input_bus="ps2",
)
PSERIES: Final = Machine(pci_root="pci-root", usb_address=(1, 0), video_slot=2, input_bus="usb", panic="pseries")
S390: Final = Machine(panic="s390")
PLAIN: Final = Machine()


def machine_of(domain: Domain) -> Machine:
    """The family of a guest's machine."""
    arch, name = domain.os.arch or "", domain.os.machine or ""
    if arch in X86 and (name in ("pc", "xenfv") or name.startswith(("pc-0.", "pc-1.", "pc-i440fx"))):
        return I440FX
    if arch in X86:
        return Machine(input_bus="ps2")
    if arch.startswith("ppc64") and name.startswith("pseries"):
        return PSERIES
    return S390 if arch == "s390x" else PLAIN


def is_pseries(domain: Domain) -> bool:
    """Whether devices can sit on the virtual I/O bus of a pseries machine."""
    return machine_of(domain) is PSERIES
