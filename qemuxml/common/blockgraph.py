"""An image read from its graph: a format node on a storage node is ``<driver type='qcow2'/>`` with its ``<source>``.

It is the way back of ``blockdev``. Filters stand above an image (copy-on-read, throttling), images below it (``backing``)
and beside it (``data-file``). None is the answer for a graph that domain XML cannot say: it is passed through whole.
"""

from __future__ import annotations

import re
from typing import Final

from qemuxml.common.blocknode import Node
from qemuxml.common.image import DRIVERS, NESTING, Image, mode
from qemuxml.common.source import Encryption, Secret, Slice
from qemuxml.common.storage import DirSource, Source
from qemuxml.later import later
from qemuxml.mapping.codecs import SWITCH, one_of, size, words
from qemuxml.record import record, replace

FORMATS: Final = {
    **{name: name for name in ("raw", "qcow2", "qcow", "qed", "vmdk", "vpc", "vdi", "bochs", "cloop", "dmg")},
    **{driver: name for name, driver in DRIVERS.items()},
    "luks": "raw",
}
"""What domain XML calls the formats, by QEMU's drivers. An encrypted raw image is a driver of its own."""
DISCARD: Final = words({"unmap": "unmap", "on": "unmap", "ignore": "ignore", "off": "ignore"})
ZEROES: Final = one_of("off", "on", "unmap")
_AIO: Final = one_of("threads", "native", "io_uring")
_source: Final = later("qemuxml.common.blocksource:read")


@record
class Options:
    """What any node may say of how it is opened; None is unsaid."""

    readonly: bool | None = None
    direct: bool | None = None
    no_flush: bool | None = None
    discard: str | None = None
    detect_zeroes: str | None = None
    io: str | None = None

    @classmethod
    def of(cls, node: Node) -> Options:
        """The options of a node, now read. That it may fall back to reading only leaves no trace."""
        node.ignore("node-name")
        node.ignore("auto-read-only")
        node.ignore("force-share", "off")
        return cls(
            readonly=node.switch("read-only"),
            direct=node.switch("cache.direct"),
            no_flush=node.switch("cache.no-flush"),
            discard=node.get("discard", DISCARD.decode),
            detect_zeroes=node.get("detect-zeroes", ZEROES.decode),
            io=node.get("aio", _AIO.decode),
        )

    def below(self, lower: Options) -> Options:
        """The same for an image whose storage has options of its own: the host's cache and I/O are the storage's."""
        return replace(
            self,
            direct=lower.direct if lower.direct is not None else self.direct,
            no_flush=(self.no_flush or lower.no_flush) if self.no_flush is not None else lower.no_flush,
            io=lower.io or self.io,
        )

    def within(self, above: Options) -> Options:
        """The same for an image that has filters above: what they forbid holds, and what they say alone."""
        discard = "ignore" if above.discard == "ignore" else self.discard or above.discard
        return replace(
            self,
            readonly=self.readonly or above.readonly,
            direct=self.direct if self.direct is not None else above.direct,
            no_flush=self.no_flush if self.no_flush is not None else above.no_flush,
            discard=discard,
            detect_zeroes=above.detect_zeroes or self.detect_zeroes,
            io=self.io or above.io,
        )

    def cache(self) -> str | None:
        """The mode, as far as the image says it; None if nothing is said. Raises ValueError for one without a name."""
        if self.direct is None and self.no_flush is None:
            return None
        return mode(direct=bool(self.direct), no_flush=bool(self.no_flush), write_cache=True)


# ------------------------------------------------------------------ the graph from its top


def read(node: Node) -> Image | None:
    """The image below the filters, which are told to the graph."""
    above = Options()
    while node.peek("driver") in ("copy-on-read", "throttle"):
        below = node.child("file")
        if below is None:
            return None
        options = _filter(node)
        if below.values is not node.values:
            # A node with a name of its own does not take over what the filter says of discarding.
            options.discard = None if options.discard == "unmap" else options.discard
        above, node = options.within(above), below
    return image(node, above)


