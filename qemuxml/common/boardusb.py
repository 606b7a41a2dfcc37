"""The board's own USB, which ``-usb``, ``-usbdevice`` and ``-machine usb=on`` ask for: its number, and where its bus is."""

from __future__ import annotations

from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.common.place import Bus
from qemuxml.later import pattern
from qemuxml.mapping.context import Reading

NAME: Final = "usb-bus.0"
"""QEMU's name for the bus, and for that of the first controller without an id where the board has none."""
_CONTROLLERS: Final = pattern(r".*(uhci|ehci|ohci|xhci).*")
_OWN_NAME: Final = pattern(r"usb([0-9]{0,3})")


def reserve(reading: Reading) -> int:
    """The number of the board's controller: the first one that no controller of the line is named for."""
    names = (reading.values(item, "driver").peek("id") or "" for item in _controllers(reading))
    taken = {int(found[1] or 0) for name in names if (found := _OWN_NAME.fullmatch(name))}
    index = next(number for number in range(len(taken) + 1) if number not in taken)
    reading.buses[NAME] = Bus("usb", index)
    return index


def can_place(option: Option, reading: Reading) -> bool:
    """Whether libvirt finds the bus of a USB device: it knows no controller of a board that nobody has looked at."""
    if option.name == "-usbdevice":
        is_device = True
    else:
        kind = (reading.values(option, "driver").peek("driver") or "") if option.name == "-device" and option.value else ""
        is_device = kind.startswith("usb-") and not _CONTROLLERS.fullmatch(kind)
    return not is_device or reading.knows_board or bool(reading.once(_controllers))


def enter(bus: Bus, reading: Reading) -> None:
    """Name the bus of a controller without an id, as QEMU counts them."""
    number = next(number for number in range(len(reading.buses) + 1) if f"usb-bus.{number}" not in reading.buses)
    reading.buses[f"usb-bus.{number}"] = bus


def _controllers(reading: Reading) -> list[Option]:
    kinds = {option: reading.values(option, "driver").peek("driver") or "" for option in reading.ledger.named("-device")}
    return [option for option, kind in kinds.items() if _CONTROLLERS.fullmatch(kind)]
