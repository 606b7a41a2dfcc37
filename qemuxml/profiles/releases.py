"""What the supported releases of QEMU can do, as data: 7.2 still takes ``-no-acpi``, 9.2 knows ``reconnect-ms``.

To add a release: ask its binaries (``-help``, ``-machine TYPE,help``, ``-device NAME,help``), append its number to the list,
and give the abilities that it gained or lost their first or last release.
"""

from __future__ import annotations

from typing import Final

from qemuxml.errors import UnsupportedError

RELEASES: Final = ("6.2", "7.0", "7.1", "7.2", "8.0", "8.1", "8.2", "9.0", "9.1", "9.2", "10.0")
"""The releases that libvirt 11.3 knows and that this package writes for, oldest first."""

_FIRST, _LAST = RELEASES[0], RELEASES[-1]

ABILITIES: Final = {
    "virtio-blk.queue-size": (_FIRST, _LAST),
    "option.no-acpi": (_FIRST, "7.2"),
    "machine.loadparm": (_FIRST, "9.1"),
    "lacks-chardev-reconnect-ms": (_FIRST, "9.1"),
}
"""The first and the last release with an ability that kinds ask for by name."""


def abilities(version: str | None) -> frozenset[str]:
    """What a release can do; None is the newest. Raises UnsupportedError, naming the releases that there are."""
    number = _number(version or _LAST)
    return frozenset(name for name, (first, last) in ABILITIES.items() if RELEASES.index(first) <= number <= RELEASES.index(last))


def _number(version: str) -> int:
    release = ".".join(version.split(".")[:2])
    if release not in RELEASES:
        raise UnsupportedError(f"QEMU {version} is not supported: there are {', '.join(RELEASES)}")
    return RELEASES.index(release)
