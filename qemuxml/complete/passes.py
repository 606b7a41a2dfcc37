"""The ordered lists of passes, one for each profile; each pass sees the whole domain and what the passes before it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from qemuxml.complete import defaults
from qemuxml.domain import Domain
from qemuxml.later import later
from qemuxml.mapping.context import Target

Pass = Callable[[Domain, Target], None]

_COMMON: tuple[Pass, ...] = (defaults.sizes, defaults.machine, defaults.lifecycle, defaults.tidy, defaults.disk_names)
_NAMED: tuple[Pass, ...] = (*_COMMON, defaults.identity, defaults.placement)
_LEGACY: Pass = later("qemuxml.complete.legacy:tell")

FROM_NATIVE: Final[Mapping[str, tuple[Pass, ...]]] = {
    "modern": (
        defaults.board_sizes,
        *_NAMED,
        later("qemuxml.complete.bootorder:join"),
        defaults.boot_order,
        later("qemuxml.complete.absent:devices"),
    ),
    "legacy": (_LEGACY, *_NAMED, later("qemuxml.complete.legacy:complete")),
    "manual": (_LEGACY, *_COMMON, later("qemuxml.complete.legacy:complete_as_in_the_manual")),
}

READ: Final[tuple[Pass, ...]] = (
    later("qemuxml.complete.guest:fill"),
    later("qemuxml.complete.audio:backends"),
    later("qemuxml.complete.display:card"),
    later("qemuxml.complete.memory:memory"),
    later("qemuxml.complete.characters:twins"),
    later("qemuxml.complete.topology:place"),
    later("qemuxml.complete.characters:mirror"),
)
"""What libvirt 11.3 adds to a guest when it reads it, and keeps."""

START: Final[tuple[Pass, ...]] = (
    later("qemuxml.complete.topology.usb:place"),
    later("qemuxml.complete.disks:number"),
    later("qemuxml.complete.aliases:aliases"),
    later("qemuxml.complete.aliases:buses"),
    later("qemuxml.complete.characters:mirror"),
)
"""What it adds when it starts the guest, and forgets when that ends."""

LIBVIRT: Final[tuple[Pass, ...]] = (*READ, *START)

_REFUSALS: Final[tuple[Pass, ...]] = (
    later("qemuxml.complete.characters:check"),
    later("qemuxml.complete.audio:check"),
    later("qemuxml.complete.guest:check"),
    later("qemuxml.complete.lacking:check"),
    later("qemuxml.complete.unique:check"),
    later("qemuxml.complete.checks:check"),
    later("qemuxml.complete.checks:indexes"),
)

TO_NATIVE: Final[Mapping[str, tuple[Pass, ...]]] = {
    "modern": (*LIBVIRT, *_REFUSALS),
    "manual": (defaults.machine, defaults.sizes, defaults.disk_names),
}


def run(domain: Domain, target: Target, passes: tuple[Pass, ...]) -> None:
    """Complete the domain in place."""
    for step in passes:
        step(domain, target)
