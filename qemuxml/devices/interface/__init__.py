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
from qemuxml.common.refusals import refuse
from qemuxml.common.virtio import Virtio
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import BYTES, INT, ON_OFF, UINT32, UINT64, YES_NO, base_prefixed, one_of
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.ledger import Claimed, Fate, implied
from qemuxml.mapping.props import Props, key, key_values
from qemuxml.mapping.xml import attr, child, children, group, text


@dataclass(kw_only=True)
class Local:
    """The near end of a UDP tunnel."""

    address: str | None = attr("@address")
    port: int | None = attr("@port", UINT32)


@dataclass(kw_only=True)
class Reconnect:
    """Whether and after how many seconds a lost connection is made again."""

    enabled: bool | None = attr("@enabled", YES_NO)
    timeout: int | None = attr("@timeout", UINT32)
    delay: int | None = attr("@delay", UINT32)


@dataclass(kw_only=True)
class PciPlace:
    """A network card of the host, or one of its virtual functions."""

    type: str | None = attr("@type")
    domain: int | None = attr("@domain", base_prefixed(4))
    bus: int | None = attr("@bus", base_prefixed(2))
    slot: int | None = attr("@slot", base_prefixed(2))
    function: int | None = attr("@function", base_prefixed(1))


@dataclass(kw_only=True)
class Ip:
    """An address of the guest's side or of the host's."""

    address: str | None = attr("@address")
    family: str | None = attr("@family")
    prefix: int | None = attr("@prefix", UINT32)
    peer: str | None = attr("@peer")


@dataclass(kw_only=True)
class Route:
    """A route."""

    family: str | None = attr("@family")
    address: str | None = attr("@address")
    netmask: str | None = attr("@netmask")
    prefix: int | None = attr("@prefix", UINT32)
    gateway: str | None = attr("@gateway")
    metric: int | None = attr("@metric", UINT32)


@dataclass(kw_only=True)
class PortRange:
    """Ports that are handed through, or kept out of an enclosing range."""

    start: int | None = attr("@start", UINT32)
    end: int | None = attr("@end", UINT32)
    to: int | None = attr("@to", UINT32)
    exclude: bool | None = attr("@exclude", YES_NO)


@dataclass(kw_only=True)
class PortForward:
    """Ports of the host that passt hands to the guest."""

    proto: str | None = attr("@proto", one_of("tcp", "udp"))
    address: str | None = attr("@address")
    dev: str | None = attr("@dev")
    ranges: list[PortRange] = children("range", PortRange)


@dataclass(kw_only=True)
class VirtualPort:
    """How a switch of the host knows the card."""

    type: str | None = attr("@type")
    managerid: str | None = attr("parameters@managerid")
    typeid: str | None = attr("parameters@typeid")
    typeidversion: str | None = attr("parameters@typeidversion")
    instanceid: str | None = attr("parameters@instanceid")
    profileid: str | None = attr("parameters@profileid")
    interfaceid: str | None = attr("parameters@interfaceid")


@dataclass(kw_only=True)
class Tag:
    """A VLAN."""

    id: int | None = attr("@id", UINT32)
    native_mode: str | None = attr("@nativeMode")


@dataclass(kw_only=True)
class Vlans:
    """The VLANs of the card's port."""

    trunk: bool | None = attr("@trunk", YES_NO)
    tags: list[Tag] = children("tag", Tag)


@dataclass(kw_only=True)
class Rate:
    """KiB a second, and KiB of a burst."""

    average: int | None = attr("@average", UINT64)
    peak: int | None = attr("@peak", UINT64)
    floor: int | None = attr("@floor", UINT64)
    burst: int | None = attr("@burst", UINT64)


@dataclass(kw_only=True)
class Rates:
    """Limits that the host keeps."""

    inbound: Rate | None = child("inbound", Rate)
    outbound: Rate | None = child("outbound", Rate)


@dataclass(kw_only=True)
class Parameter:
    """A variable of a network filter."""

    name: str | None = attr("@name")
    value: str | None = attr("@value")


@dataclass(kw_only=True)
class Filter:
    """A network filter of the host."""

    filter: str | None = attr("@filter")
    parameters: list[Parameter] = children("parameter", Parameter)


@dataclass(kw_only=True)
class HostOffload:
    """What the host's side does for the guest."""

    csum: bool | None = attr("@csum", ON_OFF)
    gso: bool | None = attr("@gso", ON_OFF)
    tso4: bool | None = attr("@tso4", ON_OFF)
    tso6: bool | None = attr("@tso6", ON_OFF)
    ecn: bool | None = attr("@ecn", ON_OFF)
    ufo: bool | None = attr("@ufo", ON_OFF)
    mrg_rxbuf: bool | None = attr("@mrg_rxbuf", ON_OFF)


