"""What a schema cannot know: relative paths, a boot order given twice, options that the chosen QEMU has no more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from qemuxml import convert
from qemuxml.cmdline.arity import REMOVED
from qemuxml.common.info import info_of
from qemuxml.domain import Domain
from qemuxml.errors import ConversionError, XmlPlace
from qemuxml.mapping.facts import Statement, statements
from qemuxml.record import record

NEWEST: Final = "10.0"


@record(frozen=True)
class Advice:
    """Something to look at; an ``error`` keeps libvirt from starting the guest."""

    message: str
    place: XmlPlace | None
    error: bool = False


def advise(xml: str, name: str, qemu_version: str | None) -> Iterator[Advice]:
    """What is odd about a guest that the schema takes."""
    try:
        domain, places = convert.placed(xml, name=name)
        said = [*statements(domain), *(item for device in domain.devices for item in statements(device))]
        yield from _relative_paths(said, places)
        twice = list(_boot_orders(domain, places))
        yield from twice
        yield from _removed_options(domain, places, qemu_version)
        yield from _relative_arguments(domain, places)
        yield from _unknown_files(domain, places, said)
        if not twice:
            convert.to_native(xml, name=name, profile="modern", qemu_version=qemu_version)
    except ConversionError as error:
        yield Advice(error.message, error.place if isinstance(error.place, XmlPlace) else None, error=True)


_PATHS: Final = re.compile(
    r".*/source/@(?:file|dev|dir|path|evdev)|/os/(?:loader|kernel|initrd|dtb|shim|nvram|acpi/table(?:\[\d+\])?)|/os/nvram/@template"
    r"|/devices/emulator|.*/log/@file|/rom/@file|/backend/device/@path|/script/@path"
)


_RELATIVE: Final = "'{}' is relative: libvirt starts QEMU in / and wants the whole path"


def _relative_paths(said: list[Statement], places: Mapping[int, XmlPlace]) -> Iterator[Advice]:
    for statement in said:
        if not _PATHS.fullmatch(statement.path) or type(statement.owner).__name__ == "Interface":
            continue
        if statement.text and not statement.text.startswith("/"):
            yield Advice(_RELATIVE.format(statement.text), places.get(id(statement.owner)))


def _boot_orders(domain: Domain, places: Mapping[int, XmlPlace]) -> Iterator[Advice]:
    first: dict[int, Any] = {}
    for device in domain.devices:
        order = getattr(info_of(device), "boot_order", None)
        if order is None:
            continue
        other = first.setdefault(order, device)
        if other is not device:
            said = f"the boot order {order} belongs to {places[id(other)].path} already"
            yield Advice(said, places.get(id(device)), error=True)


def _removed_options(domain: Domain, places: Mapping[int, XmlPlace], qemu_version: str | None) -> Iterator[Advice]:
    for arg in domain.commandline.args if domain.commandline else ():
        name = (arg.value or "").removeprefix("-").removeprefix("-")
        gone = REMOVED.get(name) if (arg.value or "").startswith("-") else None
        if gone and _number(gone) <= _number(qemu_version or NEWEST):
            yield Advice(f"-{name}: QEMU has not taken it since {gone}", places.get(id(arg)))


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


_NAMED: Final = re.compile(
    r"""(?:^|,|[{,]\s*")(?:file|filename|path|mem-path|logfile)(?:=|"\s*:\s*")([^/,:="{][^,:="{]*)(?:,|"|$)"""
)
"""A relative file in an argument, in either spelling."""
_WITH_FILE: Final = re.compile("--?(?:hd[a-d]|fd[ab]|cdrom|sd|mtdblock|pflash|kernel|initrd|dtb|bios)")
"""Options whose value is a file."""


def _relative_arguments(domain: Domain, places: Mapping[int, XmlPlace]) -> Iterator[Advice]:
    before = ""
    for arg in domain.commandline.args if domain.commandline else ():
        text = arg.value or ""
        whole = [text] if _WITH_FILE.fullmatch(before) and not re.search("^/|[:=]", text) else []
        for path in (*whole, *_NAMED.findall(text)):
            yield Advice(_RELATIVE.format(path), places.get(id(arg)))
        before = text


_FILE: Final = re.compile(r"""(?:^|[=:,"])(/(?!dev/(?:null|zero|u?random)\b)[^,:="]+)""")


def _unknown_files(domain: Domain, places: Mapping[int, XmlPlace], said: list[Statement]) -> Iterator[Advice]:
    """Libvirt lets QEMU have the files that the XML names: AppArmor, SELinux and a namespace keep it from all others."""
    arguments = domain.commandline.args if domain.commandline else []
    own = {id(arg) for arg in arguments}
    known = {statement.text for statement in said if id(statement.owner) not in own}
    for arg in arguments:
        for path in dict.fromkeys(_FILE.findall(arg.value or "")):
            if path not in known:
                yield Advice(f"{path}: only this argument names it, and libvirt does not let QEMU have it", places.get(id(arg)))
