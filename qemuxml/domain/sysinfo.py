"""What the firmware tells the guest: ``-smbios type=1,manufacturer=…`` and ``-fw_cfg name=opt/…`` are ``<sysinfo>``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from uuid import UUID

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words, escape
from qemuxml.cmdline.values import Values
from qemuxml.errors import ConversionError, DomainXmlError, UnsupportedError
from qemuxml.later import pattern
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import attr, children, text
from qemuxml.record import record

if TYPE_CHECKING:
    from qemuxml.domain import Domain


@record(kw_only=True)
class Entry:
    """One fact with its name; of the firmware's configuration, its text or the file that it is read from."""

    name: str | None = attr("@name")
    file: str | None = attr("@file")
    value: str | None = text("")


@record(kw_only=True)
class BaseBoard:
    """A board."""

    entries: list[Entry] = children("entry", Entry)


@record(kw_only=True)
class Sysinfo:
    """``<sysinfo type='smbios'>`` or ``<sysinfo type='fwcfg'>``."""

    type: str | None = attr("@type")
    bios: list[Entry] = children("bios/entry", Entry)
    system: list[Entry] = children("system/entry", Entry)
    boards: list[BaseBoard] = children("baseBoard", BaseBoard)
    chassis: list[Entry] = children("chassis/entry", Entry)
    strings: list[Entry] = children("oemStrings/entry", Entry)
    entries: list[Entry] = children("entry", Entry)


_BIOS: Final = ("vendor", "version", "date", "release")
_SYSTEM: Final = ("manufacturer", "product", "version", "serial", "uuid", "sku", "family")
_BOARD: Final = ("manufacturer", "product", "version", "serial", "asset", "location")
_CHASSIS: Final = ("manufacturer", "version", "serial", "asset", "sku")


_TABLES: Final = {"0": ("bios", _BIOS), "1": ("system", _SYSTEM), "2": ("board", _BOARD), "3": ("chassis", _CHASSIS)}


def claim_smbios(option: Option, reading: Reading) -> Claimed | None:
    """``-smbios type=1,manufacturer=…``; tables and fields that domain XML lacks are passed on: QEMU adds up the fields."""
    values = reading.values(option)
    kind = values.property("type")
    if kind is None or (kind.text not in _TABLES and kind.text != "11") or (kind.text == "2" and _has_board(reading)):
        return None
    if kind.text == "11":
        if "value" not in values:
            return None
        info = _info("smbios", reading)
        info.strings += [Entry(value=item.text) for item in values.every("value")]
    else:
        part, names = _TABLES[kind.text]
        found = [Entry(name=name, value=values.get(name)) for name in names if _may_say(name, values, reading)]
        if not found and not values.unread() and kind.text == "2" and not _is_repeated(reading):
            found = [Entry(name="manufacturer", value=_MAKER)]
        if not found:
            return None
        info = _info("smbios", reading)
        for entry in found:
            if entry.name == "uuid":
                reading.domain.identity.uuid = str(UUID(entry.value))
        if part == "board":
            info.boards.append(BaseBoard(entries=found))
        else:
            setattr(info, part, [*getattr(info, part), *found])
    reading.domain.os.smbios_mode = "sysinfo"
    rest = values.unread()
    return reading.partly(option, [kind, *rest] if rest else [])


_MAKER: Final = "QEMU"
"""Who has made the board, unless another is named: a table of boards is there only if one field of it is given."""


def _is_repeated(reading: Reading) -> bool:
    """Whether another option tells of the board too."""
    return sum(reading.values(option).peek("type") == "2" for option in reading.ledger.named("-smbios")) > 1


def _has_board(reading: Reading) -> bool:
    return any(info.boards for info in reading.domain.sysinfo)


def _may_say(name: str, values: Values, reading: Reading) -> bool:
    """Whether a field stands in the XML: a UUID only if it is the guest's, and that one is new if the guest has none."""
    text = values.peek(name)
    if name != "uuid" or text is None:
        return text is not None
    own = _own_uuid(reading)
    try:
        return UUID(text) == UUID(own or text)
    except ValueError:
        return False


def _own_uuid(reading: Reading) -> str | None:
    return next((option.text for option in reading.ledger.named("-uuid")), None)


def _info(kind: str, reading: Reading) -> Sysinfo:
    found = next((info for info in reading.domain.sysinfo if info.type == kind), None)
    if found is None:
        found = Sysinfo(type=kind)
        reading.domain.sysinfo.append(found)
    return found


def claim_fw_cfg(option: Option, reading: Reading) -> Claimed | None:
    """``-fw_cfg name=opt/org.example,string=…``; the names of other programs and of QEMU itself have no place in the XML."""
    values = reading.values(option, "name")
    entry = Entry(name=values.get("name"), file=values.get("file", reading.path), value=values.get("string"))
    if values.unread() or "," in f"{entry.name}{entry.file}{entry.value}":
        return None
    try:
        _check_fwcfg(entry)
    except ConversionError:
        return None
    _info("fwcfg", reading).entries.append(entry)
    return mapped(option)


