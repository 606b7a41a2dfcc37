"""Addresses of network cards that name none: QEMU counts from ``52:54:00:12:34:56``, past those that are taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from qemuxml.complete.defaults import FIRST_MAC
from qemuxml.complete.qemu.strangers import Stranger
from qemuxml.devices.interface import Interface
from qemuxml.domain import Domain

_LAST: Final = FIRST_MAC | 0xFF


def number(_: Domain, made: Sequence[Any]) -> None:
    """Give every card without an address the next one, in the order of creation."""
    taken: set[int] = set()
    for card in made:
        if not _is_card(card):
            continue
        if card.mac is None:
            free = next((value for value in range(FIRST_MAC, _LAST + 1) if value not in taken), FIRST_MAC)
            card.mac = ":".join(f"{free:012x}"[at : at + 2] for at in range(0, 12, 2))
        taken.add(int(card.mac.replace(":", ""), 16))


def _is_card(device: Any) -> bool:
    if isinstance(device, Stranger):
        return device.is_card
    return isinstance(device, Interface) and device.type != "hostdev"
