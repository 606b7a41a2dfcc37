"""Network cards read back: ``-netdev tap,id=n0,ifname=tap0 -device virtio-net-pci,netdev=n0`` is ``<interface>``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Property, Values
from qemuxml.common import drivers, reconnect
from qemuxml.common.addresses import pci_slot
from qemuxml.common.piece import Piece
from qemuxml.devices.interface import (
    WITH_MTU,
    Interface,
    Ip,
    Local,
    apart,
    forwarding,
    mac_address,
    passt,
    short_mac_address,
)
from qemuxml.devices.interface.front import OTHER_CARD, TAIL, VIRTIO_CARD, is_virtio
from qemuxml.devices.interface.slirp import LAST_PORT
from qemuxml.domain.boards import board_of
from qemuxml.later import pattern
from qemuxml.mapping.codecs import integer
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import REST, Claimed, Fate, dropped, implied
from qemuxml.mapping.props import Props

NO_CARD: Final = "the machine makes no card of it: QEMU warns, and goes on without"

_CARDS: Final = (
    "e1000", "e1000-82540em", "e1000-82544gc", "e1000-82545em", "e1000e", "igb", "rtl8139", "ne2k_pci", "pcnet", "vmxnet3",
    "tulip",
    "i82550", "i82551", "i82557a", "i82557b", "i82557c", "i82558a", "i82558b", "i82559a", "i82559b", "i82559c", "i82559er",
    "i82562", "i82801", "usb-net", "spapr-vlan", "sunhme", "rocker",
)  # fmt: skip


def claim_card(option: Option, reading: Reading) -> Claimed | None:
    """``-device CARD,netdev=ID`` with its ``-netdev``, if domain XML has a word for that."""
    piece = Piece(option, reading)
    backend = piece.follow("netdev", "-netdev", "type")
    interface = host_side(backend) if backend else None
    if interface is None or not piece.understood():
        return _claim_alone(option, reading)
    return piece.mapped(_read_card(piece, interface))


def _claim_alone(option: Option, reading: Reading) -> Claimed | None:
    piece = Piece(option, reading)
    host = apart.of_card(piece)
    interface = _read_card(piece, apart.idle())
    claimed = piece.mapped(interface)
    if claimed is not None:
        apart.plug(interface, host, reading, option.span)
    return claimed


def _read_card(piece: Piece, interface: Interface) -> Interface:
    name = piece.values.peek("driver") or ""
    table: Props[Interface] = VIRTIO_CARD if name.startswith("virtio-net") else OTHER_CARD
    vhost = interface.driver
    interface.driver = None
    piece.read(table, interface)
    told = piece.values.property("host_mtu")
    if told is not None and interface.type not in WITH_MTU:
        interface.mtu = None
        piece.reading.override(interface, [told])
    if is_virtio(interface) and vhost == "qemu":
        interface.driver = "qemu"
    interface.mac = piece.values.get("mac", mac_address)
    piece.read(TAIL, interface)
    return interface


def claim_nic(option: Option, reading: Reading) -> Claimed | None:
    """``-nic user,model=virtio-net-pci,mac=…``: both sides in one option; ``-nic none`` is no default card."""
    if not reading.knows_board and not option.text.startswith("none"):
        return None
    if not reading.makes_cards:
        return dropped(option, NO_CARD)
    first = option.text.partition(",")[0]
    piece = Piece(option, reading, None if "=" in first else "type")
    values = piece.values
    if values.peek("type") == "none":
        return implied(option, "no default network card")
    if values.peek("model") in OF_ISA:
        return None
    values.get("id")
    host = host_side(piece) if "type" in values else Interface(type="user")
    card = _card_of_nic(piece, host or apart.idle())
    if host is not None and piece.understood() and not values.unread():
        _without_vectors(card, option, reading)
        return piece.mapped(card)
    return _nic_alone(piece)


def _nic_alone(piece: Piece) -> Claimed:
    """The card of a ``-nic`` stands in the XML; its host side, which has no word there, is passed."""
    option, reading = piece.option, piece.reading
    card = _card_of_nic(piece, apart.idle())
    _without_vectors(card, option, reading)
    identifier = f"nic-{reading.ledger.position(option, ignoring='none')}"
    apart.plug(card, identifier, reading, option.span)
    return Claimed((option,), Fate.PASSED, (card,), REST, apart.netdev(piece, identifier))


def _card_of_nic(piece: Piece, card: Interface) -> Interface:
    values = piece.values
    card.mac = values.get("mac", short_mac_address) or values.get("macaddr", short_mac_address)
    card.model = model_of(values.get("model"))
    card.info.address = values.get("addr", pci_slot)
    card.driver = card.driver if is_virtio(card) else None
    return card


def _without_vectors(card: Interface, option: Option, reading: Reading) -> None:
    """QEMU gives a virtio card of ``-nic`` no MSI-X vectors at all, one of ``-device`` as many as it needs."""
    virtio = is_virtio(card) if card.model else reading.usual_card == "virtio"
    if virtio and not board_of(reading.domain).is_ccw:
        reading.override(card, [Property("vectors", 0, option.span)])


OF_ISA: Final = ("ne2k_isa",)
"""Cards that libvirt would put on PCI."""


def model_of(name: str | None) -> str | None:
    """Libvirt's name of a card that ``model=`` names; None stays the board's own."""
    found = re.fullmatch(r"virtio(?:-net)?(?:-pci|-ccw|-device)?(-transitional|-non-transitional)?", name or "")
    return f"virtio{found[1] or ''}" if found else "e1000" if name == "e1000-82540em" else name


# ------------------------------------------------------------------ the host's side


def host_side(backend: Piece) -> Interface | None:
    """The host's side as an interface without a card; None for a kind, or a property of one, that has no word."""
    take = _TAKERS.get(backend.values.get("type") or "")
    return take(backend) if take else None


