"""Devices of the host: ``-pcidevice host=06:12.5`` and ``-usbdevice host:1234:5678`` are ``<hostdev mode='subsystem'>``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import parse
from qemuxml.common.info import Info
from qemuxml.errors import CommandLineError, DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import INT, YES_NO, hexadecimal
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import attr, group, variant


@dataclass(kw_only=True)
class PciSource:
    """A PCI device of the host."""

    domain: int | None = attr("address@domain", hexadecimal(4))
    bus: int | None = attr("address@bus", hexadecimal(2))
    slot: int | None = attr("address@slot", hexadecimal(2))
    function: int | None = attr("address@function", hexadecimal(1))


@dataclass(kw_only=True)
class UsbSource:
    """A USB device of the host, by its maker or by its place."""

    vendor: int | None = attr("vendor@id", hexadecimal(4))
    product: int | None = attr("product@id", hexadecimal(4))
    bus: int | None = attr("address@bus", INT)
    device: int | None = attr("address@device", INT)


@dataclass(kw_only=True)
class Hostdev:
    """A device that is handed through. libvirt takes a managed one away from its driver, and gives it back."""

    mode: str | None = attr("@mode")
    type: str | None = attr("@type")
    managed: bool | None = attr("@managed", YES_NO)
    source: PciSource | UsbSource | None = variant("source", on="type", of={"pci": PciSource, "usb": UsbSource})
    info: Info = group(Info)


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


KIND = Kind(
    element="hostdev",
    model=Hostdev,
    claims={"-pcidevice": claim_pcidevice, "-usbdevice": claim_usbdevice},
    manual=manual,
)
