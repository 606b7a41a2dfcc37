"""Two guests held against each other as hardware: devices matched by what they are and where they sit, then by role.

Both are completed as libvirt completes a guest. Whether something differs is decided by the options that libvirt would start
the guest with; what differs is told in the words of the XML.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from qemuxml import convert
from qemuxml.common.info import info_of
from qemuxml.compare import beside, choices, ignoring
from qemuxml.compare.guest import Guest, Part
from qemuxml.compare.matching import matched
from qemuxml.errors import ConversionError, UnsupportedError
from qemuxml.mapping.context import Writing
from qemuxml.mapping.facts import Statement, statements
from qemuxml.mapping.wishes import Wishes
from qemuxml.record import record


@record(frozen=True)
class Difference:
    """One place in which two guests differ. A side that says nothing there has None; a whole device has no ``path``."""

    subject: str
    path: str
    first: str | None
    second: str | None

    def as_json(self) -> dict[str, str | None]:
        """The same as JSON has it."""
        return {"subject": self.subject, "path": self.path, "first": self.first, "second": self.second}


@record(frozen=True)
class Comparison:
    """The differences of two guests, and both guests as canonical XML."""

    differences: tuple[Difference, ...]
    first: str
    second: str


def compare(  # noqa: PLR0913 - the options of the command
    first: str,
    second: str,
    *,
    names: tuple[str, str],
    ignore: Collection[str] = (),
    wishes: tuple[Wishes, Wishes] = (convert.NO_WISHES, convert.NO_WISHES),
    hardware_alone: bool = False,
) -> Comparison:
    """Compare two texts, each domain XML or a command line, which is read as it is wished.

    ``ignore`` may hold "host" (paths, sockets, displays) and "identity" (name, UUID, MAC addresses). ``hardware_alone`` leaves
    out what libvirt does beside QEMU's command line.
    Raises ConversionError for a text that is no guest.
    """
    both_xml = None if hardware_alone else convert.is_xml(first) and convert.is_xml(second)
    xmls = [_xml(*given) for given in zip((first, second), names, wishes, strict=True)]
    version = _release(*xmls)
    writings = [_complete(xml, name, version, ignore) for xml, name in zip(xmls, names, strict=True)]
    choices.leave_to_the_host(*(writing.domain for writing in writings))
    one, other = (_guest(writing, xml, name) for writing, xml, name in zip(writings, xmls, names, strict=True))
    found = tuple(_Sides(one, other, both_xml=both_xml).differences())
    return Comparison(found, convert.to_xml(one.domain), convert.to_xml(other.domain))


def _xml(text: str, name: str, wishes: Wishes) -> str:
    if convert.is_xml(text):
        return text
    return convert.from_native(text, name=name, profile="modern", base_dir=None, wishes=wishes).text


def _release(*xmls: str) -> str | None:
    """The release that a guest's machine is of, if the other has a machine without one: ``pc`` is the newest of its QEMU."""
    found = [re.search(r"<type[^>]* machine=['\"][\w-]+?-(\d+\.\d+)['\"]", xml) for xml in xmls]
    versions = {match[1] for match in found if match}
    return versions.pop() if not all(found) and versions else None


def _complete(xml: str, name: str, version: str | None, ignore: Collection[str]) -> Writing:
    try:
        writing = convert.complete(xml, name=name, qemu_version=version)
    except UnsupportedError:  # a release that this package does not write for
        writing = convert.complete(xml, name=name)
    ignoring.forget(writing.domain, ignore)
    return writing


def _guest(writing: Writing, xml: str, name: str) -> Guest:
    try:
        return Guest(writing)
    except ConversionError:
        raise
    except Exception:
        convert.to_native(xml, name=name, profile="modern")  # the writers rely on its checks, which say what is wrong
        raise


# ------------------------------------------------------------------ what differs

Side = dict[str, Statement]

_ALWAYS: Final = re.compile(r".*/@(?:type|model|device|bus)$|.*/address/@")
"""What a device is and where it sits: if it is another one, that is why; alone it may be no guest that could be written."""

_OPTION: Final = "option"
"""In the place of a path, where only the command line says what differs."""

_BOOT: Final = "/os/boot"

_IN_DEVICES: Final = (_BOOT, "/qemu:override")
"""What is said of the guest and shows in the options of its devices."""

_ORDER: Final = "/boot/@order"
"""``<boot dev='…'>`` of ``<os>`` makes the same of a device."""


