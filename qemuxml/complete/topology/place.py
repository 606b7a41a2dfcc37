"""Give every PCI device its place: what is said is kept, what the board fixes is next, the rest follows libvirt's order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qemuxml import layout
from qemuxml.common.addresses import PciAddress
from qemuxml.common.info import address_of, info_of
from qemuxml.complete.topology.grow import growing_assign
from qemuxml.complete.topology.implicit import in_libvirts_order
from qemuxml.complete.topology.model import BUSES, NEEDS_OF_MODEL, Need, Place, Socket, Tree
from qemuxml.complete.topology.needs import in_numbers_order, in_order, need_of, plug_of
from qemuxml.complete.topology.stated import check_place, fixed
from qemuxml.devices.console import Console
from qemuxml.devices.controller import Controller
from qemuxml.devices.video import Video
from qemuxml.domain import Domain
from qemuxml.domain.boards import ARM, Board, board_of
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.context import Target
from qemuxml.record import replace


def place(domain: Domain, target: Target) -> None:
    """Two rounds: a rehearsal finds how many buses there must be, the second assigns for good."""
    board = board_of(domain)
    if board.root is None or not _buses(domain):
        if board.arch not in ARM:  # libvirt leaves devices of ARM boards without PCI to QEMU
            _check_none(domain)
        return
    _complete(domain)
    rehearsal = _Round(domain, board)
    rehearsal.run()
    rehearsal.spare()
    added = [bus for index, bus in rehearsal.tree.buses.items() if index not in _buses(domain)]
    domain.devices += [Controller(type="pci", index=bus.index, model=bus.model) for bus in added]
    in_libvirts_order(domain, target)
    final = _Round(domain, board)
    final.run()
    for device, at in final.given:
        own = device.info.address
        fresh = own if isinstance(own, PciAddress) else PciAddress(type="pci", domain=0)
        fresh.multifunction = None
        fresh.bus, fresh.slot, fresh.function = at
        device.info.address = fresh
    _mark_multifunction(domain)
    _identify(domain, board)
    _name_targets(domain, board)


def _check_none(domain: Domain) -> None:
    """Refuse a device that needs PCI on a board that has none. Raises DomainXmlError."""
    for device in domain.devices:
        info = _info(device)
        if info is not None and (info.address is None or isinstance(info.address, PciAddress)) and plug_of(device, domain):
            raise DomainXmlError("the device needs PCI, and the machine has none").of(device)


def _buses(domain: Domain) -> dict[int, str]:
    found = (item for item in domain.all(Controller) if item.type == "pci" and item.model in BUSES)
    return {item.index or 0: str(item.model) for item in found}


def _info(device: Any) -> Any:
    return info_of(device)


def _wants(device: Any) -> bool:
    """Whether a device still needs a place: it has no address, or ``<address type='pci'/>``, which is all zeros."""
    info = _info(device)
    own = info.address if info else None
    zero = isinstance(own, PciAddress) and not (own.domain or own.bus or own.slot)
    return info is not None and (own is None or zero)


def _complete(domain: Domain) -> None:
    """Absent parts of an address are zeros."""
    for device in domain.devices:
        info = _info(device)
        own = info.address if info else None
        if isinstance(own, PciAddress):
            own.domain, own.bus = own.domain or 0, own.bus or 0
            own.slot, own.function = own.slot or 0, own.function or 0


_FUNCTIONS = {"ich9-ehci1": 7, "ich9-uhci1": 0, "ich9-uhci2": 1, "ich9-uhci3": 2}
"""The function of each ICH9 USB controller in the slot of its set."""


def _groups(domain: Domain) -> dict[int, int]:
    """The group of each PCI device of the host, from 1: on pseries no two of them share a host bridge.

    Groups are the host's IOMMU's; without the host, the functions of one slot are taken for one.
    """
    numbers: dict[tuple[int | None, ...], int] = {}
    found: dict[int, int] = {}
    for device in in_order(domain):
        source = getattr(device, "source_pci", None) or getattr(device, "source", None)
        if source is not None and getattr(device, "type", None) in ("hostdev", "pci") and hasattr(source, "function"):
            found[id(device)] = numbers.setdefault((source.domain, source.bus, source.slot), len(numbers) + 1)
    return found


class _Round:
    def __init__(self, domain: Domain, board: Board) -> None:
        self.domain = domain
        self.board = board
        buses = _buses(domain)
        self.highest = max(buses)
        self.given: list[tuple[Any, Place]] = []
        self.groups = _groups(domain) if board.is_pseries else {}
        self.done: set[int] = set()
        self.was_full = False
        """Whether the places that the guest names, and the board's, leave none."""
        mentioned = [own.bus or 0 for own in self._addresses()]
        for index in range(max([*buses, *mentioned]) + 1):
            bridge = "pci-root" if board.is_pseries else "pci-bridge"
            buses.setdefault(index, "pcie-root-port" if buses.get(0) == "pcie-root" else bridge)
        self.tree = Tree(buses, bridge="pci-root" if board.is_pseries else "pci-bridge")

    def _addresses(self) -> Iterator[PciAddress]:
        for device in self.domain.devices:
            info = _info(device)
            if info and isinstance(info.address, PciAddress):
                yield info.address

    def run(self) -> None:
        self._keep()
        self._chipset()
        self.was_full = all(bus.is_full() for bus in self.tree.buses.values())
        self._bridges()
        root = self.tree.buses[0].model
        for device in in_order(self.domain):
            if id(device) not in self.done and _wants(device):
                need = need_of(device, self.domain, root)
                if need is not None:
                    need = replace(need, group=self.groups.get(id(device), 0))
                    self._companion(device) or self._give(device, growing_assign(self.tree, need))

    def spare(self) -> None:
        """One place more than is needed, for a device that comes later."""
        root = self.tree.buses[0].model
        if root == "pcie-root":
            if self.highest <= 0 and len(self.tree.buses) > 1:
                growing_assign(self.tree, Need(Socket.EXPRESS))
        elif self.board.is_x86 and not self.was_full:
            growing_assign(self.tree, Need(Socket.CONVENTIONAL))
        missing = [bus for bus in self.tree.buses.values() if bus.index > self.highest and bus.model == "pci-bridge"]
        for _ in missing if root == "pci-root" else ():
            growing_assign(self.tree, Need(Socket.PCI_BRIDGE))

    def _keep(self) -> None:
        for device in self.domain.devices:
            info = _info(device)
            own = info.address if info and not isinstance(device, Console) else None
            if isinstance(own, PciAddress) and not _wants(device):
                at = (own.bus or 0, own.slot or 0, own.function or 0)
                check_place(device, at, self.tree, self.board, self.domain)
                model = device.model if isinstance(device, Controller) else ""
                port = model == "pcie-root-port" and at[0] == 0
                if not self.tree.reserve(at, shared=port, group=self.groups.get(id(device), 0)):
                    place = f"0000:{at[0]:02x}:{at[1]:02x}.{at[2]}"
                    raise DomainXmlError(f"<address type='pci'>: attempted double use of PCI Address {place}").of(device)

    def _give(self, device: Any, at: Place) -> bool:
        self.given.append((device, at))
        self.done.add(id(device))
        return True

    def _fixed(self, device: Any, at: Place, *, whole: bool = False) -> None:
        if id(device) not in self.done and _wants(device) and self.tree.is_free(at):
            self.tree.reserve(at, whole=whole)
            self._give(device, at)

    def _chipset(self) -> None:
        if self.board.is_i440fx:
            self._piix3()
        elif self.board.is_q35:
            self._ich9()

    def _piix3(self) -> None:
        """Slot 1 is the PIIX3 bridge with its IDE and USB; slot 2 the first graphics card's, if there is one."""
        self._built_in()
        for function in range(8):
            self.tree.reserve((0, 1, function))
        self._primary_video(2)

    def _ich9(self) -> None:
        """Slot 0x1f is the ICH9 bridge with its SATA, 0x1b its sound; slot 1 the first graphics card's."""
        self._built_in()
        for item in self.domain.all(Controller):
            if item.type == "pci" and item.model == "dmi-to-pci-bridge":
                self._fixed(item, (0, 0x1E, 0), whole=True)
        for function in (0, 2, 3):
            self.tree.reserve((0, 0x1F, function))
        self._ich9_usb()
        for card in layout.of("sound", self.domain.devices):
            if card.model == "ich9":
                self._fixed(card, (0, 0x1B, 0), whole=True)
        self._primary_video(1)

    def _built_in(self) -> None:
        """Disks and USB of the chipset, where it has them."""
        for item in self.domain.all(Controller):
            at = fixed(item, self.board)
            if at is not None:
                self._fixed(item, at)

    def _ich9_usb(self) -> None:
        """The first two sets of ICH9 controllers that have a UHCI sit where the chip has them: slots 0x1d and 0x1a."""
        sets = {item.index: item for item in reversed(self.domain.all(Controller)) if item.model == "ich9-uhci1" and _wants(item)}
        for index in reversed(sets):
            free = [slot for slot in (0x1D, 0x1A) if self.tree.buses[0].is_free(slot)]
            members = [item for item in self.domain.all(Controller) if item.type == "usb" and item.index == index]
            for item in members if free else ():
                if item.model in _FUNCTIONS:
                    self._fixed(item, (0, free[0], _FUNCTIONS[item.model]))

    def _primary_video(self, slot: int) -> None:
        cards = [card for card in self.domain.all(Video) if card.type not in ("none", "ramfb")]
        if cards and _wants(cards[0]):
            if self.tree.buses[0].is_free(slot):
                self._fixed(cards[0], (0, slot, 0), whole=True)
            elif self.board.is_q35:
                at = self.tree.assign(Need(Socket.EXPRESS, hotplug=False))
                if at is not None:
                    self._give(cards[0], at)

    def _bridges(self) -> None:
        for item in self.domain.all(Controller):
            if item.type != "pci" or not _wants(item) or id(item) in self.done:
                continue
            socket = NEEDS_OF_MODEL.get(item.model or "")
            if socket is None or socket is Socket.HOST_BRIDGE:
                continue
            need = Need(socket, hotplug=False, shares=item.model == "pcie-root-port", makes=item.index or 0)
            self._give(item, growing_assign(self.tree, need))

    def _companion(self, device: Any) -> bool:
        """ICH9 USB controllers of one index are the functions of one slot."""
        if not isinstance(device, Controller) or device.model not in _FUNCTIONS:
            return False
        function = _FUNCTIONS[device.model]
        placed = {id(made): at for made, at in self.given}
        for twin in self.domain.all(Controller):
            if twin is device or twin.type != "usb" or twin.index != device.index or twin.model not in _FUNCTIONS:
                continue
            own = twin.info.address
            at = placed.get(id(twin))
            if isinstance(own, PciAddress) and not _wants(twin):
                at = (own.bus or 0, own.slot or 0, 0)
            if at is not None:
                if not self.tree.reserve((at[0], at[1], function)):
                    raise DomainXmlError(f"<controller type='usb' model='{device.model}'>: its set has one already").of(device)
                return self._give(device, (at[0], at[1], function))
        found = self.tree.find(Need(Socket.CONVENTIONAL))
        if found is None:
            return False
        self.tree.reserve((found[0], found[1], function))
        return self._give(device, (found[0], found[1], function))


