"""What libvirt adds to a guest that was read: ``passes.FROM_NATIVE`` of the profile, then what today's libvirt would add."""

from __future__ import annotations

from qemuxml.common.origin import by_libvirt
from qemuxml.complete import passes
from qemuxml.errors import ConversionError
from qemuxml.mapping.context import Reading


def run(reading: Reading) -> None:
    """Complete the guest by the passes of the profile."""
    passes.run(reading.domain, reading.target, passes.FROM_NATIVE[reading.target.name])


def run_libvirts(reading: Reading) -> None:
    """What libvirt would add to the guest when it reads it, said outright; a guest that it would refuse stays as it is.

    Firmware that is known by its file alone stays so: where the host's descriptors do not name the file, libvirt would refuse it.
    """
    os = reading.domain.os
    by_file = os.firmware is None and not by_libvirt(reading)
    try:
        passes.run(reading.domain, reading.target, passes.LIBVIRT)
    except ConversionError as error:
        reading.note(f"libvirt will not take this guest as it is: {error.message}")
    if by_file:
        os.firmware, os.firmware_features = None, []
