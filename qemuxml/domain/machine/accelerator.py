"""Who runs the guest's code: ``-accel kvm``, ``-machine accel=hvf:kvm:tcg`` is ``<domain type='kvm'>``.

QEMU takes the first of a list that works on its host; a domain has one type, and falls back to no other. For whpx, HAXM and NVMM,
which are of other systems than libvirt's hosts, there is no type: the guest is emulated if the line names no other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from qemuxml.cmdline.values import Property
from qemuxml.mapping.context import Reading

TYPES: Final[Mapping[str, str]] = {"kvm": "kvm", "tcg": "qemu", "hvf": "hvf", "xen": "xen"}
"""The types of domains, by QEMU's accelerators."""
_SYSTEMS: Final[Mapping[str, str]] = {
    "whpx": "of Windows",
    "hax": "of macOS and Windows, and of no QEMU since 8.2",
    "nvmm": "of NetBSD",
    "qtest": "of QEMU's own tests",
}
_CAUTIONS: Final[Mapping[str, str]] = {
    "hvf": "hvf is of macOS: only a libvirt there starts this guest",
    "xen": "libvirt's QEMU driver starts no guest of Xen: its Xen driver does, from a domain of its own kind",
}


def choose(names: Sequence[str]) -> str | None:
    """The accelerator of a list that a domain can have; None for none. KVM, if named, before hvf: libvirt's hosts are Linux."""
    known = [name for name in names if name in TYPES]
    return "kvm" if known[:1] == ["hvf"] and "kvm" in known else known[0] if known else None


def why_not(name: str, names: Sequence[str], chosen: str | None) -> str:
    """Why this one of the list is not what the domain has."""
    instead = f"{chosen} is taken" if chosen else "the guest is emulated"
    if name not in TYPES:
        return f"libvirt has no domain of {name}" + (f", which is {_SYSTEMS[name]}" if name in _SYSTEMS else "") + f": {instead}"
    if chosen is not None and names.index(name) < names.index(chosen):
        return f"{name} is of macOS: {instead}"
    return f"a domain has one accelerator: {instead}, with nothing to fall back to"


def apply(chosen: str | None, reading: Reading) -> None:
    """Give the domain its type."""
    reading.domain.identity.type = TYPES[chosen or "tcg"]


def caution(chosen: str | None) -> str | None:
    """What is to be said of an accelerator that no libvirt on Linux has."""
    return _CAUTIONS.get(chosen or "")


def read(item: Property, reading: Reading) -> bool:
    """``accel=whpx:kvm:tcg`` of a ``-machine``."""
    names = item.text.split(":")
    chosen = choose(names)
    apply(chosen, reading)
    told = [why_not(name, names, chosen) for name in names if name != chosen]
    for message in dict.fromkeys((*told, caution(chosen))):
        if message:
            reading.note(f"accel={item.text}: {message}", item.span)
    return True


def names(reading: Reading) -> list[str]:
    """The accelerators of all ``-accel``, in their order."""
    return [reading.values(option, "accel").peek("accel") or "" for option in reading.ledger.named("-accel")]
