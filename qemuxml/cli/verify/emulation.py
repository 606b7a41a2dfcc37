"""A start without KVM: ``kvm -cpu host`` becomes ``qemu-system-x86_64 -cpu max``, where QEMU does not start with it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Final

from qemuxml.cmdline import options, words
from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import escape
from qemuxml.cmdline.values import parse
from qemuxml.errors import Source
from qemuxml.shell.start import Start

EMULATORS: Final = {"kvm": "qemu-system-x86_64", "qemu-kvm": "qemu-system-x86_64"}
"""Binaries that ask for KVM by their name, and those that do not."""

_ACCELERATING: Final = ("-enable-kvm", "-no-kvm")


def emulated(start: Start) -> Start:
    """The same guest, run by QEMU itself. Raises ConversionError."""
    line = options.parse(start.words, start.source)
    folder, slash, name = line.emulator.text.rpartition("/")
    binary = f"{folder}{slash}{EMULATORS.get(name, name)}"
    environment = (assignment.word.text for assignment in line.environment)
    text = shlex.join([*environment, binary, *(word for option in line.options for word in _words(option))])
    source = Source(text, start.source.name)
    return Start(source, words.split(source), start.folder)


def _words(option: Option) -> Iterator[str]:
    if option.name in _ACCELERATING:
        return
    match option.name:
        case "-accel":
            yield from ("-accel", "tcg")
        case "-machine" | "-M" if option.value:
            pairs = parse(option.value, "type")
            said = (f"{item.key}={'tcg' if item.key == 'accel' else escape(item.text)}" for item in pairs)
            yield from (option.name, ",".join(said))
        case "-cpu" if option.text.partition(",")[0] == "host":
            yield from ("-cpu", f"max{option.text[4:]}")
        case _:
            yield from (word.text for word in option.words)
