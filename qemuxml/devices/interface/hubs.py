"""``-net nic -net user,hostfwd=…`` read for today: cards and host sides of one hub, and ``-redir`` of the releases before 3.1."""

from __future__ import annotations

import re

from qemuxml.cmdline.options import Option
from qemuxml.common.addresses import pci_slot
from qemuxml.common.piece import Piece
from qemuxml.devices.interface import Interface, PortForward, PortRange, apart, mac_address
from qemuxml.devices.interface.argv import is_virtio
from qemuxml.devices.interface.reading import host_side, model_of
from qemuxml.mapping.codecs import integer
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import Claimed, dropped, implied, mapped
from qemuxml.record import field, record


@record
class _Hub:
    """What is plugged together; a side without a word in domain XML is None."""

    number: int
    cards: list[tuple[Piece, Interface | None]] = field(default_factory=list)
    hosts: list[tuple[Piece, Interface | None]] = field(default_factory=list)


def claim_net(option: Option, reading: Reading) -> Claimed | None:
    """``-net`` with the hub that it is plugged into: one card and one host side are an ``<interface>``; more are passed."""
    if option.text == "none":
        return implied(option, "no default network card")
    hub = reading.once(_hubs).get(option) if reading.knows_board else None
    if hub is None or max(len(hub.cards), len(hub.hosts)) > 1:
        return None
    if not hub.cards:
        return dropped(option, "no network card is plugged into it")
    return _claim_side(option, reading, hub)


def _claim_side(option: Option, reading: Reading, hub: _Hub) -> Claimed | None:
    """A host side without a word is passed by itself, as an option that today's QEMU has for it; the card is plugged into it."""
    card_piece, card = hub.cards[0]
    host_piece, host = hub.hosts[0] if hub.hosts else (None, None)
    if card is None:
        return None
    if host_piece is not None and host is not None:
        return _connected(option, (card_piece, card), (host_piece, host))
    if option is not card_piece.option and host_piece is not None:
        return reading.but(option, apart.netdev(host_piece, _identifier(hub)))
    apart.plug(card, _identifier(hub) if host_piece else None, reading, option.span)
    return mapped(option, card)


def _identifier(hub: _Hub) -> str:
    return f"vlan-{hub.number}"


def _connected(option: Option, card_side: tuple[Piece, Interface], host_side: tuple[Piece, Interface]) -> Claimed:
    (card_piece, card), (host_piece, host) = card_side, host_side
    for name in ("mac", "model", "info"):
        setattr(host, name, getattr(card, name))
    if not is_virtio(host):
        host.driver = None
    piece = card_piece if card_piece.option is option else host_piece
    piece.backends.append(host_piece if piece is card_piece else card_piece)
    _redirect(piece, host)
    return piece.claimed(host)


def _hubs(reading: Reading) -> dict[Option, _Hub]:
    """The hub of every ``-net`` option."""
    by_number: dict[int, _Hub] = {}
    found: dict[Option, _Hub] = {}
    for option in reading.ledger.named("-net"):
        if option.text == "none":
            continue
        piece = Piece(option, reading, "type")
        hub = found[option] = by_number.setdefault(number := piece.values.get("vlan", integer) or 0, _Hub(number))
        _plug(piece, hub)
    return found


def _plug(piece: Piece, hub: _Hub) -> None:
    values = piece.values
    for key in ("name", "id"):
        values.get(key)
    is_card = values.peek("type") == "nic"
    side = _card(piece) if is_card else host_side(piece)
    (hub.cards if is_card else hub.hosts).append((piece, side if piece.understood() and not values.unread() else None))


def _card(piece: Piece) -> Interface:
    values = piece.values
    values.get("type")
    card = Interface(mac=values.get("macaddr", mac_address), model=model_of(values.get("model")))
    card.info.address = values.get("addr", pci_slot)
    return card


def claim_redir(option: Option, reading: Reading) -> Claimed | None:
    """``-redir tcp:2222::22`` beside the board's own network card; the first option makes it."""
    usual = reading.knows_board and not reading.ledger.has("-net", "-nic", "-netdev", "-nodefaults")
    if not usual or _redirected(option) is None:
        return None
    piece, card = Piece(option, reading), Interface(type="user")
    _redirect(piece, card)
    return piece.claimed(card)


def _redirect(piece: Piece, host: Interface) -> None:
    """``-redir``, of the releases before 3.1: ports of the host that lead into the guest."""
    redirecting = list(piece.reading.ledger.open_named("-redir")) if host.type == "user" else []
    for option in redirecting:
        forward = _redirected(option)
        if forward is None:
            continue
        host.forwards.append(forward)
        host.backend_type = "passt"
        piece.replaced("ports are handed in by passt, which libvirt starts; passt must be installed")
        if option is not piece.option:
            piece.also(option)


def _redirected(option: Option) -> PortForward | None:
    found = re.fullmatch(r"(?:(tcp|udp):)?([0-9]{1,5}):([0-9.]*):([0-9]{1,5})", option.text)
    if found is None:
        return None
    start, to = int(found[2]), int(found[4])
    return PortForward(proto=found[1] or "tcp", ranges=[PortRange(start=start, to=None if to == start else to)])
