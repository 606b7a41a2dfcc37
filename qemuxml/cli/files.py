"""Files that commands read and write: read whole and bounded, ``-`` for standard input; written whole or not at all."""

from __future__ import annotations

import fcntl
import os
import stat
import sys
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import IO, TextIO

from qemuxml.cli.failures import Failure
from qemuxml.errors import CommandLineError, Source, Span

LARGEST = 16 * 1024 * 1024
"""Bytes that are read at most: Linux starts no program with more than 6 MiB of arguments, and no guest's XML comes near."""


def read(file: str, output: str = "-") -> Source:
    """The text of a file, decoded. Raises Failure if there is none, or it would be overwritten."""
    try:
        with _opened(file) as stream:
            _refuse_overwriting(stream, output)
            data = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise Failure(f"error: cannot read {_named(file)}: {cause(error)}") from None
    if not data:
        raise Failure(f"error: {_named(file)} is empty")
    if len(data) > LARGEST:
        raise Failure(f"error: {_named(file)} is larger than {LARGEST // 1024**2} MiB: this is no guest")
    return Source(_decoded(data, file), _place_name(file))


def standard_input() -> IO[bytes]:
    """Standard input, for what is read as it comes. Raises Failure if it is closed."""
    try:
        return _bytes_of(sys.stdin)
    except OSError as error:
        raise Failure(f"error: cannot read standard input: {cause(error)}") from None


def _opened(file: str) -> AbstractContextManager[IO[bytes]]:
    return nullcontext(_bytes_of(sys.stdin)) if file == "-" else open(file, "rb")


def _bytes_of(stream: TextIO | None) -> IO[bytes]:
    """A standard stream below its text. The shell's ``<&-`` starts a program without one."""
    if stream is None:
        raise OSError("it is closed")
    return stream.buffer


def _decoded(data: bytes, file: str) -> str:
    """UTF-8, with or without a byte order mark."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        # What cannot be decoded shows as U+FFFD, the first of it in the place of the byte to blame.
        shown = Source(data.decode(errors="replace"), _place_name(file))
        start = len(data[: error.start].decode())
        raise CommandLineError(
            f"the byte 0x{data[error.start]:02x} is not UTF-8, which the text must be", Span(shown, start, start + 1)
        ) from None


def _refuse_overwriting(stream: IO[bytes], output: str) -> None:
    """Raise Failure if the output is the very file that is read, by whatever name; devices and pipes may be both."""
    if output == "-":
        return
    with suppress(OSError):
        read, written = os.fstat(stream.fileno()), os.stat(output)
        if stat.S_ISREG(written.st_mode) and os.path.samestat(read, written):
            raise Failure(f"error: {output} is the input, which is never overwritten")


def write(output: str, text: str) -> None:
    """Write a file in one step, or to standard output. Raises Failure if that cannot be, BrokenPipeError if nobody reads."""
    try:
        data = text.encode()
        if output == "-":
            _write_standard_output(data)
        elif os.path.exists(output) and not os.path.isfile(output):
            with open(output, "wb") as stream:  # a device or a pipe: nothing may take its place
                stream.write(data)
        else:
            _replace(os.path.realpath(output), data)
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        where = "standard output" if output == "-" else output
        raise Failure(f"error: cannot write {where}: {cause(error)}") from None


def _write_standard_output(data: bytes) -> None:
    """The bytes themselves: XML without a declaration is UTF-8, whatever the terminal is. All of them or, to a file, none."""
    stream = _bytes_of(sys.stdout)
    end = _end_of_file(stream)
    try:
        rest = memoryview(data)
        while rest:  # with PYTHONUNBUFFERED the stream takes what there is room for
            rest = rest[stream.write(rest) :]
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError:
        if end is not None:
            with suppress(OSError):
                os.ftruncate(stream.fileno(), end)
        # Python would try again at its end, and complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise


def _end_of_file(stream: IO[bytes]) -> int | None:
    """Where the next byte goes in a file of the disk; None for a pipe, a terminal, a stream of a test."""
    try:
        state = os.fstat(stream.fileno())
        if not stat.S_ISREG(state.st_mode):
            return None
        appended = fcntl.fcntl(stream.fileno(), fcntl.F_GETFL) & os.O_APPEND
        return state.st_size if appended else os.lseek(stream.fileno(), 0, os.SEEK_CUR)
    except OSError:
        return None


def _replace(path: str, data: bytes) -> None:
    """Write beside the file and move it there at the end: a reader sees the old file or the new one, never a part."""
    folder, name = os.path.split(path)
    unfinished = os.path.join(folder, f".{name[:64]}.{os.urandom(6).hex()}")
    try:
        # Not tempfile's private mode: the umask decides who may read the file, as for any other.
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as stream:
            stream.write(data)
        os.replace(unfinished, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(unfinished)


def _place_name(file: str) -> str:
    return "<stdin>" if file == "-" else file


def _named(file: str) -> str:
    return "standard input" if file == "-" else file


def cause(error: Exception) -> str:
    """What the system says of an error, without the file's name."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
