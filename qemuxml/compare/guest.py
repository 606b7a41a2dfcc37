"""A guest ready to be compared: each device with the options that it is, without what changes at every start."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from qemuxml import argv, layout
from qemuxml.common.info import info_of
from qemuxml.devices.audio import Audio
from qemuxml.devices.console import Console
from qemuxml.devices.interface import Interface
from qemuxml.devices.serial import Serial
from qemuxml.devices.tpm import Tpm
from qemuxml.mapping.context import Writing
from qemuxml.mapping.facts import Statement, statements
from qemuxml.record import record
from qemuxml.report import device_paths

_VOLATILE: Final = re.compile(
    r'(?<=fd=)\d+|(?<=fds=)[\d:]+|(?<=fd":")\d+|(?<=fds":")[\d:]+|(?<=/dev/fdset/)\d+|(?<=charmonitor,).*(?=,server)'
    r'|(?<="(?:data|file|path)":")/var/lib/libvirt/qemu/(?:domain|channel/target)[^"]*'
    r"|(?<=path=)/var/lib/libvirt/qemu/(?:[^,]|,,)*|(?<=unix:)/var/lib/libvirt/qemu/(?:[^,]|,,)*"
)
"""Descriptors, monitor sockets and what else libvirt makes anew at each start."""

_NODE: Final = re.compile(r"libvirt-\d+-")
_TOKEN: Final = re.compile(r"[^\s\"=,:{}\[\]]+")


@record(frozen=True)
class Part:
    """A device: its object, its place in the document, what it says, and its options with its own name taken out."""

    device: Any
    xpath: str
    statements: dict[str, Statement]
    words: tuple[str, ...]

    @property
    def facts(self) -> dict[str, str]:
        """What it says, by place."""
        return {path: statement.text for path, statement in self.statements.items()}

    @property
    def element(self) -> str:
        """The element's name."""
        return layout.element(self.device)

    @property
    def family(self) -> str:
        """The element, but that a network card of the host's is a device of the host's, as every command line has it."""
        return "hostdev" if self.element == "interface" and self.facts.get("/@type") == "hostdev" else self.element

    @property
    def title(self) -> str:
        """What a person calls it: ``disk vda``, ``interface 52:54:00:00:00:01``, ``controller pci 3``."""
        named = [self.facts[path] for path in _NAMES.get(self.element, ()) if self.facts.get(path)]
        return " ".join([self.element, *(named or [self.facts[path] for path in _KINDS if self.facts.get(path)][:1])])

    @property
    def text(self) -> str:
        """Everything that it says, on one line."""
        return ", ".join(
            f"{path.removeprefix('/')}={text}" if text else path.removeprefix("/") for path, text in self.facts.items()
        )

    @property
    def address(self) -> tuple[tuple[str, str], ...]:
        """Where it sits."""
        return tuple((path, text) for path, text in self.facts.items() if path.startswith("/address/"))


_NAMES: Final = {
    "disk": ("/target/@dev",),
    "interface": ("/mac/@address",),
    "controller": ("/@type", "/@index"),
    "channel": ("/target/@name",),
    "filesystem": ("/target/@dir",),
    "input": ("/@bus", "/@type"),
}
_KINDS: Final = ("/@model", "/model/@type", "/@type")

_UNSEEN: Final = re.compile("/alias/|/seclabel|/backenddomain|/source/seclabel|/@startupPolicy|/mac/@type")
"""What no option of a device says."""


