"""Folders of the host in the guest: ``<filesystem>`` is ``-fsdev`` with ``virtio-9p-pci``, or virtiofs: ``vhost-user-fs-pci``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import Values
from qemuxml.common import chardevice, chardevread, drivers
from qemuxml.common.addresses import PciAddress
from qemuxml.common.chardev import Chardev, Source
from qemuxml.common.device import address, bootindex, ident, refer
from qemuxml.common.info import Info
from qemuxml.common.piece import Piece
from qemuxml.common.sizes import UNIT
from qemuxml.common.virtio import MODELS, Virtio, plug, virtio_driver, virtio_options
from qemuxml.domain import Domain, launch
from qemuxml.domain.host import Idmap
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import INT32, ON_OFF, UINT32, Codec, one_of
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind, Plug
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.plumbing import Helper, Present
from qemuxml.mapping.props import Pair, Props, computed, const, json, key, key_values, positive
from qemuxml.mapping.xml import attr, child, flag, group, text
from qemuxml.record import record


def _mode(value: str) -> int:
    if not re.fullmatch("[0-7]{1,5}", value):
        raise ValueError("is not a file mode in octal digits")
    return int(value, 8)


MODE: Codec[int] = Codec(_mode, lambda mode: f"{mode:04o}")


@record(kw_only=True)
class FilesystemSource:
    """What is shared; other hypervisors know more than folders. ``socket`` is of a virtiofsd that runs already."""

    dir: str | None = attr("@dir")
    file: str | None = attr("@file")
    dev: str | None = attr("@dev")
    name: str | None = attr("@name")
    usage: str | None = attr("@usage")
    units: str | None = attr("@units")
    pool: str | None = attr("@pool")
    volume: str | None = attr("@volume")
    socket: str | None = attr("@socket")


@record(kw_only=True)
class Binary:
    """How libvirt starts virtiofsd: nothing of it is on QEMU's line."""

    path: str | None = attr("@path")
    xattr: bool | None = attr("@xattr", ON_OFF)
    cache: str | None = attr("cache@mode", one_of("none", "always"))
    sandbox: str | None = attr("sandbox@mode", one_of("namespace", "chroot"))
    posix: bool | None = attr("lock@posix", ON_OFF)
    flock: bool | None = attr("lock@flock", ON_OFF)
    threads: int | None = attr("thread_pool@size", INT32)
    files: int | None = attr("openfiles@max", UINT32)


@record(kw_only=True)
class Limit:
    """A limit of space, of container guests alone."""

    unit: str | None = attr("@unit", UNIT)
    value: str | None = text("")


@record(kw_only=True)
class Filesystem:
    """A folder under the name ``target``. Modes are those of files and folders that the guest makes."""

    type: str | None = attr("@type")
    access: str | None = attr("@accessmode", one_of("passthrough", "mapped", "squash"))
    model: str | None = attr("@model", one_of(*MODELS))
    multidevs: str | None = attr("@multidevs", one_of("default", "remap", "forbid", "warn"))
    file_mode: int | None = attr("@fmode", MODE)
    folder_mode: int | None = attr("@dmode", MODE)
    driver: str | None = attr("driver@type")
    format: str | None = attr("driver@format")
    write_policy: str | None = attr("driver@wrpolicy", one_of("immediate"))
    queue: int | None = attr("driver@queue", INT32)
    virtio: Virtio = group(Virtio)
    binary: Binary | None = child("binary", Binary)
    idmap: Idmap | None = child("idmap", Idmap)
    source: FilesystemSource | None = child("source", FilesystemSource)
    target: str | None = attr("target@dir")
    readonly: bool = flag("readonly")
    hard_limit: Limit | None = child("space_hard_limit", Limit)
    soft_limit: Limit | None = child("space_soft_limit", Limit)
    info: Info = group(Info)

    @property
    def folder(self) -> str:
        """The folder on the host."""
        return (self.source.dir if self.source else None) or ""


