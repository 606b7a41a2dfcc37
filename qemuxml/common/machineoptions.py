"""What ``-machine`` and ``-M`` say together: QEMU adds up several of them, and parts of a guest refer to each other there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qemuxml.mapping.context import Reading

OPTIONS: Final = ("-machine", "-M")


def properties(reading: Reading) -> Mapping[str, list[str]]:
    """All values of every property, by its name with dashes. Ask by ``reading.once(properties)``."""
    found: dict[str, list[str]] = {}
    for name in OPTIONS:
        for option in reading.ledger.named(name):
            for item in reading.values(option, "type"):
                found.setdefault(item.key.replace("_", "-"), []).append(item.text)
    return found
