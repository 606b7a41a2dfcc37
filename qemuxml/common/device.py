"""Rows that every ``-device`` has: ``"id":"rng0"``, ``"bus":"pci.0","addr":"0x3"``, ``"bootindex":1``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qemuxml.cmdline.values import Values
from qemuxml.common.addresses import (
    CcidAddress,
    CcwAddress,
    DimmAddress,
    IsaAddress,
    PciAddress,
    SpaprVioAddress,
    UsbAddress,
    VirtioSerialAddress,
)
from qemuxml.mapping.props import Pair, Plain, Row, Value, computed, json


def ident(pattern: str = "{}") -> Row:
    """``id`` from the alias: ``ident()`` writes rng0, ``ident("obj{}")`` objrng0."""
    return computed("id", lambda made: pattern.format(made.info.alias))


def refer(name: str, pattern: str) -> Row:
    """A property that names a backend after the alias: ``refer("rng", "obj{}")``."""
    return computed(name, lambda made: pattern.format(made.info.alias))


def bootindex() -> Row:
    """``bootindex`` from ``<boot order='…'/>``, or from ``<boot dev='…'/>`` of the guest."""
    return computed("bootindex", lambda made: made.info.boot_index)


def address() -> Row:
    """``bus`` and ``addr`` (or what the address's type has instead)."""
    return _Address()


def socket() -> Row:
    """The same of a device that is plugged into another: a port of virtio-serial, a card in a reader."""
    return _Socket()


def rom() -> tuple[Row, ...]:
    """``rombar`` and ``romfile`` of ``<rom>``: no file at all where it is disabled."""
    return (
        computed("rombar", lambda made: None if made.info.rom_bar is None else int(made.info.rom_bar), _read_rom_bar),
        computed("romfile", lambda made: "" if made.info.rom_enabled is False else made.info.rom_file, _read_rom_file),
    )


def _read_rom_bar(made: Any, text: str) -> bool:
    if text not in ("0", "1"):
        return False
    made.info.rom_bar = text == "1"
    return True


def _read_rom_file(made: Any, text: str) -> bool:
    if text:
        made.info.rom_file = text
    else:
        made.info.rom_enabled = False
    return True


class _Address(Plain):
    def take(self, values: Values, made: Any) -> None:
        """Addresses are read by the claims, which know the buses."""

    def put(self, made: Any) -> Iterable[Pair]:
        pairs = address_pairs(made.info.address)
        if made.info.acpi_index and isinstance(made.info.address, PciAddress):
            pairs.append(("acpi-index", made.info.acpi_index))
        return pairs


class _Socket(Plain):
    def take(self, values: Values, made: Any) -> None:
        """Addresses are read by the claims, which know the buses."""

    def put(self, made: Any) -> Iterable[Pair]:
        match made.info.address:
            case VirtioSerialAddress() as place:
                controller = (place.bus_alias or f"virtio-serial{place.controller or 0}.0").rpartition(".")[0]
                return [("bus", f"{controller}.{place.bus or 0}"), ("nr", place.port or 0)]
            case CcidAddress() as place:
                return [("bus", place.bus_alias or f"ccid{place.controller or 0}.0")]
        return address_pairs(made.info.address)


def address_pairs(place: Any) -> list[tuple[str, Value]]:  # noqa: PLR0911 - one answer a type
    """The properties of an address. A PCI bus is named by the alias that its controller has: pci.1 for index 1."""
    match place:
        case PciAddress():
            return _pci(place)
        case UsbAddress():
            bus = place.bus_alias or f"{usb_bus(place.bus or 0)}.0"
            return [("bus", bus), *([("port", place.port)] if place.port else [])]
        case CcwAddress():
            return [("devno", f"{place.cssid:x}.{place.ssid:x}.{place.devno:04x}")]
        case SpaprVioAddress():
            return [("reg", place.reg)] if place.reg else []
        case IsaAddress():
            return [("iobase", place.iobase or 0), *([("irq", place.irq)] if place.irq else [])]
        case DimmAddress():
            return [("slot", place.slot or 0)]
    return []


def _pci(place: PciAddress) -> list[tuple[str, Value]]:
    pairs: list[tuple[str, Value]] = [("bus", place.bus_alias or f"pci.{place.bus or 0}")]
    if place.multifunction is not None:
        pairs.append(("multifunction", place.multifunction))
    slot, function = place.slot or 0, place.function or 0
    pairs.append(("addr", f"{slot:#x}.{function:#x}" if function else f"{slot:#x}"))
    return pairs


def zpci(made: Any) -> Iterable[tuple[str, str]]:
    """``-device zpci,uid=1,fid=0,target=net0`` before a PCI device of an s390 machine."""
    place = made.info.address if hasattr(made, "info") else None
    if isinstance(place, PciAddress) and place.zpci_uid:
        pairs: list[Pair] = [("driver", "zpci"), ("uid", place.zpci_uid), ("fid", place.zpci_fid or 0)]
        yield "-device", json([*pairs, ("target", made.info.alias), ("id", f"zpci{place.zpci_uid}")])


def usb_bus(index: int) -> str:
    """The alias of a USB controller: the first has no number."""
    return f"usb{index}" if index else "usb"
