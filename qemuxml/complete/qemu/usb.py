"""The USB ports that QEMU gives: the next free one of the first bus; at the last one it plugs a hub in by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from qemuxml.common.addresses import UsbAddress
from qemuxml.complete.qemu.strangers import Stranger
from qemuxml.complete.topology.usb import HUB_PORTS, PORTS
from qemuxml.devices.controller import Controller
from qemuxml.devices.disk import Disk
from qemuxml.devices.hostdev import Hostdev
from qemuxml.devices.hub import Hub
from qemuxml.devices.input import Input
from qemuxml.devices.redirdev import Redirdev
from qemuxml.domain import Domain

_FASTER: Final = frozenset({"nec-xhci", "qemu-xhci"})


def place(domain: Domain, made: Sequence[Any]) -> None:
    """Give every USB device without a port the one that QEMU would have given it."""
    buses = {item.index or 0: _Bus(_count(item)) for item in domain.all(Controller) if item.type == "usb" and item.model in PORTS
             and item.start_port is None}  # fmt: skip
    for device in made:
        if buses and _is_usb(device):
            _give(device, buses, domain)


def _count(item: Controller) -> int:
    count = item.ports or PORTS[item.model or ""]
    return 2 * count if item.model in _FASTER else count


def _is_usb(device: Any) -> bool:
    address = getattr(getattr(device, "info", None), "address", None)
    if isinstance(address, UsbAddress):
        return True
    if address is not None or not hasattr(device, "info"):
        return False
    if isinstance(device, Hub) or (isinstance(device, Input) and device.bus == "usb"):
        return True
    if isinstance(device, Stranger):
        return False
    if isinstance(device, Disk):
        return device.bus == "usb"
    return isinstance(device, Redirdev) or (isinstance(device, Hostdev) and device.type == "usb")


class _Bus:
    """The free ports of one bus, in QEMU's order."""

    def __init__(self, count: int) -> None:
        self.free = [str(number) for number in range(1, count + 1)]

    def plug(self, hub: str) -> None:
        """A hub gives its ports to the bus."""
        self.free.remove(hub)
        self.free += [f"{hub}.{number}" for number in range(1, HUB_PORTS + 1)]


def _give(device: Any, buses: dict[int, _Bus], domain: Domain) -> None:
    address = device.info.address
    index = (address.bus or 0) if address else min(buses)
    bus = buses.get(index)
    if bus is None:
        return
    if address is not None and address.port:
        if address.port in bus.free:
            bus.free.remove(address.port)
    elif bus.free:
        if len(bus.free) == 1 and not isinstance(device, Hub):
            domain.devices.append(_hub(index, bus.free[0]))
            bus.plug(bus.free[0])
        device.info.address = UsbAddress(type="usb", bus=index, port=bus.free.pop(0))
    if isinstance(device, Hub) and isinstance(device.info.address, UsbAddress):
        bus.free += [f"{device.info.address.port}.{number}" for number in range(1, HUB_PORTS + 1)]


def _hub(index: int, port: str) -> Hub:
    hub = Hub(type="usb")
    hub.info.address = UsbAddress(type="usb", bus=index, port=port)
    return hub
