"""The ordered lists of steps from options to a complete guest, for each profile; each step sees what those before it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from qemuxml.later import later
from qemuxml.mapping import settings
from qemuxml.mapping.context import Reading
from qemuxml.reading import claims, completion, emulator, identity, leftovers, references

Step = Callable[[Reading], None]

CLAIM: Final[Mapping[str, tuple[Step, ...]]] = {
    "modern": (settings.apply, claims.ask_parts_first, claims.tell_removed, claims.add_defaults),
    "legacy": (claims.ask, claims.add_defaults),
    "manual": (claims.ask, claims.add_defaults),
}
"""The kinds take their options: a guest comes of them."""

COMPLETE: Final[Mapping[str, tuple[Step, ...]]] = {
    "modern": (
        claims.pass_the_rest,
        later("qemuxml.complete.qemu:complete"),
        completion.run,
        completion.run_libvirts,
        references.rename,
        later("qemuxml.complete.qemu.set_for_all:uncover"),
        leftovers.keep_overrides,
        later("qemuxml.complete.qemu.lean:forget_inputs"),
        emulator.forget_architecture,
        leftovers.keep,
    ),
    "legacy": (claims.pass_the_rest, completion.run, leftovers.keep, identity.draw_uuid),
    "manual": (claims.pass_the_rest, completion.run, leftovers.keep, identity.zero_uuid),
}
"""The guest gets what QEMU and libvirt add to it, and keeps what nobody took."""


def run(reading: Reading, steps: tuple[Step, ...]) -> None:
    """Take the steps in their order."""
    for step in steps:
        step(reading)