_SECURITY: Final = {"passthrough": "passthrough", "mapped": "mapped", "squash": "none"}
"""QEMU's word for how the guest's owners and modes are kept."""

PLAN9 = Props(
    Filesystem,
    virtio_driver("virtio-9p"),
    *virtio_options(),
    ident(),
    refer("fsdev", "fsdev-{}"),
    key("mount_tag", "target"),
    address(),
)
VIRTIOFS = Props(
    Filesystem,
    virtio_driver("vhost-user-fs"),
    *virtio_options(),
    ident(),
    refer("chardev", "chr-vu-{}"),
    positive("queue-size", "queue"),
    key("tag", "target"),
    bootindex(),
    address(),
)
MTP = Props(
    Filesystem,
    const("driver", "usb-mtp"),
    ident(),
    computed("rootdir", lambda made: made.folder),
    key("desc", "target"),
    computed("readonly", lambda made: made.readonly),
    address(),
)


def write(filesystem: Filesystem, writing: Writing) -> Iterator[Words]:
    """The host side and the device."""
    if filesystem.folder:
        writing.need(Present(path=filesystem.folder, missing=f"the folder that the guest shares is missing: {filesystem.folder}"))
    if filesystem.driver == "virtiofs":
        host = Chardev(type="unix", sources=[Source(mode="connect", path=_socket(filesystem, writing))])
        alias = str(filesystem.info.alias)
        yield from chardevice.options(host, alias, writing, ident=f"chr-vu-{alias}")
        yield "-device", json(VIRTIOFS.write(filesystem))
    elif filesystem.driver == "mtp":
        yield "-device", json(MTP.write(filesystem))
    else:
        yield "-fsdev", _fsdev(filesystem, writing)
        yield "-device", json(PLAN9.write(filesystem))


def _socket(filesystem: Filesystem, writing: Writing) -> str:
    """Where virtiofsd listens: libvirt starts one for the guest."""
    if filesystem.source and filesystem.source.socket:
        return filesystem.source.socket
    socket = launch.own_file(f"{filesystem.info.alias}-fs.sock", writing)
    writing.need(Helper(words=tuple(_virtiofsd(filesystem, socket)), socket=socket, leaves=(f"{socket}.pid",)))
    return socket


def _virtiofsd(filesystem: Filesystem, socket: str) -> Iterator[str]:
    """The command by which libvirt would start it."""
    binary = filesystem.binary or Binary()
    yield from (binary.path or "virtiofsd", f"--socket-path={socket}", f"--shared-dir={filesystem.folder}")
    if binary.cache:
        yield f"--cache={binary.cache}"
    if binary.sandbox:
        yield f"--sandbox={binary.sandbox}"
    if binary.xattr:
        yield "--xattr"
    if filesystem.readonly:
        yield "--readonly"
    if binary.threads is not None:
        yield f"--thread-pool-size={binary.threads}"
    if binary.files is not None:
        yield f"--rlimit-nofile={binary.files}"
    idmap = filesystem.idmap or Idmap()
    for name, ranges in (("uid", idmap.uids), ("gid", idmap.gids)):
        yield from (f"--{name}-map=:{item.start or 0}:{item.target or 0}:{item.count or 1}:" for item in ranges)


def _fsdev(filesystem: Filesystem, writing: Writing) -> str:
    driver = "local"
    if filesystem.driver == "handle":
        driver = _handle_driver(writing)
    readonly = ",readonly" if filesystem.readonly else ""
    return f"{driver},{key_values(_fsdev_pairs(filesystem, driver))}{readonly}"


def _handle_driver(writing: Writing) -> str:
    """QEMU lost the driver ``handle`` with its release 4: libvirt still asks for it, and its guest does not start."""
    if writing.by_libvirt:
        return "handle"
    writing.note("<filesystem>: QEMU has no driver 'handle' any more: 'path' takes its place, and the guest sees the same")
    return "local"


