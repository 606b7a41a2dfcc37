"""Sleep states: ``-global PIIX4_PM.disable_s3=1`` is ``<pm><suspend-to-mem enabled='no'/></pm>``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import decoded, on_off
from qemuxml.common import globals  # noqa: A004 - the module is named for its option
from qemuxml.domain import boards
from qemuxml.errors import CommandLineError, UnsupportedError
from qemuxml.mapping.codecs import YES_NO, integer
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import attr
from qemuxml.record import record

if TYPE_CHECKING:
    from qemuxml.domain import Domain


@record(kw_only=True)
class Pm:
    """Whether the guest may suspend to memory (S3) and to disk (S4)."""

    suspend_to_mem: bool | None = attr("suspend-to-mem@enabled", YES_NO)
    suspend_to_disk: bool | None = attr("suspend-to-disk@enabled", YES_NO)


_STATES = {"PIIX4_PM.disable_s3": "suspend_to_mem", "PIIX4_PM.disable_s4": "suspend_to_disk"}


def claim_global(option: Option, reading: Reading) -> Claimed | None:
    """``-global PIIX4_PM.disable_s3=1``: the power management of i440fx machines."""
    name, equals, value = option.text.partition("=")
    if name not in _STATES or not equals:
        return None
    try:
        disabled = integer(value) != 0
    except ValueError as error:
        raise CommandLineError(f"{name}: '{value}' {error}", option.span) from None
    pm = reading.domain.pm = reading.domain.pm or Pm()
    setattr(pm, _STATES[name], not disabled)
    return mapped(option)


def claim_global_today(option: Option, reading: Reading) -> Claimed | None:
    """``-global ICH9-LPC.disable_s4=on``, or of PIIX4_PM."""
    found = globals.read(option, reading)
    device, _, state = found.name.partition(".") if found else ("", "", "")
    field = _FIELDS.get(state)
    if found is None or field is None or device not in ("PIIX4_PM", "ICH9-LPC"):
        return None
    pm = reading.domain.pm = reading.domain.pm or Pm()
    setattr(pm, field, not decoded(found.item, _disabled))
    return mapped(option)


_FIELDS: Final = {"disable_s3": "suspend_to_mem", "disable_s4": "suspend_to_disk"}


def _disabled(text: str) -> bool:
    return on_off(text) if text.isalpha() else integer(text) != 0


def check(domain: Domain, _: Target) -> None:
    """Only a PC's board can be told of its sleeping states."""
    said = domain.pm is not None and (domain.pm.suspend_to_mem, domain.pm.suspend_to_disk) != (None, None)
    if said and boards.family(domain.os.machine) not in ("pc-i440fx", "pc-q35"):
        raise UnsupportedError("<pm>: the states S3 and S4 of ACPI are for PC machines")


def write(writing: Writing) -> Iterator[Words]:
    """``-global PIIX4_PM.disable_s3=1``, ``-global ICH9-LPC.disable_s4=0``: only the PCs have these states."""
    pm = writing.domain.pm
    if pm is None or writing.domain.os.arch not in boards.X86:
        return
    device = "ICH9-LPC" if boards.family(writing.domain.os.machine) == "pc-q35" else "PIIX4_PM"
    for state, enabled in (("s3", pm.suspend_to_mem), ("s4", pm.suspend_to_disk)):
        if enabled is not None:
            yield "-global", f"{device}.disable_{state}={0 if enabled else 1}"


KIND = Kind(element="pm", model=Pm, claims={"-global": claim_global}, modern={"-global": claim_global_today})
