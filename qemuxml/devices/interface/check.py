"""What libvirt refuses of an ``<interface>``: a network without its source, options of another type of network."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from qemuxml.devices.interface import WITH_MTU, Interface, Ip, Rate, Route, VirtualPort, Vlans
from qemuxml.devices.interface.front import is_virtio
from qemuxml.domain import Domain
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import integer, is_uuid
from qemuxml.mapping.context import Target

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

_SOURCES: Final[Mapping[str | None, tuple[tuple[str, Callable[[Interface], object]], ...]]] = {
    "network": (("network", lambda card: card.source_network),),
    "bridge": (("bridge", lambda card: card.source_bridge),),
    "direct": (("dev", lambda card: card.source_dev),),
    "internal": (("name", lambda card: card.source_name),),
    "vdpa": (("dev", lambda card: card.source_dev),),
    "server": (("port", lambda card: card.source_port),),
    "client": (("address", lambda card: card.source_address), ("port", lambda card: card.source_port)),
    "mcast": (("address", lambda card: card.source_address), ("port", lambda card: card.source_port)),
    "udp": (
        ("address", lambda card: card.source_address), ("port", lambda card: card.source_port),
        ("local", lambda card: card.source_local),
    ),
}  # fmt: skip
"""What the ``<source>`` of a type must say."""

_BY_TAP: Final = ("network", "bridge", "ethernet")
_ONLY: Final[tuple[tuple[str, Callable[[Interface], object], tuple[str, ...]], ...]] = (
    ("<mtu>", lambda card: card.mtu, WITH_MTU),
    ("<coalesce>", lambda card: card.coalesce, ("network", "bridge")),
    ("<virtualport>", lambda card: card.virtualport, ("network", "bridge", "direct", "hostdev", "vhostuser")),
    ("<port isolated='yes'>", lambda card: card.isolated, ("network", "bridge")),
    ("<source><ip> and <source><route>", lambda card: card.source_ips or card.source_routes, ("ethernet",)),
    ("<target managed='no'>", lambda card: card.target_managed is False, ("ethernet",)),
    ("<backend tap='…'>", lambda card: card.backend_tap, (*_BY_TAP, "server", "client", "mcast", "udp", "internal")),
    ("<backend type='passt'>", lambda card: card.backend_type == "passt", ("user", "vhostuser")),
)
"""What only networks of some types have."""

_MODES: Final[Mapping[str | None, tuple[str, ...]]] = {
    "direct": ("vepa", "private", "bridge", "passthrough"),
    "vhostuser": ("client", "server"),
}
_DRIVERS: Final[Mapping[str | None, tuple[str, ...]]] = {"hostdev": ("kvm", "vfio", "xen")}


def check(card: Interface, domain: Domain, _: Target) -> None:
    """Raise DomainXmlError for the first thing that is wrong with the card."""
    for step in (_check_network, _check_model, _check_mac, _check_queues, _check_teaming, _check_forwards, _check_addresses):
        step(card)
    if card.type == "vhostuser":
        _check_vhostuser(card, domain)
    if card.virtualport is not None:
        if card.virtualport.type is None and card.type != "network":
            raise _refused(card, "<virtualport> lacks its attribute 'type'")
        _check_port(card.virtualport)
    if card.vlan is not None:
        _check_vlan(card.vlan)
    if card.rates and card.rates.class_id is not None:
        raise _refused(card, "<bandwidth classID='…'> is of a network")
    for rate in (card.rates.inbound, card.rates.outbound) if card.rates else ():
        _check_rate(card, rate)


def _refused(card: Interface, complaint: str) -> DomainXmlError:
    return DomainXmlError(f"<interface type='{card.type}'>: {complaint}")


def _check_network(card: Interface) -> None:
    if card.type in ("null", "vds"):
        raise _refused(card, "it is not for QEMU")
    for name, said in _SOURCES.get(card.type, ()):
        if said(card) is None:
            raise _refused(card, f"its <source> lacks '{name}'")
    for name, said, kinds in _ONLY:
        if said(card) and card.type not in kinds:
            raise _refused(card, f"{name} is not for this type")
    if card.source_mode is not None and card.source_mode not in _MODES.get(card.type, (card.source_mode,)):
        raise _refused(card, f"<source mode='{card.source_mode}'> is of another type")
    if card.type == "hostdev" and (card.source_pci is None or card.source_pci.type != "pci"):
        raise _refused(card, "its <source> needs an <address type='pci'>")
    if card.driver is not None and card.driver not in _DRIVERS.get(card.type, ("vhost", "qemu")):
        raise _refused(card, f"<driver name='{card.driver}'> is of another type")


def _check_model(card: Interface) -> None:
    if card.model is not None and not re.fullmatch("[A-Za-z0-9_.-]+", card.model):
        raise _refused(card, f"<model type='{card.model[:60]}'> is no name")
    if not is_virtio(card) and any(said is not None for said in vars(card.virtio).values()):
        raise _refused(card, "iommu, ats and packed of <driver> are for virtio cards")
    rom = card.info
    if rom.rom_enabled is False and (rom.rom_bar is not None or rom.rom_file is not None):
        raise _refused(card, "<rom enabled='no'> has neither bar nor file")
    if card.model in ("usb-net", "spapr-vlan") and (rom.has_rom or rom.acpi_index is not None):
        raise _refused(card, "<rom> and <acpi> are for cards on PCI")


def _check_mac(card: Interface) -> None:
    if not re.fullmatch("[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}", card.mac or ""):
        raise DomainXmlError(f"<mac address='{card.mac}'> is not an address")
    if int((card.mac or "").split(":")[0], 16) & 1:
        raise DomainXmlError(f"<mac address='{card.mac}'>: it is a multicast address, no card has one")


def _check_queues(card: Interface) -> None:
    for name, size in (("rx_queue_size", card.rx_queue_size), ("tx_queue_size", card.tx_queue_size)):
        if is_virtio(card) and size and size & (size - 1):
            raise _refused(card, f"{name} must be a power of two")


def _check_teaming(card: Interface) -> None:
    if card.teaming is None:
        return
    if card.teaming.type == "persistent" and not is_virtio(card):
        raise _refused(card, "<teaming type='persistent'> needs a card of model 'virtio'")
    if card.teaming.type == "persistent" and card.teaming.persistent is not None:
        raise _refused(card, "<teaming type='persistent'> has no attribute 'persistent'")
    if card.teaming.type == "transient" and card.teaming.persistent is None:
        raise _refused(card, "<teaming type='transient'> needs its attribute 'persistent'")
    if card.teaming.type == "transient" and card.type not in ("hostdev", "network"):
        raise _refused(card, "<teaming type='transient'> is for devices of the host")


def _check_forwards(card: Interface) -> None:
    if card.forwards and card.backend_type != "passt":
        raise _refused(card, "<portForward> needs <backend type='passt'/>")
    for forward in card.forwards:
        if forward.address is not None:
            _address(forward.address, None, "<portForward>")
        for ports in forward.ranges:
            if ports.start is None and (ports.end is not None or ports.to is not None or ports.exclude is not None):
                raise _refused(card, "<range> of <portForward> needs its attribute 'start'")


# ------------------------------------------------------------------ addresses

_LEAST_PREFIX, _GREATEST_PREFIX = 4, 27
"""QEMU's own network of a guest has room for itself and its services."""


