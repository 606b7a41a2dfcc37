"""Targets as data: what a profile can say, and what a guest has that says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qemuxml.errors import UnsupportedError
from qemuxml.later import later
from qemuxml.mapping.codecs import MIB
from qemuxml.mapping.context import Target
from qemuxml.profiles import releases
from qemuxml.record import replace

_host_model: Final = later("qemuxml.profiles.hostmodels:host_model")

_MACHINES = {
    "i686": "pc", "x86_64": "pc-0.11", "ppc64": "pseries", "ppc64le": "pseries", "ppc": "g3beige", "s390x": "s390-ccw-virtio",
    "aarch64": "virt", "armv7l": "integratorcp", "mips": "malta", "mipsel": "malta", "sparc": "SS-5", "sparc64": "sun4u",
}  # fmt: skip
"""The machine of an architecture without ``-M``. pc-0.11 stands behind QEMU's alias pc in the releases of that time."""

_DEFAULT_MACHINES = {
    "i686": "pc", "x86_64": "pc", "ppc64": "pseries", "ppc64le": "pseries", "ppc": "g3beige", "s390x": "s390-ccw-virtio",
    "mips": "malta", "mipsel": "malta", "mips64": "malta", "mips64el": "malta", "sparc": "SS-5", "sparc64": "sun4u",
    "alpha": "clipper", "loongarch64": "virt", "m68k": "mcf5208evb", "microblaze": "petalogix-s3adsp1800",
    "microblazeel": "petalogix-s3adsp1800", "openrisc": "or1k-sim", "parisc": "B160L", "riscv32": "spike", "riscv64": "spike",
    "xtensa": "sim", "xtensaeb": "sim",
}  # fmt: skip
"""The machine that QEMU of today takes where a command line names none; for ARM it takes none."""

TARGETS: Final[Mapping[str, Target]] = {
    target.name: target
    for target in (
        Target(
            name="modern",
            abilities=frozenset(
                {
                    "keeps-nographic",
                    "keeps-environment",
                    "says-controllers",
                    "reads-graphs",
                    "reads-keymap",
                    "unnamed-is-x86_64",
                    "starts-in-root",
                }
            ),
            memory=128 * MIB,
            machines=_DEFAULT_MACHINES,
        ),
        Target(
            name="legacy",
            abilities=frozenset({"forgets-properties", "opens-window", "places-balloon", "passes-newer"}),
            memory=64 * MIB,
            machines=_MACHINES,
        ),
        Target(
            name="manual",
            abilities=frozenset({"forgets-properties", "opens-window", "passes-newer", "reads-keymap", "knows-kqemu"}),
            memory=64 * MIB,
            machines=_MACHINES,
        ),
    )
}


def target(name: str, qemu_version: str | None = None, arch: str = "x86_64", accelerator: str | None = None) -> Target:
    """The target of that name, for that QEMU. Raises UnsupportedError, naming those that there are."""
    try:
        found = TARGETS[name]
    except KeyError:
        raise UnsupportedError(f"unknown profile '{name}': there are {', '.join(TARGETS)}") from None
    if name != "modern":
        return found
    known = releases.until(qemu_version, arch, accelerator)
    emulated = arch in ("x86_64", "i686") and accelerator in ("qemu", None)
    return replace(
        found,
        abilities=found.abilities | releases.abilities(known),
        aliases=releases.machines(qemu_version, arch),
        host_model=_host_model(known, arch) if emulated else None,
    )
