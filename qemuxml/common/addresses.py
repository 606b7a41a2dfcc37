"""Where a device sits: ``<address type='pci' domain='0x0000' bus='0x00' slot='0x03' function='0x0'/>``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from qemuxml.mapping.codecs import INT, ON_OFF, hexadecimal
from qemuxml.mapping.xml import attr


@dataclass(kw_only=True)
class PciAddress:
    """A slot and function of a PCI bus; libvirt numbers the buses by the index of their controller."""

    type: str | None = attr("@type")
    domain: int | None = attr("@domain", hexadecimal(4))
    bus: int | None = attr("@bus", hexadecimal(2))
    slot: int | None = attr("@slot", hexadecimal(2))
    function: int | None = attr("@function", hexadecimal(1))
    multifunction: bool | None = attr("@multifunction", ON_OFF)


@dataclass(kw_only=True)
class DriveAddress:
    """A unit on a disk controller: IDE has two buses of two units, a floppy controller two units, SCSI targets and units."""

    type: str | None = attr("@type")
    controller: int | None = attr("@controller", INT)
    bus: int | None = attr("@bus", INT)
    target: int | None = attr("@target", INT)
    unit: int | None = attr("@unit", INT)


@dataclass(kw_only=True)
class UsbAddress:
    """A port on a USB bus; a hub makes the port a path (``1.2``)."""

    type: str | None = attr("@type")
    bus: int | None = attr("@bus", INT)
    port: str | None = attr("@port")


@dataclass(kw_only=True)
class VirtioSerialAddress:
    """A port on a virtio-serial controller."""

    type: str | None = attr("@type")
    controller: int | None = attr("@controller", INT)
    bus: int | None = attr("@bus", INT)
    port: int | None = attr("@port", INT)


@dataclass(kw_only=True)
class SpaprVioAddress:
    """A register on the virtual I/O bus of a pseries machine."""

    type: str | None = attr("@type")
    reg: int | None = attr("@reg", hexadecimal(1))


@dataclass(kw_only=True)
class CcwAddress:
    """A device of an s390x channel subsystem."""

    type: str | None = attr("@type")
    cssid: int | None = attr("@cssid", hexadecimal(1))
    ssid: int | None = attr("@ssid", hexadecimal(1))
    devno: int | None = attr("@devno", hexadecimal(4))


@dataclass(kw_only=True)
class PlainAddress:
    """An address of a kind that has no numbers of its own here."""

    type: str | None = attr("@type")


Address = PciAddress | DriveAddress | UsbAddress | VirtioSerialAddress | SpaprVioAddress | CcwAddress | PlainAddress

ADDRESSES: Final[Mapping[str, type]] = {
    "pci": PciAddress,
    "drive": DriveAddress,
    "usb": UsbAddress,
    "virtio-serial": VirtioSerialAddress,
    "spapr-vio": SpaprVioAddress,
    "ccw": CcwAddress,
    "isa": PlainAddress,
    "virtio-mmio": PlainAddress,
}


LAST_SLOT: Final = 31
"""A PCI bus has the slots 0 to 31."""


def pci(slot: int, function: int = 0, *, bus: int = 0) -> PciAddress:
    """A PCI address as libvirt prints one."""
    return PciAddress(type="pci", domain=0, bus=bus, slot=slot, function=function)


def pci_slot(text: str) -> PciAddress:
    """``addr=5``, ``addr=0x5.1`` of a ``-device`` on the first bus. Raises ValueError for another form."""
    found = re.fullmatch(r"(?:0x)?([0-9a-fA-F]{1,2})(?:\.([0-7]))?", text)
    if not found or int(found[1], 16) > LAST_SLOT:
        raise ValueError("is not a PCI address")
    return pci(int(found[1], 16), int(found[2] or 0))


def drive(controller: int, bus: int, unit: int) -> DriveAddress:
    """A disk's place on its controller."""
    return DriveAddress(type="drive", controller=controller, bus=bus, target=0, unit=unit)


def spapr_vio(reg: int) -> SpaprVioAddress:
    """A register on a pseries machine's virtual I/O bus."""
    return SpaprVioAddress(type="spapr-vio", reg=reg)


def ccw(devno: int) -> CcwAddress:
    """A device of the channel subsystem that virtio has for itself."""
    return CcwAddress(type="ccw", cssid=0xFE, ssid=0, devno=devno)
