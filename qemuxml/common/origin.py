"""Who made a command line: libvirt's own has ``-nodefaults`` and ``-mon chardev=charmonitor``."""

from __future__ import annotations

from qemuxml.mapping.context import Reading


def by_libvirt(reading: Reading) -> bool:
    """Whether libvirt itself made the line: it always names its monitor and forbids default devices."""
    monitors = (reading.values(option).peek("chardev") for option in reading.ledger.named("-mon"))
    return reading.ledger.has("-nodefaults") and "charmonitor" in monitors
