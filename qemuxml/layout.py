"""The table of contents: every kind of device, and every element of ``<domain>`` that options speak of, in XML's order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from qemuxml.devices import (
    audio,
    channel,
    console,
    controller,
    crypto,
    filesystem,
    graphics,
    hub,
    input,  # noqa: A004 - the module is named for its element
    iommu,
    lease,
    memballoon,
    nvram,
    panic,
    parallel,
    pstore,
    redirdev,
    rng,
    serial,
    shmem,
    smartcard,
    sound,
    tpm,
    video,
    vsock,
    watchdog,
)
from qemuxml.devices import memory as memory_device
from qemuxml.devices.disk import kind as disk
from qemuxml.devices.hostdev import kind as hostdev
from qemuxml.devices.interface import kind as interface
from qemuxml.domain import (
    clock,
    cpu,
    features,
    identity,
    iothreads,
    launch,
    launchsecurity,
    lifecycle,
    memory,
    numa,
    os,
    override,
    pm,
    sysinfo,
    throttlegroups,
    vcpu,
)
from qemuxml.mapping.kind import Claim, Kind

DEVICES: Final[tuple[Kind, ...]] = (
    disk.KIND,
    controller.KIND,
    lease.KIND,
    filesystem.KIND,
    interface.KIND,
    smartcard.KIND,
    serial.KIND,
    parallel.KIND,
    console.KIND,
    channel.KIND,
    input.KIND,
    tpm.KIND,
    graphics.KIND,
    sound.KIND,
    audio.KIND,
    video.KIND,
    hostdev.KIND,
    redirdev.KIND,
    redirdev.FILTER,
    hub.KIND,
    watchdog.KIND,
    memballoon.KIND,
    rng.KIND,
    nvram.KIND,
    panic.KIND,
    shmem.KIND,
    memory_device.KIND,
    iommu.KIND,
    vsock.KIND,
    crypto.KIND,
    pstore.KIND,
)
"""The children of ``<devices>``, in libvirt's order."""

PARTS: Final[tuple[Kind, ...]] = (
    identity.KIND,
    memory.KIND,
    vcpu.KIND,
    iothreads.KIND,
    throttlegroups.KIND,
    sysinfo.KIND,
    os.KIND,
    features.KIND,
    cpu.KIND,
    numa.KIND,
    clock.KIND,
    lifecycle.KIND,
    pm.KIND,
    launchsecurity.KIND,
    override.KIND,
)
"""The children of ``<domain>`` that options speak of."""

ELEMENTS: Final[Mapping[str, type[Any]]] = {kind.element: kind.model for kind in DEVICES}
TAGS: Final[Mapping[type[Any], str]] = {kind.model: kind.element for kind in DEVICES}
KIND_OF: Final[Mapping[type[Any], Kind]] = {kind.model: kind for kind in DEVICES}


def tag(device: Any) -> str:
    """How an error names a device: ``<disk>``."""
    return f"<{TAGS[type(device)]}>"


def _claims(kinds: Iterable[Kind], *, modern: bool) -> Mapping[str, list[Claim]]:
    found: dict[str, list[Claim]] = {}
    tables = [kind.modern for kind in kinds] if modern else []
    older = [{name: claim for name, claim in kind.claims.items() if not modern or name not in kind.modern} for kind in kinds]
    for table in (*tables, *older):
        for name, claim in table.items():
            found.setdefault(name, []).append(claim)
    return found


def _merged(*tables: Mapping[str, list[Claim]]) -> Mapping[str, list[Claim]]:
    found: dict[str, list[Claim]] = {}
    for table in tables:
        for name, claims in table.items():
            found.setdefault(name, []).extend(claims)
    return found


_LAUNCH: Final = {name: [claim] for name, claim in launch.CLAIMS.items()}
CLAIMS: Final = {**_LAUNCH, **_claims((*PARTS, *DEVICES), modern=False)}
"""Who is asked for an option in the profiles of old releases, in order."""
MODERN_PARTS: Final = _merged({name: [claim] for name, claim in launch.MODERN.items()}, _claims(PARTS, modern=True), _LAUNCH)
"""Who is asked first today, for the machine and all that is not a device: QEMU reads these first, wherever they stand."""
MODERN_DEVICES: Final = _claims(DEVICES, modern=True)
"""Who is asked then."""
