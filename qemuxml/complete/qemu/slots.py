"""The PCI slots that QEMU gives: the next free one to every ``-device`` without ``addr=``, in the order of creation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qemuxml.cmdline.options import Option
from qemuxml.common.addresses import LAST_SLOT, CcwAddress, PciAddress, pci
from qemuxml.complete.qemu.strangers import Stranger
from qemuxml.complete.topology import ccw
from qemuxml.complete.topology.needs import plug_of
from qemuxml.devices.controller import Controller
from qemuxml.devices.interface import Interface
from qemuxml.devices.video import Video
from qemuxml.domain import Domain
from qemuxml.domain.boards import board_of
from qemuxml.mapping.context import Reading
from qemuxml.profiles.hardware import hardware


def in_order_of_creation(reading: Reading, met: Sequence[Stranger]) -> list[Any]:
    """All devices as QEMU makes them, those that are passed through among them.

    The board's own come first, with the network cards of ``-net nic`` and ``-nic`` among them; then ``-device`` in its older
    spelling, the disks of ``-drive if=virtio``, at last ``-device`` in JSON.
    """
    options = {id(device): entry.option for entry in reading.ledger.entries() for device in entry.devices}
    options |= {id(stranger): stranger.option for stranger in met}
    numbers = {option: number for number, option in enumerate(reading.line.options)}

    def turn(device: Any) -> tuple[int, int]:
        option = options.get(id(device))
        return _turn(device, option), numbers[option] if option is not None else -1

    return sorted([*reading.domain.devices, *met], key=turn)


def _turn(device: Any, option: Option | None) -> int:
    if option is None:
        return 1 if isinstance(device, Video) else 2 if isinstance(device, Interface) else 0
    if option.name in ("-vga", "-std-vga", "-vmwarevga"):
        return 1
    if option.name in ("-net", "-nic", "-redir"):
        return 2
    if option.name == "-soundhw":
        return 3
    if option.name == "-device":
        return 6 if option.text.startswith("{") else 4
    return 5


def place(domain: Domain, made: Sequence[Any]) -> None:
    """Give every PCI device without a slot the one that QEMU would have given it."""
    board = hardware(domain.os.arch or "", domain.os.machine or "")
    if board is None:
        return
    if board_of(domain).is_ccw:
        _number_channels(domain, made)
        return
    buses: dict[int, _Bus] = {0: _Bus(set(board.taken), 0)}
    for item in domain.all(Controller):
        if item.type == "pci" and item.index:
            buses[item.index] = _Bus(set(), 1 if item.model in _FROM_ONE else 0)
    for device in made:
        if is_pci(device, domain):
            _give(device, buses)


def _number_channels(domain: Domain, made: Sequence[Any]) -> None:
    """An s390 machine numbers what is virtio, in the same order."""
    taken: set[int] = set()
    for device in made:
        if isinstance(device, Stranger) or not hasattr(device, "info") or not ccw.is_channel_device(device, domain):
            continue
        if device.info.address is None:
            devno = next(number for number in range(0x10000) if number not in taken)
            device.info.address = CcwAddress(type="ccw", cssid=ccw.CSSID, ssid=0, devno=devno)
        if isinstance(device.info.address, CcwAddress):
            taken.add(device.info.address.devno or 0)


_FROM_ONE = frozenset({"pci-bridge"})
"""Bridges whose slot 0 is their own hotplug controller's."""


def is_pci(device: Any, domain: Domain) -> bool:
    """Whether the device sits on a PCI bus."""
    own = getattr(device, "info", None)
    if own is None:
        return False
    if isinstance(own.address, PciAddress):
        return True
    if own.address is not None:
        return False
    if isinstance(device, Stranger):
        return True
    if isinstance(device, Controller) and device.type == "pci":
        return device.model not in ("pci-root", "pcie-root")
    return plug_of(device, domain) is not None


class _Bus:
    """The slots of one bus, while devices are made one after the other."""

    def __init__(self, taken: set[int], first: int) -> None:
        self.taken = taken
        self.first = first

    def take(self) -> int:
        slot = next((slot for slot in range(self.first, LAST_SLOT + 1) if slot not in self.taken), self.first)
        self.taken.add(slot)
        return slot


def _give(device: Any, buses: dict[int, _Bus]) -> None:
    address = device.info.address
    bus = buses.setdefault((address.bus or 0) if address else 0, _Bus(set(), 0))
    if address is None:
        device.info.address = pci(bus.take())
    elif address.slot is None:
        address.slot = bus.take()
    else:
        bus.taken.add(address.slot)
