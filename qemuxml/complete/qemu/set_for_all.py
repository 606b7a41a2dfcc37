"""``-global VGA.vgamem_mb=64``: what libvirt writes for each such device would hide it, and is taken away there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from qemuxml import layout
from qemuxml.cmdline.options import Option
from qemuxml.common import globals  # noqa: A004 - the module is named for its option
from qemuxml.errors import ConversionError
from qemuxml.later import later
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.ledger import Fate
from qemuxml.mapping.plumbing import Plumbing

_loads: Final = later("json:loads")

_OWN: Final = frozenset({"driver", "id", "bus", "addr", "drive", "netdev", "chardev"})
"""What makes it that very device: QEMU never takes this from a setting for all."""


def uncover(reading: Reading) -> None:
    """Take away what libvirt would write for a device, and no option of it says, where a setting for all is passed on."""
    settings = {found.name for found in _passed(reading)}
    if not settings:
        return
    makers = reading.ledger.makers()
    for device in reading.domain.devices:
        said = _said(makers.get(id(device)), reading)
        for made in _written(device, reading):
            driver = str(made.get("driver"))
            names = (driver, f"{driver.removesuffix('-pci')}-device")
            hidden = [key for key in made if key not in _OWN | said and any(f"{name}.{key}" in settings for name in names)]
            for key in hidden:
                reading.unset(device, key)


def _passed(reading: Reading) -> Iterator[globals.Global]:
    for entry in reading.ledger.entries():
        found = globals.read(entry.option, reading) if entry.option.name == "-global" and entry.fate is Fate.PASSED else None
        if found is not None:
            yield found


def _said(option: Option | None, reading: Reading) -> frozenset[str]:
    """The properties that the option gives its device; a card of ``-nic`` has its address from there too."""
    if option is None or option.name != "-device":
        return frozenset({"mac"})
    return frozenset(reading.values(option, "driver").keys)


def _written(device: Any, reading: Reading) -> Iterator[dict[str, Any]]:
    """The ``-device`` options that libvirt would write for it."""
    write = layout.kind_of(device).write
    try:
        words = list(write(device, Writing(reading.domain, reading.target, {}, Plumbing(by_libvirt=True)))) if write else []
    except ConversionError:
        return
    for option in words:
        if option[0] == "-device" and option[-1].startswith("{"):
            yield _loads(option[-1])