def _filter(node: Node) -> Options:
    if node.get("driver") == "throttle":
        node.graph.filters.append(node.get("throttle-group") or "")
    else:
        own = re.fullmatch(r"libvirt-CoR-([a-z]{3,6})", node.peek("node-name") or "")
        node.graph.copied_to = own[1] if own else ""
        node.ignore("bottom", "")
    return Options.of(node)


_UNFILTERED: Final = Options()


def image(node: Node, above: Options = _UNFILTERED) -> Image | None:
    """One image with all that is below it."""
    driver = node.peek("driver")
    if driver in FORMATS:
        node.get("driver")
        below = node.child("file")
        stored = storage(below) if below else None
        return formatted(node, driver, *stored, above) if stored else None
    stored = storage(node)
    return _opened(stored[0], stored[1].within(above)) if stored else None


def storage(node: Node) -> tuple[Source, Options] | None:
    """The source of a storage node, or of the part of one that a raw node cuts out."""
    if node.peek("driver") == "raw":
        return _part(node)
    source = _source(node)
    return (source, Options.of(node)) if source is not None else None


def _part(node: Node) -> tuple[Source, Options] | None:
    node.get("driver")
    below = node.child("file")
    source = _source(below) if below else None
    if source is None or below is None:
        return None
    _cut(node, source)
    return source, Options.of(node).below(Options.of(below))


def _cut(node: Node, source: Source) -> None:
    """Set the part of the storage that a raw node shows."""
    if "offset" in node or "size" in node:
        offset, length = node.get("offset", size), node.get("size", size)
        source.tail.slices = [Slice(type="storage", offset=offset or 0, size=length)]


def _opened(source: Source, options: Options, format_: str = "raw") -> Image | None:
    """The image without what its format says."""
    try:
        cache = options.cache()
    except ValueError:
        return None
    return Image(
        name="",
        source=source,
        format=format_,
        readonly=bool(options.readonly),
        cache=cache,
        io=options.io,
        discard=options.discard,
        detect_zeroes=options.detect_zeroes,
    )


def formatted(node: Node, driver: str, source: Source, lower: Options, above: Options = _UNFILTERED) -> Image | None:
    """The image of a format node on a source. A driver that encrypts needs its secret."""
    options = Options.of(node).below(lower).within(above)
    if driver == "raw":
        _cut(node, source)
    if driver == "luks":
        source.rear.encryption = _encryption(node, "luks", "key-secret")
    elif node.has_inside("encrypt"):
        inside = node.inside("encrypt")
        source.rear.encryption = _encryption(inside, _ENCRYPTIONS.get(inside.get("format") or ""), "key-secret")
    made = _opened(source, options, _format(driver, source))
    return _nested(node, driver, made) if made else None


_ENCRYPTIONS: Final = {"luks": "luks", "aes": "qcow"}


def _encryption(node: Node, format_: str | None, key: str) -> Encryption:
    secret = Secret(type="passphrase", usage=node.graph.secret(node.get(key)))
    return Encryption(format=format_, engine="qemu", secrets=[secret])


def _format(driver: str, source: Source) -> str:
    return "fat" if driver == "raw" and isinstance(source, DirSource) else FORMATS[driver]


def _nested(node: Node, driver: str, made: Image) -> Image | None:
    """The image with those below and beside it, and what only qcow2 has."""
    if driver == "qcow2":
        made = replace(made, table_cache=node.get("cache-size", size), no_unref=node.get("discard-no-unref", SWITCH.decode))
        if _has(node, "data-file"):
            beside = node.child("data-file")
            made = replace(made, data=image(beside) if beside else None)
            if made.data is None:
                return None
    if driver in NESTING and _has(node, "backing"):
        below = node.child("backing")
        if below is None and node.get("backing"):
            return None
        made = replace(made, backing=image(below) if below else None, ended=below is None)
        if below is not None and made.backing is None:
            return None
    return made


def _has(node: Node, key: str) -> bool:
    return key in node or node.has_inside(key)