def _fsdev_pairs(filesystem: Filesystem, driver: str) -> Iterator[Pair]:
    if driver == "local":
        elsewhere = filesystem.source is not None and filesystem.source.socket is not None
        if filesystem.access or not elsewhere:
            yield "security_model", _SECURITY[filesystem.access or "passthrough"]
        if filesystem.multidevs not in (None, "default"):
            yield "multidevs", filesystem.multidevs or ""
        if filesystem.file_mode:
            yield "fmode", MODE.encode(filesystem.file_mode)
        if filesystem.folder_mode:
            yield "dmode", MODE.encode(filesystem.folder_mode)
    if filesystem.write_policy:
        yield "writeout", filesystem.write_policy
    yield "id", f"fsdev-{filesystem.info.alias}"
    yield "path", filesystem.folder


def claim_plan9(option: Option, reading: Reading) -> Claimed | None:
    """``-device virtio-9p-pci,fsdev=…`` with its ``-fsdev``."""
    piece = Piece(option, reading)
    filesystem = piece.read(PLAN9, Filesystem(type="mount"))
    backend = piece.follow("fsdev", "-fsdev", "fsdriver")
    if backend is None or not _read_fsdev(filesystem, backend.values, reading):
        return None
    filesystem.model = None if filesystem.model == "virtio" else filesystem.model
    return piece.mapped(filesystem)


def claim_virtfs(option: Option, reading: Reading) -> Claimed | None:
    """``-virtfs local,path=…,mount_tag=…,security_model=…``: both in one."""
    piece = Piece(option, reading, "fsdriver")
    filesystem = Filesystem(type="mount", target=piece.values.get("mount_tag"))
    piece.values.get("id")
    known = _read_fsdev(filesystem, piece.values, reading)
    return mapped(option, filesystem) if known and not piece.values.unread() else None


def _read_fsdev(filesystem: Filesystem, values: Values, reading: Reading) -> bool:
    driver = values.get("fsdriver")
    filesystem.source = FilesystemSource(dir=values.get("path", reading.path))
    filesystem.access = {"mapped-xattr": "mapped", "mapped": "mapped", "none": "squash", "passthrough": "passthrough"}.get(
        values.get("security_model") or "passthrough"
    )
    filesystem.driver = "path" if driver == "local" else "handle"
    filesystem.multidevs = values.get("multidevs")
    filesystem.file_mode, filesystem.folder_mode = values.get("fmode", _mode), values.get("dmode", _mode)
    filesystem.write_policy = values.get("writeout")
    filesystem.readonly = bool(values.flag("readonly"))
    return driver in ("local", "handle") and filesystem.access is not None


def claim_virtiofs(option: Option, reading: Reading) -> Claimed | None:
    """``-device vhost-user-fs-pci,chardev=…``: virtiofsd runs already, or libvirt started it for the guest."""
    piece = Piece(option, reading)
    filesystem = piece.read(VIRTIOFS, Filesystem(type="mount", driver="virtiofs"))
    host = chardevread.follow(piece)
    if host is None or host.type != "unix":
        return None
    filesystem.source = FilesystemSource(socket=host.source().path)
    filesystem.model = None if filesystem.model == "virtio" else filesystem.model
    return piece.mapped(filesystem)


def claim_mtp(option: Option, reading: Reading) -> Claimed | None:
    """``-device usb-mtp,rootdir=…``."""
    piece = Piece(option, reading)
    folder = piece.values.get("rootdir", reading.path)
    filesystem = Filesystem(type="mount", driver="mtp", source=FilesystemSource(dir=folder))
    filesystem.readonly = piece.values.flag("readonly") is not False
    filesystem.target = piece.values.get("desc") or (folder or "").rstrip("/").rpartition("/")[2]
    piece.read(MTP, filesystem)
    return piece.mapped(filesystem)


def fill(filesystem: Filesystem, _: Domain, __: Target) -> None:
    """A folder, whose owners are the host's."""
    filesystem.type = filesystem.type or "mount"
    if filesystem.access is None and not (filesystem.source and filesystem.source.socket):
        filesystem.access = "passthrough"


