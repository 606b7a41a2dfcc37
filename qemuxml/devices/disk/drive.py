"""The properties of ``-drive``: ``file=a.qcow2,format=qcow2,cache=none``, and nodes as in ``-blockdev`` (``file.driver=nbd``).

The same option is a disk of its own (``if=virtio``), or what ``-device`` names by its ``id`` (``if=none``).
"""

from __future__ import annotations

from typing import Final

from qemuxml.cmdline.values import Property, Values, decoded, on_off, parse
from qemuxml.cmdline.words import Word
from qemuxml.common import blockgraph, imageformat, iotune, storage
from qemuxml.common.blockgraph import Options
from qemuxml.common.blocknode import Graph, Node
from qemuxml.common.image import Image, with_write_cache
from qemuxml.common.storage import DirSource, NetworkSource, Source
from qemuxml.devices.disk import Disk
from qemuxml.devices.disk import image as images
from qemuxml.devices.disk.legacy import DRIVE, ask_environment
from qemuxml.later import table
from qemuxml.mapping.codecs import one_of


def read(values: Values, graph: Graph, disk: Disk) -> bool:
    """Read all but the drive's name and place into a disk; ``device`` is the guest's kind of drive, if that is known.

    False if domain XML cannot say it.
    """
    DRIVE.read(values, disk)
    if disk.rerror_policy == disk.error_policy:
        disk.rerror_policy = None
    media = values.get("media", one_of("disk", "cdrom").decode)
    disk.device = disk.device or ("cdrom" if media == "cdrom" else "disk")
    disk.readonly = disk.readonly or media == "cdrom"
    forgetful = values.get("snapshot", on_off)
    values.get("boot", on_off)
    _throttle(values, disk)
    node = Node(graph, values)
    if not (node.peek("file") or node.has_inside("file") or "driver" in node):
        node.ignore("file")
        disk.type = "file"
        Options.of(node)
        return disk.device in ("cdrom", "floppy")
    image = _image(node, disk)
    if image is None:
        return False
    images.apply(image, disk)
    disk.readonly = disk.readonly or isinstance(image.source, DirSource)  # QEMU writes to a folder only where rw: asks for it
    disk.transient = not disk.readonly and (graph.reading.ledger.has("-snapshot") if forgetful is None else forgetful)
    return _write_back(values, disk)


def _throttle(values: Values, disk: Disk) -> None:
    disk.iotune = iotune.read(values, ("throttling.",))
    group = values.get("throttling.group") or values.get("group")
    if disk.iotune is not None:
        disk.iotune.group_name = group


def _write_back(values: Values, disk: Disk) -> bool:
    """The guest's own write cache, which ``cache.writeback`` sets apart from the mode."""
    found = values.get("cache.writeback", on_off)
    if found is None:
        return True
    try:
        disk.cache = with_write_cache(disk.cache, write_cache=found)
    except ValueError:
        return False
    return True


# ------------------------------------------------------------------ the image

_SOURCES: Final = table("qemuxml.common.blocksource:DRIVERS")


def _image(node: Node, disk: Disk) -> Image | None:
    driver = node.get("format") or node.get("driver")
    name = node.values.property("file") if "file" in node else None
    if name is not None and name.text.startswith("json:"):
        return _of_json(name, node, driver)
    if name is None and driver in _SOURCES:
        return blockgraph.image(node)
    stored = _named(name, node) if name is not None else blockgraph.storage(node.inside("file"))
    if stored is None:
        return None
    source, options = stored
    driver = driver or _guess(source, node, disk)
    return blockgraph.formatted(node, driver, source, options) if driver in blockgraph.FORMATS else None


def _named(name: Property, node: Node) -> tuple[Source, Options] | None:
    """What the name of an image opens."""
    reading = node.graph.reading
    found = decoded(name, lambda text: storage.read(reading.image(text)))
    source = found.source
    login = found.auth
    if isinstance(source, NetworkSource):
        login = source.auth = source.auth or found.auth
        if source.protocol == "rbd":
            ask_environment(source, reading)
    if set(found.unsaid) - _SECRET or (found.unsaid and login is None):
        return None
    for setting in found.unsaid:
        reading.note(f"{setting}: libvirt keeps secrets itself: define one there, with the usage '{storage.USAGE}'", name.span)
    return source, Options()


_SECRET: Final = frozenset({"key", "password"})
"""Settings of a name that libvirt keeps as a secret."""


def _of_json(name: Property, node: Node, driver: str | None) -> Image | None:
    """``file=json:{…}`` is a whole graph, or its storage if a format is named beside it."""
    text = name.text.removeprefix("json:")
    values = parse(Word(text, name.span.source, name.span.start, name.span.end, ()))
    top = Node(node.graph, values)
    if driver is None or top.peek("driver") in blockgraph.FORMATS:
        image = blockgraph.image(top)
    else:
        stored = blockgraph.storage(top)
        image = blockgraph.formatted(node, driver, *stored) if stored else None
    return None if values.unread() else image


def _guess(source: Source, node: Node, disk: Disk) -> str:
    found = imageformat.guess(source, node.graph.reading, has_key="key-secret" in node)
    if disk.device == "disk" or found.driver != "raw":
        whole = node.graph.piece
        next((part for part in whole.all() if part.values is node.values), whole).guessed(found.reason)
    return found.driver
