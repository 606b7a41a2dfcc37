"""Graphics cards read back: ``-device qxl-vga,vgamem_mb=16`` is ``<model type='qxl' vgamem='16384' primary='yes'/>``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from qemuxml.cmdline.values import Values
from qemuxml.common import drivers
from qemuxml.common.origin import by_libvirt
from qemuxml.common.piece import Piece
from qemuxml.domain import boards
from qemuxml.mapping.codecs import KIB, integer, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qemuxml.devices.video import Video
    from qemuxml.mapping.context import Reading

TYPES: Final = {
    "VGA": "vga", "cirrus-vga": "cirrus", "vmware-svga": "vmvga", "bochs-display": "bochs", "ramfb": "ramfb", "qxl-vga": "qxl",
    "qxl": "qxl",
}  # fmt: skip
_VIRTIO: Final = re.compile(r"(virtio-vga|virtio-gpu|vhost-user-vga|vhost-user-gpu)(-gl)?(-pci|-ccw|-device)?")
PRIMARY: Final = frozenset({"VGA", "cirrus-vga", "vmware-svga", "bochs-display", "ramfb", "qxl-vga"})


_FIRST: Final = frozenset({"VGA", "cirrus-vga", "vmware-svga", "qxl-vga", "virtio-vga", "virtio-vga-gl", "vhost-user-vga"})
_SECOND: Final = re.compile(r"qxl|(virtio|vhost-user)-gpu(-gl)?-pci")


def is_only_second(piece: Piece) -> bool:
    """Whether it is a card without VGA on a PC that has no other (``-vga none -device virtio-gpu-pci``).

    libvirt makes the first card of a PC one with VGA, whatever it is: such a card is passed through.
    """
    reading = piece.reading
    if not _SECOND.fullmatch(piece.values.peek("driver") or "") or reading.domain.os.arch not in boards.X86:
        return False
    if by_libvirt(reading) or not reading.knows_board:
        return False
    chosen = [option.text for option in reading.ledger.named("-vga")]
    if chosen:
        return chosen[-1] == "none" and not reading.once(_has_first)
    return reading.ledger.has("-nodefaults") and not reading.once(_has_first)


def _has_first(reading: Reading) -> bool:
    return any(reading.values(option, "driver").peek("driver") in _FIRST for option in reading.ledger.named("-device"))


def names() -> Iterator[str]:
    """Every driver that is a graphics card."""
    yield from TYPES
    for base in ("virtio-gpu", "virtio-gpu-gl", "vhost-user-gpu"):
        yield from drivers.virtio(base)
    yield from ("virtio-vga", "virtio-vga-gl", "vhost-user-vga")


def read_model(video: Video, values: Values) -> None:
    """The type by the driver's name, and the properties that every model has for itself."""
    name = values.get("driver") or ""
    virtio = _VIRTIO.fullmatch(name)
    video.type = "virtio" if virtio else TYPES[name]
    if virtio:
        video.accel3d = True if virtio[2] else None
        video.driver = "vhostuser" if virtio[1].startswith("vhost-user") else None
        video.primary = True if virtio[1].endswith("-vga") else None
    elif name in PRIMARY:
        video.primary = True
    _read_memory(video, values)


def _read_memory(video: Video, values: Values) -> None:
    """QEMU counts some sizes in bytes, some in MiB; domain XML all in KiB."""
    match video.type:
        case "qxl":
            video.heads = values.get("max_outputs", integer)
            video.ram, video.vram = _kibibytes(values, "ram_size"), _kibibytes(values, "vram_size")
            video.ram = video.ram or _mebibytes(values, "ram_size_mb")
            video.vram = video.vram or _mebibytes(values, "vram_size_mb")
            video.vram64, video.vgamem = _mebibytes(values, "vram64_size_mb"), _mebibytes(values, "vgamem_mb")
        case "vga" | "vmvga" | "cirrus":
            video.vram = _mebibytes(values, "vgamem_mb")
        case "bochs":
            video.vram = _kibibytes(values, "vgamem")


def _kibibytes(values: Values, key: str) -> int | None:
    found = values.get(key, size)
    return found // KIB if found is not None else None


def _mebibytes(values: Values, key: str) -> int | None:
    found = values.get(key, integer)
    return (found * KIB or None) if found is not None else None


def read_drawer(video: Video, piece: Piece) -> bool:
    """The process that draws for the card; libvirt starts it, so that its socket leaves no trace."""
    if video.driver != "vhostuser":
        return True
    host = piece.follow("chardev", "-chardev", "backend")
    if host is not None:
        for item in host.values:
            item.read = True
    return host is not None
