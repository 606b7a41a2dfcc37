"""The two pipelines, end to end. Read this first: a command line becomes words, options, a domain, a complete domain, XML."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from uuid import NAMESPACE_URL, UUID, uuid5

from qemuxml import argv, layout, manual, shell
from qemuxml.cmdline import configfile, options
from qemuxml.cmdline.arity import REMOVED
from qemuxml.cmdline.options import CommandLine, Option
from qemuxml.cmdline.render import one_line, one_option_a_line
from qemuxml.common import place
from qemuxml.common.info import USER_PREFIX
from qemuxml.complete import checks, guest, passes, qemu
from qemuxml.domain import Domain, boards, override
from qemuxml.domain.commandline import Arg, Env
from qemuxml.domain.commandline import CommandLine as Passthrough
from qemuxml.domain.features import Features
from qemuxml.domain.firmware import descriptors
from qemuxml.errors import ConversionError, DomainXmlError, Source, Span, UnsupportedError, XmlPlace
from qemuxml.mapping import settings, xmlwalk
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Claim
from qemuxml.mapping.ledger import Entry, Note, implied
from qemuxml.mapping.plumbing import plumbing as find_plumbing
from qemuxml.mapping.trace import Trace
from qemuxml.profiles import target as find_target
from qemuxml.profiles.hardware import hardware
from qemuxml.record import field, record, replace
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


ReadFile = Callable[[str], Source | None]
"""Opens the file of a ``-readconfig``; None is its answer for one that cannot be read, which is passed on."""


def from_native(  # noqa: PLR0913 - the options of the public call and of the command
    text: str, *, name: str, profile: str, base_dir: str | None, traced: bool = False, read_file: ReadFile | None = None
) -> Conversion:
    """Domain XML of a command line or of a shell script; ``name`` is what errors call the text.

    ``traced`` takes longer and keeps what options set. Raises CommandLineError for a text that cannot be read,
    UnsupportedError for a guest that the profile cannot say.
    """
    return from_start(shell.find(Source(text, name), base_dir=base_dir), profile=profile, traced=traced, read_file=read_file)


def from_start(  # noqa: PLR0913 - the options of the command
    start: Start,
    *,
    profile: str,
    guest_name: str | None = None,
    guest_uuid: str | None = None,
    traced: bool = False,
    read_file: ReadFile | None = None,
) -> Conversion:
    """Domain XML of a guest of which it is known how it is started; the name and the UUID are for one that has none."""
    target = find_target(profile)
    line = options.parse(start.words, start.source)
    files = _read_files(line, start.folder, read_file) if read_file else {}
    reading = Reading(_expanded(line, files), Domain(), target, layout.ELEMENTS, start.folder)
    reading.notes += start.notes
    for option in files:
        reading.ledger.enter(implied(option, "what the file says is read as if it stood on the line"))
    _set_emulator(reading)
    if profile == "modern":
        settings.apply(reading)
    trace = Trace(reading.domain) if traced else None
    reading.ledger.watcher = trace.claimed if trace else None
    _claim_all(reading)
    if profile == "modern":
        _tell_removed(reading)
    _add_defaults(reading)
    _name(reading, guest_name, guest_uuid)
    reading.ledger.pass_the_rest()
    if profile == "modern":
        qemu.complete(reading)
    passes.run(reading.domain, target, passes.FROM_NATIVE[profile])
    if profile == "modern":
        _complete_as_libvirt(reading)
        _keep_overrides(reading)
    _forget_architecture(reading)
    _keep_the_rest(reading)
    _set_uuid(reading.domain, start.source.text, target)
    entries, notes = tuple(reading.ledger.entries()), tuple(reading.notes)
    return Conversion(to_xml(reading.domain), reading.domain, entries, notes, trace.changed if trace else {})


def _read_files(line: CommandLine, base_dir: str | None, read_file: ReadFile) -> dict[Option, list[Option]]:
    """The options that stand in the files of ``-readconfig``, by those options."""
    named = [option for option in line.options if option.name == "-readconfig"]
    found = {option: read_file(posixpath.join(base_dir or "", option.text)) for option in named}
    return {option: configfile.options(source) for option, source in found.items() if source is not None}


def _expanded(line: CommandLine, files: Mapping[Option, Sequence[Option]]) -> CommandLine:
    """The line with what the files say behind the options that name them."""
    every = (item for option in line.options for item in (option, *files.get(option, ())))
    return replace(line, options=tuple(every)) if files else line


def _name(reading: Reading, name: str | None, uuid: str | None) -> None:
    """Name a guest that the line leaves nameless."""
    identity = reading.domain.identity
    for what, told, given in (("name", identity.name, name), ("UUID", identity.uuid, uuid)):
        if given and told and given != told:
            reading.note(f"the {what} {given} is not used: the command line has {told}")
    identity.name = identity.name or name
    identity.uuid = identity.uuid or uuid


def _set_emulator(reading: Reading) -> None:
    """The binary says the architecture, and whether the guest is accelerated (``kvm``, ``qemu-kvm``)."""
    path = reading.line.emulator.text
    domain = reading.domain
    domain.emulator = _emulator(reading, path) if reading.target.name == "modern" else path
    found = re.search(r"qemu-system-(\w+)$", path)
    binary = path.rsplit("/", 1)[-1]
    domain.os.arch = _ARCHITECTURES.get(found[1], found[1]) if found else _unnamed_architecture(reading, binary)
    if "kvm" in binary:
        domain.identity.type = "kvm"
    if domain.os.arch in boards.X86:
        domain.features = Features(acpi=True)


def _emulator(reading: Reading, path: str) -> str:
    """A path that libvirt can run: it looks no binary up, and the names that stood for QEMU are not installed everywhere."""
    if "/" in path:
        found = reading.path(path)
        _tell_rooted(reading, reading.line.emulator.span())
        return found
    name = _BINARIES.get(path, path)
    reading.note(f"{path}: libvirt needs the binary's path: /usr/bin/{name} is taken", reading.line.emulator.span())
    return f"/usr/bin/{name}"


_BINARIES = {"kvm": "qemu-system-x86_64", "qemu-kvm": "qemu-system-x86_64", "qemu": "qemu-system-i386"}
"""What distributions call the emulator of the host, by the name that every one of them has."""
_ARCHITECTURES = {"i386": "i686", "arm": "armv7l", "hppa": "parisc", "or1k": "openrisc", "or32": "openrisc"}
"""libvirt's names where QEMU's binaries have others."""


def _unnamed_architecture(reading: Reading, binary: str) -> str:
    """``kvm`` and ``qemu-kvm`` are x86_64's today, ``qemu`` is i386's; the old command took all three for i686."""
    return "x86_64" if reading.has("unnamed-is-x86_64") and binary != "qemu" else "i686"


def _tell_removed(reading: Reading) -> None:
    """Say since when QEMU no longer takes an option of the line."""
    for option in reading.line.options:
        since = REMOVED.get(option.name.removeprefix("-"))
        if since is not None:
            reading.note(f"{option.name}: QEMU {since} and later do not take it", option.span)


def _claim_all(reading: Reading) -> None:
    """Ask the kinds: today for the machine and the other parts first, then for the devices in the order of their creation."""
    modern = reading.target.name == "modern"
    reading.buses.update(place.BOARD)
    for claims in (layout.MODERN_PARTS, layout.MODERN_DEVICES) if modern else (layout.CLAIMS,):
        for option in reading.line.options:
            if reading.ledger.is_open(option):
                _claim(option, reading, claims)
        for step in list(reading.settling):
            step(reading)
        reading.settling.clear()
        if modern:
            _look_up_board(reading)
    for step in reading.finishing:
        step(reading)


def _look_up_board(reading: Reading) -> None:
    """The machine is known now: the default one of the architecture, if no option named it."""
    os = reading.domain.os
    os.machine = os.machine or reading.target.machines.get(os.arch or "")
    reading.knows_board = hardware(os.arch or "", os.machine or "") is not None


def _claim(option: Option, reading: Reading, claims: Mapping[str, list[Claim]]) -> None:
    for claim in claims.get(_key(option, reading), ()):
        reading.rooted.clear()
        claimed = claim(option, reading)
        if claimed is not None:
            reading.ledger.enter(claimed)
            reading.domain.devices += claimed.devices
            _tell_rooted(reading, option.span)
            return


def _tell_rooted(reading: Reading, span: Span) -> None:
    """Say which file names are taken from ``/``, because nobody said in which folder the guest was started."""
    for name in dict.fromkeys(reading.rooted):
        reading.note(f"{name} is relative: libvirt starts QEMU in /, and it is taken from there; --base-dir says otherwise", span)
    reading.rooted.clear()


def _add_defaults(reading: Reading) -> None:
    for kind in layout.DEVICES:
        device = kind.default(reading) if kind.default else None
        if device is not None:
            reading.domain.devices.append(device)


_TYPED = {"-device": "driver", "-object": "qom-type"}
"""Options whose first property, named so or left without its name, says what they are."""


def _key(option: Option, reading: Reading) -> str:
    """Who is asked: by the option's name, of ``-device`` and ``-object`` by the type too. Every model of CPU is a type."""
    first = _TYPED.get(option.name)
    if first is None or option.value is None:
        return option.name
    kind = reading.values(option, first).peek(first) or ""
    return f"{option.name} {'*-cpu' if kind.endswith('-cpu') else kind}"


