"""``-set device.net0.mac=…``: one more property of an option that stands elsewhere on the line, by its kind and its id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Property
from qemuxml.later import pattern
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import mapped

_SETTING = pattern(r"([a-z]+)\.([^.=]+)\.([^=]+)=(.*)", re.DOTALL)
_FIRST: Final[Mapping[str, str | None]] = {
    "device": "driver", "drive": None, "netdev": "type", "chardev": "backend", "fsdev": "fsdriver", "object": "qom-type",
}  # fmt: skip
"""The kinds of options that can be spoken of, with the name of their first property."""


def apply(reading: Reading) -> None:
    """Give every option the properties that were set for it; the setting shares its fate."""
    for option in reading.ledger.named("-set"):
        found = _SETTING.fullmatch(option.text)
        if found is None or found[1] not in _FIRST or option.value is None:
            continue
        kind, identifier, key, text = found.groups()
        target = _target(kind, identifier, reading)
        if target is not None:
            reading.values(target, _FIRST[kind]).set(Property(key, text, option.value.span(found.start(3))))
            reading.finish(lambda reading, option=option, target=target: _close(option, target, reading))  # type: ignore[misc]


def _target(kind: str, identifier: str, reading: Reading) -> Option | None:
    """The option of that id; none of those in JSON, which QEMU takes as they stand."""
    found = reading.referring(f"-{kind}", "id", identifier)
    return None if found is None or found.text.startswith("{") else found


def _close(option: Option, target: Option, reading: Reading) -> None:
    if not reading.ledger.is_open(target):
        reading.ledger.enter(mapped(option))
