"""What libvirt adds when it reads a guest: the root bus, a USB controller, the balloon, PS/2 inputs, watchdog, panic notifier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final

from qemuxml import layout
from qemuxml.devices.controller import Controller
from qemuxml.devices.disk import Disk, target_index
from qemuxml.devices.graphics import Graphics
from qemuxml.devices.input import Input
from qemuxml.devices.memballoon import Memballoon
from qemuxml.devices.video import Video
from qemuxml.domain import Domain
from qemuxml.domain.boards import Board, board_of
from qemuxml.errors import ConversionError
from qemuxml.mapping.codecs import KIB
from qemuxml.mapping.context import Target

ICH9_USB: Final[Mapping[str, int | None]] = {"ich9-ehci1": None, "ich9-uhci1": 0, "ich9-uhci2": 2, "ich9-uhci3": 4}
"""The USB controllers of ICH9, and the first of the two ports of each that is a companion of the fast one."""


def devices(domain: Domain, _: Target) -> None:
    """All that the board and libvirt bring."""
    board = board_of(domain)
    _indexes(domain)
    _companions(domain)
    _holes(domain)
    _scsi_of_host(domain)
    _usb(domain, board)
    _storage_of_board(domain, board)
    _root(domain, board)
    _inputs(domain, board)
    _watchdog(domain, board)
    if board.balloon and not domain.has(Memballoon):
        domain.devices.append(Memballoon(model="virtio"))
    _panic(domain, board)


def _indexes(domain: Domain) -> None:
    """Number the controllers that have no index; one of ICH9's USB controllers joins the set before it that lacks it."""
    taken = {(item.type, item.index) for item in domain.all(Controller) if item.index is not None}
    latest: Controller | None = None
    for item in domain.all(Controller):
        if item.index is None and latest is not None and _joins(item, latest, domain):
            item.index = latest.index
        elif item.index is None:
            item.index = next(number for number in count() if (item.type, number) not in taken)
            taken.add((item.type, item.index))
        if item.type == "usb":
            latest = item


def _joins(item: Controller, latest: Controller, domain: Domain) -> bool:
    both = item.type == "usb" and item.model in ICH9_USB and latest.model in ICH9_USB
    return both and not any(
        (one.type, one.index, one.model) == ("usb", latest.index, item.model) for one in domain.all(Controller)
    )


def _holes(domain: Domain) -> None:
    """``<pcihole64>`` in KiB, whatever unit it was said in."""
    for item in domain.all(Controller):
        if item.hole is not None and item.hole.size is not None:
            item.hole.size, item.hole.unit = -(-item.hole.in_bytes() // KIB), "KiB"


def _companions(domain: Domain) -> None:
    """ICH9's companions share six ports: two each."""
    for item in domain.all(Controller):
        if item.type == "usb" and item.start_port is None:
            item.start_port = ICH9_USB.get(item.model or "")


def _scsi_of_host(domain: Domain) -> None:
    """The controllers of the host's SCSI devices come before the board's own; those that disks alone imply come behind."""
    units = [device for device in layout.of("hostdev", domain.devices) if device.type == "scsi"]
    last = max((getattr(device.info.address, "controller", None) or 0 for device in units), default=-1)
    present = {item.index for item in _controllers(domain, "scsi")}
    domain.devices += [Controller(type="scsi", index=index) for index in range(last + 1) if index not in present]


def in_libvirts_order(domain: Domain, _: Target) -> None:
    """Disks of a bus stand in the order of their targets' names, controllers of a type in that of their indexes."""
    _sort(domain, Disk, lambda disk: disk.stated_bus, lambda disk: (target_index(disk.target or "") or 0,))
    _sort(domain, Video, lambda _: None, lambda card: (not card.primary,))
    _sort(domain, Controller, lambda item: item.type, lambda item: (item.index or 0, item.start_port is not None))


def _sort(domain: Domain, model: type[Any], group: Callable[[Any], Any], key: Callable[[Any], Any]) -> None:
    ordered: list[Any] = []
    for item in domain.all(model):
        at = len(ordered)
        for place in range(len(ordered) - 1, -1, -1):
            if group(ordered[place]) == group(item):
                if key(ordered[place]) <= key(item):
                    at = place + 1 if at == len(ordered) else at
                    break
                at = place
        ordered.insert(at, item)
    fresh = iter(ordered)
    domain.devices = [next(fresh) if isinstance(device, model) else device for device in domain.devices]


def _controllers(domain: Domain, kind: str) -> list[Controller]:
    return [item for item in domain.all(Controller) if item.type == kind]


def _usb(domain: Domain, board: Board) -> None:
    found = _controllers(domain, "usb")
    for item in found:
        if item.model is None:
            item.model = "none" if board.is_ccw else board.usb_model()
    default = board.default_usb()
    if default and not any(not item.index or item.model == "none" for item in found):
        domain.devices.append(Controller(type="usb", index=0, model=default))
    for item in _controllers(domain, "scsi"):
        if item.model in (None, "auto"):
            item.model = board.scsi_model()


def _storage_of_board(domain: Domain, board: Board) -> None:
    if board.is_q35 and not any(item.index == 0 for item in _controllers(domain, "sata")):
        domain.devices.append(Controller(type="sata", index=0))


def _root(domain: Domain, board: Board) -> None:
    model = board.root
    if model and not any(item.index == 0 for item in _controllers(domain, "pci")):
        domain.devices.append(Controller(type="pci", index=0, model=model))


def _inputs(domain: Domain, board: Board) -> None:
    kinds: tuple[str, ...] = ()
    bus = "usb"
    stated = {(device.type, device.bus) for device in domain.all(Input)}
    if board.has_ps2 and getattr(domain.features, "ps2", None) is not False:
        kinds, bus = ("mouse", "keyboard"), "ps2"
    elif board.arch in ("ppc64", "ppc64le") and domain.has(Graphics):
        kinds = ("keyboard", "mouse")
    for device in domain.all(Input):
        if device.bus is None and board.is_x86 and device.type in ("mouse", "keyboard"):
            device.bus = "ps2"
        elif device.bus is None and device.type in ("mouse", "keyboard", "tablet"):
            device.bus = "virtio" if board.is_ccw else "usb"
    present = {(device.type, device.bus) for device in domain.all(Input)}
    if bus == "usb":
        # What says no bus gets USB too late to be counted.
        present = stated | ({("mouse", "usb")} if ("tablet", "usb") in stated else set())
    domain.devices += [Input(type=kind, bus=bus) for kind in kinds if (kind, bus) not in present]


def _watchdog(domain: Domain, board: Board) -> None:
    watchdogs = layout.of("watchdog", domain.devices)
    if board.is_q35 and not any(item.model == "itco" for item in watchdogs):
        domain.devices.append(layout.ELEMENTS["watchdog"](model="itco"))


def _panic(domain: Domain, board: Board) -> None:
    model = board.notifier
    if model and not any(item.model in (None, model) for item in layout.of("panic", domain.devices)):
        domain.devices.append(layout.ELEMENTS["panic"](model=model))


def fill(domain: Domain, target: Target) -> None:
    """Every device's own defaults, by its kind's ``fill``."""
    for device in list(domain.devices):
        filler: Callable[..., None] | None = layout.kind_of(device).fill
        if filler is not None:
            try:
                filler(device, domain, target)
            except ConversionError as error:
                raise error.of(device) from None
