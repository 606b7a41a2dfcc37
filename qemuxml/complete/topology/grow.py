"""What is added when no bus has a place left: root ports, ``pci-bridge``, ``pcie-to-pci-bridge``. Knows no XML."""

from __future__ import annotations

from qemuxml.complete.topology.model import Need, Place, Socket, Tree
from qemuxml.errors import DomainXmlError


def growing_assign(tree: Tree, need: Need) -> Place:
    """Assign a place; add buses until there is one. Raises DomainXmlError where no bus would help."""
    for _ in range(4):
        place = tree.assign(need)
        if place is not None:
            return place
        grow(tree, need)
    raise DomainXmlError("no more available PCI slots")


def grow(tree: Tree, need: Need) -> None:
    """Add the bus that the need asks for. The bridge's own place is found in the next round over the whole guest."""
    root = tree.buses[0].model if tree.buses else ""
    if need.group:
        tree.add("pci-root", need.group)
    elif need.socket & (Socket.CONVENTIONAL | Socket.PCI_BRIDGE):
        _grow_conventional(tree, root)
    elif need.socket & (Socket.EXPRESS | Socket.UPSTREAM) and root == "pcie-root":
        tree.add("pcie-root-port")
    elif need.socket & Socket.DOWNSTREAM:
        raise DomainXmlError("a pcie-switch-downstream-port needs a pcie-switch-upstream-port with a free slot")
    else:
        raise DomainXmlError("no PCI bus of this machine takes the device")


def _grow_conventional(tree: Tree, root: str) -> None:
    if root == "pci-root":
        tree.add(tree.bridge)
        return
    models = [bus.model for bus in tree.buses.values()]
    has_dmi = "dmi-to-pci-bridge" in models
    if has_dmi and "pci-bridge" not in models:
        tree.add("pci-bridge")
    elif "pcie-to-pci-bridge" not in models:
        tree.add("pcie-root-port")  # even where one is free: the bridge takes the first free one
        tree.assign(Need(Socket.PCIE_BRIDGE))
        tree.add("pcie-to-pci-bridge")
    else:
        tree.add("pci-bridge")
