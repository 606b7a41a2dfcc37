"""Network cards: ``<interface type='ethernet'>`` is a card of the guest, and the side of the host that it is connected to."""

from __future__ import annotations

import re
from typing import Final

from qemuxml.common.info import Info
from qemuxml.common.reconnect import Reconnect
from qemuxml.common.virtio import Virtio
from qemuxml.mapping.codecs import INT, INT32, ON_OFF, POSITIVE, UINT32, UINT64, YES_NO, base_prefixed, one_of, within
from qemuxml.mapping.xml import attr, child, children, group, text
from qemuxml.record import record


@record(kw_only=True)
class Local:
    """The near end of a UDP tunnel."""

    address: str | None = attr("@address", required=True)
    port: int | None = attr("@port", UINT32, required=True)


@record(kw_only=True)
class PciPlace:
    """A network card of the host, or one of its virtual functions."""

    type: str | None = attr("@type")
    domain: int | None = attr("@domain", within(0, 0xFFFF, base_prefixed(4)))
    bus: int | None = attr("@bus", within(0, 0xFF, base_prefixed(2)))
    slot: int | None = attr("@slot", within(0, 0x1F, base_prefixed(2)))
    function: int | None = attr("@function", within(0, 7, base_prefixed(1)))


@record(kw_only=True)
class Ip:
    """An address of the guest's side or of the host's."""

    address: str | None = attr("@address")
    family: str | None = attr("@family")
    prefix: int | None = attr("@prefix", UINT32)
    peer: str | None = attr("@peer")


@record(kw_only=True)
class Route:
    """A route."""

    family: str | None = attr("@family")
    address: str | None = attr("@address")
    netmask: str | None = attr("@netmask")
    prefix: int | None = attr("@prefix", UINT32)
    gateway: str | None = attr("@gateway")
    metric: int | None = attr("@metric", UINT32)


@record(kw_only=True)
class PortRange:
    """Ports that are handed through, or kept out of an enclosing range."""

    start: int | None = attr("@start", POSITIVE)
    end: int | None = attr("@end", POSITIVE)
    to: int | None = attr("@to", POSITIVE)
    exclude: bool | None = attr("@exclude", YES_NO)


@record(kw_only=True)
class PortForward:
    """Ports of the host that passt hands to the guest."""

    proto: str | None = attr("@proto", one_of("tcp", "udp"), required=True)
    address: str | None = attr("@address")
    dev: str | None = attr("@dev")
    ranges: list[PortRange] = children("range", PortRange)


@record(kw_only=True)
class VirtualPort:
    """How a switch of the host knows the card."""

    type: str | None = attr("@type", one_of("none", "802.1Qbg", "802.1Qbh", "openvswitch", "midonet"))
    managerid: str | None = attr("parameters@managerid")
    typeid: str | None = attr("parameters@typeid")
    typeidversion: str | None = attr("parameters@typeidversion")
    instanceid: str | None = attr("parameters@instanceid")
    profileid: str | None = attr("parameters@profileid")
    interfaceid: str | None = attr("parameters@interfaceid")


@record(kw_only=True)
class Tag:
    """A VLAN."""

    id: int | None = attr("@id", within(0, 4095), required=True)
    native_mode: str | None = attr("@nativeMode", one_of("tagged", "untagged"))


@record(kw_only=True)
class Vlans:
    """The VLANs of the card's port."""

    trunk: bool | None = attr("@trunk", YES_NO)
    tags: list[Tag] = children("tag", Tag)


@record(kw_only=True)
class Rate:
    """KiB a second, and KiB of a burst."""

    average: int | None = attr("@average", UINT64)
    peak: int | None = attr("@peak", UINT64)
    floor: int | None = attr("@floor", UINT64)
    burst: int | None = attr("@burst", UINT64)


@record(kw_only=True)
class Rates:
    """Limits that the host keeps."""

    class_id: str | None = attr("@classID")
    inbound: Rate | None = child("inbound", Rate)
    outbound: Rate | None = child("outbound", Rate)


@record(kw_only=True)
class Parameter:
    """A variable of a network filter."""

    name: str | None = attr("@name")
    value: str | None = attr("@value")


@record(kw_only=True)
class Filter:
    """A network filter of the host."""

    filter: str | None = attr("@filter")
    parameters: list[Parameter] = children("parameter", Parameter)


