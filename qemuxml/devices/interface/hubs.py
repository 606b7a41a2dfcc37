"""``-net nic -net user,hostfwd=…`` read for today: cards and host sides of one hub, and ``-redir`` of the releases before 3.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Property
from qemuxml.common.addresses import pci_slot
from qemuxml.common.piece import Piece
from qemuxml.devices.interface import Interface, apart, forwarding, reading, short_mac_address
from qemuxml.devices.interface.front import is_virtio
from qemuxml.devices.interface.reading import NO_CARD, OF_ISA, host_side, model_of
from qemuxml.domain import boards
from qemuxml.domain.boards import board_of
from qemuxml.mapping.codecs import integer
from qemuxml.mapping.context import Reading
from qemuxml.mapping.kind import Claim
from qemuxml.mapping.ledger import REST, Claimed, Fate, dropped, implied, mapped
from qemuxml.record import field, record


@record
class _Hub:
    """What is plugged together; a side without a word in domain XML is None."""

    number: int
    cards: list[tuple[Piece, Interface | None]] = field(default_factory=list)
    hosts: list[tuple[Piece, Interface | None]] = field(default_factory=list)
    redirections: list[Option] = field(default_factory=list)
    """The ``-redir`` that are forwards of its user network."""


def claim_net(option: Option, reading: Reading) -> Claimed | None:
    """``-net`` with the hub that it is plugged into: one card and one host side are an ``<interface>``; more are passed."""
    if option.text == "none":
        return implied(option, "no default network card")
    wired = _claim_wired(option, reading)
    if wired is not None:
        return wired
    if not (reading.knows_board and reading.makes_cards):
        return _respelt(option, reading) if reading.makes_cards else dropped(option, NO_CARD)
    hub = reading.once(_hubs).get(option)
    if hub is None or max(len(hub.cards), len(hub.hosts)) > 1:
        return None
    if not hub.cards:
        _close(hub.redirections, Fate.DROPPED, _UNPLUGGED, reading)
        return dropped(option, _UNPLUGGED)
    return _claim_side(option, reading, hub)


def _claim_wired(option: Option, reading: Reading) -> Claimed | None:
    """``-net nic,netdev=n0,model=lan9118``: a part of an ARM board without PCI, as libvirt starts it."""
    if reading.domain.os.arch not in boards.ARM or board_of(reading.domain).root is not None:
        return None
    piece = Piece(option, reading, "type")
    backend = piece.follow("netdev", "-netdev", "type") if piece.values.peek("type") == "nic" else None
    host = host_side(backend) if backend else None
    if host is None:
        return None
    card = _card(piece)
    piece.values.get("id")
    if not piece.understood() or piece.values.unread():
        return None
    host.mac, host.model, host.driver = card.mac, card.model, None
    return piece.claimed(host)


def _respelt(option: Option, reading: Reading) -> Claimed | None:
    """The user network of a board whose cards are passed, with the forwards of ``-redir``, which today's QEMU has not."""
    redirections = [item for item in reading.ledger.open_named("-redir") if forwarding.of_redirection(item)]
    if not redirections or reading.values(option, "type").peek("type") != "user":
        return None
    forwards = [forward for item in redirections for forward in [forwarding.of_redirection(item)] if forward]
    _close(redirections, Fate.REPLACED, _RESPELT, reading)
    return reading.but(option, ("-net", ",".join((option.text, *(f"hostfwd={forward.rule}" for forward in forwards)))))


def _claim_side(option: Option, reading: Reading, hub: _Hub) -> Claimed | None:
    """A host side without a word is passed by itself, as an option that today's QEMU has for it; the card is plugged into it."""
    card_piece, card = hub.cards[0]
    host_piece, host = hub.hosts[0] if hub.hosts else (None, None)
    if card is None:
        return None
    if host_piece is not None and host is not None:
        for redirection in hub.redirections:
            host_piece.also(redirection)
        return _connected(option, (card_piece, card), (host_piece, host))
    if option is not card_piece.option and host_piece is not None:
        _close(hub.redirections, Fate.REPLACED, _RESPELT, reading)
        return reading.but(option, apart.netdev(host_piece, _identifier(hub)))
    apart.plug(card, _identifier(hub) if host_piece else None, reading, option.span)
    return mapped(option, card)