def _complete_as_libvirt(reading: Reading) -> None:
    """What libvirt would add to the guest when it reads it, said outright; a guest that it would refuse stays as it is."""
    try:
        passes.run(reading.domain, reading.target, passes.LIBVIRT)
    except ConversionError as error:
        reading.note(f"libvirt will not take this guest as it is: {error.message}")


def _forget_architecture(reading: Reading) -> None:
    """An architecture that libvirt has no name for is left to the binary."""
    os = reading.domain.os
    if reading.has("names-architectures") and os.arch not in boards.LIBVIRTS:
        reading.note(f"libvirt knows no architecture '{os.arch}': it will not start this guest", reading.line.emulator.span())
        os.arch = None


def _keep_overrides(reading: Reading) -> None:
    """Properties without a word in domain XML stand in ``<qemu:override>``, by the aliases that libvirt gives the devices."""
    found: dict[str, list[override.Property]] = {}
    for device, properties in reading.overridden:
        found.setdefault(device.info.alias or "", []).extend(override.typed(item) for item in properties)
    for device, name in reading.unset_properties:
        found.setdefault(device.info.alias or "", []).append(override.Property(name=name, type="remove"))
    if found:
        made = [override.OverriddenDevice(alias=alias, properties=properties) for alias, properties in found.items()]
        reading.domain.override = override.Override(devices=made)
    for device in reading.domain.devices:
        info = getattr(device, "info", None)
        if info is not None and info.alias and not info.alias.startswith(USER_PREFIX):
            info.alias = None


