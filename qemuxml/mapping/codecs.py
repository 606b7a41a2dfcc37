"""Text to value and back: ``0x1f`` is 31, ``1.5G`` is bytes, ``yes`` is True. Decoders raise ValueError, bare of a place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from qemuxml.cmdline.values import on_off
from qemuxml.errors import UnsupportedError
from qemuxml.record import record

T = TypeVar("T")

KIB = 1024
MIB = 1024 * KIB


@record(frozen=True)
class Codec(Generic[T]):
    """How one type stands in text: ``decode`` raises ValueError with what is wrong, ``encode`` is its inverse.

    ``typed`` is the value as JSON has it: numbers and switches keep their type there. Without it JSON has the text.
    """

    decode: Callable[[str], T]
    encode: Callable[[T], str]
    typed: Callable[[T], str | bool | int] | None = None

    def value(self, value: T) -> str | bool | int:
        """The value as JSON has it."""
        return self.typed(value) if self.typed else self.encode(value)


def integer(text: str) -> int:
    """A number as QEMU reads it: decimal, ``0x`` hexadecimal, or octal behind a leading 0."""
    digits = text.strip().lower()
    sign = -1 if digits.startswith("-") else 1
    digits = digits.removeprefix("-").removeprefix("+")
    if re.fullmatch("0x[0-9a-f]+", digits):
        return sign * int(digits, 16)
    if re.fullmatch("0[0-7]+", digits):
        return sign * int(digits, 8)
    return sign * decimal(digits)


def decimal(text: str) -> int:
    """A decimal number without a sign, of at most 20 digits (2**64 has 20)."""
    if not re.fullmatch("[0-9]{1,20}", text):
        raise ValueError("is not a number")
    return int(text)


_SUFFIX = {"": 0, "b": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5, "e": 6}


def size(text: str, unit: int = 1) -> int:
    """Bytes of ``512``, ``0x100``, ``4G`` or ``1.5G``; ``unit`` is what a number without a suffix counts (``-m`` counts MiB)."""
    digits = text.strip().lower()
    if re.fullmatch("0x[0-9a-f]+", digits):
        return int(digits, 16) * unit
    found = re.fullmatch(r"([0-9]{1,20})(?:\.([0-9]{1,20}))?([bkmgtpe]?)", digits)
    if not found:
        raise ValueError("is not a size")
    scale = 1024 ** _SUFFIX[found[3]] if found[3] else unit
    return int(found[1]) * scale + (int(found[2]) * scale // 10 ** len(found[2]) if found[2] else 0)


def _yes_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError("is neither 'yes' nor 'no'")
    return text == "yes"


def _on_off(text: str) -> bool:
    if text not in ("on", "off"):
        raise ValueError("is neither 'on' nor 'off'")
    return text == "on"


def _hexadecimal(text: str) -> int:
    if not re.fullmatch("(?:0[xX])?[0-9a-fA-F]{1,16}", text):
        raise ValueError("is not a hexadecimal number")
    return int(text, 16)


def is_uuid(text: str) -> bool:
    """Whether libvirt reads it as a UUID: 32 hexadecimal digits, with dashes or without."""
    return bool(re.fullmatch("[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}", text))


def within(low: int, high: int, codec: Codec[int] | None = None) -> Codec[int]:
    """A number with bounds; those of ``codec``'s notation, decimal if there is none."""
    plain = codec or INT

    def decode(text: str) -> int:
        value = plain.decode(text)
        if not low <= value <= high:
            raise ValueError(f"is not between {plain.encode(low)} and {plain.encode(high)}")
        return value

    return Codec(decode, plain.encode, plain.typed)


def one_of(*allowed: str) -> Codec[str]:
    """One of a few words, kept as they are."""

    def decode(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"is none of {', '.join(allowed)}")
        return text

    return Codec(decode, str)


def words(table: Mapping[str, str]) -> Codec[str]:
    """A word that is spelt otherwise on the other side: ``table`` maps the text to the value.

    ``encode`` raises UnsupportedError for a value that the table has no text for.
    """
    back = {value: text for text, value in reversed(list(table.items()))}

    def decode(text: str) -> str:
        try:
            return table[text]
        except KeyError:
            raise ValueError(f"is none of {', '.join(table)}") from None

    def encode(value: str) -> str:
        try:
            return back[value]
        except KeyError:
            raise UnsupportedError(f"'{value[:60]}' is none of {', '.join(back)}") from None

    return Codec(decode, encode)


def hexadecimal(width: int) -> Codec[int]:
    """``0x`` and at least ``width`` digits."""
    return Codec(_hexadecimal, lambda value: f"0x{value:0{width}x}")


def base_prefixed(width: int) -> Codec[int]:
    """A number that says its base (``0x1f``, else decimal), written in hexadecimal."""
    return Codec(integer, lambda value: f"0x{value:0{width}x}")


def _bytes(text: str) -> int:
    found = size(text)
    if found >= 1 << 63:
        raise ValueError("is too large")
    return found


STR: Codec[str] = Codec(str, str)
INT: Codec[int] = Codec(integer, str, int)
DECIMAL: Codec[int] = Codec(decimal, str, int)
UINT32: Codec[int] = within(0, (1 << 32) - 1, DECIMAL)
POSITIVE: Codec[int] = within(1, (1 << 32) - 1, DECIMAL)
UINT64: Codec[int] = within(0, (1 << 64) - 1, DECIMAL)
NATURAL: Codec[int] = within(0, (1 << 31) - 1, DECIMAL)
ANY_BASE32: Codec[int] = within(0, (1 << 32) - 1)
INT32: Codec[int] = within(-(1 << 31), (1 << 31) - 1)
BYTES: Codec[int] = Codec(_bytes, str)
"""A size with any of QEMU's suffixes; written as a plain number of bytes."""
YES_NO: Codec[bool] = Codec(_yes_no, lambda value: "yes" if value else "no", bool)
ON_OFF: Codec[bool] = Codec(_on_off, lambda value: "on" if value else "off", bool)
"""A switch in XML: libvirt takes these two words only."""
SWITCH: Codec[bool] = Codec(on_off, lambda value: "on" if value else "off", bool)
"""A switch of QEMU's, in any of its spellings."""
ON_OFF_AUTO: Codec[bool] = Codec(on_off, lambda value: "on" if value else "off")
"""A switch of QEMU's type OnOffAuto: JSON has it as text."""
