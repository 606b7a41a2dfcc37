"""``--lean``: the default devices of the board that the line did not ask for stay out of the XML, and are told in one note.

They are made and placed all the same first, so that what the line names keeps its place.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from qemuxml.common.addresses import UsbAddress
from qemuxml.common.info import address_of
from qemuxml.complete.qemu import board_words
from qemuxml.complete.qemu.said import Said
from qemuxml.devices.controller import Controller
from qemuxml.devices.disk import Disk
from qemuxml.devices.graphics import Graphics
from qemuxml.devices.input import Input
from qemuxml.devices.interface import Interface
from qemuxml.devices.parallel import Parallel
from qemuxml.devices.serial import Serial
from qemuxml.devices.video import Video
from qemuxml.domain import Domain
from qemuxml.mapping.context import Reading
from qemuxml.record import replace


def asked_for(reading: Reading, said: Said) -> Said:
    """The defaults that the line asks for in other words: a display needs its card, ``-nographic`` its serial port."""
    domain, ledger = reading.domain, reading.ledger
    shown = domain.has(Video) or (domain.has(Graphics) and not said.window) or ledger.has("-k", "-full-screen")
    return replace(
        said,
        plain=said.plain and shown,
        serial=said.serial and ledger.has("-nographic"),
        parallel=False,
        floppy=False,
        cdrom=False,
        vga=said.vga and shown,
        network=False,
        sdcard=False,
        card=said.card and shown,
        window=said.window and shown,
    )


def leave_out(reading: Reading, made: Sequence[Any], said: Said, asked: Said) -> None:
    """Take the defaults that are not asked for out of the guest again; ``made`` are all that were added."""
    own = {id(device) for device in made}
    is_plugged = any(_is_plugged(device) for device in reading.domain.devices if id(device) not in own)
    left = [device for device in made if not (_is_asked(device, asked) or (is_plugged and isinstance(device, Controller)))]
    gone = {id(device) for device in left}
    reading.domain.devices = [device for device in reading.domain.devices if id(device) not in gone]
    told = [*map(_name, left), *_unsaid(reading.domain, said, asked)]
    if told:
        reading.note(f"--lean leaves out what the line does not ask for, and QEMU adds unasked: {', '.join(told)}")


def _is_asked(device: Any, asked: Said) -> bool:
    match device:
        case Video():
            return asked.vga
        case Graphics():
            return asked.window
        case Serial():
            return asked.serial
        case Controller():
            return bool(asked.usb) or asked.card
        case Input():
            return asked.card
        case _:
            return False


def _is_plugged(device: Any) -> bool:
    """Whether the device sits on USB; which of several it is matters little."""
    return isinstance(address_of(device), UsbAddress)


def _name(device: Any) -> str:
    return _NAMES[type(device)](device)


_NAMES: Final[Mapping[type[Any], Callable[[Any], str]]] = {
    Video: lambda card: f"a graphics card ({card.type})",
    Graphics: lambda _: "a window",
    Interface: lambda card: f"a network card ({card.model}) with user networking",
    Disk: lambda disk: "an empty CD-ROM drive" if disk.device == "cdrom" else "an empty floppy drive",
    Serial: lambda _: "a serial port",
    Parallel: lambda _: "a parallel port",
    Controller: lambda _: "a USB controller",
    Input: lambda device: f"a USB {device.type}",
}
"""How a person calls what a board makes."""


def _unsaid(domain: Domain, said: Said, asked: Said) -> list[str]:
    """The options that would have stood for what libvirt has no place for."""
    kept = _options(domain, asked)
    return [option for option in _options(domain, said) if option not in kept]


def _options(domain: Domain, unsaid: Said) -> list[str]:
    words = list(board_words.defaults(domain, unsaid))
    return [shlex.join(pair) for pair in zip(words[::2], words[1::2], strict=True)]


def forget_inputs(reading: Reading) -> None:
    """The PS/2 mouse and keyboard are a part of the board, and libvirt's to say."""
    if reading.wishes.lean:
        domain = reading.domain
        domain.devices = [device for device in domain.devices if not (isinstance(device, Input) and device.bus == "ps2")]
