"""What the supported releases of QEMU can do, as data: 7.2 still takes ``-no-acpi``, 9.2 knows ``reconnect-ms``.

To add a release: append its number to the list, ask its binaries (``-help``, ``-machine help``, ``-device NAME,help``,
``query-qmp-schema``), and give the abilities that it gained or lost their first or last release. What libvirt prints for it,
libvirt says: ``virsh -c qemu:///embed?root=DIR domxml-to-native qemu-argv FILE``, with its binary as the guest's ``<emulator>``.
A name says what the release does, from a kind's point of view; ``lacks-`` where the older releases are the exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qemuxml.errors import UnsupportedError

RELEASES: Final = ("6.2", "7.0", "7.1", "7.2", "8.0", "8.1", "8.2", "9.0", "9.1", "9.2", "10.0")
"""The releases that libvirt 11.3 knows and that this package writes for, oldest first."""

_FIRST, _LAST = RELEASES[0], RELEASES[-1]

_RECORDED: Final = {"ppc64": "7.0", "ppc64le": "7.0", "aarch64": "8.2", "armv7l": "8.2", "armv6l": "8.2", "loongarch64": "8.2"}
"""What a guest is written for that names no release, where that is not the newest one.

The newest capabilities that libvirt 11.3 has on record of these architectures, its ``-latest``, are of these releases (of HVF
they are of 10.0): how it would write for a newer one is recorded nowhere. Newer ones take these lines too; ``qemu_version``
asks for one of them.
"""

ABILITIES: Final = {
    "virtio-blk.queue-size": (_FIRST, _LAST),
    "option.no-acpi": (_FIRST, "7.2"),
    "option.no-hpet": (_FIRST, "7.2"),
    "smp.clusters": ("7.0", _LAST),
    "device.keys": (_FIRST, "6.2"),
    "netdev.keys": (_FIRST, "7.1"),
    "netdev.lacks-reconnect": (_FIRST, "7.2"),
    "block.raw-format-node": (_FIRST, "8.2"),
    "virtio-blk.scsi": (_FIRST, "9.0"),
    "virtio-mem.prealloc": ("7.0", _LAST),
    "object.thread-context": ("7.2", _LAST),
    "sound.virtio": ("8.2", _LAST),
    "display.dbus": ("7.0", _LAST),
    "pstore.acpi-erst": ("7.0", _LAST),
    "crypto.lkcf": ("8.0", _LAST),
    "iommu.virtio": ("7.0", _LAST),
    "iommu.dma-translation": ("7.2", _LAST),
    "netdev.stream": ("7.2", _LAST),
    "memory.dynamic-memslots": ("8.2", _LAST),
    "disk.vhost-vdpa": ("8.1", _LAST),
    "disk.discard-no-unref": ("8.1", _LAST),
    "disk.iothread-mapping": ("9.0", _LAST),
    "controller.iothread-mapping": ("10.0", _LAST),
    "iothread.pool-sizes": ("7.1", _LAST),
    "machine.i8042": ("7.0", _LAST),
    "option.run-with": ("8.1", _LAST),
    "option.shim": ("10.0", _LAST),
    "sev-snp": ("9.1", _LAST),
    "machine.loadparm": (_FIRST, "9.1"),
    "machine.audiodev": ("8.2", _LAST),
    "lacks-chardev-reconnect-ms": (_FIRST, "9.1"),
    "nbd.lacks-tls-hostname": (_FIRST, "6.2"),
    "rbd.lacks-encryption-layering": (_FIRST, "7.2"),
    "rbd.lacks-encryption-luks-any": (_FIRST, "7.2"),
}
"""The first and the last release with an ability that kinds ask for by name."""

_VERSIONED: Final = {
    "pc": ("pc-i440fx", ("x86_64", "i686")),
    "q35": ("pc-q35", ("x86_64", "i686")),
    "virt": ("virt", ("aarch64", "armv7l", "armv6l")),
    "pseries": ("pseries", ("ppc64", "ppc64le")),
    "s390-ccw-virtio": ("s390-ccw-virtio", ("s390x",)),
}
"""The machines that each release makes anew: their alias, the name that the number follows, and the architectures."""


def until(version: str | None, arch: str, accelerator: str | None) -> tuple[str, ...]:
    """The releases up to that of a version; None is the newest recorded one.

    Raises UnsupportedError, naming the releases that there are.
    """
    newest = _LAST if accelerator == "hvf" else _RECORDED.get(arch, _LAST)
    return RELEASES[: RELEASES.index(release(version or newest)) + 1]


def abilities(known: tuple[str, ...]) -> frozenset[str]:
    """What the last of the releases can do."""
    number = len(known) - 1
    return frozenset(name for name, (first, last) in ABILITIES.items() if RELEASES.index(first) <= number <= RELEASES.index(last))


def machines(version: str | None, arch: str) -> Mapping[str, str]:
    """The machine that each alias stands for in a release; none where no release is named, so that it stays the newest."""
    if version is None:
        return {}
    number = release(version)
    return {alias: f"{name}-{number}" for alias, (name, archs) in _VERSIONED.items() if arch in archs}


def release(version: str) -> str:
    """The release of a version: 9.2 of 9.2.1."""
    found = ".".join(version.split(".")[:2])
    if found not in RELEASES:
        raise UnsupportedError(f"QEMU {version} is not supported: there are {', '.join(RELEASES)}")
    return found
