"""Controllers read back: ``-device pcie-root-port,id=rp1,chassis=1`` is ``<controller type='pci' model='pcie-root-port'/>``.

A controller's index is the number in libvirt's own name for it (``pci.3``), for any other id the next free one. The buses
that it brings are told to the reading, for the devices behind it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Property, decoded, on_off
from qemuxml.common import drivers, globals, iothreads, unsaid  # noqa: A004 - a module is named for its option
from qemuxml.common.origin import by_libvirt
from qemuxml.common.piece import Piece
from qemuxml.common.place import Bus
from qemuxml.common.sizes import Size
from qemuxml.devices.controller.argv import (
    AHCI,
    CCID,
    OTHER_SCSI,
    PCI,
    SCSI_DRIVERS,
    USB,
    USB_DRIVERS,
    VIRTIO_SCSI,
    VIRTIO_SERIAL,
)
from qemuxml.devices.controller.model import Controller
from qemuxml.domain.boards import board_of
from qemuxml.mapping.codecs import KIB, integer, size
from qemuxml.mapping.context import Reading
from qemuxml.mapping.kind import Claim
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.props import Props


def _index(piece: Piece, type_: str, first: int = 0) -> int:
    """The index in libvirt's own name for the controller, else the next one that no controller of the type has.

    A guest without a USB controller of index 0 would get one from libvirt.
    """
    identifier = piece.values.peek("id") or ""
    taken = {item.index for item in _all(piece.reading) if item.type == type_}
    named = re.fullmatch(rf"{re.escape(_PREFIXES.get(type_, type_))}\.?([0-9]{{1,4}})?", identifier)
    number = int(named[1] or 0) if named else None
    gap = type_ == "usb" and number and 0 not in taken and not piece.reading.once(by_libvirt)
    if number is not None and number >= first and number not in taken and not gap:
        return number
    return next(number for number in range(first, len(taken) + first + 1) if number not in taken)


_PREFIXES: Final = {"sata": "sata"}


def _all(reading: Reading) -> list[Controller]:
    return reading.domain.all(Controller)


def _simple(type_: str, table: Props[Controller]) -> Claim:
    """A claim of controllers that are one table and one bus."""

    def claim(option: Option, reading: Reading) -> Claimed | None:
        piece = Piece(option, reading)
        controller = piece.read(table)
        plain = controller.model == "virtio"  # which libvirt leaves unsaid
        controller.type, controller.model = type_, None if plain else controller.model
        controller.index = _index(piece, type_)
        return piece.mapped(controller, Bus(type_, controller.index))

    return claim


def claim_sata(option: Option, reading: Reading) -> Claimed | None:
    """``-device ich9-ahci``, also by its other name; on a Q35 it is the second, after the board's own."""
    piece = Piece(option, reading)
    piece.values.get("driver")
    controller = piece.read(AHCI, Controller(type="sata"))
    controller.index = _index(piece, "sata", first=int(board_of(reading.domain).is_q35))
    return piece.mapped(controller, Bus("sata", controller.index))


def claim_lsi(option: Option, reading: Reading) -> Claimed | None:
    """``-device lsi53c895a``, of which ``lsi`` is the other name."""
    piece = Piece(option, reading)
    piece.values.get("driver")
    controller = Controller(type="scsi", model="lsilogic", index=_index(piece, "scsi"))
    return piece.mapped(controller, Bus("scsi", controller.index or 0))


# ------------------------------------------------------------------ PCI

_PCI_MODELS: Final = {
    "pci-bridge": "pci-bridge", "i82801b11-bridge": "dmi-to-pci-bridge", "pcie-pci-bridge": "pcie-to-pci-bridge",
    "pcie-root-port": "pcie-root-port", "ioh3420": "pcie-root-port", "x3130-upstream": "pcie-switch-upstream-port",
    "xio3130-downstream": "pcie-switch-downstream-port", "pxb": "pci-expander-bus", "pxb-pcie": "pcie-expander-bus",
    "spapr-pci-host-bridge": "pci-root",
}  # fmt: skip


def claim_pci(option: Option, reading: Reading) -> Claimed | None:
    """Bridges, ports, expanders, and the further root buses of a pseries machine."""
    piece = Piece(option, reading)
    name = piece.values.get("driver") or ""
    controller = Controller(type="pci", model=_PCI_MODELS[name], model_name=name)
    piece.read(PCI, controller)
    if name == "spapr-pci-host-bridge" and piece.values.peek("id") is None and controller.target_index is None:
        return None
    controller.index = _index(piece, "pci", first=1)
    if controller.model in _PORTS and not reading.once(by_libvirt):
        controller.port, controller.chassis = controller.port or 0, controller.chassis or 0  # libvirt would count both
    _keep_on_root(piece, controller)
    return piece.mapped(controller, Bus("pci", controller.index))


