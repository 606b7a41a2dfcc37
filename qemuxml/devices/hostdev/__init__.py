"""Devices of the host: ``-pcidevice host=06:12.5`` and ``-usbdevice host:1234:5678`` are ``<hostdev mode='subsystem'>``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import parse
from qemuxml.common import virtio
from qemuxml.common.info import Info
from qemuxml.common.source import STARTUP
from qemuxml.errors import CommandLineError, DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import ANY_BASE32, ON_OFF, UINT64, YES_NO, base_prefixed, hexadecimal, one_of, within
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import attr, child, children, flag, group, variant
from qemuxml.record import record

"""What becomes of a guest whose device is missing."""
MODELS = one_of("vfio-pci", "vfio-ccw", "vfio-ap", *virtio.MODELS)
"""Of mediated devices, and of vhost-scsi."""


@record(kw_only=True)
class PciSource:
    """A PCI device of the host."""

    write_filtering: bool | None = attr("@writeFiltering", YES_NO)
    startup_policy: str | None = attr("@startupPolicy", STARTUP)
    domain: int | None = attr("address@domain", within(0, 0xFFFF, base_prefixed(4)))
    bus: int | None = attr("address@bus", within(0, 0xFF, base_prefixed(2)))
    slot: int | None = attr("address@slot", within(0, 0x1F, base_prefixed(2)))
    function: int | None = attr("address@function", within(0, 7, base_prefixed(1)))


@record(kw_only=True)
class UsbSource:
    """A USB device of the host, by its maker or by its place."""

    startup_policy: str | None = attr("@startupPolicy", STARTUP)
    guest_reset: str | None = attr("@guestReset", one_of("off", "uninitialized", "on"))
    vendor: int | None = attr("vendor@id", within(0, 0xFFFF, hexadecimal(4)), required=True)
    product: int | None = attr("product@id", within(0, 0xFFFF, hexadecimal(4)), required=True)
    bus: int | None = attr("address@bus", ANY_BASE32)
    device: int | None = attr("address@device", ANY_BASE32)
    port: str | None = attr("address@port")


@record(kw_only=True)
class IscsiHost:
    """An iSCSI server."""

    name: str | None = attr("@name")
    port: str | None = attr("@port")


@record(kw_only=True)
class ScsiSource:
    """A logical unit of the host's SCSI adapter, or of an iSCSI target."""

    protocol: str | None = attr("@protocol", one_of("adapter", "iscsi"))
    name: str | None = attr("@name")
    adapter: str | None = attr("adapter@name")
    bus: int | None = attr("address@bus", ANY_BASE32, required=True)
    target: int | None = attr("address@target", ANY_BASE32, required=True)
    unit: int | None = attr("address@unit", UINT64, required=True)
    hosts: list[IscsiHost] = children("host", IscsiHost)
    username: str | None = attr("auth@username")
    secret_type: str | None = attr("auth/secret@type")
    secret_uuid: str | None = attr("auth/secret@uuid")
    secret_usage: str | None = attr("auth/secret@usage")
    initiator: str | None = attr("initiator/iqn@name")


@record(kw_only=True)
class VhostSource:
    """A vhost-scsi target of the host's kernel."""

    protocol: str | None = attr("@protocol", one_of("vhost"), required=True)
    wwpn: str | None = attr("@wwpn")


@record(kw_only=True)
class MdevSource:
    """A mediated device."""

    uuid: str | None = attr("address@uuid")


@record(kw_only=True)
class Partner:
    """The virtio card that stands in while this one is away."""

    type: str | None = attr("@type")
    persistent: str | None = attr("@persistent")


Source = PciSource | UsbSource | ScsiSource | VhostSource | MdevSource


