"""What libvirt 3 to 5 added to a guest: a display with its card, mouse and keyboard, controllers, a console, ``<panic>``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from qemuxml.common.addresses import CcwAddress, DriveAddress, PciAddress, ccw, drive, pci, spapr_vio
from qemuxml.common.info import address_of
from qemuxml.complete.legacy.machines import is_pseries, machine_of
from qemuxml.devices.console import Console
from qemuxml.devices.controller import Controller
from qemuxml.devices.disk import Disk, target_index
from qemuxml.devices.graphics import Graphics
from qemuxml.devices.input import Input
from qemuxml.devices.interface import Interface
from qemuxml.devices.memballoon import Memballoon
from qemuxml.devices.nvram import Nvram
from qemuxml.devices.panic import Panic
from qemuxml.devices.serial import Serial
from qemuxml.devices.video import Video
from qemuxml.domain import Domain, boards
from qemuxml.mapping.context import Target

UNITS_OF = {"scsi": (1, 7), "fdc": (1, 2), "ide": (2, 2), "sata": (1, 6)}
"""Buses of a controller and units of a bus, by the bus of its disks."""

_VIDEO_MEMORY = {
    "cirrus": {"vram": 16384}, "vga": {"vram": 16384}, "vmvga": {"vram": 16384}, "xen": {"vram": 4096},
    "qxl": {"ram": 65536, "vram": 65536, "vgamem": 16384}, "virtio": {},
}  # fmt: skip
"""Memory in KiB that libvirt gave a card of that model."""


def balloon(domain: Domain, _: Target) -> None:
    """A command line without a balloon says that there is none; libvirt would add one."""
    if not domain.has(Memballoon):
        domain.devices.append(Memballoon(model="none"))


def video(domain: Domain, _: Target) -> None:
    """A display has a card (cirrus, if none was named); without a display there is none."""
    named = domain.all(Video)
    domain.devices = [device for device in domain.devices if not isinstance(device, Video)]
    if not domain.has(Graphics):
        return
    for card in [card for card in named if card.type != "none"] or [Video(type="cirrus")]:
        for name, size in _VIDEO_MEMORY.get(card.type or "", {}).items():
            setattr(card, name, size)
        card.heads, card.primary = 1, True
        domain.devices.append(card)


def inputs(domain: Domain, _: Target) -> None:
    """A PC's PS/2 mouse and keyboard; on pseries USB ones, if there is a display."""
    bus = machine_of(domain).input_bus
    if bus == "ps2" and domain.os.arch in boards.X86:
        kinds = ["mouse", "keyboard"]
    elif bus and domain.has(Graphics):
        kinds = ["keyboard", "mouse"]
    else:
        return
    present = {(device.type, device.bus) for device in domain.all(Input)}
    domain.devices += [Input(type=kind, bus=bus) for kind in kinds if (kind, bus) not in present]


def panic(domain: Domain, _: Target) -> None:
    """The panic notifier that the platform has anyway."""
    model = machine_of(domain).panic
    if model and not domain.has(Panic):
        domain.devices.append(Panic(model=model))


def console(domain: Domain, _: Target) -> None:
    """The first serial port is the console too."""
    first = next((port for port in domain.all(Serial) if port.port == 0), None)
    if first and not domain.has(Console):
        domain.devices.append(Console(chardev=first.chardev, target_type="serial", port=0))


def drive_addresses(domain: Domain, _: Target) -> None:
    """A disk's place on its controller follows from its target's name."""
    for disk in domain.all(Disk):
        index = target_index(disk.target or "")
        if disk.bus in UNITS_OF and disk.info.address is None and index is not None:
            buses, units = UNITS_OF[disk.bus]
            controller, rest = divmod(index, buses * units)
            disk.info.address = drive(controller, *divmod(rest, units))


def controllers(domain: Domain, _: Target) -> None:
    """USB, SATA of the board, the PCI root, and one controller for each that a disk names."""
    present = {(controller.type, controller.index) for controller in domain.all(Controller)}
    wanted = [*_board_controllers(domain), *_disk_controllers(domain)]
    for controller in wanted:
        if (controller.type, controller.index) not in present:
            present.add((controller.type, controller.index))
            domain.devices.append(controller)


