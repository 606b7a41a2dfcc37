"""What libvirt said of every guest that it read from a command line: ``<pae/>`` of ``kvm``, drivers of images, MAC addresses."""

from __future__ import annotations

from qemuxml.complete.defaults import FIRST_MAC
from qemuxml.complete.legacy.machines import machine_of
from qemuxml.devices.disk import Disk
from qemuxml.devices.interface import Interface
from qemuxml.domain import Domain
from qemuxml.domain.features import Features
from qemuxml.mapping.context import Target

KVM_ARCH = "x86_64"
"""The architecture of a binary that is named for KVM alone: such a guest is the host's kind, and those forks ran on x86."""


def kvm_binary(domain: Domain, _: Target) -> None:
    """Binaries like ``/usr/bin/kvm``: libvirt took the host's architecture, and said ``<pae/>``."""
    binary = (domain.emulator or "").rsplit("/", 1)[-1]
    if "kvm" not in binary:
        return
    if "qemu-system-" not in binary:
        domain.os.arch = KVM_ARCH
    domain.features = domain.features or Features()
    domain.features.pae = True


_WITHOUT_LONG_MODE = frozenset(
    {"486", "pentium", "pentium2", "pentium3", "pentiumpro", "coreduo", "n270", "qemu32", "kvm32", "cpu32", "athlon"}
)


def narrow_cpu(domain: Domain, _: Target) -> None:
    """A CPU model without long mode makes the guest an i686, whatever binary runs it."""
    cpu = domain.cpu
    asked = domain.cpu_model
    wide = cpu is not None and any(item.name == "lm" and item.policy == "require" for item in cpu.features)
    if domain.os.arch == "x86_64" and asked in _WITHOUT_LONG_MODE and not wide:
        domain.os.arch = "i686"


def cpu_check(domain: Domain, _: Target) -> None:
    """Libvirt compares a named CPU with the host's only where the host's runs it."""
    if domain.cpu and domain.cpu.model and domain.cpu.mode == "custom":
        domain.cpu.check = "partial" if domain.identity.type == "kvm" else "none"


def disk_drivers(domain: Domain, _: Target) -> None:
    """Libvirt takes an image without a format as raw, and says so."""
    for disk in domain.all(Disk):
        disk.driver = disk.driver or "qemu"
        disk.format = disk.format or "raw"


def nic_models(domain: Domain, _: Target) -> None:
    """A card that names no model is the one that libvirt takes for the machine."""
    model = machine_of(domain).nic
    for interface in domain.all(Interface):
        interface.model = interface.model or model


def macs(domain: Domain, _: Target) -> None:
    """The addresses that QEMU gives cards without one."""
    for number, interface in enumerate(domain.all(Interface)):
        if interface.mac is None:
            digits = f"{FIRST_MAC + number:012x}"
            interface.mac = ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def accelerator(domain: Domain, _: Target) -> None:
    """QEMU emulates unless it is told otherwise."""
    domain.identity.type = domain.identity.type or "qemu"


def without_units(domain: Domain, _: Target) -> None:
    """Releases before 0.9.11 counted memory in KiB and said no unit."""
    memory = domain.memory
    if memory.unit == "KiB" and memory.current_unit == "KiB":
        memory.unit = memory.current_unit = memory.maximum_unit = None
