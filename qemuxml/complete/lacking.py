"""What a guest asks that not every QEMU can do: ``<sound model='virtio'/>`` needs 8.2. The abilities are data of the releases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from qemuxml import layout
from qemuxml.domain import Domain
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.context import Target

Asks = Callable[[Domain], bool]


def _any(element: str, asks: Callable[[Any], object]) -> Asks:
    return lambda domain: any(asks(device) for device in layout.of(element, domain.devices))


def _pools(domain: Domain) -> bool:
    default = domain.iothreads.default
    bounds = [bound for thread in domain.iothreads.ids for bound in (thread.minimum, thread.maximum)]
    bounds += [default.minimum, default.maximum] if default else []
    return any(bound is not None for bound in bounds)


def _clusters(domain: Domain) -> bool:
    topology = domain.cpu.topology if domain.cpu else None
    return topology is not None and (topology.clusters or 1) > 1


LACKING: Final[tuple[tuple[str, str, Asks], ...]] = (
    ("sound.virtio", "<sound model='virtio'>", _any("sound", lambda sound: sound.model == "virtio")),
    ("display.dbus", "<graphics type='dbus'>", _any("graphics", lambda graphics: graphics.type == "dbus")),
    ("display.dbus", "<audio type='dbus'>", _any("audio", lambda audio: audio.type == "dbus")),
    ("display.dbus", "<channel type='dbus'>", _any("channel", lambda channel: channel.chardev.type == "dbus")),
    ("pstore.acpi-erst", "<pstore backend='acpi-erst'>", _any("pstore", lambda pstore: pstore.backend == "acpi-erst")),
    ("crypto.lkcf", "<backend model='lkcf'>", _any("crypto", lambda crypto: crypto.backend == "lkcf")),
    ("iommu.virtio", "<iommu model='virtio'>", _any("iommu", lambda iommu: iommu.model == "virtio")),
    ("iommu.dma-translation", "<driver dma_translation='…'>", _any("iommu", lambda iommu: iommu.dma_translation is not None)),
    ("netdev.stream", "<backend type='passt'>", _any("interface", lambda card: card.backend_type == "passt")),
    ("memory.dynamic-memslots", "<target dynamicMemslots='yes'>", _any("memory", lambda device: device.dynamic)),
    ("disk.vhost-vdpa", "<disk type='vhostvdpa'>", _any("disk", lambda disk: disk.type == "vhostvdpa")),
    ("disk.discard-no-unref", "<driver discard_no_unref='…'>", _any("disk", lambda disk: disk.discard_no_unref is not None)),
    ("disk.iothread-mapping", "<iothreads> of a disk", _any("disk", lambda disk: disk.iothreads)),
    ("controller.iothread-mapping", "<iothreads> of a controller", _any("controller", lambda item: item.threads)),
    ("iothread.pool-sizes", "thread_pool_min and thread_pool_max", _pools),
    ("smp.clusters", "<topology clusters='…'>", _clusters),
    ("machine.i8042", "<ps2 state='…'>", lambda domain: bool(domain.features and domain.features.ps2 is not None)),
    ("option.run-with", "<async-teardown>", lambda domain: bool(domain.features and domain.features.async_teardown is not None)),
    ("option.shim", "<shim>", lambda domain: bool(domain.os.shim)),
    ("sev-snp", "<launchSecurity type='sev-snp'>", lambda domain: getattr(domain.launch_security, "type", None) == "sev-snp"),
)
"""The ability, what the XML says, and whether a guest says it."""


def check(domain: Domain, target: Target) -> None:
    """Raise UnsupportedError for the first thing that the target's QEMU lacks."""
    for ability, what, asks in LACKING:
        if not target.has(ability) and asks(domain):
            raise UnsupportedError(f"{what}: this QEMU has no such thing")