def check(filesystem: Filesystem, domain: Domain, _: Target) -> None:
    """What libvirt refuses of a filesystem."""
    name = f"<filesystem> '{filesystem.target}'"
    if filesystem.hard_limit or filesystem.soft_limit:
        raise UnsupportedError(f"{name}: QEMU has no limits of its space")
    if filesystem.type != "mount":
        raise UnsupportedError(f"{name}: QEMU shares folders only, not type '{filesystem.type}'")
    if not filesystem.target:
        raise DomainXmlError(f"{name} needs <target dir='…'/>")
    if filesystem.driver not in (None, "path", "handle", "virtiofs", "mtp"):
        raise UnsupportedError(f"{name}: QEMU has no filesystem driver '{filesystem.driver}'")
    if not filesystem.folder and not (filesystem.source and filesystem.source.socket):
        raise DomainXmlError(f"{name} needs <source dir='…'/>")
    if filesystem.driver == "virtiofs":
        _check_virtiofs(filesystem, name)
        cells = domain.numa.cells if domain.numa else []
        if domain.memory.access != "shared" and not any(cell.access == "shared" for cell in cells):
            raise UnsupportedError(f"{name}: virtiofs needs shared memory: <memoryBacking> with <access mode='shared'/>")
    else:
        _check_plan9(filesystem, name)


def _check_virtiofs(filesystem: Filesystem, name: str) -> None:
    if filesystem.write_policy or filesystem.format:
        raise UnsupportedError(f"{name}: virtiofs does not support wrpolicy or format")
    if filesystem.access not in (None, "passthrough"):
        raise UnsupportedError(f"{name}: virtiofs only supports accessmode 'passthrough'")
    if filesystem.multidevs not in (None, "default") or filesystem.file_mode is not None or filesystem.folder_mode is not None:
        raise UnsupportedError(f"{name}: virtiofs does not support multidevs, fmode or dmode")
    if filesystem.info.boot_order and not isinstance(filesystem.info.address, PciAddress):
        raise UnsupportedError(f"{name}: a boot order of virtiofs is supported only with the PCI bus")
    if filesystem.model not in (None, "virtio"):
        raise UnsupportedError(f"{name}: virtiofs has no model '{filesystem.model}'")


_FORMATS: Final = frozenset({
    "raw", "dir", "bochs", "cloop", "dmg", "iso", "vpc", "vdi", "fat", "vhd", "ploop", "cow", "qcow", "qcow2", "qed", "vmdk",
})  # fmt: skip
"""The formats that libvirt knows by name; a folder has none of them, and is shared all the same."""


def _check_plan9(filesystem: Filesystem, name: str) -> None:
    if filesystem.info.boot_order:
        raise UnsupportedError(f"{name}: only virtiofs can be booted from")
    if filesystem.format is not None and filesystem.format not in _FORMATS:
        raise UnsupportedError(f"{name}: there is no format '{filesystem.format}'")
    if filesystem.driver in ("handle", "mtp") and filesystem.access != "passthrough":
        raise UnsupportedError(f"{name}: driver '{filesystem.driver}' only supports accessmode 'passthrough'")
    created = filesystem.file_mode is not None or filesystem.folder_mode is not None
    if created and filesystem.access != "mapped":
        raise UnsupportedError(f"{name}: fmode and dmode need accessmode 'mapped'")


def pci(filesystem: Filesystem, _: Domain) -> Plug | None:
    """A virtio device; the old transition sits on conventional PCI."""
    if filesystem.driver == "mtp":
        return None
    return plug(filesystem.model)


KIND = Kind(
    element="filesystem",
    model=Filesystem,
    modern={
        **{f"-device {name}": claim_plan9 for name in drivers.virtio("virtio-9p")},
        **{f"-device {name}": claim_virtiofs for name in drivers.virtio("vhost-user-fs")},
        "-device usb-mtp": claim_mtp,
        "-virtfs": claim_virtfs,
    },
    alias="fs",
    counts_unnamed=True,
    write=write,
    fill=fill,
    check=check,
    pci=pci,
)