_UNPLUGGED: Final = "no network card is plugged into it"
_RESPELT: Final = "QEMU 3.1 and later take it as hostfwd= of the network"


def _close(options: list[Option], fate: Fate, reason: str, reading: Reading) -> None:
    """Enter the options, once."""
    for option in options:
        if reading.ledger.is_open(option):
            reading.ledger.enter(Claimed((option,), fate, (), reason))


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
    return piece.claimed(host)


def _hubs(reading: Reading) -> dict[Option, _Hub]:
    """The hub of every ``-net`` option."""
    by_number: dict[int, _Hub] = {}
    found: dict[Option, _Hub] = {}
    redirections = [option for option in reading.ledger.open_named("-redir") if forwarding.of_redirection(option)]
    for option in reading.ledger.named("-net"):
        if option.text == "none":
            continue
        piece = Piece(option, reading, "type")
        hub = found[option] = by_number.setdefault(number := piece.values.get("vlan", integer) or 0, _Hub(number))
        if piece.values.peek("type") == "user" and redirections:
            _redirect(piece, redirections)
            hub.redirections, redirections = redirections, []
        _plug(piece, hub)
    return found


def _plug(piece: Piece, hub: _Hub) -> None:
    values = piece.values
    for key in ("name", "id"):
        values.get(key)
    is_card = values.peek("type") == "nic"
    side = _card(piece) if is_card else host_side(piece)
    is_known = piece.understood() and not values.unread() and values.peek("model") not in OF_ISA
    (hub.cards if is_card else hub.hosts).append((piece, side if is_known else None))


def _card(piece: Piece) -> Interface:
    values = piece.values
    values.get("type")
    card = Interface(type="user", mac=values.get("macaddr", short_mac_address), model=model_of(values.get("model")))
    card.info.address = values.get("addr", pci_slot)
    return card


def _redirect(piece: Piece, redirections: list[Option]) -> None:
    """Give a user network the forwards that ``-redir``, of the releases before 3.1, says beside it."""
    for option in redirections:
        forward = forwarding.of_redirection(option)
        if forward is not None:
            piece.values.add(Property("hostfwd", forward.rule, option.span))


def claim_redir(option: Option, reading: Reading) -> Claimed | None:
    """``-redir tcp:2222::22`` beside the board's own network card; the first option makes it."""
    if not reading.knows_board:
        reading.finish(_forward)
    usual = reading.knows_board and not reading.ledger.has("-net", "-nic", "-netdev", "-nodefaults")
    redirections = [item for item in reading.ledger.open_named("-redir") if forwarding.of_redirection(item)]
    if not usual or option not in redirections:
        return None
    piece, card = Piece(option, reading), Interface(type="user")
    forwards = [forward for item in redirections for forward in [forwarding.of_redirection(item)] if forward]
    if forwarding.apply(forwards, card, piece):
        piece.extra += redirections[1:]
        return piece.claimed(card)
    _close(redirections[1:], Fate.REPLACED, _RESPELT, reading)
    apart.plug(card, _REDIRECTED, reading, option.span)
    words = ("-netdev", ",".join(("user", f"id={_REDIRECTED}", *(f"hostfwd={forward.rule}" for forward in forwards))))
    return Claimed((option,), Fate.PASSED, (card,), REST, words)


def _forward(reading: Reading) -> None:
    """Tell the user network of a board that nobody has looked at, which is passed: today's QEMU takes no ``-redir``."""
    options = [item for name in ("-net", "-nic") for item in reading.ledger.open_named(name)]
    host = next((item for item in options if reading.values(item, "type").peek("type") == "user"), None)
    found = {item: forwarding.of_redirection(item) for item in reading.ledger.open_named("-redir")}
    forwards = [f",hostfwd={forward.rule}" for forward in found.values() if forward]
    if host is None or not forwards:
        return
    words = (host.name, host.text + "".join(forwards))
    reading.ledger.enter(Claimed((host,), Fate.PASSED, (), "with the ports of -redir", words))
    _close([option for option, forward in found.items() if forward], Fate.REPLACED, _RESPELT, reading)


_REDIRECTED: Final = "redirected"


CLAIMS: Final[Mapping[str, Claim]] = {**reading.CLAIMS, "-net": claim_net, "-redir": claim_redir}
"""Which claim reads which option, of the whole room."""
