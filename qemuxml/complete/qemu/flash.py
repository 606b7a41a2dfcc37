"""Flash chips and the SD card of Aspeed's boards: QEMU makes them unless it is told ``-nodefaults``, as libvirt always tells it.

They are handed to QEMU one by one, each with the image that ``-drive if=mtd`` or ``if=sd`` gives it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import escape
from qemuxml.cmdline.values import Property
from qemuxml.common import machineoptions
from qemuxml.complete.qemu.said import Said
from qemuxml.mapping.codecs import integer
from qemuxml.mapping.context import Reading
from qemuxml.profiles.hardware import CARDLESS, CHIPS

_MODELS: Final = ("fmc-model", "spi-model")
"""The properties of ``-machine`` that name the chips of the first bus, and of the others."""


def add(reading: Reading, unsaid: Said) -> None:
    """Add the chips and the card; the drives that are theirs keep their images under names of their own."""
    buses = CHIPS.get(reading.domain.os.machine or "", "").split()
    if not buses or not unsaid.plain:
        return
    images, cards = _images(reading, "mtd"), _images(reading, "sd")
    chips = [(bus, chip, model) for bus, models in enumerate(buses) for chip, model in enumerate(models.split(","))]
    for unit, (bus, chip, model) in enumerate(chips):
        place = f"{_model(reading, bus) or model},bus=ssi.{bus},cs={chip:#x}"
        reading.added += ["-device", place + _drive(reading, images.get(unit), f"mtd{unit}")]
    if reading.domain.os.machine not in CARDLESS and (unsaid.sdcard or 0 in cards):
        reading.added += ["-device", "sd-card,bus=sd-bus" + _drive(reading, cards.get(0), "sd0")]


def _model(reading: Reading, bus: int) -> str | None:
    said = reading.once(machineoptions.properties).get(_MODELS[min(bus, 1)])
    return said[-1] if said else None


def _images(reading: Reading, kind: str) -> dict[int, Option]:
    """The passed drives of that kind by their number: the one that is said, or the next."""
    found: dict[int, Option] = {}
    for option in _drives(reading, kind):
        values = reading.values(option) if option.name == "-drive" else None
        said = [values.get(key, integer) for key in ("index", "unit") if key in values] if values else []
        number = next((item for item in said if item is not None), None)
        found.setdefault(len(found) if number is None else number, option)
    return found


def _drives(reading: Reading, kind: str) -> Iterator[Option]:
    for entry in reading.ledger.entries():
        option = entry.option
        if not entry.passed or option.value is None:
            continue
        named = {"-sd": "sd", "-mtdblock": "mtd"}.get(option.name)
        if named == kind or (option.name == "-drive" and reading.values(option).peek("if") == kind):
            yield option


def _drive(reading: Reading, option: Option | None, name: str) -> str:
    """The property that names the image, which now stands by itself."""
    if option is None:
        return ""
    if option.name != "-drive":
        reading.ledger.respell(option, ("-drive", f"if=none,id={name},file={escape(reading.image(option.text))}"))
        return f",drive={name}"
    values = reading.values(option)
    name = values.peek("id") or name
    kept = [_spelt(item, reading) for item in values if item.key not in ("if", "index", "bus", "unit", "id")]
    reading.ledger.respell(option, ("-drive", ",".join(("if=none", f"id={name}", *kept))))
    return f",drive={name}"


def _spelt(item: Property, reading: Reading) -> str:
    text = reading.image(item.text) if item.key in ("file", "filename", "file.filename") else item.text
    return escape(item.key) if item.bare else f"{item.key}={escape(text)}"
