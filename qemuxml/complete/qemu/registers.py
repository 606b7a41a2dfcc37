"""Registers on a pseries machine's virtual I/O bus: QEMU counts ``reg`` from 0x71000000, in the order of creation."""

from __future__ import annotations

from itertools import count
from typing import Final

from qemuxml.common.addresses import spapr_vio
from qemuxml.devices.controller import Controller
from qemuxml.devices.disk import Disk
from qemuxml.devices.interface import Interface
from qemuxml.devices.nvram import Nvram
from qemuxml.devices.serial import Serial
from qemuxml.domain import Domain
from qemuxml.domain.boards import board_of

_FIRST: Final = 0x71000000


def place(domain: Domain) -> None:
    """Serial ports come first, then the machine's own memory, network cards, and the SCSI adapter of ``-drive if=scsi``."""
    if not board_of(domain).is_pseries:
        return
    if not domain.has(Nvram):
        domain.devices.append(Nvram())
    disks = [disk for disk in domain.all(Disk) if disk.bus == "scsi"]
    if disks and not any(item.type == "scsi" for item in domain.all(Controller)):
        domain.devices.append(Controller(type="scsi", index=0, model="ibmvscsi"))
    cards = [card for card in domain.all(Interface) if card.model == "spapr-vlan"]
    adapters = [item for item in domain.all(Controller) if item.type == "scsi" and item.model == "ibmvscsi"]
    numbers = count(_FIRST)
    devices: list[Serial | Nvram | Interface | Controller] = [*domain.all(Serial), *domain.all(Nvram), *cards, *adapters]
    for device in devices:
        if device.info.address is None:
            device.info.address = spapr_vio(next(numbers))
