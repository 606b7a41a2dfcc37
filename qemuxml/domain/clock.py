"""The guest's clock: ``-localtime`` is ``<clock offset='localtime'/>``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.codecs import YES_NO
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import attr, children


@dataclass(kw_only=True)
class Timer:
    """One ``<timer>``."""

    name: str | None = attr("@name")
    present: bool | None = attr("@present", YES_NO)


@dataclass(kw_only=True)
class Clock:
    """What the hardware clock shows when the guest starts. ``sync`` is how libvirt 0.2 to 0.7 spelt ``offset``."""

    offset: str | None = attr("@offset")
    sync: str | None = attr("@sync")
    timers: list[Timer] = children("timer", Timer)


def claim_localtime(option: Option, reading: Reading) -> Claimed:
    """``-localtime``: the hardware clock shows the host's local time."""
    clock = reading.domain.clock = reading.domain.clock or Clock()
    clock.offset = "localtime"
    return mapped(option)


def manual(clock: Clock, _: Writing) -> Iterator[Words]:
    """``-localtime``, or nothing for UTC."""
    if clock.timers:
        raise UnsupportedError(f"QEMU 0.9 has no option for <timer name='{clock.timers[0].name}'>")
    offset = clock.offset or clock.sync or "utc"
    if offset == "localtime":
        yield ("-localtime",)
    elif offset != "utc":
        raise UnsupportedError(f"QEMU 0.9 has no option for <clock offset='{offset}'>")


def write(writing: Writing) -> Iterator[Words]:
    """``-rtc base=utc``."""
    clock = writing.domain.clock or Clock()
    yield "-rtc", f"base={clock.offset or 'utc'}"


KIND = Kind(element="clock", model=Clock, claims={"-localtime": claim_localtime}, manual=manual)
