"""The guest's clock: ``-localtime`` is ``<clock offset='localtime'/>``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common import globals  # noqa: A004 - the module is named for its option
from qemuxml.domain import boards
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import INT, UINT64, YES_NO, one_of
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import attr, children
from qemuxml.record import record

if TYPE_CHECKING:
    from qemuxml.domain import Domain


NAMES: Final = ("platform", "pit", "rtc", "hpet", "tsc", "kvmclock", "hypervclock", "armvtimer")


@record(kw_only=True)
class Timer:
    """One ``<timer>``."""

    name: str | None = attr("@name", one_of(*NAMES), required=True)
    present: bool | None = attr("@present", YES_NO)
    tickpolicy: str | None = attr("@tickpolicy", one_of("delay", "catchup", "merge", "discard"))
    track: str | None = attr("@track", one_of("boot", "guest", "wall", "realtime"))
    frequency: int | None = attr("@frequency", INT)
    mode: str | None = attr("@mode")
    threshold: int | None = attr("catchup@threshold", UINT64)
    slew: int | None = attr("catchup@slew", UINT64)
    limit: int | None = attr("catchup@limit", UINT64)


@record(kw_only=True)
class Clock:
    """What the hardware clock shows when the guest starts. ``sync`` is how libvirt 0.2 to 0.7 spelt ``offset``."""

    offset: str | None = attr("@offset")
    sync: str | None = attr("@sync")
    adjustment: str | None = attr("@adjustment")
    basis: str | None = attr("@basis", one_of("utc", "localtime"))
    timezone: str | None = attr("@timezone")
    start: int | None = attr("@start", INT)
    timers: list[Timer] = children("timer", Timer)

    def timer(self, name: str) -> Timer:
        """The timer of that name, made if there is none."""
        found = next((item for item in self.timers if item.name == name), None)
        if found is None:
            found = Timer(name=name)
            self.timers.append(found)
        return found


def claim_localtime(option: Option, reading: Reading) -> Claimed:
    """``-localtime``: the hardware clock shows the host's local time."""
    clock = reading.domain.clock = reading.domain.clock or Clock()
    clock.offset = "localtime"
    return mapped(option)


def claim_rtc(option: Option, reading: Reading) -> Claimed | None:
    """``-rtc base=utc,clock=vm,driftfix=slew``: the base is an offset or a moment, the rest is the timer's."""
    values = reading.values(option, "base")
    clock = reading.domain.clock = reading.domain.clock or Clock()
    base = values.get("base")
    if base in ("utc", "localtime"):
        clock.offset = base
    elif base is not None:
        clock.offset, clock.start = "absolute", values.get("base", _seconds)
    track = values.get("clock", lambda text: _TRACKED[one_of(*_TRACKED).decode(text)])
    if track:
        clock.timer("rtc").track = track
    if values.get("driftfix", one_of("none", "slew").decode) == "slew":
        clock.timer("rtc").tickpolicy = "catchup"
    return reading.partly(option, values.unread())


def claim_global(option: Option, reading: Reading) -> Claimed | None:
    """``-global kvm-pit.lost_tick_policy=discard``, ``-global mc146818rtc.lost_tick_policy=slew``."""
    found = globals.read(option, reading)
    timer = _TIMERS.get(found.name) if found else None
    if found is None or timer is None or found.item.text not in _POLICIES_OF[timer]:
        return None
    clock = reading.domain.clock = reading.domain.clock or Clock()
    clock.timer(timer).tickpolicy = _POLICIES_OF[timer][found.item.text]
    return mapped(option)


_TIMERS: Final = {"kvm-pit.lost_tick_policy": "pit", "mc146818rtc.lost_tick_policy": "rtc"}
_POLICIES_OF: Final = {"pit": {"delay": "delay", "discard": "discard"}, "rtc": {"discard": "delay", "slew": "catchup"}}


