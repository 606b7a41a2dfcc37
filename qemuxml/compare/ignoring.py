"""What a comparison is told not to see: the host side (paths, sockets, displays), or the identity (name, UUID, MAC addresses)."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

from qemuxml import layout
from qemuxml.common.chardev import Chardev
from qemuxml.common.storage import FileSource
from qemuxml.devices.disk import Disk
from qemuxml.devices.graphics import Graphics
from qemuxml.devices.interface import Interface
from qemuxml.domain import Domain
from qemuxml.mapping.facts import statements
from qemuxml.record import fields, is_record

PLACEHOLDER: Final = "/ignored"

_HOST: Final = {
    "": re.compile(r"/os/(?:kernel|initrd|dtb|shim|loader|nvram(?:/@template|/source/@file)?|acpi/table(?:\[\d+\])?)$"),
    "audio": re.compile("/@(?!id|type)|/(?:input|output)/"),
    "filesystem": re.compile("/source/@|/binary/"),
    "rng": re.compile("/backend$"),
    "tpm": re.compile("/backend/(?:device|source)/"),
    "memory": re.compile("/source/path$"),
    "shmem": re.compile("/server/"),
    "input": re.compile("/source/@evdev$"),
}  # fmt: skip
"""Paths of the host, by element; the parts of a guest that are no devices have no element."""

_IDENTITY: Final = re.compile(r"/(?:uuid|genid)$|/sysinfo.*/entry\[@name='(?:uuid|serial)'\]$")


def forget(domain: Domain, ignore: Collection[str]) -> None:
    """Make all guests say the same of what is ignored."""
    if "identity" in ignore:
        _forget_identity(domain)
    if "host" in ignore:
        _forget_host(domain)


def _forget_identity(domain: Domain) -> None:
    domain.identity.name = "ignored"
    for statement in list(statements(domain)):
        if _IDENTITY.match(statement.path):
            setattr(statement.owner, statement.field, None)
    for interface in domain.all(Interface):
        interface.mac = "52:54:00:00:00:00"


def _forget_host(domain: Domain) -> None:
    domain.emulator = None
    domain.devices = [device for device in domain.devices if not isinstance(device, Graphics)]
    for disk in domain.all(Disk):
        _forget_images(disk)
    for interface in domain.all(Interface):
        _forget_network(interface)
    for device in domain.devices:
        _forget_paths(device, layout.element(device))
        for field in fields(device):
            if isinstance(getattr(device, field.name), Chardev):
                setattr(device, field.name, Chardev(type="null"))
    _forget_paths(domain, "")


def _forget_images(disk: Disk) -> None:
    if disk.source is not None:
        disk.type, disk.source = "file", FileSource(file=PLACEHOLDER)
    disk.backing = disk.auth = disk.mirror = None


_GUEST_SIDE: Final = (
    "mac", "model", "driver_model", "virtio", "info", "host_offload", "guest_offload", "mtu", "rss", "rss_hash_report", "ordinal",
)  # fmt: skip
"""Fields of an interface that the guest sees."""


def _forget_network(interface: Interface) -> None:
    for field in fields(interface):
        if field.name not in _GUEST_SIDE:
            setattr(interface, field.name, [] if isinstance(getattr(interface, field.name), list) else None)
    interface.type = "user"


def _forget_paths(made: Any, element: str) -> None:
    host = _HOST.get(element)
    for statement in list(statements(made)) if host and is_record(made) else ():
        if host and host.match(statement.path):
            value = getattr(statement.owner, statement.field)
            setattr(statement.owner, statement.field, PLACEHOLDER if isinstance(value, str) else None)
