"""I/O threads by number: ``iothread=iothread1`` names the ``-object iothread`` that is ``<iothread id='1'/>``.

libvirt names the objects itself, by their numbers. Objects of any other name get the numbers that are left, in their order.
"""

from __future__ import annotations

import re

from qemuxml.common.piece import Piece
from qemuxml.common.queuethreads import Queue, QueueThread
from qemuxml.mapping.codecs import integer
from qemuxml.mapping.context import Reading


def number(identifier: str, reading: Reading) -> int | None:
    """The number of the thread whose object has that id; None if there is no such object."""
    return reading.once(_numbers).get(identifier)


def _numbers(reading: Reading) -> dict[str, int]:
    values = (reading.values(option, "qom-type") for option in reading.ledger.named("-object"))
    names = [item.peek("id") or "" for item in values if item.peek("qom-type") == "iothread"]
    found = {name: int(named[1]) for name in names if (named := re.fullmatch(r"iothread([1-9][0-9]{0,8})", name))}
    taken = set(found.values())
    free = iter(value for value in range(1, len(names) + 1) if value not in taken)
    return {name: found[name] if name in found else next(free) for name in dict.fromkeys(names)}


def read(piece: Piece) -> int | None:
    """The number of the thread that a device's ``iothread=`` names."""
    return _read(piece, "iothread")


def read_mapping(piece: Piece) -> list[QueueThread]:
    """The threads of ``iothread-vq-mapping``, each with the queues that it serves."""
    made: list[QueueThread] = []
    while (found := _read(piece, f"iothread-vq-mapping.{len(made)}.iothread")) is not None:
        thread = QueueThread(id=found)
        while (queue := piece.values.get(f"iothread-vq-mapping.{len(made)}.vqs.{len(thread.queues)}", integer)) is not None:
            thread.queues.append(Queue(id=queue))
        made.append(thread)
    return made


def _read(piece: Piece, key: str) -> int | None:
    found = number(piece.values.peek(key) or "", piece.reading)
    if found is not None:
        piece.values.get(key)
    return found
