"""What each device needs of a bus: its kind's ``pci`` says so; where a kind has no such word, this table does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from qemuxml import layout
from qemuxml.complete.topology.model import Need, Socket
from qemuxml.devices.controller import Controller
from qemuxml.domain import Domain
from qemuxml.mapping.kind import Plug

ORDER: Final = ("filesystem", "interface", "sound", "controller", "disk", "hostdev", "memballoon", "rng", "watchdog", "video",
                "shmem", "input", "serial", "memory", "vsock", "crypto", "panic", "iommu", "pstore", "tpm")  # fmt: skip
"""The kinds in the order in which libvirt gives them places; bridges come before all."""


def _virtio(made: Any) -> Plug:
    return Plug.CONVENTIONAL if (made.model or "").endswith("virtio-transitional") else Plug.EITHER


def _conventional(_: Any) -> Plug:
    return Plug.CONVENTIONAL


def _interface(made: Any) -> Plug | None:
    model = getattr(made, "model", None)
    if getattr(made, "type", None) == "vdpa" and model is None:
        return Plug.EITHER
    if model in ("usb-net", "spapr-vlan"):
        return None
    if model in ("virtio", "virtio-non-transitional", "e1000e", "vmxnet3", "igb"):
        return Plug.EITHER
    return Plug.EITHER if getattr(made, "type", None) == "hostdev" else Plug.CONVENTIONAL


def _disk(made: Any) -> Plug | None:
    return (
        _virtio(made)
        if getattr(made, "bus", None) == "virtio" and hasattr(made, "model")
        else (Plug.EITHER if getattr(made, "bus", None) == "virtio" else None)
    )


def _hostdev(made: Any) -> Plug | None:
    if made.mode == "capabilities":
        return None
    if made.type == "pci":
        return Plug.EITHER
    if made.type == "scsi_host":
        return Plug.CONVENTIONAL if getattr(made, "model", None) == "virtio-transitional" else Plug.EITHER
    return Plug.EITHER if made.type == "mdev" and getattr(made, "model", None) == "vfio-pci" else None


def _controller(made: Controller) -> Plug | None:
    if made.type == "usb":
        if made.model == "none":
            return None
        return Plug.EITHER if made.model in ("qemu-xhci", "nec-xhci") else Plug.CONVENTIONAL
    if made.type == "scsi":
        if made.model in ("ibmvscsi", "ncr53c90"):
            return None
        return (
            Plug.CONVENTIONAL
            if made.model in ("virtio-transitional", "dc390", "am53c974") or not (made.model or "").startswith("virtio")
            else Plug.EITHER
        )
    if made.type == "virtio-serial":
        return _virtio(made)
    return Plug.CONVENTIONAL if made.type == "sata" else None


def _sound(made: Any) -> Plug | None:
    if made.model in ("sb16", "pcspk", "usb"):
        return None
    return Plug.EITHER if made.model == "virtio" else Plug.CONVENTIONAL


def _video(made: Any) -> Plug | None:
    if made.type in ("none", "ramfb"):
        return None
    return Plug.EITHER if made.type in ("virtio", "bochs") else Plug.CONVENTIONAL


def _when(field: str, value: str, plug: Plug) -> Callable[[Any], Plug | None]:
    return lambda made: plug if getattr(made, field, None) == value else None


NEEDS: Final[Mapping[str, Callable[[Any], Plug | None]]] = {
    "filesystem": _virtio, "interface": _interface, "sound": _sound, "controller": _controller, "disk": _disk,
    "hostdev": _hostdev,
    "memballoon": lambda made: None if made.model == "none" else _virtio(made), "rng": _virtio,
    "watchdog": _when("model", "i6300esb", Plug.CONVENTIONAL), "video": _video, "shmem": _conventional,
    "input": lambda made: _virtio(made) if getattr(made, "bus", None) == "virtio" and hasattr(made, "model") else (
        Plug.EITHER if getattr(made, "bus", None) == "virtio" else None),
    "serial": lambda made: Plug.CONVENTIONAL if getattr(made, "target_type", None) == "pci-serial" else None,
    "memory": lambda made: Plug.EITHER if made.model in ("virtio-mem", "virtio-pmem") else None,
    "vsock": _virtio, "crypto": _virtio, "panic": _when("model", "pvpanic", Plug.ROOT),
    "iommu": _when("model", "virtio", Plug.ROOT), "pstore": _when("backend", "acpi-erst", Plug.CONVENTIONAL),
}  # fmt: skip


def plug_of(device: Any, domain: Domain) -> Plug | None:
    """What the device asks of a PCI bus; None for one that sits elsewhere."""
    kind = layout.KIND_OF[type(device)]
    if kind.pci is not None:
        return kind.pci(device, domain)
    need = NEEDS.get(kind.element)
    return need(device) if need else None


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
    by_element: dict[str, list[Any]] = {}
    for device in domain.devices:
        by_element.setdefault(layout.KIND_OF[type(device)].element, []).append(device)
    for element in ORDER:
        yield from by_element.pop(element, ())
    for rest in by_element.values():
        yield from rest
