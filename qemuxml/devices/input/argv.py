"""Pointers and keyboards for QEMU of today: ``-device usb-tablet``, ``virtio-keyboard-pci``, ``-object input-linux``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from qemuxml.cmdline.render import Words
from qemuxml.common import drivers
from qemuxml.common.device import address, ident
from qemuxml.common.piece import Piece
from qemuxml.common.virtio import plug, virtio_driver, virtio_options
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import SWITCH
from qemuxml.mapping.kind import Plug
from qemuxml.mapping.props import Props, computed, const, driver, json, key

if TYPE_CHECKING:
    from qemuxml.cmdline.options import Option
    from qemuxml.devices.input import Input
    from qemuxml.domain import Domain
    from qemuxml.mapping.context import Reading, Target, Writing
    from qemuxml.mapping.ledger import Claimed

USB: Props[Any] = Props(
    object, driver("type", {"mouse": "usb-mouse", "tablet": "usb-tablet", "keyboard": "usb-kbd"}), ident(), address()
)
LINUX: Props[Any] = Props(
    object,
    const("qom-type", "input-linux"),
    ident(),
    key("evdev", "device"),
    key("repeat", "repeat", SWITCH),
    computed("grab_all", lambda made: True if made.grab == "all" else None),
    key("grab-toggle", "grab_toggle"),
)
_VIRTIO: Final = {
    name: Props[Any](object, virtio_driver(base), *virtio_options(), ident(), key("evdev", "evdev"), address())
    for name, base in (
        ("mouse", "virtio-mouse"),
        ("tablet", "virtio-tablet"),
        ("keyboard", "virtio-keyboard"),
        ("passthrough", "virtio-input-host"),
    )
}


def write(device: Input, _: Writing) -> Iterator[Words]:
    """The device, or the host's own device; what sits on PS/2 is the board's."""
    if device.type == "evdev":
        yield "-object", json(LINUX.write(device))
    elif device.bus == "usb":
        yield "-device", json(USB.write(device))
    elif device.bus == "virtio":
        yield "-device", json(_VIRTIO[str(device.type)].write(device))


def claim(option: Option, reading: Reading, make: Callable[[], Input]) -> Claimed | None:
    """``-device usb-tablet``, ``-device virtio-keyboard-pci`` and their kin."""
    piece = Piece(option, reading)
    device, name = make(), piece.values.peek("driver") or ""
    base = next((base for base in _BASES if name.startswith(_BASES[base])), None)
    if base is None:
        device.bus = "usb"
        return piece.mapped(piece.read(USB, device))
    device.bus, device.type = "virtio", base
    piece.read(_VIRTIO[base], device)
    return piece.mapped(device)


def claim_linux(option: Option, reading: Reading, make: Callable[[], Input]) -> Claimed | None:
    """``-object input-linux,evdev=/dev/input/event1``: an object that is a device for libvirt."""
    piece = Piece(option, reading, "qom-type")
    device = piece.read(LINUX, make())
    device.type = "evdev"
    device.grab = "all" if piece.values.flag("grab_all") else None
    return piece.mapped(device)


_BASES: Final = {
    "mouse": "virtio-mouse", "tablet": "virtio-tablet", "keyboard": "virtio-keyboard", "passthrough": "virtio-input-host",
}  # fmt: skip
NAMES: Final = ("usb-mouse", "usb-tablet", "usb-kbd", *(name for base in _BASES.values() for name in drivers.virtio(base)))
"""Every driver that is an input device."""


def fill(device: Input, domain: Domain, _: Target) -> None:
    """The bus: PS/2 on a PC, else USB; a device of the host is passed through by virtio."""
    arch = domain.os.arch or ""
    if device.bus is not None or device.type == "evdev":
        return
    if device.type == "passthrough" or arch.startswith("s390"):
        device.bus = "virtio"
    elif device.type in ("mouse", "keyboard") and arch in ("x86_64", "i686"):
        device.bus = "ps2"
    else:
        device.bus = "usb"


def check(device: Input, domain: Domain, _: Target) -> None:
    """What libvirt refuses of an input device."""
    name = f"<input type='{device.type}' bus='{device.bus}'>"
    if device.type not in ("mouse", "tablet", "keyboard", "passthrough", "evdev"):
        raise DomainXmlError(f"{name}: unknown type")
    if device.bus not in (None, "ps2", "usb", "virtio"):
        raise UnsupportedError(f"{name}: QEMU has no input device on that bus")
    if device.bus == "ps2" and device.type not in ("mouse", "keyboard"):
        raise UnsupportedError(f"{name}: PS/2 has no such device")
    if device.bus == "ps2" and domain.os.arch not in ("x86_64", "i686"):
        raise UnsupportedError(f"{name}: only a PC has a PS/2 bus")
    if device.type == "passthrough" and device.bus != "virtio":
        raise DomainXmlError(f"{name}: a device of the host is passed through on bus 'virtio'")
    if device.type == "evdev" and device.bus is not None:
        raise UnsupportedError(f"{name}: it sits on no bus")
    if device.type == "evdev" and not device.device:
        raise DomainXmlError("<input type='evdev'> needs <source dev='…'/>")
    if device.model is not None and device.bus != "virtio":
        raise UnsupportedError(f"{name}: a model is possible on bus 'virtio' alone")
    if device.model not in (None, "virtio"):
        raise UnsupportedError(f"{name}: it has no model '{device.model}': virtio (non-)transitional is not supported")


def pci(device: Input, _: Domain) -> Plug | None:
    """Virtio devices; the old transition sits on conventional PCI."""
    if device.bus != "virtio":
        return None
    return plug(device.model)
