"""Domain XML made safe to start: a name of its own, empty stand-ins for its images, and nothing of the host's in it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

from qemuxml import convert, layout
from qemuxml.cli.verify.tame import FLOORS, MIB, TAKES, Manner, Untame, tame
from qemuxml.cmdline import options
from qemuxml.cmdline.words import split
from qemuxml.common.storage import BlockSource, FileSource
from qemuxml.compare import ignoring
from qemuxml.devices.audio import Audio
from qemuxml.devices.disk import Disk
from qemuxml.devices.filesystem import Filesystem, FilesystemSource
from qemuxml.devices.input import Input
from qemuxml.devices.interface import Interface
from qemuxml.devices.memory import MemoryDevice
from qemuxml.devices.rng import Rng
from qemuxml.domain import Domain
from qemuxml.domain.commandline import Arg, CommandLine
from qemuxml.errors import Source
from qemuxml.mapping.facts import statements
from qemuxml.record import record

_TAKES: Final = frozenset({"hostdev", "tpm", "vsock", "shmem"})
"""Devices that lead to something of the host's, and cannot be without it."""


@record(frozen=True)
class Guest:
    """A guest that may be started."""

    name: str
    xml: str


def safe(xml: str, folder: Path, manner: Manner) -> Guest:
    """The guest with stand-ins in the folder. Raises Untame for one that takes a device of the host's, or ConversionError."""
    domain = convert.parse(xml, name="<xml>")
    for device in domain.devices:
        if layout.element(device) in _TAKES or (isinstance(device, Input) and device.type == "passthrough"):
            raise Untame(f"<{layout.element(device)}>{TAKES}")
    if any((card.queues or 1) > 1 for card in domain.all(Interface)):
        raise Untame("libvirt gives a card several queues only with a tap device of the host's")
    emulator, named = domain.emulator, _Named.by(domain)
    ignoring.forget(domain, ("host",))
    domain.emulator = emulator
    domain.identity.name = f"qemuxml-verify-{os.getpid()}"
    domain.identity.uuid = None
    domain.sysinfo = [info for info in domain.sysinfo if info.type != "fwcfg"]
    _put_devices(domain, folder)
    _put_disks(domain, named, folder, manner)
    _put_firmware(domain, named, folder, manner)
    if domain.commandline is not None:
        domain.commandline = _tamed(domain.commandline, manner)
    return Guest(domain.identity.name, convert.to_xml(domain))


@record(frozen=True)
class _Named:
    """The host's files that a guest names: the image of each disk, and what the guest boots, by its place in the XML."""

    images: tuple[str, ...]
    boot: Mapping[str, str]

    @classmethod
    def by(cls, domain: Domain) -> Self:
        """The files of a guest before it has forgotten them."""
        said = {statement.path: statement.text for statement in statements(domain) if statement.path.startswith("/os/")}
        return cls(tuple(_image(disk) for disk in domain.all(Disk)), said)


def _image(disk: Disk) -> str:
    match disk.source:
        case FileSource(file=str(path)) | BlockSource(dev=str(path)):
            return path
    return ""


def _tamed(passed: CommandLine, manner: Manner) -> CommandLine:
    """The words that are handed to QEMU as they stand, made as safe as a command line is."""
    source = Source(shlex.join(["qemu", *(arg.value or "" for arg in passed.args)]), "<qemu:commandline>")
    return CommandLine(args=[Arg(value=word) for word in tame(options.parse(split(source), source), manner)])


def _put_devices(domain: Domain, folder: Path) -> None:
    """What leads to the host leads nowhere."""
    domain.devices = [device for device in domain.devices if not (isinstance(device, Input) and device.type == "evdev")]
    for audio in domain.all(Audio):
        audio.type = "none"
    for rng in domain.all(Rng):
        rng.backend_model, rng.backend, rng.daemon = "builtin", None, None
    shared = folder / "shared"
    shared.mkdir()
    for filesystem in domain.all(Filesystem):
        filesystem.type, filesystem.driver, filesystem.source = "mount", None, FilesystemSource(dir=str(shared))
    for number, memory in enumerate(domain.all(MemoryDevice)):
        if memory.path:
            memory.path = _stand_in(folder / f"memory{number}", memory.given_size())


def _put_disks(domain: Domain, named: _Named, folder: Path, manner: Manner) -> None:
    for number, (disk, image) in enumerate(zip(domain.all(Disk), named.images, strict=True)):
        if isinstance(disk.source, FileSource):
            size = manner.sizes(image, FLOORS["floppy"] if disk.device == "floppy" else 1024 * MIB)
            disk.source.file = _stand_in(folder / f"disk{number}", size)
            disk.format = "raw"


def _put_firmware(domain: Domain, named: _Named, folder: Path, manner: Manner) -> None:
    boot: Any = domain.os
    for field in ("initrd", "dtb", "shim", "cmdline"):
        setattr(boot, field, None)
    boot.acpi_tables = []
    boot.kernel = _stand_in(folder / "kernel", 0) if boot.kernel and manner.blank else None
    boot.loader_format = None
    if boot.nvram:
        boot.nvram.format = boot.nvram.template_format = None
    if boot.loader and boot.loader_type != "pflash":
        for field in ("loader", "loader_type", "loader_readonly", "loader_secure", "loader_stateless", "loader_format"):
            setattr(boot, field, None)
        boot.loader = _stand_in(folder / "firmware", 0) if manner.blank else None
    for statement in list(statements(domain)):
        if statement.path.startswith("/os/") and statement.text == ignoring.PLACEHOLDER:
            name = statement.path.removeprefix("/os/").replace("/", "-")
            size = manner.sizes(named.boot.get(statement.path, ""), FLOORS["pflash"])
            setattr(statement.owner, statement.field, _stand_in(folder / name, size))


def _stand_in(path: Path, size: int) -> str:
    with path.open("wb") as stream:
        stream.truncate(size)
    path.chmod(0o666)
    return str(path)