def _mark_multifunction(domain: Domain) -> None:
    """``multifunction='on'`` on function 0 of every slot that has others: a guest looks no further without it."""
    slots: dict[tuple[int, int], list[PciAddress]] = {}
    for device in domain.devices:
        info = _info(device)
        if info and isinstance(info.address, PciAddress):
            slots.setdefault((info.address.bus or 0, info.address.slot or 0), []).append(info.address)
    for members in slots.values():
        first = next((item for item in members if not item.function), None)
        if len(members) > 1 and first is not None and first.multifunction is None:
            first.multifunction = True


def _identify(domain: Domain, board: Board) -> None:
    """On s390 a PCI device has a number for the user (uid, from 1) and one for the machine (fid, from 0)."""
    if not board.is_ccw:
        return
    places = [own for device in in_numbers_order(domain) if isinstance(own := address_of(device), PciAddress)]
    _check_identities(places)
    uids, fids = {place.zpci_uid for place in places}, {place.zpci_fid for place in places}
    # A place that says one of the two comes before those that say neither.
    for place in sorted(places, key=lambda one: not one.zpci_uid and one.zpci_fid is None):
        if not place.zpci_uid:
            place.zpci_uid = next(number for number in range(1, 0x10000) if number not in uids)
            uids.add(place.zpci_uid)
        if place.zpci_fid is None:
            place.zpci_fid = next(number for number in range(1 << 32) if number not in fids)
            fids.add(place.zpci_fid)


