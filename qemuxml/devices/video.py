"""Graphics cards: ``-vga std`` is ``<video><model type='vga'/></video>``; ``-vga none`` takes the default card away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common.info import Info
from qemuxml.common.refusals import refuse
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.codecs import INT, YES_NO
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import attr, group


@dataclass(kw_only=True)
class Video:
    """A graphics card; memory sizes in KiB."""

    type: str | None = attr("model@type")
    ram: int | None = attr("model@ram", INT)
    vram: int | None = attr("model@vram", INT)
    vgamem: int | None = attr("model@vgamem", INT)
    heads: int | None = attr("model@heads", INT)
    primary: bool | None = attr("model@primary", YES_NO)
    info: Info = group(Info)


_MODELS = {
    "std": "vga",
    "cirrus": "cirrus",
    "vmware": "vmvga",
    "qxl": "qxl",
    "virtio": "virtio",
    "xenfb": "xen",
    "none": "none",
}


def claim_vga(option: Option, reading: Reading) -> Claimed | None:
    """``-vga MODEL``; of several the last counts."""
    model = _MODELS.get(option.text)
    if model == "none" and reading.has("opens-window") and not reading.ledger.has("-nographic"):
        reading.note("-vga none: libvirt gives every display a graphics card", option.span)
    return _choose(option, model, reading) if model else None


def claim_std_vga(option: Option, reading: Reading) -> Claimed:
    """``-std-vga``, of QEMU 0.10 and before."""
    return _choose(option, "vga", reading)


def claim_vmwarevga(option: Option, reading: Reading) -> Claimed:
    """``-vmwarevga``, of QEMU 0.10 and before."""
    return _choose(option, "vmvga", reading)


def _choose(option: Option, model: str, reading: Reading) -> Claimed:
    for video in reading.domain.all(Video):
        video.type = model
        return mapped(option)
    return mapped(option, Video(type=model))


def manual(video: Video, writing: Writing) -> Iterator[Words]:
    """``-std-vga`` or ``-vmwarevga``; the cirrus card is always there."""
    options = {"cirrus": (), "vga": ("-std-vga",), "vmvga": ("-vmwarevga",), None: ()}
    if video.type not in options:
        raise UnsupportedError(f"QEMU 0.9 has no graphics card '{video.type}': <model type>")
    refuse({"a second <video>": writing.number("video"), "<model heads>": (video.heads or 1) != 1})
    if options[video.type]:
        yield options[video.type]


KIND = Kind(
    element="video",
    model=Video,
    claims={"-vga": claim_vga, "-std-vga": claim_std_vga, "-vmwarevga": claim_vmwarevga},
    manual=manual,
)
