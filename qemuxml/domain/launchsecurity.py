"""Memory that the host cannot read: ``-object sev-guest`` is ``<launchSecurity type='sev'>``; also SEV-SNP and s390's PV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import on_off
from qemuxml.domain import boards, launch
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.later import later
from qemuxml.mapping.codecs import INT, ON_OFF, UINT32, YES_NO, hexadecimal
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, Fate, mapped
from qemuxml.mapping.plumbing import Content
from qemuxml.mapping.props import Pair, Props, computed, const, json, key
from qemuxml.mapping.xml import attr, text
from qemuxml.record import record

if TYPE_CHECKING:
    from qemuxml.domain import Domain

_b64decode: Final = later("base64:b64decode")

ID: Final = "lsec0"
"""The object's name, by which ``-machine confidential-guest-support=`` finds it."""


@record(kw_only=True)
class LaunchSecurity:
    """``<launchSecurity>``. Where the host's encryption bit is not given, libvirt asks the host."""

    type: str | None = attr("@type")
    kernel_hashes: bool | None = attr("@kernelHashes", YES_NO)
    author_key: bool | None = attr("@authorKey", YES_NO)
    vcek: bool | None = attr("@vcek", YES_NO)
    cbitpos: int | None = text("cbitpos", UINT32)
    reduced_phys_bits: int | None = text("reducedPhysBits", UINT32)
    policy: int | None = text("policy", hexadecimal(4))
    handle: int | None = text("handle", UINT32)
    dh_cert: str | None = text("dhCert")
    session: str | None = text("session")
    workarounds: str | None = text("guestVisibleWorkarounds")
    id_block: str | None = text("idBlock")
    id_auth: str | None = text("idAuth")
    host_data: str | None = text("hostData")


_BOOL: Final = ON_OFF
_COMMON: Final = (
    computed("id", lambda _: ID),
    key("cbitpos", "cbitpos", INT),
    key("reduced-phys-bits", "reduced_phys_bits", INT),
    key("policy", "policy", INT),
)
SEV_SNP: Final = Props(
    LaunchSecurity,
    const("qom-type", "sev-snp-guest"),
    *_COMMON,
    key("guest-visible-workarounds", "workarounds"),
    key("id-block", "id_block"),
    key("id-auth", "id_auth"),
    key("host-data", "host_data"),
    key("kernel-hashes", "kernel_hashes", _BOOL),
    key("author-key-enabled", "author_key", _BOOL),
    computed("vcek-disabled", lambda made: None if made.vcek is None else not made.vcek),
)
SEV: Final = Props(LaunchSecurity, const("qom-type", "sev-guest"), *_COMMON, key("handle", "handle", INT))


def write(writing: Writing) -> Iterator[Words]:
    """``-object sev-guest``, ``sev-snp-guest`` or ``s390-pv-guest``."""
    security = writing.domain.launch_security
    if security is None:
        return
    if security.type == "sev":
        yield "-object", json([*SEV.write(security), *_session(security, writing)])
    elif security.type == "sev-snp":
        yield "-object", json(SEV_SNP.write(security))
    elif security.type == "s390-pv":
        yield "-object", json([("qom-type", "s390-pv-guest"), ("id", ID)])