def claim_no_hpet(option: Option, reading: Reading) -> Claimed:
    """``-no-hpet``, now ``-machine hpet=off``."""
    clock = reading.domain.clock = reading.domain.clock or Clock()
    clock.timer("hpet").present = False
    return mapped(option)


def claim_time_drift(option: Option, reading: Reading) -> Claimed:
    """``-rtc-td-hack``, ``-tdf``, ``-no-kvm-pit-reinjection``: what becomes of lost ticks."""
    clock = reading.domain.clock = reading.domain.clock or Clock()
    timer, policy = _DRIFTS[option.name]
    clock.timer(timer).tickpolicy = policy
    return mapped(option)


_DRIFTS: Final = {
    "-rtc-td-hack": ("rtc", "catchup"), "-tdf": ("pit", "catchup"), "-no-kvm-pit-reinjection": ("pit", "discard"),
}  # fmt: skip


def claim_start_date(option: Option, reading: Reading) -> Claimed:
    """``-startdate now`` or a moment, now ``-rtc base=``."""
    if option.text != "now":
        clock = reading.domain.clock = reading.domain.clock or Clock()
        values = reading.values(option, "date")
        clock.offset, clock.start = "absolute", values.get("date", _seconds)
    return mapped(option)


def _seconds(text: str) -> int:
    """Seconds since 1970 of a moment in UTC: ``2006-06-17T16:01:21`` or a date."""
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except (ValueError, OverflowError):
        raise ValueError("is neither utc nor localtime nor a date such as 2006-06-17T16:01:21") from None


_TRACKED: Final = {"host": "wall", "vm": "guest", "rt": "realtime"}


def manual(clock: Clock, _: Writing) -> Iterator[Words]:
    """``-localtime``, or nothing for UTC."""
    offset = clock.offset or clock.sync or "utc"
    if offset == "localtime":
        yield ("-localtime",)
    elif offset != "utc":
        raise UnsupportedError(f"QEMU 0.9 has no option for <clock offset='{offset}'>")


def environment(domain: Domain) -> Iterator[tuple[str, str]]:
    """``TZ=Europe/Paris``: what is local to a guest whose clock follows a time zone."""
    if domain.clock and domain.clock.offset == "timezone" and domain.clock.timezone:
        yield "TZ", domain.clock.timezone


def write(writing: Writing) -> Iterator[Words]:
    """``-rtc base=utc,clock=vm,driftfix=slew``, and what the interval timer does with lost ticks."""
    clock = writing.domain.clock or Clock()
    parts = [f"base={_base(clock, writing)}"]
    for timer in clock.timers:
        if timer.name == "rtc":
            if timer.track in _TRACKS:
                parts.append(f"clock={_TRACKS[timer.track]}")
            if timer.tickpolicy == "catchup":
                parts.append("driftfix=slew")
    yield "-rtc", ",".join(parts)
    for timer in clock.timers if writing.domain.os.arch in boards.X86 else ():
        if timer.name == "hpet" and timer.present is False and writing.has("option.no-hpet"):
            yield ("-no-hpet",)
        if timer.name == "pit" and timer.tickpolicy in (None, "delay", "discard"):
            yield "-global", f"kvm-pit.lost_tick_policy={timer.tickpolicy or 'delay'}"


_TRACKS: Final = {"guest": "vm", "wall": "host", "realtime": "rt"}


def _base(clock: Clock, writing: Writing) -> str:
    """``utc``, ``localtime`` or a moment: of an absolute start, or now moved by an adjustment."""
    match clock.offset or clock.sync or "utc":
        case "absolute":
            return _moment(datetime.fromtimestamp(clock.start or 0, UTC))
        case "variable":
            return _variable(clock, writing)
        case "timezone":
            return "localtime"
        case other:
            return str(other)


def _moved(adjustment: str) -> int:
    """What is no number says nothing, as ``reset`` does."""
    return int(adjustment) if re.fullmatch("-?[0-9]{1,9}", adjustment) else 0