def _user(backend: Piece) -> Interface | None:
    """SLIRP's own network; ports that are handed in need passt."""
    values = backend.values
    interface = Interface(type="user")
    net = values.get("net", _network)
    if net is not None:
        interface.ips.append(Ip(family="ipv4", address=net[0], prefix=net[1]))
    prefix = values.get("ipv6-prefix")
    if prefix is not None:
        interface.ips.append(Ip(family="ipv6", address=prefix, prefix=values.get("ipv6-prefixlen", integer)))
    forwards = forwarding.take(iter(values))
    return interface if forwarding.apply(forwards, interface, backend) else None


def _network(text: str) -> tuple[str, int | None]:
    found = re.fullmatch(r"([0-9.]{7,15})(?:/([0-9]{1,2}|[0-9.]{7,15}))?", text)
    if not found:
        raise ValueError("is not NETWORK/PREFIX")
    mask = found[2]
    prefix = None if mask is None else int(mask) if mask.isdigit() else sum(int(part).bit_count() for part in mask.split("."))
    if prefix is not None and prefix > _LONGEST_PREFIX:
        raise ValueError("is not NETWORK/PREFIX")
    return found[1], prefix


_LONGEST_PREFIX: Final = 32


_DEFAULT_SCRIPT: Final = "/etc/qemu-ifup"
"""What QEMU runs for a tap device where no script is named."""


def _tap(backend: Piece) -> Interface:
    values = backend.values
    descriptors = values.get("fds") or values.get("fd")
    vhost = values.flag("vhost")
    for key in ("vhostfd", "vhostfds", "vhostforce"):
        values.get(key)
    if descriptors is not None:
        interface = Interface(type="network", source_network="default")
        interface.queues = descriptors.count(":") + 1 if ":" in descriptors else None
        backend.guessed("libvirt opened the tap device: which network it is in is not on the line")
    else:
        interface = _named_tap(values, backend.reading)
    if "br" in values:
        interface = Interface(type="bridge", source_bridge=values.get("br"), target=interface.target, queues=interface.queues)
        values.get("helper")
    interface.queues = interface.queues or values.get("queues", integer)
    interface.driver = None if vhost else "qemu"
    interface.sndbuf = values.get("sndbuf", integer)
    return interface


