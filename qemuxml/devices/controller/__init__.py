"""Controllers, the buses that devices sit on: ``<controller type='ide' index='0'>``. On a command line QEMU adds its own."""

from __future__ import annotations

from qemuxml.devices.controller import bus
from qemuxml.devices.controller.model import Controller
from qemuxml.later import later, table
from qemuxml.mapping.kind import Kind

__all__ = ["KIND", "Controller"]

KIND = Kind(
    element="controller",
    model=Controller,
    claims={"-usb": later("qemuxml.devices.controller.legacy:claim_usb")},
    modern=table("qemuxml.devices.controller.reading:CLAIMS"),
    alias=bus.alias,
    pci=bus.pci,
    check=later("qemuxml.devices.controller.check:check"),
    manual=later("qemuxml.devices.controller.legacy:manual"),
    unsay=later("qemuxml.devices.controller.reading:unsay"),
)
