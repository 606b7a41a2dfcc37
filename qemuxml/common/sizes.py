"""Sizes in libvirt's units: ``<memory unit='GiB'>2</memory>`` is 2 * 1024^3 bytes, ``unit='GB'`` 2 * 1000^3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qemuxml.errors import DomainXmlError

_UNITS: Final[Mapping[str, int]] = {"b": 1, "byte": 1, "bytes": 1} | {
    unit: base**power
    for power, letter in enumerate("kmgtpe", 1)
    for unit, base in ((letter, 1024), (f"{letter}ib", 1024), (f"{letter}b", 1000))
}


def in_bytes(number: int, unit: str | None) -> int:
    """Bytes of a size in libvirt's units; without one it is KiB. Raises DomainXmlError for a unit that there is not."""
    try:
        return number * _UNITS[(unit or "KiB").lower()]
    except KeyError:
        raise DomainXmlError(f"unknown unit '{unit}'") from None
