"""USB hubs: ``-device usb-hub,id=hub0,bus=usb.0,port=1`` is ``<hub type='usb'/>``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common.addresses import UsbAddress
from qemuxml.common.device import address, ident
from qemuxml.common.info import Info
from qemuxml.common.piece import Piece
from qemuxml.domain import Domain
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed
from qemuxml.mapping.props import Props, const, json
from qemuxml.mapping.xml import attr, group
from qemuxml.record import record


@record(kw_only=True)
class Hub:
    """A hub of eight ports; domain XML knows USB ones only."""

    type: str | None = attr("@type")
    info: Info = group(Info)


DEVICE = Props(Hub, const("driver", "usb-hub"), ident(), address())


def write(hub: Hub, _: Writing) -> Iterator[Words]:
    """The hub itself."""
    yield "-device", json(DEVICE.write(hub))


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device usb-hub``."""
    piece = Piece(option, reading)
    return piece.mapped(piece.read(DEVICE, Hub(type="usb")))


def fill(hub: Hub, _: Domain, __: Target) -> None:
    """A place that is none on USB is forgotten."""
    if not isinstance(hub.info.address, UsbAddress):
        hub.info.address = None


def check(hub: Hub, _: Domain, __: Target) -> None:
    """QEMU has USB hubs only."""
    if hub.type != "usb":
        raise UnsupportedError(f"<hub type='{hub.type}'>: QEMU has no such hub")


KIND = Kind(element="hub", model=Hub, modern={"-device usb-hub": claim}, alias="hub", write=write, fill=fill, check=check)