def _check_identities(places: list[PciAddress]) -> None:
    """Refuse two devices that say the same number. Raises DomainXmlError."""
    for name, numbers in (("uid", [place.zpci_uid for place in places]), ("fid", [place.zpci_fid for place in places])):
        said = [number for number in numbers if number is not None]
        for number in said:
            if said.count(number) > 1:
                raise DomainXmlError(f"<zpci {name}='{number:#x}'>: two devices have it")


_NAMES = {
    "pci-bridge": "pci-bridge",
    "dmi-to-pci-bridge": "i82801b11-bridge",
    "pcie-to-pci-bridge": "pcie-pci-bridge",
    "pcie-root-port": "pcie-root-port",
    "pcie-switch-upstream-port": "x3130-upstream",
    "pcie-switch-downstream-port": "xio3130-downstream",
    "pci-expander-bus": "pxb",
    "pcie-expander-bus": "pxb-pcie",
}


def _name_targets(domain: Domain, board: Board) -> None:
    """``<model name>`` and ``<target>`` of every bridge: its device, and the numbers by which the guest knows it."""
    host = 0
    for item in sorted((one for one in domain.all(Controller) if one.type == "pci"), key=lambda one: one.index or 0):
        item.model_name = item.model_name or _NAMES.get(item.model or "")
        own = item.info.address
        match item.model:
            case "pci-bridge" if item.chassis_number is None:
                item.chassis_number = item.index
            case "pcie-root-port" | "pcie-switch-downstream-port":
                item.chassis = item.index if item.chassis is None else item.chassis
                if item.port is None and isinstance(own, PciAddress):
                    root = item.model == "pcie-root-port"
                    item.port = ((own.slot or 0) << 3) + (own.function or 0) if root else own.slot or 0
            case "pci-expander-bus" | "pcie-expander-bus" if item.bus_number is None:
                taken = [one.bus_number for one in domain.all(Controller) if one.bus_number is not None]
                item.bus_number = min([*taken, 256]) - 2
            case "pci-root" if board.is_pseries:
                item.model_name = item.model_name or "spapr-pci-host-bridge"
                item.target_index = host if item.target_index is None else item.target_index
                host = max(host, item.target_index) + 1
