"""What libvirt refuses of ``<cpu>``: a mode without KVM, an unknown feature, ``<cache level='2' mode='emulate'/>``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qemuxml.domain import boards
from qemuxml.domain.cpu import x86
from qemuxml.domain.cpu.fill import SVE_LENGTH
from qemuxml.domain.cpu.model import Cpu
from qemuxml.domain.cpu.names import QEMU_NAMES, is_host_model
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.later import pattern
from qemuxml.mapping.context import Target

if TYPE_CHECKING:
    from qemuxml.domain import Domain


def check(domain: Domain, _: Target) -> None:
    """What libvirt refuses of ``<cpu>``."""
    cpu = domain.cpu
    if cpu is None:
        return
    _check_mode(cpu, domain)
    _check_features(cpu, domain)
    _check_cache(cpu)
    _check_address_bits(cpu)


def _check_mode(cpu: Cpu, domain: Domain) -> None:
    if cpu.mode == "host-passthrough" and domain.identity.type not in ("kvm", "hvf"):
        raise UnsupportedError(f"<cpu mode='host-passthrough'>: not supported for a '{domain.identity.type}' guest")
    if cpu.mode == "host-model" and domain.identity.type == "qemu" and domain.os.arch not in boards.X86:
        raise UnsupportedError(f"<cpu mode='host-model'>: not supported for a 'qemu' guest of '{domain.os.arch}'")
    if cpu.mode == "custom" and not is_host_model(cpu) and domain.os.arch in boards.X86 and cpu.model not in x86.MODELS:
        raise UnsupportedError(f"<model>{cpu.model}</model>: there is no such CPU")
    if cpu.migratable is not None and cpu.mode not in ("host-passthrough", "maximum"):
        raise UnsupportedError("<cpu migratable='…'> is only for mode 'host-passthrough' and 'maximum'")
    if cpu.deprecated_features is not None and domain.os.arch not in boards.S390:
        raise UnsupportedError("<cpu deprecated_features='…'> is only for s390x")
    if cpu.vendor_id is not None and (len(cpu.vendor_id) != 12 or "," in cpu.vendor_id):
        raise DomainXmlError("<model vendor_id='…'> must be exactly 12 characters without a comma")


_ARM_FEATURES: Final = pattern(r"sve(?:\d+)?|pauth")


def _check_features(cpu: Cpu, domain: Domain) -> None:
    seen = set()
    for item in cpu.features:
        if not item.name:
            raise DomainXmlError("<feature>: the CPU feature has no name")
        if item.name in seen:
            raise DomainXmlError(f"<feature>: CPU feature '{item.name}' specified more than once")
        seen.add(item.name)
        if item.policy not in ("force", "require", "optional", "disable", "forbid"):
            raise DomainXmlError(f"<feature name='{item.name}'>: invalid policy '{item.policy}'")
        if domain.os.arch in boards.X86 and item.name not in x86.FEATURES and item.name not in QEMU_NAMES:
            raise UnsupportedError(f"<feature>: unknown CPU feature '{item.name}'")
        if domain.os.arch in boards.ARM and not _ARM_FEATURES.fullmatch(item.name):
            raise UnsupportedError(f"<feature>: unknown CPU feature '{item.name}'")
    if any(item.name == "sve" and item.policy in ("disable", "forbid") for item in cpu.features) and any(
        SVE_LENGTH.fullmatch(item.name or "") and item.policy == "require" for item in cpu.features
    ):
        raise UnsupportedError("<feature name='sve'>: SVE disabled, but SVE vector lengths provided")


def _check_cache(cpu: Cpu) -> None:
    cache = cpu.cache
    if cache is None:
        return
    if cache.mode is None:
        raise DomainXmlError("<cache>: missing mode")
    if cache.mode == "emulate" and cache.level != 3:
        raise UnsupportedError("<cache>: unsupported CPU cache level for mode 'emulate'")
    if cache.mode == "passthrough":
        if cache.level is not None:
            raise UnsupportedError("<cache>: unsupported CPU cache level for mode 'passthrough'")
        if cpu.mode not in ("host-passthrough", "maximum"):
            raise UnsupportedError("<cache mode='passthrough'> can only be used with CPU mode 'host-passthrough' or 'maximum'")
    if cache.mode == "disable" and cache.level is not None:
        raise UnsupportedError("<cache>: unsupported CPU cache level for mode 'disable'")


def _check_address_bits(cpu: Cpu) -> None:
    limits = cpu.maxphysaddr
    if limits is None:
        return
    if limits.mode is None:
        raise DomainXmlError("<maxphysaddr>: missing mode")
    if limits.mode == "passthrough":
        if limits.bits is not None:
            raise UnsupportedError("<maxphysaddr mode='passthrough'>: the number of bits cannot be given")
        if cpu.mode not in ("host-passthrough", "maximum"):
            raise UnsupportedError(
                "<maxphysaddr mode='passthrough'> can only be used with CPU mode 'host-passthrough' or 'maximum'"
            )
    elif limits.limit is not None:
        raise UnsupportedError("<maxphysaddr limit='…'> can only be used with mode='passthrough'")