def _variable(clock: Clock, writing: Writing) -> str:
    """Libvirt counts from the moment of the start, which a line made before cannot name unless it is told."""
    told, adjustment = writing.environment.get("SOURCE_DATE_EPOCH"), _moved(clock.adjustment or "")
    if told is not None and re.fullmatch("[0-9]{1,11}", told):
        return _moment(datetime.fromtimestamp(int(told), UTC) + timedelta(seconds=adjustment))
    if adjustment:
        writing.note(f"<clock adjustment='{adjustment}'> is left out: it counts from the moment of the start (SOURCE_DATE_EPOCH)")
    return clock.basis or "utc"


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def check(domain: Domain, _: Target) -> None:
    """What libvirt refuses of ``<clock>``."""
    clock = domain.clock
    if clock is None:
        return
    if clock.offset not in (None, "utc", "localtime", "variable", "timezone", "absolute"):
        raise DomainXmlError(f"<clock>: unknown offset '{clock.offset}'")
    if clock.offset == "timezone" and not clock.timezone:
        raise DomainXmlError("<clock offset='timezone'>: missing 'timezone'")
    if clock.offset == "absolute" and clock.start is None:
        raise DomainXmlError("<clock offset='absolute'>: missing 'start'")
    for timer in clock.timers:
        _check_timer(timer, domain)
        _check_attributes(timer)


_POLICIES: Final = {"rtc": ("delay", "catchup"), "pit": ("delay", "catchup", "discard"), "armvtimer": ("delay", "discard")}


def _check_timer(timer: Timer, domain: Domain) -> None:
    place = f"<timer name='{timer.name}'"
    if timer.name == "platform":
        raise UnsupportedError(f"{place}>: unsupported timer type (name)")
    if timer.name in _POLICIES and timer.tickpolicy not in (None, *_POLICIES[timer.name]):
        raise UnsupportedError(f"{place} tickpolicy='{timer.tickpolicy}'>: unsupported tick policy")
    if timer.name == "rtc" and timer.track not in (None, *_TRACKS):
        raise UnsupportedError(f"{place} track='{timer.track}'>: QEMU's clock cannot follow it")
    if timer.name == "armvtimer" and domain.os.arch not in boards.ARM:
        raise UnsupportedError(f"{place}>: only ARM has this timer")
    if timer.name == "hpet" and timer.present and domain.os.arch not in boards.X86:
        raise UnsupportedError(f"{place} present='yes'>: only a PC has one")
    if timer.name == "armvtimer" and domain.identity.type != "kvm":
        raise UnsupportedError(f"{place}>: it needs KVM")
    if timer.name in ("tsc", "kvmclock", "hypervclock") and timer.present and domain.os.arch not in boards.X86:
        raise UnsupportedError(f"{place} present='yes'>: not supported for architecture '{domain.os.arch}'")


_ALONE: Final = {
    "tickpolicy": ("rtc", "pit", "hpet", "tsc", "armvtimer"),
    "track": ("rtc",),
    "frequency": ("tsc",),
    "mode": ("tsc",),
}
"""The attributes that are of some timers alone."""


def _check_attributes(timer: Timer) -> None:
    for name, timers in _ALONE.items():
        if getattr(timer, name) is not None and timer.name not in timers:
            raise UnsupportedError(f"<timer name='{timer.name}' {name}='…'>: this timer has no such attribute")
    if timer.tickpolicy != "catchup" and (timer.threshold or timer.slew or timer.limit):
        raise DomainXmlError(f"<timer name='{timer.name}'>: <catchup> is for tickpolicy='catchup'")


KIND = Kind(
    element="clock",
    model=Clock,
    claims={"-localtime": claim_localtime},
    modern={
        "-rtc": claim_rtc,
        "-global": claim_global,
        "-no-hpet": claim_no_hpet,
        "-startdate": claim_start_date,
        **dict.fromkeys(_DRIFTS, claim_time_drift),
    },
    manual=manual,
)
