"""The NVRAM of a pseries machine: ``-global spapr-nvram.reg=0x4000`` is ``<nvram><address type='spapr-vio' reg='0x4000'/>``."""

from __future__ import annotations

from dataclasses import dataclass

from qemuxml.cmdline.options import Option
from qemuxml.common.addresses import spapr_vio
from qemuxml.common.info import Info
from qemuxml.errors import CommandLineError
from qemuxml.mapping.codecs import integer
from qemuxml.mapping.context import Reading
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import group


@dataclass(kw_only=True)
class Nvram:
    """The machine's own non-volatile memory."""

    info: Info = group(Info)


def claim_global(option: Option, _: Reading) -> Claimed | None:
    """``-global spapr-nvram.reg=REGISTER``."""
    name, equals, value = option.text.partition("=")
    if name != "spapr-nvram.reg" or not equals:
        return None
    try:
        register = integer(value)
    except ValueError as error:
        raise CommandLineError(f"{name}: '{value[:60]}' {error}", option.span) from None
    nvram = Nvram()
    nvram.info.address = spapr_vio(register)
    return mapped(option, nvram)


KIND = Kind(element="nvram", model=Nvram, claims={"-global": claim_global})
