"""What each device needs of a bus, as its kind's ``pci`` says, and in which order devices get their places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from qemuxml import layout
from qemuxml.complete.topology.model import Need, Socket
from qemuxml.domain import Domain
from qemuxml.mapping.kind import Plug

ORDER: Final = ("filesystem", "interface", "sound", "controller", "disk", "hostdev", "memballoon", "rng", "watchdog", "video",
                "shmem", "input", "serial", "memory", "vsock", "crypto", "panic", "iommu", "pstore", "tpm")  # fmt: skip
"""The kinds in the order in which libvirt gives them places; bridges come before all."""

_NUMBERED: Final = ("disk", "interface", "sound", "hostdev", "video", "controller", "input", "filesystem", "watchdog",
                    "memballoon", "rng", "shmem", "tpm", "memory", "vsock", "iommu", "crypto")  # fmt: skip


def plug_of(device: Any, domain: Domain) -> Plug | None:
    """What the device asks of a PCI bus; None for one that sits elsewhere."""
    pci = layout.kind_of(device).pci
    return pci(device, domain) if pci else None


def need_of(device: Any, domain: Domain, root: str) -> Need | None:
    """The device's need on a machine of that root bus."""
    plug = plug_of(device, domain)
    if plug is None:
        return None
    if plug is Plug.ROOT:
        socket = Socket.EXPRESS if root == "pcie-root" else Socket.CONVENTIONAL
        return Need(socket, hotplug=False)
    express = plug in (Plug.EITHER, Plug.EXPRESS) and root == "pcie-root"
    return Need(Socket.EXPRESS if express else Socket.CONVENTIONAL)


def in_order(domain: Domain) -> Iterator[Any]:
    """The devices in the order in which they get places; a kind that the order does not name comes last."""
    return _ordered(domain, ORDER)


def in_numbers_order(domain: Domain) -> Iterator[Any]:
    """The devices in the order in which those of PCI get their numbers on s390."""
    return _ordered(domain, _NUMBERED)


def _ordered(domain: Domain, order: Iterable[str]) -> Iterator[Any]:
    by_element: dict[str, list[Any]] = {}
    for device in domain.devices:
        by_element.setdefault(layout.element(device), []).append(device)
    for element in order:
        yield from by_element.pop(element, ())
    for rest in by_element.values():
        yield from rest
