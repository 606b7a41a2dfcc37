"""What libvirt 3 to 5 made of a command line: the controllers, inputs, consoles and addresses that it added."""

from __future__ import annotations

from qemuxml.complete.legacy import defaults, implicit, place

NATIVE = (defaults.kvm_binary, defaults.narrow_cpu)
"""What a binary and a CPU say of the guest."""

PASSES = (
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
"""What it added then."""

MANUAL = (defaults.accelerator, defaults.without_units, defaults.macs)
"""The same of the libvirt of the manual."""
