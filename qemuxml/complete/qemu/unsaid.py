"""Properties that libvirt writes for every device, and that QEMU has otherwise where nobody says them.

``max_outputs`` of a QXL card is 0 by hand and 1 by libvirt; ``port`` of a USB device is empty by hand. Such a property is taken
away from libvirt's line by ``<qemu:override>``, so that the device is what it was. Each kind knows its own; here are those that
come with a place.
"""

from __future__ import annotations

from typing import Any

from qemuxml import layout
from qemuxml.common import unsaid
from qemuxml.common.addresses import CcwAddress, UsbAddress
from qemuxml.mapping.context import Reading


def take_away(reading: Reading) -> None:
    """Name the properties that no option of the device said, and libvirt would."""
    options = reading.ledger.makers()
    in_order = _are_in_order(reading)
    for device in reading.domain.devices:
        option = options.get(id(device))
        place = _place(device)
        if isinstance(place, UsbAddress):
            unsaid.unset(device, ["port"], option, reading)
        if isinstance(place, CcwAddress) and in_order:
            unsaid.unset(device, ["devno"], option, reading)
        unsay = layout.KIND_OF[type(device)].unsay
        if unsay is not None:
            unsay(device, option, reading)


def _place(device: Any) -> Any:
    return getattr(getattr(device, "info", None), "address", None)


def _are_in_order(reading: Reading) -> bool:
    """Whether libvirt's own order of channel devices gives each the number that it has."""
    made = [device for device in reading.domain.devices if isinstance(_place(device), CcwAddress)]
    numbers = [device.info.address.devno for kind in layout.DEVICES for device in made if isinstance(device, kind.model)]
    return numbers == list(range(len(numbers)))
