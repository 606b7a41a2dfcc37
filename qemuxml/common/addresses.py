"""Where a device sits: ``<address type='pci' domain='0x0000' bus='0x00' slot='0x03' function='0x0'/>``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from qemuxml.mapping.codecs import ON_OFF, UINT32, Codec, base_prefixed, hexadecimal, within
from qemuxml.mapping.xml import attr
from qemuxml.record import record


@record(kw_only=True)
class PciAddress:
    """A slot and function of a PCI bus; libvirt numbers the buses by the index of their controller."""

    type: str | None = attr("@type")
    domain: int | None = attr("@domain", within(0, 0xFFFF, base_prefixed(4)))
    bus: int | None = attr("@bus", within(0, 0xFF, base_prefixed(2)))
    slot: int | None = attr("@slot", within(0, 0x1F, base_prefixed(2)))
    function: int | None = attr("@function", within(0, 7, base_prefixed(1)))
    multifunction: bool | None = attr("@multifunction", ON_OFF)
    zpci_uid: int | None = attr("zpci@uid", within(1, 0xFFFF, base_prefixed(4)))
    zpci_fid: int | None = attr("zpci@fid", within(0, 0xFFFFFFFF, base_prefixed(8)))
    bus_alias: str | None = None
    """QEMU's name of the bus (``pcie.0``); the pass over aliases sets it."""


@record(kw_only=True)
class DriveAddress:
    """A unit on a disk controller: IDE has two buses of two units, a floppy controller two units, SCSI targets and units."""

    type: str | None = attr("@type")
    controller: int | None = attr("@controller", UINT32)
    bus: int | None = attr("@bus", UINT32)
    target: int | None = attr("@target", UINT32)
    unit: int | None = attr("@unit", UINT32)
    bus_alias: str | None = None
    adapter: str | None = None
    """The model of the SCSI controller; the pass over drives sets it."""


_USB_DEPTH: Final = 4
"""USB allows no longer chain of hubs."""


def _usb_port(text: str) -> str:
    if not re.fullmatch(rf"[0-9]{{1,10}}(\.[0-9]{{1,10}}){{0,{_USB_DEPTH - 1}}}", text):
        raise ValueError("is not a USB port: up to four numbers with dots between them")
    return text


USB_PORT: Final = Codec(_usb_port, str)


@record(kw_only=True)
class UsbAddress:
    """A port on a USB bus; a hub makes the port a path (``1.2``)."""

    type: str | None = attr("@type")
    bus: int | None = attr("@bus", UINT32)
    port: str | None = attr("@port", USB_PORT)
    bus_alias: str | None = None

    @property
    def has_port(self) -> bool:
        """Whether it names a port: they count from 1, and 0 leaves the choice to libvirt."""
        return bool(self.port) and self.path[0] != 0

    @property
    def path(self) -> list[int]:
        """The port of the controller, then those of the hubs."""
        return [int(part) for part in (self.port or "").split(".")]


@record(kw_only=True)
class VirtioSerialAddress:
    """A port on a virtio-serial controller."""

    type: str | None = attr("@type")
    controller: int | None = attr("@controller", UINT32)
    bus: int | None = attr("@bus", UINT32)
    port: int | None = attr("@port", UINT32)
    bus_alias: str | None = None


@record(kw_only=True)
class SpaprVioAddress:
    """A register on the virtual I/O bus of a pseries machine."""

    type: str | None = attr("@type")
    reg: int | None = attr("@reg", within(0, 0xFFFFFFFF, hexadecimal(1)))


@record(kw_only=True)
class CcwAddress:
    """A device number on the channel subsystem of an s390 machine."""

    type: str | None = attr("@type")
    cssid: int | None = attr("@cssid", within(0, 0xFE, base_prefixed(1)))
    ssid: int | None = attr("@ssid", within(0, 3, base_prefixed(1)))
    devno: int | None = attr("@devno", within(0, 0xFFFF, base_prefixed(4)))


@record(kw_only=True)
class CcidAddress:
    """A slot of a smartcard reader."""

    type: str | None = attr("@type")
    controller: int | None = attr("@controller", UINT32)
    slot: int | None = attr("@slot", UINT32)
    bus_alias: str | None = None


@record(kw_only=True)
class IsaAddress:
    """Ports of the ISA bus."""

    type: str | None = attr("@type")
    iobase: int | None = attr("@iobase", base_prefixed(1))
    irq: int | None = attr("@irq", base_prefixed(1))


@record(kw_only=True)
class DimmAddress:
    """A slot of a memory device, and where the guest sees it."""

    type: str | None = attr("@type")
    slot: int | None = attr("@slot", UINT32, required=True)
    base: int | None = attr("@base", base_prefixed(1))


@record(kw_only=True)
class VirtioMmioAddress:
    """A transport of a board without a bus; the board numbers them."""

    type: str | None = attr("@type")


@record(kw_only=True)
class UnassignedAddress:
    """A device that the guest does not have yet, kept in the XML."""

    type: str | None = attr("@type")


@record(kw_only=True)
class PlainAddress:
    """An address of a kind that has no numbers of its own here."""

    type: str | None = attr("@type")


Address = (
    PciAddress
    | DriveAddress
    | UsbAddress
    | VirtioSerialAddress
    | SpaprVioAddress
    | CcwAddress
    | CcidAddress
    | IsaAddress
    | DimmAddress
    | VirtioMmioAddress
    | UnassignedAddress
    | PlainAddress
)

ADDRESSES: Final[Mapping[str, type]] = {
    "pci": PciAddress,
    "drive": DriveAddress,
    "usb": UsbAddress,
    "virtio-serial": VirtioSerialAddress,
    "spapr-vio": SpaprVioAddress,
    "isa": IsaAddress,
    "virtio-mmio": VirtioMmioAddress,
    "ccw": CcwAddress,
    "ccid": CcidAddress,
    "dimm": DimmAddress,
    "unassigned": UnassignedAddress,
    "virtio-s390": PlainAddress,
}


LAST_SLOT: Final = 31
"""A PCI bus has the slots 0 to 31."""


def pci(slot: int, function: int = 0, *, bus: int = 0) -> PciAddress:
    """A PCI address as libvirt prints one."""
    return PciAddress(type="pci", domain=0, bus=bus, slot=slot, function=function)


def pci_slot(text: str) -> PciAddress:
    """``addr=5``, ``addr=0x5.1`` of a ``-device`` on the first bus: hexadecimal. Raises ValueError for another form."""
    found = re.fullmatch(r"(?:0[xX])?([0-9a-fA-F]{1,2})(?:\.(?:0[xX])?([0-7]))?", text)
    if not found or int(found[1], 16) > LAST_SLOT:
        raise ValueError("is not a PCI address")
    return pci(int(found[1], 16), int(found[2] or 0))


def drive(controller: int, bus: int, unit: int, target: int = 0) -> DriveAddress:
    """A disk's place on its controller."""
    return DriveAddress(type="drive", controller=controller, bus=bus, target=target, unit=unit)


def spapr_vio(reg: int) -> SpaprVioAddress:
    """A register on a pseries machine's virtual I/O bus."""
    return SpaprVioAddress(type="spapr-vio", reg=reg)


def ccw(devno: int) -> CcwAddress:
    """A device of the channel subsystem that virtio has for itself."""
    return CcwAddress(type="ccw", cssid=0xFE, ssid=0, devno=devno)
