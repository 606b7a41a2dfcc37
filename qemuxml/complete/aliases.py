"""The names that libvirt gives devices: ``net0``, ``ide0-0-0``, ``pci.1``; they become QEMU's ids and names of buses.

A name of the user's own begins with ``ua-`` and stays; any other alias in an input is of an earlier run, and is replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final

from qemuxml import layout
from qemuxml.common.addresses import CcidAddress, DriveAddress, PciAddress, UsbAddress, VirtioSerialAddress
from qemuxml.complete.topology.boards import Board, board_of
from qemuxml.devices.controller import Controller
from qemuxml.devices.controller.argv import is_builtin
from qemuxml.devices.disk import Disk, target_index
from qemuxml.domain import Domain
from qemuxml.mapping.context import Target

_PREFIXES: Final[Mapping[str, str]] = {
    "interface": "net", "hostdev": "hostdev", "redirdev": "redir", "memballoon": "balloon", "video": "video", "sound": "sound",
    "input": "input", "hub": "hub", "serial": "serial", "parallel": "parallel", "console": "console", "channel": "channel",
    "filesystem": "fs", "smartcard": "smartcard", "watchdog": "watchdog", "rng": "rng", "panic": "panic", "shmem": "shmem",
    "tpm": "tpm", "vsock": "vsock", "crypto": "crypto", "iommu": "iommu", "pstore": "pstore",
}  # fmt: skip
"""Names that are counted within their kind, for kinds that say none themselves."""
_AMONG_UNNAMED: Final = frozenset({"crypto", "filesystem", "rng"})
"""Kinds whose devices are counted among those without a name of the user's own."""


def aliases(domain: Domain, _: Target) -> None:
    """Name every device."""
    board = board_of(domain)
    for kind in layout.DEVICES:
        named = kind.alias or _PREFIXES.get(kind.element)
        numbers = count()
        for device in domain.all(kind.model):
            if not hasattr(device, "info"):
                continue
            number = 0 if device.info.named_by_user and kind.element in _AMONG_UNNAMED else next(numbers)
            if device.info.named_by_user:
                continue
            if isinstance(device, Controller):
                device.info.alias = _controller(device, board)
            elif isinstance(device, Disk):
                device.info.alias = _disk(device, domain)
            elif named is not None:
                device.info.alias = f"{named}{number}" if isinstance(named, str) else named(device, number)


def _controller(item: Controller, board: Board) -> str:
    index = item.index or 0
    match item.type:
        case "pci":
            return _pci_bus(item, index, board)
        case "usb":
            return f"usb{index}" if index else "usb"
        case "ide" if not index:
            return "ide"
        case "sata" if not index and board.is_q35:
            return "ide"
        case "scsi" if item.model == "ncr53c90" and not index:
            return "scsi"
    return f"{item.type}{index}"


def _pci_bus(item: Controller, index: int, board: Board) -> str:
    if item.model == "pcie-root":
        return f"pcie.{index}"
    return "pci" if not index and board.has_single_bus else f"pci.{index}"


def _disk(disk: Disk, domain: Domain) -> str:
    own = disk.info.address
    if isinstance(own, DriveAddress):
        parts = [own.controller, own.bus, own.unit]
        if disk.bus == "scsi" and _model_of("scsi", own.controller or 0, domain) != "lsilogic":
            parts.insert(2, own.target)
        return f"{disk.bus}" + "-".join(str(part or 0) for part in parts)
    return f"{disk.bus}-disk{target_index(disk.target or '') or 0}"


def _model_of(kind: str, index: int, domain: Domain) -> str | None:
    found = [item.model for item in domain.all(Controller) if item.type == kind and item.index == index]
    return found[0] if found else None


def buses(domain: Domain, _: Target) -> None:
    """Tell every address the name of its bus."""
    board = board_of(domain)
    names: dict[tuple[str, int], str] = {}
    for item in domain.all(Controller):
        names.setdefault((item.type or "", item.index or 0), _bus_name(item, board, domain))
    for item in domain.all(Controller):
        item.bus_name = names[item.type or "", item.index or 0]
    for device in domain.devices:
        place = getattr(getattr(device, "info", None), "address", None)
        number = _NUMBER.get(type(place))
        if place is not None and number is not None:
            kind, index = number(place, device)
            place.bus_alias = names.get((kind, index or 0))


_NUMBER: Final[Mapping[type, Callable[[Any, Any], tuple[str, int | None]]]] = {
    PciAddress: lambda place, _: ("pci", place.bus),
    UsbAddress: lambda place, _: ("usb", place.bus),
    VirtioSerialAddress: lambda place, _: ("virtio-serial", place.controller),
    CcidAddress: lambda place, _: ("ccid", place.controller),
    DriveAddress: lambda place, device: (getattr(device, "bus", None) or "scsi", place.controller),
}


def _bus_name(controller: Controller, board: Board, domain: Domain) -> str:
    """The bus has the controller's name; QEMU numbers the buses of everything that may have several.

    What the board brings has the board's name, whatever the guest calls it.
    """
    alias = controller.info.alias or ""
    if controller.type in ("pci", "ide", "sata") and is_builtin(controller, domain):
        alias = _controller(controller, board)
    if controller.type == "pci":
        return f"{alias}.0" if controller.model_name == "spapr-pci-host-bridge" and controller.index else alias
    return f"{alias}.0"
