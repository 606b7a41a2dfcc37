"""Disks, CD-ROMs and floppies: ``-drive file=a.img,if=ide,index=0`` is ``<disk type='file' device='disk'>``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qemuxml.common.info import Info
from qemuxml.common.storage import SOURCES, Auth, Source
from qemuxml.mapping.codecs import INT
from qemuxml.mapping.xml import attr, child, flag, group, text, variant


@dataclass(kw_only=True)
class Disk:
    """A disk of any device, bus and source. ``target`` is a name that only orders disks: hda is the first of its bus."""

    type: str | None = attr("@type")
    device: str | None = attr("@device")
    driver: str | None = attr("driver@name")
    format: str | None = attr("driver@type")
    cache: str | None = attr("driver@cache")
    error_policy: str | None = attr("driver@error_policy")
    rerror_policy: str | None = attr("driver@rerror_policy")
    io: str | None = attr("driver@io")
    copy_on_read: str | None = attr("driver@copy_on_read")
    discard: str | None = attr("driver@discard")
    detect_zeroes: str | None = attr("driver@detect_zeroes")
    auth: Auth | None = child("auth", Auth)
    source: Source | None = variant("source", on="type", of=SOURCES)
    target: str | None = attr("target@dev")
    bus: str | None = attr("target@bus")
    cylinders: int | None = attr("geometry@cyls", INT)
    heads: int | None = attr("geometry@heads", INT)
    sectors: int | None = attr("geometry@secs", INT)
    translation: str | None = attr("geometry@trans")
    readonly: bool = flag("readonly")
    shareable: bool = flag("shareable")
    serial: str | None = text("serial")
    info: Info = group(Info)


PREFIX = {"ide": "hd", "scsi": "sd", "sata": "sd", "usb": "sd", "sd": "sd", "virtio": "vd", "xen": "xvd", "fdc": "fd"}
"""The beginning of a disk's target name by its bus."""


def target_name(bus: str, index: int) -> str:
    """``vda`` for the first disk of a bus, ``vdaa`` for the 27th."""
    letters = ""
    while True:
        letters = chr(ord("a") + index % 26) + letters
        index = index // 26 - 1
        if index < 0:
            return PREFIX[bus] + letters


def target_index(name: str) -> int | None:
    """The number that a target name says, counted from 0; None for a name of another form."""
    for prefix in ("xvd", "hd", "sd", "vd", "fd"):
        letters = name.removeprefix(prefix)
        if letters != name and letters.isascii() and letters.isalpha() and letters.islower() and len(letters) <= 4:
            index = 0
            for letter in letters:
                index = index * 26 + ord(letter) - ord("a") + 1
            return index - 1
    return None


def name_targets(disks: Sequence[Disk]) -> None:
    """Give every disk without a target name the next free one of its bus, as QEMU numbers drives without ``index=``.

    Names are one name space, though several buses (scsi, usb, sata) begin theirs alike.
    """
    unnamed = [disk for disk in disks if disk.target is None]
    taken = {disk.target for disk in disks}
    numbers: dict[str, int] = {}
    for disk in unnamed:
        bus = disk.bus or "ide"
        while disk.target is None:
            name = target_name(bus, numbers.setdefault(bus, 0))
            numbers[bus] += 1
            disk.target = None if name in taken else name
        taken.add(disk.target)
