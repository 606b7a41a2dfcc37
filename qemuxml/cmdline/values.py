"""One option's value as properties: ``file=a,,b,if=ide,readonly`` or ``{"driver": "e1000", "id": "net0"}``.

Both spellings give the same flat list: the objects and lists of JSON become QEMU's dotted keys (``file.filename``,
``host.0.name``). Every property knows its place, and remembers whether anyone has read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar, overload

from qemuxml.cmdline.words import Word, unsound
from qemuxml.errors import CommandLineError, Span
from qemuxml.later import later, pattern
from qemuxml.record import record

T = TypeVar("T")
Scalar = str | bool | int | float | None

DEEPEST = 64
"""Levels of nesting that JSON may have. QEMU's own limit is 1024, its deepest schema (a chain of block nodes) needs far less."""

LONGEST_NUMBER = 400
"""Characters of a number in JSON: the greatest double written out has 309 digits, and Python itself refuses 4,301."""


@record(eq=False)
class Property:
    """``key=value``: ``raw`` is text (JSON keeps its own type), ``bare`` marks a key without ``=``."""

    key: str
    raw: Scalar
    span: Span
    bare: bool = False
    read: bool = False

    @property
    def text(self) -> str:
        """The value as ``key=value`` spells it: JSON's booleans are ``on`` and ``off``."""
        if isinstance(self.raw, bool):
            return "on" if self.raw else "off"
        return "" if self.raw is None else str(self.raw)

    def refuse(self, message: str) -> CommandLineError:
        """An error at the place of this property."""
        return CommandLineError(message, self.span)


class Values:
    """The properties of one value, in their order. Of a repeated key the last one counts, as in QEMU."""

    def __init__(self, properties: Sequence[Property], span: Span, keys: Sequence[str] | None = None) -> None:
        self.properties = properties
        self.span = span
        self.keys = [item.key for item in properties] if keys is None else keys
        self._by_key: dict[str, list[Property]] = {}
        for key, item in zip(self.keys, properties, strict=True):
            self._by_key.setdefault(key, []).append(item)

    def set(self, item: Property) -> None:
        """Add a property, or put it in the place of those of its key."""
        kept = [(key, other) for key, other in zip(self.keys, self.properties, strict=True) if key != item.key]
        self.keys = [*(key for key, _ in kept), item.key]
        self.properties = [*(other for _, other in kept), item]
        self._by_key[item.key] = [item]

    def add(self, item: Property) -> None:
        """Add a property beside those of its key."""
        self.keys, self.properties = [*self.keys, item.key], [*self.properties, item]
        self._by_key.setdefault(item.key, []).append(item)

    def __iter__(self) -> Iterator[Property]:
        return iter(self.properties)

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def peek(self, key: str) -> str | None:
        """The text of a property, without counting it as read."""
        found = self.seek(key)
        return found.text if found else None

    def seek(self, key: str) -> Property | None:
        """The property that counts for a key, without counting it as read."""
        found = self._by_key.get(key)
        return found[-1] if found else None

    def every(self, key: str) -> list[Property]:
        """All properties of that key, now read."""
        found = self._by_key.get(key, [])
        for item in found:
            item.read = True
        return found

    def property(self, key: str) -> Property | None:
        """The property that counts for a key, now read."""
        found = self.every(key)
        return found[-1] if found else None

    @overload
    def get(self, key: str) -> str | None: ...
    @overload
    def get(self, key: str, decode: Callable[[str], T]) -> T | None: ...
    def get(self, key: str, decode: Callable[[str], T] | None = None) -> T | str | None:
        """The value of a key, decoded; None if it is absent.

        Raises CommandLineError at the property's place where ``decode`` raises ValueError.
        """
        found = self.property(key)
        if found is None:
            return None
        return found.text if decode is None else decoded(found, decode)

    def flag(self, key: str) -> bool | None:
        """A switch in any of QEMU's spellings: ``key``, ``nokey``, ``key=on``, ``key=off`` and their synonyms."""
        switch = None
        for name, item in zip(self.keys, self.properties, strict=True):
            if name == key:
                switch = True if item.bare else decoded(item, on_off)
            elif item.bare and name == f"no{key}":
                switch = False
            else:
                continue
            item.read = True
        return switch

    def below(self, key: str) -> Values | None:
        """The properties under a dotted key, by the rest of theirs: ``frequency`` of ``in.frequency``; None if there is none."""
        prefix = f"{key}."
        inner = [(name.removeprefix(prefix), item) for name, item in zip(self.keys, self.properties, strict=True)
                 if name.startswith(prefix)]  # fmt: skip
        return Values([item for _, item in inner], self.span, [name for name, _ in inner]) if inner else None

    def renamed(self, names: Mapping[str, str]) -> Values:
        """The same properties by other names, where the table has one: what is read here is read there."""
        return Values(self.properties, self.span, [names.get(name, name) for name in self.keys])

    def unread(self) -> list[Property]:
        """What nobody has asked for."""
        return [item for item in self.properties if not item.read]


