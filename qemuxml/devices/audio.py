"""Where the guest's sound goes on the host: ``-audiodev {"id":"audio1","driver":"none"}`` is ``<audio id='1' type='none'/>``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import Values
from qemuxml.common import audioids
from qemuxml.domain import Domain
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import INT, POSITIVE, SWITCH, UINT32, YES_NO, one_of
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import REST, Claimed, Fate, mapped
from qemuxml.mapping.props import Pair, Props, json, key
from qemuxml.mapping.xml import attr, child, flag
from qemuxml.record import record, replace


@record(kw_only=True)
class Direction:
    """``<input>`` or ``<output>``; times in microseconds. The last ten attributes belong to single backends."""

    mixing_engine: bool | None = attr("@mixingEngine", YES_NO)
    fixed_settings: bool | None = attr("@fixedSettings", YES_NO)
    voices: int | None = attr("@voices", POSITIVE)
    buffer_length: int | None = attr("@bufferLength", POSITIVE)
    settings: bool = flag("settings")
    frequency: int | None = attr("settings@frequency", POSITIVE)
    channels: int | None = attr("settings@channels", POSITIVE)
    format: str | None = attr("settings@format", one_of("s8", "u8", "s16", "u16", "s32", "u32", "f32"))
    dev: str | None = attr("@dev")
    buffer_count: int | None = attr("@bufferCount", POSITIVE)
    try_poll: bool | None = attr("@tryPoll", YES_NO)
    name: str | None = attr("@name")
    stream_name: str | None = attr("@streamName")
    latency: int | None = attr("@latency", POSITIVE)
    server_name: str | None = attr("@serverName")
    client_name: str | None = attr("@clientName")
    connect_ports: str | None = attr("@connectPorts")
    exact_name: bool | None = attr("@exactName", YES_NO)


@record(kw_only=True)
class Audio:
    """A backend; ``timer_period`` in microseconds. The attributes behind it belong to single backends."""

    id: int | None = attr("@id", UINT32)
    type: str | None = attr("@type")
    timer_period: int | None = attr("@timerPeriod", POSITIVE)
    server: str | None = attr("@serverName")
    runtime: str | None = attr("@runtimeDir")
    driver: str | None = attr("@driver", one_of("esd", "alsa", "arts", "pulseaudio"))
    path: str | None = attr("@path")
    try_mmap: bool | None = attr("@tryMMap", YES_NO)
    exclusive: bool | None = attr("@exclusive", YES_NO)
    dsp_policy: int | None = attr("@dspPolicy", UINT32)
    input: Direction | None = child("input", Direction)
    output: Direction | None = child("output", Direction)


DIRECTION = Props(
    Direction,
    key("mixing-engine", "mixing_engine", SWITCH),
    key("fixed-settings", "fixed_settings", SWITCH),
    key("voices", "voices", INT),
    key("buffer-length", "buffer_length", INT),
    key("frequency", "frequency", INT),
    key("channels", "channels", INT),
    key("format", "format"),
    key("dev", "dev"),
    key("buffer-count", "buffer_count", INT),
    key("try-poll", "try_poll", SWITCH),
    key("name", "name"),
    key("stream-name", "stream_name"),
    key("latency", "latency", INT),
    key("server-name", "server_name"),
    key("client-name", "client_name"),
    key("connect-ports", "connect_ports"),
    key("exact-name", "exact_name", SWITCH),
)
BACKEND = Props(
    Audio,
    key("timer-period", "timer_period", INT),
    key("server", "server"),
    key("path", "path"),
    key("try-mmap", "try_mmap", SWITCH),
    key("exclusive", "exclusive", SWITCH),
    key("dsp-policy", "dsp_policy", INT),
)

_DRIVERS = {"pulseaudio": "pa", "file": "wav"}
"""QEMU's names where libvirt has others."""


