"""What libvirt adds to the parts of ``<domain>`` outside ``<devices>``, and what it refuses of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from qemuxml.common.info import info_of
from qemuxml.domain import (
    Domain,
    boards,
    clock,
    features,
    host,
    identity,
    keywrap,
    launchsecurity,
    lifecycle,
    override,
    pm,
    seclabel,
    sysinfo,
    throttlegroups,
)
from qemuxml.domain.cpu import fill as cpu_fill
from qemuxml.domain.firmware import check as firmware_check
from qemuxml.domain.firmware import selection
from qemuxml.domain.os import argv as os
from qemuxml.domain.os.model import BootDevice
from qemuxml.errors import ConversionError, DomainXmlError, UnsupportedError
from qemuxml.later import later
from qemuxml.mapping.context import Target

_VIRTUAL: Final = boards.ARM | boards.RISCV | {"loongarch64"}
"""The architectures without a machine of QEMU's choice: libvirt takes ``virt``."""
_check_cpu: Final = later("qemuxml.domain.cpu.check:check")
_ARCHITECTURES: Final = {"i386": "i686", "arm": "armv7l", "amd64": "x86_64"}
_BINARIES: Final = {"i686": "i386", "armv7l": "arm", "armv6l": "arm", "ppc64le": "ppc64"}


def fill(domain: Domain, target: Target) -> None:
    """Architecture, machine and emulator; then the parts, each by its own rules."""
    _fill_machine(domain, target)
    _about(domain.os, firmware_check.check_given, domain, target)
    _fill_boot(domain)
    _about(domain.features, features.fill, domain, target)
    _about(domain.os, selection.fill, domain, target)
    _about(domain.launch_security, launchsecurity.fill, domain, target)
    _about(domain.cpu, cpu_fill.fill, domain, target)
    identity.fill(domain, target)


def architecture(domain: Domain) -> str:
    """The guest's architecture: as it says, or as its emulator is named."""
    found = re.search(r"qemu-system-(\w+)$", domain.emulator or "")
    return domain.os.arch or (_ARCHITECTURES.get(found[1], found[1]) if found else "x86_64")


def _fill_machine(domain: Domain, target: Target) -> None:
    domain.os.arch = architecture(domain)
    usual = "virt" if domain.os.arch in _VIRTUAL else target.machines.get(domain.os.arch)
    machine = domain.os.machine or usual
    domain.os.machine = target.aliases.get(machine or "", machine)
    if domain.emulator is None:
        domain.emulator = f"/usr/bin/qemu-system-{_BINARIES.get(domain.os.arch, domain.os.arch)}"


def _fill_boot(domain: Domain) -> None:
    """Boot order stands in ``<os>`` or at the devices; nothing said means disks. An s390 loader takes a short name."""
    devices = [device for device in domain.devices if info_of(device)]
    ordered = any(device.info.boot_order for device in devices)
    if domain.os.boot and ordered:
        raise UnsupportedError("<boot>: per-device boot elements cannot be used together with os/boot elements").of(domain.os)
    if not domain.os.boot and not ordered:
        domain.os.boot = [BootDevice(dev="hd")]
    for device in devices:
        info = device.info
        if info.loadparm is not None and not re.fullmatch(r"[a-zA-Z0-9. ]{1,8}", info.loadparm):
            said = f"<boot loadparm='{info.loadparm}'>: must be 1 to 8 letters, digits, dots or blanks"
            raise DomainXmlError(said).of(device)
        if domain.os.arch not in boards.S390:
            info.loadparm = None


def check(domain: Domain, target: Target) -> None:
    """The refusals of the parts."""
    for refuse, part in (
        (identity.check, domain.identity),
        (host.check, domain.resource),
        (override.check, domain.override),
        (throttlegroups.check, None),
        (os.check, domain.os),
        (features.check, domain.features),
        (firmware_check.check, domain.os),
        (_check_cpu, domain.cpu),
        (clock.check, domain.clock),
        (sysinfo.check, next(iter(domain.sysinfo), None)),
        (launchsecurity.check, domain.launch_security),
        (seclabel.check, next(iter(domain.seclabels), None)),
        (lifecycle.check, domain.lifecycle),
        (pm.check, domain.pm),
        (keywrap.check, next(iter(domain.keywrap), None)),
    ):
        _about(part, refuse, domain, target)


def _about(part: object, step: Callable[[Domain, Target], None], domain: Domain, target: Target) -> None:
    """Take a step; what it refuses without saying of what, it refuses of this part."""
    try:
        step(domain, target)
    except ConversionError as error:
        raise error.of(part) from None
