"""What domain XML has no word for is kept for QEMU: ``<qemu:override>`` for properties, ``<qemu:commandline>`` for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from qemuxml.common.info import info_of, is_users
from qemuxml.domain import override
from qemuxml.domain.commandline import Arg, CommandLine, Env
from qemuxml.later import pattern
from qemuxml.mapping.context import Reading

_LAUNCH_ENVIRONMENT: Final = pattern("LC_ALL|PATH|HOME|USER|LOGNAME|TMPDIR|XDG_[A-Z]+_HOME|QEMU_AUDIO_DRV")
"""What libvirt sets at every launch: of the host, not of the guest."""


def keep_overrides(reading: Reading) -> None:
    """Properties without a word in domain XML stand in ``<qemu:override>``, by the aliases that libvirt gives the devices."""
    found: dict[str, list[override.Property]] = {}
    for device, properties in reading.overridden:
        found.setdefault(device.info.alias or "", []).extend(override.typed(item) for item in properties)
    for device, name in reading.unset_properties:
        found.setdefault(device.info.alias or "", []).append(override.Property(name=name, type="remove"))
    if found:
        made = [override.OverriddenDevice(alias=alias, properties=properties) for alias, properties in found.items()]
        reading.domain.override = override.Override(devices=made)
    for device in reading.domain.devices:
        info = info_of(device)
        if info is not None and not is_users(info.alias):
            info.alias = None


def keep(reading: Reading) -> None:
    """What nobody claimed is kept verbatim: words in their order, and the environment."""
    passed = [word for entry in reading.ledger.entries() for word in entry.passed]
    args = [Arg(value=word) for word in (*reading.led, *passed, *reading.added)]
    envs = [Env(name=name, value=value) for name, value in _environment(reading)]
    if args or envs:
        reading.domain.commandline = CommandLine(args=args, envs=envs)


def _environment(reading: Reading) -> Iterator[tuple[str, str]]:
    for item in reading.line.environment:
        if item.name in reading.environment_read or _LAUNCH_ENVIRONMENT.fullmatch(item.name):
            continue
        if reading.has("keeps-environment"):
            reading.note(f"{item.name} is handed to QEMU as it stands", item.word.span())
            yield item.name, item.value
        else:
            reading.note(f"{item.name}: the {reading.target.name} profile keeps no environment: it is left out", item.word.span())
