"""Graphics cards: ``-vga std`` is ``<video><model type='vga'/></video>``; ``-vga none`` takes the default card away."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common import unsaid
from qemuxml.common.addresses import CcwAddress, VirtioMmioAddress
from qemuxml.common.device import address
from qemuxml.common.info import Info
from qemuxml.common.piece import Piece
from qemuxml.common.refusals import refuse
from qemuxml.common.virtio import Virtio, virtio_options
from qemuxml.devices.video import reading as back
from qemuxml.domain import Domain, boards
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import INT, KIB, ON_OFF, SWITCH, UINT32, YES_NO
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind, Plug
from qemuxml.mapping.ledger import Claimed, implied, mapped
from qemuxml.mapping.plumbing import Helper
from qemuxml.mapping.props import Pair, Props, json, key, key_values, positive
from qemuxml.mapping.xml import attr, flag, group
from qemuxml.record import record


@record(kw_only=True)
class Video:
    """A graphics card; memory sizes in KiB."""

    driver: str | None = attr("driver@name")
    vga_config: str | None = attr("driver@vgaconf")
    virtio: Virtio = group(Virtio)
    type: str | None = attr("model@type")
    ram: int | None = attr("model@ram", UINT32)
    vram: int | None = attr("model@vram", UINT32)
    vram64: int | None = attr("model@vram64", UINT32)
    vgamem: int | None = attr("model@vgamem", UINT32)
    heads: int | None = attr("model@heads", UINT32)
    primary: bool | None = attr("model@primary", YES_NO)
    blob: bool | None = attr("model@blob", ON_OFF)
    accelerated: bool = flag("model/acceleration")
    accel2d: bool | None = attr("model/acceleration@accel2d", YES_NO)
    accel3d: bool | None = attr("model/acceleration@accel3d", YES_NO)
    rendernode: str | None = attr("model/acceleration@rendernode")
    width: int | None = attr("model/resolution@x", UINT32)
    height: int | None = attr("model/resolution@y", UINT32)
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


def claim_card(option: Option, reading: Reading) -> Claimed | None:
    """``-vga MODEL`` beside the cards that ``-device`` adds; of several options the last counts."""
    name, _, retrace = option.text.partition(",retrace=")
    if option is not reading.ledger.named("-vga")[-1]:
        return implied(option, "a later -vga counts")
    if name == "none":
        return implied(option, "a card stands in the XML only if there is one")
    model = _MODELS.get(name)
    if model is None or not reading.knows_board:
        return None
    if retrace:
        reading.note(f"retrace={retrace}: domain XML has no word for it: it is left out", option.span)
    return mapped(option, Video(type=model, primary=True))


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device VGA``, ``qxl``, ``virtio-gpu-pci`` and their kin."""
    piece = Piece(option, reading)
    if back.has_no_word(piece.values, reading):
        return None
    video = Video()
    back.read_model(video, piece.values)
    sized = "xres" in piece.values and "yres" in piece.values  # libvirt takes both or none
    for table in (*((RESOLUTION,) if sized else ()), *((VIRTIO, OPTIONS) if video.type == "virtio" else ())):
        piece.read(table, video)
    return piece.mapped(video) if back.read_drawer(video, piece) else None


# ------------------------------------------------------------------ QEMU of today

MEMORY = {
    "cirrus": {"vram": 16384},
    "vga": {"vram": 16384},
    "vmvga": {"vram": 16384},
    "bochs": {"vram": 16384},
    "xen": {"vram": 4096},
    "qxl": {"ram": 65536, "vram": 65536, "vgamem": 16384},
}
"""Memory in KiB that libvirt gives a card of a model where the XML says none."""

_DEVICES = {"vga": "VGA", "cirrus": "cirrus-vga", "vmvga": "vmware-svga", "bochs": "bochs-display", "ramfb": "ramfb"}

RESOLUTION = Props(Video, key("xres", "width", INT), key("yres", "height", INT))
VIRTIO = Props(Video, positive("max_outputs", "heads"), key("blob", "blob", SWITCH))


OPTIONS = Props(Video, *virtio_options())
PLACE = Props(Video, address())


def default_model(domain: Domain) -> str:
    """The card of a guest that names none."""
    if domain.os.arch in boards.PPC64:
        return "vga"
    is_virtual = domain.os.arch in boards.S390 or boards.family(domain.os.machine) == "virt"
    return "virtio" if is_virtual else "cirrus"