def _keep_the_rest(reading: Reading) -> None:
    """What nobody claimed is kept verbatim: words in their order, and the environment."""
    passed = [word for entry in reading.ledger.entries() for word in entry.passed]
    args = [Arg(value=word) for word in (*passed, *reading.added)]
    envs = [Env(name=name, value=value) for name, value in _left_environment(reading)]
    if args or envs:
        reading.domain.commandline = Passthrough(args=args, envs=envs)


_LAUNCH_ENVIRONMENT = re.compile("LC_ALL|PATH|HOME|USER|LOGNAME|TMPDIR|XDG_[A-Z]+_HOME|QEMU_AUDIO_DRV")
"""What libvirt sets at every launch: of the host, not of the guest."""


def _left_environment(reading: Reading) -> Iterator[tuple[str, str]]:
    for item in reading.line.environment:
        if item.name in reading.environment_read or _LAUNCH_ENVIRONMENT.fullmatch(item.name):
            continue
        if reading.has("keeps-environment"):
            reading.note(f"{item.name} is handed to QEMU as it stands", item.word.span())
            yield item.name, item.value
        else:
            reading.note(f"{item.name}: the {reading.target.name} profile keeps no environment: it is left out", item.word.span())


def _set_uuid(domain: Domain, text: str, target: Target) -> None:
    """Libvirt always printed a UUID, drawn at random; ours follows from the text, and the manual's is all zeros."""
    if domain.identity.uuid is None and target.name == "legacy":
        domain.identity.uuid = str(uuid5(NAMESPACE_URL, text))
    elif domain.identity.uuid is None and target.name == "manual":
        domain.identity.uuid = str(UUID(int=0))


