"""A guest without ``<audio>`` gets the sound backend of its display: SPICE's own, or ``<audio id='1' type='none'/>``."""

from __future__ import annotations

from qemuxml.devices.audio import Audio
from qemuxml.devices.graphics import Graphics
from qemuxml.domain import Domain
from qemuxml.mapping.context import Target

_BY_DISPLAY = {"spice": "spice", "vnc": "none"}
"""Displays that say where sound goes. Beside the others QEMU itself chooses; SPICE comes before VNC."""


def backends(domain: Domain, _: Target) -> None:
    """Number the backends, and add the one that a guest without any has."""
    present = domain.all(Audio)
    for number, audio in enumerate(present, 1):
        audio.id = number if audio.id is None else audio.id
    if not present:
        shown = [display.type for display in domain.all(Graphics)]
        kind = next((kind for name, kind in _BY_DISPLAY.items() if name in shown), None if shown else "none")
        if kind is not None:
            domain.devices.append(Audio(id=1, type=kind))
