"""``-net nic -net user,hostfwd=…`` read for today: cards and host sides of one hub, and ``-redir`` of the releases before 3.1."""

from __future__ import annotations

import re

from qemuxml.cmdline.options import Option
from qemuxml.common.addresses import pci_slot
from qemuxml.common.piece import Piece
from qemuxml.devices.interface import Interface, PortForward, PortRange, mac_address
from qemuxml.devices.interface.argv import is_virtio
from qemuxml.devices.interface.reading import host_side, model_of
from qemuxml.mapping.codecs import integer
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import Claimed, implied
from qemuxml.record import field, record


@record
class _Hub:
    """What is plugged together; ``known`` is False if one side has no word in domain XML."""

    cards: list[tuple[Piece, Interface]] = field(default_factory=list)
    hosts: list[tuple[Piece, Interface]] = field(default_factory=list)
    known: bool = True


def claim_net(option: Option, reading: Reading) -> Claimed | None:
    """All ``-net`` options of one hub together, when the first is met; a hub that is not one card and one host side is passed."""
    if option.text == "none":
        return implied(option, "no default network card")
    if not reading.knows_board:
        return None
    hub = reading.once(_hubs).get(option)
    if hub is None or not hub.known or len(hub.cards) != len(hub.hosts) or len(hub.cards) > 1:
        return None
    (card_piece, card), (host_piece, host) = hub.cards[0], hub.hosts[0]
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
        hub = found[option] = by_number.setdefault(piece.values.get("vlan", integer) or 0, _Hub())
        _plug(piece, hub)
    return found


def _plug(piece: Piece, hub: _Hub) -> None:
    values = piece.values
    for key in ("name", "id"):
        values.get(key)
    side = _card(piece) if values.peek("type") == "nic" else host_side(piece)
    hub.known &= side is not None and not values.unread()
    if side is not None:
        (hub.cards if values.peek("type") == "nic" else hub.hosts).append((piece, side))


def _card(piece: Piece) -> Interface:
    values = piece.values
    values.get("type")
    card = Interface(mac=values.get("macaddr", mac_address), model=model_of(values.get("model")))
    card.info.address = values.get("addr", pci_slot)
    return card


def _redirect(piece: Piece, host: Interface) -> None:
    """``-redir tcp:2222::22``, of the releases before 3.1: a port of the host that leads into the guest."""
    if host.type != "user":
        return
    for option in list(piece.reading.ledger.open_named("-redir")):
        found = re.fullmatch(r"(?:(tcp|udp):)?([0-9]{1,5}):([0-9.]*):([0-9]{1,5})", option.text)
        if found is None:
            continue
        start, to = int(found[2]), int(found[4])
        ports = PortRange(start=start, to=None if to == start else to)
        host.forwards.append(PortForward(proto=found[1] or "tcp", ranges=[ports]))
        host.backend_type = "passt"
        piece.replaced("ports are handed in by passt, which libvirt starts; passt must be installed")
        piece.also(option)
