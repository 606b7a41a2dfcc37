"""The command ``qemuxml``: ``qemuxml domxml-from-native qemu-argv guest.args`` prints XML, complaints go to standard error.

The only module that prints, opens files or exits. The converter is imported when something is converted: ``--help`` is quick.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO

import click

from qemuxml import __version__
from qemuxml.errors import CommandLineError, ConversionError, Source, Span

if TYPE_CHECKING:
    from qemuxml.convert import Conversion
    from qemuxml.mapping.ledger import Entry

LARGEST = 16 * 1024 * 1024
"""Bytes that are read at most: Linux starts no program with more than 6 MiB of arguments, and no guest's XML comes near."""

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended, as shells give it."""

PROFILES = ("modern", "legacy", "manual")
FORMAT = "qemu-argv"


class Failure(click.ClickException):
    """What ends the command with status 1; the message is printed as it stands."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message on standard error."""
        click.echo(self.message, file=file, err=True)


# ------------------------------------------------------------------ options


def _absolute(_: click.Context, __: click.Parameter, folder: str | None) -> str | None:
    if folder is None:
        return None
    if not folder or not folder.isprintable():
        raise click.BadParameter("a folder's name with printable characters is needed")
    return str(Path(folder).absolute())


def _variables(_: click.Context, __: click.Parameter, assignments: tuple[str, ...]) -> dict[str, str]:
    for item in assignments:
        if not re.match(r"[A-Za-z_][A-Za-z0-9_]*=", item) or not item.isprintable():
            raise click.BadParameter(f"{item!r} is not NAME=VALUE")
    return dict(item.split("=", 1) for item in assignments)


_FORMAT = click.argument("config_format", metavar="FORMAT")
_FILE = click.argument("file", metavar="FILE")
_OPTIONAL_FILE = click.argument("file", metavar="[FILE]", required=False)
_XML = click.option("--xml", metavar="FILE", help="The domain XML; the same as FILE without --xml.")
_PROFILE = click.option(
    "--profile",
    type=click.Choice(PROFILES),
    default="modern",
    show_default=True,
    help="What to write for: today's libvirt and QEMU, the last libvirt with this command, or libvirt 1.2.4's manual.",
)
_BASE_DIR = click.option(
    "--base-dir",
    metavar="DIR",
    callback=_absolute,
    help="Make relative file names absolute: the folder from which the guest was started.",
)
_ENV = click.option(
    "--env",
    "environment",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_variables,
    help="A launch variable (PATH, HOME, USER, LOGNAME) to print; may be repeated. None is read from the process.",
)
_PLUMBING = click.option(
    "--plumbing",
    type=click.Choice(["standalone", "libvirt"]),
    default="standalone",
    show_default=True,
    help="The host side: a line that a person runs, or what libvirt itself would execute.",
)
_QEMU_VERSION = click.option("--qemu-version", metavar="VERSION", help="Write for that QEMU, 6.2 to 10.0 (the default).")
_PRETTY = click.option("--pretty", is_flag=True, help="Print one option a line, joined by backslashes.")
_STRICT = click.option("--strict", is_flag=True, help="Refuse elements and attributes that nothing here understands.")
_OUTPUT = click.option(
    "-o", "--output", metavar="FILE", default="-", help="Write there instead of to standard output: all of it or nothing."
)
_QUIET = click.option("-q", "--quiet", is_flag=True, help="Print errors only, no warnings.")


# ------------------------------------------------------------------ commands


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  qemuxml from-native guest.args
  qemuxml domxml-from-native qemu-argv guest.args
  qemuxml to-native --profile manual guest.xml
  xargs -0 printf '%q ' < /proc/4711/cmdline | qemuxml from-native -

COMMAND --help shows the options and examples of a command.""",
)
@click.version_option(__version__, prog_name="qemuxml", message="%(prog)s %(version)s")
def commands() -> None:
    """Convert QEMU command lines to libvirt domain XML, and back.

    Needs neither libvirt nor QEMU. The result goes to standard output, errors and warnings to standard error. FILE may
    be - for standard input.
    """


@commands.command(
    "domxml-from-native",
    epilog="""\b
