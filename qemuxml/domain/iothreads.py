"""Threads that serve devices: ``<iothreads>2</iothreads>`` is ``-object iothread,id=iothread1`` and 2; also QEMU's main loop."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common import iothreads as numbering
from qemuxml.common.piece import Piece
from qemuxml.common.twice import twice
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import INT, NATURAL, UINT32, UINT64
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.props import Props, computed, const, json, key
from qemuxml.mapping.xml import attr, child, children, text
from qemuxml.record import record


@record(kw_only=True)
class Pool:
    """The limits of a thread pool."""

    minimum: int | None = attr("@thread_pool_min", NATURAL)
    maximum: int | None = attr("@thread_pool_max", NATURAL)


@record(kw_only=True)
class IoThread:
    """One thread, and how long it polls before it sleeps."""

    id: int | None = attr("@id", UINT32)
    minimum: int | None = attr("@thread_pool_min", NATURAL)
    maximum: int | None = attr("@thread_pool_max", NATURAL)
    poll_max: int | None = attr("poll@max", UINT64)
    poll_grow: int | None = attr("poll@grow", UINT64)
    poll_shrink: int | None = attr("poll@shrink", UINT64)


@record(kw_only=True)
class IoThreads:
    """How many threads; ``ids`` names some of them, the others take the lowest free numbers."""

    count: int | None = text("iothreads", UINT32)
    ids: list[IoThread] = children("iothreadids/iothread", IoThread)
    default: Pool | None = child("defaultiothread", Pool)

    def all(self) -> list[IoThread]:
        """The threads in the order in which libvirt starts them."""
        made = list(self.ids)
        taken = {item.id for item in made}
        number = 1
        while len(made) < (self.count or 0):
            if number not in taken:
                made.append(IoThread(id=number))
            number += 1
        return made

    def check(self) -> None:
        """Refuse a number that two threads have, and pools without a size. Raises DomainXmlError."""
        for item in self.ids:
            if not item.id:
                raise DomainXmlError("<iothreadids>: an <iothread> needs an id greater than 0").of(item)
        twice("iothread", self.ids, id="id")
        pools: list[IoThread | Pool] = [*self.ids, *([self.default] if self.default else [])]
        for pool in pools:
            if pool.maximum == 0:
                raise DomainXmlError("thread_pool_max='0': a pool has at least one thread").of(pool)
            if pool.minimum is not None and (pool.maximum is None or pool.minimum > pool.maximum):
                said = f"thread_pool_min='{pool.minimum}': it needs a thread_pool_max that is not less"
                raise DomainXmlError(said).of(pool)
        if (self.count or 0) > LIMIT:
            raise DomainXmlError(f"<iothreads>: no guest has {self.count} threads").of(self)


LIMIT = 10_000

THREAD = Props(
    IoThread,
    const("qom-type", "iothread"),
    computed("id", lambda made: f"iothread{made.id}"),
    key("thread-pool-min", "minimum", INT),
    key("thread-pool-max", "maximum", INT),
    key("poll-max-ns", "poll_max", INT),
    key("poll-grow", "poll_grow", INT),
    key("poll-shrink", "poll_shrink", INT),
)
MAIN_LOOP = Props(
    Pool,
    const("qom-type", "main-loop"),
    const("id", "main-loop"),
    key("thread-pool-min", "minimum", INT),
    key("thread-pool-max", "maximum", INT),
)


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-object iothread,id=iothread1``: the number in libvirt's own name, or the next one that is free."""
    piece = Piece(option, reading, "qom-type")
    thread = piece.read(THREAD)
    thread.id = numbering.number(piece.values.get("id") or "", reading)
    threads = reading.domain.iothreads
    threads.ids.append(thread)
    threads.count = len(threads.ids)
    reading.settle(settle)
    return mapped(option) if thread.id is not None and not piece.values.unread() else None


def settle(reading: Reading) -> None:
    """Nothing is said of threads that are as libvirt makes them by itself."""
    threads = reading.domain.iothreads
    if threads.ids == [IoThread(id=number + 1) for number in range(len(threads.ids))]:
        threads.ids = []


def claim_main_loop(option: Option, reading: Reading) -> Claimed | None:
    """``-object main-loop,id=main-loop,thread-pool-min=4``."""
    piece = Piece(option, reading, "qom-type")
    reading.domain.iothreads.default = piece.read(MAIN_LOOP)
    piece.values.get("id")
    return mapped(option) if not piece.values.unread() else None


def write(writing: Writing) -> Iterator[Words]:
    """``-object iothread`` for each thread, and the limits of the main loop's own pool."""
    threads = writing.domain.iothreads
    for thread in threads.all():
        yield "-object", json(THREAD.write(thread))
    if threads.default and (threads.default.minimum is not None or threads.default.maximum is not None):
        yield "-object", json(MAIN_LOOP.write(threads.default))


KIND = Kind(
    element="iothreads",
    model=IoThreads,
    modern={"-object iothread": claim, "-object main-loop": claim_main_loop},
)
