"""Sizes in libvirt's units: ``<memory unit='GiB'>2</memory>`` is 2 * 1024^3 bytes, ``unit='GB'`` 2 * 1000^3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import UINT64, Codec
from qemuxml.mapping.xml import attr, text
from qemuxml.record import record

_UNITS: Final[Mapping[str, int]] = {"b": 1, "byte": 1, "bytes": 1} | {
    unit: base**power
    for power, letter in enumerate("kmgtpe", 1)
    for unit, base in ((letter, 1024), (f"{letter}ib", 1024), (f"{letter}b", 1000))
}


def _unit(text: str) -> str:
    if text.lower() not in _UNITS:
        raise ValueError("is no unit of a size")
    return text


UNIT: Final[Codec[str]] = Codec(_unit, str)
"""A unit, kept as it is spelt."""
_MOST: Final = 1 << 64


def in_bytes(number: int, unit: str | None) -> int:
    """Bytes of a size in libvirt's units; without one it is KiB. Raises DomainXmlError for more than can be counted."""
    found = number * _UNITS[(unit or "KiB").lower()]
    if found >= _MOST:
        raise DomainXmlError(f"{number} {unit or 'KiB'} are more than can be counted")
    return found


@record(kw_only=True)
class Size:
    """An element that is a size: ``<hard_limit unit='GiB'>1</hard_limit>``."""

    unit: str | None = attr("@unit", UNIT)
    size: int | None = text("", UINT64)

    def in_bytes(self, unit: str = "KiB") -> int:
        """The size in bytes; ``unit`` is that of one without any. Raises DomainXmlError for more than can be counted."""
        try:
            return in_bytes(self.size or 0, self.unit or unit)
        except DomainXmlError as error:
            raise error.of(self) from None
