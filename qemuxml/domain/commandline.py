"""Handed to QEMU verbatim: ``-newarg`` is ``<qemu:arg value='-newarg'/>``, ``A=b`` is ``<qemu:env name='A' value='b'/>``."""

from __future__ import annotations

import re
from typing import Final

from qemuxml.mapping.codecs import Codec
from qemuxml.mapping.xml import attr, children
from qemuxml.record import record


@record(kw_only=True)
class Arg:
    """One word."""

    value: str | None = attr("@value", required=True)


def _name(text: str) -> str:
    if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", text):
        raise ValueError("is no name of a variable: letters, digits and underscores, and no digit first")
    return text


ENV_NAME: Final = Codec(_name, str)


@record(kw_only=True)
class Env:
    """One assignment."""

    name: str | None = attr("@name", ENV_NAME, required=True)
    value: str | None = attr("@value")


@record(kw_only=True)
class CommandLine:
    """``<qemu:commandline>``: words and assignments, each in their order."""

    args: list[Arg] = children("qemu:arg", Arg)
    envs: list[Env] = children("qemu:env", Env)
