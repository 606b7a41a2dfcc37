"""The door plate of ``<graphics>``: from ``-vnc :3`` and ``-sdl`` to ``-spice port=5901``."""

from __future__ import annotations

from typing import Final

from qemuxml.devices.graphics import Graphics
from qemuxml.later import later, table
from qemuxml.mapping.context import Reading
from qemuxml.mapping.kind import Kind

_sdl: Final = later("qemuxml.devices.graphics.legacy:sdl")


def default(reading: Reading) -> Graphics | None:
    """The window that QEMU opens by itself, on a target that says so.

    The last releases with from-native looked for these options alone: beside ``-spice`` or ``-curses`` they said a window.
    """
    if not reading.has("opens-window") or reading.domain.has(Graphics) or reading.ledger.has("-nographic", "-vnc"):
        return None
    return None if any(option.text == "none" for option in reading.ledger.named("-display")) else _sdl(reading)


KIND = Kind(
    element="graphics",
    model=Graphics,
    claims=table("qemuxml.devices.graphics.legacy:CLAIMS"),
    modern=table("qemuxml.devices.graphics.reading:CLAIMS"),
    manual=later("qemuxml.devices.graphics.legacy:manual"),
    default=default,
    write=later("qemuxml.devices.graphics.argv:write"),
    fill=later("qemuxml.devices.graphics.fill:fill"),
    check=later("qemuxml.devices.graphics.check:check"),
)
