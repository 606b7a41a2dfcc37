"""What libvirt adds to the parts of ``<domain>`` outside ``<devices>``, and what it refuses of them."""

from __future__ import annotations

import re
from typing import Final

from qemuxml.common.info import info_of
from qemuxml.domain import Domain, boards, clock, features, identity, keywrap, launchsecurity, lifecycle, pm, seclabel, sysinfo
from qemuxml.domain.cpu import argv as cpu_argv
from qemuxml.domain.firmware import check as firmware_check
from qemuxml.domain.firmware import selection
from qemuxml.domain.os import argv as os
from qemuxml.domain.os.model import BootDevice
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.context import Target

_VIRTUAL: Final = boards.ARM | boards.RISCV | {"loongarch64"}
"""The architectures without a machine of QEMU's choice: libvirt takes ``virt``."""
_ARCHITECTURES: Final = {"i386": "i686", "arm": "armv7l", "amd64": "x86_64"}
_BINARIES: Final = {"i686": "i386", "armv7l": "arm", "armv6l": "arm", "ppc64le": "ppc64"}


def fill(domain: Domain, target: Target) -> None:
    """Architecture, machine and emulator; then the parts, each by its own rules."""
    _fill_machine(domain, target)
    firmware_check.check_given(domain, target)
    _fill_boot(domain)
    features.fill(domain, target)
    selection.fill(domain, target)
    launchsecurity.fill(domain, target)
    cpu_argv.fill(domain, target)
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
    infos = [device.info for device in domain.devices if info_of(device)]
    if domain.os.boot and any(info.boot_order for info in infos):
        raise UnsupportedError("<boot>: per-device boot elements cannot be used together with os/boot elements")
    if not domain.os.boot and not any(info.boot_order for info in infos):
        domain.os.boot = [BootDevice(dev="hd")]
    for info in infos:
        if info.loadparm is not None and not re.fullmatch(r"[a-zA-Z0-9. ]{1,8}", info.loadparm):
            raise DomainXmlError(f"<boot loadparm='{info.loadparm}'>: must be 1 to 8 letters, digits, dots or blanks")
        if domain.os.arch not in boards.S390:
            info.loadparm = None


def check(domain: Domain, target: Target) -> None:
    """The refusals of the parts."""
    for refuse in (
        identity.check, os.check, features.check, firmware_check.check, cpu_argv.check, clock.check, sysinfo.check,
        launchsecurity.check, seclabel.check, lifecycle.check, pm.check, keywrap.check,
    ):  # fmt: skip
        refuse(domain, target)