def _board_controllers(domain: Domain) -> Iterator[Controller]:
    machine = machine_of(domain)
    if machine.usb:
        yield Controller(type="usb", index=0, model=machine.usb_model)
    if machine.sata_address:
        yield Controller(type="sata", index=0)
    if machine.pci_root and is_pseries(domain):
        yield Controller(type="pci", index=0, model=machine.pci_root, model_name="spapr-pci-host-bridge", target_index=0)
    elif machine.pci_root:
        yield Controller(type="pci", index=0, model=machine.pci_root)


def _disk_controllers(domain: Domain) -> Iterator[Controller]:
    for bus in UNITS_OF:
        addresses = [disk.info.address for disk in domain.all(Disk) if disk.bus == bus]
        last = max((place.controller or 0 for place in addresses if isinstance(place, DriveAddress)), default=-1)
        for index in range(last + 1):
            yield Controller(type=bus, index=index)


def board_addresses(domain: Domain, _: Target) -> None:
    """What the board itself carries sits where the board has it."""
    machine = machine_of(domain)
    fixed = {("usb", 0): machine.usb_address, ("ide", 0): machine.ide_address, ("sata", 0): machine.sata_address}
    for controller in domain.all(Controller):
        place = fixed.get((controller.type or "", controller.index or 0))
        if place and controller.info.address is None:
            controller.info.address = pci(*place)
    first = next(iter(domain.all(Video)), None)
    if first and machine.video_slot and first.info.address is None and machine.video_slot not in _slots(domain):
        first.info.address = pci(machine.video_slot)


def _slots(domain: Domain) -> set[int | None]:
    """The PCI slots that devices name."""
    addresses = (address_of(device) for device in domain.devices)
    return {address.slot for address in addresses if isinstance(address, PciAddress)}


def controller_order(domain: Domain, _: Target) -> None:
    """A controller stands behind the last of its type: libvirt prints the bridges that it added with the PCI root."""
    types = list(dict.fromkeys(controller.type for controller in domain.all(Controller)))
    rank = {kind: number for number, kind in enumerate(types)}
    ordered = sorted(domain.all(Controller), key=lambda controller: rank[controller.type])
    domain.devices = [device for device in domain.devices if not isinstance(device, Controller)] + ordered


VIO_NET, VIO_SCSI, VIO_NVRAM, VIO_SERIAL, VIO_STEP = 0x1000, 0x2000, 0x3000, 0x30000000, 0x1000
"""The registers where libvirt begins on a pseries machine's virtual I/O bus."""


def spapr_addresses(domain: Domain, _: Target) -> None:
    """Registers on the virtual I/O bus of a pseries machine, each kind counting from a base of its own."""
    if not is_pseries(domain):
        return
    scsi = [controller for controller in domain.all(Controller) if controller.type == "scsi"]
    nics = [card for card in domain.all(Interface) if card.model == "spapr-vlan"]
    kinds: tuple[tuple[Sequence[Any], int], ...] = (
        (nics, VIO_NET),
        (scsi, VIO_SCSI),
        (domain.all(Nvram), VIO_NVRAM),
        (domain.all(Serial), VIO_SERIAL),
    )
    for devices, base in kinds:
        for number, device in enumerate(devices):
            if device.info.address is None:
                device.info.address = spapr_vio(base + number * VIO_STEP)


def ccw_addresses(domain: Domain, _: Target) -> None:
    """The channel subsystem's devices of an s390x guest: everything that is virtio, numbered from 0."""
    if domain.os.arch != "s390x":
        return
    cards = [card for card in domain.all(Interface) if card.model == "virtio"]
    balloons = [balloon for balloon in domain.all(Memballoon) if balloon.model == "virtio"]
    disks = [disk for disk in domain.all(Disk) if disk.bus == "virtio"]
    wanted: list[Any] = [*disks, *cards, *balloons]
    taken = {place.devno for place in (device.info.address for device in wanted) if isinstance(place, CcwAddress)}
    free = iter(number for number in range(1 << 16) if number not in taken)
    for device in wanted:
        if device.info.address is None:
            device.info.address = ccw(next(free))


def console_address(domain: Domain, _: Target) -> None:
    """The console that is the first serial port has its address too."""
    first = next((port for port in domain.all(Serial) if port.port == 0), None)
    for item in domain.all(Console):
        if first and item.target_type == "serial" and item.port == 0 and item.info.address is None:
            item.info.address = first.info.address
