"""Architectures and machines by name: ``pc-i440fx-4.0`` is of the family ``pc-i440fx``, and so is the alias ``pc``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeVar

from qemuxml.later import pattern

T = TypeVar("T")

X86: Final = frozenset({"i686", "x86_64"})
ARM: Final = frozenset({"aarch64", "armv7l", "armv6l"})
PPC64: Final = frozenset({"ppc64", "ppc64le"})
PPC: Final = PPC64 | {"ppc"}
S390: Final = frozenset({"s390", "s390x"})
RISCV: Final = frozenset({"riscv32", "riscv64"})
MIPS: Final = frozenset({"mips", "mipsel", "mips64", "mips64el"})

LIBVIRTS: Final = frozenset({
    "aarch64", "alpha", "armv6l", "armv7l", "cris", "i686", "ia64", "lm32", "loongarch64", "m68k", "microblaze", "microblazeel",
    "mips", "mips64", "mips64el", "mipsel", "openrisc", "parisc", "parisc64", "ppc", "ppc64", "ppc64le", "ppcemb", "riscv32",
    "riscv64", "s390", "s390x", "sh4", "sh4eb", "sparc", "sparc64", "unicore32", "x86_64", "xtensa", "xtensaeb",
})  # fmt: skip
"""The architectures that libvirt has a name for."""

WITH_CPUS: Final = X86 | ARM | PPC64 | S390 | {"loongarch64", "riscv64"}
"""The architectures whose CPU models libvirt knows: a ``<model>`` of another one it refuses."""

_VERSIONED = pattern(r"(pc-i440fx|pc-q35|virt|pseries|s390-ccw-virtio)-.+")
_ALIASES: Final = {"pc": "pc-i440fx", "q35": "pc-q35", "ubuntu": "pc-i440fx", "xenfv": "pc-i440fx"}


def family(machine: str | None) -> str:
    """A machine without its version: pc-i440fx of pc and of pc-i440fx-4.0, virt of virt-6.2."""
    name = machine or ""
    if re.fullmatch(r"pc-(0|1)\..+", name):
        return "pc-i440fx"
    found = _VERSIONED.fullmatch(name)
    return found[1] if found else _ALIASES.get(name, name)


def version(machine: str | None) -> tuple[int, ...]:
    """The version in a machine's name: (4, 2) of pseries-4.2; empty for an alias."""
    found = re.search(r"-(\d+(?:\.\d+)*)$", machine or "")
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def by_machine(table: Mapping[T, str]) -> Mapping[str, T]:
    """A table of machines that lists them behind what they have in common."""
    return {name: value for value, names in table.items() for name in names.split()}
