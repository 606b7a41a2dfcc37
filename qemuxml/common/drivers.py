"""Names of QEMU's devices: ``-device e1000-82540em`` is an e1000, ``virtio-blk`` the one of the machine's own transport."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_VIRTIO: Final = ("", "-pci", "-ccw", "-device", "-pci-transitional", "-pci-non-transitional")


def virtio(base: str) -> Iterator[str]:
    """Every name of a virtio device: ``virtio-rng``, ``virtio-rng-pci``, ``virtio-rng-ccw``, ``virtio-rng-pci-transitional``."""
    return (f"{base}{transport}" for transport in _VIRTIO)
