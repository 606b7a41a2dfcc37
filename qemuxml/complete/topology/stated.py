"""Addresses that the XML states: whether the device can have one of that type, and whether its place on PCI can be."""

from __future__ import annotations

from typing import Any, Final

from qemuxml import layout
from qemuxml.common.addresses import CcwAddress, PciAddress, UnassignedAddress
from qemuxml.common.info import address_of
from qemuxml.complete.topology.model import NEEDS_OF_MODEL, Place, Socket, Tree
from qemuxml.complete.topology.needs import plug_of
from qemuxml.devices.controller import Controller
from qemuxml.domain import Domain
from qemuxml.domain.boards import Board, board_of
from qemuxml.errors import ConversionError, DomainXmlError
from qemuxml.mapping.context import Target
from qemuxml.mapping.kind import Plug

_ON_PCI: Final = ("pci", "ccw", "virtio-mmio", "virtio-s390", "unassigned")
"""What a device may have that sits on PCI unless the board is of another sort."""


def types(domain: Domain, _: Target) -> None:
    """Refuse addresses of a type that the device or the board does not have. Raises DomainXmlError."""
    board = board_of(domain)
    for device in domain.devices:
        own = address_of(device)
        if own is None:
            continue
        if isinstance(own, UnassignedAddress) and layout.element(device) != "hostdev":
            raise _refused(device, "only a <hostdev> can be 'unassigned'")
        if isinstance(own, CcwAddress):
            _check_ccw(device, own, board)
        if isinstance(own, PciAddress) and (own.zpci_uid or own.zpci_fid) and not board.is_ccw:
            raise _refused(device, "<zpci> is for s390 machines")
        if own.type not in _ON_PCI and _is_particular(device) and plug_of(device, domain) is not None:
            raise _refused(device, f"the device cannot have an address of type '{own.type}'")


def _is_particular(device: Any) -> bool:
    """Whether libvirt weighs the type of the device's address: it does of virtio devices, and of most others."""
    match layout.element(device):
        case "sound":
            return bool(device.model == "virtio")
        case "interface":
            return False
        case "video":
            return bool(device.type == "virtio")
        case "controller":
            return device.type == "virtio-serial" or (device.model or "").startswith("virtio")
    return True


def _check_ccw(device: Any, own: CcwAddress, board: Board) -> None:
    if not board.is_ccw:
        raise _refused(device, f"machine '{board.machine}' has no channel devices")
    said = [number is not None for number in (own.cssid, own.ssid, own.devno)]
    if any(said) and not all(said):
        raise _refused(device, "cssid, ssid and devno belong together")


_I440FX: Final[tuple[Place, ...]] = ((0, 1, 0), (0, 1, 3))
_Q35: Final[tuple[Place, ...]] = ((0, 0x1F, 0), (0, 0x1F, 2), (0, 0x1F, 3))
"""The places of what the chipset itself has: the ISA bridge, power management, and the disks of Q35."""


def fixed(device: Any, board: Board) -> Place | None:
    """The place that a controller of the chipset has, whatever the XML says."""
    if not isinstance(device, Controller) or device.index:
        return None
    if board.is_i440fx and device.type == "ide":
        return (0, 1, 1)
    if board.is_i440fx and device.type == "usb" and device.model == "piix3-uhci":
        return (0, 1, 2)
    return (0, 0x1F, 2) if board.is_q35 and device.type == "sata" else None


def check_place(device: Any, at: Place, tree: Tree, board: Board, domain: Domain) -> None:
    """Refuse a place that no device, or this one, can have. Raises DomainXmlError."""
    own = fixed(device, board)
    if own is not None and at != own:
        raise _refused(device, f"the chipset has this controller at {_text(own)}")
    chipset = _I440FX if board.is_i440fx else _Q35 if board.is_q35 else ()
    if own is None and (at in chipset or at in {fixed(item, board) for item in domain.all(Controller)}):
        raise _refused(device, f"{_text(at)} is the chipset's")
    if device.info.address.domain:
        raise _refused(device, "a guest has PCI domain 0 alone")
    bus = tree.buses.get(at[0])
    stated = {item.index or 0 for item in domain.all(Controller) if item.type == "pci"}
    if bus is not None and (at[0] in stated or plug_of(device, domain) is not Plug.CONVENTIONAL):
        if not bus.type.first <= at[1] <= bus.type.last:
            raise _refused(device, f"a {bus.model} has the slots {bus.type.first:#x} to {bus.type.last:#x}")
        _check_socket(device, bus.model, bus.type.takes, domain)


def _check_socket(device: Any, model: str, takes: Socket, domain: Domain) -> None:
    need = Socket.CONVENTIONAL | Socket.EXPRESS
    if isinstance(device, Controller) and device.type == "pci" and device.model != "pci-bridge":
        need = NEEDS_OF_MODEL.get(device.model or "", need)
    elif plug_of(device, domain) is Plug.ROOT and device.info.address.bus:
        raise _refused(device, "the device is a part of the board: it sits on bus 0")
    if not takes & need:
        raise _refused(device, f"a {model} does not take it")


def _refused(device: Any, complaint: str) -> ConversionError:
    said = f"{layout.tag(device)}: <address type='{device.info.address.type}'>"
    return DomainXmlError(f"{said}: {complaint}").of(device)


def _text(at: Place) -> str:
    return f"{at[0]:02x}:{at[1]:02x}.{at[2]}"
