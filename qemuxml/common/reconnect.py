"""A socket that is tried again: ``reconnect-ms=10000`` is ``<reconnect enabled='yes' timeout='10'/>``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.values import Values
from qemuxml.mapping.codecs import UINT32, YES_NO, integer
from qemuxml.mapping.context import Writing
from qemuxml.mapping.props import Pair
from qemuxml.mapping.xml import attr
from qemuxml.record import record


@record(kw_only=True)
class Reconnect:
    """Whether and after how many seconds a lost connection is made again."""

    enabled: bool | None = attr("@enabled", YES_NO)
    timeout: int | None = attr("@timeout", UINT32)


def after(seconds: int, writing: Writing) -> Pair:
    """``reconnect-ms=10000``, before QEMU 9.2 ``reconnect=10``; 0 never tries again."""
    return ("reconnect", seconds) if writing.has("lacks-chardev-reconnect-ms") else ("reconnect-ms", seconds * 1000)


def write(wish: Reconnect | None, writing: Writing) -> Iterator[Pair]:
    """What the element says; nothing where it leaves that to QEMU."""
    if wish is not None and wish.enabled is not None:
        yield after((wish.timeout or 0) if wish.enabled else 0, writing)


def read(values: Values) -> Reconnect | None:
    """Either spelling; parts of a second count as a whole one."""
    milliseconds, seconds = values.get("reconnect-ms", integer), values.get("reconnect", integer)
    found = -(-milliseconds // 1000) if milliseconds is not None else seconds
    if found is None:
        return None
    return Reconnect(enabled=True, timeout=found) if found else Reconnect(enabled=False)
