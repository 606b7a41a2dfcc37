"""Smartcards: ``<smartcard mode='host'/>`` is ``-device ccid-card-emulated,backend=nss-emulated`` in a reader ``usb-ccid``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common import chardev, chardevice, chardevread
from qemuxml.common.addresses import CcidAddress
from qemuxml.common.chardev import Chardev
from qemuxml.common.device import ident, refer, socket
from qemuxml.common.info import Info
from qemuxml.common.piece import Piece
from qemuxml.domain import Domain
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed
from qemuxml.mapping.props import Pair, Props, const, json
from qemuxml.mapping.xml import attr, children, group, text
from qemuxml.record import record

DATABASE: Final = "/etc/pki/nssdb"
"""Where certificates are looked up by their names."""
CERTIFICATES: Final = 3
"""What an emulated card is made of."""


@record(kw_only=True)
class Certificate:
    """The name of a certificate in the database."""

    name: str | None = text("")


@record(kw_only=True)
class Smartcard:
    """The host's card, one made of three certificates, or one behind a character device."""

    mode: str | None = attr("@mode")
    chardev: Chardev = group(Chardev)
    certificates: list[Certificate] = children("certificate", Certificate)
    database: str | None = text("database")
    info: Info = group(Info)


HOST = Props(Smartcard, const("driver", "ccid-card-emulated"), const("backend", "nss-emulated"), ident(), socket())
PASSTHROUGH = Props(Smartcard, const("driver", "ccid-card-passthru"), refer("chardev", "char{}"), ident(), socket())
TAIL = Props(Smartcard, ident(), socket())


def write(card: Smartcard, writing: Writing) -> Iterator[Words]:
    """The card, behind its host side if it has one."""
    if card.mode == "host":
        yield "-device", json(HOST.write(card))
    elif card.mode == "host-certificates":
        names: list[Pair] = [(f"cert{number}", item.name or "") for number, item in enumerate(card.certificates, 1)]
        head: list[Pair] = [("driver", "ccid-card-emulated"), ("backend", "certificates")]
        yield "-device", json([*head, *names, ("db", card.database or DATABASE), *TAIL.write(card)])
    else:
        yield from chardevice.options(card.chardev, str(card.info.alias), writing, usage="smartcard")
        yield "-device", json(PASSTHROUGH.write(card))


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device ccid-card-emulated`` and ``ccid-card-passthru``."""
    piece = Piece(option, reading)
    values = piece.values
    if values.get("driver") == "ccid-card-passthru":
        host = chardevread.follow(piece)
        if host is None:
            return None
        chardevread.generated(host, values.peek("id") or "smartcard", reading, piece)
        return piece.mapped(Smartcard(mode="passthrough", chardev=host))
    backend = values.get("backend")
    if backend == "nss-emulated":
        return piece.mapped(Smartcard(mode="host"))
    if backend != "certificates":
        return None
    card = Smartcard(mode="host-certificates")
    names = (values.get(f"cert{number}") for number in range(1, CERTIFICATES + 1))
    card.certificates = [Certificate(name=name) for name in names if name]
    database = values.get("db", reading.path)
    card.database = None if database == DATABASE else database
    return piece.mapped(card)


def fill(card: Smartcard, _: Domain, __: Target) -> None:
    """The protocol."""
    chardev.fill(card.chardev)


def check(card: Smartcard, _: Domain, __: Target) -> None:
    """What libvirt refuses of a card."""
    if card.mode not in ("host", "host-certificates", "passthrough"):
        raise DomainXmlError(f"<smartcard>: unknown mode '{card.mode}'")
    if card.mode == "host-certificates" and len(card.certificates) != CERTIFICATES:
        raise DomainXmlError(f"<smartcard mode='host-certificates'> needs exactly {CERTIFICATES} certificates")
    if card.database is not None and not card.database.startswith("/"):
        raise DomainXmlError(f"<smartcard>: the database '{card.database}' is not an absolute path")
    if card.mode == "passthrough":
        chardevice.check(card.chardev, "<smartcard mode='passthrough'>")
    if card.info.address is not None and not isinstance(card.info.address, CcidAddress):
        raise UnsupportedError("<smartcard>: its address is of type 'ccid'")


KIND = Kind(
    element="smartcard",
    model=Smartcard,
    modern={f"-device {name}": claim for name in ("ccid-card-emulated", "ccid-card-passthru")},
    alias="smartcard",
    write=write,
    fill=fill,
    check=check,
)
