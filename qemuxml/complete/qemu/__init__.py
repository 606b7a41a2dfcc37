"""What QEMU adds when a person starts it, said outright: the default card, disk drives, ports, and the place of every device.

libvirt starts QEMU with ``-nodefaults`` and places devices by rules of its own; a guest that was started by hand keeps its
hardware only if its XML names all of it.
"""

from __future__ import annotations

from typing import Final

from qemuxml.common.origin import by_libvirt
from qemuxml.complete.qemu import (
    board_devices,
    board_words,
    flash,
    macs,
    paths,
    registers,
    slots,
    spice,
    strangers,
    unsaid,
    usb,
)
from qemuxml.complete.qemu.said import said_by
from qemuxml.later import later
from qemuxml.mapping.context import Reading

_asked_for: Final = later("qemuxml.complete.qemu.lean:asked_for")
_leave_out: Final = later("qemuxml.complete.qemu.lean:leave_out")


def announce(reading: Reading) -> None:
    """Put the board's own USB before the devices that are still to be claimed: their controllers are numbered behind it."""
    board_devices.announce_usb(reading, said_by(reading))


def complete(reading: Reading) -> None:
    """Add what the command line left to QEMU, then the places and card addresses that QEMU would have given."""
    said = said_by(reading)
    asked = _asked_for(reading, said) if reading.wishes.lean else said
    first = int(board_devices.is_passed_card(reading.domain, said))
    added = board_devices.add(reading.domain, said)
    met = list(strangers.found(reading))
    made = slots.in_order_of_creation(reading, met)
    slots.place(reading.domain, made, first)
    usb.place(reading, made)
    macs.number(reading.domain, made)
    strangers.keep_places(reading, met)
    paths.make_absolute(reading)
    if not by_libvirt(reading):
        spice.show(reading)
        board_words.add(reading, asked)
        flash.add(reading, asked)
        registers.place(reading)
        if reading.wishes.lean:
            _leave_out(reading, added, said, asked)
    slots.keep_first(reading)
    slots.keep_usb(reading)
    unsaid.take_away(reading, first)
    if not by_libvirt(reading):
        registers.connect(reading)
