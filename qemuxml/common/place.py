"""Where ``-device`` puts a device: ``bus=pci.0,addr=0x3`` is ``<address type='pci' slot='0x03'/>``, ``port=1`` one of USB."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from qemuxml.cmdline.values import Property, Values, decoded
from qemuxml.common.addresses import (
    LAST_SLOT,
    USB_PORT,
    CcidAddress,
    CcwAddress,
    IsaAddress,
    PciAddress,
    SpaprVioAddress,
    UsbAddress,
    VirtioMmioAddress,
    VirtioSerialAddress,
    pci_slot,
)
from qemuxml.mapping.codecs import integer
from qemuxml.record import record


@record(frozen=True)
class Bus:
    """A bus by the controller that it belongs to: ``type`` and ``index`` are those of ``<controller>``.

    ``number`` counts the buses of one controller (``ide.1`` is the board's second).
    """

    type: str
    index: int = 0
    number: int = 0


BOARD: Final[Mapping[str, Bus]] = {
    "pci": Bus("pci"), "pci.0": Bus("pci"), "pcie.0": Bus("pci"), "ide.0": Bus("ide"), "ide.1": Bus("ide", 0, 1),
    "usb-bus.0": Bus("usb"), "isa.0": Bus("isa"), "spapr-vio": Bus("spapr-vio"), "virtual-css-bus": Bus("ccw"),
    "floppy-bus.0": Bus("fdc"),
}  # fmt: skip
"""Buses that a board brings; the claims of controllers add theirs."""


def read(values: Values, buses: Mapping[str, Bus]) -> Any:
    """The address that the properties name, None where they name none or a bus that nobody knows.

    Raises CommandLineError at a number that is no address.
    """
    driver, name = values.peek("driver") or "", values.peek("bus")
    if driver.startswith(("virtio-", "vhost-")) and driver.endswith("-device"):
        return VirtioMmioAddress(type="virtio-mmio")
    bus = buses.get(name) if name is not None else _implied(values, buses)
    take = _TAKERS.get(bus.type) if bus else None
    if bus is None or take is None:
        return None
    found = take(values, bus)
    if found is not None:
        values.get("bus")
    return found


def _implied(values: Values, buses: Mapping[str, Bus]) -> Bus | None:
    """The bus where none is named: of several USB controllers the last that was made, else the first that has such numbers."""
    if (values.peek("driver") or "").startswith("usb-"):
        last = [bus for bus in buses.values() if bus.type == "usb"][-1:]
        return last[0] if last and (last[0].index or "port" in values) else None
    return next((bus for key, bus in _BY_NUMBER.items() if key in values), None)


_BY_NUMBER: Final[Mapping[str, Bus]] = {
    "addr": Bus("pci"), "port": Bus("usb"), "nr": Bus("virtio-serial"), "devno": Bus("ccw"), "reg": Bus("spapr-vio"),
    "iobase": Bus("isa"), "irq": Bus("isa"), "multifunction": Bus("pci"),
}  # fmt: skip


def _pci(values: Values, bus: Bus) -> PciAddress:
    found = values.property("addr")
    slot, function = _slot(found) if found else (None, 0)
    multifunction = values.flag("multifunction")
    return PciAddress(type="pci", domain=0, bus=bus.index, slot=slot, function=function, multifunction=multifunction)


def _slot(item: Property) -> tuple[int, int]:
    """``3``, ``0x3.1``: hexadecimal without any prefix; a JSON number counts functions, eight a slot."""
    if isinstance(item.raw, int) and not isinstance(item.raw, bool):
        if not 0 <= item.raw <= LAST_SLOT * 8 + 7:
            raise item.refuse(f"{item.key}: '{item.text}' is not a PCI address")
        return divmod(item.raw, 8)
    found = decoded(item, pci_slot)
    return found.slot or 0, found.function or 0


def _usb(values: Values, bus: Bus) -> UsbAddress:
    return UsbAddress(type="usb", bus=bus.index, port=values.get("port", USB_PORT.decode))


def _virtio_serial(values: Values, bus: Bus) -> VirtioSerialAddress:
    return VirtioSerialAddress(type="virtio-serial", controller=bus.index, bus=0, port=values.get("nr", integer))


def _ccid(values: Values, bus: Bus) -> CcidAddress:
    return CcidAddress(type="ccid", controller=bus.index, slot=values.get("slot", integer) or 0)


def _ccw(values: Values, _: Bus) -> CcwAddress | None:
    found = values.get("devno", _devno)
    return CcwAddress(type="ccw", cssid=found[0], ssid=found[1], devno=found[2]) if found else None


def _devno(text: str) -> tuple[int, int, int]:
    found = re.fullmatch(r"([0-9a-fA-F]{1,2})\.([0-3])\.([0-9a-fA-F]{1,4})", text)
    if not found:
        raise ValueError("is not a device number such as fe.0.0001")
    return int(found[1], 16), int(found[2], 16), int(found[3], 16)


def _spapr(values: Values, _: Bus) -> SpaprVioAddress | None:
    reg = values.get("reg", integer)
    return None if reg is None else SpaprVioAddress(type="spapr-vio", reg=reg)


def _isa(values: Values, _: Bus) -> IsaAddress | None:
    iobase, irq = values.get("iobase", integer), values.get("irq", integer)
    return None if iobase is None and irq is None else IsaAddress(type="isa", iobase=iobase, irq=irq)


_TAKERS: Final[Mapping[str, Callable[[Values, Bus], Any]]] = {
    "pci": _pci, "usb": _usb, "virtio-serial": _virtio_serial, "ccid": _ccid, "ccw": _ccw, "spapr-vio": _spapr, "isa": _isa,
}  # fmt: skip
