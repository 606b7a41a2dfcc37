"""What a kind may ask while a guest is read from options or written to them: ``reading.domain``, ``reading.has("…")``."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from qemuxml.cmdline.options import CommandLine, Option
from qemuxml.cmdline.render import escape
from qemuxml.cmdline.values import Property, Values, parse
from qemuxml.errors import Span
from qemuxml.later import pattern
from qemuxml.mapping.ledger import REST, Claimed, Fate, Ledger, Note, mapped
from qemuxml.mapping.plumbing import Need, Plumbing
from qemuxml.mapping.wishes import Wishes
from qemuxml.record import field, record

if TYPE_CHECKING:
    from qemuxml.domain import Domain

T = TypeVar("T")


@record(frozen=True, kw_only=True)
class Target:
    """What a conversion is made for: named abilities instead of version numbers, and defaults by architecture."""

    name: str
    abilities: frozenset[str]
    memory: int
    """Bytes that a guest has without ``-m``."""
    machines: Mapping[str, str] = field(default_factory=dict)
    """The machine that a guest of an architecture has without ``-M``."""
    firmware: tuple[Any, ...] = ()
    """The descriptors of the host's firmware; where there are none, Fedora's are asked."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """The machine that an alias stands for: pc-i440fx-9.1 for pc in QEMU 9.1."""
    host_model: str | None = None
    """The CPU of mode host-model without KVM: ``EPYC,monitor=on,vme=off``."""

    def has(self, ability: str) -> bool:
        """Whether the target does that."""
        return ability in self.abilities


_IMPLIED: Final = {"-device": "driver", "-object": "qom-type", "-blockdev": "driver", "-chardev": "backend"}
"""The key of a first value that has none, in options that others refer to."""


class Reading:
    """A command line on its way to a domain."""

    def __init__(  # noqa: PLR0913 - each is another thing
        self,
        line: CommandLine,
        domain: Domain,
        target: Target,
        elements: Mapping[str, type[Any]],
        base_dir: str | None,
        *,
        wishes: Wishes,
    ) -> None:
        self.line = line
        self.domain = domain
        self.target = target
        self.ledger = Ledger(line.options)
        self.notes: list[Note] = []
        self.base_dir = base_dir
        self.wishes = wishes
        self._elements = elements
        self._environment = {item.name: item for item in line.environment}
        self.environment_read: set[str] = set()
        self._references: dict[tuple[str, str], dict[str, Option]] = {}
        self._values: dict[Option, Values] = {}
        self._found: dict[Callable[[Reading], Any], Any] = {}
        self.names: dict[str, Any] = {}
        """Devices by the ids that the command line gave them."""
        self.buses: dict[str, Any] = {}
        """Buses by QEMU's names for them; a claim of a controller adds its own."""
        self.makes_cards = True
        """Whether the board has network cards of ``-nic`` and ``-net nic``."""
        self.usual_card: str | None = None
        """Libvirt's name of the board's network card of ``-nic user`` and ``-net nic``, which name none."""
        self.knows_board = True
        """Whether libvirt can place the drives and cards that a board's own options make (``-hda``, ``-net nic``, ``-vga``)."""
        self.rooted: list[str] = []
        """Relative file names in a folder that is not known: libvirt starts QEMU in ``/``."""
        self._told: set[str] = set()
        self.led: list[str] = []
        """The same where what is passed may stand on it."""
        self.added: list[str] = []
        """Words for QEMU that stand for what it does unasked, and libvirt would not let it do."""
        self.unset_properties: list[tuple[Any, str]] = []
        """Devices with the properties that libvirt would write, and the guest has not."""
        self.overridden: list[tuple[Any, list[Property]]] = []
        """Devices with the properties that domain XML has no word for."""
        self.settling: dict[Callable[[Reading], None], None] = {}
        """What can be said when all that is no device has been claimed: each step once, whoever asks for it."""
        self.finishing: dict[Callable[[Reading], None], None] = {}
        """What can be said only when every option has been claimed."""

    def has(self, ability: str) -> bool:
        """Whether the target does that."""
        return self.target.has(ability)

    def variable(self, name: str) -> str | None:
        """The value of an assignment before the binary, now counted as understood."""
        self.environment_read.add(name)
        found = self._environment.get(name)
        return found.value if found else None

    def device(self, element: str, **fields: Any) -> Any:
        """A device of another kind, for an option that says two things (``-cpu …,hv_crash`` is a ``<panic>`` too)."""
        return self._elements[element](**fields)

    def has_any(self, element: str) -> bool:
        """Whether the guest has a device of another kind already."""
        return self.domain.has(self._elements[element])

    @property
    def folder(self) -> str | None:
        """Where relative file names begin: the folder that is known, or supposed, or libvirt's. None leaves them as they are."""
        if not self.has("starts-in-root"):
            return self.base_dir
        return posixpath.normpath(posixpath.join(self.wishes.folder or _ROOT, self.base_dir or ""))

    def path(self, text: str) -> str:
        """A file name as libvirt takes it: absolute."""
        folder = self.folder
        if not text or folder is None or (self.base_dir is None and text.startswith("/")):
            return text
        if self.has("starts-in-root") and not text.startswith("/") and not (self.base_dir or "").startswith("/"):
            self.rooted.append(text)
        return posixpath.normpath(posixpath.join(folder, text))

    def tell_rooted(self, span: Span) -> None:
        """Say once of each relative file name where it is taken from: nobody said in which folder the guest was started."""
        folder = self.folder
        for name in self.rooted:
            if name not in self._told:
                where = (
                    "libvirt starts QEMU in /, and it is taken from there" if folder == _ROOT else f"it is taken from {folder}"
                )
                self.note(f"{name} is relative: {where}; --base-dir says otherwise", span)
                self._told.add(name)
        self.rooted.clear()

    def image(self, name: str) -> str:
        """An image's name with its path made absolute; a protocol's name stays."""
        local = _LOCAL.match(name)
        if local:
            return local[0] + self.path(name[local.end() :])
        protocol, colon, _ = name.partition(":")
        return name if colon and "/" not in protocol else self.path(name)

    def shipped(self, name: str) -> str | None:
        """The path of a file that QEMU also seeks among its own; None for a bare name, unless it is seen in the folder."""
        read = self.wishes.read_image
        beside = "/" in name or (read is not None and read(posixpath.join(self.folder or "", name)) is not None)
        return self.path(name) if beside else None

    def referring(self, option: str, key: str, identifier: str) -> Option | None:
        """The open option of that name whose property ``key`` is ``identifier`` (the ``-device`` of a drive)."""
        index = self._references.get((option, key))
        if index is None:
            index = self._references[option, key] = {}
            for item in self.ledger.named(option):
                found = self._named(item).peek(key)
                if found is not None:
                    index.setdefault(found, item)
        found_option = index.get(identifier)
        return found_option if found_option and self.ledger.is_open(found_option) else None

    def _named(self, option: Option) -> Values:
        """The properties of an option that others refer to. Who claims it may know a key of its first value that we do not."""
        implied = _IMPLIED.get(option.name)
        if implied is not None:
            return self.values(option, implied)
        return parse(option.value) if option.value else Values((), option.span)

    def values(self, option: Option, implied: str | None = None) -> Values:
        """The properties of an option's value, parsed once; none of an option without one."""
        found = self._values.get(option)
        if found is None:
            found = parse(option.value, implied) if option.value else Values((), option.span)
            self._values[option] = found
        return found

    def once(self, look: Callable[[Reading], T]) -> T:
        """What ``look`` finds on the whole line, looked for at the first question only."""
        if look not in self._found:
            self._found[look] = look(self)
        found: T = self._found[look]
        return found

    def name(self, identifier: str, device: Any) -> None:
        """Remember which device an id belongs to; of a repeated one the first counts."""
        self.names.setdefault(identifier, device)

    def unset(self, device: Any, name: str) -> None:
        """Take a property away that libvirt writes for every such device."""
        self.unset_properties.append((device, name))

    def override(self, device: Any, properties: list[Property]) -> None:
        """Keep properties of a device that domain XML has no word for."""
        if properties:
            self.overridden.append((device, properties))

    def settle(self, step: Callable[[Reading], None]) -> None:
        """Take this step once, before the devices are claimed."""
        self.settling[step] = None

    def finish(self, step: Callable[[Reading], None]) -> None:
        """Take this step once, when all options are claimed."""
        self.finishing[step] = None

    def partly(self, option: Option, rest: list[Property]) -> Claimed:
        """The option stands in the XML but for these properties, which are passed on as an option of the same name.

        For options that QEMU adds up (``-machine``, ``-m``), so that libvirt's own and this one are the same as the one given.
        """
        text = ",".join(escape(item.key) if item.bare else f"{item.key}={escape(item.text)}" for item in rest)
        return self.but(option, (option.name, text) if rest else ())

    def but(self, option: Option, words: tuple[str, ...]) -> Claimed:
        """The option stands in the XML but for what these words say, which are passed on in its place."""
        if not words:
            return mapped(option)
        return Claimed((option,), Fate.PASSED, (), REST, words)

    def understood(self, values: Values) -> bool:
        """Whether a claim may go on: nothing is unread, or the target forgets what it has no words for, with a note."""
        unread = values.unread()
        if unread and not self.has("forgets-properties"):
            return False
        for item in unread:
            self.forget(item)
        return True

    def forget(self, item: Property) -> None:
        """Note a property that the target has no word for."""
        self.note(
            f"{item.key or item.text}: the {self.target.name} profile has no word for this property: it is left out",
            item.span,
        )

    def note(self, message: str, place: Span | None = None) -> None:
        """Tell something that a person should know."""
        self.notes.append(Note(message, place))


