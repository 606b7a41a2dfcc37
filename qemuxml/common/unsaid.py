"""Properties that libvirt writes for every device of a kind, and QEMU has otherwise where nobody says them: ``max_outputs``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Values
from qemuxml.mapping.context import Reading


def said(option: Option | None, reading: Reading) -> Values | None:
    """What the ``-device`` of a device says; None for a device that another option made, or the board."""
    return reading.values(option, "driver") if option is not None and option.name == "-device" else None


def unset(device: Any, names: Iterable[str], option: Option | None, reading: Reading) -> None:
    """Take those of the properties away that the device's option does not say."""
    values = said(option, reading)
    for name in names:
        if values is None or name not in values:
            reading.unset(device, name)
