"""A whole guest: ``<domain>`` with one part for each of its children, and its devices in one list."""

from __future__ import annotations

from typing import Any, TypeVar

from qemuxml.common.iotune import Iotune
from qemuxml.domain.clock import Clock
from qemuxml.domain.commandline import CommandLine
from qemuxml.domain.cpu.model import Cpu
from qemuxml.domain.features import Features
from qemuxml.domain.host import Idmap, PerfEvent, Resource
from qemuxml.domain.identity import Identity
from qemuxml.domain.iothreads import IoThreads
from qemuxml.domain.keywrap import Cipher
from qemuxml.domain.launchsecurity import LaunchSecurity
from qemuxml.domain.lifecycle import Lifecycle
from qemuxml.domain.memory.model import Memory
from qemuxml.domain.numa import Numa
from qemuxml.domain.os import Os
from qemuxml.domain.override import Capabilities, Deprecation, Override
from qemuxml.domain.pm import Pm
from qemuxml.domain.seclabel import Seclabel
from qemuxml.domain.sysinfo import Sysinfo
from qemuxml.domain.tuning import Tuning
from qemuxml.domain.vcpu import Vcpu
from qemuxml.mapping.xml import child, children, group, listing, text
from qemuxml.record import field, record

T = TypeVar("T")


@record(kw_only=True)
class Domain:
    """A guest. ``devices`` holds devices of all kinds in the order in which they were met; libvirt's order is the writer's."""

    identity: Identity = group(Identity)
    memory: Memory = group(Memory)
    vcpu: Vcpu = group(Vcpu)
    iothreads: IoThreads = group(IoThreads)
    throttlegroups: list[Iotune] = children("throttlegroups/throttlegroup", Iotune)
    tuning: Tuning = group(Tuning)
    resource: Resource | None = child("resource", Resource, once=True)
    sysinfo: list[Sysinfo] = children("sysinfo", Sysinfo)
    bootloader: str | None = text("bootloader")
    bootloader_args: str | None = text("bootloader_args")
    os: Os = group(Os)
    idmap: Idmap | None = child("idmap", Idmap)
    features: Features | None = child("features", Features)
    cpu: Cpu | None = child("cpu", Cpu)
    numa: Numa | None = child("cpu/numa", Numa)
    clock: Clock | None = child("clock", Clock)
    lifecycle: Lifecycle = group(Lifecycle)
    pm: Pm | None = child("pm", Pm)
    perf: list[PerfEvent] = children("perf/event", PerfEvent)
    emulator: str | None = text("devices/emulator")
    devices: list[Any] = listing("devices")
    seclabels: list[Seclabel] = children("seclabel", Seclabel)
    keywrap: list[Cipher] = children("keywrap/cipher", Cipher)
    launch_security: LaunchSecurity | None = child("launchSecurity", LaunchSecurity)
    commandline: CommandLine | None = child("qemu:commandline", CommandLine)
    capabilities: Capabilities | None = child("qemu:capabilities", Capabilities)
    override: Override | None = child("qemu:override", Override)
    deprecation: Deprecation | None = child("qemu:deprecation", Deprecation)
    numbered: set[tuple[str, int]] = field(default_factory=set)
    """Bus and number of the disks whose options gave one."""
    cpu_model: str | None = None
    """The model that ``-cpu`` named, even where XML says it by saying nothing (qemu32)."""

    def all(self, model: type[T]) -> list[T]:
        """The devices of one kind, in their order."""
        return [device for device in self.devices if isinstance(device, model)]

    def has(self, model: type[Any]) -> bool:
        """Whether there is a device of that kind."""
        return any(isinstance(device, model) for device in self.devices)
