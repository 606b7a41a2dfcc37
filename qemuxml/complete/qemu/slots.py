"""The PCI slots that QEMU gives: the next free one to every ``-device`` without ``addr=``, in the order of creation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Property
from qemuxml.common.addresses import LAST_SLOT, CcwAddress, PciAddress, pci
from qemuxml.common.info import address_of, info_of
from qemuxml.complete.qemu.strangers import Stranger
from qemuxml.complete.topology import ccw
from qemuxml.complete.topology.model import BUSES
from qemuxml.complete.topology.needs import plug_of
from qemuxml.devices.controller import Controller
from qemuxml.devices.input import Input
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
    options = reading.ledger.makers() | {id(stranger): stranger.option for stranger in met}
    numbers = {option: number for number, option in enumerate(reading.line.options)}
    board = hardware(reading.domain.os.arch or "", reading.domain.os.machine or "")
    is_desktop = board is not None and board.is_desktop

    def turn(device: Any) -> tuple[int, int]:
        option = options.get(id(device))
        return _turn(device, option, is_desktop=is_desktop), numbers[option] if option is not None else -1

    return sorted([*reading.domain.devices, *met], key=turn)


_FIRST, _CARD, _NETWORK, _SOUND, _DEVICE, _DRIVE, _JSON = range(7)
_TURNS: Final = {
    "-vga": _CARD, "-std-vga": _CARD, "-vmwarevga": _CARD, "-net": _NETWORK, "-nic": _NETWORK, "-redir": _NETWORK,
    "-soundhw": _SOUND, "-audio": _SOUND, "-usbdevice": _SOUND, "-device": _DEVICE, "-virtfs": _DEVICE,
    "-balloon": _DEVICE,
}  # fmt: skip


def _turn(device: Any, option: Option | None, *, is_desktop: bool) -> int:
    if option is not None and option.name == "-device" and option.text.startswith("{"):
        return _JSON
    if option is None:
        turn = _CARD if isinstance(device, Video) else _NETWORK if isinstance(device, Interface) else _FIRST
    else:
        turn = _TURNS.get(option.name, _DRIVE)
    return _on_desktop(device, option, turn) if is_desktop and turn <= _NETWORK else turn


def _on_desktop(device: Any, option: Option | None, turn: int) -> int:
    """Where the network comes first, then the card, then the USB and the keyboard that the card brings along."""
    if option is None and isinstance(device, Controller | Input):
        return _NETWORK
    return _FIRST if turn == _NETWORK and isinstance(device, Interface | Stranger) else turn


def place(domain: Domain, made: Sequence[Any], first: int) -> None:
    """Give every PCI device without a slot the one that QEMU would have given it; ``first`` is the first channel that is free."""
    board = hardware(domain.os.arch or "", domain.os.machine or "")
    if board is None:
        return
    if board_of(domain).is_ccw:
        _number_channels(domain, made, first)
        return
    buses: dict[int, _Bus] = {0: _Bus(set(board.taken))}
    for item in domain.all(Controller):
        if item.type == "pci" and item.index:
            buses[item.index] = _Bus(set())
    for device in made:
        if is_pci(device, domain):
            _give(device, buses)


def keep_first(reading: Reading) -> None:
    """Keep devices in slot 0 of a bus where libvirt's slots begin with 1: QEMU is told the true one in place of the XML's."""
    domain = reading.domain
    models = {item.index or 0: item.model or "" for item in domain.all(Controller) if item.type == "pci"}
    used: dict[int, set[int]] = {}
    placed = [(device, device.info.address) for device in domain.devices if isinstance(address_of(device), PciAddress)]
    for _, address in placed:
        used.setdefault(address.bus or 0, set()).add(address.slot or 0)
    for device, address in placed:
        bus = BUSES.get(models.get(address.bus or 0) or board_of(domain).root or "")
        if bus is not None and (address.slot or 0) < bus.first:
            taken = used[address.bus or 0]
            address.slot = next((slot for slot in range(bus.first, LAST_SLOT + 1) if slot not in taken), bus.first)
            taken.add(address.slot)
            true = f"0x0.{address.function}" if address.function else "0x0"
            reading.override(device, [Property("addr", true, reading.line.emulator.span())])


def keep_usb(reading: Reading) -> None:
    """Keep a first controller of a PIIX3 that is not in the PIIX3's own place: on such a board libvirt has it nowhere else.

    The XML says the PIIX4's, which may stand anywhere, and QEMU is told the true one.
    """
    if not board_of(reading.domain).is_i440fx:
        return
    for device in reading.domain.all(Controller):
        place = device.info.address
        stands = isinstance(place, PciAddress) and (place.bus or 0, place.slot, place.function) != _PIIX3_USB
        if device.type == "usb" and device.model == "piix3-uhci" and not device.index and stands:
            device.model = "piix4-uhci"
            reading.override(device, [Property("driver", "piix3-usb-uhci", reading.line.emulator.span())])


_PIIX3_USB: Final = (0, 1, 2)
"""Bus, slot and function of a PIIX3's own USB."""


def _number_channels(domain: Domain, made: Sequence[Any], first: int) -> None:
    """An s390 machine gives what is virtio its subchannels in the same order, and the first free number from there on."""
    taken = set(range(first))
    channels = (item for item in made if not isinstance(item, Stranger) and _is_channel_device(item, domain))
    for subchannel, device in enumerate(channels, first):
        if device.info.address is None:
            devno = next(number for number in range(subchannel, 0x10000) if number not in taken)
            device.info.address = CcwAddress(type="ccw", cssid=ccw.CSSID, ssid=0, devno=devno)
        if isinstance(device.info.address, CcwAddress):
            taken.add(device.info.address.devno or 0)


def _is_channel_device(device: Any, domain: Domain) -> bool:
    return hasattr(device, "info") and ccw.is_channel_device(device, domain)


def is_pci(device: Any, domain: Domain) -> bool:
    """Whether the device sits on a PCI bus."""
    own = info_of(device)
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

    def __init__(self, taken: set[int]) -> None:
        self.taken = taken

    def take(self) -> int:
        slot = next((slot for slot in range(LAST_SLOT + 1) if slot not in self.taken), 0)
        self.taken.add(slot)
        return slot


def _give(device: Any, buses: dict[int, _Bus]) -> None:
    address = device.info.address
    bus = buses.setdefault((address.bus or 0) if address else 0, _Bus(set()))
    if address is None:
        device.info.address = pci(bus.take())
    elif address.slot is None:
        address.slot = bus.take()
    else:
        bus.taken.add(address.slot)
