"""I/O threads of a device's virtqueues: ``<iothreads><iothread id='2'><queue id='0'/></iothread></iothreads>``."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import UINT32
from qemuxml.mapping.xml import attr, children
from qemuxml.record import record


@record(kw_only=True)
class Queue:
    """A virtqueue, by its number."""

    id: int | None = attr("@id", UINT32, required=True)


@record(kw_only=True)
class QueueThread:
    """An I/O thread, and the queues that it serves."""

    id: int | None = attr("@id", UINT32, required=True)
    queues: list[Queue] = children("queue", Queue)


def check(single: int | None, threads: Sequence[QueueThread], queues: int | None, numbers: Collection[int | None]) -> None:
    """Refuse threads that the guest does not have, and queues that no thread or more than one serves.

    ``single`` is the thread of ``<driver iothread>``, ``queues`` how many there are, ``numbers`` the guest's threads.
    """
    if single and threads:
        raise DomainXmlError("<driver iothread>: it cannot be used together with <iothreads>")
    if single and single not in numbers:
        raise DomainXmlError(f"<driver iothread='{single}'>: the guest has no such I/O thread")
    named = [thread.id for thread in threads]
    for number in named:
        if number not in numbers:
            raise DomainXmlError(f"<iothread id='{number}'>: the guest has no such I/O thread")
        if named.count(number) > 1:
            raise DomainXmlError(f"<iothread id='{number}'>: it stands twice")
    _check_queues(threads, queues)


def _check_queues(threads: Sequence[QueueThread], queues: int | None) -> None:
    mapped = [queue.id or 0 for thread in threads for queue in thread.queues]
    if not mapped:
        return
    if not queues:
        raise DomainXmlError("<driver queues>: <iothread> maps queues, but their number is not said")
    if any(not thread.queues for thread in threads):
        raise DomainXmlError("<iothread>: either every thread has queues, or none")
    for number in mapped:
        if number >= queues:
            raise DomainXmlError(f"<queue id='{number}'>: the device has {queues}")
    if len(set(mapped)) != len(mapped):
        raise DomainXmlError("<queue>: two threads have the same")
    if len(mapped) != queues:
        raise DomainXmlError("<iothreads>: not every queue has a thread")
