"""Which program is QEMU: ``/usr/bin/qemu-system-x86_64``, ``kvm``, ``qemu-kvm``; and not ``qemu-img``, ``qemu-nbd``."""

from __future__ import annotations

import re

_EMULATOR = re.compile(
    r"(?:.*/)?(?:qemu|kvm|(?:qemu-)?kvm-spice|qemu-kvm(?:-[\w.]+)*|qemu-system(?:-[\w.+]+)*)(?:\.exe)?", re.DOTALL
)


def is_emulator(path: str) -> bool:
    """Whether a program with this name, perhaps with its folders, runs a guest."""
    return bool(_EMULATOR.fullmatch(path))
