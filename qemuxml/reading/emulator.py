"""The binary of a command line: ``qemu-system-ppc64`` says the architecture, ``kvm`` that the guest is accelerated."""

from __future__ import annotations

import re
from typing import Final

from qemuxml.domain import boards
from qemuxml.domain.features import Features
from qemuxml.mapping.context import Reading

_BINARIES: Final = {"kvm": "qemu-system-x86_64", "qemu-kvm": "qemu-system-x86_64", "qemu": "qemu-system-i386"}
"""What distributions call the emulator of the host, by the name that every one of them has."""
_ARCHITECTURES: Final = {"i386": "i686", "arm": "armv7l", "hppa": "parisc", "or1k": "openrisc", "or32": "openrisc"}
"""libvirt's names where QEMU's binaries have others."""


def read(reading: Reading) -> None:
    """Give the guest its emulator, and what the binary's name says of it."""
    path = reading.line.emulator.text
    if path.endswith(".exe") and reading.has("starts-in-root"):
        path = re.split(r"[/\\]", path.removesuffix(".exe"))[-1]
        reading.note(f"{reading.line.emulator.text}: libvirt's hosts do not run Windows", reading.line.emulator.span())
    domain = reading.domain
    domain.emulator = _runnable(reading, path) if reading.has("starts-in-root") else path
    found = re.search(r"qemu-system-(\w+)$", path)
    binary = path.rsplit("/", 1)[-1]
    domain.os.arch = _ARCHITECTURES.get(found[1], found[1]) if found else _unnamed_architecture(reading, binary)
    if "kvm" in binary:
        domain.identity.type = "kvm"
    if domain.os.arch in boards.X86:
        domain.features = Features(acpi=True)


def _runnable(reading: Reading, path: str) -> str:
    """A path that libvirt can run: it looks no binary up, and the names that stood for QEMU are not installed everywhere."""
    if "/" in path:
        found = reading.path(path)
        reading.tell_rooted(reading.line.emulator.span())
        return found
    name = _BINARIES.get(path, path)
    reading.note(f"{path}: libvirt needs the binary's path: /usr/bin/{name} is taken", reading.line.emulator.span())
    return f"/usr/bin/{name}"


def _unnamed_architecture(reading: Reading, binary: str) -> str:
    """``kvm`` and ``qemu-kvm`` are x86_64's today, ``qemu`` is i386's; the old command took all three for i686."""
    return "x86_64" if reading.has("unnamed-is-x86_64") and binary != "qemu" else "i686"


def forget_architecture(reading: Reading) -> None:
    """An architecture that libvirt has no name for is left to the binary."""
    os = reading.domain.os
    if os.arch not in boards.LIBVIRTS:
        reading.note(f"libvirt knows no architecture '{os.arch}': it will not start this guest", reading.line.emulator.span())
        os.arch = None