def _keep_on_root(piece: Piece, controller: Controller) -> None:
    """Libvirt takes a ``pcie-pci-bridge`` behind a port only: the XML has the one that may stand on the root, by its side."""
    reading = piece.reading
    bus = reading.buses.get(piece.values.peek("bus") or "pcie.0")
    if controller.model_name != "pcie-pci-bridge" or bus != Bus("pci") or reading.once(by_libvirt):
        return
    controller.model, controller.model_name = "dmi-to-pci-bridge", "i82801b11-bridge"
    reading.override(controller, [Property("driver", "pcie-pci-bridge", piece.option.span)])
    reading.note(
        "pcie-pci-bridge: libvirt has it behind a port only: the XML says another bridge, QEMU is told the true one",
        piece.option.span,
    )


_PORTS: Final = ("pcie-root-port", "pcie-switch-downstream-port")

# ------------------------------------------------------------------ USB


_COMPANION: Final = "ich9-usb-uhci"


def claim_usb(option: Option, reading: Reading) -> Claimed | None:
    """A USB controller; a companion has no id but the bus that it serves, and shares the index of its owner."""
    piece = Piece(option, reading)
    controller = Controller(type="usb")
    owner = piece.values.get("masterbus")
    if owner is not None:
        bus = reading.buses.get(owner)
        controller.start_port = piece.values.get("firstport", integer) or 0
        piece.read(USB, controller)
        controller.index = bus.index if bus else 0
        return piece.mapped(controller)
    if (piece.values.peek("driver") or "").startswith(_COMPANION):
        return None  # one that serves nobody is no controller for libvirt
    piece.read(USB, controller)
    controller.index = _index(piece, "usb")
    return piece.mapped(controller, Bus("usb", controller.index))


# ------------------------------------------------------------------ SCSI


def claim_virtio_scsi(option: Option, reading: Reading) -> Claimed | None:
    """``-device virtio-scsi-pci,iothread=iothread1,num_queues=4``."""
    piece = Piece(option, reading)
    controller = piece.read(VIRTIO_SCSI)
    controller.type = "scsi"
    if controller.model in (None, "virtio"):
        controller.model = "virtio-scsi"
    controller.iothread = iothreads.read(piece)
    controller.threads = iothreads.read_mapping(piece)
    controller.index = _index(piece, "scsi")
    return piece.mapped(controller, Bus("scsi", controller.index))


# ------------------------------------------------------------------ the board's own


def claim_global(option: Option, reading: Reading) -> Claimed | None:
    """``-global q35-pcihost.pci-hole64-size=1G``, ``-global PIIX4_PM.acpi-root-pci-hotplug=off``: of the PCI root."""
    found = globals.read(option, reading)
    said = _ROOTS.get(found.name) if found else None
    if found is None or said is None:
        return None
    model, is_hole = said
    root = next((item for item in _all(reading) if item.type == "pci" and item.index == 0), None)
    made = root or Controller(type="pci", index=0, model=model)
    if is_hole:
        made.hole = Size(unit="KiB", size=decoded(found.item, size) // KIB)
    else:
        made.hotplug = decoded(found.item, on_off)
    return mapped(option) if root else mapped(option, made)


_ROOTS: Final = {
    "i440FX-pcihost.pci-hole64-size": ("pci-root", True),
    "q35-pcihost.pci-hole64-size": ("pcie-root", True),
    "PIIX4_PM.acpi-root-pci-hotplug": ("pci-root", False),
}


def unsay(controller: Controller, option: Option | None, reading: Reading) -> None:
    """Libvirt numbers the ports that are named by nobody; QEMU leaves them at 0."""
    if controller.model == "pcie-root-port":
        unsaid.unset(controller, ("port", "chassis"), option, reading)


CLAIMS: Final[Mapping[str, Claim]] = {
    "-global": claim_global,
    **{f"-device {name}": claim_pci for name in _PCI_MODELS},
    **{f"-device {name}": claim_usb for name in USB_DRIVERS.values()},
    **{f"-device {name}": claim_virtio_scsi for name in drivers.virtio("virtio-scsi")},
    **{f"-device {name}": _simple("scsi", OTHER_SCSI) for name in SCSI_DRIVERS.values()},
    "-device lsi53c895a": claim_lsi,
    **{f"-device {name}": _simple("virtio-serial", VIRTIO_SERIAL) for name in drivers.virtio("virtio-serial")},
    "-device usb-ccid": _simple("ccid", CCID),
    **{f"-device {name}": claim_sata for name in ("ahci", "ich9-ahci")},
}
"""Which claim reads which driver."""
