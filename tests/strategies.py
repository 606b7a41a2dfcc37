"""Strategies that hypothesis draws from, derived from the package's own tables and declarations."""

import inspect
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from qemuxml import layout
from qemuxml.cmdline.arity import BARE, TAKES_VALUE
from qemuxml.common import addresses, bitmap, sizes
from qemuxml.devices import filesystem, redirdev
from qemuxml.domain import commandline, launch
from qemuxml.mapping import codecs, xmltext, xmlwalk
from qemuxml.mapping.xml import QEMU, Attr, Child, Children, Flag, Group, Listing, Raw, Text, Variant, declarations

KINDS = [room.kind for room in layout.DEVICES]
PARTS = [room.kind for room in layout.PARTS]

# ------------------------------------------------------------------ text

XML_CHARACTERS = st.characters(
    codec="utf-8", exclude_categories=("Cs",), exclude_characters="\ufffe\uffff" + "".join(map(chr, {*range(32)} - {9, 10, 13}))
)
"""Every character that an XML document can hold."""

TEXT = st.text(XML_CHARACTERS, max_size=12)
WORD_TEXT = st.text(st.one_of(st.sampled_from(" \t\n\r'\"\\$`#,=-a"), XML_CHARACTERS), max_size=20)
"""Text of a word, thick with what a shell would mistake."""

FRAGMENTS = ["a", "-m", "#", "=", ",", "$HOME", "é", "'b c'", '"d e"', '"x\\"y\\\\"', "\\ ", "\\'", '\\"', "''", '"#"', "\\a"]
"""Pieces of a line that ``shlex`` and we must read alike."""
SEPARATORS = [" ", "\t", "\n", "\r\n", "  \n ", " # a 'comment\n"]


@st.composite
def shell_lines(draw: DrawFn) -> str:
    """Draw a line of words glued from pieces, within the subset that ``shlex`` reads as POSIX does."""
    words = draw(st.lists(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=4).map("".join), max_size=8))
    # A bare "#" is a comment at the start of a word; shlex lets one start in mid-word too, so there it is left out.
    words = [word[:1] + word[1:].replace("#", "") for word in words]
    gaps = draw(st.lists(st.sampled_from(SEPARATORS), min_size=len(words), max_size=len(words)))
    return "".join(word + gap for word, gap in zip(words, gaps, strict=True))


# ------------------------------------------------------------------ objects of declared classes


UNITS = st.sampled_from(["b", "KiB", "GB"])
NUMBERS = st.integers(0, 2**64 - 1)
_VALUES: dict[Any, SearchStrategy[Any]] = {
    codecs.STR.decode: TEXT,
    codecs.BYTES.decode: st.integers(0, 2**63 - 1),
    codecs.YES_NO.decode: st.booleans(),
    codecs.ON_OFF.decode: st.booleans(),
    codecs.SWITCH.decode: st.booleans(),
    codecs.hexadecimal(1).decode: NUMBERS,
    bitmap.members: st.sets(st.integers(0, bitmap.GREATEST), min_size=1, max_size=6).map(sorted),
    codecs.size: st.integers(0, 2**63 - 1),
    filesystem.MODE.decode: st.integers(0, 0o7777),
    addresses.USB_PORT.decode: st.sampled_from(["1", "2.3", "15.8.8.8"]),
    sizes.UNIT.decode: UNITS,
    commandline.ENV_NAME.decode: st.from_regex("[A-Za-z_][A-Za-z0-9_]*", fullmatch=True),
    redirdev.VERSION.decode: st.sampled_from([0x0000, 0x0110, 0x0200, 0x9999]),
}
"""Values by what reads them."""


def codec_values(codec: codecs.Codec[Any]) -> SearchStrategy[Any]:
    """Values that a codec writes and must read back."""
    if codec.decode is codecs.integer:
        return st.integers(-(2**63), 2**64 - 1) if codec is codecs.INT else NUMBERS
    if codec.decode in _VALUES:
        return _VALUES[codec.decode]
    bound = inspect.getclosurevars(codec.decode).nonlocals
    if "low" in bound:
        return st.integers(bound["low"], bound["high"])
    if "allowed" in bound:
        return st.sampled_from(bound["allowed"])
    if "width" in bound:
        return st.integers(0, 16 ** bound["width"] - 1)
    if "table" in bound:
        return st.sampled_from(sorted(set(bound["table"].values())))
    raise NotImplementedError(f"no strategy for {codec}: teach codec_values its values")


def _attribute(declared: Attr) -> SearchStrategy[Any]:
    """Values of an attribute."""
    return codec_values(declared.codec)