def fill(video: Video, domain: Domain, _: Target) -> None:
    """The model, its memory and one head; the first card is the primary one unless another says so."""
    cards = domain.all(Video)
    video.type = video.type or default_model(domain)
    if video.type == "none":
        video.info.address = None
        return
    for name, size in MEMORY.get(video.type, {}).items():
        if not getattr(video, name):
            setattr(video, name, size)
    video.primary = video.primary or None
    _round_up(video)
    video.heads = 1 if video.heads is None else video.heads
    if video is cards[0] and not any(card.primary for card in cards):
        video.primary = True


def _round_up(video: Video) -> None:
    """A card's memory comes in powers of two; libvirt refuses what is none of QXL's for its VGA part."""
    rounded = {"qxl": ("ram", "vram"), "vga": ("vram",), "vmvga": ("vram",), "bochs": ("vram",)}
    for name in rounded.get(video.type or "", ()):
        size = getattr(video, name)
        if size:
            setattr(video, name, 1 << (size - 1).bit_length())


def check(video: Video, domain: Domain, _: Target) -> None:
    """One primary card, and nothing beside ``none``."""
    cards = domain.all(Video)
    if video.type == "none" and len(cards) > 1:
        raise DomainXmlError("a <video> of type 'none' must be the only one")
    if video.primary and sum(bool(card.primary) for card in cards) > 1:
        raise DomainXmlError("<video>: only one card can be the primary one")
    if video.type not in (*_DEVICES, "qxl", "virtio", "none"):
        raise UnsupportedError(f"<video>: QEMU has no card of type '{video.type}'")
    _check_model(video)
    if not video.primary and video.type not in ("qxl", "virtio", "none"):
        raise UnsupportedError(f"<video> of type '{video.type}' is only possible as the primary card")
    if video.type not in ("virtio", "none") and (domain.os.arch or "").startswith("s390"):
        raise UnsupportedError(f"<video> of type '{video.type}': an s390 machine has virtio cards only")
    if video.blob and domain.memory.source != "memfd":
        raise UnsupportedError("<video>: blob resources need memory of type 'memfd'")
    if video.type == "ramfb" and video.info.address is not None:
        raise UnsupportedError("<video> of type 'ramfb' takes no <address>")


def _check_memory(video: Video) -> None:
    """A card has a MiB at least."""
    least = [("vram", video.vram)] if video.type in ("vga", "vmvga") else []
    least += [("vgamem", video.vgamem)] if video.type == "qxl" else []
    for name, size in least:
        if size and size < KIB:
            raise UnsupportedError(f"<video> of type '{video.type}': {name} must be at least 1 MiB ({KIB} KiB)")
    if video.type == "qxl" and video.vgamem and video.vgamem & (video.vgamem - 1):
        raise UnsupportedError("<video> of type 'qxl': vgamem must be a power of two")


def _check_model(video: Video) -> None:
    """What only some cards have."""
    if video.driver not in (None, "qemu", "vhostuser"):
        raise DomainXmlError(f"<video>: unknown name '{video.driver}' of its <driver>")
    if video.type != "qxl" and (video.ram or video.vram64 or video.vgamem):
        raise UnsupportedError(f"<video> of type '{video.type}': ram, vram64 and vgamem are of qxl alone")
    if video.heads not in (None, 1) and video.type not in ("qxl", "virtio", "none"):
        raise UnsupportedError(f"<video> of type '{video.type}' has one head")
    _check_memory(video)
    if (video.width is None) != (video.height is None):
        raise DomainXmlError("<video>: its <resolution> needs x and y")
    if 0 in (video.width, video.height):
        raise DomainXmlError("<video>: its <resolution> is greater than 0")
    if video.width is not None and video.type not in ("vga", "qxl", "virtio", "bochs", "ramfb"):
        raise DomainXmlError(f"<video> of type '{video.type}' takes no <resolution>")
    _check_drawing(video)


def _check_drawing(video: Video) -> None:
    """Who draws, and what only virtio has."""
    if video.driver == "vhostuser" and video.type != "virtio":
        raise UnsupportedError(f"<video> of type '{video.type}' cannot be drawn by another process (vhostuser)")
    if video.rendernode and video.driver != "vhostuser":
        raise UnsupportedError("<video>: a rendernode is for <driver name='vhostuser'>")
    if video.accelerated and video.accel2d is None and video.accel3d is None and not video.rendernode:
        raise UnsupportedError("<video>: its <acceleration> needs a value")
    if video.accel2d:
        raise UnsupportedError("<video>: QEMU has no acceleration in 2D")
    if video.virtio.is_said and video.type != "virtio":
        raise UnsupportedError(f"<video> of type '{video.type}': <driver iommu, ats, packed> is of virtio alone")
    if video.accel3d and video.type != "virtio":
        raise UnsupportedError(f"<video> of type '{video.type}' has no acceleration in 3D")
    if video.blob is not None and video.type != "virtio":
        raise UnsupportedError(f"<video> of type '{video.type}' has no blob resources")


