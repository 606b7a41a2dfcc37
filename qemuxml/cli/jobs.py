"""Work on many items in several processes: results in the order of the items, no more of them waiting than memory is for."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Final, TypeVar

import click

T = TypeVar("T")
R = TypeVar("R")

JOBS = click.option(
    "-j", "--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="Convert in that many processes at once."
)

DEPTH: Final = 8
"""Items that wait for each process: enough that none is idle, and no more in memory."""


def ordered(work: Callable[[T], R], items: Iterable[T], jobs: int, depth: int = DEPTH) -> Iterator[R]:
    """What the work gives for each item, in their order; an item is fetched when there is room for it."""
    if jobs == 1:
        yield from map(work, items)
        return
    with ProcessPoolExecutor(jobs, initializer=_leave_signals) as pool:
        waiting: deque[Future[R]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                while waiting and (len(waiting) >= jobs * depth or waiting[0].done()):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _leave_signals() -> None:
    """Ctrl-C reaches every process of the terminal; the first of them decides."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


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
