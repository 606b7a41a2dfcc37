"""The USB ports that QEMU gives: the next free one of a bus; at the last one it plugs a hub in by itself.

A ``-device`` goes to the bus that was made last, a ``-usbdevice`` to the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qemuxml import layout
from qemuxml.common import boardusb
from qemuxml.common.addresses import UsbAddress
from qemuxml.common.info import address_of
from qemuxml.complete.qemu.strangers import Stranger
from qemuxml.complete.topology.usb import HUB_PORTS, PORTS, members
from qemuxml.devices.controller import Controller
from qemuxml.domain import Domain
from qemuxml.mapping.context import Reading


def place(reading: Reading, made: Sequence[Any]) -> None:
    """Give every USB device without a port the one that QEMU would have given it."""
    domain, options = reading.domain, reading.ledger.makers()
    owners = [item for item in made if isinstance(item, Controller) and _has_ports(item)]
    buses = {item.index or 0: _Bus(item.ports or PORTS[item.model or ""]) for item in owners}
    newest = min(buses, default=0)
    own = reading.buses.get(boardusb.NAME)
    first = own.index if own is not None and own.index in buses else newest
    waiting = {id(device) for device in members(domain) if device.info.address is None}
    for device in made:
        if isinstance(device, Controller) and _has_ports(device):
            newest = device.index or 0
        elif buses and (id(device) in waiting or _has_port(device)):
            option = options.get(id(device))
            _give(device, first if option and option.name == "-usbdevice" else newest, buses, domain)


def _has_ports(item: Controller) -> bool:
    """Whether the controller is of USB and has ports of its own: a companion has those of its owner."""
    return item.type == "usb" and item.model in PORTS and item.start_port is None


def _has_port(device: Any) -> bool:
    return isinstance(address_of(device), UsbAddress)


def _is_hub(device: Any) -> bool:
    return not isinstance(device, Stranger) and layout.element(device) == "hub"


class _Bus:
    """The free ports of one bus, in QEMU's order."""

    def __init__(self, count: int) -> None:
        self.free = [str(number) for number in range(1, count + 1)]

    def plug(self, hub: str) -> None:
        """A hub gives its ports to the bus."""
        self.free.remove(hub)
        self.free += [f"{hub}.{number}" for number in range(1, HUB_PORTS + 1)]


def _give(device: Any, usual: int, buses: dict[int, _Bus], domain: Domain) -> None:
    address = device.info.address
    index = (address.bus or 0) if address else usual
    bus = buses.get(index)
    if bus is None:
        return
    if address is not None and address.port:
        if address.port in bus.free:
            bus.free.remove(address.port)
    elif bus.free:
        if len(bus.free) == 1 and not _is_hub(device):
            domain.devices.append(_hub(index, bus.free[0]))
            bus.plug(bus.free[0])
        device.info.address = UsbAddress(type="usb", bus=index, port=bus.free.pop(0))
    if _is_hub(device) and isinstance(device.info.address, UsbAddress):
        bus.free += [f"{device.info.address.port}.{number}" for number in range(1, HUB_PORTS + 1)]


def _hub(index: int, port: str) -> Any:
    hub = layout.ELEMENTS["hub"](type="usb")
    hub.info.address = UsbAddress(type="usb", bus=index, port=port)
    return hub
