"""Every guest has a sound backend: one without ``<audio>`` gets that of its display, else ``<audio id='1' type='none'/>``."""

from __future__ import annotations

from qemuxml.devices.audio import Audio
from qemuxml.devices.graphics import Graphics
from qemuxml.domain import Domain
from qemuxml.mapping.context import Target

_BY_DISPLAY = {"spice": "spice", "sdl": "sdl"}
"""Displays that carry sound."""


def backends(domain: Domain, _: Target) -> None:
    """Number the backends, and add the one that a guest without any has."""
    present = domain.all(Audio)
    for number, audio in enumerate(present, 1):
        audio.id = number if audio.id is None else audio.id
    if not present:
        shown = (display.type or "" for display in domain.all(Graphics))
        kind = next((_BY_DISPLAY[name] for name in shown if name in _BY_DISPLAY), "none")
        domain.devices.append(Audio(id=1, type=kind))
