"""Pointers and keyboards: ``-usbdevice tablet`` is ``<input type='tablet' bus='usb'/>``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common.info import Info
from qemuxml.common.virtio import Virtio
from qemuxml.devices.input import argv
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.codecs import ON_OFF, one_of
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import attr, group
from qemuxml.record import record

TOGGLE = one_of("ctrl-ctrl", "alt-alt", "shift-shift", "meta-meta", "scrolllock", "ctrl-scrolllock")
"""The keys that take an evdev device from the host to the guest and back."""


@record(kw_only=True)
class Input:
    """An input device; ``evdev`` and ``device`` are devices of the host, passed through by virtio or watched by QEMU."""

    type: str | None = attr("@type")
    bus: str | None = attr("@bus")
    model: str | None = attr("@model")
    virtio: Virtio = group(Virtio)
    evdev: str | None = attr("source@evdev")
    device: str | None = attr("source@dev")
    grab: str | None = attr("source@grab", one_of("all"))
    grab_toggle: str | None = attr("source@grabToggle", TOGGLE)
    repeat: bool | None = attr("source@repeat", ON_OFF)
    info: Info = group(Info)


_USB = {"tablet": "tablet", "mouse": "mouse", "keyboard": "keyboard"}


def claim_usbdevice(option: Option, reading: Reading) -> Claimed | None:
    """``-usbdevice tablet|mouse|keyboard``, on a board whose USB libvirt knows."""
    if not reading.knows_board:
        return None
    return mapped(option, Input(type=_USB[option.text], bus="usb")) if option.text in _USB else None


def manual(device: Input, _: Writing) -> Iterator[Words]:
    """``-usbdevice tablet``; the PS/2 mouse and keyboard are always there."""
    if device.bus in ("ps2", None) and device.type in ("mouse", "keyboard"):
        return
    if device.bus not in ("usb", None) or device.type not in ("tablet", "mouse"):
        raise UnsupportedError(f"QEMU 0.9 has no {device.type} on bus '{device.bus}'")
    yield "-usbdevice", str(device.type)


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device usb-kbd``, ``-device virtio-tablet-pci`` and the others."""
    return argv.claim(option, reading, Input)


def claim_linux(option: Option, reading: Reading) -> Claimed | None:
    """``-object input-linux``."""
    return argv.claim_linux(option, reading, Input)


KIND = Kind(
    element="input",
    model=Input,
    claims={"-usbdevice": claim_usbdevice},
    modern={"-object input-linux": claim_linux, **{f"-device {name}": claim for name in argv.NAMES}},
    manual=manual,
    alias="input",
    write=argv.write,
    fill=argv.fill,
    check=argv.check,
    pci=argv.pci,
)
