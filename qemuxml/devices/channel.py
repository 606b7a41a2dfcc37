"""Channels between host and guest: ``<channel><target type='virtio' name='org.qemu.guest_agent.0'/>`` is ``virtserialport``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common import characterread, chardev, chardevice, chardevread
from qemuxml.common.addresses import VirtioSerialAddress
from qemuxml.common.chardev import Chardev, Source
from qemuxml.common.device import ident, refer, socket
from qemuxml.common.info import Info
from qemuxml.common.piece import Piece
from qemuxml.domain import Domain, launch
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed
from qemuxml.mapping.props import Props, computed, const, json
from qemuxml.mapping.xml import attr, group
from qemuxml.record import record

SPICE_AGENT = "com.redhat.spice.0"
"""The one name that SPICE's agent in the guest looks for."""


@record(kw_only=True)
class Channel:
    """A channel and its host side. ``virtio`` has a name, ``guestfwd`` an address in the guest's network."""

    chardev: Chardev = group(Chardev)
    target_type: str | None = attr("target@type")
    name: str | None = attr("target@name")
    state: str | None = attr("target@state")
    address: str | None = attr("target@address")
    port: str | None = attr("target@port")
    info: Info = group(Info)


DEVICE = Props(
    Channel,
    const("driver", "virtserialport"),
    socket(),
    refer("chardev", "char{}"),
    ident(),
    computed("name", lambda channel: channel.name or (SPICE_AGENT if channel.chardev.type == "spicevmc" else None)),
)
FORWARD = Props(
    Channel,
    const("type", "user"),
    computed("guestfwd.0.str", lambda made: f"tcp:{made.address}:{made.port}-chardev:char{made.info.alias}"),
    ident(),
)


def write(channel: Channel, writing: Writing) -> Iterator[Words]:
    """The host side, and the port or the forwarded address."""
    yield from chardevice.options(_with_path(channel, writing), str(channel.info.alias), writing, usage="vdagent")
    if channel.target_type == "guestfwd":
        yield "-netdev", json(FORWARD.write(channel))
    else:
        yield "-device", json(DEVICE.write(channel))


def _with_path(channel: Channel, writing: Writing) -> Chardev:
    """Libvirt has a place of its own for sockets without a path."""
    made = channel.chardev
    if made.type != "unix" or made.source().path:
        return made
    made = deepcopy(made)
    made.sources = made.sources or [Source()]
    name = channel.name or "unknown.sock"
    domain = f"-1-{launch.short_name(writing.domain.identity.name or '')}"
    own = f"/var/run/libvirt/qemu/channel/{domain}/{name}" if writing.by_libvirt else writing.state_path(f"-{name}.sock")
    made.sources[0].path = own
    made.sources[0].mode = "bind"
    return made


def claim_port(option: Option, reading: Reading) -> Claimed | None:
    """``-device virtserialport,chardev=charchannel0,name=org.qemu.guest_agent.0``."""
    piece = Piece(option, reading)
    host = chardevread.follow(piece) if characterread.has_virtio_serial(reading) else None
    if host is None:
        return None
    channel = Channel(chardev=host, target_type="virtio", name=piece.values.get("name"))
    piece.values.get("driver")
    if host.type == "unix" and host.source() == Source():
        host.sources = []
    return piece.mapped(channel)


def claim_forward(option: Option, reading: Reading) -> Claimed | None:
    """``-netdev user,guestfwd=tcp:10.0.2.1:4600-chardev:charchannel0``: an address that only this host side answers at."""
    piece = Piece(option, reading, "type")
    found = re.fullmatch(r"tcp:([0-9.]+):([0-9]+)-chardev:(.+)", piece.values.peek("guestfwd.0.str") or "")
    others = [item for item in piece.values if item.key not in ("type", "id", "guestfwd.0.str")]
    backend = reading.referring("-chardev", "id", found[3]) if found and not others else None
    if found is None or backend is None:
        return None
    for key in ("type", "guestfwd.0.str"):
        piece.values.get(key)
    host = chardevread.read(piece.join(backend, "backend"))
    if host is None:
        return None
    chardevread.generated(host, piece.values.peek("id") or "channel", reading, piece)
    return piece.mapped(Channel(chardev=host, target_type="guestfwd", address=found[1], port=found[2]))


_GENERATED = r"(?:/var/lib|/var/run|/run)/libvirt/qemu/channel/(?:target/)?(?:[^/]+\.|domain-[^/]+/|[0-9]+-[^/]+/)"


def fill(channel: Channel, _: Domain, __: Target) -> None:
    """The state is of a running guest; a path that libvirt generated for another run is forgotten, as is a place on no port."""
    chardev.fill(channel.chardev, "pty")
    channel.state = None
    if channel.target_type == "virtio" and not isinstance(channel.info.address, VirtioSerialAddress):
        channel.info.address = None
    if channel.chardev.type == "unix" and channel.target_type == "virtio":
        path = channel.chardev.source().path
        if path is None and not channel.chardev.source().reconnect:
            channel.chardev.sources = []
        elif path and channel.name and re.fullmatch(_GENERATED + re.escape(channel.name), path):
            kept = channel.chardev.source().reconnect
            channel.chardev.sources = [Source(reconnect=kept)] if kept else []


def check(channel: Channel, _: Domain, __: Target) -> None:
    """What libvirt refuses of a channel."""
    name = f"<channel> '{channel.name or channel.info.alias}'"
    if channel.target_type == "guestfwd":
        _check_forward(channel, name)
    elif channel.target_type != "virtio":
        raise UnsupportedError(f"{name}: QEMU has no channel of type '{channel.target_type}'")
    if channel.chardev.type == "spicevmc" and channel.name not in (None, SPICE_AGENT):
        raise UnsupportedError(f"{name}: the target of a spicevmc channel is '{SPICE_AGENT}'")
    chardevice.check(channel.chardev, name, generated_path=channel.target_type == "virtio")


def _check_forward(channel: Channel, name: str) -> None:
    from ipaddress import IPv4Address  # noqa: PLC0415 - few guests have such a channel

    if not channel.address or not channel.port:
        raise DomainXmlError(f"{name}: a guestfwd target needs an address and a port")
    try:
        IPv4Address(channel.address)
    except ValueError:
        raise UnsupportedError(f"{name}: guestfwd only supports IPv4 addresses, not '{channel.address}'") from None


KIND = Kind(
    element="channel",
    model=Channel,
    modern={"-device virtserialport": claim_port, "-netdev": claim_forward},
    alias="channel",
    write=write,
    fill=fill,
    check=check,
)
