"""Domain XML made safe to start: a name of its own, empty stand-ins for its images, and nothing of the host's in it."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any, Final

from qemuxml import convert, layout
from qemuxml.cli.verify.tame import MIB, TAKES, Untame, tame
from qemuxml.cmdline import options
from qemuxml.cmdline.words import split
from qemuxml.common.storage import FileSource
from qemuxml.compare import ignoring
from qemuxml.devices.disk import Disk
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


def safe(xml: str, folder: Path, *, accelerated: bool) -> Guest:
    """The guest with stand-ins in the folder. Raises Untame for one that takes a device of the host's, or ConversionError."""
    domain = convert.parse(xml, name="<xml>")
    for device in domain.devices:
        if layout.TAGS[type(device)] in _TAKES:
            raise Untame(f"<{layout.TAGS[type(device)]}>{TAKES}")
    emulator = domain.emulator
    ignoring.forget(domain, ("host",))
    domain.emulator = emulator
    domain.identity.name = f"qemuxml-verify-{os.getpid()}"
    domain.identity.uuid = None
    if not accelerated and domain.identity.type == "kvm":
        domain.identity.type = "qemu"
        if domain.cpu is not None and domain.cpu.mode == "host-passthrough":
            domain.cpu.mode = "maximum"
    _put_stand_ins(domain, folder)
    if domain.commandline is not None:
        domain.commandline = _tamed(domain.commandline, accelerated=accelerated)
    return Guest(domain.identity.name, convert.to_xml(domain))


def _tamed(passed: CommandLine, *, accelerated: bool) -> CommandLine:
    """The words that are handed to QEMU as they stand, made as safe as a command line is."""
    source = Source(shlex.join(["qemu", *(arg.value or "" for arg in passed.args)]), "<qemu:commandline>")
    words = tame(options.parse(split(source), source), lambda _, floor: floor, accelerated=accelerated)
    return CommandLine(args=[Arg(value=word) for word in words])


def _put_stand_ins(domain: Domain, folder: Path) -> None:
    for number, disk in enumerate(domain.all(Disk)):
        if isinstance(disk.source, FileSource):
            size = 1440 * 1024 if disk.device == "floppy" else 1024 * MIB
            disk.source.file = _stand_in(folder / f"disk{number}", size)
            disk.format = "raw"
    boot: Any = domain.os
    for field in ("kernel", "initrd", "dtb", "shim", "cmdline"):
        setattr(boot, field, None)
    flash = (64 if domain.os.arch in ("aarch64", "armv7l") else 4) * MIB
    for statement in list(statements(domain)):
        if statement.path.startswith("/os/") and statement.text == ignoring.PLACEHOLDER:
            name = statement.path.removeprefix("/os/").replace("/", "-")
            setattr(statement.owner, statement.field, _stand_in(folder / name, flash))


def _stand_in(path: Path, size: int) -> str:
    with path.open("wb") as stream:
        stream.truncate(size)
    path.chmod(0o666)
    return str(path)
