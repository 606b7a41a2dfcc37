"""What libvirt refuses of the guest's controllers together: two of one index, the wrong root of PCI, a bus above itself."""

from __future__ import annotations

from collections import Counter

from qemuxml.common.addresses import PciAddress
from qemuxml.devices.controller import Controller
from qemuxml.domain import Domain
from qemuxml.domain.boards import Board, board_of
from qemuxml.errors import ConversionError, DomainXmlError
from qemuxml.mapping.context import Target

ROOTS = ("pci-root", "pcie-root")
LAST_INDEX = 255


def check(domain: Domain, _: Target) -> None:
    """Raise DomainXmlError for controllers that exclude each other. USB has rules of its own."""
    board = board_of(domain)
    numbers = Counter((item.type, item.index) for item in domain.all(Controller) if item.type != "usb")
    nodes = {cell.id for cell in domain.numa.cells} if domain.numa else set()
    for item in domain.all(Controller):
        if numbers[item.type, item.index] > 1:
            raise _refused(item, f"index {item.index} is another controller's")
        if item.type in ("isa", "xenbus"):
            raise _refused(item, "QEMU has no such controller")
        if item.type == "pci":
            _check_bus(item, board)
            if item.node is not None and item.node not in nodes:
                raise _refused(item, f"the guest has no NUMA node {item.node}")


def _check_bus(item: Controller, board: Board) -> None:
    index, own = item.index or 0, item.info.address
    if index > LAST_INDEX:
        raise _refused(item, f"the last index of a PCI bus is {LAST_INDEX}")
    if item.model is None:
        raise _refused(item, "it needs a model")
    if not index and board.root and item.model != board.root:
        raise _refused(item, f"the bus of index 0 is of model '{board.root}' on this machine")
    if index and item.model in ROOTS and not board.is_pseries:
        raise _refused(item, f"a {item.model} has index 0")
    if item.model in ROOTS and own is not None:
        raise _refused(item, f"a {item.model} has no address")
    is_bridge = item.model in ("pci-bridge", "dmi-to-pci-bridge")
    if is_bridge and isinstance(own, PciAddress) and index <= (own.bus or 0) and (own.bus or own.slot):
        raise _refused(item, f"it cannot sit on bus {own.bus or 0}, which is not before it")


def _refused(item: Controller, complaint: str) -> ConversionError:
    return DomainXmlError(f"<controller type='{item.type}' index='{item.index}'>: {complaint}").of(item)
