"""Work on many items in several processes: results in the order of the items, no more of them waiting than memory is for."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import parent_process
from queue import SimpleQueue
from threading import Thread
from typing import Final, Generic, TypeVar

import click

from qemuxml.cli.failures import Failure

T = TypeVar("T")
R = TypeVar("R")

JOBS = click.option(
    "-j", "--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="Convert in that many processes at once."
)

DEPTH: Final = 8
"""Items that wait for each process: enough that none is idle, and no more in memory."""


def ordered(work: Callable[[T], R], items: Iterable[T], jobs: int, depth: int = DEPTH) -> Iterator[R]:
    """What the work gives for each item, in their order, and as soon as it is there: a slow item keeps back no earlier one.

    An item is fetched when there is room for it. Raises Failure if one of the processes is ended from outside.
    """
    if jobs == 1:
        yield from map(work, items)
        return
    with ProcessPoolExecutor(jobs, initializer=_begin) as pool:
        feeder = _Feeder(pool, work, iter(items), room=jobs * depth)
        try:
            yield from feeder.results()
        except BrokenProcessPool:
            raise Failure("error: a process that converts was ended from outside") from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


class _Feeder(Generic[T, R]):
    """Fetches items in a thread of its own, while the results of earlier ones are waited for.

    Its queues are those that an interrupt cannot leave half changed.
    """

    def __init__(self, pool: Executor, work: Callable[[T], R], items: Iterator[T], room: int) -> None:
        self._pool, self._work, self._items = pool, work, items
        self._begun: SimpleQueue[Future[R] | None] = SimpleQueue()
        self._room: SimpleQueue[None] = SimpleQueue()
        for _ in range(room - 1):
            self._room.put(None)

    def results(self) -> Iterator[R]:
        """The results, in the order of the items."""
        if self._fetch():  # here, so that the processes part before there is a second thread
            Thread(target=self._feed, daemon=True).start()
        while (future := self._begun.get()) is not None:
            yield future.result()
            self._room.put(None)

    def _feed(self) -> None:
        """Fetch until there are no more; who takes no more results leaves it waiting, and ends without it."""
        self._room.get()
        while self._fetch():
            self._room.get()

    def _fetch(self) -> bool:
        """Begin the work on the next item; False if there is none. What is wrong with it is raised where its result is taken."""
        try:
            self._begun.put(self._pool.submit(self._work, next(self._items)))
        except StopIteration:
            self._begun.put(None)
        except Exception as error:  # noqa: BLE001 - the thread that takes the results has to hear of it
            failed: Future[R] = Future()
            failed.set_exception(error)
            self._begun.put(failed)
        else:
            return True
        return False


def _begin() -> None:
    """Ctrl-C reaches every process of the terminal, and an init system ends them all at once; the first of them decides."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_end_with_the_first, daemon=True).start()


def _end_with_the_first() -> None:
    """Nothing tells a process that waits for work that the first one was killed."""
    first = parent_process()
    if first:
        first.join()
    os._exit(1)


class Terminated(KeyboardInterrupt):
    """A polite end from outside (SIGTERM): handled like Ctrl-C."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Within it SIGTERM raises, as Ctrl-C does, so that what was begun is tidied up."""

    def terminated(*_: object) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, terminated)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def undivided() -> Iterator[None]:
    """Within it no signal interrupts: a line is written whole, a file is in its place. It is raised behind it instead.

    A mask would not do: with several processes Python has threads of its own here, and one of them takes the signal.
    """
    met: list[int] = []
    before = {number: signal.signal(number, lambda caught, _: met.append(caught)) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for caught in met[:1]:
        signal.raise_signal(caught)