def write(writing: Writing) -> Iterator[Words]:
    """The tables of SMBIOS, if the guest is to have them, and the firmware's configuration."""
    domain = writing.domain
    if domain.os.smbios_mode == "host":
        writing.note("<smbios mode='host'>: the host's own tables are not known here: the guest has none")
    for info in domain.sysinfo:
        if info.type == "smbios" and domain.os.smbios_mode == "sysinfo":
            yield from _smbios(info)
    for info in domain.sysinfo:
        if info.type == "fwcfg":
            yield from _fwcfg(info)


def _smbios(info: Sysinfo) -> Iterator[Words]:
    boards = [entry for board in info.boards for entry in board.entries]
    for number, names, entries in (
        (0, _BIOS, info.bios),
        (1, _SYSTEM, info.system),
        (2, _BOARD, boards),
        (3, _CHASSIS, info.chassis),
    ):
        given = {entry.name: entry.value or "" for entry in entries}
        if given:
            yield "-smbios", ",".join([f"type={number}", *(f"{name}={escape(given[name])}" for name in names if name in given)])
    if info.strings:
        yield "-smbios", ",".join(["type=11", *(f"value={escape(entry.value or '')}" for entry in info.strings)])


def _fwcfg(info: Sysinfo) -> Iterator[Words]:
    for entry in info.entries:
        # libvirt hands these over as they are: a comma in one is not doubled
        yield "-fw_cfg", f"name={entry.name}," + (f"file={entry.file}" if entry.file else f"string={entry.value or ''}")


# ------------------------------------------------------------------ refusals


def check(domain: Domain, _: Target) -> None:
    """What libvirt refuses of ``<sysinfo>`` and of ``<smbios>``."""
    mode = domain.os.smbios_mode
    if mode not in (None, "emulate", "host", "sysinfo"):
        raise UnsupportedError(f"<smbios>: unknown mode '{mode}'")
    smbios = [info for info in domain.sysinfo if info.type == "smbios"]
    if mode == "sysinfo" and not smbios:
        raise DomainXmlError("<smbios mode='sysinfo'>: <sysinfo type='smbios'> is missing")
    for info in domain.sysinfo:
        if info.type not in ("smbios", "fwcfg"):
            raise DomainXmlError(f"<sysinfo>: unknown type '{info.type}'")
    for info in smbios:
        _check_smbios(info, domain)
    for info in domain.sysinfo:
        if info.type == "fwcfg":
            for entry in info.entries:
                _check_fwcfg(entry)


_DATE: Final = pattern(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})")


def _check_smbios(info: Sysinfo, domain: Domain) -> None:
    for entry in info.bios:
        if entry.name == "date" and not _is_date(entry.value or ""):
            raise DomainXmlError(f"<sysinfo>: '{entry.value}' is no BIOS date of the form MM/DD/YYYY")
    for entry in info.system:
        if entry.name == "uuid":
            _check_uuid(entry.value or "", domain)
    if len(info.boards) > 1:
        raise UnsupportedError("<baseBoard>: QEMU does not support more than one entry to Type 2 in SMBIOS table")


def _is_date(text: str) -> bool:
    found = _DATE.fullmatch(text)
    return bool(found) and 1 <= int(found[1]) <= 12 and 1 <= int(found[2]) <= 31 and (len(found[3]) == 2 or int(found[3]) >= 1900)  # type: ignore[index]


def _check_uuid(value: str, domain: Domain) -> None:
    try:
        found = UUID(value)
    except ValueError:
        raise DomainXmlError(f"<sysinfo>: malformed uuid '{value}'") from None
    own = domain.identity.uuid
    if own and UUID(own) != found:
        raise DomainXmlError("<sysinfo>: UUID mismatch between <uuid> and <sysinfo>")


def _check_fwcfg(entry: Entry) -> None:
    if not entry.name:
        raise DomainXmlError("<sysinfo type='fwcfg'>: firmware entry is missing 'name'")
    if not entry.name.startswith("opt/"):
        raise UnsupportedError(f"<sysinfo type='fwcfg'>: invalid firmware name '{entry.name}': it must begin with opt/")
    if entry.name.startswith(("opt/ovmf/", "opt/org.qemu/")):
        raise UnsupportedError(f"<sysinfo type='fwcfg'>: the firmware name '{entry.name}' is reserved")
    if not entry.value and not entry.file:
        raise DomainXmlError(f"<sysinfo type='fwcfg'>: '{entry.name}' has neither a value nor a file")
    if entry.value and entry.file:
        raise DomainXmlError(f"<sysinfo type='fwcfg'>: '{entry.name}' has both a value and a file")


KIND = Kind(element="sysinfo", model=Sysinfo, modern={"-smbios": claim_smbios, "-fw_cfg": claim_fw_cfg})
