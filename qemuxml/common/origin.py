"""Who made a command line: libvirt's own has ``-nodefaults`` and ``-mon chardev=charmonitor``."""

from __future__ import annotations

from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.later import pattern
from qemuxml.mapping.context import Reading


def by_libvirt(reading: Reading) -> bool:
    """Whether libvirt itself made the line: it always names its monitor and forbids default devices."""
    monitors = (reading.values(option).peek("chardev") for option in reading.ledger.named("-mon"))
    return reading.ledger.has("-nodefaults") and "charmonitor" in monitors


def handed_on(reading: Reading) -> set[Option]:
    """What libvirt of today was told to hand to QEMU: options in spellings that it does not use itself."""
    objects = (*reading.ledger.named("-object"), *reading.ledger.named("-device"))
    if not by_libvirt(reading) or not any(item.text.startswith("{") for item in objects):
        return set()
    found = {
        item for name in ("-serial", "-parallel") for item in reading.ledger.named(name) if not item.text.startswith("chardev:")
    }
    found |= {item for item in reading.ledger.named("-drive") if not _OWN_DRIVE.search(item.text)}
    found |= {item for item in objects if _is_by_hand(item.text)}
    return found.union(*(reading.ledger.named(name)[1:] for name in ("-machine", "-m")), reading.ledger.named("-M"))


def _is_by_hand(text: str) -> bool:
    """Whether a device or an object is not spelt as libvirt does it: a drive's device has an id, an object is JSON."""
    return ('"drive":' in text and '"id":' not in text) if text.startswith("{") else text.startswith("memory-backend-")


_OWN_DRIVE: Final = pattern(r"(^|,)if=(sd,index|pflash)")
