"""Which program is QEMU (``/usr/bin/qemu-system-x86_64``, ``kvm``; not ``qemu-img``), and which variables it reads."""

from __future__ import annotations

import re

from qemuxml.later import pattern

_EMULATOR = pattern(
    r"(?:.*/)?(?:qemu|kvm|(?:qemu-)?kvm-spice|qemu-kvm(?:-[\w.]+)*|qemu-system(?:-[\w.+]+)*)(?:\.exe)?", re.DOTALL
)


def is_emulator(path: str) -> bool:
    """Whether a program with this name, perhaps with its folders, runs a guest."""
    return bool(_EMULATOR.fullmatch(path))


_VARIABLE = pattern(
    "(QEMU|SPICE|SDL|PULSE|PIPEWIRE|ALSA|JACK|MESA|LIBGL|VK|DRI|EGL|GBM|CEPH|MALLOC|GLIBC)_[A-Z0-9_]+|LD_(PRELOAD|LIBRARY_PATH)"
)


def is_for_qemu(name: str) -> bool:
    """Whether QEMU, or a library of its, reads this variable; the others of a session are not about the guest."""
    return bool(_VARIABLE.fullmatch(name))
