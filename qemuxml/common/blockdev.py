"""An image as a graph of nodes: ``-blockdev {"driver":"file",…,"node-name":"libvirt-1-storage"}``, and a format node on it.

A raw image is its storage node alone. The image below (``backing``) and the file that holds the data (``data``) come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from qemuxml.cmdline.render import Words
from qemuxml.common import protocols
from qemuxml.common.image import CACHE, DRIVERS, NESTING, Image
from qemuxml.common.secrets import known, secret
from qemuxml.common.source import Slice, VhostVdpaSource
from qemuxml.common.storage import Auth, BlockSource, FileSource, NetworkSource, Source
from qemuxml.common.tls import credentials
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.context import Writing
from qemuxml.mapping.plumbing import Present
from qemuxml.mapping.props import json

Pairs = list[tuple[str, Any]]


def write(image: Image, writing: Writing) -> Iterator[Words]:
    """The nodes of an image and of all below it, from the bottom up, each behind the objects that it needs."""
    for layer in reversed(list(_chain(image))):
        if layer.data:
            yield from _nodes(layer.data, writing)
        yield from _nodes(layer, writing)


def _chain(image: Image) -> Iterator[Image]:
    below: Image | None = image
    while below is not None:
        yield below
        below = below.backing


def _nodes(image: Image, writing: Writing) -> Iterator[Words]:
    yield from _objects(image, writing)
    path = _file(image.source)
    if path:
        writing.need(Present(path=path, missing=f"the disk image is missing: {path}"))
    if image.fdset is not None:
        what = "storage-vdpa" if isinstance(image.source, VhostVdpaSource) else "storage0"
        yield "-add-fd", f"set={image.fdset},fd={writing.descriptor()},opaque={image.name}-{what}"
    on_top = not image.has_format and image.part is None
    yield "-blockdev", json([*_storage(image), ("node-name", f"{image.name}-storage"), *_options(image, on_top=on_top)])
    if image.part:
        yield "-blockdev", json([*_slice(image, image.part), *_options(image, on_top=not image.has_format)])
    if image.has_format:
        yield "-blockdev", json([("node-name", image.node), *_options(image, on_top=True), *_format(image)])


def _file(source: Source) -> str | None:
    """The file that the guest cannot start without."""
    if not isinstance(source, FileSource | BlockSource) or source.startup_policy == "optional":
        return None
    return source.file if isinstance(source, FileSource) else source.dev


# ------------------------------------------------------------------ objects


def _objects(image: Image, writing: Writing) -> Iterator[Words]:
    source = image.source
    if isinstance(source, NetworkSource) and image.nbdkit is None:
        yield from _login(source, image.name, writing)
    yield from _keys(image, writing)
    if isinstance(source, NetworkSource) and image.nbdkit is None:
        yield from _connection(source, image.name, writing)


def _login(source: NetworkSource, name: str, writing: Writing) -> Iterator[Words]:
    if source.auth and source.protocol != "ssh":
        yield secret(protocols.auth_id(name), named(source.auth), writing)


def _keys(image: Image, writing: Writing) -> Iterator[Words]:
    if image.encryption:
        layer = "format" if image.by_qemu else "storage"
        for number, item in enumerate(image.encryption.secrets):
            yield secret(protocols.encryption_id(image.name, number, layer), item.uuid or item.usage, writing)


def _connection(source: NetworkSource, name: str, writing: Writing) -> Iterator[Words]:
    if source.cookies and source.protocol in ("http", "https"):
        yield known(protocols.cookie_id(name), protocols.cookies(source), "of the web server's cookies", writing)
    if source.tls:
        identifier = protocols.tls_id(name)
        password = f"{identifier}-secret0"
        yield secret(password, "of the key of NBD's certificate", writing)
        yield "-object", credentials(identifier, "libvirt-nbd", server=False, password=password)


def named(auth: Auth) -> str | None:
    """What libvirt knows the secret of a login by."""
    return (auth.secret.uuid or auth.secret.usage) if auth.secret else None


# ------------------------------------------------------------------ properties


def _storage(image: Image) -> Iterator[tuple[str, Any]]:
    if image.nbdkit is not None:
        yield from (("driver", "nbd"), ("server.type", "unix"), ("server.path", image.nbdkit))
        return
    for key, value in protocols.pairs(image.source, image.name):
        yield key, _as_opened(image, key, value)
    if isinstance(image.source, FileSource | BlockSource):
        if image.reservations:
            yield "pr-manager", image.reservations
        if image.io:
            yield "aio", image.io


def _as_opened(image: Image, key: str, value: Any) -> Any:
    """What depends on the disk: a set of descriptors instead of a path, a CD drive, a floppy of files."""
    if image.fdset is not None and key in ("filename", "path"):
        return f"/dev/fdset/{image.fdset}"
    if key == "driver" and image.cdrom and isinstance(image.source, BlockSource) and image.source.dev == _CD_DRIVE:
        return "host_cdrom"
    if key == "floppy":
        return image.floppy
    return value


_CD_DRIVE = "/dev/cdrom"
"""Linux's name for the CD drive of the host, whatever it is: libvirt looks what a device is, we go by its name."""


def _options(image: Image, *, on_top: bool) -> Pairs:
    pairs: Pairs = []
    if on_top:
        pairs.append(("read-only", image.readonly))
        if image.discard:
            pairs.append(("discard", image.discard))
        if image.detect_zeroes:
            pairs.append(("detect-zeroes", _zeroes(image)))
    else:
        pairs += [("auto-read-only", True), ("discard", "unmap")]
    if image.cache in CACHE:
        direct, no_flush, _ = CACHE[image.cache]
        pairs += [("cache.direct", direct), ("cache.no-flush", no_flush)]
    return pairs


def _zeroes(image: Image) -> str | None:
    """QEMU turns zeroes into holes only where it may discard."""
    return "on" if image.detect_zeroes == "unmap" and image.discard != "unmap" else image.detect_zeroes


def _slice(image: Image, part: Slice) -> Iterable[tuple[str, Any]]:
    yield from (("driver", "raw"), ("file", f"{image.name}-storage"), ("offset", part.offset), ("size", part.size))
    yield "node-name", image.storage


def _format(image: Image) -> Iterator[tuple[str, Any]]:
    yield from _driver(image)
    if image.data:
        yield "data-file", image.data.node
    yield "file", image.storage
    if image.format in NESTING:
        if image.backing:
            yield "backing", image.backing.node
        elif image.ended:
            yield "backing", None
    elif image.backing and image.format != "raw":
        raise UnsupportedError(f"<driver type='{image.format}'>: no <backingStore> can be below an image of this format")


def _driver(image: Image) -> Iterator[tuple[str, Any]]:
    encryption = image.by_qemu
    key = protocols.encryption_id(image.name, 0)
    if image.format == "raw" and encryption:
        yield from (("driver", "luks"), ("key-secret", key))
        return
    yield "driver", "raw" if image.format == "fat" else DRIVERS.get(image.format, image.format)
    if image.format == "qcow2":
        if encryption:
            yield from (("encrypt.format", "aes" if encryption.format == "qcow" else "luks"), ("encrypt.key-secret", key))
        if image.table_cache:
            yield "cache-size", image.table_cache
        if image.no_unref is not None:
            yield "discard-no-unref", image.no_unref
