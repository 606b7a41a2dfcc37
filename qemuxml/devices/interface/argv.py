"""Network cards on today's command line: ``-netdev {"type":"tap",…}`` with ``-device virtio-net-pci,netdev=hostnet0``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.render import Words
from qemuxml.common import reconnect
from qemuxml.common.addresses import PciAddress, VirtioMmioAddress
from qemuxml.devices.interface import Interface, byhand
from qemuxml.devices.interface.front import ON_BOARD, OTHER_CARD, TAIL, TAPPED, VIRTIO_CARD, is_virtio
from qemuxml.domain import Domain, boards
from qemuxml.domain.launch import short_name
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.context import Writing
from qemuxml.mapping.props import Pair, json, key_values


def write(interface: Interface, writing: Writing) -> Iterator[Words]:
    """The host side and the card. A card of the host is written with the ``<hostdev>`` devices."""
    if interface.type == "hostdev":
        return
    by_hand = None if writing.by_libvirt else byhand.pairs(interface, writing)
    if interface.type == "vhostuser" and by_hand is None:
        yield "-chardev", _socket(interface, writing)
    host = by_hand if by_hand is not None else _host_side(interface, writing)
    yield "-netdev", json([*host, ("id", f"host{interface.info.alias}")])
    if _is_wired(interface, writing.domain):
        yield "-net", f"nic,{key_values(ON_BOARD.write(interface))}"
        return
    card = VIRTIO_CARD if is_virtio(interface) else OTHER_CARD
    loads = interface.info.boot_index is not None and not writing.has("machine.loadparm")
    tail = [pair for pair in TAIL.write(interface) if loads or pair[0] != "loadparm"]
    yield "-device", json([*card.write(interface), *tail])


def _is_wired(interface: Interface, domain: Domain) -> bool:
    """Whether the card is a part of an ARM board, which takes it by ``-net nic`` alone."""
    return domain.os.arch in boards.ARM and not isinstance(interface.info.address, PciAddress | VirtioMmioAddress)


def _passt_socket(interface: Interface, writing: Writing) -> str:
    if writing.by_libvirt:
        name = short_name(writing.domain.identity.name or "")
        return f"/var/run/libvirt/qemu/passt/-1-{name}-{interface.info.alias}.socket"
    return byhand.passt(interface, writing)


def _socket(interface: Interface, writing: Writing) -> str:
    """``socket,id=charnet0,path=…,server=on`` of a vhost-user switch, or of passt."""
    pairs: list[Pair] = [("id", f"char{interface.info.alias}")]
    if interface.backend_type == "passt":
        pairs += [("path", _passt_socket(interface, writing)), reconnect.after(byhand.PASST_RECONNECT, writing)]
    else:
        pairs.append(("path", interface.source_path or ""))
        if interface.source_mode == "server":
            pairs.append(("server", True))
        else:
            pairs += reconnect.write(interface.source_reconnect, writing)
    return "socket," + key_values(pairs)


def _host_side(interface: Interface, writing: Writing) -> list[Pair]:
    match interface.type:
        case "user" if interface.backend_type == "passt":
            return byhand.stream(_passt_socket(interface, writing), writing)
        case "user" | "internal":
            return [("type", "user"), *byhand.networks(interface)]
        case "client" | "server" | "mcast" | "udp":
            return _tunnel(interface)
        case "vhostuser":
            queues: list[Pair] = [("queues", interface.queues or 1)] if (interface.queues or 1) > 1 else []
            return [("type", "vhost-user"), ("chardev", f"char{interface.info.alias}"), *queues]
        case "vdpa":
            many: list[Pair] = [("queues", interface.queues or 1)] if (interface.queues or 1) > 1 else []
            return [("type", "vhost-vdpa"), ("vhostdev", f"/dev/fdset/{writing.number('fdset')}"), *many]
        case kind if kind in TAPPED:
            return _tap(interface, writing)
    raise DomainXmlError(f"<interface type='{interface.type}'>: QEMU has no such network")


def _tunnel(interface: Interface) -> list[Pair]:
    place = f"{interface.source_address or ''}:{interface.source_port}"
    form = {"client": "connect", "server": "listen", "mcast": "mcast", "udp": "udp"}[interface.type or "client"]
    pairs: list[Pair] = [("type", "socket"), (form, place)]
    if interface.type == "udp" and interface.source_local:
        pairs.append(("localaddr", f"{interface.source_local.address or ''}:{interface.source_local.port}"))
    return pairs


def _tap(interface: Interface, writing: Writing) -> list[Pair]:
    """Libvirt opens the devices, and hands a descriptor over for each queue; vhost does the work where it may."""
    queues = interface.queues or 1
    vhost = uses_vhost(interface)
    pairs: list[Pair] = [("type", "tap"), _descriptors("fd", queues, writing)]
    if vhost:
        pairs += [("vhost", True), _descriptors("vhostfd", queues, writing)]
    return pairs + ([("sndbuf", interface.sndbuf)] if interface.sndbuf is not None else [])


def _descriptors(name: str, count: int, writing: Writing) -> Pair:
    numbers = [str(writing.descriptor()) for _ in range(count)]
    return (name, numbers[0]) if count == 1 else (f"{name}s", ":".join(numbers))


def uses_vhost(interface: Interface) -> bool:
    """Whether the host's kernel moves the packets: of virtio cards, unless QEMU is asked for."""
    return is_virtio(interface) and interface.driver != "qemu"
