"""The NVRAM of a pseries machine: ``-global spapr-nvram.reg=0x4000`` is ``<nvram><address type='spapr-vio' reg='0x4000'/>``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common.addresses import SpaprVioAddress, spapr_vio
from qemuxml.common.info import Info
from qemuxml.domain import Domain
from qemuxml.domain.boards import board_of
from qemuxml.errors import CommandLineError, DomainXmlError
from qemuxml.mapping.codecs import integer
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import group
from qemuxml.record import record


@record(kw_only=True)
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


def write(nvram: Nvram, _: Writing) -> Iterator[Words]:
    """``-global spapr-nvram.reg=0x4000``: the machine makes the device."""
    if isinstance(nvram.info.address, SpaprVioAddress) and nvram.info.address.reg is not None:
        yield "-global", f"spapr-nvram.reg={nvram.info.address.reg:#x}"


def fill(nvram: Nvram, _: Domain, __: Target) -> None:
    """An address of another type counts for nothing: the memory gets a register behind those of disks and ports."""
    if not isinstance(nvram.info.address, SpaprVioAddress):
        nvram.info.address = None


def check(_: Nvram, domain: Domain, __: Target) -> None:
    """Only pseries machines have it. Raises DomainXmlError."""
    if not board_of(domain).is_pseries:
        raise DomainXmlError("<nvram> is for pseries machines")


KIND = Kind(element="nvram", model=Nvram, claims={"-global": claim_global}, alias="nvram", write=write, fill=fill, check=check)
