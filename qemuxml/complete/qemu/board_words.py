"""What a board does unasked, and libvirt would ask otherwise: ACPI without UEFI on ARM, the interrupt controller, its sound.

Domain XML has no word for some of that: then ``-machine acpi=on`` stands among what is handed to QEMU verbatim.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from qemuxml.common import machineoptions
from qemuxml.complete.qemu import board_devices
from qemuxml.complete.qemu.said import Said
from qemuxml.domain import Domain, boards
from qemuxml.domain.features import Features
from qemuxml.mapping.context import Reading
from qemuxml.profiles.hardware import UNASKED, hardware

_MOST_OF_GIC_2: Final = 8
"""CPUs that an interrupt controller of version 2 serves; QEMU takes version 3 for more."""


def add(reading: Reading, unsaid: Said) -> None:
    """Say outright what can be said, and hand the rest to QEMU; ``unsaid`` are the defaults that still stand."""
    domain, said = reading.domain, reading.once(machineoptions.properties)
    words = list(defaults(domain, unsaid))
    known = hardware(domain.os.arch or "", domain.os.machine or "") is not None
    if not known and board_devices.take_bare_usb(domain) and "usb=on" not in words:
        words += ["-machine", "usb=on"]
    reading.added += words
    if "acpi" not in said and _loses_acpi(domain):
        reading.added += ["-machine", "acpi=on"]
    if "audiodev" not in said and domain.os.machine in boards.WITH_SOUND:
        reading.added += ["-machine", "audiodev=audio1"]
    if "gic-version" not in said:
        _set_gic(domain)


def defaults(domain: Domain, unsaid: Said) -> Iterator[str]:
    """The default devices of a board that libvirt has no places for, by QEMU's own options for them."""
    machine = domain.os.machine or ""
    own = UNASKED.get(machine, "").split(", ")
    known = hardware(domain.os.arch or "", machine) is not None
    if unsaid.network and not known:
        yield from ("-net", "nic", "-net", "user")
    for name, words in _WORDS.items():
        if name in own and getattr(unsaid, name.partition(" ")[0]):
            yield from words
    if "usb" in own and unsaid.plain and unsaid.card:
        yield from ("-machine", "usb=on")
    if unsaid.serial and not known:
        yield from ("-serial", "null")


_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "vga std": ("-vga", "std"), "vga cirrus": ("-vga", "cirrus"), "vga tcx": ("-vga", "tcx"),
    "cdrom": ("-drive", "index=2,media=cdrom"), "floppy": ("-drive", "if=floppy"), "sdcard": ("-drive", "if=sd"),
    "parallel": ("-parallel", "null"),
}  # fmt: skip


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
