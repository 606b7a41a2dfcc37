"""What an ``<interface>`` is where nobody says it: the card that libvirt chooses, and an address made of the guest's name."""

from __future__ import annotations

from qemuxml.common.virtio import MODELS, plug
from qemuxml.devices.interface import Interface
from qemuxml.devices.interface.front import is_virtio
from qemuxml.domain import Domain, boards
from qemuxml.mapping.context import Target
from qemuxml.mapping.kind import Plug


def fill(interface: Interface, domain: Domain, _: Target) -> None:
    """The card that libvirt chooses, and an address that follows from the guest's name where none is given."""
    interface.type = interface.type or "ethernet"
    of_host = [item for item in domain.all(Interface) if item.type == "hostdev" and not item.info.named_by_user]
    interface.ordinal = next((number for number, item in enumerate(of_host) if item is interface), 0)
    if interface.model is None and interface.type != "hostdev":
        interface.model = "virtio" if interface.type in ("vhostuser", "vdpa") else default_model(domain)
    interface.model = _KNOWN.get((interface.model or "").lower(), interface.model)
    if interface.mac is None:
        number = next(at for at, item in enumerate(domain.all(Interface)) if item is interface)
        from hashlib import sha256  # noqa: PLC0415 - it loads OpenSSL, for a guest whose card has no address

        digits = sha256(f"{domain.identity.name}/{number}".encode()).hexdigest()
        prefix = "52:54:00" if domain.identity.type in ("qemu", "kvm", None) else "02:16:3e"
        interface.mac = f"{prefix}:{digits[0:2]}:{digits[2:4]}:{digits[4:6]}"

    interface.mac = interface.mac.lower()
    if interface.info.loadparm:
        interface.info.loadparm = interface.info.loadparm.upper()


_OLD = frozenset({
    "e1000", "rtl8139", "netfront", "lan9118", "scm91c111", "vmxnet", "vmxnet2", "vmxnet3", "vlance", "Am79C970A", "82540EM",
    "82545EM", "82543GC",
})  # fmt: skip
_KNOWN = {model.lower(): model for model in (*MODELS, *_OLD, "e1000e", "usb-net", "spapr-vlan")}
"""Libvirt knows its own models in any case of letters; QEMU's others stay as they are."""


def default_model(domain: Domain) -> str:
    """Virtio on boards that were made for it, the oldest common card elsewhere."""
    arch, machine = domain.os.arch or "", domain.os.machine or ""
    if arch in boards.S390 or (boards.family(machine) == "virt" and arch in boards.ARM | boards.RISCV | {"loongarch64"}):
        return "virtio"
    if machine.startswith("versatile"):
        return "scm91c111"  # libvirt spells the SMC91C111 so
    if arch in ("aarch64", "armv7l") or machine.startswith(("vexpress", "realview")):
        return "lan9118"
    return "rtl8139"


def pci(interface: Interface, _: Domain) -> Plug | None:
    """A card on PCI: the old ones that libvirt knows on conventional PCI; USB and virtual I/O cards are none."""
    if interface.type == "hostdev" or is_virtio(interface):
        return plug(interface.model)
    if interface.model in ("usb-net", "spapr-vlan"):
        return None
    return Plug.CONVENTIONAL if interface.model in _OLD else Plug.EITHER


def alias(interface: Interface, number: int, _: Domain) -> str:
    """net0; a card of the host is named among the host's devices, before the others."""
    return f"hostdev{interface.ordinal}" if interface.type == "hostdev" else f"net{number}"
