"""Controllers, the buses that devices sit on: ``<controller type='ide' index='0'>``. On a command line QEMU adds its own."""

from __future__ import annotations

from qemuxml.devices.controller import argv, bus, legacy, reading
from qemuxml.devices.controller.check import check
from qemuxml.devices.controller.model import Controller
from qemuxml.mapping.kind import Kind

__all__ = ["KIND", "Controller", "write", "write_floppy", "write_hole", "write_readers"]

write = argv.write_all
write_floppy = argv.write_floppy
write_hole = argv.write_hole
write_readers = argv.write_readers

KIND = Kind(
    element="controller",
    model=Controller,
    claims={"-usb": legacy.claim_usb},
    modern=reading.CLAIMS,
    alias=bus.alias,
    pci=bus.pci,
    check=check,
    manual=legacy.manual,
)
