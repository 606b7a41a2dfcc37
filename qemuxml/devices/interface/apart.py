"""Cards whose host side domain XML has no word for: ``-netdev stream,id=n0`` is passed, and the card stands in the XML.

libvirt opens a host side for every ``<interface>``. So the card gets one of user networking that stands idle, and
``<qemu:override>`` plugs it into the one that is passed, or into none. User networking that stands idle is told of and left out.
"""

from __future__ import annotations

from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import escape
from qemuxml.cmdline.values import Property
from qemuxml.common.piece import Piece
from qemuxml.devices.interface import Interface
from qemuxml.errors import Span
from qemuxml.later import pattern
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import Claimed, Fate, dropped

_CARDS_OWN: Final = frozenset({"vlan", "name", "id", "model", "mac", "macaddr", "addr", "type"})
"""Properties of ``-net`` and ``-nic`` that are not the host side's."""
_LIBVIRTS: Final = pattern(r"hostnet[0-9]+")
"""What libvirt calls the host sides that it opens."""
_ID: Final = pattern(rf'((?:^|,)id=|"id"\s*:\s*"){_LIBVIRTS.pattern}(?=[,"]|$)')


ELSEWHERES: Final = {
    **{kind: f"{kind} is of macOS: the guest gets user networking in its place"
       for kind in ("vmnet-shared", "vmnet-host", "vmnet-bridged")},
    "vnic": "vnic is of illumos: the guest gets user networking in its place",
}  # fmt: skip
"""Host sides of systems that libvirt does not run on; user networking is nearest to each."""


def idle() -> Interface:
    """A card with a host side that nothing is plugged into."""
    return Interface(type="user")


def plug(card: Interface, identifier: str | None, reading: Reading, place: Span) -> None:
    """Plug the card into the ``-netdev`` of that id, or into none."""
    if identifier is None:
        reading.unset(card, "netdev")
    else:
        reading.override(card, [Property("netdev", identifier, place)])


def netdev(piece: Piece, identifier: str) -> tuple[str, str]:
    """The host side of a ``-net`` or ``-nic`` as an option of its own."""
    kind = piece.values.peek("type") or "user"
    said = [item for item in piece.values if item.key not in _CARDS_OWN]
    rest = [escape(item.key) if item.bare else f"{escape(item.key)}={escape(item.text)}" for item in said]
    return "-netdev", ",".join((escape(kind), f"id={identifier}", *rest))


def of_card(piece: Piece) -> str | None:
    """The id of the host side that a card names, under which it is passed."""
    found = piece.values.property("netdev")
    return None if found is None else _own(found.text)


def _own(identifier: str) -> str:
    """An id that libvirt does not take for a host side of its own."""
    return f"by-hand-{identifier}" if _LIBVIRTS.fullmatch(identifier) else identifier


def claim_netdev(_: Option, reading: Reading) -> Claimed | None:
    """A card takes its ``-netdev``; of what is left it is decided when all cards are claimed."""
    reading.finish(_settle)
    return None


def _settle(reading: Reading) -> None:
    """Leave idle user networking out, and pass on what libvirt would take for its own by another id."""
    for option in list(reading.ledger.open_named("-netdev")):
        values = reading.values(option, "type")
        identifier = values.peek("id") or ""
        if values.peek("type") in ELSEWHERES:
            reading.led += ["-netdev", f"user,id={escape(identifier)}"]
            reading.ledger.enter(Claimed((option,), Fate.REPLACED, (), ELSEWHERES[values.peek("type") or ""]))
        elif values.peek("type") == "user" and identifier not in reading.once(_plugged):
            reading.ledger.enter(dropped(option, "no network card is plugged into it"))
        elif _LIBVIRTS.fullmatch(identifier):
            text = _ID.sub(rf"\g<1>{_own(identifier)}", option.text)
            reading.ledger.enter(Claimed((option,), Fate.PASSED, (), "libvirt's own host side has its id", ("-netdev", text)))


def _plugged(reading: Reading) -> set[str]:
    """The ids of host sides that cards, filters and hubs name."""
    options = [item for name in ("-device", "-object", "-netdev", "-nic", "-net") for item in reading.ledger.named(name)]
    first = {"-device": "driver", "-object": "qom-type"}
    return {reading.values(item, first.get(item.name, "type")).peek("netdev") or "" for item in options}
