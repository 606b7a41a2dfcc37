"""A whole guest: ``<domain>`` with one part for each of its children, and its devices in one list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from qemuxml.domain.clock import Clock
from qemuxml.domain.commandline import CommandLine
from qemuxml.domain.cpu import Cpu
from qemuxml.domain.features import Features
from qemuxml.domain.identity import Identity
from qemuxml.domain.keywrap import Cipher
from qemuxml.domain.lifecycle import Lifecycle
from qemuxml.domain.memory import Memory
from qemuxml.domain.os import Os
from qemuxml.domain.pm import Pm
from qemuxml.domain.vcpu import Vcpu
from qemuxml.mapping.xml import child, children, group, listing, text

T = TypeVar("T")


@dataclass(kw_only=True)
class Domain:
    """A guest. ``devices`` holds devices of all kinds in the order in which they were met; libvirt's order is the writer's."""

    identity: Identity = group(Identity)
    memory: Memory = group(Memory)
    vcpu: Vcpu = group(Vcpu)
    bootloader: str | None = text("bootloader")
    os: Os = group(Os)
    features: Features | None = child("features", Features)
    cpu: Cpu | None = child("cpu", Cpu)
    clock: Clock | None = child("clock", Clock)
    lifecycle: Lifecycle = group(Lifecycle)
    pm: Pm | None = child("pm", Pm)
    emulator: str | None = text("devices/emulator")
    devices: list[Any] = listing("devices")
    keywrap: list[Cipher] = children("keywrap/cipher", Cipher)
    commandline: CommandLine | None = child("qemu:commandline", CommandLine)
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