Examples:
  qemuxml domxml-from-native qemu-argv guest.args
  qemuxml domxml-from-native qemu-argv - --profile legacy < guest.args
  qemuxml domxml-from-native qemu-argv guest.sh --base-dir /srv/vm -o guest.xml""",
)
@_FORMAT
@_FILE
@_PROFILE
@_BASE_DIR
@_OUTPUT
@_QUIET
def domxml_from_native(config_format: str, file: str, **options: Any) -> None:
    """Print a command line's domain XML, as virsh did.

    FORMAT is qemu-argv. FILE is a text with one command line as a shell reads it: quotes, backslashes, comments and
    continued lines. - is standard input.
    """
    _check_format(config_format)
    _from_native(file, **options)


@commands.command(
    "from-native",
    epilog="""\b
Examples:
  qemuxml from-native guest.args
  echo 'kvm -m 512 -hda disk.img' | qemuxml from-native - --base-dir .
  qemuxml from-native guest.args --profile legacy -o guest.xml""",
)
@_FILE
@_PROFILE
@_BASE_DIR
@_OUTPUT
@_QUIET
def from_native(file: str, **options: Any) -> None:
    """Print a command line's domain XML.

    The short form of domxml-from-native qemu-argv. FILE is a text with one command line; - is standard input.
    """
    _from_native(file, **options)


@commands.command(
    "domxml-to-native",
    epilog="""\b
Examples:
  qemuxml domxml-to-native qemu-argv --profile manual guest.xml
  qemuxml domxml-to-native qemu-argv --profile manual --xml guest.xml
  virsh dumpxml demo | qemuxml domxml-to-native qemu-argv --profile manual -""",
)
@_FORMAT
@_OPTIONAL_FILE
@_XML
@_PROFILE
@_PLUMBING
@_QEMU_VERSION
@_ENV
@_PRETTY
@_STRICT
@_OUTPUT
@_QUIET
def domxml_to_native(config_format: str, file: str | None, xml: str | None, **options: Any) -> None:
    """Print a domain XML's command line, as virsh does.

    FORMAT is qemu-argv. FILE is a libvirt domain XML, and may come behind --xml. - is standard input.
    """
    given = [name for name in (file, xml) if name is not None]
    if len(given) != 1:
        raise click.UsageError("one FILE is needed, with or without --xml")
    _check_format(config_format)
    _to_native(given[0], **options)


@commands.command(
    "to-native",
    epilog="""\b
Examples:
  qemuxml to-native --profile manual guest.xml
  qemuxml to-native --profile manual guest.xml --env HOME=/root -o guest.args
  virsh dumpxml demo | qemuxml to-native --profile manual -""",
)
@_FILE
@_PROFILE
@_PLUMBING
@_QEMU_VERSION
@_ENV
@_PRETTY
@_STRICT
@_OUTPUT
@_QUIET
def to_native(file: str, **options: Any) -> None:
    """Print a domain XML's command line.

    The short form of domxml-to-native qemu-argv. FILE is a libvirt domain XML; - is standard input.
    """
    _to_native(file, **options)


def _check_format(config_format: str) -> None:
    if config_format != FORMAT:
        raise Failure(f"error: unsupported config type {config_format}")


def _from_native(file: str, profile: str, base_dir: str | None, output: str, *, quiet: bool) -> None:
    def convert(source: Source) -> Conversion:
        from qemuxml import convert  # noqa: PLC0415 - --help needs no parser

        return convert.from_native(source.text, name=source.name, profile=profile, base_dir=base_dir)

    _run(convert, file, output, quiet=quiet)


def _to_native(file: str, output: str, *, quiet: bool, **options: Any) -> None:
    def convert(source: Source) -> Conversion:
        from qemuxml import convert  # noqa: PLC0415

        return convert.to_native(source.text, name=source.name, **options)

    _run(convert, file, output, quiet=quiet)


def _run(convert: Callable[[Source], Conversion], file: str, output: str, *, quiet: bool) -> None:
    text, warnings = _converted(convert, file, output)
    for warning in () if quiet else warnings:
        click.echo(warning, err=True)
    _write(output, text)


def _converted(convert: Callable[[Source], Conversion], file: str, output: str) -> tuple[bytes, list[str]]:
    """The result and the warnings. Raises Failure for every refusal, and for every defect of the converter."""
    try:
        result = convert(_read(file, output))
        return result.text.encode(), list(_warnings(result))
    except ConversionError as error:
        raise Failure(error.report()) from None
    except click.ClickException:
        raise
    except Exception as error:
        if os.environ.get("QEMUXML_DEBUG"):
            raise
        said = _shown(f"{type(error).__name__}: {error}")
        raise Failure(f"error: internal error: {said}; please report it (QEMUXML_DEBUG=1 shows where)") from None


# ------------------------------------------------------------------ warnings

_SAYINGS = {
    "passed": "{} is passed through to QEMU as it stands",
    "dropped": "{} is left out",
    "replaced": "{} is replaced",
    "guessed": "{} is in part a guess",
}
"""What is said of an option that met this fate; of the other fates nothing is."""

SHOWN = 72
"""Characters of an option that a warning shows: one may be as long as a kernel's arguments."""


