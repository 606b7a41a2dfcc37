"""Network cards: ``-net nic,vlan=0,model=rtl8139 -net tap,vlan=0,ifname=tap0`` is ``<interface type='ethernet'>``.

QEMU's old ``-net`` options build hubs ("vlans"): a card and a host side with the same number belong together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import Property, Values, parse
from qemuxml.common.addresses import pci_slot
from qemuxml.common.info import Info
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.codecs import INT
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, Fate, implied
from qemuxml.mapping.props import Props, key, key_values
from qemuxml.mapping.xml import attr, group


@dataclass(kw_only=True)
class Interface:
    """A network card and what it is plugged into."""

    type: str | None = attr("@type")
    mac: str | None = attr("mac@address")
    source_network: str | None = attr("source@network")
    source_bridge: str | None = attr("source@bridge")
    source_dev: str | None = attr("source@dev")
    source_mode: str | None = attr("source@mode")
    source_address: str | None = attr("source@address")
    source_port: int | None = attr("source@port", INT)
    script: str | None = attr("script@path")
    target: str | None = attr("target@dev")
    model: str | None = attr("model@type")
    driver: str | None = attr("driver@name")
    info: Info = group(Info)


def _mac(text: str) -> str:
    if not re.fullmatch("[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}", text):
        raise ValueError("is not a MAC address")
    return text.lower().replace("-", ":")


@dataclass
class _Vlan:
    """What ``-net`` options plug into one hub."""

    cards: list[tuple[Option, Interface]] = field(default_factory=list)
    hosts: list[tuple[Option, Interface]] = field(default_factory=list)


TAP = Props(Interface, key("ifname", "target"), key("script", "script"))
BRIDGE = Props(Interface, key("br", "source_bridge"))


def claim_net(option: Option, reading: Reading) -> Claimed | None:
    """All ``-net`` options together, when the first of them is met: each card with the host side of its hub."""
    if option.text == "none":
        return implied(option, "no default network card")
    together = (item for item in reading.ledger.named("-net") if item.text != "none")
    vlans: dict[int, _Vlan] = {}
    for number, item in enumerate(together):
        if number == 0 and item is not option:
            return None
        _plug(item, vlans, reading)
    options: list[Option] = []
    cards: list[Interface] = []
    for vlan in vlans.values():
        if not vlan.cards:
            reading.note("a host network without a card: no -net nic has the same vlan=", vlan.hosts[0][0].span)
            continue
        for card_option, card in vlan.cards:
            options.append(card_option)
            cards.append(_connected(card, vlan))
        options += [host_option for host_option, _ in vlan.hosts]
    return Claimed(tuple(options), Fate.MAPPED, tuple(cards)) if options else None


def _plug(option: Option, vlans: dict[int, _Vlan], reading: Reading) -> None:
    values = parse(option.value, "type") if option.value else Values([], option.span)
    kind = values.get("type") or ""
    number = values.get("vlan", INT.decode) or 0
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
    card = Interface(mac=values.get("macaddr", _mac), model=values.get("model"))
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
            if values.flag("vhost"):
                host.driver = "vhost"
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
    if not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65535:
        raise item.refuse(f"{item.key}: '{item.text[:60]}' is not HOST:PORT")
    return Interface(type=kind, source_address=host or ("0.0.0.0" if kind == "server" else None), source_port=int(port))  # noqa: S104


def _connected(card: Interface, vlan: _Vlan) -> Interface:
    """The card with the host side of its hub. libvirt has no hubs: further host sides of one hub stay behind."""
    if not vlan.hosts:
        # A card in a hub without a host side hears nobody: the nearest word is a user network.
        card.type = "user"
        return card
    host = vlan.hosts[0][1]
    made = Interface(**{**vars(host), "mac": card.mac, "model": card.model, "info": card.info})
    if host.driver and card.model != "virtio":
        made.driver = None
    return made


# ------------------------------------------------------------------ QEMU 0.9


def manual(interface: Interface, writing: Writing) -> Iterator[Words]:
    """``-net nic,macaddr=…,vlan=0,model=…`` and the host side of the same hub."""
    number = writing.number("interface")
    if interface.info.boot_order or interface.driver:
        raise UnsupportedError("interface: QEMU 0.9 has no option for <boot order='…'> or <driver name='…'>")
    card: list[tuple[str, str | int]] = [("macaddr", interface.mac)] if interface.mac else []
    card.append(("vlan", number))
    card += [("model", interface.model)] if interface.model else []
    yield "-net", "nic," + key_values(card)
    yield "-net", _manual_host_side(interface, number, writing)


def _manual_host_side(interface: Interface, vlan: int, writing: Writing) -> str:
    match interface.type:
        case "user":
            return f"user,vlan={vlan}"
        case "ethernet":
            named: Sequence[tuple[str, str | None]] = (("ifname", interface.target), ("script", interface.script))
            pairs = [(name, value) for name, value in named if value]
            return ",".join(filter(None, ["tap", key_values(pairs), f"vlan={vlan}"]))
        case "network" | "bridge":
            place = interface.source_network or interface.source_bridge
            writing.note(f"interface: the script /etc/qemu-ifup must join the tap device to '{place}'")
            return ",".join(
                filter(
                    None,
                    ["tap", key_values([("ifname", interface.target)] if interface.target else []), f"vlan={vlan}"],
                )
            )
        case "server" | "client" | "mcast":
            form = {"server": "listen", "client": "connect", "mcast": "mcast"}[interface.type]
            return f"socket,{form}={interface.source_address or ''}:{interface.source_port},vlan={vlan}"
    raise UnsupportedError(f"interface: QEMU 0.9 has no network of type '{interface.type}'")


KIND = Kind(element="interface", model=Interface, claims={"-net": claim_net}, manual=manual)