# ------------------------------------------------------------------ XML to command line


def to_native(  # noqa: PLR0913 - the options of the public call and of the command
    xml: str,
    *,
    name: str,
    profile: str,
    plumbing: str = "standalone",
    qemu_version: str | None = None,
    environment: Mapping[str, str] | None = None,
    pretty: bool = False,
    strict: bool = False,
    script: bool = False,
    redact: bool = False,
    paused: bool = False,
    inline_secrets: bool = False,
    state_dir: str | None = None,
    networks: Mapping[str, str] | None = None,
    firmware: Mapping[str, str] | None = None,
) -> Conversion:
    """The command line of a domain XML; ``name`` is what errors call the text.

    ``pretty`` puts one option on a line; ``strict`` refuses what no kind understands instead of noting it. ``script`` gives a
    shell script that prepares the host first; ``redact`` takes out what a bug report must not tell. ``firmware`` are the texts of
    the host's firmware descriptors by their files' names. The rest are the wishes of ``Plumbing``.
    Raises DomainXmlError for XML that is no sound domain, UnsupportedError for what the profile cannot say.
    """
    plumber = find_plumbing(
        plumbing,
        scripted=script,
        paused=paused,
        inline_secrets=inline_secrets and not redact,
        state_dir="" if redact else state_dir or "",
        bridges=networks or {},
    )
    find_target(profile, qemu_version)
    if profile not in passes.TO_NATIVE:
        raise UnsupportedError(f"to-native does not offer profile '{profile}'")
    if script and profile != "modern":
        raise UnsupportedError(f"profile '{profile}' has no script")
    domain, reader, root = _read(xml, name)
    found = find_target(profile, qemu_version, guest.architecture(domain), domain.identity.type)
    target = replace(found, firmware=descriptors.read(firmware or {}))
    writing = Writing(domain, target, environment or {}, plumber)
    writer = manual if profile == "manual" else argv
    writer.weigh(writing, reader, root, strict=strict)
    try:
        passes.run(domain, target, passes.TO_NATIVE[profile])
    except ConversionError as error:
        raise error.at(reader.places.get(id(error.about))) from None
    if writer is argv:
        checks.run(domain, target, reader.places)
    if redact:
        from qemuxml.redaction import redact as take_out  # noqa: PLC0415 - few ask for it

        take_out(domain)
    written = list(writer.options(writing, reader.places))
    started = (writer.environment(writing), domain.emulator or "", written)
    if script:
        from qemuxml import shellscript  # noqa: PLC0415 - few ask for it

        return Conversion(shellscript.render(writing, *started), domain, (), tuple(writing.notes))
    for need in writing.needs:
        if need.advice:
            writing.note(need.advice)
    text = one_option_a_line(*started) if pretty else one_line(*started)
    return Conversion(text + "\n", domain, (), tuple(writing.notes))


def _read(xml: str, name: str) -> tuple[Domain, xmlwalk.Reader, xmlwalk.Element]:
    """The guest that an XML says, with the reader that knows where in it everything stands."""
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


def complete(xml: str, *, name: str, qemu_version: str | None = None) -> Writing:
    """The guest of a domain XML as libvirt would start it, its devices under libvirt's own names, ready to be written.

    Raises ConversionError.
    """
    domain, _, _ = _read(xml, name)
    target = find_target("modern", qemu_version, guest.architecture(domain))
    for device in domain.devices:
        if getattr(device, "info", None):
            device.info.alias = None
    passes.run(domain, target, passes.LIBVIRT)
    return Writing(domain, target, {}, find_plumbing("libvirt"))


def to_xml(domain: Domain) -> str:
    """Domain XML of a guest, as libvirt prints it. Raises UnsupportedError for a value that XML cannot hold."""
    return xmlwalk.to_text(xmlwalk.write(domain, "domain", layout.TAGS))
