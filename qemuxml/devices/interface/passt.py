"""passt that QEMU 10.1 and later start by themselves: ``-netdev passt,id=n,tcp-ports=2222:22`` is libvirt's passt backend."""

from __future__ import annotations

import re
from typing import Final

from qemuxml.cmdline.values import Property
from qemuxml.common.piece import Piece
from qemuxml.devices.interface import Interface, Ip, PortForward, PortRange
from qemuxml.devices.interface.slirp import LAST_PORT
from qemuxml.later import pattern

_PORTS: Final = pattern(r"(tcp|udp)-ports(\.[0-9]+\.str)?")
_SPECIFICATION: Final = pattern(r"(?:([^/%]*)(?:%([^/]+))?/)?([0-9~:,-]+|all)")
_RANGE: Final = pattern(r"(~)?([0-9]{1,5})(?:-([0-9]{1,5}))?(?::([0-9]{1,5})(?:-[0-9]{1,5})?)?")


def read(backend: Piece) -> Interface | None:
    """The network; None if a property has no word in domain XML, or a port none in ``<portForward>``."""
    values = backend.values
    interface = Interface(type="vhostuser" if values.flag("vhost-user") else "user", backend_type="passt")
    interface.source_dev, interface.backend_fqdn = values.get("interface"), values.get("fqdn")
    address, prefix = values.get("address"), values.get("netmask", _prefix)
    if address is not None:
        interface.ips = [Ip(family="ipv6" if ":" in address else "ipv4", address=address, prefix=prefix)]
    for key in ("path", "quiet"):
        values.get(key)  # libvirt finds passt itself
    for item in values:
        ports = _PORTS.fullmatch(item.key)
        if ports is not None and item.text != "none":
            forward = _forward(ports[1], item)
            if forward is None:
                return None
            interface.forwards.append(forward)
        item.read = item.read or ports is not None
    return interface


_LONGEST_PREFIX: Final = 128


def _prefix(text: str) -> int:
    """``24``, or ``255.255.255.0``."""
    if re.fullmatch("[0-9]{1,3}", text) and int(text) <= _LONGEST_PREFIX:
        return int(text)
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){3}", text):
        raise ValueError("is no netmask")
    return sum(int(part).bit_count() for part in text.split("."))


def _forward(protocol: str, item: Property) -> PortForward | None:
    """``192.0.2.1%eth0/22-80:32-90,~25``: an address, a device, and the ports; None for what passt would find out by itself."""
    found = _SPECIFICATION.fullmatch(item.text)
    if found is None:
        return None
    forward = PortForward(proto=protocol, address=(found[1] or "").strip("[]") or None, dev=found[2])
    for text in found[3].split(",") if found[3] != "all" else ():
        ports = _RANGE.fullmatch(text)
        if ports is None or not all(0 < int(number or 1) <= LAST_PORT for number in ports.groups()[1:]):
            return None
        first, last, to = (int(number) if number else None for number in ports.groups()[1:])
        forward.ranges.append(PortRange(start=first, end=last, to=to, exclude=True if ports[1] else None))
    return forward