_LOCAL: Final = pattern(r"file:|fat:(?:.*:)?")
"""What stands before the path of a file, and before that of a folder which is a disk."""
_ROOT: Final = "/"
"""Where libvirt starts QEMU."""
LONGEST_NAME = 50
"""Bytes of a guest's name that its files begin with: the path of a socket has room for 107."""
FIRST_DESCRIPTOR = 2
"""Standard error: libvirt's descriptors are numbered behind it."""


class Writing:
    """A domain on its way to a command line."""

    def __init__(self, domain: Domain, target: Target, environment: Mapping[str, str], plumbing: Plumbing | None = None) -> None:
        self.domain = domain
        self.target = target
        self.environment = environment
        self.plumbing = plumbing or Plumbing()
        self.notes: list[Note] = []
        self.needs: dict[Need, None] = {}
        self._descriptor = FIRST_DESCRIPTOR
        self._numbers: dict[str, int] = {}

    def note(self, message: str) -> None:
        """Tell something that a person should know."""
        self.notes.append(Note(message))

    def need(self, need: Need) -> None:
        """Say what the host must have before the guest starts; libvirt sees to that by itself."""
        if not self.by_libvirt:
            self.needs[need] = None

    def has(self, ability: str) -> bool:
        """Whether the target does that: ``writing.has("virtio-blk.queue-size")``."""
        return self.target.has(ability)

    @property
    def by_libvirt(self) -> bool:
        """Whether the line is libvirt's own, with its descriptors, monitor and secrets."""
        return self.plumbing.by_libvirt

    def state_path(self, ending: str) -> str:
        """A file of the guest's own, beside a person's line: its name with ``ending`` (``.qmp``, ``-tpm0.sock``)."""
        name = (self.domain.identity.name or "guest").encode()[:LONGEST_NAME].decode(errors="ignore").replace("/", "_")
        return posixpath.join(self.plumbing.state_dir, name + ending)

    def descriptor(self) -> int:
        """The placeholder of the next file descriptor that libvirt would hand over."""
        self._descriptor += 1
        return self._descriptor

    def number(self, kind: str) -> int:
        """How many of a kind were written before this one."""
        self._numbers[kind] = self._numbers.get(kind, -1) + 1
        return self._numbers[kind]