def _session(security: LaunchSecurity, writing: Writing) -> Iterator[Pair]:
    """What the guest's owner sent: libvirt writes it into files of the guest's folder."""
    for name, content in (("dh-cert", security.dh_cert), ("session", security.session)):
        if content:
            path = launch.own_file(f"{name.replace('-', '_')}.base64", writing)
            writing.need(Content(path=path, text=content))
            yield f"{name}-file", path
    if security.kernel_hashes is not None:
        yield "kernel-hashes", security.kernel_hashes


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-object sev-guest,id=sev0,cbitpos=51,policy=3``, which ``-machine`` names as its support."""
    values = reading.values(option, "qom-type")
    kind = _TYPES[values.get("qom-type") or ""]
    security = reading.domain.launch_security = LaunchSecurity(type=kind)
    values.get("id")
    reasons = []
    if kind == "sev":
        SEV.read(values, security)
        security.kernel_hashes = values.get("kernel-hashes", on_off)
        security.dh_cert, security.session = values.get("dh-cert-file"), values.get("session-file")
        named = [name for name in (security.dh_cert, security.session) if name]
        reasons = [f"put the content of {name} where its name stands" for name in named]
    elif kind == "sev-snp":
        SEV_SNP.read(values, security)
        disabled = values.get("vcek-disabled", on_off)
        security.vcek = None if disabled is None else not disabled
    if security.policy is None:
        security.policy = _POLICIES.get(kind)
    left = values.unread()
    if left:
        reasons.append(f"domain XML has no word for {', '.join(item.key for item in left)}")
    return Claimed((option,), Fate.GUESSED, (), "; ".join(reasons)) if reasons else mapped(option)


_POLICIES: Final = {"sev": 0x1, "sev-snp": 0x30000}
"""What QEMU takes where none is said: no debugging; for SEV-SNP, that threads may share a core and a bit that must be set."""
_TYPES: Final = {"sev-guest": "sev", "sev-snp-guest": "sev-snp", "s390-pv-guest": "s390-pv"}


def is_known(name: str, reading: Reading) -> bool:
    """Whether the object of that name is one that domain XML has a word for."""
    return name in reading.once(_known)


def _known(reading: Reading) -> set[str | None]:
    values = (reading.values(option, "qom-type") for option in reading.ledger.named("-object"))
    return {item.peek("id") for item in values if item.peek("qom-type") in _TYPES}


def fill(domain: Domain, _: Target) -> None:
    """What libvirt asks the host: hosts with SEV have the encryption bit at 51 (EPYC of 2018 at 47) and lose one bit."""
    security = domain.launch_security
    if security and security.type in ("sev", "sev-snp"):
        security.cbitpos = 51 if security.cbitpos is None else security.cbitpos
        security.reduced_phys_bits = 1 if security.reduced_phys_bits is None else security.reduced_phys_bits


def check(domain: Domain, _: Target) -> None:
    """What libvirt refuses of ``<launchSecurity>``."""
    security = domain.launch_security
    if security is None:
        return
    if security.type not in ("sev", "sev-snp", "s390-pv"):
        raise UnsupportedError(f"<launchSecurity>: unknown launch security type '{security.type}'")
    if domain.identity.type != "kvm":
        raise UnsupportedError(f"<launchSecurity type='{security.type}'> needs KVM")
    if security.type == "s390-pv":
        if domain.os.arch not in boards.S390:
            raise UnsupportedError("<launchSecurity type='s390-pv'> needs an s390x guest")
        return
    if domain.os.arch not in boards.X86:
        raise UnsupportedError(f"<launchSecurity type='{security.type}'> needs an x86 guest")
    if security.policy is None:
        raise DomainXmlError("<launchSecurity>: failed to get launch security <policy>")
    if security.type == "sev-snp":
        _check_snp(security, domain)


_SIZES: Final = (("guestVisibleWorkarounds", "workarounds", 16), ("idBlock", "id_block", 96), ("idAuth", "id_auth", 4096),
                 ("hostData", "host_data", 32))  # fmt: skip
"""Bytes that the processor takes, in base64."""


def _check_snp(security: LaunchSecurity, domain: Domain) -> None:
    if boards.family(domain.os.machine) != "pc-q35":
        raise UnsupportedError("<launchSecurity type='sev-snp'> is only supported with q35 machine type")
    for element, field, size in _SIZES:
        value = getattr(security, field)
        if value is None:
            continue
        try:
            found = len(_b64decode(value, validate=True))
        except ValueError:
            raise DomainXmlError(f"<{element}> is not base64") from None
        if found != size:
            raise DomainXmlError(f"<{element}>: expected {size} bytes, found {found}")


KIND = Kind(element="launchSecurity", model=LaunchSecurity, modern={f"-object {name}": claim for name in _TYPES})
