"""Who the guest is: ``-name web -uuid …`` is ``<name>``, ``<uuid>``; ``-enable-kvm`` is ``<domain type='kvm'>``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, UUID, uuid5

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import parse
from qemuxml.domain import boards
from qemuxml.errors import CommandLineError, DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import INT
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, Fate, dropped, implied, mapped
from qemuxml.mapping.props import json
from qemuxml.mapping.xml import attr, flag, raw, text
from qemuxml.record import record

if TYPE_CHECKING:
    from qemuxml.domain import Domain


@record(kw_only=True)
class Identity:
    """The accelerator and the names. ``id`` is the number of a running guest; an input may have it, it says nothing."""

    type: str | None = attr("@type")
    id: int | None = attr("@id", INT)
    name: str | None = text("name")
    uuid: str | None = text("uuid")
    genid_given: bool = flag("genid", once=True)
    genid: str | None = text("genid")
    title: str | None = text("title")
    description: str | None = text("description")
    metadata: Any = raw("metadata")


def claim_name(option: Option, reading: Reading) -> Claimed | None:
    """``-name web``, ``-name guest=web,process=qemu:web``. libvirt names the process itself."""
    values = parse(option.value, "guest") if option.value else None
    if values is None:
        return None
    name, process = values.get("guest"), values.get("process")
    values.get("debug-threads")
    if not reading.understood(values):
        return None
    reading.domain.identity.name = name
    if process not in (None, name, f"qemu:{name}"):
        return Claimed((option,), Fate.REPLACED, (), f"libvirt names the process itself, not {process}")
    return mapped(option)


def claim_uuid(option: Option, reading: Reading) -> Claimed:
    """``-uuid``. Raises CommandLineError for what is no UUID."""
    try:
        reading.domain.identity.uuid = str(UUID(option.text))
    except ValueError:
        raise CommandLineError(f"'{option.text[:60]}' is not a UUID", option.span) from None
    return mapped(option)


def claim_genid(option: Option, reading: Reading) -> Claimed | None:
    """``-device vmgenid,guid=…``; ``auto`` leaves the number to libvirt."""
    values = reading.values(option, "driver")
    identity = reading.domain.identity
    guid = values.get("guid", _guid)
    values.get("driver")
    values.get("id")
    if guid is None or values.unread():
        return None
    identity.genid_given, identity.genid = True, None if guid == "auto" else guid
    return mapped(option)


def _guid(text: str) -> str:
    if text == "auto":
        return text
    try:
        return str(UUID(text))
    except ValueError:
        raise ValueError("is not a UUID") from None


def claim_kvm(option: Option, reading: Reading) -> Claimed:
    """``-enable-kvm``."""
    reading.domain.identity.type = "kvm"
    return mapped(option)


def claim_no_kvm(option: Option, reading: Reading) -> Claimed:
    """``-no-kvm``, of the qemu-kvm fork."""
    reading.domain.identity.type = "qemu"
    return mapped(option)


def claim_no_kqemu(option: Option, reading: Reading) -> Claimed | None:
    """``-no-kqemu``, of QEMU 0.9: no accelerator."""
    return implied(option, "a guest of type 'qemu' is emulated") if reading.has("knows-kqemu") else None


def claim_domid(option: Option, _: Reading) -> Claimed:
    """``-domid 6``, of Xen's QEMU: the number of one launch."""
    return dropped(option, "the number of one launch")


def manual(identity: Identity, _: Writing) -> Iterator[Words]:
    """``-name``; QEMU 0.9 had no ``-uuid``, and ``-enable-kvm`` came later: there the binary decides."""
    if identity.type not in ("qemu", "kvm", None):
        raise UnsupportedError(f"QEMU 0.9 has no accelerator '{identity.type}'")
    if identity.name:
        yield "-name", identity.name


def write_genid(writing: Writing) -> Iterator[Words]:
    """``-device vmgenid``: tells the guest that it was copied."""
    identity = writing.domain.identity
    if identity.genid:
        yield "-device", json([("driver", "vmgenid"), ("guid", identity.genid), ("id", "vmgenid0")])


def fill(domain: Domain, _: Target) -> None:
    """``<genid/>`` asks for a number of libvirt's own; ours follows from the guest's name."""
    identity = domain.identity
    if identity.genid_given and not identity.genid:
        identity.genid = str(uuid5(NAMESPACE_URL, f"genid:{identity.name}"))


def check(domain: Domain, _: Target) -> None:
    """What libvirt refuses of the names."""
    identity = domain.identity
    if not identity.name:
        raise DomainXmlError("<name> is missing")
    if "/" in identity.name:
        raise DomainXmlError(f"<name>: name '{identity.name}' cannot contain '/'")
    if identity.title and "\n" in identity.title:
        raise DomainXmlError("<title> cannot contain a newline")
    if identity.genid and domain.os.arch not in boards.X86:
        raise UnsupportedError(f"<genid>: architecture '{domain.os.arch}' has no such device")
    for element, value in (("uuid", identity.uuid), ("genid", identity.genid)):
        if value:
            try:
                UUID(value)
            except ValueError:
                raise DomainXmlError(f"<{element}>: malformed uuid '{value}'") from None


KIND = Kind(
    element="name",
    model=Identity,
    claims={
        "-name": claim_name,
        "-uuid": claim_uuid,
        "-enable-kvm": claim_kvm,
        "-no-kvm": claim_no_kvm,
        "-no-kqemu": claim_no_kqemu,
        "-domid": claim_domid,
    },
    modern={"-device vmgenid": claim_genid},
    manual=manual,
)
