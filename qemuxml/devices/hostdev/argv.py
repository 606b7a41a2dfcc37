"""Devices of the host on today's command line: ``-device vfio-pci,host=0000:06:12.5``, ``-device usb-host``, mediated ones.

A card that a network interface hands through is written here too: it is no other device.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from qemuxml.cmdline.render import Words
from qemuxml.common.device import address, bootindex, ident, rom
from qemuxml.common.virtio import plug, virtio_driver
from qemuxml.devices.hostdev import (
    Hostdev,
    MdevSource,
    PciSource,
    ScsiSource,
    UsbSource,
    VhostSource,
    scsi,
)
from qemuxml.domain import Domain
from qemuxml.mapping.context import Target, Writing
from qemuxml.mapping.kind import Plug
from qemuxml.mapping.plumbing import Present
from qemuxml.mapping.props import Pair, Props, json

TAIL: Props[Any] = Props(object, bootindex(), address(), *rom())
VHOST = Props(Hostdev, virtio_driver("vhost-scsi"))
PLACE = Props(Hostdev, ident(), address())


def write(device: Hostdev, writing: Writing) -> Iterator[Words]:
    """One device."""
    match device.source:
        case ScsiSource():
            yield from scsi.write(device.source, device, writing)
        case PciSource():
            _need_binding(device.source, writing)
            yield "-device", json(_pci_pairs(device.source, device))
        case UsbSource():
            yield "-device", json(_usb(device.source, device))
        case VhostSource():
            handle = [("vhostfd", str(writing.descriptor()))] if writing.by_libvirt else []
            yield "-device", json([*VHOST.write(device), ("wwpn", device.source.wwpn or ""), *handle, *PLACE.write(device)])
        case MdevSource():
            yield "-device", json(_mediated(device.source, device))


def write_interfaces(writing: Writing) -> Iterator[Words]:
    """The cards of ``<interface type='hostdev'>``."""
    for interface in writing.domain.devices:
        place = getattr(interface, "source_pci", None)
        if getattr(interface, "type", None) == "hostdev" and place is not None:
            _need_binding(place, writing)
            yield "-device", json(_pci_pairs(place, interface))


def _host(source: Any) -> str:
    return f"{source.domain or 0:04x}:{source.bus or 0:02x}:{source.slot or 0:02x}.{source.function or 0:x}"


def _need_binding(source: Any, writing: Writing) -> None:
    """Libvirt binds a managed device to vfio-pci, and gives it back to the host at the end."""
    host = _host(source)
    advice = f"bind the host's device {host} to vfio-pci first, as libvirt would: driverctl set-override {host} vfio-pci"
    writing.need(Present(path=f"/sys/bus/pci/drivers/vfio-pci/{host}", missing=advice, advice=advice))


def _pci_pairs(source: Any, made: Any) -> list[Pair]:
    host = _host(source)
    pairs: list[Pair] = [("driver", "vfio-pci-nohotplug" if getattr(made, "ramfb", None) else "vfio-pci"), ("host", host)]
    return [*pairs, ("id", made.info.alias or ""), *_display(made), *_failover(made), *TAIL.write(made)]


def _failover(made: Any) -> list[Pair]:
    teaming = made.teaming
    return [("failover_pair_id", teaming.persistent or "")] if teaming and teaming.type == "transient" else []


def _display(made: Any) -> list[Pair]:
    display = getattr(made, "display", None)
    pairs: list[Pair] = [] if display is None else [("display", "on" if display else "off")]
    return pairs + ([("ramfb", True)] if getattr(made, "ramfb", None) else [])


def _mediated(source: MdevSource, device: Hostdev) -> list[Pair]:
    driver = device.model or "vfio-pci"
    driver = f"{driver}-nohotplug" if device.ramfb else driver
    path = f"/sys/bus/mdev/devices/{source.uuid}"
    return [("driver", driver), ("id", device.info.alias or ""), ("sysfsdev", path), *_display(device), *TAIL.write(device)]


_RESETS = {"off": ("guest-reset", False), "uninitialized": ("guest-resets-all", False), "on": ("guest-reset", True)}


def _usb(source: UsbSource, device: Hostdev) -> list[Pair]:
    """By its place, or by its maker: the real libvirt looks the place up on the host."""
    pairs: list[Pair] = [("driver", "usb-host")]
    if source.bus is not None and source.device is not None:
        pairs.append(("hostdevice", f"/dev/bus/usb/{source.bus:03d}/{source.device:03d}"))
    else:
        pairs += [("vendorid", source.vendor or 0), ("productid", source.product or 0)]
    pairs.append(("id", device.info.alias or ""))
    if source.guest_reset:
        name, value = _RESETS[source.guest_reset]
        pairs.append((name, value))
    return pairs + TAIL.write(device)


# ------------------------------------------------------------------ completion and refusals


def fill(device: Hostdev, domain: Domain, _: Target) -> None:
    """The number among the host's devices that the guest gives no name: those of interfaces come first."""
    of_interfaces = [item for item in domain.devices if hasattr(item, "source_pci") and item.type == "hostdev"]
    before = [*of_interfaces, *takewhile(lambda item: item is not device, domain.all(Hostdev))]
    device.ordinal = sum(not item.info.named_by_user for item in before)
    if isinstance(device.source, MdevSource) and device.model in (None, "vfio-pci") and device.display is None:
        device.display = False


def pci(device: Hostdev, _: Domain) -> Plug | None:
    """What sits on a PCI bus."""
    if isinstance(device.source, VhostSource):
        return plug(device.model)
    if isinstance(device.source, PciSource):
        return Plug.EITHER
    mediated = isinstance(device.source, MdevSource) and device.model in (None, "vfio-pci")
    return Plug.EITHER if mediated else None
