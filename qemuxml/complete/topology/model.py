"""PCI buses as pure data: which slots a bus has, what it takes, who sits where. Knows no XML.

A place is ``(bus, slot, function)``. A bus takes some *sockets*; a device needs one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Flag, auto
from typing import Final

from qemuxml.record import field, record

Place = tuple[int, int, int]
LAST_SLOT: Final = 31
FUNCTIONS: Final = 8


class Socket(Flag):
    """What a device plugs into."""

    CONVENTIONAL = auto()
    EXPRESS = auto()
    ROOT_PORT = auto()
    UPSTREAM = auto()
    DOWNSTREAM = auto()
    PCI_BRIDGE = auto()
    DMI_BRIDGE = auto()
    PCIE_BRIDGE = auto()
    EXPANDER = auto()
    PCIE_EXPANDER = auto()
    HOST_BRIDGE = auto()
    NONE = 0


@record(frozen=True)
class BusType:
    """What controllers of a model offer: sockets, slots, and whether devices come and go while the guest runs."""

    takes: Socket
    first: int
    last: int
    hotplug: bool = True


_PCI = Socket.CONVENTIONAL | Socket.PCI_BRIDGE
_PORT = Socket.EXPRESS | Socket.UPSTREAM | Socket.PCIE_BRIDGE

BUSES: Final[Mapping[str, BusType]] = {
    "pci-root": BusType(_PCI | Socket.EXPANDER, 1, LAST_SLOT),
    "pci-bridge": BusType(_PCI, 1, LAST_SLOT),
    "pci-expander-bus": BusType(_PCI, 0, LAST_SLOT),
    "pcie-to-pci-bridge": BusType(_PCI, 1, LAST_SLOT),
    "dmi-to-pci-bridge": BusType(_PCI, 0, LAST_SLOT, hotplug=False),
    "pcie-root": BusType(
        Socket.EXPRESS | Socket.ROOT_PORT | Socket.DMI_BRIDGE | Socket.PCIE_EXPANDER, 1, LAST_SLOT, hotplug=False
    ),
    "pcie-root-port": BusType(_PORT, 0, 0),
    "pcie-switch-upstream-port": BusType(Socket.DOWNSTREAM, 0, LAST_SLOT, hotplug=False),
    "pcie-switch-downstream-port": BusType(_PORT, 0, 0),
    "pcie-expander-bus": BusType(Socket.ROOT_PORT | Socket.DMI_BRIDGE, 0, LAST_SLOT, hotplug=False),
}

NEEDS_OF_MODEL: Final[Mapping[str, Socket]] = {
    "pci-root": Socket.HOST_BRIDGE,
    "pcie-root": Socket.HOST_BRIDGE,
    "pci-bridge": Socket.PCI_BRIDGE,
    "pci-expander-bus": Socket.EXPANDER,
    "pcie-to-pci-bridge": Socket.PCIE_BRIDGE,
    "dmi-to-pci-bridge": Socket.DMI_BRIDGE,
    "pcie-root-port": Socket.ROOT_PORT,
    "pcie-switch-upstream-port": Socket.UPSTREAM,
    "pcie-switch-downstream-port": Socket.DOWNSTREAM,
    "pcie-expander-bus": Socket.PCIE_EXPANDER,
}
"""What the controller of a bus itself plugs into."""


@record
class Bus:
    """One bus; ``used`` maps a slot to its functions in use, as a bit mask."""

    index: int
    model: str
    used: dict[int, int] = field(default_factory=dict)
    shared: set[int] = field(default_factory=set)
    """Slots whose further functions may go to other devices of the same sort."""
    group: int = 0
    """Devices that are isolated from each other (on pseries) sit on buses of different groups; the first device says which."""

    @property
    def type(self) -> BusType:
        """What its model offers."""
        return BUSES[self.model]

    def is_free(self, slot: int) -> bool:
        """Whether nothing sits in the slot."""
        return not self.used.get(slot)

    def is_full(self) -> bool:
        """Whether every slot is taken."""
        return all(self.used.get(slot) for slot in range(self.type.first, self.type.last + 1))


@record(frozen=True)
class Need:
    """What a device asks for. ``hotplug`` needs a bus where devices come and go; ``shares`` slots with its like.

    ``makes`` is the bus that the device itself makes: it cannot sit there, and a conventional bridge on no later one either.
    """

    socket: Socket
    hotplug: bool = True
    shares: bool = False
    group: int = 0
    makes: int | None = None

    def may_sit_on(self, bus: Bus) -> bool:
        """Whether a device with that need fits there, slots aside."""
        if self.makes is not None and (bus.index == self.makes or (self.socket is Socket.PCI_BRIDGE and bus.index > self.makes)):
            return False
        return bool(bus.type.takes & self.socket) and (bus.type.hotplug or not self.hotplug)


class Tree:
    """All buses of a guest."""

    def __init__(self, buses: Mapping[int, str], bridge: str = "pci-bridge") -> None:
        self.bridge = bridge
        """What is added to a machine of conventional PCI: a bridge, on pseries a further host bridge."""
        self.buses = {index: Bus(index, model) for index, model in sorted(buses.items())}

    def reserve(self, place: Place, *, whole: bool = False, shared: bool = False, group: int = 0) -> bool:
        """Take a place, or all functions of its slot; False if it is taken, or there is no such bus."""
        bus = self.buses.get(place[0])
        if bus is None:
            return False
        _, slot, function = place
        mask = 0xFF if whole else 1 << function
        if bus.used.get(slot, 0) & mask:
            return False
        if bus.index and not bus.used:
            bus.group = group
        bus.used[slot] = bus.used.get(slot, 0) | mask
        if shared:
            bus.shared.add(slot)
        return True

    def is_free(self, place: Place) -> bool:
        """Whether that very function is free."""
        bus = self.buses.get(place[0])
        return bus is not None and not bus.used.get(place[1], 0) >> place[2] & 1

    def find(self, need: Need) -> Place | None:
        """The first place that fits, in the order of buses and slots; None if the tree must grow."""
        own = [bus for bus in self.buses.values() if bus.group == need.group]
        empty = [bus for bus in self.buses.values() if need.group and bus.index and not bus.used]
        return next(self._fitting(need, [*own, *empty]), None)

    def _fitting(self, need: Need, buses: Iterable[Bus]) -> Iterator[Place]:
        for bus in buses:
            for slot in range(bus.type.first, bus.type.last + 1) if need.may_sit_on(bus) else ():
                if bus.is_free(slot):
                    yield bus.index, slot, 0
                elif need.shares and slot in bus.shared:
                    mask = bus.used[slot]
                    yield from ((bus.index, slot, function) for function in range(FUNCTIONS) if not mask >> function & 1)

    def assign(self, need: Need) -> Place | None:
        """Find a place and take it. What shares its slot takes one function only; anything else the whole slot."""
        place = self.find(need)
        if place is not None:
            self.reserve(place, whole=not need.shares, shared=need.shares, group=need.group)
        return place

    def add(self, model: str, group: int = 0) -> Bus:
        """A further bus, of the next index."""
        index = max(self.buses, default=-1) + 1
        bus = self.buses[index] = Bus(index, model, group=group)
        return bus
