"""Slots on PCI buses: every PCI device without an address takes the next free one, kind by kind, as libvirt counts.

Two rounds, as in libvirt: the first only finds out how many buses the guest needs, the second places the controllers that
make those buses, and then the devices.
"""

from __future__ import annotations

from typing import Any

from qemuxml.common.addresses import PciAddress, pci
from qemuxml.common.info import info_of
from qemuxml.complete.legacy.buses import Buses, Place
from qemuxml.complete.legacy.machines import machine_of
from qemuxml.complete.legacy.order import in_order, is_express
from qemuxml.devices.controller import Controller
from qemuxml.devices.video import Video
from qemuxml.domain import Domain
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.context import Target


def place(domain: Domain, _: Target) -> None:
    """Give every PCI device an address; those that have one keep it. Bridges and root ports are added for what needs them.

    Raises UnsupportedError for two devices at one place, and for more devices than bridges can carry.
    """
    if machine_of(domain).pci_root is None:
        return
    needed = _count_buses(domain)
    buses = _buses(domain, needed)
    for model, controller in zip(needed, _controllers(needed), strict=True):
        _address(controller, buses.assign_bridge(model), domain)
        domain.devices.append(controller)
    for device in in_order(domain):
        if device.info.address is None:
            device.info.address = pci_place(buses.assign(express=is_express(device, domain)))
    if len(buses.buses) != len(needed) + 1:
        raise UnsupportedError("more PCI devices than the bridges of this machine can carry")
    _mark_shared_slots(domain)


def _count_buses(domain: Domain) -> list[str]:
    """The models of the controllers that must be added, in the order of their index."""
    buses = _buses(domain, [])
    machine = machine_of(domain)
    if not machine.express and buses.buses[0].free_slot() is not None:
        buses.assign(express=False)  # libvirt keeps one slot for a bridge, or for a device that is plugged in later
    for device in in_order(domain):
        if device.info.address is None:
            buses.assign(express=is_express(device, domain))
    if machine.express and len(buses.buses) > 1:
        buses.assign(express=True)  # and on PCI Express one port, if it has added any
    return [bus.model for bus in buses.buses[1:]]


def _buses(domain: Domain, models: list[str]) -> Buses:
    machine = machine_of(domain)
    buses = Buses(machine, machine.reserved - _slots(domain), models)
    for device in domain.devices:
        address = _pci_address(device)
        if address and not buses.reserve((address.bus or 0, address.slot or 0, address.function or 0)):
            where = f"{address.bus or 0:02x}:{address.slot or 0:02x}.{address.function or 0}"
            raise UnsupportedError(f"two devices at the PCI address {where}, or no such bus")
    for slot in machine.reserved:
        buses.reserve_slot(slot)
    if machine.video_slot and (machine.keeps_video_slot or domain.has(Video)):
        buses.reserve_slot(machine.video_slot)
    return buses


def _slots(domain: Domain) -> set[int]:
    """The slots of bus 0 that devices name."""
    found = (_pci_address(device) for device in domain.devices)
    return {address.slot or 0 for address in found if address and not address.bus}


def _pci_address(device: Any) -> PciAddress | None:
    info = info_of(device)
    return info.address if info is not None and isinstance(info.address, PciAddress) else None


def _controllers(models: list[str]) -> list[Controller]:
    return [_controller(model, index) for index, model in enumerate(models, 1)]


def _controller(model: str, index: int) -> Controller:
    made = Controller(type="pci", index=index, model=model)
    match model:
        case "pci-bridge":
            made.model_name, made.chassis_number = "pci-bridge", index
        case "pcie-root-port":
            made.model_name, made.chassis = "pcie-root-port", index
        case "dmi-to-pci-bridge":
            made.model_name = "i82801b11-bridge"
        case "pci-root":
            made.model_name, made.target_index = "spapr-pci-host-bridge", index
    return made


def _address(controller: Controller, found: Place | None, domain: Domain) -> None:
    if found is not None:
        controller.info.address = pci_place(found)
        if controller.model == "pcie-root-port":
            controller.port = found[1] * 8 + found[2]
    elif controller.model != machine_of(domain).pci_root:
        raise UnsupportedError("more PCI devices than the bridges of this machine can carry")


def pci_place(found: Place) -> PciAddress:
    """An address as libvirt prints one."""
    bus, slot, function = found
    return pci(slot, function, bus=bus)


def _mark_shared_slots(domain: Domain) -> None:
    """The first of several root ports in one slot says that others share it."""
    ports = [item.info.address for item in domain.all(Controller) if item.model == "pcie-root-port"]
    places = [address for address in ports if isinstance(address, PciAddress)]
    shared = {address.slot for address in places if address.function}
    for address in places:
        if address.function == 0 and address.slot in shared:
            address.multifunction = True