def write(video: Video, writing: Writing) -> Iterator[Words]:
    """``-device``, behind the socket of the process that draws for it, if there is one."""
    if video.type == "none":
        return
    if video.driver == "vhostuser":
        yield "-chardev", _drawer(video, writing)
    name = _driver(video, writing)
    options = OPTIONS.write(video) if video.type == "virtio" and name != "vhost-user-vga" else []
    head: list[Pair] = [("driver", name), *options]
    yield "-device", json([*head, ("id", video.info.alias or ""), *_own(video), *RESOLUTION.write(video), *PLACE.write(video)])


def _drawer(video: Video, writing: Writing) -> str:
    """``socket,id=chr-vu-video0,fd=…``: libvirt starts the process, and hands over its end of the connection."""
    alias = video.info.alias
    if writing.by_libvirt:
        return "socket," + key_values([("id", f"chr-vu-{alias}"), ("fd", writing.descriptor())])
    socket = writing.state_path(f"-{alias}.sock")
    drawing = ("--virgl",) if video.accel3d else ()
    node = (f"--render-node={video.rendernode}",) if video.rendernode else ()
    writing.need(Helper(words=("vhost-user-gpu", f"--socket-path={socket}", *drawing, *node), socket=socket))
    return "socket," + key_values([("id", f"chr-vu-{alias}"), ("path", socket)])


def _driver(video: Video, writing: Writing) -> str:
    if video.type == "qxl":
        return "qxl-vga" if video.primary else "qxl"
    if video.driver == "vhostuser":
        return "vhost-user-vga" if video.primary and _has_vga(writing.domain) else "vhost-user-gpu-pci"
    if video.type != "virtio":
        return _DEVICES.get(video.type or "", video.type or "")
    base = "virtio-gpu"
    if isinstance(video.info.address, CcwAddress):
        return f"{base}-gl-ccw" if video.accel3d else f"{base}-ccw"
    if video.primary and _has_vga(writing.domain):
        base = "virtio-vga"
    elif isinstance(video.info.address, VirtioMmioAddress):
        return f"{base}-device"
    accelerated = f"{base}-gl" if video.accel3d else base
    return accelerated if base == "virtio-vga" else f"{accelerated}-pci"


def _has_vga(domain: Domain) -> bool:
    """Whether QEMU has virtio cards that begin as VGA for the architecture."""
    return (domain.os.arch or "") in back.WITH_VGA


def _own(video: Video) -> list[Pair]:
    """The properties that a model has for itself; QEMU counts some of them in bytes, some in MiB."""
    match video.type:
        case "qxl":
            pairs: list[Pair] = [("max_outputs", video.heads)] if video.heads else []
            pairs += [("ram_size", (video.ram or 0) * KIB)]
            pairs += [("vram_size", (video.vram or 0) * KIB), ("vram64_size_mb", (video.vram64 or 0) // KIB)]
            return [*pairs, ("vgamem_mb", (video.vgamem or 0) // KIB)]
        case "vga" | "vmvga":
            return [("vgamem_mb", (video.vram or 0) // KIB)]
        case "bochs":
            return [("vgamem", (video.vram or 0) * KIB)]
        case "virtio":
            backend: list[Pair] = [("chardev", f"chr-vu-{video.info.alias}")] if video.driver == "vhostuser" else []
            return [*VIRTIO.write(video), *backend]
    return []


def pci(video: Video, _: Domain) -> Plug | None:
    """A virtio card as the machine has it, another one conventional; ramfb has no bus."""
    if video.type in ("none", "ramfb"):
        return None
    return Plug.EITHER if video.type in ("virtio", "bochs") else Plug.CONVENTIONAL


def unsay(video: Video, option: Option | None, reading: Reading) -> None:
    """QEMU's own numbers of a QXL card are others than those that libvirt writes."""
    if video.type == "qxl":
        unsaid.unset(video, ["max_outputs", "vram64_size_mb"], option, reading)


KIND = Kind(
    element="video",
    model=Video,
    modern={"-vga": claim_card, **{f"-device {name}": claim for name in back.names()}},
    claims={"-vga": claim_vga, "-std-vga": claim_std_vga, "-vmwarevga": claim_vmwarevga},
    alias="video",
    write=write,
    fill=fill,
    check=check,
    pci=pci,
    manual=manual,
    unsay=unsay,
)
