"""One reader over lxml for every declared class: ``<disk type='file'>…`` to ``Disk(type="file", …)``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final, TypeVar, cast

from lxml import etree

from qemuxml.errors import DomainXmlError, XmlPlace
from qemuxml.mapping.codecs import STR, Codec
from qemuxml.mapping.xml import QEMU, Attr, Child, Children, Flag, Group, Listing, Raw, Text, Variant, declarations

T = TypeVar("T")
Element = etree._Element  # noqa: SLF001 - lxml gives its element class no public name

_PREFIXES = {QEMU: "qemu"}
_TAGS = {"qemu:": f"{{{QEMU}}}"}

LONGEST_DOCUMENT = 4194304
"""Characters: libvirt takes no longer string over its wire (REMOTE_STRING_MAX)."""


def parse(text: str, name: str) -> Element:
    """The root element of a document. No entity is expanded, no network is asked, libxml2's bounds on depth stay.

    The text is text already: an encoding that it declares says nothing any more.
    Raises DomainXmlError for what is not well-formed, longer than libvirt takes, or has a document type declaration:
    domain XML has none, and only a hostile one does.
    """
    if len(text) > LONGEST_DOCUMENT:
        raise DomainXmlError(f"{len(text)} characters: libvirt takes {LONGEST_DOCUMENT} at most", XmlPlace(name, 1, "/"))
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except UnicodeEncodeError as error:
        place = XmlPlace(name, text.count("\n", 0, error.start) + 1, "/")
        raise DomainXmlError("a lone surrogate cannot stand in XML", place) from None
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _malformed(error, name) from None
    docinfo: Any = root.getroottree().docinfo
    if docinfo.doctype:
        raise DomainXmlError("a document type declaration has no place in domain XML", XmlPlace(name, 1, "/"))
    return root


def _malformed(error: Exception, name: str) -> DomainXmlError:
    if not isinstance(error, etree.XMLSyntaxError):
        return DomainXmlError(f"not XML: {error}", XmlPlace(name, 1, "/"))
    message = (error.msg or "empty").split(", line ")[0]
    return DomainXmlError(f"not well-formed: {message}", XmlPlace(name, error.lineno or 1, "/"))


def _name(tag: Any) -> str:
    name = etree.QName(tag)
    prefix = _PREFIXES.get(name.namespace or "")
    return f"{prefix}:{name.localname}" if prefix else name.localname


def _tag(step: str) -> str:
    for prefix, namespace in _TAGS.items():
        if step.startswith(prefix):
            return namespace + step[len(prefix) :]
    return step


# ------------------------------------------------------------------ reading


class Reader:
    """Reads declared classes out of one document, and remembers which nodes they spoke for.

    ``elements`` maps element names to classes for the declarations that list children of many names.
    """

    def __init__(self, name: str, elements: Mapping[str, type[Any]]) -> None:
        self.name = name
        self.elements = elements
        self.places: dict[int, XmlPlace] = {}
        self._touched: set[tuple[Element, str]] = set()
        self._paths: dict[Element, str] = {}

    def place(self, node: Element, attribute: str = "") -> XmlPlace:
        """Where a node stands."""
        return XmlPlace(self.name, cast("int", node.sourceline or 1), self._path(node) + (f"/@{attribute}" if attribute else ""))

    def _path(self, node: Element) -> str:
        """``/domain/devices/disk[2]``: the way from the root, with a number where an element has namesakes."""
        if node not in self._paths:
            above = node.getparent()
            if above is None:
                self._paths[node] = f"/{_name(node.tag)}"
            else:
                self._number(above)
        return self._paths[node]

    def _number(self, above: Element) -> None:
        # All children at once: counting namesakes anew for each of thousands would take a time square in their number.
        below = [node for node in above if isinstance(node.tag, str)]
        namesakes = Counter(str(node.tag) for node in below)
        numbers: Counter[str] = Counter()
        for node in below:
            tag = str(node.tag)
            numbers[tag] += 1
            number = f"[{numbers[tag]}]" if namesakes[tag] > 1 else ""
            self._paths[node] = f"{self._path(above)}/{_name(tag)}{number}"

    def read(self, model: type[T], node: Element) -> T:
        """An object of that class from an element. Raises DomainXmlError where a value does not decode."""
        self._touched.add((node, ""))
        made: dict[str, Any] = {}
        for name, declared in declarations(model):
            found = _READ[type(declared)](self, declared, node, made)
            if found is not None:
                made[name] = found
        complete = model(**made)
        self.places[id(complete)] = self.place(node)
        return complete

    def nodes(self, root: Element) -> Iterator[XmlPlace]:
        """Every element and attribute, in the order of the document."""
        for node in root.iter(etree.Element):
            yield self.place(node)
            yield from (self.place(node, _name(key)) for key in node.attrib)

    def leftovers(self, root: Element) -> Iterator[XmlPlace]:
        """The attributes, elements and texts that no declaration spoke for, in the order of the document.

        Of an element that is left over nothing below it is told.
        """
        pending = [root]
        while pending:
            node = pending.pop()
            if (node, "") not in self._touched:
                yield self.place(node)
                continue
            yield from (self.place(node, _name(key)) for key in node.attrib if (node, str(key)) not in self._touched)
            behind = "".join(item.tail or "" for item in node)
            if behind.strip() or ((node.text or "").strip() and (node, "#text") not in self._touched):
                yield self.place(node)
            pending += [item for item in reversed(node) if isinstance(item.tag, str)]

    def decode(self, codec: Codec[T], value: str, node: Element, attribute: str = "") -> T:
        """A value through its codec; its ValueError becomes an error at the node."""
        try:
            return codec.decode(value)
        except ValueError as error:
            raise DomainXmlError(f"'{value[:60]}' {error}", self.place(node, attribute)) from None

    def find(self, node: Element, steps: tuple[str, ...]) -> Element | None:
        """The first element down the path, counted as spoken for."""
        here: Element | None = node
        for step in steps:
            here = here.find(_tag(step)) if here is not None else None
            if here is not None:
                self._touched.add((here, ""))
        return here

    def _holder(self, declared: Attr | Flag | Child, node: Element) -> Element | None:
        """The element of a declaration; a second one is refused if it stands ``once``."""
        found = self.find(node, declared.steps)
        second = next(found.itersiblings(str(found.tag)), None) if found is not None and declared.once else None
        if second is not None:
            raise DomainXmlError(f"<{_name(second.tag)}>: it stands twice", self.place(second))
        return found

    def _attr(self, declared: Attr, node: Element, _: dict[str, Any]) -> Any:
        holder = self._holder(declared, node)
        if holder is None:
            return None
        value = holder.get(declared.name)
        if value is None:
            if declared.required:
                raise DomainXmlError(f"<{_name(holder.tag)}> lacks its attribute '{declared.name}'", self.place(holder))
            return None
        self._touched.add((holder, declared.name))
        return self.decode(declared.codec, value, holder, declared.name)

    def _text(self, declared: Text, node: Element, _: dict[str, Any]) -> Any:
        holder = self.find(node, declared.steps)
        if holder is None:
            return None
        self._touched.add((holder, "#text"))
        found = holder.text or ""
        if not found.strip() and declared.codec is not STR:
            return None  # the element stands for its attributes alone
        return self.decode(declared.codec, found if declared.verbatim else found.strip(), holder)

    def _flag(self, declared: Flag, node: Element, _: dict[str, Any]) -> Any:
        return self._holder(declared, node) is not None or None

    def _child(self, declared: Child, node: Element, _: dict[str, Any]) -> Any:
        holder = self._holder(declared, node)
        return None if holder is None else self.read(declared.model, holder)

    def _children(self, declared: Children, node: Element, _: dict[str, Any]) -> Any:
        holder = self.find(node, declared.steps[:-1])
        if holder is None:
            return None
        return [self.read(declared.model, item) for item in holder.iterfind(_tag(declared.steps[-1]))]

    def _group(self, declared: Group, node: Element, _: dict[str, Any]) -> Any:
        made = self.read(declared.model, node)
        for home in _homes(declared.model):
            holder = node.find(_tag(home))
            if holder is not None:
                self.places[id(made)] = self.place(holder)
                break
        return made

    def _variant(self, declared: Variant, node: Element, made: dict[str, Any]) -> Any:
        above = self.find(node, declared.steps[:-1])
        holder = above.find(_tag(declared.steps[-1])) if above is not None else None
        if holder is None:
            return None
        chosen = holder.get(declared.on[1:]) if declared.on.startswith("@") else made.get(declared.on)
        model = declared.of.get(str(chosen))
        if model is None and declared.closed:
            said = f"<{declared.steps[-1]} {declared.on.removeprefix('@')}='{str(chosen or '')[:60]}'>"
            raise DomainXmlError(f"{said} is none of {', '.join(sorted(declared.of))}", self.place(holder))
        return None if model is None else self.read(model, holder)

    def _raw(self, declared: Raw, node: Element, _: dict[str, Any]) -> Any:
        holder = self.find(node, declared.steps)
        for item in holder.iter(etree.Element) if holder is not None else ():
            self._touched |= {(item, ""), (item, "#text"), *((item, str(name)) for name in item.attrib)}
        return None if holder is None else deepcopy(holder)

    def _listing(self, declared: Listing, node: Element, _: dict[str, Any]) -> Any:
        holder = self.find(node, declared.steps)
        found = []
        for item in holder if holder is not None else ():
            model = self.elements.get(str(item.tag))
            if model:
                found.append(self.read(model, item))
        return found


def _homes(model: type[Any]) -> list[str]:
    """The child elements in which all fields of a group stand: ``<os>``; none if some stand in the element itself."""
    if model not in _HOMES:
        paths: list[Sequence[str]] = [getattr(declared, "steps", ()) for _, declared in declarations(model)]
        _HOMES[model] = list(dict.fromkeys(path[0] for path in paths)) if all(paths) else []
    return _HOMES[model]


_HOMES: Final[dict[type[Any], list[str]]] = {}


_READ: dict[type[Any], Callable[[Reader, Any, Element, dict[str, Any]], Any]] = {
    Attr: Reader._attr,  # noqa: SLF001 - one engine: the table stands outside so that each declaration has one method
    Text: Reader._text,  # noqa: SLF001
    Flag: Reader._flag,  # noqa: SLF001
    Child: Reader._child,  # noqa: SLF001
    Children: Reader._children,  # noqa: SLF001
    Group: Reader._group,  # noqa: SLF001
    Variant: Reader._variant,  # noqa: SLF001
    Listing: Reader._listing,  # noqa: SLF001
    Raw: Reader._raw,  # noqa: SLF001
}