def write(audio: Audio, _: Writing) -> Iterator[Words]:
    """``-audiodev``; SDL's driver and PipeWire's folder are variables."""
    pairs: list[Pair] = [("id", f"audio{audio.id}"), ("driver", _DRIVERS.get(audio.type or "", audio.type or "none"))]
    pairs += BACKEND.write(audio)
    for name, direction in (("in", audio.input), ("out", audio.output)):
        if direction is not None:
            pairs += [(f"{name}.{item}", value) for item, value in DIRECTION.write(direction)]
    yield "-audiodev", json(pairs)


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-audiodev none,id=audio1``, in either spelling."""
    return _backend(option, reading, reading.values(option, "driver").get("id") or "")


def claim_with_card(option: Option, reading: Reading) -> Claimed | None:
    """``-audio pa,model=hda``: a backend with the card that plays through it; without a model it is the one of all cards."""
    values = reading.values(option, "driver")
    identifier, model = values.get("id") or audioids.USUAL, values.get("model")
    claimed = _backend(option, reading, identifier)
    if claimed is None or model is None:
        return claimed
    if model in audioids.UNSAID:
        words = ("-device", f"{model},audiodev=audio{audioids.numbers(reading)[identifier]}")
        return replace(claimed, fate=Fate.PASSED, reason=REST, kept=words)
    if model not in audioids.MODELS:
        return None
    card = reading.device("sound", model=audioids.MODELS[model], audio_id=audioids.stated(reading, identifier))
    return replace(claimed, devices=(*claimed.devices, card))


def _backend(option: Option, reading: Reading, identifier: str) -> Claimed | None:
    values = reading.values(option, "driver")
    name = values.get("driver") or ""
    audio = BACKEND.read(values, Audio(id=audioids.numbers(reading).get(identifier), type=_TYPE_OF.get(name, name)))
    if audio.type == "pipewire":
        reading.variable("PIPEWIRE_RUNTIME_DIR")
    elif audio.type == "sdl":
        audio.driver = reading.variable("SDL_AUDIODRIVER")
    audio.input, audio.output = _direction(values, "in"), _direction(values, "out")
    if audio.type == "dsound":
        return _unheard(option, audio.id)
    return mapped(option, audio) if audio.type in _TYPES and not values.unread() else None


def _unheard(option: Option, number: int | None) -> Claimed:
    """DirectSound is of Windows: the guest keeps its card, and nothing is heard."""
    reason = "DirectSound is of Windows: the guest's sound goes nowhere; <audio type='…'> says where it shall go"
    return Claimed((option,), Fate.REPLACED, (Audio(id=number, type="none"),), reason)


_TYPE_OF = {name: kind for kind, name in _DRIVERS.items()}


def _direction(values: Values, name: str) -> Direction | None:
    own = values.below(name)
    if own is None:
        return None
    found = DIRECTION.read(own)
    if found.fixed_settings is None and (found.frequency or found.channels or found.format):
        found.fixed_settings = True  # as it is for QEMU, which need not be told
    if found.fixed_settings and found.mixing_engine is None:
        found.mixing_engine = True
    return found


def environment(domain: Domain, writing: Writing) -> Iterator[tuple[str, str]]:
    """What SDL and PipeWire are told by variables."""
    for audio in domain.all(Audio):
        if audio.type == "sdl" and audio.driver:
            yield "SDL_AUDIODRIVER", audio.driver
        folder = audio.runtime or writing.environment.get("XDG_RUNTIME_DIR")
        if audio.type == "pipewire" and folder:
            yield "PIPEWIRE_RUNTIME_DIR", folder


_TYPES = frozenset({"none", "alsa", "coreaudio", "dbus", "jack", "oss", "pulseaudio", "pipewire", "sdl", "spice", "file"})


def check(audio: Audio, domain: Domain, _: Target) -> None:
    """Refuse an unknown backend, and two of one number. Raises DomainXmlError."""
    if not audio.id or audio.id < 1:
        raise DomainXmlError("<audio> needs an id that is at least 1")
    if audio.type not in _TYPES:
        raise DomainXmlError(f"<audio>: unknown type '{audio.type}'")
    for direction in (audio.input, audio.output):
        if direction and direction.settings and not direction.fixed_settings:
            raise UnsupportedError(f"<audio id='{audio.id}'>: <settings> need the attribute fixedSettings='yes'")
        if direction and direction.fixed_settings and not direction.mixing_engine:
            raise UnsupportedError(f"<audio id='{audio.id}'>: fixedSettings='yes' needs mixingEngine='yes'")
    if sum(1 for other in domain.all(Audio) if other.id == audio.id) > 1:
        raise DomainXmlError(f"<audio>: id '{audio.id}' is used twice")


KIND = Kind(element="audio", model=Audio, modern={"-audiodev": claim, "-audio": claim_with_card}, write=write, check=check)
