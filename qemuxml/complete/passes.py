"""The ordered lists of passes, one for each profile; each pass sees the whole domain and what the passes before it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from qemuxml.complete import (
    absent,
    aliases,
    audio,
    characters,
    checks,
    defaults,
    disks,
    display,
    guest,
    lacking,
    legacy,
    memory,
    topology,
    unique,
)
from qemuxml.domain import Domain
from qemuxml.mapping.context import Target

Pass = Callable[[Domain, Target], None]

_COMMON: tuple[Pass, ...] = (defaults.sizes, defaults.machine, defaults.lifecycle, defaults.tidy, defaults.disk_names)
_NAMED: tuple[Pass, ...] = (*_COMMON, defaults.identity, defaults.placement)

FROM_NATIVE: Final[Mapping[str, tuple[Pass, ...]]] = {
    "modern": (defaults.board_sizes, *_NAMED, defaults.boot_order, absent.devices),
    "legacy": (*legacy.NATIVE, *_NAMED, *legacy.PASSES),
    "manual": (*legacy.NATIVE, *_COMMON, *legacy.MANUAL),
}


READ: Final[tuple[Pass, ...]] = (
    guest.fill,
    audio.backends,
    display.card,
    memory.memory,
    characters.twins,
    *topology.PASSES,
    characters.mirror,
)
"""What libvirt 11.3 adds to a guest when it reads it, and keeps."""

START: Final[tuple[Pass, ...]] = (topology.usb.place, disks.number, aliases.aliases, aliases.buses, characters.mirror)
"""What it adds when it starts the guest, and forgets when that ends."""

LIBVIRT: Final[tuple[Pass, ...]] = (*READ, *START)

TO_NATIVE: Final[Mapping[str, tuple[Pass, ...]]] = {
    "modern": (*LIBVIRT, characters.check, audio.check, guest.check, lacking.check, unique.check, checks.check),
    "manual": (defaults.machine, defaults.sizes, defaults.disk_names),
}


def run(domain: Domain, target: Target, passes: tuple[Pass, ...]) -> None:
    """Complete the domain in place."""
    for step in passes:
        step(domain, target)
