"""What a ``<controller>`` is to others: its alias, the name of the bus behind it (``pci.1``, ``usb.0``), and its own PCI need."""

from __future__ import annotations

from typing import Final

from qemuxml.common.virtio import plug
from qemuxml.devices.controller.argv import is_builtin
from qemuxml.devices.controller.model import Controller
from qemuxml.domain import Domain
from qemuxml.domain.boards import board_of
from qemuxml.mapping.kind import Plug


def alias(controller: Controller, _: int, domain: Domain) -> str:
    """Libvirt numbers controllers by their index; the first of a board's own kind has QEMU's name for it."""
    index, board = controller.index or 0, board_of(domain)
    match controller.type:
        case "pci" if controller.model == "pcie-root":
            return f"pcie.{index}"
        case "pci":
            return "pci" if not index and board.has_single_bus else f"pci.{index}"
        case "usb" | "ide" if not index:
            return str(controller.type)
        case "sata" if not index and board.is_q35:
            return "ide"
        case "scsi" if not index and controller.model == "ncr53c90":
            return "scsi"
    return f"{controller.type}{index}"


def name(controller: Controller, domain: Domain) -> str:
    """The bus has the controller's name; QEMU numbers the buses of everything that may have several.

    What the board brings has the board's name, whatever the guest calls it.
    """
    own = controller.info.alias or ""
    if controller.type in ("pci", "ide", "sata") and is_builtin(controller, domain):
        own = alias(controller, 0, domain)
    if controller.type == "pci":
        return f"{own}.0" if controller.model_name == "spapr-pci-host-bridge" and controller.index else own
    return f"{own}.0"


_EXPRESS_USB: Final = ("qemu-xhci", "nec-xhci")


def pci(controller: Controller, _: Domain) -> Plug | None:
    """Of the controllers that sit on PCI only xHCI and what is virtio may be on PCI Express."""
    model = controller.model or ""
    match controller.type:
        case "usb":
            return None if model == "none" else Plug.EITHER if model in _EXPRESS_USB else Plug.CONVENTIONAL
        case "scsi" if model in ("ibmvscsi", "ncr53c90"):
            return None
        case "scsi":
            return plug(model) if model.startswith("virtio") else Plug.CONVENTIONAL
        case "virtio-serial":
            return plug(model)
        case "sata":
            return Plug.CONVENTIONAL
    return None
