"""Machines that QEMU 10.0 no longer has, and the one that is nearest: ``pseries-2.1`` became pseries-3.0, ``raspi3`` raspi3b.

To add a release: ask its binaries for ``-M help``, and note the oldest version of each family, and what was renamed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_OLDEST: Final[Mapping[str, tuple[int, int]]] = {
    "pc-i440fx": (2, 4), "pc-q35": (2, 4), "pseries": (3, 0), "virt": (2, 6), "s390-ccw-virtio": (2, 9),
}  # fmt: skip
"""The oldest version of each family that is left."""
_RENAMED: Final[Mapping[str, str]] = {
    "raspi2": "raspi2b", "raspi3": "raspi3b", "raspi4": "raspi4b", "prep": "40p", "mips": "malta", "fulong2e": "fuloong2e",
    "s390": "s390-ccw-virtio", "s390-virtio": "s390-ccw-virtio", "xlnx-ep108": "xlnx-zcu102", "spike_v1.9.1": "spike",
    "spike_v1.10": "spike", "pc-i440fx-trusty": "pc-i440fx-2.4", "pc-i440fx-utopic": "pc-i440fx-2.4",
    "pc-i440fx-vivid": "pc-i440fx-2.4", "pc-i440fx-wily": "pc-i440fx-2.4", "trusty": "pc-i440fx-2.4", "ubuntu": "pc",
}  # fmt: skip
"""Boards under another name, and releases of Ubuntu whose machines were QEMU's of that time."""


def successor(machine: str, family: str, version: tuple[int, ...]) -> str | None:
    """The machine that stands for one that is gone; None for one that is still there."""
    oldest = _OLDEST.get(family)
    if oldest and version and version < oldest and machine not in _RENAMED:
        return f"{family}-{oldest[0]}.{oldest[1]}"
    return _RENAMED.get(machine)
