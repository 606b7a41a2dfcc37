"""A guest without ``<audio>`` gets the sound backend of its display: SPICE's own, or ``<audio id='1' type='none'/>``."""

from __future__ import annotations

from qemuxml import layout
from qemuxml.devices.audio import Audio
from qemuxml.devices.graphics import Graphics
from qemuxml.domain import Domain
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.context import Target

_BY_DISPLAY = {"spice": "spice", "vnc": "none"}
"""Displays that say where sound goes. Beside the others QEMU itself chooses; SPICE comes before VNC."""


def backends(domain: Domain, _: Target) -> None:
    """Add the backend that a guest without any has; who names none has the first."""
    present = domain.all(Audio)
    if not present:
        shown = [display.type for display in domain.all(Graphics)]
        kind = next((kind for name, kind in _BY_DISPLAY.items() if name in shown), None if shown else "none")
        if kind is not None:
            domain.devices.append(Audio(id=1, type=kind))
    first = next((audio.id for audio in domain.all(Audio)), None)
    for card in layout.of("sound", domain.devices):
        card.backend = card.audio_id or first
    for display in domain.all(Graphics):
        display.backend = display.audio_id or first


def check(domain: Domain, _: Target) -> None:
    """Every card and display finds its backend. Raises DomainXmlError or UnsupportedError."""
    numbers = {audio.id for audio in domain.all(Audio)}
    buses = {audio.id for audio in domain.all(Audio) if audio.type == "dbus"}
    for card in layout.of("sound", domain.devices):
        if card.backend not in numbers:
            raise DomainXmlError(f"<sound model='{card.model}'>: there is no <audio> backend for it").of(card)
    for display in domain.all(Graphics):
        if display.audio_id is not None and display.audio_id not in numbers:
            raise DomainXmlError(f"<graphics type='{display.type}'>: there is no <audio id='{display.audio_id}'>").of(display)
        if display.type == "dbus" and display.audio_id is not None and display.audio_id not in buses:
            raise UnsupportedError(f"<graphics type='dbus'>: <audio id='{display.audio_id}'> is not of type 'dbus'").of(display)
    carried = any(display.type == "spice" for display in domain.all(Graphics))
    for audio in domain.all(Audio):
        if audio.type == "spice" and not carried:
            raise UnsupportedError("<audio type='spice'> needs a display of type 'spice'").of(audio)