@record(kw_only=True)
class HostOffload:
    """What the host's side does for the guest."""

    csum: bool | None = attr("@csum", ON_OFF)
    gso: bool | None = attr("@gso", ON_OFF)
    tso4: bool | None = attr("@tso4", ON_OFF)
    tso6: bool | None = attr("@tso6", ON_OFF)
    ecn: bool | None = attr("@ecn", ON_OFF)
    ufo: bool | None = attr("@ufo", ON_OFF)
    mrg_rxbuf: bool | None = attr("@mrg_rxbuf", ON_OFF)


@record(kw_only=True)
class GuestOffload:
    """What the guest takes."""

    csum: bool | None = attr("@csum", ON_OFF)
    tso4: bool | None = attr("@tso4", ON_OFF)
    tso6: bool | None = attr("@tso6", ON_OFF)
    ecn: bool | None = attr("@ecn", ON_OFF)
    ufo: bool | None = attr("@ufo", ON_OFF)


@record(kw_only=True)
class Teaming:
    """Two cards that are one: a virtio card stays while the host's card comes and goes."""

    type: str | None = attr("@type", one_of("persistent", "transient"))
    persistent: str | None = attr("@persistent")


@record(kw_only=True)
class Interface:
    """A network card and what it is plugged into."""

    type: str | None = attr("@type")
    managed: bool | None = attr("@managed", YES_NO)
    trust_filters: bool | None = attr("@trustGuestRxFilters", YES_NO)
    mac: str | None = attr("mac@address")
    mac_type: str | None = attr("mac@type", one_of("generated", "static"))
    mac_check: str | None = attr("mac@check", one_of("yes", "no"))
    mac_current: str | None = attr("mac@currentAddress")
    source_type: str | None = attr("source@type")
    source_path: str | None = attr("source@path")
    source_name: str | None = attr("source@name")
    source_network: str | None = attr("source@network")
    source_bridge: str | None = attr("source@bridge")
    source_dev: str | None = attr("source@dev")
    source_mode: str | None = attr("source@mode", one_of("vepa", "private", "bridge", "passthrough", "client", "server"))
    source_address: str | None = attr("source@address")
    source_port: int | None = attr("source@port", INT32)
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
    vlan: Vlans | None = child("vlan", Vlans)
    virtualport: VirtualPort | None = child("virtualport", VirtualPort)
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
    driver: str | None = attr("driver@name", one_of("vhost", "qemu", "kvm", "vfio", "xen"))
    driver_model: str | None = attr("driver@model")
    txmode: str | None = attr("driver@txmode", one_of("iothread", "timer"))
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
    backend_type: str | None = attr("backend@type", one_of("default", "passt"))
    backend_tap: str | None = attr("backend@tap")
    backend_vhost: str | None = attr("backend@vhost")
    backend_log: str | None = attr("backend@logFile")
    backend_host_name: str | None = attr("backend@hostname")
    backend_fqdn: str | None = attr("backend@fqdn")
    filter: Filter | None = child("filterref", Filter)
    sndbuf: int | None = text("tune/sndbuf", UINT64)
    teaming: Teaming | None = child("teaming", Teaming)
    link: str | None = attr("link@state", one_of("up", "down"))
    mtu: int | None = attr("mtu@size", UINT32)
    coalesce: int | None = attr("coalesce/rx/frames@max", UINT32)
    info: Info = group(Info)
    ordinal: int = 0
    """How many cards of the host come before."""


def short_mac_address(written: str) -> str:
    """The address of a ``-nic``, whose bytes may have one digit: ``52:54:0:1:2:a``. Raises ValueError."""
    return mac_address(":".join(byte.rjust(2, "0") for byte in re.split("[:-]", written)))


def mac_address(written: str) -> str:
    """A card's address in libvirt's spelling. Raises ValueError for what is none, or a multicast address."""
    if not re.fullmatch("[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}", written):
        raise ValueError("is not a MAC address")
    if int(written[:2], 16) & 1:
        raise ValueError("is a multicast address, no card has one")
    return written.lower().replace("-", ":")


WITH_MTU: Final = ("network", "bridge", "ethernet", "direct", "vhostuser", "vdpa")
"""The types of networks that may have an MTU."""
