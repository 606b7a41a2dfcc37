"""The default devices of a board: a graphics card, a network card, an empty CD drive and floppy drive, a serial port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from qemuxml.common import boardusb
from qemuxml.common.addresses import PciAddress, drive, pci
from qemuxml.common.chardev import Chardev
from qemuxml.complete.qemu.said import Said
from qemuxml.complete.topology import ccw
from qemuxml.devices.controller import Controller
from qemuxml.devices.disk import Disk, target_name
from qemuxml.devices.graphics import Graphics, on_loopback
from qemuxml.devices.input import Input
from qemuxml.devices.interface import Interface
from qemuxml.devices.parallel import Parallel
from qemuxml.devices.serial import Serial
from qemuxml.devices.video import Video
from qemuxml.domain import Domain, boards
from qemuxml.domain.boards import board_of
from qemuxml.mapping.context import Reading
from qemuxml.profiles.hardware import Hardware, hardware


def add(domain: Domain, said: Said) -> list[Any]:
    """Put the defaults that still stand before all other devices: the board makes them first. Returns all that were added."""
    board = hardware(domain.os.arch or "", domain.os.machine or "")
    if board is None:
        return []
    made = [device for maker in _MAKERS for device in maker(domain, board, said)]
    domain.devices[:0] = made
    if said.window and domain.has(Video) and not domain.has(Graphics):
        made.append(on_loopback("vnc", said.keymap))
        domain.devices.append(made[-1])
    return made


def _card(domain: Domain, board: Hardware, said: Said) -> Iterator[Any]:
    # A card of another kind libvirt takes for the first one only.
    if said.vga and board.vga and all(card.type in _SECOND_CARDS for card in domain.all(Video)):
        yield Video(type=board.vga, primary=True)


_SECOND_CARDS: Final = ("virtio", "qxl")


def _network(domain: Domain, board: Hardware, said: Said) -> Iterator[Any]:
    """The board's card on a user network; ``-net nic`` without a model is such a card too, and the one of ``-redir``."""
    cards = domain.all(Interface)
    if said.network and board.network and not is_passed_card(domain, said):
        yield Interface(type="user", model=board.network)
    for card in cards:
        card.model = card.model or board.network


def is_passed_card(domain: Domain, said: Said) -> bool:
    """Whether the default card is asked for by QEMU's own options: on a board without places for libvirt, and on an s390 machine.

    There libvirt would make it behind the disks, and it would lose the first subchannel to them.
    """
    if not said.network:
        return False
    if hardware(domain.os.arch or "", domain.os.machine or "") is None:
        return True
    before = [*domain.all(Disk), *domain.all(Controller)]
    in_front = any(ccw.is_channel_device(device, domain) for device in before)
    return board_of(domain).is_ccw and in_front and not domain.has(Interface)


def _cdrom(domain: Domain, board: Hardware, said: Said) -> Iterator[Any]:
    """An empty drive, the third of the bus: master of the second channel, or the third port."""
    if not said.cdrom or not board.cdrom:
        return
    bus = boards.disks.bus(domain.os.arch or "", domain.os.machine or "")
    place = _CD_PLACES[bus]
    taken = {(disk.bus, *_numbers(disk)) for disk in domain.all(Disk)}
    target = target_name(bus, _CD_NUMBER)
    if (bus, *place) in taken or any(disk.bus == bus and disk.target == target for disk in domain.all(Disk)):
        return
    disk = Disk(type="file", device="cdrom", bus=bus, target=target, readonly=True, driver="qemu", format="raw")
    disk.info.address = drive(*place)
    yield disk


_CD_NUMBER: Final = 2
_CD_PLACES: Final = {"ide": (0, 1, 0, 0), "sata": (0, 0, 2, 0), "scsi": (0, 0, 0, _CD_NUMBER)}
"""Controller, bus, unit and target."""


def _numbers(disk: Disk) -> tuple[int, ...]:
    place: Any = disk.info.address
    return tuple(getattr(place, name, None) or 0 for name in ("controller", "bus", "unit", "target")) if place else ()


def _floppy(domain: Domain, board: Hardware, said: Said) -> Iterator[Any]:
    if said.floppy and board.floppy and not any(disk.target == "fda" for disk in domain.all(Disk)):
        yield Disk(type="file", device="floppy", bus="fdc", target="fda", driver="qemu", format="raw")


def _serial(domain: Domain, board: Hardware, said: Said) -> Iterator[Any]:
    if said.serial and board.serial:
        for other in domain.all(Serial):
            other.port = None if other.port is None else other.port + 1
        yield Serial(chardev=Chardev(type="pty"), port=0)


def _parallel(domain: Domain, board: Hardware, said: Said) -> Iterator[Any]:
    if said.parallel and board.parallel and not domain.has(Parallel):
        yield Parallel(chardev=Chardev(type="null"), port=0)


def announce_usb(reading: Reading, said: Said) -> None:
    """Take the number of the board's own USB, which ``add`` puts in the place of this."""
    domain = reading.domain
    board = hardware(domain.os.arch or "", domain.os.machine or "")
    if board and _has_usb(board, said):
        domain.devices.append(Controller(type="usb", index=boardusb.reserve(reading)))
    elif board:
        del reading.buses[boardusb.NAME]


def _has_usb(board: Hardware, said: Said) -> bool:
    """Whether the board's own USB is asked for, or comes with its graphics card."""
    return board.usb is not None and (said.plain and said.card and board.is_desktop if said.usb is None else said.usb)


def _usb(domain: Domain, board: Hardware, said: Said) -> Iterator[Any]:
    bare = next((device for device in domain.devices if _is_bare_usb(device)), None)
    if bare is None:
        return
    domain.devices = [device for device in domain.devices if device is not bare]
    if board.usb == "ich9-ehci1":
        yield _usb_controller("ich9-ehci1", bare.index, _shared(29, 7))
        for number in range(3):
            companion = _usb_controller(f"ich9-uhci{number + 1}", bare.index, _shared(29, number))
            companion.start_port = 2 * number
            yield companion
    else:
        yield _usb_controller(str(board.usb), bare.index, pci(1, 2) if board.usb == "piix3-uhci" else None)
    if board.is_desktop and said.card:
        yield from (Input(type=kind, bus="usb") for kind in ("keyboard", "mouse"))


def _usb_controller(model: str, index: int, place: PciAddress | None) -> Controller:
    made = Controller(type="usb", index=index, model=model)
    made.info.address = place
    return made


def _shared(slot: int, function: int) -> PciAddress:
    """One of the four that share a slot: on the board every one of them says so."""
    address = pci(slot, function)
    address.multifunction = True
    return address


def _is_bare_usb(device: Any) -> bool:
    """What stands for the board's own: a controller without a model."""
    return isinstance(device, Controller) and device.type == "usb" and device.model is None


_MAKERS: Final[tuple[Callable[[Domain, Hardware, Said], Iterator[Any]], ...]] = (
    _card, _network, _usb, _cdrom, _floppy, _serial, _parallel,
)  # fmt: skip
"""In the order in which a board makes them, as far as that gives them places."""
