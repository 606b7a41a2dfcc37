"""Logical units of the host: ``-blockdev {"driver":"host_device",…}`` or ``iscsi`` with ``-device scsi-generic``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.render import Words
from qemuxml.common import protocols, scsi
from qemuxml.common.addresses import DriveAddress
from qemuxml.common.device import bootindex, ident
from qemuxml.common.secrets import secret
from qemuxml.common.storage import Host, NetworkSource
from qemuxml.devices.hostdev import Hostdev, ScsiSource
from qemuxml.mapping.context import Writing
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
        pairs += scsi.place(device.info.address, writing.domain)
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