def _text_values(declared: Text) -> SearchStrategy[Any]:
    """Texts without the blanks around them that are layout, unless these count; sizes that can be counted in any unit."""
    if declared.codec is codecs.UINT64:
        return st.integers(0, 2**34 - 1)
    drawn = codec_values(declared.codec)
    return drawn.map(str.strip) if declared.codec is codecs.STR and not declared.verbatim else drawn


def optional(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def objects(draw: DrawFn, model: type[Any]) -> Any:
    """Draw an object of a declared class, in the normal form that XML can tell apart."""
    made = draw(_sparse(model, 0))
    _normalize(made, xmlwalk.parse(xmltext.to_text(xmltext.write(made, "element", layout.place)), "t"))
    return made


@st.composite
def _sparse(draw: DrawFn, model: type[Any], depth: int, **given: Any) -> Any:
    """Draw any of the fields that are a value, and the fewer of those that are objects the deeper they stand."""
    declared = dict(declarations(model))
    fields = {name: draw(_LEAVES[type(item)](item)) for name, item in declared.items() if type(item) in _LEAVES} | given
    nested = [name for name, item in declared.items() if type(item) not in _LEAVES]
    if nested:
        for name in draw(st.lists(st.sampled_from(nested), unique=True, max_size=max(1, 3 - depth))):
            item = declared[name]
            fields |= draw(_variant(name, item, depth + 1, given)) if isinstance(item, Variant) else {}
            fields |= {name: draw(_nested(item, depth + 1))} if not isinstance(item, Variant) else {}
    return model(**fields)


@st.composite
def _variant(draw: DrawFn, name: str, item: Variant, depth: int, given: dict[str, Any]) -> dict[str, Any]:
    """Draw an object and the attribute that chooses its class, in it or beside it; ``None`` stands for no attribute."""
    own = item.on.startswith("@")
    keys = [str(given[item.on])] if item.on in given else sorted(item.of)
    key = draw(st.sampled_from(keys))
    if key not in item.of:
        return {}
    value = None if key == "None" else key
    choice = {item.on.removeprefix("@"): value}
    made = draw(_sparse(item.of[key], depth, **(choice if own else {})))
    return {name: made} if own else {name: made, **choice}


_LEAVES: dict[type[Any], Callable[[Any], SearchStrategy[Any]]] = {
    Attr: lambda declared: optional(_attribute(declared)),
    Text: lambda declared: optional(_text_values(declared)),
    Flag: lambda _: st.booleans(),
    Raw: lambda _: st.none(),
}


def _nested(declared: Any, depth: int) -> SearchStrategy[Any]:
    """The objects of a field."""
    match declared:
        case Children(model=model):
            return st.lists(_sparse(model, depth), max_size=2)
        case Listing():
            return st.lists(st.sampled_from(KINDS), max_size=3).flatmap(partial(_devices, depth=depth))
    return _sparse(declared.model, depth)


def _devices(kinds: list[Any], depth: int) -> SearchStrategy[Any]:
    ordered = sorted(kinds, key=KINDS.index)
    return st.tuples(*(_sparse(kind.model, depth) for kind in ordered)).map(list)


def _normalize(made: Any, node: Any) -> None:
    """Set what must be read where an element stands for another field's sake: a required attribute, a text, a flag, an object."""
    for name, declared in declarations(type(made)):
        found = _below(node, getattr(declared, "steps", ()))
        if found:
            _normalize_field(made, name, declared, found)


def _normalize_field(made: Any, name: str, declared: Any, found: list[Any]) -> None:
    value = getattr(made, name)
    match declared:
        case Attr(codec=codec, required=True) if value is None:
            setattr(made, name, _plain(codec))
        case Text(codec=codec) if value is None or len(found[0]):  # beside elements there is no text
            setattr(made, name, "" if codec is codecs.STR else None)
        case Flag():
            setattr(made, name, True)
        case Child(model=model) if value is None:
            setattr(made, name, model())
            _normalize(getattr(made, name), found[0])
        case Group() | Child():
            _normalize(value, found[0])
        case Variant() if value is not None:
            _normalize(value, found[0])
        case Children() | Listing():
            if isinstance(declared, Listing):
                found = [element for element in found[0] if element.tag in layout.ELEMENTS]
            for item, element in zip(value, found, strict=True):
                _normalize(item, element)


def _plain(codec: codecs.Codec[Any]) -> Any:
    """Find one value that a codec reads back."""
    bound = inspect.getclosurevars(codec.decode).nonlocals if inspect.isfunction(codec.decode) else {}
    candidates = (*bound.get("allowed", ()), *bound.get("table", {}).values(), bound.get("low"), "text", True, 1, [1])
    return next(value for value in candidates if value is not None and _reads_back(codec, value))


def _reads_back(codec: codecs.Codec[Any], value: Any) -> bool:
    try:
        return bool(codec.decode(codec.encode(value)) == value)
    except (ValueError, TypeError, AttributeError):
        return False


def _below(node: Any, steps: tuple[str, ...]) -> list[Any]:
    """Find the elements down the path: this one, if there is none."""
    tags = (step.replace("qemu:", f"{{{QEMU}}}") for step in steps)
    return node.findall("/".join(tags)) if steps else [node]


def reachable(model: type[Any]) -> set[type[Any]]:
    """Find the class and every declared class below it."""
    found: set[type[Any]] = set()
    pending = [model]
    while pending:
        here = pending.pop()
        if here in found:
            continue
        found.add(here)
        for _, declared in declarations(here):
            if isinstance(declared, Child | Children | Group):
                pending.append(declared.model)
            elif isinstance(declared, Variant):
                pending += declared.of.values()
            elif isinstance(declared, Listing):
                pending += [kind.model for kind in KINDS]
    return found


# ------------------------------------------------------------------ command lines

_KEYS = [
    "file",
    "if",
    "id",
    "index",
    "media",
    "driver",
    "type",
    "vlan",
    "macaddr",
    "model",
    "addr",
    "bus",
    "size",
    "format",
    "share",
    "drive",
    "ifname",
    "listen",
    "mon_host",
    "host",
    "cpus",
    "sockets",
]
_DATA = [
    "", ",,", "=", "é", "a b", "0", "3", "0x7", "-1", "99999999999", "on", "off", "none", "a.img", "/dev/sda", "qcow2", "d0",
    "ide", "scsi", "virtio", "floppy", "cdrom", "pci.0", "nic", "user", "tap", "bridge", "vde", "02:00:00:00:00:01",
    "nbd:h:1", "nbd:unix:/s:exportname=x", "rbd:p/i:id=u:mon_host=a\\:1", "iscsi://u@h:3260/t/1", "iscsi://h/%00",
    "gluster+unix:///v/i?socket=/s", "json:{}", "fat:/d", "tcp::1", "unix:/s,server", "telnet:h:2", "udp:h:1@:2", "vc:80x25",
    "127.0.0.1:1", "unix:/vnc", "host:1234:5678", "host:1.2", "disk:a", "tablet", "all", "es1370", "i6300esb", "reset", "std",
    "host", "host=0:1.2", "spapr-nvram.reg=4", "PIIX4_PM.disable_s3=1", "qemu64,+vmx,-sse,hv_relaxed,kvm=off", "guest=a",
    "order=cdn", "pc", "pseries", "4,sockets=2",
]  # fmt: skip
_DRIVERS = sorted(
    {claim.split()[1] for kind in KINDS for claim in (*kind.claims, *kind.modern) if claim.startswith("-device ")}
    | {"virtio-blk-pci", "e1000"}
)

_pair = st.one_of(
    st.tuples(st.sampled_from(_KEYS), st.sampled_from(_DATA)).map("=".join), st.sampled_from(_KEYS), st.sampled_from(_DATA)
)
_pairs = st.lists(_pair, min_size=1, max_size=4).map(",".join)
_scalars = st.sampled_from(_DATA) | st.integers() | st.booleans() | st.none() | st.just("\0\ud800")
_json = st.dictionaries(st.sampled_from(_KEYS), _scalars, max_size=4).map(json.dumps)


VALUES = st.one_of(_pairs, st.sampled_from(_DATA), _json, st.sampled_from(_DRIVERS), WORD_TEXT)
"""Values of options in every spelling, sound and unsound."""

CLAIMED = sorted(
    {
        name.split()[0]
        for table in (launch.CLAIMS, launch.MODERN, *(table for kind in (*PARTS, *KINDS) for table in (kind.claims, kind.modern)))
        for name in table
        if name.startswith("-")
    }
)
"""Options that some kind knows."""


@st.composite
def options(draw: DrawFn) -> tuple[str, ...]:
    """Draw one option as the words that it is, with one dash or two, or an image alone."""
    kind = draw(st.sampled_from(["claimed", "claimed", "valued", "bare", "unknown", "image"]))
    dash = draw(st.sampled_from(["-", "-", "--"]))
    if kind == "image":
        return (draw(st.sampled_from(["a.img", "/dev/vg/b", "nbd:h:1", "-"])),)
    if kind == "bare":
        return (dash + draw(st.sampled_from(sorted(BARE))),)
    if kind == "unknown":
        return (dash + draw(st.sampled_from(["newarg", "x", "no-such-option"])), *draw(st.sampled_from([(), ("value",)])))
    names = [name[1:] for name in CLAIMED if name[1:] in TAKES_VALUE] if kind == "claimed" else sorted(TAKES_VALUE)
    return dash + draw(st.sampled_from(names)), draw(VALUES)


SOUP = st.lists(options(), max_size=8)
"""Options that have nothing to do with each other."""
