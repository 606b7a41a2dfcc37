"""Controllers, the buses that devices sit on: ``<controller type='ide' index='0'>``. On a command line QEMU adds its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common.info import Info
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.codecs import INT, hexadecimal
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, implied, mapped
from qemuxml.mapping.xml import attr, group


@dataclass(kw_only=True)
class Controller:
    """A controller; the pair of type and index is its name. ``<target>`` is what PCI controllers say of themselves."""

    type: str | None = attr("@type")
    index: int | None = attr("@index", INT)
    model: str | None = attr("@model")
    model_name: str | None = attr("model@name")
    chassis_number: int | None = attr("target@chassisNr", INT)
    chassis: int | None = attr("target@chassis", INT)
    port: int | None = attr("target@port", hexadecimal(1))
    target_index: int | None = attr("target@index", INT)
    info: Info = group(Info)


def claim_usb(option: Option, reading: Reading) -> Claimed:
    """``-usb``: the machine's own USB controller, which the targets of old releases take for granted."""
    if not reading.has("says-controllers"):
        return implied(option, "libvirt gives the machine its USB controller anyway")
    present = any(controller.type == "usb" for controller in reading.domain.all(Controller))
    return mapped(option, *(() if present else (Controller(type="usb", index=0),)))


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


KIND = Kind(element="controller", model=Controller, claims={"-usb": claim_usb}, manual=manual)
