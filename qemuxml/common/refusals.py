"""What QEMU 0.9 lacked is refused by name: ``QEMU 0.9 has no option for <driver io>``."""

from __future__ import annotations

from collections.abc import Mapping

from qemuxml.errors import UnsupportedError


def refuse(said: Mapping[str, object]) -> None:
    """Raise UnsupportedError for the first element or attribute that says something (neither None, False nor empty)."""
    for element, value in said.items():
        if value:
            raise UnsupportedError(f"QEMU 0.9 has no option for {element}")
