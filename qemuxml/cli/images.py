"""The first bytes of an image, for ``-hda disk.img`` that says no format; nothing is opened that could wait or answer."""

from __future__ import annotations

import os
import stat


def first_bytes(path: str) -> bytes | None:
    """The bytes by which QEMU knows a format; None of what cannot be read, or is neither a file nor a block device."""
    from qemuxml.common.imageformat import PROBED  # noqa: PLC0415 - --help needs none

    try:
        if not _has_content(os.stat(path).st_mode):
            return None
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    try:
        return os.read(descriptor, PROBED) if _has_content(os.fstat(descriptor).st_mode) else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _has_content(mode: int) -> bool:
    """A pipe would wait for a writer, and a device of characters may do anything."""
    return stat.S_ISREG(mode) or stat.S_ISBLK(mode)
