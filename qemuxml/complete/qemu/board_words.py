"""What a board does unasked, and libvirt would ask otherwise: ACPI without UEFI on ARM, the interrupt controller, its sound.

Domain XML has no word for some of that: then ``-machine acpi=on`` stands among what is handed to QEMU verbatim.
"""

from __future__ import annotations

from typing import Final

from qemuxml.common import machineoptions
from qemuxml.domain import Domain, boards
from qemuxml.domain.features import Features
from qemuxml.mapping.context import Reading
from qemuxml.profiles.hardware import AUDIO_BOARDS

_MOST_OF_GIC_2: Final = 8
"""CPUs that an interrupt controller of version 2 serves; QEMU takes version 3 for more."""


def add(reading: Reading) -> None:
    """Say outright what can be said, and hand the rest to QEMU."""
    domain, said = reading.domain, reading.once(machineoptions.properties)
    if "acpi" not in said and _loses_acpi(domain):
        reading.added += ["-machine", "acpi=on"]
    if "audiodev" not in said and (domain.os.arch, domain.os.machine) in AUDIO_BOARDS:
        reading.added += ["-machine", "audiodev=audio1"]
    if "gic-version" not in said:
        _set_gic(domain)


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
