"""Controllers on old command lines: QEMU brought its own, and ``-usb`` asked for the one of the machine."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.devices.controller.model import Controller
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.ledger import Claimed, implied, mapped


def claim_usb(option: Option, reading: Reading) -> Claimed:
    """``-usb``: the machine's own USB controller, which the targets of old releases take for granted."""
    if not reading.has("says-controllers"):
        return implied(option, "libvirt gives the machine its USB controller anyway")
    return mapped(option)


def manual(controller: Controller, _: Writing) -> Iterator[Words]:
    """Nothing: an i440fx machine of QEMU 0.9 brings the controllers that it has."""
    own = {
        "ide": (None, "piix3"),
        "fdc": (None,),
        "usb": (None, "piix3-uhci"),
        "pci": ("pci-root",),
        "scsi": (None, "lsilogic"),
    }
    if controller.model not in own.get(str(controller.type), ()):
        raise UnsupportedError(f"QEMU 0.9 has no {controller.type} controller of model '{controller.model}': <controller>")
    if controller.index and controller.type != "scsi":
        raise UnsupportedError(f"QEMU 0.9 has one {controller.type} controller: <controller index='{controller.index}'>")
    yield from ()