class _Sides:
    """Two completed guests."""

    def __init__(self, one: Guest, other: Guest, *, both_xml: bool | None) -> None:
        self._one, self._other, self._both_xml = one, other, both_xml
        self._parts_differ = Counter(one.rest) != Counter(other.rest)
        self._differ = self._parts_differ or _words(one) != _words(other)

    def differences(self) -> Iterator[Difference]:
        """What differs: first the guest, then each device."""
        parts = list(self._guest())
        explained = any(item.path.startswith(_IN_DEVICES) for item in parts)
        found = [*parts, *(item for item in self._devices() if not (explained and item.path == _OPTION))]
        yield from found
        if self._parts_differ and not found:
            yield from _options(self._one.rest, self._other.rest)

    def _guest(self) -> Iterator[Difference]:
        """Memory, processors and all that is no device."""
        one, other = self._one, self._other
        if one.domain.emulator != other.domain.emulator:
            yield Difference("guest", "/devices/emulator", one.domain.emulator, other.domain.emulator)
        sides = _by_path(one), _by_path(other)
        for path, texts in _changes(*sides):
            told = self._differ and (self._boots_otherwise() if path.startswith(_BOOT) else self._weighs(sides, path))
            if told or beside.counts("", path, texts, both_xml=self._both_xml):
                yield Difference("guest", path, *texts)

    def _boots_otherwise(self) -> bool:
        """Whether a device has another turn: completion has told the devices what ``<boot>`` of ``<os>`` says."""
        return any(left and right and _turn(left) != _turn(right) for left, right in matched(self._one.parts, self._other.parts))

    def _devices(self) -> Iterator[Difference]:
        for left, right in matched(self._one.parts, self._other.parts):
            if left and right:
                yield from self._device(left, right)
            elif left and self._one.needs(left):
                yield Difference(left.title, "", left.text, None)
            elif right and self._other.needs(right):
                yield Difference(right.title, "", None, right.text)

    def _device(self, left: Part, right: Part) -> Iterator[Difference]:
        told = left.words != right.words
        another = told or (self._parts_differ and not left.words)
        found = [
            Difference(left.title, path, *texts)
            for path, texts in _changes(left.statements, right.statements)
            if (another and _ALWAYS.match(path)) or self._says(left, right, path, texts, told=told)
        ]
        yield from found
        if told and not found:
            yield from _options(left.words, right.words, left.title)

    def _says(self, left: Part, right: Part, path: str, texts: tuple[str | None, str | None], *, told: bool) -> bool:
        """Whether libvirt does otherwise for what two devices say, or QEMU, which may be ``told`` something else of them."""
        if beside.counts(left.element, path, texts, both_xml=self._both_xml):
            return not any(beside.is_only_a_name(part, path) for part in (left, right))
        if path == _ORDER:
            return _turn(left) != _turn(right)
        told = told or self._parts_differ or not left.words  # such as <audio> and <redirfilter>, which other devices name
        return told and self._weighs((left.statements, right.statements), path)

    def _weighs(self, sides: tuple[Side, Side], path: str) -> bool:
        """Whether QEMU would be told anything else if one guest said there what the other one says."""
        mine, theirs = (side.get(path) for side in sides)
        return any(
            guest.weighs(said, getattr(instead.owner, instead.field) if instead else None)
            for guest, said, instead in ((self._one, mine, theirs), (self._other, theirs, mine))
            if said
        )


def _turn(part: Part) -> int | None:
    """When the firmware tries to boot from a device."""
    info = info_of(part.device)
    return info.boot_index if info else None


def _words(guest: Guest) -> Counter[tuple[str, ...]]:
    return Counter(part.words for part in guest.parts)


def _by_path(guest: Guest) -> Side:
    return {item.path: item for item in statements(guest.domain) if item.path != "/devices/emulator"}


def _changes(left: Side, right: Side) -> Iterator[tuple[str, tuple[str | None, str | None]]]:
    """The places at which two sides do not say the same."""
    for path in dict.fromkeys((*left, *right)):
        texts = _text(left, path), _text(right, path)
        if texts[0] != texts[1]:
            yield path, texts


def _text(side: Side, path: str) -> str | None:
    return side[path].text if path in side else None


def _options(left: Sequence[str], right: Sequence[str], subject: str = "guest") -> Iterator[Difference]:
    """What the XML cannot tell apart and the command line does."""
    missing, added = Counter(left) - Counter(right), Counter(right) - Counter(left)
    yield from (Difference(subject, _OPTION, words, None) for words in missing.elements())
    yield from (Difference(subject, _OPTION, None, words) for words in added.elements())
