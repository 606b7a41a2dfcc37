"""PCI buses and their slots, apart from any domain: what is taken, what is free, and which buses are added when none is."""

from __future__ import annotations

from collections.abc import Iterable

from qemuxml.common.addresses import LAST_SLOT
from qemuxml.complete.legacy.machines import Machine
from qemuxml.record import field, record

Place = tuple[int, int, int]
"""Bus, slot and function."""

FUNCTIONS = 8


@record
class Bus:
    """One bus: the model of the controller that makes it, and the functions that are taken in each slot."""

    model: str
    taken: dict[int, set[int]] = field(default_factory=dict)

    def slots(self) -> range:
        """The slots that devices can have."""
        match self.model:
            case "pcie-root-port":
                return range(1)
            case "dmi-to-pci-bridge":
                return range(LAST_SLOT + 1)
        return range(1, LAST_SLOT + 1)

    def free_slot(self) -> int | None:
        """The first slot that is wholly free."""
        return next((slot for slot in self.slots() if slot not in self.taken), None)

    def take(self, slot: int, function: int | None = None) -> bool:
        """Take a function, or a whole slot; False if it is taken already."""
        wanted = set(range(FUNCTIONS)) if function is None else {function}
        taken = self.taken.setdefault(slot, set())
        if taken & wanted:
            return False
        taken |= wanted
        return True


class Buses:
    """All buses of a guest. Of a device it is asked only whether it is an express one."""

    def __init__(self, machine: Machine, reserved: Iterable[int], models: Iterable[str] = ()) -> None:
        self.machine = machine
        self.buses = [Bus(machine.pci_root or "pci-root"), *(Bus(model) for model in models)]
        self._port_slots: list[int] = []
        self._full = {True: 0, False: 0}
        for slot in reserved:
            self.buses[0].take(slot)

    def reserve(self, place: Place) -> bool:
        """Take the place that a device names; False if another has it, or there is no such bus."""
        bus, slot, function = place
        return bus < len(self.buses) and self.buses[bus].take(slot, function)

    def reserve_slot(self, slot: int) -> None:
        """Keep a slot of bus 0 from other devices, what is given in it stays."""
        self.buses[0].taken.setdefault(slot, set()).add(0)

    def assign(self, *, express: bool) -> Place:
        """The next free place for a device; buses are added where none is free."""
        models = _takes(self.machine, express=express)
        number = self._full[express]
        while True:
            bus = self.buses[number]
            slot = bus.free_slot() if bus.model in models else None
            if slot is not None:
                bus.take(slot)
                return number, slot, 0
            number += 1
            self._full[express] = number
            if number == len(self.buses):
                self._grow(express=express)

    def _grow(self, *, express: bool) -> None:
        if self.machine.express and express:
            self.buses.append(Bus("pcie-root-port"))
            return
        if self.machine.express and all(bus.model != "dmi-to-pci-bridge" for bus in self.buses):
            self.buses.append(Bus("dmi-to-pci-bridge"))
        self.buses.append(Bus(self.machine.grows))

    def assign_bridge(self, model: str) -> Place | None:
        """The place of the controller that makes a bus; None for a host bridge, which has none."""
        match model:
            case "pci-root" | "pcie-root":
                return None
            case "pcie-root-port":
                return self._assign_port()
            case "dmi-to-pci-bridge":
                return self._assign_dmi()
        holder = next((number for number, bus in enumerate(self.buses) if bus.model == "dmi-to-pci-bridge"), 0)
        slot = self.buses[holder].free_slot()
        if slot is None:
            return None
        self.buses[holder].take(slot)
        return holder, slot, 0

    def _assign_dmi(self) -> Place:
        """ICH9's own place is slot 0x1e."""
        slot = 0x1E if self.buses[0].take(0x1E) else self.buses[0].free_slot() or 0
        self.buses[0].take(slot)
        return 0, slot, 0

    def _assign_port(self) -> Place | None:
        """Root ports share slots of bus 0, eight in each."""
        if self._port_slots:
            slot = self._port_slots[-1]
            function = len(self.buses[0].taken[slot])
            if function < FUNCTIONS:
                self.buses[0].take(slot, function)
                return 0, slot, function
        free = self.buses[0].free_slot()
        if free is None:
            return None
        self._port_slots.append(free)
        self.buses[0].take(free, 0)
        return 0, free, 0


def _takes(machine: Machine, *, express: bool) -> frozenset[str]:
    """The models of buses that a device can sit on and be unplugged from."""
    if not machine.express:
        return frozenset({"pci-root", "pci-bridge"})
    return frozenset({"pcie-root-port"} if express else {"pci-bridge"})
