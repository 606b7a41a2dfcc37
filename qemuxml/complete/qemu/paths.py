"""File names in what is passed through: ``-drive file=disk.img`` names a file in the folder where the line was started.

libvirt starts QEMU in the root folder, so a relative name would open another file or none.
"""

from __future__ import annotations

import re
from typing import Final

from qemuxml.later import pattern
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import Entry

_NAMES: Final = r"(?:[\w.-]+\.)?filename"
_KEYS: Final = rf"file|{_NAMES}|path|mem-path|logfile|rrfile|dir|tftp|smb|(?:addr|local|remote)\.path|kernel|initrd"


def _patterns(keys: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Where such a key stands in ``key=value`` pairs, and in JSON."""
    return pattern(rf"(?:^|(?<=,))((?:{keys})=)((?:[^,]|,,)+)"), pattern(rf'("(?:{keys})"\s*:\s*")((?:[^"\\\\])+)')


_USUAL: Final = _patterns(_KEYS)
_IN_GRAPH: Final = _patterns(_NAMES)
"""In a ``-blockdev`` the key ``file`` names another node."""
_WHOLE: Final = frozenset({"-L", "-mtdblock", "-sd", "-pflash",
                           "-option-rom", "-dtb", "-kernel", "-initrd", "-hda", "-hdb",
                           "-hdc", "-hdd", "-cdrom", "-fda", "-fdb", "-D", "-readconfig"})  # fmt: skip
"""Options whose value is a file's name and nothing else."""
_SPOKEN: Final = frozenset({"-drive", "-blockdev", "-chardev", "-object", "-fsdev", "-virtfs", "-device", "-acpitable", "-smbios",
                            "-fw_cfg", "-tpmdev", "-icount", "-netdev"})  # fmt: skip


def make_absolute(reading: Reading) -> None:
    """Put the folder before every relative file name of a passed option; where none is known the name stands, and is told."""
    for entry in reading.ledger.entries():
        words = entry.passed
        reading.rooted.clear()
        spelt = _respelt(entry, words, reading) if words and entry.option.value is not None else words
        reading.tell_rooted(entry.option.span)
        if spelt != words and reading.folder != "/":
            reading.ledger.respell(entry.option, spelt)


def _respelt(entry: Entry, words: tuple[str, ...], reading: Reading) -> tuple[str, ...]:
    name, value = words[0] if entry.kept else entry.option.name, words[-1]
    if name == "-bios":
        return (*words[:-1], reading.shipped(value) or value)
    if name in _WHOLE:
        return (*words[:-1], reading.image(value))
    if name not in _SPOKEN:
        return words
    pairs, json = _IN_GRAPH if name == "-blockdev" else _USUAL
    named = json if value.startswith("{") else pairs
    return (*words[:-1], named.sub(lambda found: found[1] + reading.image(found[2]), value))
