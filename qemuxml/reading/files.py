"""``-readconfig FILE``: what the file says is read as if it stood on the line, if somebody opens it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from qemuxml.cmdline.options import CommandLine, Option
from qemuxml.later import later
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import implied
from qemuxml.mapping.wishes import Wishes
from qemuxml.record import replace

_options: Final = later("qemuxml.cmdline.configfile:options")


def read(line: CommandLine, base_dir: str | None, wishes: Wishes) -> dict[Option, list[Option]]:
    """The options that stand in the files of ``-readconfig``, by those options; none if nobody reads files."""
    if wishes.read_file is None:
        return {}
    named = [option for option in line.options if option.name == "-readconfig"]
    folder = posixpath.join(wishes.folder or "", base_dir or "")
    found = {option: wishes.read_file(posixpath.join(folder, option.text)) for option in named}
    return {option: _options(source) for option, source in found.items() if source is not None}


def expanded(line: CommandLine, files: Mapping[Option, Sequence[Option]]) -> CommandLine:
    """The line with what the files say behind the options that name them."""
    every = (item for option in line.options for item in (option, *files.get(option, ())))
    return replace(line, options=tuple(every)) if files else line


def enter(reading: Reading, files: Iterable[Option]) -> None:
    """The options that name the files have said all."""
    for option in files:
        reading.ledger.enter(implied(option, "what the file says is read as if it stood on the line"))
