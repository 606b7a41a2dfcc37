"""A running QEMU as ``/proc/PID`` has it: words that end with a NUL each, its environment, its binary and its folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qemuxml.cmdline.binary import is_emulator, is_for_qemu
from qemuxml.cmdline.words import Word, check
from qemuxml.errors import CommandLineError, Source, Span
from qemuxml.mapping.ledger import Note
from qemuxml.record import record
from qemuxml.shell.start import Start

DELETED = " (deleted)"
"""What Linux adds to the path of a binary that has been removed, or replaced by an update."""


@record(frozen=True)
class Process:
    """What is known of a process: ``cmdline`` and ``environ`` as Linux has them, None for what could not be read."""

    name: str
    """What errors call its command line: ``/proc/4711/cmdline``."""
    cmdline: bytes
    environ: bytes | None = None
    exe: str | None = None
    cwd: str | None = None

    @property
    def is_guest(self) -> bool:
        """Whether it is a QEMU that runs a guest, by the name that it was called by or by its binary."""
        first = self.cmdline.partition(b"\0")[0].decode(errors="replace")
        return is_emulator(first) or is_emulator((self.exe or "").removesuffix(DELETED))


def start(process: Process, *, base_dir: str | None = None) -> Start:
    """How the process was started. Its folder is ``base_dir``, or else its working directory.

    Raises CommandLineError for a process without a command line (one that has ended), and for words that are not UTF-8.
    """
    if not process.cmdline.strip(b"\0"):
        raise CommandLineError("the process has no command line: it has ended, or is the kernel's", _first(process))
    environment = list(_environment(process))
    words = _texts(process, process.cmdline)
    source = Source(" ".join([*environment, *words]), process.name)
    check(source)
    placed = _placed([*environment, *words], source)
    notes: list[Note] = []
    _name_binary(placed, len(environment), process, notes)
    folder = base_dir or _folder(process, words, notes, placed[len(environment)])
    return Start(source, placed, folder, tuple(notes))


def _first(process: Process) -> Span:
    return Span(Source("", process.name), 0, 1)


def _texts(process: Process, data: bytes) -> list[str]:
    try:
        return data.removesuffix(b"\0").decode().split("\0")
    except UnicodeDecodeError as error:
        shown = Source(data.decode(errors="replace").replace("\0", " "), process.name)
        start = len(data[: error.start].decode())
        raise CommandLineError(f"the byte 0x{data[error.start]:02x} is not UTF-8", Span(shown, start, start + 1)) from None


def _environment(process: Process) -> Iterator[str]:
    """The variables that QEMU or a library of its reads; the others are the session's in which it was started."""
    for item in (process.environ or b"").split(b"\0"):
        text = item.decode(errors="replace")
        if is_for_qemu(text.partition("=")[0]) and "=" in text:
            yield text


def _placed(texts: Sequence[str], source: Source) -> list[Word]:
    words, position = [], 0
    for text in texts:
        words.append(Word(text, source, position, position + len(text), ((0, position),)))
        position += len(text) + 1
    return words


def _name_binary(words: list[Word], first: int, process: Process, notes: list[Note]) -> None:
    """The binary by its path, where it was called by its name alone; called ``kvm``, QEMU takes KVM by itself."""
    word = words[first]
    path = (process.exe or "").removesuffix(DELETED)
    if word.text.startswith("/") or not path:
        return
    if path != process.exe:
        notes.append(Note(f"{path} has been replaced since this guest was started", word.span()))
    words[first] = _instead(word, path)
    if word.text.endswith("kvm") and "kvm" not in path.rsplit("/", 1)[-1] and not any("accel" in item.text for item in words):
        words.insert(first + 1, _instead(word, "-enable-kvm"))


def _instead(word: Word, text: str) -> Word:
    return Word(text, word.source, word.start, word.end, tuple((offset, word.start) for offset in range(len(text))))


def _folder(process: Process, words: Sequence[str], notes: list[Note], binary: Word) -> str | None:
    """Where relative names begin: the working directory, but QEMU leaves that when it becomes a daemon."""
    if process.cwd is None:
        notes.append(Note("the working directory cannot be read: relative file names stay as they are", binary.span()))
        return None
    daemon = any(re.fullmatch("--?daemonize", word) for word in words) or "daemonize=on" in words
    if daemon and process.cwd == "/":
        notes.append(Note("-daemonize has left the folder in which the guest was started: --base-dir gives it", binary.span()))
        return None
    return process.cwd
