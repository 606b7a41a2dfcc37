"""Devices of the host read back: ``-device vfio-pci,host=0000:06:12.5`` is ``<hostdev type='pci'>``, ``usb-host`` one of USB."""

from __future__ import annotations

import re
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Values
from qemuxml.common import drivers
from qemuxml.common.device import rom
from qemuxml.common.piece import Piece
from qemuxml.devices.hostdev import Hostdev, MdevSource, Partner, PciSource, UsbSource, VhostSource, scsi
from qemuxml.devices.hostdev.argv import VHOST
from qemuxml.mapping.codecs import integer
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import Claimed
from qemuxml.mapping.props import Props

_ROM: Final = Props(Hostdev, *rom())


def claim_vfio(option: Option, reading: Reading) -> Claimed | None:
    """``-device vfio-pci,host=…`` or ``sysfsdev=…`` of a PCI or a mediated device; ``vfio-ccw``, ``vfio-ap``."""
    piece = Piece(option, reading)
    values = piece.values
    driver = (values.get("driver") or "").removesuffix("-nohotplug")
    source = _pci_source(values) or _mediated(values)
    if source is None:
        return None
    mediated = isinstance(source, MdevSource)
    device = Hostdev(mode="subsystem", type="mdev" if mediated else "pci", source=source)
    if mediated:
        device.model = driver
    else:
        # libvirt takes the device from its driver and gives it back; on the line it was bound to vfio-pci already.
        device.managed = True
    device.display, device.ramfb = values.flag("display"), values.flag("ramfb")
    pair = values.get("failover_pair_id")
    if pair is not None:
        device.teaming = Partner(type="transient", persistent=pair)
    piece.read(_ROM, device)
    return piece.mapped(device)


def _pci_source(values: Values) -> PciSource | None:
    place = values.peek("host") or re.sub(r"^/sys/bus/pci/devices/", "", values.peek("sysfsdev") or "/")
    found = re.fullmatch(r"(?:([0-9a-fA-F]{1,8}):)?([0-9a-fA-F]{1,2}):([0-9a-fA-F]{1,2})\.([0-7])", place)
    if not found:
        return None
    values.get("host" if "host" in values else "sysfsdev")
    domain, bus, slot, function = (int(part or "0", 16) for part in found.groups())
    return PciSource(domain=domain, bus=bus, slot=slot, function=function)


def _mediated(values: Values) -> MdevSource | None:
    found = re.fullmatch(r"/sys/(?:bus/mdev/devices|.*)/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})",
                         values.peek("sysfsdev") or "")  # fmt: skip
    if not found:
        return None
    values.get("sysfsdev")
    return MdevSource(uuid=found[1])


def claim_usb(option: Option, reading: Reading) -> Claimed | None:
    """``-device usb-host`` by maker or by place; a port alone has no word that libvirt 11.3 takes."""
    piece = Piece(option, reading)
    values = piece.values
    values.get("driver")
    source = UsbSource(
        vendor=values.get("vendorid", integer),
        product=values.get("productid", integer),
        bus=values.get("hostbus", integer),
        device=values.get("hostaddr", integer),
    )
    found = re.fullmatch(r"/dev/bus/usb/([0-9]{3})/([0-9]{3})", values.peek("hostdevice") or "")
    if found:
        values.get("hostdevice")
        source.bus, source.device = int(found[1]), int(found[2])
    source.guest_reset = _reset(values)
    named = (source.vendor and source.product) or (source.bus and source.device)
    return piece.mapped(Hostdev(mode="subsystem", type="usb", managed=False, source=source)) if named else None


def _reset(values: Values) -> str | None:
    once, always = values.flag("guest-reset"), values.flag("guest-resets-all")
    if once is not None:
        return "on" if once else "off"
    return "uninitialized" if always is False else None


def claim_vhost(option: Option, reading: Reading) -> Claimed | None:
    """``-device vhost-scsi-pci,wwpn=naa.…``."""
    piece = Piece(option, reading)
    device = piece.read(VHOST, Hostdev(mode="subsystem", type="scsi_host", managed=False))
    device.source = VhostSource(protocol="vhost", wwpn=piece.values.get("wwpn"))
    device.model = None if device.model == "virtio" else device.model
    piece.values.get("vhostfd")
    return piece.mapped(device)


CLAIMS: Final = {
    **{f"-device {name}": claim_vfio for name in ("vfio-pci", "vfio-pci-nohotplug", "vfio-ccw", "vfio-ap")},
    **{f"-device {name}": claim_vhost for name in drivers.virtio("vhost-scsi")},
    "-device usb-host": claim_usb,
    "-device scsi-generic": scsi.claim,
}
"""Which claim reads which driver."""
