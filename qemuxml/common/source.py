"""The parts of an image's ``<source>`` beside its name: slices, labels, ``<encryption>``, ``<reservations>``, ``<dataStore>``.

The sources that QEMU only knows as nodes stand here too; those that also have a name are in ``storage``.
"""

from __future__ import annotations

from typing import Any, Final

from qemuxml.common.addresses import PciAddress
from qemuxml.common.reconnect import Reconnect
from qemuxml.common.sizes import UNIT
from qemuxml.common.sourcelabel import SourceLabel
from qemuxml.mapping.codecs import INT, UINT32, UINT64, YES_NO, one_of
from qemuxml.mapping.xml import attr, child, children, group, text, variant
from qemuxml.record import record

SOURCES: Final[dict[str, type]] = {}
"""The source's class by ``type='…'``. Filled where the classes are: a chain of images nests its own kind."""
CHAIN: Final[dict[str, type]] = {}
"""What ``<backingStore>`` is, by its type."""
STARTUP: Final = one_of("mandatory", "requisite", "optional")
"""What becomes of a guest whose image is missing."""


@record(kw_only=True)
class Slice:
    """The part of an image that the guest sees."""

    type: str | None = attr("@type")
    offset: int | None = attr("@offset", UINT64)
    size: int | None = attr("@size", UINT64)


@record(kw_only=True)
class Secret:
    """Where libvirt finds the passphrase of an encrypted image, or the password of an ``<auth>``."""

    type: str | None = attr("@type")
    usage: str | None = attr("@usage")
    uuid: str | None = attr("@uuid")


@record(kw_only=True)
class Encryption:
    """How an image is encrypted; ``engine`` says who decrypts: QEMU, or the library of an RBD image."""

    format: str | None = attr("@format", one_of("default", "qcow", "luks", "luks2", "luks-any"))
    engine: str | None = attr("@engine", one_of("qemu", "librbd"))
    secrets: list[Secret] = children("secret", Secret)
    cipher: str | None = attr("cipher@name")
    cipher_size: int | None = attr("cipher@size", UINT32)
    cipher_mode: str | None = attr("cipher@mode")
    cipher_hash: str | None = attr("cipher@hash")
    ivgen: str | None = attr("ivgen@name")
    ivgen_hash: str | None = attr("ivgen@hash")


@record(kw_only=True)
class ReservationsSource:
    """The socket of a helper that someone else runs."""

    type: str | None = attr("@type")
    path: str | None = attr("@path")
    mode: str | None = attr("@mode")


@record(kw_only=True)
class Reservations:
    """Who makes SCSI persistent reservations: libvirt's own ``pr-manager-helper`` (managed), or that of a socket."""

    managed: bool | None = attr("@managed", YES_NO)
    source: ReservationsSource | None = child("source", ReservationsSource)


@record(kw_only=True)
class Cookie:
    """A cookie of a web server."""

    name: str | None = attr("@name")
    value: str | None = text("")


@record(kw_only=True)
class Identity:
    """Who asks: a user and group of NFS, a user and key of SSH."""

    user: str | None = attr("@user")
    group: str | None = attr("@group")
    username: str | None = attr("@username")
    keyfile: str | None = attr("@keyfile")
    agentsock: str | None = attr("@agentsock")


@record(kw_only=True)
class MetadataCache:
    """``<metadata_cache><max_size unit='KiB'>``: what QEMU keeps of a qcow2 image's tables."""

    size: int | None = text("max_size", UINT64)
    unit: str | None = attr("max_size@unit", UNIT)


@record(kw_only=True)
class DataStore:
    """The file that holds the data of a qcow2 image. ``node`` is the number in the names of its nodes."""

    type: str | None = attr("@type")
    format: str | None = attr("format@type")
    metadata_cache: MetadataCache | None = child("format/metadata_cache", MetadataCache)
    source: Any = variant("source", on="type", of=SOURCES)
    node: int = 0
    fdset: int | None = None


@record(kw_only=True)
class Tail:
    """What a source of any type may have behind its name. ``index`` numbered the nodes of an earlier run."""

    index: int | None = attr("@index", INT)
    slices: list[Slice] = children("slices/slice", Slice)
    labels: list[SourceLabel] = children("seclabel", SourceLabel)


@record(kw_only=True)
class Rear:
    """What stands last in a source of any type."""

    encryption: Encryption | None = child("encryption", Encryption)
    reservations: Reservations | None = child("reservations", Reservations)
    data_store: DataStore | None = child("dataStore", DataStore)


@record(kw_only=True)
class BackingStore:
    """The image below another one; without a type it is the end of the chain. ``node`` numbers its nodes."""

    type: str | None = attr("@type")
    index: int | None = attr("@index", INT)
    format: str | None = attr("format@type")
    metadata_cache: MetadataCache | None = child("format/metadata_cache", MetadataCache)
    source: Any = variant("source", on="type", of=SOURCES)
    backing: BackingStore | None = variant("backingStore", on="@type", of=CHAIN)
    node: int = 0
    fdset: int | None = None


@record(kw_only=True)
class Mirror:
    """A job that copies the disk elsewhere while the guest runs: of one run, it leaves no trace."""

    file: str | None = attr("@file")
    file_format: str | None = attr("@format")
    type: str | None = attr("@type")
    job: str | None = attr("@job")
    ready: str | None = attr("@ready")
    format: str | None = attr("format@type")
    metadata_cache: MetadataCache | None = child("format/metadata_cache", MetadataCache)
    source: Any = variant("source", on="type", of=SOURCES)
    backing: BackingStore | None = variant("backingStore", on="@type", of=CHAIN)


# ------------------------------------------------------------------ sources that are nodes only


@record(kw_only=True)
class NvmeSource:
    """A namespace of an NVMe controller of the host, which QEMU drives itself."""

    type: str | None = attr("@type")
    namespace: int | None = attr("@namespace", UINT64)
    managed: bool | None = attr("@managed", YES_NO)
    startup_policy: str | None = attr("@startupPolicy", STARTUP)
    address: PciAddress | None = child("address", PciAddress)
    tail: Tail = group(Tail)
    rear: Rear = group(Rear)


@record(kw_only=True)
class VhostUserSource:
    """A disk that another process of the host serves behind a socket."""

    type: str | None = attr("@type")
    path: str | None = attr("@path")
    reconnect: Reconnect | None = child("reconnect", Reconnect)
    tail: Tail = group(Tail)
    rear: Rear = group(Rear)


@record(kw_only=True)
class VhostVdpaSource:
    """A disk that hardware serves, by its vhost device."""

    dev: str | None = attr("@dev")
    tail: Tail = group(Tail)
    rear: Rear = group(Rear)


@record(kw_only=True)
class VolumeSource:
    """A volume of a storage pool: only libvirt knows where that is."""

    pool: str | None = attr("@pool", required=True)
    volume: str | None = attr("@volume", required=True)
    mode: str | None = attr("@mode", one_of("host", "direct"))
    startup_policy: str | None = attr("@startupPolicy", STARTUP)
    tail: Tail = group(Tail)
    rear: Rear = group(Rear)