def _warnings(result: Conversion) -> Iterator[str]:
    """What a person should know, in the order of the input; what is about the whole of it comes last."""
    told: list[tuple[Span | None, str]] = [
        (entry.option.span, _saying(entry)) for entry in result.entries if entry.fate in _SAYINGS
    ]
    told += [(note.place, note.message) for note in result.notes]
    told.sort(key=lambda item: item[0].start if item[0] else sys.maxsize)
    for place, message in told:
        yield f"{place}: warning: {message}" if place else f"warning: {message}"


def _saying(entry: Entry) -> str:
    words = shlex.join(word.text for word in entry.option.words)
    said = _SAYINGS[entry.fate].format(_shown(words))
    return f"{said}: {entry.reason}" if entry.reason else said


def _shown(text: str) -> str:
    """On one line, and not for ever."""
    text = text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
    return "".join(character if character.isprintable() else "�" for character in text)


# ------------------------------------------------------------------ files


def _read(file: str, output: str) -> Source:
    """The text of a file, decoded. Raises Failure if there is none, or it would be overwritten."""
    try:
        with _opened(file) as stream:
            _refuse_overwriting(stream, output)
            data = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise Failure(f"error: cannot read {_named(file)}: {_cause(error)}") from None
    if not data:
        raise Failure(f"error: {_named(file)} is empty")
    if len(data) > LARGEST:
        raise Failure(f"error: {_named(file)} is larger than {LARGEST // 1024**2} MiB: this is no guest")
    return Source(_decoded(data, file), _place_name(file))


def _opened(file: str) -> AbstractContextManager[IO[bytes]]:
    return nullcontext(_bytes_of(sys.stdin)) if file == "-" else Path(file).open("rb")


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
        read, written = os.fstat(stream.fileno()), Path(output).stat()
        if stat.S_ISREG(written.st_mode) and os.path.samestat(read, written):
            raise Failure(f"error: {output} is the input, which is never overwritten")


def _write(output: str, data: bytes) -> None:
    try:
        if output == "-":
            _write_standard_output(data)
        elif Path(output).exists() and not Path(output).is_file():
            Path(output).write_bytes(data)  # a device or a pipe: nothing may take its place
        else:
            _replace(Path(os.path.realpath(output)), data)
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        where = "standard output" if output == "-" else output
        raise Failure(f"error: cannot write {where}: {_cause(error)}") from None


def _write_standard_output(data: bytes) -> None:
    """The bytes themselves: XML without a declaration is UTF-8, whatever the terminal is."""
    stream = _bytes_of(sys.stdout)
    try:
        stream.write(data)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError:
        # Python would try again at its end, and complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise


def _replace(path: Path, data: bytes) -> None:
    """Write beside the file and move it there at the end: a reader sees the old file or the new one, never a part."""
    unfinished = path.with_name(f".{path.name[:64]}.{os.urandom(6).hex()}")
    try:
        # Not tempfile's private mode: the umask decides who may read the file, as for any other.
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as stream:  # noqa: PTH123 - a descriptor
            stream.write(data)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _place_name(file: str) -> str:
    return "<stdin>" if file == "-" else file


def _named(file: str) -> str:
    return "standard input" if file == "-" else file


def _cause(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


# ------------------------------------------------------------------ the process


def main() -> None:
    """Run the command and exit: 0 done, 1 refused, 2 called in a wrong way, 130 interrupted."""
    try:
        status = commands.main(prog_name="qemuxml", standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        status = INTERRUPTED
    sys.exit(status)