@record(kw_only=True)
class Hostdev:
    """A device that is handed through. libvirt takes a managed one away from its driver, and gives it back."""

    mode: str | None = attr("@mode", one_of("subsystem", "capabilities"))
    type: str | None = attr("@type")
    managed: bool | None = attr("@managed", YES_NO)
    model: str | None = attr("@model", MODELS)
    display: bool | None = attr("@display", ON_OFF)
    ramfb: bool | None = attr("@ramfb", ON_OFF)
    sgio: str | None = attr("@sgio")
    rawio: bool | None = attr("@rawio", YES_NO)
    driver: str | None = attr("driver@name", one_of("kvm", "vfio", "xen"))
    driver_model: str | None = attr("driver@model")
    source: Source | None = variant(
        "source",
        on="type",
        of={"pci": PciSource, "usb": UsbSource, "scsi": ScsiSource, "scsi_host": VhostSource, "mdev": MdevSource},
    )
    teaming: Partner | None = child("teaming", Partner)
    readonly: bool = flag("readonly")
    shareable: bool = flag("shareable")
    info: Info = group(Info)
    ordinal: int = 0
    """How many devices of the host come before, those of interfaces among them."""
    node: int | None = None
    """The number of the image node that a logical unit is."""


def claim_pcidevice(option: Option, reading: Reading) -> Claimed | None:
    """``-pcidevice host=[DOMAIN:]BUS:SLOT.FUNCTION``, of the qemu-kvm fork."""
    values = parse(option.value) if option.value else None
    item = values.property("host") if values else None
    if values is None or item is None:
        raise CommandLineError("-pcidevice needs host=BUS:SLOT.FUNCTION", option.span)
    found = re.fullmatch(r"(?:([0-9a-fA-F]{1,4}):)?([0-9a-fA-F]{1,2}):([0-9a-fA-F]{1,2})\.([0-7])", item.text)
    if not found:
        raise item.refuse(f"host: '{item.text[:60]}' is not BUS:SLOT.FUNCTION")
    values.get("id")
    values.get("name")
    if not reading.understood(values):
        return None
    domain, bus, slot, function = (int(part or "0", 16) for part in found.groups())
    source = PciSource(domain=domain, bus=bus, slot=slot, function=function)
    return mapped(option, Hostdev(mode="subsystem", type="pci", managed=True, source=source))


def claim_usbdevice(option: Option, _: Reading) -> Claimed | None:
    """``-usbdevice host:BUS.DEVICE`` (decimal) or ``host:VENDOR:PRODUCT`` (hexadecimal)."""
    if not option.text.startswith("host:"):
        return None
    place = re.fullmatch(r"host:([0-9]{1,3})\.([0-9]{1,3})", option.text)
    maker = re.fullmatch(r"host:(?:0x)?([0-9a-fA-F]{1,4}):(?:0x)?([0-9a-fA-F]{1,4})", option.text)
    if place:
        source = UsbSource(bus=int(place[1]), device=int(place[2]))
    elif maker:
        source = UsbSource(vendor=int(maker[1], 16), product=int(maker[2], 16))
    elif re.search(r"[*]", option.text):
        return None  # a filter that matches whatever is plugged in: no device that could be named
    else:
        raise CommandLineError(f"'{option.text[5:60]}' is neither BUS.DEVICE nor VENDOR:PRODUCT", option.span)
    return mapped(option, Hostdev(mode="subsystem", type="usb", managed=False, source=source))


def manual(device: Hostdev, _: Writing) -> Iterator[Words]:
    """``-usbdevice host:…``; QEMU 0.9 handed no PCI devices through."""
    if device.mode not in ("subsystem", None) or not isinstance(device.source, UsbSource):
        raise UnsupportedError(f"QEMU 0.9 cannot hand through a device of type '{device.type}'")
    source = device.source
    if source.vendor is not None and source.product is not None:
        yield "-usbdevice", f"host:{source.vendor:04x}:{source.product:04x}"
    elif source.bus is not None and source.device is not None:
        yield "-usbdevice", f"host:{source.bus}.{source.device}"
    else:
        raise DomainXmlError("a USB <hostdev> needs vendor and product, or bus and device")
