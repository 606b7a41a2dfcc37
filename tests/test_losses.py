"""No property of a mapped option is without effect: another value of it changes the XML, the ledger, or is refused.

An option that is not mapped is told as a whole; what of a mapped one libvirt chooses anew stands in the table below.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from test_oracle import needs_cases
from test_realworld import lines

from qemuxml import convert
from qemuxml.cmdline import render
from qemuxml.cmdline.options import CommandLine, Option
from qemuxml.cmdline.options import parse as parse_options
from qemuxml.cmdline.words import split
from qemuxml.errors import ConversionError, Source
from qemuxml.mapping.ledger import Fate

FIXTURES = Path(__file__).parent.parent / "fixtures"
PARTS = 12
"""In so many tests the real lines are held."""

FREE = {
    "a name that only other options refer to; libvirt has its own": (
        r"-(device|object|chardev|drive|netdev|fsdev|virtfs|tpmdev|audiodev|mon|blockdev) .* (id|node-name|file\.node-name)$|"
        r"^-net \S* name$"
    ),
    "a reference; another one leads nowhere, and QEMU refuses it": r" (audiodev|masterbus)$",
    "of several numbers only the order counts": r" bootindex$",
    "QEMU takes no notice of it beside if=none": r"-drive .* index$",
    "a CD is read-only": r" (readonly|read-only)$",
    "a descriptor of the caller's": r" (fd|fds|vhostfd|vhostfds)$|^-chardev .* (server|backend\.data\.(server|addr\.data\.str))$",
    "libvirt does not wait for a client": r"-chardev .* (wait|backend\.data\.wait)$",
    "libvirt's own way with displays": r"-spice .* (seamless-migration|disable-ticketing)$",
    "libvirt's own way with threads' names, the file of the memory, and read-only files": (
        r"^-name .* debug-threads$|-object .* (x-use-canonical-path-for-ramblock-id|reserve)$|-blockdev .* auto-read-only$"
    ),
    "huge pages lie where the host mounts them, and are allocated at the start": (
        r"-object .*memory-backend-file.*hugepages.* (mem-path|prealloc)$"
    ),
    "libvirt asks for strictness at every start": r"-boot .* strict$",
    "a layer follows the one below": r"-blockdev .* cache\.(direct|no-flush)$",
    "a number that is not 0 is yes": r"-global .*disable_s[34]",
    "it follows from what is plugged in": r"-machine .* (nvdimm|usb)$",
    "a vendor's name of a release of the board, told": r"-machine .*\+pve.* type$",
    "of KVM, which the line does not ask for": r"-machine .*accel=tcg.* kernel-irqchip$",
    "memory is not handed to another QEMU, told": r"-machine .*aux-ram-share$",
    "a CPU that is in no node is in the first": r"-numa .*nodeid=0,.* cpus$",
}
"""Properties that may be changed without effect, by the reason."""


def test_a_property_of_a_fixture_is_never_without_effect() -> None:
    for path in sorted(FIXTURES.glob("*.args")):
        if "manual" not in path.name:
            assert not without_effect(path.read_text(encoding="utf-8")), path.name


@needs_cases
@pytest.mark.parametrize("part", range(PARTS))
def test_nor_is_one_of_real_lines(part: int) -> None:
    for name, text in list(lines().items())[part::PARTS]:
        assert not without_effect(text), name


def without_effect(text: str) -> list[str]:
    """The properties of mapped options that can be changed and leave the result as it is."""
    source = Source(text, "t")
    try:
        line = parse_options(split(source), source)
        before = convert.from_native(text, name="t", profile="modern", base_dir="/srv")
    except ConversionError:
        return []
    entries = before.entries
    found = []
    for number, entry in enumerate(entries):
        if entry.fate is not Fate.MAPPED or entry.option.value is None:
            continue
        for key, value in changes(entry.option.text):
            where = f"{entry.option.name} {entry.option.text} {key}"
            if is_said_again(line.options, number, key) or any(re.search(free, where) for free in FREE.values()):
                continue
            if told(spelt(line, number, value)) == told_by(before):
                found.append(f"{entry.option.name} {entry.option.text}: {key} -> {value}")
    return found


MACHINE = ("-M", "-machine")


def is_said_again(options: Sequence[Option], number: int, key: str) -> bool:
    """Whether a later ``-machine`` says the property of this one, ``-set`` that of this device, or ``-m`` how large memory is."""
    option, following = options[number], options[number + 1 :]
    if option.name == "-object" and key == "size" and any(item.name == "-m" for item in options):
        machines = ",".join(item.text for item in options if item.name in MACHINE)
        whole = re.search(r"\bmemory-backend=([^,]+)", machines)
        return whole is not None and re.search(rf"\bid[\"=: ]+{re.escape(whole[1])}\b", option.text) is not None
    if option.name in MACHINE:
        names = {key, "type", "<0>"} if key in ("type", "<0>") else {key}
        return any(names & dict(changes(item.text)).keys() for item in following if item.name in MACHINE)
    found = re.search(r"\bid=([^,]+)", option.text)
    again = f"{option.name[1:]}.{found[1]}.{key}=" if found else None
    return again is not None and any(item.name == "-set" and item.text.startswith(again) for item in following)


def spelt(line: CommandLine, number: int, value: str) -> str:
    """The line with another value of one option."""
    words = [tuple(word.text for word in option.words) for option in line.options]
    words[number] = (*words[number][:-1], value)
    return render.one_line([(item.name, item.value) for item in line.environment], line.emulator.text, words)


def told(text: str) -> object:
    """What a person is told of a line: the XML, the notes and what became of the options, or the refusal."""
    try:
        return told_by(convert.from_native(text, name="t", profile="modern", base_dir="/srv"))
    except ConversionError as error:
        return error.message


def told_by(found: convert.Conversion) -> object:
    fates = [(entry.fate, entry.reason, entry.passed) for entry in found.entries]
    return found.text, [note.message for note in found.notes], fates


# ------------------------------------------------------------------ other values


def changes(text: str) -> Iterator[tuple[str, str]]:
    """Each property of a value with the value in which it is another one."""
    if text.startswith("{"):
        for path, leaf in leaves(json.loads(text)):
            yield ".".join(map(str, path)), json.dumps(replaced(json.loads(text), path, other(leaf)))
        return
    items = re.split("(?<!,),(?!,)", text)
    for number, item in enumerate(items):
        key, equals, value = item.rpartition("=") if item.count("=") == 1 else ("", "", item)
        yield key or f"<{number}>", ",".join([*items[:number], f"{key}{equals}{other(value)}", *items[number + 1 :]])


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, key))
    else:
        yield path, value


def replaced(value: Any, path: tuple[Any, ...], leaf: Any) -> Any:
    at = value
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = leaf
    return value


SWITCHES = {"on": "off", "yes": "no", "true": "false"}
SWITCHES |= {off: on for on, off in SWITCHES.items()}
BYTES = 4096
"""A number from here on is a size, which XML has in KiB."""


def other(value: Any) -> Any:
    """Another value of the same sort."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + (1 if value < BYTES else BYTES * 1024)
    text = str(value or "")
    if text in SWITCHES:
        return SWITCHES[text]
    number = re.fullmatch("(.*?)([1-9][0-9]*|0)([KMGkmgb]?)", text)
    return f"{number[1]}{other(int(number[2]))}{number[3]}" if number else f"{text}x"
