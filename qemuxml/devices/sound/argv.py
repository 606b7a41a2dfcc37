"""Sound cards for QEMU of today: ``-device intel-hda`` with ``hda-duplex``, ``AC97``, ``usb-audio``, ``virtio-sound-pci``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from qemuxml.cmdline.render import Words
from qemuxml.common import audioids, drivers
from qemuxml.common.device import address, ident
from qemuxml.common.piece import Piece
from qemuxml.common.virtio import virtio_driver, virtio_options
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import ON_OFF, POSITIVE, integer
from qemuxml.mapping.kind import Plug
from qemuxml.mapping.props import Pair, Props, computed, driver, json, key

if TYPE_CHECKING:
    from qemuxml.cmdline.options import Option
    from qemuxml.devices.sound import Sound
    from qemuxml.domain import Domain
    from qemuxml.mapping.context import Reading, Target, Writing
    from qemuxml.mapping.ledger import Claimed

_CARDS: Final[Mapping[str | None, str]] = {"sb16": "sb16", "ac97": "AC97", "es1370": "ES1370", "usb": "usb-audio"}
_CODECS: Final = {"duplex": "hda-duplex", "micro": "hda-micro", "output": "hda-output"}
STREAMS: Final = 2
"""Streams of a virtio card that says nothing: one in each direction."""

_AUDIO = computed("audiodev", lambda sound: f"audio{sound.backend}")
CARD: Props[Any] = Props(object, driver("model", _CARDS), ident(), _AUDIO, key("multi", "multichannel", ON_OFF), address())
_HDA: Final[Mapping[str | None, str]] = {"ich6": "intel-hda", "ich9": "ich9-intel-hda"}
HDA: Props[Any] = Props(object, driver("model", _HDA), ident(), address())
_OTHER_NAMES: Final = ("ac97", "es1370")
"""Aliases of drivers, which are libvirt's names of the models too."""
NAMES: Final = (*_CARDS.values(), *_OTHER_NAMES, *_HDA.values(), *drivers.virtio("virtio-sound"))
"""Every driver that is a sound card."""


def _read_streams(sound: Any, text: str) -> bool:
    sound.streams = str(integer(text))
    return True


VIRTIO: Props[Any] = Props(
    object,
    virtio_driver("virtio-sound"),
    *virtio_options(),
    ident(),
    _AUDIO,
    computed("streams", lambda sound: integer(sound.streams), _read_streams),
    address(),
)


def claim(option: Option, reading: Reading, make: Callable[[], Sound]) -> Claimed | None:
    """A card; the codecs of an HDA controller are devices on its bus."""
    piece = Piece(option, reading)
    sound, name = make(), piece.values.peek("driver") or ""
    table = VIRTIO if name.startswith("virtio") else HDA if name in _HDA.values() else CARD
    piece.read(table, sound)
    if name in _OTHER_NAMES:
        sound.model = name
    found = piece.values.get("audiodev") if "audiodev" in piece.values else None
    if table is HDA:
        found = _read_codecs(piece, sound)
        if len(piece.all()) == 1:
            return None  # libvirt gives a controller without codecs one of its own
    sound.audio_id = audioids.stated(reading, found)
    return piece.mapped(sound)


def _read_codecs(piece: Piece, sound: Sound) -> str | None:
    """The codecs on the controller's bus, in their order; the id of the backend that they share."""
    bus = f"{piece.values.peek('id')}.0"
    audiodev = None
    for option in list(piece.reading.ledger.open_named("-device")):
        values = piece.reading.values(option, "driver")
        kind = _KINDS.get(values.peek("driver") or "")
        if kind is None or values.peek("bus") not in (bus, None):
            continue
        part = piece.join(option, "driver")
        codec = part.values
        for name in ("driver", "bus"):
            codec.get(name)
        if codec.get("cad", integer) not in (None, len(sound.codecs)):
            part.guessed("libvirt gives the codecs their places in order")
        audiodev = codec.get("audiodev") or audiodev
        sound.codecs.append(type(sound).codec(kind))
    if [codec.type for codec in sound.codecs] == ["duplex"]:
        sound.codecs = []
    return audiodev


_KINDS: Final = {driver: kind for kind, driver in _CODECS.items()}


def write(sound: Sound, _: Writing) -> Iterator[Words]:
    """The card, and its codecs; the speaker is on the board."""
    if sound.model in _CARDS:
        yield "-device", json(CARD.write(sound))
    elif sound.model == "virtio":
        yield "-device", json(VIRTIO.write(sound))
    elif sound.model in ("ich6", "ich9"):
        yield "-device", json(HDA.write(sound))
        for number, kind in enumerate([codec.type or "" for codec in sound.codecs] or ["duplex"]):
            yield "-device", json(_codec(sound, number, _CODECS[kind]))


def _codec(sound: Sound, number: int, name: str) -> list[Pair]:
    alias = sound.info.alias
    return [
        ("driver", name),
        ("id", f"{alias}-codec{number}"),
        ("bus", f"{alias}.0"),
        ("cad", number),
        ("audiodev", f"audio{sound.backend}"),
    ]


def fill(sound: Sound, _: Domain, __: Target) -> None:
    """The streams of a virtio card; what another card has no use for is forgotten."""
    if sound.model != "usb":
        sound.multichannel = None
    if sound.model == "virtio":
        sound.streams = str(_streams(sound.streams))
    else:
        sound.streams = None


def _streams(said: str | None) -> int:
    try:
        return STREAMS if said is None else POSITIVE.decode(said)
    except ValueError as error:
        raise DomainXmlError(f"<sound streams='{said}'>: '{said}' {error}") from None


def check(sound: Sound, _: Domain, __: Target) -> None:
    """What libvirt refuses of a card."""
    name = f"<sound model='{sound.model}'>"
    if sound.model not in (*_CARDS, "ich6", "ich9", "virtio", "pcspk"):
        raise UnsupportedError(f"{name}: QEMU has no such card")
    if any(codec.type not in _CODECS for codec in sound.codecs):
        raise DomainXmlError(f"{name}: unknown type of a <codec>")


def pci(sound: Sound, _: Domain) -> Plug | None:
    """Virtio follows the bus; the older cards are of conventional PCI."""
    if sound.model in ("sb16", "pcspk", "usb"):
        return None
    return Plug.EITHER if sound.model == "virtio" else Plug.CONVENTIONAL
