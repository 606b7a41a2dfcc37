"""Handed to QEMU verbatim: ``-newarg`` is ``<qemu:arg value='-newarg'/>``, ``A=b`` is ``<qemu:env name='A' value='b'/>``."""

from __future__ import annotations

from qemuxml.mapping.xml import attr, children
from qemuxml.record import record


@record(kw_only=True)
class Arg:
    """One word."""

    value: str | None = attr("@value")


@record(kw_only=True)
class Env:
    """One assignment."""

    name: str | None = attr("@name")
    value: str | None = attr("@value")


@record(kw_only=True)
class CommandLine:
    """``<qemu:commandline>``: words and assignments, each in their order."""

    args: list[Arg] = children("qemu:arg", Arg)
    envs: list[Env] = children("qemu:env", Env)
