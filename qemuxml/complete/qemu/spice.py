"""Channels of SPICE beside another display, or none: ``-chardev spicevmc`` libvirt has only beside a SPICE display."""

from __future__ import annotations

from typing import Any, Final

from qemuxml.devices.graphics import Graphics, on_loopback
from qemuxml.mapping.context import Reading

_CHANNELS: Final = ("spicevmc", "spiceport")


def show(reading: Reading) -> None:
    """Give the guest such a display on the loopback: in the place of a window, or beside the one that it has."""
    domain = reading.domain
    channels: list[Any] = [device for device in domain.devices if _type(device) in _CHANNELS]
    if not channels or any(item.type == "spice" for item in domain.all(Graphics)):
        return
    window = next((item for item in domain.all(Graphics) if item.type == "vnc" and item.autoport), None)
    if window is None:
        window = on_loopback("spice")
        domain.devices.append(window)
    window.type = "spice"
    reading.note(f"{_type(channels[0])}: libvirt has such channels beside a SPICE display only: there is one on the loopback")


def _type(device: Any) -> str | None:
    return getattr(getattr(device, "chardev", None), "type", None)
