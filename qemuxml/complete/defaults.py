"""What every guest has: a name, 64 MiB of memory, one CPU, a clock in UTC, and what happens when it stops."""

from __future__ import annotations

from qemuxml.devices.disk import Disk, name_targets
from qemuxml.domain import Domain, boards
from qemuxml.domain.clock import Clock
from qemuxml.domain.features import Features
from qemuxml.domain.os.model import BootDevice
from qemuxml.mapping.context import Target

FIRST_MAC = 0x525400123456
"""The address that QEMU gives the first network card without one; the next cards count on."""


def identity(domain: Domain, _: Target) -> None:
    """The accelerator and the name."""
    domain.identity.type = domain.identity.type or "qemu"
    domain.identity.name = domain.identity.name or "unnamed"


def sizes(domain: Domain, target: Target) -> None:
    """Memory and CPUs."""
    if domain.memory.size is None:
        domain.memory.set(target.memory)
    domain.vcpu.count = domain.vcpu.count or 1


def board_sizes(domain: Domain, _: Target) -> None:
    """The memory and the CPUs of a board that is not like the others, without ``-m`` and ``-smp``."""
    size = boards.memory.default(domain.os.machine)
    if domain.memory.size is None and size is not None:
        domain.memory.set(size)
    domain.vcpu.count = domain.vcpu.count or boards.cpus.count(domain.os.machine)


def machine(domain: Domain, target: Target) -> None:
    """The kind of guest, and the machine that its architecture has without ``-M``."""
    domain.os.kind = "hvm"
    domain.os.machine = domain.os.machine or target.machines.get(domain.os.arch or "")


def lifecycle(domain: Domain, _: Target) -> None:
    """A clock in UTC; a crash ends the guest, as QEMU ends at it."""
    clock = domain.clock = domain.clock or Clock()
    clock.offset = clock.offset or "utc"
    domain.lifecycle.on_poweroff = domain.lifecycle.on_poweroff or "destroy"
    domain.lifecycle.on_reboot = domain.lifecycle.on_reboot or "restart"
    domain.lifecycle.on_crash = domain.lifecycle.on_crash or "destroy"


def tidy(domain: Domain, _: Target) -> None:
    """No empty ``<features>``."""
    if domain.features == Features():
        domain.features = None


def placement(domain: Domain, _: Target) -> None:
    """Libvirt says of the CPUs that they run anywhere."""
    domain.vcpu.placement = domain.vcpu.placement or "static"


def disk_names(domain: Domain, _: Target) -> None:
    """Drives without a number take the next free one of their bus."""
    name_targets(domain.all(Disk))


def boot_order(domain: Domain, _: Target) -> None:
    """Libvirt boots the first disk and nothing else unless the guest says more.

    Firmware that is not strict tries the disk, then the floppy, then the CD-ROM; strict firmware tries what is named only.
    """
    if domain.os.boot or any(device.info.boot_order for device in domain.devices if hasattr(device, "info")):
        return
    disks = domain.all(Disk)
    kinds = {"floppy": "fd", "cdrom": "cdrom"}
    if not domain.os.strict:
        media = {disk.device for disk in disks if disk.source is not None}
        removable = [dev for kind, dev in kinds.items() if kind in media]
        domain.os.boot = [BootDevice(dev=dev) for dev in ("hd", *removable)] if removable else []
    elif any(disk.device in (None, "disk", "lun") for disk in disks):
        present = {disk.device for disk in disks}
        absent = [dev for kind, dev in kinds.items() if kind not in present]
        domain.os.boot = [BootDevice(dev=dev) for dev in absent[-1:] or ["network"]]
