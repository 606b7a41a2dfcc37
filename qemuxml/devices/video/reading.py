"""Graphics cards read back: ``-device qxl-vga,vgamem_mb=16`` is ``<model type='qxl' vgamem='16384' primary='yes'/>``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qemuxml.cmdline.values import Values
from qemuxml.common import drivers
from qemuxml.common.origin import by_libvirt
from qemuxml.common.piece import Piece
from qemuxml.domain.boards import X86
from qemuxml.later import pattern
from qemuxml.mapping.codecs import KIB, integer, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qemuxml.devices.video import Video
    from qemuxml.mapping.context import Reading

TYPES: Final = {
    "VGA": "vga", "cirrus-vga": "cirrus", "vmware-svga": "vmvga", "bochs-display": "bochs", "ramfb": "ramfb", "qxl-vga": "qxl",
    "qxl": "qxl",
}  # fmt: skip
_VIRTIO: Final = pattern(r"(virtio-vga|virtio-gpu|vhost-user-vga|vhost-user-gpu)(-gl)?(-pci|-ccw|-device)?")
PRIMARY: Final = frozenset({"VGA", "cirrus-vga", "vmware-svga", "bochs-display", "ramfb", "qxl-vga"})


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


def has_no_word(values: Values, reading: Reading) -> bool:
    """Whether libvirt would make another card of it: the first one of a guest begins as VGA, and of some models only that one is.

    A card that is no VGA stands alone, or one that libvirt takes for the first stands beside the one that is.
    """
    driver = values.peek("driver") or ""
    if (reading.domain.os.arch or "") not in WITH_VGA or not reading.knows_board or reading.once(by_libvirt):
        return False
    if _is_second(values, reading):
        return True
    if driver in _PLAIN:
        return _has_vga(reading)
    others = (reading.values(option, "driver").peek("driver") or "" for option in reading.ledger.named("-device"))
    return not _is_vga(driver) and not _has_vga(reading) and not any(other in _PLAIN for other in others)


def _is_second(values: Values, reading: Reading) -> bool:
    """Whether another card is the first one, of two that libvirt has as that only."""
    cards = [reading.values(option, "driver") for option in reading.ledger.named("-device")]
    firsts = [card for card in cards if _is_first(card.peek("driver") or "")]
    chosen = [option.text for option in reading.ledger.named("-vga")][-1:]
    return values in firsts and (values is not firsts[0] or (chosen not in ([], ["none"])))


def _is_first(driver: str) -> bool:
    return driver in _PLAIN or _is_vga(driver)


def _has_vga(reading: Reading) -> bool:
    """Whether the guest has a VGA card, of its board's or by an option."""
    asked = [option.text for option in reading.ledger.named("-vga")][-1:]
    cards = (reading.values(option, "driver").peek("driver") or "" for option in reading.ledger.named("-device"))
    default = reading.domain.os.arch in X86 and not reading.ledger.has("-nodefaults")
    return (asked != ["none"] if asked else default) or any(map(_is_vga, cards))


def _is_vga(driver: str) -> bool:
    return driver.startswith(("virtio-vga", "vhost-user-vga")) or (driver in PRIMARY and driver not in _PLAIN)


_PLAIN: Final = frozenset({"bochs-display", "ramfb"})
"""Cards without VGA that libvirt has as the first one only."""
WITH_VGA: Final = frozenset({"i686", "x86_64", "riscv32", "riscv64", "loongarch64"})
"""Architectures for which QEMU has virtio cards that begin as VGA."""


def _read_memory(video: Video, values: Values) -> None:
    """QEMU counts some sizes in bytes, some in MiB; domain XML all in KiB."""
    match video.type:
        case "qxl":
            video.heads = values.get("max_outputs", integer)
            video.ram, video.vram = _kibibytes(values, "ram_size"), _kibibytes(values, "vram_size")
            video.ram = video.ram or _mebibytes(values, "ram_size_mb")
            video.vram = video.vram or _mebibytes(values, "vram_size_mb")
            video.vram64, video.vgamem = _mebibytes(values, "vram64_size_mb"), _mebibytes(values, "vgamem_mb")
        case "vga" | "vmvga":
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
