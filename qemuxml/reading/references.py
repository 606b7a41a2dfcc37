"""Names in what is passed through: ``-device nvme,bus=rp1`` finds the bus that libvirt calls ``pci.1``.

A device that stands in the XML gets libvirt's own names, whatever the line called it: its id is an alias, its ``-netdev`` is
``hostnet0``, its ``-chardev`` ``charserial0``. QEMU makes the devices of ``-device key=value`` before those in JSON, which
libvirt writes: a passed device on a bus of libvirt's is put into JSON too, with all passed devices behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Values, parse
from qemuxml.cmdline.words import Word
from qemuxml.common import audioids, place
from qemuxml.common.info import info_of
from qemuxml.common.place import Bus
from qemuxml.devices.controller import Controller
from qemuxml.domain import override
from qemuxml.later import pattern
from qemuxml.mapping.context import Reading

_PREFIXES: Final = {"-netdev": "host", "-chardev": "char"}
_HOST_SIDES: Final[Mapping[str, tuple[str, ...]]] = {
    "-netdev": ("netdev",),
    "-chardev": ("chardev", "indev", "outdev", "primary_in", "secondary_in", "notify_dev"),
}
"""The properties that name an option of that kind."""


def rename(reading: Reading) -> None:
    """Put libvirt's names where passed options use those of the line. libvirt's names of the devices must be known."""
    passed = [entry for entry in reading.ledger.entries() if entry.passed]
    names = dict(_names(reading)) if passed else {}
    buses = {name for key, name in names.items() if key[0] == "bus"}
    made = {item.type for item in reading.domain.all(Controller) if item.model != "none"}
    late = False
    for entry in passed:
        words = entry.passed
        spelt = (*words[:-1], _renamed(words[-1], names))
        if words[0] == "-device" and not words[-1].startswith("{"):
            values = parse(_word(spelt[-1], entry.option), "driver")
            late = late or values.peek("bus") in buses or ("bus" not in values and _bus_of(values) in made)
            spelt = (words[0], override.in_json(values)) if late else spelt
        if spelt != words:
            reading.ledger.respell(entry.option, spelt)


def _word(text: str, option: Option) -> Word:
    return Word(text, option.span.source, option.span.start, option.span.end, ())


def _bus_of(values: Values) -> str | None:
    """The type of the controllers that such a device is plugged into, where it names no bus."""
    driver = values.peek("driver") or ""
    return next((kind for pattern, kind in _PLUGGED if re.fullmatch(pattern, driver)), None)


_PLUGGED: Final = (("virtserialport|virtconsole", "virtio-serial"), ("usb-.*", "usb"), ("scsi-.*", "scsi"))


def _names(reading: Reading) -> Iterator[tuple[tuple[str, str], str]]:
    """The property and the line's name, with libvirt's."""
    for entry in reading.ledger.entries():
        prefix = _PREFIXES.get(entry.option.name)
        alias = next((found for found in map(_alias, entry.devices) if found), None)
        if prefix is None or alias is None or entry.passed:
            continue
        name = reading.values(entry.option, "type" if prefix == "host" else "backend").peek("id")
        for key in _HOST_SIDES[entry.option.name] if name else ():
            yield (key, name or ""), prefix + alias
    yield from ((("audiodev", name), f"audio{number}") for name, number in audioids.numbers(reading).items())
    controllers = {(item.type, item.index or 0): item for item in reading.domain.all(Controller)}
    for name, bus in reading.buses.items():
        found = controllers.get((bus.type, bus.index)) if isinstance(bus, Bus) and name not in place.BOARD else None
        if found is not None and found.bus_name:
            yield ("bus", name), found.bus_name


def _alias(device: Any) -> str | None:
    info = info_of(device)
    return info.alias if info is not None else None


def _renamed(text: str, names: Mapping[tuple[str, str], str]) -> str:
    def replace(found: re.Match[str]) -> str:
        return found[0].removesuffix(found[2]) + names.get((found[1], found[2]), found[2])

    return _IN_JSON.sub(replace, text) if text.startswith("{") else _IN_PAIRS.sub(replace, text)


_KEYS: Final = "|".join(("bus", "audiodev", *(key for keys in _HOST_SIDES.values() for key in keys)))
_IN_PAIRS: Final = pattern(rf"(?<![^,])({_KEYS})=([^,]+)")
_IN_JSON: Final = pattern(rf'"({_KEYS})"\s*:\s*"([^"\\]+)(?=")')
