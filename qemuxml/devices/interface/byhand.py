"""The host side of a card on a person's line: ``{"type":"bridge","br":"virbr0"}``, ``{"type":"user","hostfwd":[…]}``, a tap.

Libvirt opens taps and starts passt by itself. A person has the bridge helper, QEMU's own user networking, and passt in a script.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from qemuxml.common import reconnect
from qemuxml.devices.interface import Interface, PortForward, PortRange
from qemuxml.devices.interface.slirp import LAST_PORT, given
from qemuxml.mapping.context import Writing
from qemuxml.mapping.plumbing import Helper, Present
from qemuxml.mapping.props import Pair

DEFAULT_NETWORK: Final = "default"
DEFAULT_BRIDGE: Final = "virbr0"
"""The bridge of the network that libvirt brings along."""
_FOREIGN_SWITCHES: Final = frozenset({"openvswitch", "midonet"})
"""Switches that are no bridges of Linux: the bridge helper cannot plug a tap into them."""
_MOST_FORWARDS: Final = 256
"""Ports that are forwarded one by one at most."""
PASST_RECONNECT: Final = 5
"""Seconds after which QEMU asks passt again, as libvirt has it."""


def pairs(interface: Interface, writing: Writing) -> list[Pair] | None:
    """The properties of ``-netdev`` but for its id; None where they are the same as on libvirt's own line."""
    match interface.type:
        case "network":
            return _network(interface, writing)
        case "bridge":
            return _bridge(interface, interface.source_bridge or "", writing)
        case "direct":
            return _instead(
                interface, f"<interface type='direct'>: no line can open a macvtap of {interface.source_dev}", writing
            )
        case "ethernet" | "vdpa":
            return _device(interface)
        case "user" | "vhostuser" if interface.backend_type == "passt":
            return _user(interface, writing)
    return None


# ------------------------------------------------------------------ bridges and taps


def _network(interface: Interface, writing: Writing) -> list[Pair]:
    """Only libvirt knows which bridge a network has; that of the default one is the same everywhere."""
    name = interface.source_network or ""
    bridge = writing.plumbing.bridges.get(name, DEFAULT_BRIDGE if name == DEFAULT_NETWORK else None)
    if bridge is None:
        return _instead(interface, f"<source network='{name}'>: name its bridge by --network {name}=BRIDGE", writing)
    return _bridge(interface, bridge, writing)


def _bridge(interface: Interface, bridge: str, writing: Writing) -> list[Pair]:
    port = interface.virtualport
    if port is not None and port.type in _FOREIGN_SWITCHES:
        return _instead(interface, f"<virtualport type='{port.type}'>: no line can plug into the switch {bridge}", writing)
    writing.need(
        Present(
            path=f"/sys/class/net/{bridge}",
            missing=f"there is no bridge {bridge} on this host",
            advice=f"the bridge {bridge} must be up, and QEMU's bridge helper must be allowed it (/etc/qemu/bridge.conf)",
        )
    )
    return [("type", "bridge"), ("br", bridge)]


def _device(interface: Interface) -> list[Pair]:
    """The tap that the XML names, or one that QEMU names; of vDPA, its device."""
    queues: list[Pair] = [("queues", interface.queues or 1)] if (interface.queues or 1) > 1 else []
    if interface.type == "vdpa":
        return [("type", "vhost-vdpa"), ("vhostdev", interface.source_dev or ""), *queues]
    made: list[Pair] = [("type", "tap")]
    if interface.target:
        made.append(("ifname", interface.target))
    made += [("script", interface.script or "no"), ("downscript", interface.downscript or "no")]
    # Libvirt has the kernel move the packets where the host can (vhost): a line does only where that is asked for.
    made += [*queues, *([("vhost", True)] if interface.driver == "vhost" else [])]
    return made + ([("sndbuf", interface.sndbuf)] if interface.sndbuf is not None else [])


# ------------------------------------------------------------------ user networking


def _instead(interface: Interface, reason: str, writing: Writing) -> list[Pair]:
    """QEMU's own user networking, which every user may have, in place of what no line can open."""
    writing.note(f"{reason}: the card is plugged into user networking")
    return [("type", "user"), *networks(interface)]


def networks(interface: Interface) -> Iterator[Pair]:
    """``net=172.17.2.0/24``, ``ipv6-prefix=2001:db8::``: the addresses of user networking."""
    for ip in interface.ips:
        family = ip.family or ("ipv6" if ":" in (ip.address or "") else "ipv4")
        if family == "ipv4":
            yield "net", f"{ip.address}/{ip.prefix}" if ip.prefix else ip.address or ""
        else:
            yield "ipv6-prefix", ip.address or ""
            if ip.prefix:
                yield "ipv6-prefixlen", ip.prefix


