"""Laws of the PCI algorithm, with no XML at all."""

from __future__ import annotations

import pytest

from qemuxml.complete.topology.grow import growing_assign
from qemuxml.complete.topology.model import LAST_SLOT, Need, Socket, Tree
from qemuxml.errors import DomainXmlError

CONVENTIONAL = Need(Socket.CONVENTIONAL)
EXPRESS = Need(Socket.EXPRESS)
PORT = Need(Socket.ROOT_PORT, hotplug=False, shares=True)


def test_no_place_twice() -> None:
    """A hundred devices have a hundred places, on as many bridges as it takes."""
    tree = Tree({0: "pci-root"})
    given = [growing_assign(tree, CONVENTIONAL) for _ in range(100)]
    assert len(set(given)) == len(given)
    assert [bus.model for bus in tree.buses.values()] == ["pci-root", "pci-bridge", "pci-bridge", "pci-bridge"]


def test_reserved_places_stay() -> None:
    """What is reserved is not given away, nor reserved again."""
    tree = Tree({0: "pci-root"})
    assert tree.reserve((0, 1, 0))
    assert not tree.reserve((0, 1, 0))
    assert tree.reserve((0, 1, 1))
    assert tree.assign(CONVENTIONAL) == (0, 2, 0)


def test_root_ports_share_slots() -> None:
    """Root ports fill the functions of a slot before the next."""
    tree = Tree({0: "pcie-root"})
    given = [tree.assign(PORT) for _ in range(9)]
    assert given == [*((0, 1, function) for function in range(8)), (0, 2, 0)]


def test_express_grows_by_ports() -> None:
    """Each express device has a root port of its own."""
    tree = Tree({0: "pcie-root"})
    assert [growing_assign(tree, EXPRESS) for _ in range(2)] == [(1, 0, 0), (2, 0, 0)]


def test_conventional_on_express_grows_by_a_bridge() -> None:
    """A conventional device sits behind a bridge, which has a root port."""
    tree = Tree({0: "pcie-root"})
    assert growing_assign(tree, CONVENTIONAL) == (2, 1, 0)
    assert [bus.model for bus in tree.buses.values()] == ["pcie-root", "pcie-root-port", "pcie-to-pci-bridge"]


def test_a_full_bus_is_full() -> None:
    """Slots 1 to 31 of the root bus, and no more."""
    tree = Tree({0: "pci-root"})
    for slot in range(1, LAST_SLOT + 1):
        assert tree.assign(CONVENTIONAL) == (0, slot, 0)
    assert tree.buses[0].is_full()
    assert tree.assign(CONVENTIONAL) is None


def test_what_no_bus_takes_is_refused() -> None:
    """A downstream port needs a switch."""
    with pytest.raises(DomainXmlError):
        growing_assign(Tree({0: "pcie-root"}), Need(Socket.DOWNSTREAM, hotplug=False))