def _named_tap(values: Values, reading: Reading) -> Interface:
    script, downscript = values.get("script"), values.get("downscript")
    interface = Interface(type="ethernet", target=values.get("ifname"))
    interface.script = _DEFAULT_SCRIPT if script is None else None if script in ("", "no") else reading.path(script)
    interface.downscript = None if downscript in (None, "", "no") else reading.path(downscript)
    return interface


def _bridge(backend: Piece) -> Interface:
    backend.values.get("helper")
    return Interface(type="bridge", source_bridge=backend.values.get("br") or "br0", driver="qemu")


def _socket(backend: Piece) -> Interface | None:
    values = backend.values
    for key, kind in (("listen", "server"), ("connect", "client"), ("mcast", "mcast"), ("udp", "udp")):
        place = values.get(key, _host_and_port)
        if place is not None:
            address = place[0] or (None if kind == "server" else "127.0.0.1")
            interface = Interface(type=kind, source_address=address, source_port=place[1])
            local = values.get("localaddr", _host_and_port)
            if local is not None:
                interface.source_local = Local(address=local[0], port=local[1])
            return interface
    return None


def _host_and_port(text: str) -> tuple[str | None, int]:
    host, _, port = text.rpartition(":")
    if not port.isdigit() or int(port[:6]) > LAST_PORT:
        raise ValueError("is not HOST:PORT")
    return host or None, int(port)


def _vhost_user(backend: Piece) -> Interface | None:
    """A switch of the host, over a socket; passt too where it moves the packets of shared memory."""
    host = backend.follow("chardev", "-chardev", "backend")
    values = host.values if host else None
    if values is None or values.get("backend") != "socket":
        return None
    backend.values.flag("vhostforce")
    path = values.get("path", backend.reading.path)
    again = reconnect.read(values)
    if _PASST.fullmatch(path or ""):
        return Interface(type="vhostuser", backend_type="passt", queues=backend.values.get("queues", integer))
    interface = Interface(type="vhostuser", source_type="unix", source_path=path)
    interface.source_mode = "server" if values.flag("server") else "client"
    values.flag("wait")
    interface.source_reconnect = again
    interface.queues = backend.values.get("queues", integer)
    return interface


_PASST: Final = pattern(r"(?:/var)?/run/libvirt/qemu/passt/[^/]+\.socket")


def _stream(backend: Piece) -> Interface | None:
    """Passt that libvirt started for the guest; other streams have no word."""
    values = backend.values
    if values.get("addr.type") != "unix" or not _PASST.fullmatch(values.get("addr.path") or ""):
        return None
    values.flag("server")
    reconnect.read(values)
    return Interface(type="user", backend_type="passt")


def _elsewhere(backend: Piece) -> Interface:
    for item in backend.values:
        item.read = True
    backend.replaced(apart.ELSEWHERES[backend.values.peek("type") or ""])
    return Interface(type="user")


def _vdpa(backend: Piece) -> Interface:
    values = backend.values
    path = values.get("vhostdev") or ""
    queues = values.get("queues", integer)
    found = re.fullmatch(r"/dev/fdset/([0-9]+)", path)
    for option in list(backend.reading.ledger.open_named("-add-fd")) if found else []:
        given = backend.reading.values(option)
        opaque = given.peek("opaque") or ""
        if found and given.peek("set") == found[1] and opaque.startswith("/"):
            path = opaque
            for item in given:
                item.read = True
            backend.also(option)
    return Interface(type="vdpa", source_dev=path, queues=queues)


_TAKERS: Final[Mapping[str, Callable[[Piece], Interface | None]]] = {
    "user": _user, "tap": _tap, "bridge": _bridge, "socket": _socket, "vhost-user": _vhost_user, "stream": _stream,
    "passt": passt.read,
    "vhost-vdpa": _vdpa, **dict.fromkeys(apart.ELSEWHERES, _elsewhere),
}  # fmt: skip


CLAIMS: Final = {
    **{f"-device {name}": claim_card for name in (*_CARDS, *drivers.virtio("virtio-net"))},
    "-nic": claim_nic,
    "-netdev": apart.claim_netdev,
}
"""Which claim reads which option."""
