"""The format of an image that no ``format=`` says: QEMU looks into the image, by rules that are the same here.

The first bytes of the image tell it where somebody reads them; else its name does. libvirt looks into no image: it takes for raw
what its XML says nothing of, and a guest that writes to a qcow2 image as if it were raw destroys it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from qemuxml.common.storage import BlockSource, FileSource, Source
from qemuxml.later import pattern
from qemuxml.mapping.context import Reading
from qemuxml.record import record

PROBED: Final = 512
"""Bytes that QEMU looks at."""
_HEADERS: Final[Mapping[bytes, str]] = {
    b"QFI\xfb\x00\x00\x00\x01": "qcow",
    b"QFI\xfb\x00\x00\x00": "qcow2",
    b"QED\x00": "qed",
    b"KDMV": "vmdk",
    b"COWD": "vmdk",
    b"conectix": "vpc",
    b"vhdxfile": "vhdx",
    b"LUKS\xba\xbe\x00\x01": "luks",
    b"WithoutFreeSpace\x02\x00\x00\x00": "parallels",
    b"WithouFreSpacExt\x02\x00\x00\x00": "parallels",
    b"#!/bin/sh\n#V2.0 Format\nmodprobe cloop": "cloop",
}
_VDI: Final = b"\x7f\x10\xda\xbe"
_VDI_PLACE: Final = 0x40
_VMDK_DESCRIPTOR: Final = pattern(rb"(?:#[^\n]*\n| *\r?\n)*version=[123]\r?\n")
_BOCHS: Final = pattern(rb"Bochs Virtual HD Image\0.{9}Redolog\0.{8}Growing\0.{8}\0\0[\x01\x02]\0", re.DOTALL)


def by_header(first: bytes) -> str:
    """QEMU's driver for an image that begins so; what begins like none is raw. A fixed VHD is: what tells it is at its end."""
    for header, driver in _HEADERS.items():
        if first.startswith(header):
            return driver
    if first[_VDI_PLACE : _VDI_PLACE + len(_VDI)] == _VDI:
        return "vdi"
    if _VMDK_DESCRIPTOR.match(first):
        return "vmdk"
    return "bochs" if _BOCHS.match(first) else "raw"


_EXTENSIONS: Final = pattern(r"\.(qcow2|qcow|qed|vmdk|vdi|vpc|vhd|vhdx|dmg)$", re.IGNORECASE)


def by_name(name: str) -> str | None:
    """QEMU's driver for an image of that name; None if the name says nothing."""
    found = _EXTENSIONS.search(name)
    return {"vhd": "vpc"}.get(found[1].lower(), found[1].lower()) if found else None


@record(frozen=True)
class Guess:
    """QEMU's driver for an image, and on what that stands."""

    driver: str
    reason: str


def guess(source: Source | None, reading: Reading, *, has_key: bool = False) -> Guess:
    """The driver of an image of which no option says it. One that is encrypted QEMU opens only with its key."""
    name = source.file if isinstance(source, FileSource) else source.dev if isinstance(source, BlockSource) else None
    read = reading.wishes.read_image
    if read is None or not name:
        driver = by_name(name or "")
        return _said(driver or "raw", ", by its name" if driver else "")
    first = read(name)
    if first is None:
        driver = by_name(name)
        return _said(driver or "raw", f", {'by its name' if driver else 'unseen'}: {name} cannot be read here")
    driver = by_header(first)
    if driver == "luks" and not has_key:
        return _said("raw", f": {name} is encrypted by LUKS, and no key is named")
    if driver == "raw":
        # QEMU knows a dmg by its name alone.
        return _said("dmg", ", by its name") if name.endswith(".dmg") else _said("raw", f": {name} has the header of no other")
    return _said(driver, f", by the header of {name}")


def _said(driver: str, why: str) -> Guess:
    return Guess(driver, f"the image's format is not said: it is taken for {driver}{why}")
