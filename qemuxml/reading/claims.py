"""Who takes which option: the kinds of ``layout.py`` are asked for ``-m``, ``-device virtio-rng-pci``, … until one says yes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from qemuxml import layout
from qemuxml.cmdline.arity import REMOVED
from qemuxml.cmdline.options import Option
from qemuxml.common import boardusb, machineoptions, origin, place
from qemuxml.common.origin import by_libvirt
from qemuxml.domain import boards
from qemuxml.later import later
from qemuxml.mapping.context import Reading
from qemuxml.mapping.kind import Claim
from qemuxml.profiles.hardware import hardware
from qemuxml.profiles.successors import successor

Claims = Callable[[str], tuple[Claim, ...]]
"""Who is asked, by the key of an option."""

_announce: Final = later("qemuxml.complete.qemu:announce")
_has_bus: Final = later("qemuxml.complete.qemu.strangers:has_bus")

_TYPED: Final = {"-device": "driver", "-object": "qom-type"}
"""Options whose first property, named so or left without its name, says what they are."""


def ask(reading: Reading) -> None:
    """Ask the kinds for every option, in the order of the line."""
    reading.buses.update(place.BOARD)
    _ask(reading, layout.claims)
    _finish(reading)


def ask_parts_first(reading: Reading) -> None:
    """Ask for the machine and the other parts first, then for the devices in the order of their creation, as QEMU does."""
    reading.buses.update(place.BOARD)
    _ask(reading, layout.claims_of_parts)
    _look_up_board(reading)
    _announce(reading)
    _ask(reading, layout.claims_of_devices)
    _finish(reading)


def _ask(reading: Reading, claims: Claims) -> None:
    handed_on = reading.once(origin.handed_on) if claims is not layout.claims else ()
    for option in reading.line.options:
        takes = claims is not layout.claims_of_devices or (boardusb.can_place(option, reading) and _has_bus(option, reading))
        if takes and option not in handed_on and reading.ledger.is_open(option):
            _claim(option, reading, claims)
    for step in list(reading.settling):
        step(reading)
    reading.settling.clear()


def _finish(reading: Reading) -> None:
    for step in reading.finishing:
        step(reading)


def _look_up_board(reading: Reading) -> None:
    """The machine is known now: the default one of the architecture, if no option named it."""
    os = reading.domain.os
    os.machine = os.machine or reading.target.machines.get(os.arch or "")
    _succeed(reading)
    board = hardware(os.arch or "", os.machine or "")
    reading.knows_board = board is not None
    reading.makes_cards = board is None or board.network is not None
    reading.usual_card = board.network if board else None


def _succeed(reading: Reading) -> None:
    """Take the nearest machine for one that QEMU no longer has."""
    machine = reading.domain.os.machine or ""
    found = None if by_libvirt(reading) else successor(machine, boards.family(machine), boards.version(machine))
    if found is not None:
        named = [option for name in machineoptions.OPTIONS for option in reading.ledger.named(name)]
        reading.note(f"{machine}: today's QEMU has no such machine: {found} is taken", named[-1].span if named else None)
        reading.domain.os.machine = found


def _claim(option: Option, reading: Reading, claims: Claims) -> None:
    for claim in claims(_key(option, reading)):
        reading.rooted.clear()
        claimed = claim(option, reading)
        if claimed is not None:
            reading.ledger.enter(claimed)
            reading.domain.devices += claimed.devices
            reading.tell_rooted(option.span)
            return


def _key(option: Option, reading: Reading) -> str:
    """Who is asked: by the option's name, of ``-device`` and ``-object`` by the type too. Every model of CPU is a type."""
    first = _TYPED.get(option.name)
    if first is None or option.value is None:
        return option.name
    kind = reading.values(option, first).peek(first) or ""
    return f"{option.name} {'*-cpu' if kind.endswith('-cpu') else kind}"


def tell_removed(reading: Reading) -> None:
    """Say since when QEMU no longer takes an option of the line."""
    for option in reading.line.options:
        since = REMOVED.get(option.name.removeprefix("-"))
        if since is not None:
            reading.note(f"{option.name}: QEMU {since} and later do not take it", option.span)


def add_defaults(reading: Reading) -> None:
    """Add the devices that a guest has of which no option speaks."""
    for kind in layout.unasked():
        device = kind.default(reading) if kind.default else None
        if device is not None:
            reading.domain.devices.append(device)


def pass_the_rest(reading: Reading) -> None:
    """What nobody took is QEMU's."""
    reading.ledger.pass_the_rest()