def decoded(item: Property, decode: Callable[[str], T]) -> T:
    """The property's value through ``decode``; its ValueError becomes an error at the property's place."""
    try:
        return decode(item.text)
    except ValueError as error:
        shown = item.text if len(item.text) <= 40 else item.text[:37] + "..."
        raise item.refuse(f"{item.key}: '{shown}' {error}" if item.key else f"'{shown}' {error}") from None


_SWITCH = {"on": True, "yes": True, "true": True, "y": True, "off": False, "no": False, "false": False, "n": False}


def on_off(text: str) -> bool:
    """``on``, ``yes``, ``true``, ``y`` and their opposites, as QEMU's boolean properties take them."""
    try:
        return _SWITCH[text]
    except KeyError:
        raise ValueError("is neither on nor off") from None


def parse(word: Word, implied: str | None = None, start: int = 0) -> Values:
    """The properties of a word from the character ``start`` on; ``implied`` is the key of a first value without one.

    Raises CommandLineError for JSON that is not an object, is malformed or nested too deep.
    """
    if word.text.startswith("{", start):
        return Values(_Json(word, start).properties(), word.span())
    return Values(_key_values(word, implied, start), word.span(start))


_PIECE = pattern(r"(?:[^,]|,,)*")


def _key_values(word: Word, implied: str | None, start: int) -> list[Property]:
    properties: list[Property] = []
    text = word.text
    position = start
    while position < len(text):
        found = _PIECE.match(text, position)
        end = found.end() if found else len(text)
        piece = text[position:end]
        if piece:
            properties.append(_key_value(piece, implied if position == start else None, word.span(position, end)))
        position = end + 1
    return properties


def _key_value(piece: str, implied: str | None, span: Span) -> Property:
    key, equals, value = piece.partition("=")
    if equals:
        return Property(key, value.replace(",,", ","), span)
    value = piece.replace(",,", ",")
    return Property(value, raw=True, span=span, bare=True) if implied is None else Property(implied, value, span)


_JSON_BLANK = pattern(r"[ \t\r\n]*")
_JSON_SCALAR = pattern(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null")


_scan_string: Callable[[str, int], tuple[str, int]] = later("json.decoder:scanstring")
"""The standard library's own reader of one JSON string: text and the offset behind the opening quote, to value and end."""
_scan_scalar: Callable[[str], Scalar] = later("json:loads")


class _Json:
    """A reader of JSON that keeps places: the standard library's gives none."""

    def __init__(self, word: Word, start: int) -> None:
        self.word = word
        self.text = word.text
        self.position = start
        self.found: list[Property] = []

    def properties(self) -> list[Property]:
        self._value("", 1)
        self._blank()
        if self.position < len(self.text):
            raise self._refuse("more text behind the JSON object")
        return self.found

    def _value(self, key: str, depth: int) -> None:
        if depth > DEEPEST:
            raise self._refuse(f"JSON nested over {DEEPEST} levels deep")
        self._blank()
        start = self.position
        if self.text.startswith("{", start):
            self._members(key, depth, "}")
        elif self.text.startswith("[", start):
            self._members(key, depth, "]")
        else:
            scalar = self._string() if self.text.startswith('"', start) else self._scalar()
            self.found.append(Property(key, scalar, self.word.span(start, self.position)))

    def _members(self, key: str, depth: int, close: str) -> None:
        self.position += 1
        self._blank()
        if self._next(close):
            return
        prefix = f"{key}." if key else ""
        index = 0
        while True:
            self._blank()
            if close == "}":
                name = self._string()
                self._blank()
                self._expect(":")
            else:
                name = str(index)
                index += 1
            self._value(prefix + name, depth + 1)
            self._blank()
            if self._next(close):
                return
            self._expect(",")

    def _string(self) -> str:
        if not self.text.startswith('"', self.position):
            raise self._refuse("a JSON string must stand here")
        start = self.position
        try:
            text, self.position = _scan_string(self.text, self.position + 1)
        except ValueError as error:
            self.position = min(error.pos, len(self.text))  # type: ignore[attr-defined]  # a JSONDecodeError has it
            raise self._refuse("this JSON string is malformed or does not end") from None
        odd = unsound(text)
        if odd:
            self.position = start
            raise self._refuse(f"the character U+{ord(odd[0]):04X} cannot stand in a command line")
        return text

    def _scalar(self) -> Scalar:
        found = _JSON_SCALAR.match(self.text, self.position)
        if not found:
            raise self._refuse("a JSON value must stand here")
        if len(found[0]) > LONGEST_NUMBER:
            raise self._refuse(f"a JSON number of over {LONGEST_NUMBER} characters")
        self.position = found.end()
        scalar: Scalar = _scan_scalar(found[0])
        return scalar

    def _blank(self) -> None:
        found = _JSON_BLANK.match(self.text, self.position)
        self.position = found.end() if found else self.position

    def _next(self, character: str) -> bool:
        if self.text.startswith(character, self.position):
            self.position += 1
            return True
        return False

    def _expect(self, character: str) -> None:
        if not self._next(character):
            raise self._refuse(f"a '{character}' must stand here")

    def _refuse(self, message: str) -> CommandLineError:
        start = min(self.position, len(self.text))
        return CommandLineError(message, self.word.span(start, min(start + 1, len(self.text))))