@dataclass(kw_only=True)
class GuestOffload:
    """What the guest takes."""

    csum: bool | None = attr("@csum", ON_OFF)
    tso4: bool | None = attr("@tso4", ON_OFF)
    tso6: bool | None = attr("@tso6", ON_OFF)
    ecn: bool | None = attr("@ecn", ON_OFF)
    ufo: bool | None = attr("@ufo", ON_OFF)


@dataclass(kw_only=True)
class Teaming:
    """Two cards that are one: a virtio card stays while the host's card comes and goes."""

    type: str | None = attr("@type", one_of("persistent", "transient"))
    persistent: str | None = attr("@persistent")


@dataclass(kw_only=True)
class Interface:
    """A network card and what it is plugged into."""

    type: str | None = attr("@type")
    managed: bool | None = attr("@managed", YES_NO)
    trust_filters: bool | None = attr("@trustGuestRxFilters", YES_NO)
    mac: str | None = attr("mac@address")
    mac_type: str | None = attr("mac@type")
    mac_check: str | None = attr("mac@check")
    mac_current: str | None = attr("mac@currentAddress")
    source_type: str | None = attr("source@type")
    source_path: str | None = attr("source@path")
    source_name: str | None = attr("source@name")
    source_network: str | None = attr("source@network")
    source_bridge: str | None = attr("source@bridge")
    source_dev: str | None = attr("source@dev")
    source_mode: str | None = attr("source@mode")
    source_address: str | None = attr("source@address")
    source_port: int | None = attr("source@port", INT)
    source_portgroup: str | None = attr("source@portgroup")
    source_portid: str | None = attr("source@portid")
    source_switchid: str | None = attr("source@switchid")
    source_portgroupid: str | None = attr("source@portgroupid")
    source_connectionid: str | None = attr("source@connectionid")
    source_mac_table: str | None = attr("source@macTableManager")
    source_local: Local | None = child("source/local", Local)
    source_reconnect: Reconnect | None = child("source/reconnect", Reconnect)
    source_pci: PciPlace | None = child("source/address", PciPlace)
    source_ips: list[Ip] = children("source/ip", Ip)
    source_routes: list[Route] = children("source/route", Route)
    ips: list[Ip] = children("ip", Ip)
    routes: list[Route] = children("route", Route)
    forwards: list[PortForward] = children("portForward", PortForward)
    virtualport: VirtualPort | None = child("virtualport", VirtualPort)
    vlan: Vlans | None = child("vlan", Vlans)
    rates: Rates | None = child("bandwidth", Rates)
    isolated: bool | None = attr("port@isolated", YES_NO)
    script: str | None = attr("script@path")
    downscript: str | None = attr("downscript@path")
    backenddomain: str | None = attr("backenddomain@name")
    target: str | None = attr("target@dev")
    target_managed: bool | None = attr("target@managed", YES_NO)
    guest: str | None = attr("guest@dev")
    guest_actual: str | None = attr("guest@actual")
    model: str | None = attr("model@type")
    driver: str | None = attr("driver@name")
    driver_model: str | None = attr("driver@model")
    txmode: str | None = attr("driver@txmode")
    ioeventfd: bool | None = attr("driver@ioeventfd", ON_OFF)
    event_idx: bool | None = attr("driver@event_idx", ON_OFF)
    queues: int | None = attr("driver@queues", INT)
    rx_queue_size: int | None = attr("driver@rx_queue_size", UINT32)
    tx_queue_size: int | None = attr("driver@tx_queue_size", UINT32)
    rss: bool | None = attr("driver@rss", ON_OFF)
    rss_hash_report: bool | None = attr("driver@rss_hash_report", ON_OFF)
    virtio: Virtio = group(Virtio)
    host_offload: HostOffload | None = child("driver/host", HostOffload)
    guest_offload: GuestOffload | None = child("driver/guest", GuestOffload)
    backend_type: str | None = attr("backend@type")
    backend_tap: str | None = attr("backend@tap")
    backend_vhost: str | None = attr("backend@vhost")
    backend_log: str | None = attr("backend@logFile")
    backend_host_name: str | None = attr("backend@hostname")
    backend_fqdn: str | None = attr("backend@fqdn")
    filter: Filter | None = child("filterref", Filter)
    sndbuf: int | None = text("tune/sndbuf", UINT64)
    teaming: Teaming | None = child("teaming", Teaming)
    link: str | None = attr("link@state")
    mtu: int | None = attr("mtu@size", UINT32)
    coalesce: int | None = attr("coalesce/rx/frames@max", UINT32)
    info: Info = group(Info)
    ordinal: int = 0
    """How many cards of the host come before."""


def mac_address(written: str) -> str:
    """A card's address in libvirt's spelling. Raises ValueError for what is none, or a multicast address."""
    if not re.fullmatch("[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}", written):
        raise ValueError("is not a MAC address")
    if int(written[:2], 16) & 1:
        raise ValueError("is a multicast address, no card has one")
    return written.lower().replace("-", ":")


@dataclass
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
