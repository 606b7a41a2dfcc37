"""Two guests held against each other as hardware: devices matched by what they are and where they sit, then by role.

Both are completed as libvirt completes a guest. Whether something differs is decided by the options that libvirt would start
the guest with; what differs is told in the words of the XML.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from qemuxml import convert
from qemuxml.compare import choices, ignoring
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


def compare(
    first: str,
    second: str,
    *,
    names: tuple[str, str],
    ignore: Collection[str] = (),
    wishes: tuple[Wishes, Wishes] = (convert.NO_WISHES, convert.NO_WISHES),
) -> Comparison:
    """Compare two texts, each domain XML or a command line, which is read as it is wished.

    ``ignore`` may hold "host" (paths, sockets, displays) and "identity" (name, UUID, MAC addresses).
    Raises ConversionError for a text that is no guest.
    """
    xmls = [_xml(*given) for given in zip((first, second), names, wishes, strict=True)]
    version = _release(*xmls)
    writings = [_complete(xml, name, version, ignore) for xml, name in zip(xmls, names, strict=True)]
    choices.leave_to_the_host(*(writing.domain for writing in writings))
    one, other = (_guest(writing, xml, name) for writing, xml, name in zip(writings, xmls, names, strict=True))
    found = tuple(_differences(one, other)) if one.words != other.words else ()
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


def _differences(one: Guest, other: Guest) -> Iterator[Difference]:
    found = [*_parts(one, other), *_devices(one, other)]
    yield from found or _options(one.rest, other.rest)


def _parts(one: Guest, other: Guest) -> Iterator[Difference]:
    """Memory, processors and all that is no device."""
    if one.domain.emulator != other.domain.emulator:
        yield Difference("guest", "/devices/emulator", one.domain.emulator, other.domain.emulator)
    if Counter(one.rest) != Counter(other.rest):
        yield from _changes("guest", (one, _by_path(one)), (other, _by_path(other)))


def _by_path(guest: Guest) -> Side:
    return {item.path: item for item in statements(guest.domain) if item.path != "/devices/emulator"}


def _devices(one: Guest, other: Guest) -> Iterator[Difference]:
    for left, right in matched(one.parts, other.parts):
        if left and right:
            yield from _device((one, left), (other, right))
        elif left and one.needs(left):
            yield Difference(left.title, "", left.text, None)
        elif right and other.needs(right):
            yield Difference(right.title, "", None, right.text)


def _device(left: tuple[Guest, Part], right: tuple[Guest, Part]) -> Iterator[Difference]:
    if left[1].words == right[1].words != ():
        return
    found = list(_changes(left[1].title, (left[0], left[1].statements), (right[0], right[1].statements)))
    yield from found or _options(left[1].words, right[1].words, left[1].title)


Side = dict[str, Statement]


def _changes(subject: str, left: tuple[Guest, Side], right: tuple[Guest, Side]) -> Iterator[Difference]:
    """What the two sides say otherwise, and QEMU is told."""
    for path in dict.fromkeys((*left[1], *right[1])):
        texts = _text(left[1], path), _text(right[1], path)
        if texts[0] != texts[1] and _weighs(path, left, right):
            yield Difference(subject, path, *texts)


def _text(side: Side, path: str) -> str | None:
    return side[path].text if path in side else None


def _weighs(path: str, left: tuple[Guest, Side], right: tuple[Guest, Side]) -> bool:
    mine, theirs = left[1].get(path), right[1].get(path)
    if mine and theirs:
        return left[0].weighs(mine, getattr(theirs.owner, theirs.field))
    return left[0].weighs(mine) if mine else bool(theirs and right[0].weighs(theirs))


def _options(left: Sequence[str], right: Sequence[str], subject: str = "guest") -> Iterator[Difference]:
    """What the XML cannot tell apart and the command line does."""
    missing, added = Counter(left) - Counter(right), Counter(right) - Counter(left)
    yield from (Difference(subject, "option", words, None) for words in missing.elements())
    yield from (Difference(subject, "option", None, words) for words in added.elements())
