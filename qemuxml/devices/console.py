"""Consoles: ``<console type='pty'><target type='serial' port='0'/></console>`` is another name for the first serial port."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.render import Words
from qemuxml.common import characterargv, characterread
from qemuxml.common.chardev import Chardev
from qemuxml.common.info import Info
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.codecs import INT32
from qemuxml.mapping.context import Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.xml import attr, group
from qemuxml.record import record


@record(kw_only=True)
class Console:
    """A console and its host side."""

    chardev: Chardev = group(Chardev)
    target_type: str | None = attr("target@type")
    port: int | None = attr("target@port", INT32)
    info: Info = group(Info)
    is_twin: bool = False
    """Whether it is the first serial port by another name; the pass over consoles says so."""


def manual(console: Console, _: Writing) -> Iterator[Words]:
    """Nothing: the serial port that it names is written as such."""
    if console.target_type not in ("serial", None):
        raise UnsupportedError(f"QEMU 0.9 has no console of type '{console.target_type}'")
    yield from ()


def _of(host: Chardev) -> Console:
    return Console(chardev=host)


KIND = Kind(
    element="console",
    model=Console,
    modern={f"-device {driver}": characterread.claim_console(_of) for driver in characterread.CONSOLES},
    manual=manual,
    alias="console",
    write=characterargv.write_console,
    fill=characterargv.fill_console,
    check=characterargv.check_console,
)
