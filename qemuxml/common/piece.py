"""The options that together are one device: ``-device virtio-rng-pci,rng=r0`` and the ``-object rng-random,id=r0`` behind it.

A claim makes a piece of its ``-device``, follows the references to the backends, reads tables, and ends it with ``mapped``:
the ids and the place are the same for every kind, and a property that nobody has read goes to ``<qemu:override>``.
"""

from __future__ import annotations

from typing import Any, TypeVar

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Property
from qemuxml.common import boardusb, place
from qemuxml.common.addresses import PciAddress, VirtioMmioAddress
from qemuxml.common.info import is_users
from qemuxml.common.origin import by_libvirt
from qemuxml.common.place import Bus
from qemuxml.mapping.codecs import integer
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import Claimed, Fate
from qemuxml.mapping.props import Props

T = TypeVar("T")


class Piece:
    """One option, later with the options that it refers to."""

    def __init__(self, option: Option, reading: Reading, implied: str | None = "driver") -> None:
        self.option = option
        self.reading = reading
        self.values = reading.values(option, implied)
        self.backends: list[Piece] = []
        self.extra: list[Option] = []
        self.fate = Fate.MAPPED
        self.reason = ""

    def read(self, table: Props[T], into: T | None = None) -> T:
        """An object of the option's properties."""
        return table.read(self.values, into)

    def follow(self, key: str, option: str, implied: str | None = None) -> Piece | None:
        """The open option whose id this one's ``key`` names, now part of this piece: ``follow("rng", "-object", "qom-type")``.

        None if the key is absent, or no open option has that id; then the key stays unread.
        """
        name = self.values.peek(key)
        found = self.reading.referring(option, "id", name) if name is not None else None
        if found is None or any(found is item.option for item in self.all()):
            return None
        self.values.get(key)
        return self.join(found, implied)

    def join(self, option: Option, implied: str | None = None) -> Piece:
        """Another option, now part of this piece."""
        backend = Piece(option, self.reading, implied)
        backend.values.get("id")
        self.backends.append(backend)
        return backend

    def also(self, option: Option) -> None:
        """Count an option that has no properties of its own as part of this piece."""
        self.extra.append(option)

    def guessed(self, reason: str) -> None:
        """Say that a part of what is mapped is an assumption."""
        self.fate, self.reason = Fate.GUESSED, reason

    def replaced(self, reason: str) -> None:
        """Say that the host side is done another way."""
        self.fate, self.reason = Fate.REPLACED, reason

    def all(self) -> list[Piece]:
        """The piece and all that it refers to."""
        return [self, *(item for backend in self.backends for item in backend.all())]

    def options(self) -> tuple[Option, ...]:
        """Every option of the piece."""
        return tuple(option for piece in self.all() for option in (piece.option, *piece.extra))

    def understood(self) -> bool:
        """Whether every property of every backend was read: none of these can be overridden."""
        return not any(item.values.unread() for item in self.all()[1:])

    def mapped(self, device: Any, bus: Bus | None = None) -> Claimed | None:
        """The piece is this device; ``bus`` is the one that it brings.

        Reads the id and, unless the claim did, the place. None if a backend was not understood, or the device's own place.
        """
        identifier = self.values.get("id")
        if not self.understood() or not self._placed(device):
            return None
        if identifier is not None:
            self.reading.name(identifier, device)
            if is_users(identifier):
                device.info.alias = identifier
            if bus is not None:
                self.reading.buses[f"{identifier}.0"] = self.reading.buses[identifier] = bus
        elif bus is not None and bus.type == "usb":
            boardusb.enter(bus, self.reading)
        self.reading.override(device, self._odd())
        return self.claimed(device)

    def claimed(self, *devices: Any) -> Claimed:
        """All options of the piece are these devices; what was said of a part of it is the fate of that part alone."""
        return Claimed(self.options(), Fate.MAPPED, devices, apart=self.fates())

    def fates(self) -> dict[Option, tuple[Fate, str]]:
        """The options of which something was said: that they are replaced, or guessed."""
        told = [item for item in self.all() if item.reason]
        return {option: (item.fate, item.reason) for item in told for option in (item.option, *item.extra)}

    def _placed(self, device: Any) -> bool:
        if self._is_on_board():
            return False
        if device.info.address is None:
            device.info.address = place.read(self.values, self.reading.buses)
        if isinstance(device.info.address, PciAddress):
            self._read_zpci(device.info.address)
        if isinstance(device.info.address, PciAddress) and "acpi-index" in self.values:
            device.info.acpi_index = self.values.get("acpi-index", integer)
        if device.info.rom_file:
            device.info.rom_file = self.reading.shipped(device.info.rom_file) or device.info.rom_file
        index = self.values.get("bootindex", integer)
        if index is not None:
            device.info.boot_order = device.info.boot_order or boot_order(index, self.reading)
        if isinstance(device.info.address, VirtioMmioAddress):
            if self.reading.domain.os.arch in ("x86_64", "i686"):
                return False  # a microvm has such a bus, and libvirt no word for it there
            self._keep_transport(device)
        return not any(item.key in _PLACES for item in self.values.unread())

    def _keep_transport(self, device: Any) -> None:
        """``bus=virtio-mmio-bus.3``: domain XML says that there is a transport, not which."""
        transport = self.values.seek("bus")
        if transport is not None:
            self.values.get("bus")
            self.reading.override(device, [transport])

    def _is_on_board(self) -> bool:
        """Whether it is plugged into the USB of a board that libvirt takes for one without, or into PCI of a powernv machine."""
        if self.option.name == "-device" and (self.reading.domain.os.machine or "").startswith("powernv"):
            return not self.reading.once(by_libvirt)
        if self.reading.knows_board or not (self.values.peek("driver") or "").startswith("usb-"):
            return False
        bus = self.values.peek("bus")
        made = [name for name, item in self.reading.buses.items() if item.type == "usb" and name not in place.BOARD]
        return bus in place.BOARD if bus is not None else not made

    def _read_zpci(self, address: PciAddress) -> None:
        """``-device zpci,uid=1,fid=0,target=net0``: what an s390 machine calls a PCI device."""
        found = self.reading.referring("-device", "target", self.values.peek("id") or "")
        values = self.reading.values(found, "driver") if found else None
        if found is None or values is None or values.peek("driver") != "zpci":
            return
        address.zpci_uid, address.zpci_fid = values.get("uid", integer), values.get("fid", integer)
        for key in ("driver", "id", "target"):
            values.get(key)
        self.also(found)

    def _odd(self) -> list[Property]:
        return [item for item in self.values.unread() if item.key]


_PLACES = frozenset({"bus", "addr", "devno", "driver", "drive", "netdev", "chardev"})
"""Properties without which a device is another one: a piece that has one unread is passed through whole."""


def boot_order(index: int, reading: Reading) -> int | None:
    """The order of a ``bootindex``: QEMU counts from 0, or from -1 for never, libvirt from 1; only their sequence counts."""
    return index + reading.once(_first_order) if index >= 0 else None


def _first_order(reading: Reading) -> int:
    """1 if anything on the line has the ``bootindex`` 0, so that all move up."""
    options = (*reading.ledger.named("-device"), *reading.ledger.named("-global"))
    values = (reading.values(option, "driver") for option in options if "bootindex" in option.text)
    return int(any("bootindex" in item.key and item.text == "0" for found in values for item in found))
