"""What libvirt 3 to 5 made of a command line: the controllers, inputs, consoles and addresses that it added."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from qemuxml.complete.legacy import defaults, implicit, place
from qemuxml.domain import Domain
from qemuxml.mapping.context import Target

Pass = Callable[[Domain, Target], None]

_TOLD: Final[tuple[Pass, ...]] = (defaults.kvm_binary, defaults.narrow_cpu)
_ADDED: Final[tuple[Pass, ...]] = (
    defaults.cpu_check,
    defaults.nic_models,
    defaults.disk_drivers,
    defaults.macs,
    implicit.balloon,
    implicit.video,
    implicit.inputs,
    implicit.panic,
    implicit.console,
    implicit.drive_addresses,
    implicit.controllers,
    implicit.board_addresses,
    implicit.spapr_addresses,
    implicit.ccw_addresses,
    place.place,
    implicit.controller_order,
    implicit.console_address,
)
_MANUAL: Final[tuple[Pass, ...]] = (defaults.accelerator, defaults.without_units, defaults.macs)


def tell(domain: Domain, target: Target) -> None:
    """What a binary and a CPU say of the guest."""
    for step in _TOLD:
        step(domain, target)


def complete(domain: Domain, target: Target) -> None:
    """What libvirt 3 to 5 added then."""
    for step in _ADDED:
        step(domain, target)


def complete_as_in_the_manual(domain: Domain, target: Target) -> None:
    """The same of the libvirt of the manual."""
    for step in _MANUAL:
        step(domain, target)
