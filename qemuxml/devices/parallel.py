"""Parallel ports: ``-parallel file:/tmp/lp`` is ``<parallel type='file'><source path='/tmp/lp'/>``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common import characterargv, characterread, chardev
from qemuxml.common.chardev import Chardev
from qemuxml.common.info import Info
from qemuxml.mapping.codecs import INT32
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, implied, mapped
from qemuxml.mapping.xml import attr, group
from qemuxml.record import record


@record(kw_only=True)
class Parallel:
    """A parallel port and its host side."""

    chardev: Chardev = group(Chardev)
    port: int | None = attr("target@port", INT32)
    info: Info = group(Info)


def claim_parallel(option: Option, reading: Reading) -> Claimed | None:
    """``-parallel CHARDEV``, ``-parallel none``."""
    if option.text == "none":
        return implied(option, "no default parallel port")
    found = chardev.read(option.value, reading) if option.value else None
    if found is None or not reading.understood(found[1]):
        return None
    return mapped(option, Parallel(chardev=found[0], port=reading.ledger.position(option, ignoring="none")))


def manual(parallel: Parallel, writing: Writing) -> Iterator[Words]:
    """``-parallel CHARDEV``; QEMU numbers the ports by the order of the options."""
    chardev.check_port("parallel", parallel.port, writing.number("parallel"))
    yield "-parallel", chardev.write(parallel.chardev)


def _of(host: Chardev) -> Parallel:
    return Parallel(chardev=host)


KIND = Kind(
    element="parallel",
    model=Parallel,
    claims={"-parallel": claim_parallel},
    modern={
        "-parallel": characterread.claim_option("parallel", _of),
        "-device isa-parallel": characterread.claim_parallel(_of),
    },
    manual=manual,
    alias="parallel",
    write=characterargv.write_parallel,
    fill=characterargv.fill_parallel,
    check=characterargv.check_parallel,
)
