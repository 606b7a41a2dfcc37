"""A guest with a display has a card: ``<graphics>`` without ``<video>`` gets the card that its architecture has by default."""

from __future__ import annotations

from qemuxml.devices.graphics import Graphics
from qemuxml.devices.video import Video
from qemuxml.domain import Domain
from qemuxml.mapping.context import Target


def card(domain: Domain, _: Target) -> None:
    """Add the card; its model is the kind's own ``fill``."""
    if domain.has(Graphics) and not domain.has(Video):
        domain.devices.append(Video())
