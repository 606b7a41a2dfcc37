"""Sound cards: ``-soundhw es1370,ac97`` is two ``<sound model='…'/>``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common.audioids import MODELS, UNSAID
from qemuxml.common.info import Info
from qemuxml.common.virtio import Virtio
from qemuxml.devices.sound import argv
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.codecs import POSITIVE, YES_NO
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import REST, Claimed, Fate, mapped
from qemuxml.mapping.xml import attr, children, group
from qemuxml.record import record


@record(kw_only=True)
class Codec:
    """What an HDA controller is wired to: ``duplex`` (lines in and out), ``micro`` (a microphone and a speaker), ``output``."""

    type: str | None = attr("@type")


@record(kw_only=True)
class Sound:
    """A sound card; ``audio_id`` names its backend.

    ``streams`` of a virtio card are a number; of others libvirt does not read them.
    """

    model: str | None = attr("@model")
    multichannel: bool | None = attr("@multichannel", YES_NO)
    streams: str | None = attr("@streams")
    codecs: list[Codec] = children("codec", Codec)
    audio_id: int | None = attr("audio@id", POSITIVE, required=True)
    virtio: Virtio = group(Virtio)
    info: Info = group(Info)
    backend: int | None = None
    """The number of the backend that the card has in the end."""

    @staticmethod
    def codec(kind: str) -> Codec:
        """What is wired to an HDA controller."""
        return Codec(type=kind)


_MODELS = {"pcspk": "pcspk", **{name: model for name, model in MODELS.items() if name != "virtio"}}
"""The cards of ``-soundhw``, which was gone when virtio had sound."""


def claim_soundhw(option: Option, reading: Reading) -> Claimed | None:
    """``-soundhw MODEL,…`` or ``-soundhw all``; a card that domain XML has no word for is left out where that may be."""
    names = list(_MODELS) if option.text == "all" else [name for name in option.text.split(",") if name]
    known = [name for name in dict.fromkeys(names) if name in _MODELS]
    unknown = [name for name in names if name not in _MODELS]
    if not known or (unknown and not reading.has("forgets-properties")):
        return None
    for name in unknown:
        reading.note(f"{name}: domain XML has no word for this sound card: it is left out", option.span)
    return mapped(option, *(Sound(model=_MODELS[name]) for name in known))


def claim_cards(option: Option, reading: Reading) -> Claimed | None:
    """The same today: a card that domain XML has no word for becomes a ``-device`` of its own for QEMU."""
    names = list(dict.fromkeys(name for name in option.text.split(",") if name))
    odd = [name for name in names if name in UNSAID]
    if not odd or not all(name in _MODELS or name in UNSAID for name in names):
        return claim_soundhw(option, reading)
    cards = tuple(Sound(model=_MODELS[name]) for name in names if name in _MODELS)
    words = tuple(word for name in odd for word in ("-device", f"{name},audiodev=audio1"))
    return Claimed((option,), Fate.PASSED, cards, REST, words)


def manual(sound: Sound, writing: Writing) -> Iterator[Words]:
    """``-soundhw`` with all cards in one option, written for the first of them."""
    if sound.model not in ("pcspk", "sb16", "es1370"):
        raise UnsupportedError(f"QEMU 0.9 has no sound card '{sound.model}': <sound model>")
    if writing.number("sound") == 0:
        yield "-soundhw", ",".join(str(item.model) for item in writing.domain.all(Sound))


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device AC97``, ``-device ich9-intel-hda`` and the others."""
    return argv.claim(option, reading, Sound)


KIND = Kind(
    element="sound",
    model=Sound,
    claims={"-soundhw": claim_soundhw},
    modern={**{f"-device {name}": claim for name in argv.NAMES}, "-soundhw": claim_cards},
    manual=manual,
    alias="sound",
    write=argv.write,
    fill=argv.fill,
    check=argv.check,
    pci=argv.pci,
)
