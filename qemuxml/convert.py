"""The two pipelines, end to end. Read this first: a command line becomes words, options, a domain, a complete domain, XML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from qemuxml import layout
from qemuxml.cmdline.render import Words, one_line, one_option_a_line
from qemuxml.complete import passes
from qemuxml.domain import Domain
from qemuxml.errors import ConversionError, DomainXmlError, Source, UnsupportedError, XmlPlace
from qemuxml.later import load
from qemuxml.mapping import xmltext
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.ledger import Entry, Note
from qemuxml.mapping.plumbing import BY_HAND, Plumbing
from qemuxml.mapping.wishes import Wishes
from qemuxml.profiles import target as find_target
from qemuxml.record import field, record, replace

if TYPE_CHECKING:
    from qemuxml.cmdline.options import Option
    from qemuxml.mapping import xmlwalk
    from qemuxml.mapping.trace import Trace
    from qemuxml.shell.start import Start


@record(frozen=True)
class Conversion:
    """A result, the guest that it is, what became of each option (none for XML), and what a person should know."""

    text: str
    domain: Domain
    entries: tuple[Entry, ...]
    notes: tuple[Note, ...]
    changed: Mapping[Option, tuple[str, ...]] = field(default_factory=dict)
    """The paths below ``<domain>`` that an option set, if they were traced."""


# ------------------------------------------------------------------ command line to XML


NO_WISHES: Final = Wishes()


def from_native(  # noqa: PLR0913 - the options of the public call and of the command
    text: str, *, name: str, profile: str, base_dir: str | None, traced: bool = False, wishes: Wishes = NO_WISHES
) -> Conversion:
    """Domain XML of a command line or of a shell script; ``name`` is what errors call the text.

    ``traced`` takes longer and keeps what options set. Raises CommandLineError for a text that cannot be read,
    UnsupportedError for a guest that the profile cannot say.
    """
    from qemuxml import shell  # noqa: PLC0415 - the way back needs no words

    return from_start(shell.find(Source(text, name), base_dir=base_dir), profile=profile, traced=traced, wishes=wishes)


def from_start(start: Start, *, profile: str, traced: bool = False, wishes: Wishes = NO_WISHES) -> Conversion:
    """Domain XML of a guest of which it is known how it is started."""
    from qemuxml.cmdline import options  # noqa: PLC0415 - of this way alone, as all that reads
    from qemuxml.reading import emulator, files, identity, steps  # noqa: PLC0415

    target = find_target(profile)
    line = options.parse(start.words, start.source)
    opened = files.read(line, start.folder, wishes)
    reading = Reading(files.expanded(line, opened), Domain(), target, layout.ELEMENTS, start.folder, wishes=wishes.checked())
    reading.notes += start.notes
    files.enter(reading, opened)
    emulator.read(reading)
    trace = _trace(reading.domain) if traced else None
    reading.ledger.watcher = trace.claimed if trace else None
    steps.run(reading, steps.CLAIM[profile])
    identity.give(reading)
    steps.run(reading, steps.COMPLETE[profile])
    entries, notes = tuple(reading.ledger.entries()), tuple(reading.notes)
    return Conversion(to_xml(reading.domain), reading.domain, entries, notes, trace.changed if trace else {})


def _trace(domain: Domain) -> Trace:
    from qemuxml.mapping.trace import Trace  # noqa: PLC0415 - of reports alone

    return Trace(domain)


# ------------------------------------------------------------------ XML to command line


_WRITERS: Final = {"modern": "qemuxml.argv", "manual": "qemuxml.manual"}
"""The module that writes the options of a profile; there is none for legacy."""


def to_native(  # noqa: PLR0913 - the options of the public call and of the command
    xml: str,
    *,
    name: str,
    profile: str,
    plumbing: Plumbing = BY_HAND,
    qemu_version: str | None = None,
    environment: Mapping[str, str] | None = None,
    firmware: Mapping[str, str] | None = None,
    pretty: bool = False,
    strict: bool = False,
    redact: bool = False,
) -> Conversion:
    """The command line of a domain XML, or the script that ``plumbing`` asks for; ``name`` is what errors call the text.

    ``pretty`` puts one option on a line; ``strict`` refuses what no kind understands instead of noting it. ``redact`` takes out
    what a bug report must not tell. ``firmware`` are the texts of the host's firmware descriptors by their files' names.
    Raises DomainXmlError for XML that is no sound domain, UnsupportedError for what the profile cannot say.
    """
    find_target(profile, qemu_version)
    writer = _writer(profile, plumbing)
    domain, reader, root = _read(xml, name)
    target = _target(domain, profile, qemu_version, firmware or {})
    writing = Writing(domain, target, environment or {}, plumbing.redacted() if redact else plumbing)
    writer.weigh(writing, reader, root, strict=strict)
    try:
        passes.run(domain, writing.target, passes.TO_NATIVE[profile])
        if redact:
            from qemuxml import redaction  # noqa: PLC0415 - few ask for it

            redaction.redact(domain)
        options = list(writer.options(writing, reader.places))
    except ConversionError as error:
        raise error.at(reader.places.get(id(error.about))).at(reader.place(root)) from None
    text = _spelt(writing, (writer.environment(writing), domain.emulator or "", options), pretty=pretty)
    return Conversion(text, domain, (), tuple(writing.notes))


def _writer(profile: str, plumbing: Plumbing) -> Any:
    if profile not in _WRITERS:
        raise UnsupportedError(f"to-native does not offer profile '{profile}'")
    if plumbing.scripted and profile != "modern":
        raise UnsupportedError(f"profile '{profile}' has no script")
    return load(_WRITERS[profile])


def _target(domain: Domain, profile: str, qemu_version: str | None, firmware: Mapping[str, str]) -> Target:
    """The target of a guest's own architecture, with the host's firmware."""
    from qemuxml.complete import guest  # noqa: PLC0415 - of this way alone, as all that writes options
    from qemuxml.domain.firmware import descriptors  # noqa: PLC0415

    found = find_target(profile, qemu_version, guest.architecture(domain), domain.identity.type)
    return replace(found, firmware=descriptors.read(firmware))


def _spelt(writing: Writing, line: tuple[Iterator[tuple[str, str]], str, list[Words]], *, pretty: bool) -> str:
    """The environment, the binary and the options as a line that tells what to do before it runs, or as a script that does it."""
    if writing.plumbing.scripted:
        from qemuxml import shellscript  # noqa: PLC0415 - few ask for it

        return shellscript.render(writing, *line)
    _advise(writing)
    return (one_option_a_line(*line) if pretty else one_line(*line)) + "\n"


def _advise(writing: Writing) -> None:
    """Say what a person has to do before the line runs."""
    for need in writing.needs:
        if need.advice:
            writing.note(need.advice)


def _read(xml: str, name: str) -> tuple[Domain, xmlwalk.Reader, xmlwalk.Element]:
    """The guest that an XML says, with the reader that knows where in it everything stands."""
    from qemuxml.mapping import xmlwalk  # noqa: PLC0415 - lxml is for reading alone

    root = xmlwalk.parse(xml, name)
    reader = xmlwalk.Reader(name, layout.ELEMENTS)
    if root.tag != "domain":
        raise DomainXmlError("the root element of a guest is <domain>", reader.place(root))
    return reader.read(Domain, root), reader, root


# ------------------------------------------------------------------ guests


def is_xml(text: str) -> bool:
    """Whether a text is domain XML, by its first character; all else is a command line."""
    return text.lstrip("\ufeff \t\r\n").startswith("<")


def parse(text: str, *, name: str, profile: str = "modern", base_dir: str | None = None) -> Domain:
    """The guest that domain XML says, or that ``from_native`` makes of a command line. Raises ConversionError."""
    if is_xml(text):
        return placed(text, name=name)[0]
    return from_native(text, name=name, profile=profile, base_dir=base_dir).domain


def placed(xml: str, *, name: str) -> tuple[Domain, Mapping[int, XmlPlace]]:
    """The guest that domain XML says, and the place of each of its objects, by their identity. Raises DomainXmlError."""
    domain, reader, _ = _read(xml, name)
    return domain, reader.places


def leftovers(xml: str, *, name: str) -> Sequence[XmlPlace]:
    """The elements, attributes and texts of domain XML that no kind understands. Raises DomainXmlError."""
    _, reader, root = _read(xml, name)
    return list(reader.leftovers(root))


def complete(xml: str, *, name: str, qemu_version: str | None = None) -> Writing:
    """The guest of a domain XML as libvirt would start it, its devices under libvirt's own names, ready to be written.

    Raises ConversionError.
    """
    from qemuxml.complete import guest, renaming  # noqa: PLC0415

    domain, _, _ = _read(xml, name)
    target = find_target("modern", qemu_version, guest.architecture(domain))
    renaming.under_own_names(domain, lambda: passes.run(domain, target, passes.LIBVIRT))
    return Writing(domain, target, {}, Plumbing(by_libvirt=True))


def to_xml(domain: Domain) -> str:
    """Domain XML of a guest, as libvirt prints it. Raises UnsupportedError for a value that XML cannot hold."""
    return xmltext.to_text(xmltext.write(domain, "domain", layout.place))
