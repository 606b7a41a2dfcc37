"""Where each CPU sits: ``socket-id=1,core-id=0`` of ``-numa cpu`` or ``-device qemu64-x86_64-cpu`` is a number of ``<vcpu>``."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from qemuxml.cmdline.values import Values
from qemuxml.domain import boards
from qemuxml.mapping.codecs import integer

if TYPE_CHECKING:
    from qemuxml.domain import Domain

LEVELS: Final = ("socket", "die", "cluster", "core", "thread")
Place = tuple[int | None, ...]
"""One number a level; None is every one of it."""


def read(values: Values) -> Place:
    """The place that the properties name."""
    return tuple(values.get(f"{name}-id", integer) for name in LEVELS)


def numbers(place: Place, domain: Domain) -> Iterator[int]:
    """The CPUs that sit there: they are counted through threads first, sockets last."""
    count = domain.vcpu.count or 1
    core = place[LEVELS.index("core")]
    if domain.os.arch in boards.S390 and core is not None:
        # There a core's number counts all of them, whatever book and socket it is in.
        yield from (number for number in (core,) if 0 <= number < count)
        return
    found = domain.cpu.topology if domain.cpu else None
    sizes = (found.sockets, found.dies, found.clusters, found.cores, found.threads) if found else (count, 1, 1, 1, 1)
    ranges = [
        range(size or 1) if at is None else range(at, min(at + 1, size or 1)) for at, size in zip(place, sizes, strict=True)
    ]
    for ids in itertools.product(*ranges):
        number = 0
        for at, size in zip(ids, sizes, strict=True):
            number = number * (size or 1) + at
        if 0 <= number < count:
            yield number
