"""Network cards in QEMU's old spelling: ``-net nic,vlan=0,model=rtl8139 -net tap,vlan=0,ifname=tap0``.

QEMU's old ``-net`` options build hubs ("vlans"): a card and a host side with the same number belong together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import Property, Values, parse
from qemuxml.common.addresses import pci_slot
from qemuxml.common.refusals import refuse
from qemuxml.devices.interface import Interface, mac_address
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import BYTES, INT
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.ledger import Claimed, Fate, implied
from qemuxml.mapping.props import Props, key, key_values
from qemuxml.record import field, record


@record
class _Vlan:
    """What ``-net`` options plug into one hub."""

    cards: list[tuple[Option, Interface]] = field(default_factory=list)
    hosts: list[tuple[Option, Interface]] = field(default_factory=list)


TAP = Props(Interface, key("ifname", "target"), key("script", "script"), key("sndbuf", "sndbuf", BYTES))
BRIDGE = Props(Interface, key("br", "source_bridge"))


def claim_net(option: Option, reading: Reading) -> Claimed | None:
    """All ``-net`` options together, when the first is met: each host side with a card of its hub, in the host sides' order."""
    if option.text == "none":
        return implied(option, "no default network card")
    vlans: dict[int, _Vlan] = {}
    for number, item in enumerate(item for item in reading.ledger.named("-net") if item.text != "none"):
        if number == 0 and item is not option:
            return None
        _plug(item, vlans, reading)
    options: list[Option] = []
    cards: dict[Option, Interface] = {}
    for vlan in vlans.values():
        if not vlan.cards:
            reading.note("a host network without a card: no -net nic has the same vlan=", vlan.hosts[0][0].span)
            continue
        for number, (card_option, card) in enumerate(vlan.cards):
            options.append(card_option)
            place, host = vlan.hosts[min(number, len(vlan.hosts) - 1)] if vlan.hosts else (card_option, None)
            cards[card_option if place in cards else place] = _connected(card, host, card_option, reading)
        options += [host_option for host_option, _ in vlan.hosts]
        for host_option, _ in vlan.hosts[len(vlan.cards) :]:
            reading.note("domain XML has no hubs: this host network has no card of its own and is left out", host_option.span)
    if not options:
        return None
    return Claimed(tuple(options), Fate.MAPPED, tuple(cards[item] for item in reading.ledger.named("-net") if item in cards))


def _hub(written: str) -> int:
    number = INT.decode(written)
    if not 0 <= number < 1 << 31:
        raise ValueError("is not a number of a vlan")
    return number


def _plug(option: Option, vlans: dict[int, _Vlan], reading: Reading) -> None:
    values = parse(option.value, "type") if option.value else Values([], option.span)
    kind = values.get("type") or ""
    number = values.get("vlan", _hub) or 0
    values.get("name")
    values.get("id")
    if kind == "nic":
        side = _card(values)
    else:
        host = _host_side(kind, values)
        if host is None:
            return
        side = host
    if reading.understood(values):
        vlan = vlans.setdefault(number, _Vlan())
        (vlan.cards if kind == "nic" else vlan.hosts).append((option, side))


def _card(values: Values) -> Interface:
    card = Interface(mac=values.get("macaddr", mac_address), model=values.get("model"))
    card.info.address = values.get("addr", pci_slot)
    values.get("vectors")
    return card


def _host_side(kind: str, values: Values) -> Interface | None:
    """The host side as an interface without a card; None for one that domain XML has no word for."""
    match kind:
        case "user":
            return Interface(type="user")
        case "tap":
            host = TAP.read(values, Interface(type="ethernet"))
            vhost = values.flag("vhost")
            host.driver = None if vhost is None else "vhost" if vhost else "qemu"
            host.script = host.script or None
            return host
        case "bridge":
            host = BRIDGE.read(values, Interface(type="bridge"))
            host.source_bridge = host.source_bridge or "br0"
            return host
        case "socket":
            return _socket(values)
    return None


def _socket(values: Values) -> Interface | None:
    """``listen=``, ``connect=`` and ``mcast=``: a network of guests over one TCP or multicast socket."""
    for name, kind in (("listen", "server"), ("connect", "client"), ("mcast", "mcast")):
        item = values.property(name)
        if item is not None:
            return _socket_interface(kind, item)
    return None


def _socket_interface(kind: str, item: Property) -> Interface:
    host, _, port = item.text.rpartition(":")
    if not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) <= 65535 or (kind != "server" and not host):
        raise item.refuse(f"{item.key}: '{item.text[:60]}' is not HOST:PORT")
    return Interface(type=kind, source_address=host or ("0.0.0.0" if kind == "server" else None), source_port=int(port))  # noqa: S104


def _connected(card: Interface, host: Interface | None, option: Option, reading: Reading) -> Interface:
    """The card with the host side of its hub. A hub without one is silent: the nearest word is a user network."""
    if host is None:
        reading.note("a card that is connected to nothing: it becomes one of a user network", option.span)
        card.type = "user"
        return card
    made = Interface(**{**vars(host), "mac": card.mac, "model": card.model, "info": card.info})
    if host.driver and card.model != "virtio":
        made.driver = None
    return made


# ------------------------------------------------------------------ QEMU 0.9


def manual(interface: Interface, writing: Writing) -> Iterator[Words]:
    """``-net nic,macaddr=…,vlan=0,model=…`` and the host side of the same hub."""
    number = writing.number("interface")
    refuse(
        {
            "<driver name>": interface.driver not in (None, "qemu"),
        }
    )
    card: list[tuple[str, str | int]] = [("macaddr", _checked_mac(interface.mac))] if interface.mac else []
    card.append(("vlan", number))
    card += [("model", interface.model)] if interface.model else []
    yield "-net", "nic," + key_values(card)
    yield "-net", _manual_host_side(interface, number, writing)


def _checked_mac(written: str) -> str:
    try:
        return mac_address(written)
    except ValueError as error:
        raise DomainXmlError(f"<mac address>: '{written[:60]}' {error}") from None


def _manual_host_side(interface: Interface, vlan: int, writing: Writing) -> str:
    match interface.type:
        case "user":
            return f"user,vlan={vlan}"
        case "ethernet" | "network" | "bridge":
            return _manual_tap(interface, vlan, writing)
        case "server" | "client" | "mcast":
            return _manual_socket(interface, vlan)
    raise UnsupportedError(f"QEMU 0.9 has no network of type '{interface.type}': <interface type>")


def _manual_tap(interface: Interface, vlan: int, writing: Writing) -> str:
    if interface.type != "ethernet":
        place = interface.source_network or interface.source_bridge
        if not place:
            raise DomainXmlError(f"<source {interface.type}> is missing")
        script = interface.script or "/etc/qemu-ifup"
        writing.note(f"interface: the script {script} must join the tap device to '{place}'")
    named: Sequence[tuple[str, str | None]] = (("ifname", interface.target), ("script", interface.script))
    pairs = [(name, value) for name, value in named if value]
    return ",".join(filter(None, ["tap", key_values(pairs), f"vlan={vlan}"]))


def _manual_socket(interface: Interface, vlan: int) -> str:
    form = {"server": "listen", "client": "connect", "mcast": "mcast"}[str(interface.type)]
    port = interface.source_port
    if port is None or not 0 < port <= 65535:
        raise DomainXmlError("<source port> must be a port from 1 to 65535")
    if not interface.source_address and form != "listen":
        raise DomainXmlError("<source address> is missing")
    return f"socket,{form}={interface.source_address or ''}:{port},vlan={vlan}"
