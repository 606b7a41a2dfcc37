"""USB devices of another computer: ``<redirdev bus='usb' type='spicevmc'/>`` is ``-device usb-redir``; ``<redirfilter>``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common import chardev, chardevice, chardevread
from qemuxml.common.chardev import Chardev
from qemuxml.common.device import address, bootindex, ident, refer
from qemuxml.common.info import Info
from qemuxml.common.piece import Piece
from qemuxml.domain import Domain
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import YES_NO, Codec, integer
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed
from qemuxml.mapping.props import Pair, Props, const, json
from qemuxml.mapping.xml import attr, children, group
from qemuxml.record import record


@record(kw_only=True)
class Redirdev:
    """A port for a device of a client of the display, or behind a socket."""

    bus: str | None = attr("@bus")
    chardev: Chardev = group(Chardev)
    info: Info = group(Info)


def _version(value: str) -> int | None:
    """1.09 is 0x0109, in binary coded decimals; a single digit behind the point counts tenths; -1 is any."""
    if value == "-1":
        return None
    found = re.fullmatch(r"([0-9]{1,2})(?:\.([0-9]{1,2}))?", value)
    if not found:
        raise ValueError("is not a version MAJOR.MINOR")
    return int(found[1], 16) << 8 | int((found[2] or "0").ljust(2, "0"), 16)


VERSION: Codec[int | None] = Codec(_version, lambda value: "-1" if value is None else f"{value >> 8:x}.{value & 0xFF:02x}")


def _identifier(width: int) -> Codec[int | None]:
    """A number of USB; -1 is any."""

    def decode(value: str) -> int | None:
        number = integer(value)
        if not -1 <= number < 16**width:
            raise ValueError("is no number that USB has for this")
        return None if number == -1 else number

    return Codec(decode, lambda value: "-1" if value is None else f"0x{value:0{width}X}")


@record(kw_only=True)
class FilterRule:
    """One rule: devices of that class, vendor, product and version (any where it says nothing) are allowed or not."""

    device_class: int | None = attr("@class", _identifier(2))
    vendor: int | None = attr("@vendor", _identifier(4))
    product: int | None = attr("@product", _identifier(4))
    version: int | None = attr("@version", VERSION)
    allow: bool | None = attr("@allow", YES_NO)

    def text(self) -> str:
        """``0x08:0x15E1:0x2007:0x0109:1``."""
        numbers = ((self.device_class, 2), (self.vendor, 4), (self.product, 4), (self.version, 4))
        shown = ["-1" if number is None else f"0x{number:0{width}X}" for number, width in numbers]
        return ":".join([*shown, "1" if self.allow else "0"])


@record(kw_only=True)
class Redirfilter:
    """Which devices may be redirected; the first rule that fits counts."""

    rules: list[FilterRule] = children("usbdev", FilterRule)


HEAD = Props(Redirdev, const("driver", "usb-redir"), refer("chardev", "char{}"), ident())
TAIL = Props(Redirdev, bootindex(), address())


def write(device: Redirdev, writing: Writing) -> Iterator[Words]:
    """The host side and the device."""
    yield from chardevice.options(device.chardev, str(device.info.alias), writing, usage="usbredir")
    yield "-device", json([*HEAD.write(device), *_filter(writing.domain), *TAIL.write(device)])


def _filter(domain: Domain) -> Iterator[Pair]:
    rules = [rule.text() for found in domain.all(Redirfilter) for rule in found.rules]
    if rules:
        yield "filter", "|".join(rules)


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device usb-redir,chardev=…``; the filter of the first one is the guest's."""
    piece = Piece(option, reading)
    piece.values.get("driver")
    host = chardevread.follow(piece)
    if host is None:
        return None
    chardevread.generated(host, piece.values.peek("id") or "redir", reading, piece)
    rules = piece.values.get("filter", _rules)
    if rules and not reading.domain.has(Redirfilter):
        reading.domain.devices.append(Redirfilter(rules=rules))
    return piece.mapped(Redirdev(bus="usb", chardev=host))


def _rules(text: str) -> list[FilterRule]:
    return [_rule(item) for item in re.split(r"[|]", text) if item]


def _rule(text: str) -> FilterRule:
    parts = text.split(":")
    if len(parts) != 5 or parts[4] not in ("0", "1"):
        raise ValueError("is not CLASS:VENDOR:PRODUCT:VERSION:ALLOW")
    numbers = [None if part == "-1" else integer(part) for part in parts[:4]]
    return FilterRule(device_class=numbers[0], vendor=numbers[1], product=numbers[2], version=numbers[3], allow=parts[4] == "1")


def fill(device: Redirdev, _: Domain, __: Target) -> None:
    """USB, and the protocol."""
    device.bus = device.bus or "usb"
    chardev.fill(device.chardev)


def check(device: Redirdev, _: Domain, __: Target) -> None:
    """What libvirt refuses of a redirected device."""
    if device.bus != "usb":
        raise UnsupportedError(f"<redirdev bus='{device.bus}'>: only USB devices can be redirected")
    chardevice.check(device.chardev, "<redirdev>")


def check_filter(found: Redirfilter, domain: Domain, _: Target) -> None:
    """A guest has one filter, and every rule says what it is for."""
    if len(domain.all(Redirfilter)) > 1:
        raise DomainXmlError("<redirfilter>: only one set of rules is supported")
    if any((rule.device_class or 0) > 0xFF for rule in found.rules):
        raise DomainXmlError("<redirfilter>: a class of USB is at most 0xff")
    if any(rule.allow is None for rule in found.rules):
        raise DomainXmlError("<redirfilter>: every <usbdev> needs its attribute 'allow'")


KIND = Kind(
    element="redirdev",
    model=Redirdev,
    modern={"-device usb-redir": claim},
    alias="redir",
    write=write,
    fill=fill,
    check=check,
)
FILTER: Kind = Kind(element="redirfilter", model=Redirfilter, check=check_filter)
