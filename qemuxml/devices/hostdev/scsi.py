"""Logical units of the host: ``-blockdev {"driver":"host_device",…}`` or ``iscsi`` with ``-device scsi-generic``.

Which unit of which adapter ``/dev/sg3`` is, only the host knows. libvirt's own lines are read back with a guess; a line of any
other hand passes through, and opens what it opened before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common import blockgraph, protocols, scsi
from qemuxml.common.addresses import DriveAddress
from qemuxml.common.blocknode import Graph
from qemuxml.common.device import bootindex, ident
from qemuxml.common.piece import Piece
from qemuxml.common.secrets import secret
from qemuxml.common.storage import BlockSource, Host, NetworkSource, Source
from qemuxml.devices.hostdev import Hostdev, IscsiHost, ScsiSource
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.ledger import Claimed
from qemuxml.mapping.props import Pair, Props, const, json

FIRST_NODE = "/dev/sg0"
"""Which ``/dev/sg…`` a unit of an adapter is, only the host knows: the first one stands for it."""
GENERIC = Props(Hostdev, const("driver", "scsi-generic"))
REST = Props(Hostdev, ident(), bootindex())


def write(source: ScsiSource, device: Hostdev, writing: Writing) -> Iterator[Words]:
    """The image node and the device on it."""
    name = f"libvirt-{device.node}-backend"
    if source.protocol == "iscsi" and source.username:
        yield secret(_password(name), source.secret_uuid or source.secret_usage, writing)
    yield "-blockdev", json([*_storage(source, name, writing), ("node-name", name), ("read-only", device.readonly)])
    pairs: list[Pair] = [*GENERIC.write(device), ("drive", name), *REST.write(device)]
    if isinstance(device.info.address, DriveAddress):
        pairs += scsi.place(device.info.address)
    yield "-device", json(pairs)


def _password(name: str) -> str:
    return f"{name}-secret0"


def _storage(source: ScsiSource, name: str, writing: Writing) -> Iterator[Pair]:
    if source.protocol != "iscsi":
        writing.note(
            f"<adapter name='{source.adapter}'>: which device of the host this is only the host knows: {FIRST_NODE} is written"
        )
        yield from (("driver", "host_device"), ("filename", FIRST_NODE))
        return
    hosts = [Host(name=host.name, port=host.port) for host in source.hosts]
    yield from protocols.pairs(NetworkSource(protocol="iscsi", name=source.name, hosts=hosts), name)
    if source.username:
        yield from (("user", source.username), ("password-secret", _password(name)))
    if source.initiator:
        yield "initiator-name", source.initiator


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device scsi-generic,drive=…`` on a node of an iSCSI target, or on the one that libvirt opened."""
    piece = Piece(option, reading)
    name = piece.values.get("drive") or ""
    graph = Graph(piece)
    node = graph.node(name)
    image = blockgraph.read(node) if node else None
    source = _source(image.source, name, piece) if image else None
    place = scsi.read(piece.values, reading)
    if image is None or source is None or place is None or graph.filters:
        return None
    device = Hostdev(mode="subsystem", type="scsi", managed=True, source=source, readonly=image.readonly)
    device.info.address = place
    piece.values.get("driver")
    claimed = piece.mapped(device)
    if claimed is not None:
        reading.once(scsi.Units).on(place.controller or 0).add((place.bus or 0, place.target or 0, place.unit or 0))
        graph.enter()
    return claimed


def _source(opened: Source, name: str, piece: Piece) -> ScsiSource | None:
    if isinstance(opened, NetworkSource) and opened.protocol == "iscsi":
        hosts = [IscsiHost(name=host.name, port=host.port) for host in opened.hosts]
        source = ScsiSource(protocol="iscsi", name=opened.name, hosts=hosts, initiator=opened.initiator)
        if opened.auth is not None and opened.auth.secret is not None:
            source.username, source.secret_type = opened.auth.username, "iscsi"
            source.secret_usage = opened.auth.secret.usage
        return source
    if not isinstance(opened, BlockSource) or not re.fullmatch(r"libvirt-(hostdev)?[0-9]+-backend", name):
        return None
    units = sum(isinstance(item, Hostdev) and item.type == "scsi" for item in piece.reading.domain.devices)
    piece.guessed(f"which unit of an adapter {opened.dev} is only the host knows: unit {units} of scsi_host0 is taken")
    return ScsiSource(adapter="scsi_host0", bus=0, target=0, unit=units)
