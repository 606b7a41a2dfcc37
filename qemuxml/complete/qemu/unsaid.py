"""Properties that libvirt writes for every device, and that QEMU has otherwise where nobody says them.

``max_outputs`` of a QXL card is 0 by hand and 1 by libvirt; ``port`` of a USB device is empty by hand. Such a property is taken
away from libvirt's line by ``<qemu:override>``, so that the device is what it was. Each kind knows its own; here are those that
come with a place.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from qemuxml import layout
from qemuxml.cmdline.options import Option
from qemuxml.common import unsaid
from qemuxml.common.addresses import CcwAddress, UsbAddress
from qemuxml.common.info import address_of
from qemuxml.common.origin import by_libvirt
from qemuxml.complete.qemu import slots
from qemuxml.domain.boards import board_of
from qemuxml.mapping.context import Reading


def take_away(reading: Reading, first: int) -> None:
    """Name the properties that no option of the device said, and libvirt would; ``first`` is the first channel that is free."""
    options = reading.ledger.makers()
    in_order = _are_in_order(reading, options, first)
    own = reading.once(by_libvirt)
    is_unknown = not reading.knows_board and board_of(reading.domain).root is not None
    for device in reading.domain.devices:
        option = options.get(id(device))
        if own and not (option is not None and option.name == "-device" and option.text.startswith("{")):
            continue  # releases before JSON had other properties; what today's leaves out it was told to
        place = address_of(device)
        if place is None and is_unknown and slots.is_pci(device, reading.domain):
            for name in ("bus", "addr"):  # QEMU has places of its own on such a board
                reading.unset(device, name)
        if isinstance(place, UsbAddress):
            unsaid.unset(device, ["port"], option, reading)
        if isinstance(place, CcwAddress) and in_order:
            unsaid.unset(device, ["devno"], option, reading)
        unsay = layout.kind_of(device).unsay
        if unsay is not None:
            unsay(device, option, reading)


def _are_in_order(reading: Reading, options: Mapping[int, Option], first: int) -> bool:
    """Whether QEMU gives each channel device the number that it has, where libvirt makes them in an order of its own."""
    made = [device for device in reading.domain.devices if isinstance(address_of(device), CcwAddress)]
    taken = set(range(first))
    for subchannel, device in enumerate(sorted(made, key=layout.place), first):
        number, option = device.info.address.devno, options.get(id(device))
        said = "devno" in (unsaid.said(option, reading) or ())
        if not said and number != next(free for free in count(subchannel) if free not in taken):
            return False
        taken.add(number)
    return True
