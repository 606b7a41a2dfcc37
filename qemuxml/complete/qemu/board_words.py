"""What a board does unasked, and libvirt would ask otherwise: ACPI without UEFI on ARM, the interrupt controller, its sound.

Domain XML has no word for some of that: then ``-machine acpi=on`` stands among what is handed to QEMU verbatim.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from qemuxml.common import machineoptions
from qemuxml.complete.qemu.board_devices import is_passed_card
from qemuxml.complete.qemu.said import Said
from qemuxml.devices.serial import Serial
from qemuxml.domain import Domain, boards
from qemuxml.domain.boards import board_of
from qemuxml.domain.features import Features
from qemuxml.mapping.codecs import KIB, MIB
from qemuxml.mapping.context import Reading
from qemuxml.profiles.hardware import PARTS, SOUND_CHIPS, UNASKED, hardware

_MOST_OF_GIC_2: Final = 8
"""CPUs that an interrupt controller of version 2 serves; QEMU takes version 3 for more."""


def add(reading: Reading, unsaid: Said) -> None:
    """Say outright what can be said, and hand the rest to QEMU; ``unsaid`` are the defaults that still stand."""
    domain, said = reading.domain, reading.once(machineoptions.properties)
    reading.led += _parts(domain.os.machine or "", unsaid)
    reading.added += defaults(domain, unsaid)
    if said.get("graphics", ["off" if reading.ledger.has("-nographic") else "on"])[-1] == "off":
        _switch_graphics_off(reading)
    reading.added += _memory(reading, said)
    if "acpi" not in said and _loses_acpi(domain):
        reading.added += ["-machine", "acpi=on"]
    if "audiodev" not in said and domain.os.machine in boards.WITH_SOUND:
        reading.added += ["-machine", "audiodev=audio1"]
    _give_sound(reading)
    if domain.os.machine in boards.memory.WITHOUT and not reading.ledger.has("-m"):
        reading.added += ["-m", "0"]
    if "gic-version" not in said:
        _set_gic(domain)


def defaults(domain: Domain, unsaid: Said) -> Iterator[str]:
    """The default devices of a board that libvirt has no places for, by QEMU's own options for them."""
    machine = domain.os.machine or ""
    own = UNASKED.get(machine, "").split(", ")
    board = hardware(domain.os.arch or "", machine)
    known = board is not None
    if is_passed_card(domain, unsaid):
        yield from ("-net", "nic", "-net", "user")
    for name, words in _WORDS.items():
        if name in own and getattr(unsaid, name.partition(" ")[0]):
            yield from words
    has_none = board is None or board.usb is None
    if has_none and (unsaid.usb or ("usb" in own and unsaid.usb is None and unsaid.plain)):
        yield from ("-machine", "usb=on")
    if unsaid.serial and not known:
        yield from ("-serial", "null")


_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "vga std": ("-vga", "std"), "vga cirrus": ("-vga", "cirrus"), "vga tcx": ("-vga", "tcx"),
    "cdrom": ("-drive", "index=2,media=cdrom"), "floppy": ("-drive", "if=floppy"), "sdcard": ("-drive", "if=sd"),
    "parallel": ("-parallel", "null"),
}  # fmt: skip


def _parts(machine: str, unsaid: Said) -> Iterator[str]:
    """What a board lacks under ``-nodefaults`` and takes as ``-device``; what is passed may sit on its buses."""
    for device in PARTS.get(machine, ()) if unsaid.plain else ():
        yield from ("-device", device)


def _switch_graphics_off(reading: Reading) -> None:
    """``-nographic`` tells firmware to speak to the serial port: that of a PC by ``<bios useserial='yes'/>``."""
    domain, said = reading.domain, reading.once(machineoptions.properties)
    is_pc = board_of(domain).is_i440fx or board_of(domain).is_q35
    if is_pc and domain.has(Serial):
        domain.os.serial_bios = True
    elif is_pc or ("graphics" not in said and hardware(domain.os.arch or "", domain.os.machine or "") is None):
        reading.added += ["-machine", "graphics=off"]


def _memory(reading: Reading, said: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Libvirt rounds memory up to whole MiB, that of ppc64 to 256 of them: boards that have less or more get what they had."""
    domain = reading.domain
    usual = boards.memory.default(domain.os.machine) or reading.target.memory
    size = domain.memory.size * KIB if domain.memory.size is not None else usual
    piece = _PIECE_OF_PPC64 if domain.os.arch in boards.PPC64 else MIB
    if not size % piece or "memory-backend" in said or domain.numa:
        return
    yield from ("-object", f"memory-backend-ram,id=ram-by-hand,size={size}")
    yield from ("-machine", "memory-backend=ram-by-hand", "-m", f"{size // KIB}k")


_PIECE_OF_PPC64: Final = 256 * MIB


def _give_sound(reading: Reading) -> None:
    """Sound cards that are passed, and of the board, play through the guest's first backend, as every card needs one."""
    chip = SOUND_CHIPS.get(reading.domain.os.machine or "")
    if chip is not None:
        reading.added += ["-global", f"{chip}.audiodev=audio1"]
    for entry in reading.ledger.entries():
        if entry.option.name == "-device" and entry.passed and entry.option.value is not None:
            values = reading.values(entry.option, "driver")
            if values.peek("driver") in _CARDS and "audiodev" not in values:
                reading.ledger.respell(entry.option, (*entry.passed[:-1], f"{entry.passed[-1]},audiodev=audio1"))


_CARDS: Final = frozenset({"adlib", "cs4231a", "gus", "usb-audio", "via-ac97"})


def _loses_acpi(domain: Domain) -> bool:
    """Whether QEMU gives the guest ACPI tables and libvirt, which asks for UEFI on ARM, would not."""
    arch, machine = domain.os.arch, domain.os.machine
    return arch in boards.ARM and boards.knows_acpi(arch, machine) and not (domain.features and domain.features.acpi)


def _set_gic(domain: Domain) -> None:
    if not boards.has_gic(domain.os.arch, domain.os.machine) or domain.identity.type == "kvm":
        return
    if (domain.vcpu.count or 1) > _MOST_OF_GIC_2:
        domain.features = domain.features or Features()
        domain.features.gic_given, domain.features.gic = True, "3"