class Guest:
    """A completed guest and its options."""

    def __init__(self, writing: Writing) -> None:
        self.domain = writing.domain
        self._writing = writing
        self._written = written = self._write()
        owned = _Owners(written)
        paths = device_paths(self.domain)
        self.parts = [
            self._part(device, paths[id(device)], owned) for device in self.domain.devices if not self._is_again(device)
        ]
        taken = Counter(line for device in self.domain.devices for line in owned.lines(_alias(device)))
        self.rest = [_in_any_order(_NODE.sub("libvirt-", line)) for line in (Counter(written) - taken).elements()]
        """The options that belong to no device."""

    def _is_again(self, device: Any) -> bool:
        """Whether it is the console that libvirt shows beside the first serial port, which is that port."""
        return isinstance(device, Console) and device.target_type == "serial" and self.domain.has(Serial)

    # The socket of a TPM's emulator is libvirt's own, new at each start.
    def _part(self, device: Any, xpath: str, owned: _Owners) -> Part:
        said = {statement.path: statement for statement in statements(device) if not _UNSEEN.match(statement.path)}
        alias = _alias(device)
        lines = (line for line in owned.lines(alias) if not (isinstance(device, Tpm) and line.startswith("-chardev ")))
        words = (_NODE.sub("libvirt-", line).replace(alias, "@") for line in lines)
        return Part(device, xpath, said, (*words, *_told_to_the_card(device)))

    def _write(self) -> list[str]:
        writing = Writing(self.domain, self._writing.target, {}, self._writing.plumbing)
        return [_VOLATILE.sub("", shlex.join(words)) for words in argv.options(writing, {})]

    def weighs(self, statement: Statement, value: Any = None) -> bool:
        """Whether QEMU would be told anything else if another value stood there, or nothing."""
        if statement.field == "mac" and _told_to_the_card(statement.owner):
            return True
        owner, field = statement.owner, statement.field
        before = getattr(owner, field)
        nothing: Any = [] if isinstance(before, list) else False if statement.codec is None and before is True else None
        setattr(owner, field, nothing if value is None else value)
        try:
            return self._write() != self._written
        except Exception:  # noqa: BLE001 - the writers rely on what completion has filled in: a guest without it is another one
            return True
        finally:
            setattr(owner, field, before)

    def needs(self, part: Part) -> bool:
        """Whether QEMU would be told anything else without the device; what a board brings along makes no option."""
        if part.words:
            return True
        devices = self.domain.devices
        self.domain.devices = [device for device in devices if device is not part.device]
        try:
            return self._write() != self._written
        except Exception:  # noqa: BLE001 - as above
            return True
        finally:
            self.domain.devices = devices


def _in_any_order(line: str) -> str:
    """An option; the flags of a processor come in the order in which someone named them."""
    model, *flags = line.split(",")
    return ",".join([model, *sorted(flags)]) if model.startswith("-cpu ") else line


def _told_to_the_card(device: Any) -> Sequence[str]:
    """The MAC address of a card of the host's, which libvirt gives the card itself; the guest sees it."""
    return (f"mac={device.mac}",) if isinstance(device, Interface) and device.type == "hostdev" and device.mac else ()


def _alias(device: Any) -> str:
    if isinstance(device, Audio):
        return f"audio{device.id}"
    info = info_of(device)
    return (info.alias if info else None) or ""


_OWN: Final = re.compile(r'-device |-audiodev |-object \'?\{"qom-type":"(?:iothread|throttle-group)"')
"""What devices name and is none of theirs: other devices, and parts of the guest that several of them share."""


class _Owners:
    """Which options belong to a device: those with its name as their id, and the backends that these name."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._by_id: dict[str, list[int]] = {}
        for number, line in enumerate(lines):
            for found in re.finditer(r'(?:\bid=|\bnode-name=|"id":"|"node-name":")([^",]+)', line):
                self._by_id.setdefault(found[1], []).append(number)

    def lines(self, alias: str) -> list[str]:
        """The options of the device of that name, in their order."""
        if not alias:
            return []
        pending, seen = list(self._by_id.get(alias, ())), set[int]()
        while pending:
            number = pending.pop()
            if number in seen:
                continue
            seen.add(number)
            tokens = _TOKEN.findall(self._lines[number])
            named = (other for token in tokens for other in self._by_id.get(token, ()))
            pending += [other for other in named if not _OWN.match(self._lines[other])]
        return [self._lines[number] for number in sorted(seen)]
