"""The modern completion: what libvirt adds to a guest when it reads it, and where it puts every device."""

from __future__ import annotations

from qemuxml.complete import bootorder
from qemuxml.complete.topology import buses, ccw, drives, implicit, ports, stated, usb
from qemuxml.complete.topology import place as pci
from qemuxml.domain import Domain
from qemuxml.mapping.context import Target

_STEPS = (
    implicit.devices,
    buses.check,
    usb.controllers,
    implicit.fill,
    stated.types,
    drives.addresses,
    drives.controllers,
    implicit.in_libvirts_order,
    ports.serial,
    ports.smartcards,
    ports.spapr,
    ccw.place,
    ports.mmio,
    pci.place,
    bootorder.boot_order,
)


def place(domain: Domain, target: Target) -> None:
    """Add what a guest needs to sit on, and place every device."""
    for step in _STEPS:
        step(domain, target)
