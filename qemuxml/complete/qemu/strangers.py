"""Devices that are passed through: ``-device edu`` takes a PCI slot too, and keeps it by an ``addr=`` of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import escape
from qemuxml.cmdline.values import Values
from qemuxml.common.addresses import PciAddress, pci_slot
from qemuxml.common.info import Info
from qemuxml.common.origin import by_libvirt
from qemuxml.devices.disk.places import Places
from qemuxml.domain import override
from qemuxml.domain.boards import board_of
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import Fate
from qemuxml.profiles.pcidevices import PCI_DEVICES
from qemuxml.record import field, record, replace


@record
class Stranger:
    """One passed device, while places are given; ``is_placed`` if the line says its slot."""

    option: Option
    is_placed: bool = False
    is_card: bool = False
    mac: str | None = None
    info: Info = field(default_factory=Info)


def found(reading: Reading) -> Iterator[Stranger]:
    """The passed PCI devices, those that left their place to QEMU and those that did not."""
    for entry in reading.ledger.entries():
        option = entry.option
        if entry.fate is not Fate.PASSED or entry.kept or option.value is None:
            continue
        if _is_old_card(option, reading):
            values = reading.values(option, "type")
            if "addr" not in values:
                yield Stranger(option, is_card=True, mac=values.peek("macaddr") or values.peek("mac"))
        elif option.name == "-drive" and _is_on_bus(option, reading):
            yield Stranger(option)
        elif option.name == "-device" and board_of(reading.domain).root is not None:
            values = reading.values(option, "driver")
            bus = reading.buses.get(values.peek("bus") or _root(reading))
            if values.peek("driver") in PCI_DEVICES | _BRINGING and bus is not None and bus.type == "pci":
                yield _stranger(option, values, bus.index)


def has_bus(option: Option, reading: Reading) -> bool:
    """Whether libvirt finds the bus of a PCI or USB device: on ``sbsa-ref``, ``microvm`` and other boards it knows of none."""
    if option.name != "-device" or option.value is None or board_of(reading.domain).root is not None:
        return True
    driver = reading.values(option, "driver").peek("driver") or ""
    return not (driver in PCI_DEVICES or driver.startswith("usb-")) or reading.once(by_libvirt)


def _stranger(option: Option, values: Values, bus: int) -> Stranger:
    """The device, with its bus if that is not the root."""
    is_card = (values.peek("driver") or "").startswith(_CARDS)
    made = Stranger(option, is_placed="addr" in values, is_card=is_card, mac=values.peek("mac"))
    if made.is_placed:
        made.info.address = replace(_place(values.peek("addr") or ""), bus=bus)
    elif bus:
        made.info.address = PciAddress(type="pci", domain=0, bus=bus, function=0)
    return made


def _place(text: str) -> PciAddress:
    """The slot of a device that is passed; QEMU judges what is none."""
    try:
        return pci_slot(text)
    except ValueError:
        return PciAddress(type="pci", domain=0, function=0)


_CARDS = ("e1000", "igb", "rtl8139", "ne2k_pci", "pcnet", "vmxnet3", "tulip", "i825", "i828", "sungem", "rocker", "virtio-net")
"""Beginnings of the names of network cards: QEMU counts these where it gives out addresses."""


def _is_old_card(option: Option, reading: Reading) -> bool:
    """Whether ``-net nic`` or ``-nic`` puts a card of its own on the board's bus."""
    if option.name not in ("-net", "-nic") or board_of(reading.domain).root is None or not reading.knows_board:
        return False
    values = reading.values(option, "type")
    kind = values.peek("type")
    if values.peek("model") == "ne2k_isa":
        return False
    return kind == "nic" if option.name == "-net" else kind != "none"


def _is_on_bus(option: Option, reading: Reading) -> bool:
    """Whether ``-drive if=virtio`` is a disk on the board's bus by itself."""
    bus, _ = reading.once(Places).numbers.get(option, ("", 0))
    board = board_of(reading.domain)
    return bus == "virtio" and board.root is not None and not board.is_ccw and reading.knows_board


def keep_places(reading: Reading, strangers: Sequence[Stranger]) -> None:
    """Write their places into the options that are kept."""
    for stranger in strangers:
        place: Any = stranger.info.address
        if (values := _bringing(stranger, reading)) is not None:
            reading.ledger.respell(stranger.option, ("-device", override.in_json(values)))
        elif stranger.option.name == "-drive" and isinstance(place, PciAddress):
            _keep_disk(stranger.option, place.slot or 0, reading)
        elif isinstance(place, PciAddress) and stranger.option.value is not None and not stranger.is_placed:
            name, words = stranger.option.value.text, [word.text for word in stranger.option.words[:-1]]
            reading.ledger.respell(stranger.option, (*words, _placed(name, _said(reading, stranger, place.slot))))


_BRINGING: Final = frozenset({"amd-iommu"})
"""Devices that bring another one, in a slot that they cannot name: in JSON they are made last, when only that slot is left."""


def _bringing(stranger: Stranger, reading: Reading) -> Values | None:
    """The properties of such a device; None of another."""
    values = reading.values(stranger.option, "driver") if stranger.option.name == "-device" else None
    return values if values is not None and values.peek("driver") in _BRINGING else None


def _keep_disk(option: Option, slot: int, reading: Reading) -> None:
    """A ``-drive`` of today says no place: a ``-device`` of its own does."""
    values, number = reading.values(option), reading.once(Places).numbers[option][1]
    name = values.peek("id") or f"virtio{number}"
    rest = [f"{item.key}={escape(item.text)}" for item in values if item.key not in _OF_BUS]
    reading.ledger.respell(option, ("-drive", ",".join(("if=none", f"id={escape(name)}", *rest))))
    place = values.peek("addr") or f"{slot:#x}"
    reading.added += ["-device", f"virtio-blk-pci,drive={escape(name)},bus={_root(reading)},addr={place}"]


_OF_BUS: Final = ("if", "index", "bus", "unit", "id", "addr")
"""What says of a ``-drive`` where it is plugged in."""


def _root(reading: Reading) -> str:
    return "pcie.0" if board_of(reading.domain).root == "pcie-root" else "pci.0"


def _said(reading: Reading, stranger: Stranger, slot: int | None) -> dict[str, str]:
    device = stranger.option.name == "-device"
    said = {"bus": _root(reading)} if device and "bus" not in reading.values(stranger.option, "driver") else {}
    said["addr"] = f"{slot or 0:#x}"
    unsaid = stranger.is_card and not {"mac", "macaddr"} & set(reading.values(stranger.option, "type").keys)
    return said | ({"mac" if device else "macaddr": stranger.mac} if unsaid and stranger.mac else {})


def _placed(text: str, said: dict[str, str]) -> str:
    if text.startswith("{"):
        return text.rstrip()[:-1] + "".join(f',"{key}":"{value}"' for key, value in said.items()) + "}"
    return text + "".join(f",{key}={value}" for key, value in said.items())
