"""The modern completion: what libvirt adds to a guest when it reads it, and where it puts every device."""

from __future__ import annotations

from qemuxml.complete import bootorder
from qemuxml.complete.topology import buses, ccw, drives, implicit, place, ports, stated, usb

PASSES = (
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
    place.place,
    bootorder.boot_order,
)