def _exactly(interface: Interface) -> Iterator[Pair]:
    """``dhcpstart=``: passt gives the very address that the XML says, user networking one of its network."""
    for ip in interface.ips:
        usual = given(ip.address, ip.prefix)
        if usual is not None and ip.address != usual:
            yield "dhcpstart", ip.address or ""


def _forwarding(interface: Interface) -> list[Pair] | None:
    """User networking that forwards what passt would; None where passt can do more than that."""
    rules: list[str] = []
    for forward in interface.forwards:
        whole = any(item.start is None for item in forward.ranges) or all(item.exclude for item in forward.ranges)
        if whole or forward.dev or ":" in (forward.address or ""):
            return None
        rules += _rules(forward)
    if len(rules) > _MOST_FORWARDS:
        return None
    rules_in_order = ((f"hostfwd.{number}.str", rule) for number, rule in enumerate(rules))
    return [("type", "user"), *networks(interface), *_exactly(interface), *rules_in_order]


def _rules(forward: PortForward) -> Iterator[str]:
    """``tcp:127.0.0.1:2022-:22`` for each port."""
    kept_out = {port for item in forward.ranges if item.exclude for port in _ports(item)}
    for item in forward.ranges:
        first = item.start or 0
        for port in () if item.exclude else _ports(item):
            if port not in kept_out:
                inner = port - first + (first if item.to is None else item.to)
                yield f"{forward.proto or 'tcp'}:{forward.address or ''}:{port}-:{inner}"


def _ports(item: PortRange) -> range:
    first = item.start or 0
    return range(first, min(item.end if item.end is not None else first, LAST_PORT) + 1)


# ------------------------------------------------------------------ passt


def stream(socket: str, writing: Writing) -> list[Pair]:
    """``-netdev stream`` to passt; QEMU may start before it."""
    made: list[Pair] = [("type", "stream"), ("addr.type", "unix"), ("addr.path", socket), ("server", False)]
    return made if writing.has("netdev.lacks-reconnect") else [*made, reconnect.after(PASST_RECONNECT, writing)]


def _user(interface: Interface, writing: Writing) -> list[Pair] | None:
    """Passt is a helper that must run: on a line, user networking takes its place where it can forward the same ports."""
    if writing.plumbing.scripted:
        return None
    forwarding = _forwarding(interface)
    if forwarding is None:
        return stream(passt(interface, writing), writing)
    writing.note(f"<interface type='{interface.type}'>: user networking takes the place of passt, with the same forwarded ports")
    return forwarding


def passt(interface: Interface, writing: Writing) -> str:
    """The socket of passt for the card, which is started as libvirt would start it."""
    socket = writing.state_path(f"-{interface.info.alias}-passt.sock")
    words = ["passt", "--foreground", "--quiet", "--one-off", "--socket", socket]
    if interface.type == "vhostuser" and writing.plumbing.scripted:
        words.append("--vhost-user")
    for option, value in (
        ("--interface", interface.source_dev),
        ("--log-file", interface.backend_log),
        ("--hostname", interface.backend_host_name),
        ("--fqdn", interface.backend_fqdn),
    ):
        words += [option, value] if value else []
    for ip in interface.ips:
        words += ["--address", ip.address or ""]
        words += ["--netmask", str(ip.prefix)] if ip.prefix and ":" not in (ip.address or "") else []
    for forward in interface.forwards:
        words += [f"--{forward.proto or 'tcp'}-ports", _specification(forward)]
    writing.need(Helper(words=tuple(words), socket=socket, leaves=(f"{socket}.repair",)))
    return socket


def _specification(forward: PortForward) -> str:
    """``192.0.2.1%eth0/22-80:32-90,~25``: an address, a device, and the ports."""
    place = (forward.address or "") + (f"%{forward.dev}" if forward.dev else "")
    parts = []
    for item in forward.ranges:
        ports = str(item.start) if item.end is None else f"{item.start}-{item.end}"
        if item.to is not None:
            last = item.to + (item.end or item.start or 0) - (item.start or 0)
            ports += f":{item.to}" if item.end is None else f":{item.to}-{last}"
        parts.append(f"~{ports}" if item.exclude else ports)
    return (f"{place}/" if place else "") + (",".join(parts) or "all")