def _check_addresses(card: Interface) -> None:
    if card.routes:
        raise _refused(card, "<ip> and <route> of the guest's side are for containers")
    if card.ips and card.type != "user" and card.backend_type != "passt":
        raise _refused(card, "<ip> and <route> of the guest's side are for containers")
    families = [_check_ip(card, item) for item in card.ips]
    for family in (4, 6):
        if families.count(family) > 1:
            raise _refused(card, "two <ip> are of one family")
    for item in card.source_ips:
        _check_ip(card, item)
    for route in card.source_routes:
        _check_route(route)


def _check_ip(card: Interface, item: Ip) -> int:
    if item.address is None:
        raise _refused(card, "<ip> lacks its attribute 'address'")
    made = _address(item.address, item.family, "<ip>")
    if item.prefix is not None and item.prefix > made.max_prefixlen:
        raise _refused(card, f"<ip prefix='{item.prefix}'> is longer than its address")
    if item in card.ips:
        if item.peer is not None:
            raise _refused(card, "<ip peer='…'> is for the host's side")
        slirp = card.backend_type != "passt" and made.version == 4
        if slirp and item.prefix and not _LEAST_PREFIX <= item.prefix <= _GREATEST_PREFIX:
            raise _refused(card, f"<ip prefix='{item.prefix}'> is not between {_LEAST_PREFIX} and {_GREATEST_PREFIX}")
    return made.version


