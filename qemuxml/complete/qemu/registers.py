"""Registers on a pseries machine's virtual I/O bus: QEMU counts ``reg`` from 0x71000000, in the order of creation."""

from __future__ import annotations

from itertools import count
from typing import Any, Final

from qemuxml import layout
from qemuxml.cmdline.options import Option
from qemuxml.common.addresses import DriveAddress, spapr_vio
from qemuxml.devices.controller import Controller
from qemuxml.devices.disk import Disk
from qemuxml.devices.interface import Interface
from qemuxml.devices.serial import Serial
from qemuxml.domain.boards import board_of
from qemuxml.mapping.context import Reading

_FIRST: Final = 0x71000000


def place(reading: Reading) -> None:
    """Serial ports come first, then the machine's own memory, network cards, the SCSI adapter of ``-drive if=scsi``."""
    domain, options = reading.domain, reading.ledger.makers()
    if not board_of(domain).is_pseries:
        return
    if not layout.of("nvram", domain.devices):
        domain.devices.append(layout.ELEMENTS["nvram"]())
    if _drives(reading):
        indexes = {item.index for item in domain.all(Controller) if item.type == "scsi"}
        index = next(number for number in count() if number not in indexes)
        domain.devices.append(Controller(type="scsi", index=index, model="ibmvscsi"))
    cards = [card for card in domain.all(Interface) if card.model == "spapr-vlan"]
    adapters = [item for item in domain.all(Controller) if item.type == "scsi" and item.model == "ibmvscsi"]
    numbers = count(_FIRST)
    devices = [*domain.all(Serial), *layout.of("nvram", domain.devices), *cards, *adapters]
    turns = {option: number for number, option in enumerate(reading.line.options)}

    def turn(device: Any) -> int:
        option = options.get(id(device))
        return turns[option] if option is not None and _is_added(option) else -1

    for device in sorted(devices, key=turn):
        if device.info.address is None:
            device.info.address = spapr_vio(next(numbers))


def connect(reading: Reading) -> None:
    """Put the board's own drives, now that they have QEMU's names, on the board's adapter: the last that was made."""
    domain = reading.domain
    drives = _drives(reading) if board_of(domain).is_pseries else []
    adapters = [item for item in domain.all(Controller) if item.type == "scsi" and item.model == "ibmvscsi"]
    for disk in drives:
        if isinstance(disk.info.address, DriveAddress):
            disk.info.address.controller = adapters[-1].index


def _drives(reading: Reading) -> list[Disk]:
    """The SCSI drives that no ``-device`` made."""
    options = reading.ledger.makers()
    return [disk for disk in reading.domain.all(Disk) if disk.bus == "scsi" and not _is_added(options.get(id(disk)))]


def _is_added(option: Option | None) -> bool:
    """Whether it is a ``-device``: these come when the board is made."""
    return option is not None and option.name == "-device"
