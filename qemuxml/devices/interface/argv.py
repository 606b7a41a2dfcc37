"""Network cards on today's command line: ``-netdev {"type":"tap",…}`` with ``-device virtio-net-pci,netdev=hostnet0``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import on_off
from qemuxml.common import reconnect
from qemuxml.common.addresses import PciAddress, VirtioMmioAddress
from qemuxml.common.device import address, bootindex, ident, refer, rom
from qemuxml.common.virtio import MODELS, plug, virtio_driver, virtio_options
from qemuxml.devices.interface import GuestOffload, HostOffload, Interface, Teaming, byhand
from qemuxml.domain import Domain, boards
from qemuxml.domain.launch import short_name
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import INT, SWITCH
from qemuxml.mapping.context import Target, Writing
from qemuxml.mapping.kind import Plug
from qemuxml.mapping.props import Pair, Props, Row, computed, json, key, key_values

TAPPED = frozenset({"network", "bridge", "ethernet", "direct"})
"""Types whose packets go through a tap or macvtap device of the host."""


def is_virtio(interface: Interface) -> bool:
    """Whether the guest sees a virtio card."""
    return interface.model in MODELS


def _offload(key_name: str, side: str, name: str) -> Row:
    def read(interface: Interface, text: str) -> bool:
        if getattr(interface, side) is None:
            setattr(interface, side, _SIDES[side]())
        setattr(getattr(interface, side), name, on_off(text))
        return True

    return computed(
        key_name, lambda interface: getattr(getattr(interface, side), name) if getattr(interface, side) else None, read
    )


_SIDES = {"host_offload": HostOffload, "guest_offload": GuestOffload}


def _read_tx(interface: Interface, text: str) -> bool:
    interface.txmode = next((name for name, mode in _TX_MODES.items() if mode == text), None)
    return interface.txmode is not None


def _read_failover(interface: Interface, text: str) -> bool:
    interface.teaming = Teaming(type="persistent") if on_off(text) else None
    return True


def _read_model(interface: Interface, driver: str) -> bool:
    interface.model = "e1000" if driver == "e1000-82540em" else driver
    return True


def _vectors(interface: Interface) -> int | None:
    """Two for each queue, one for the configuration, one for control."""
    queues = interface.queues or 1
    many = queues > 1 and interface.type in (*TAPPED, "vhostuser", "vdpa")
    return 2 * queues + 2 if many else None


_TX_MODES = {"iothread": "bh", "timer": "timer"}
_HOST = (("csum", "csum"), ("gso", "gso"), ("host_tso4", "tso4"), ("host_tso6", "tso6"), ("host_ecn", "ecn"),
         ("host_ufo", "ufo"), ("mrg_rxbuf", "mrg_rxbuf"))  # fmt: skip
_GUEST = (("guest_csum", "csum"), ("guest_tso4", "tso4"), ("guest_tso6", "tso6"), ("guest_ecn", "ecn"), ("guest_ufo", "ufo"))

VIRTIO_CARD = Props(
    Interface,
    virtio_driver("virtio-net"),
    *virtio_options(),
    computed("tx", lambda interface: _TX_MODES.get(interface.txmode), _read_tx),
    key("ioeventfd", "ioeventfd", SWITCH),
    key("event_idx", "event_idx", SWITCH),
    *(_offload(name, "host_offload", field) for name, field in _HOST),
    *(_offload(name, "guest_offload", field) for name, field in _GUEST),
    computed("mq", lambda interface: True if _vectors(interface) else None),
    computed("vectors", _vectors),
    key("rx_queue_size", "rx_queue_size", INT),
    key("tx_queue_size", "tx_queue_size", INT),
    key("rss", "rss", SWITCH),
    key("hash", "rss_hash_report", SWITCH),
    key("host_mtu", "mtu", INT),
    computed(
        "failover",
        lambda interface: True if interface.teaming and interface.teaming.type == "persistent" else None,
        _read_failover,
    ),
)
_DRIVERS = {"e1000-82540em": "e1000"}
OTHER_CARD = Props(Interface, computed("driver", lambda interface: _DRIVERS.get(interface.model, interface.model), _read_model))
TAIL = Props(
    Interface,
    refer("netdev", "host{}"),
    ident(),
    key("mac", "mac"),
    bootindex(),
    key("loadparm", "info.loadparm"),
    address(),
    *rom(),
)
ON_BOARD = Props(Interface, key("macaddr", "mac"), refer("netdev", "host{}"), key("model", "model"), ident())


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


# ------------------------------------------------------------------ completion and refusals


def fill(interface: Interface, domain: Domain, _: Target) -> None:
    """The card that libvirt chooses, and an address that follows from the guest's name where none is given."""
    interface.type = interface.type or "ethernet"
    of_host = [item for item in domain.all(Interface) if item.type == "hostdev" and not item.info.named_by_user]
    interface.ordinal = next((number for number, item in enumerate(of_host) if item is interface), 0)
    if interface.model is None and interface.type != "hostdev":
        interface.model = "virtio" if interface.type in ("vhostuser", "vdpa") else default_model(domain)
    interface.model = _KNOWN.get((interface.model or "").lower(), interface.model)
    if interface.mac is None:
        number = next(at for at, item in enumerate(domain.all(Interface)) if item is interface)
        from hashlib import sha256  # noqa: PLC0415 - it loads OpenSSL, for a guest whose card has no address

        digits = sha256(f"{domain.identity.name}/{number}".encode()).hexdigest()
        prefix = "52:54:00" if domain.identity.type in ("qemu", "kvm", None) else "02:16:3e"
        interface.mac = f"{prefix}:{digits[0:2]}:{digits[2:4]}:{digits[4:6]}"

    interface.mac = interface.mac.lower()
    if interface.info.loadparm:
        interface.info.loadparm = interface.info.loadparm.upper()


_OLD = frozenset({
    "e1000", "rtl8139", "netfront", "lan9118", "scm91c111", "vmxnet", "vmxnet2", "vmxnet3", "vlance", "Am79C970A", "82540EM",
    "82545EM", "82543GC",
})  # fmt: skip
_KNOWN = {model.lower(): model for model in (*MODELS, *_OLD, "e1000e", "usb-net", "spapr-vlan")}
"""Libvirt knows its own models in any case of letters; QEMU's others stay as they are."""


def default_model(domain: Domain) -> str:
    """Virtio on boards that were made for it, the oldest common card elsewhere."""
    arch, machine = domain.os.arch or "", domain.os.machine or ""
    if arch in boards.S390 or (boards.family(machine) == "virt" and arch in boards.ARM | boards.RISCV | {"loongarch64"}):
        return "virtio"
    if machine.startswith("versatile"):
        return "scm91c111"  # libvirt spells the SMC91C111 so
    if arch in ("aarch64", "armv7l") or machine.startswith(("vexpress", "realview")):
        return "lan9118"
    return "rtl8139"


def pci(interface: Interface, _: Domain) -> Plug | None:
    """A card on PCI: the old ones that libvirt knows on conventional PCI; USB and virtual I/O cards are none."""
    if interface.type == "hostdev" or is_virtio(interface):
        return plug(interface.model)
    if interface.model in ("usb-net", "spapr-vlan"):
        return None
    return Plug.CONVENTIONAL if interface.model in _OLD else Plug.EITHER


def alias(interface: Interface, number: int, _: Domain) -> str:
    """net0; a card of the host is named among the host's devices, before the others."""
    return f"hostdev{interface.ordinal}" if interface.type == "hostdev" else f"net{number}"