def _check_route(route: Route) -> None:
    from ipaddress import ip_network  # noqa: PLC0415 - few cards have routes

    if route.address is None or route.gateway is None:
        raise DomainXmlError("<route> needs an address and a gateway")
    made = _address(route.address, route.family, "<route>")
    _address(route.gateway, route.family, "<route gateway>")
    length = route.netmask or (made.max_prefixlen if route.prefix is None else route.prefix)
    try:
        ip_network(f"{made}/{length}")
    except ValueError:
        raise DomainXmlError(f"<route address='{route.address}'> is not the address of a network") from None


def _address(text: str, family: str | None, element: str) -> IPv4Address | IPv6Address:
    from ipaddress import ip_address  # noqa: PLC0415 - few cards have addresses

    try:
        made = ip_address(text)
    except ValueError:
        raise DomainXmlError(f"{element}: '{text[:60]}' is not an address") from None
    if family in ("ipv4", "ipv6") and family != f"ipv{made.version}":
        raise DomainXmlError(f"{element}: '{text[:60]}' is not an address of family {family}")
    return made


# ------------------------------------------------------------------ the host's side


def _check_vhostuser(card: Interface, domain: Domain) -> None:
    cells = domain.numa.cells if domain.numa else []
    if domain.memory.access != "shared" and not any(cell.access == "shared" for cell in cells):
        raise _refused(card, "it needs shared memory: <memoryBacking> with <access mode='shared'/>")
    if not is_virtio(card):
        raise _refused(card, "its card is of model 'virtio'")
    if card.backend_type == "passt":
        return
    if card.source_type not in (None, "unix"):
        raise _refused(card, f"<source type='{card.source_type[:60]}'> is not 'unix'")
    if card.source_path is None:
        raise _refused(card, "its <source> needs a path")
    if card.source_reconnect is not None and card.source_mode == "server":
        raise _refused(card, "<reconnect> is for <source mode='client'>")
    if card.source_reconnect is not None and card.source_reconnect.enabled and card.source_reconnect.timeout is None:
        raise _refused(card, "<reconnect> lacks its attribute 'timeout'")


_NUMBERS: Final = {"managerid": 0xFF, "typeid": 0xFFFFFF, "typeidversion": 0xFF}
_NEEDS: Final[Mapping[str | None, tuple[str, ...]]] = {
    "802.1Qbg": ("managerid", "typeid", "typeidversion"),
    "802.1Qbh": ("profileid",),
    "midonet": ("interfaceid",),
}


def _check_port(port: VirtualPort) -> None:
    for name in _NEEDS.get(port.type, ()):
        if getattr(port, name) is None:
            raise DomainXmlError(f"<virtualport type='{port.type}'> needs {name}")
    for name, greatest in _NUMBERS.items():
        said = getattr(port, name)
        if said is not None and not _is_number(said, greatest):
            raise DomainXmlError(f"<virtualport>: {name} '{said[:60]}' is not between 0 and {greatest}")
    for name in ("instanceid", "interfaceid"):
        said = getattr(port, name)
        if said is not None and not is_uuid(said):
            raise DomainXmlError(f"<virtualport>: {name} '{said[:60]}' is not a UUID")


def _is_number(text: str, greatest: int) -> bool:
    try:
        return 0 <= integer(text) <= greatest
    except ValueError:
        return False


def _check_vlan(vlan: Vlans) -> None:
    if not vlan.tags:
        raise DomainXmlError("<vlan> needs a <tag>")
    if len(vlan.tags) > 1 and vlan.trunk is False:
        raise DomainXmlError("<vlan trunk='no'> has one <tag>")


def _check_rate(card: Interface, rate: Rate | None) -> None:
    if rate is None:
        return
    if rate.average is None and rate.floor is None:
        raise _refused(card, "<bandwidth> needs an average or a floor")
    if rate.floor is not None and card.type != "network":
        raise _refused(card, "<bandwidth floor='…'> is for a network of libvirt's")
