"""Values of options: ``key=value`` lists, JSON and what stands in them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qemuxml.cmdline import values
from qemuxml.cmdline.render import escape
from qemuxml.cmdline.values import DEEPEST, Values, on_off
from qemuxml.cmdline.words import split
from qemuxml.errors import CommandLineError, Source, UnsupportedError
from qemuxml.mapping import codecs
from qemuxml.mapping.props import key_values


def parse(text: str, implied: str | None = None, *, quote: str = "'") -> Values:
    (word,) = split(Source(f"{quote}{text}{quote}", "t"))
    return values.parse(word, implied)


def pairs(text: str, implied: str | None = None) -> list[tuple[str, Any]]:
    return [(item.key, True if item.bare else item.raw) for item in parse(text, implied)]


def refusal(text: str, quote: str = "'") -> CommandLineError:
    with pytest.raises(CommandLineError) as caught:
        parse(text, quote=quote)
    return caught.value


# ------------------------------------------------------------------ key=value

KEYS = st.text("abcxyz-_.09", min_size=1, max_size=8)
DATA = st.text(st.sampled_from('ab,=:/ \\{}é"[]'), max_size=12)


@given(st.lists(st.tuples(KEYS, DATA), max_size=6))
def test_what_is_escaped_is_read_back(given_pairs: list[tuple[str, str]]) -> None:
    assert pairs(key_values(given_pairs)) == given_pairs


@given(DATA.filter(lambda text: text and "=" not in text and not text.startswith("{")), DATA)
def test_a_first_value_without_a_key_is_the_implied_one(first: str, second: str) -> None:
    assert pairs(f"{escape(first)},b={escape(second)}", "kind") == [("kind", first), ("b", second)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("a=b", [("a", "b")]),
        ("a=b=c", [("a", "b=c")]),
        ("a=", [("a", "")]),
        ("=a", [("", "a")]),
        ("a=1,a=2", [("a", "1"), ("a", "2")]),
        ("file=a,,b,,,c=d", [("file", "a,b,"), ("c", "d")]),
        ("a,,b", [("a,b", True)]),
        ("a=,,", [("a", ",")]),
        ("a=b,", [("a", "b")]),
        ("readonly", [("readonly", True)]),
        ("server,nowait", [("server", True), ("nowait", True)]),
        ("file.driver=nbd,file.server.host=h", [("file.driver", "nbd"), ("file.server.host", "h")]),
    ],
)
def test_key_values(text: str, found: list[tuple[str, Any]]) -> None:
    assert pairs(text) == found


def test_the_implied_key_is_for_the_first_only() -> None:
    assert pairs("pc,accel=kvm,usb", "type") == [("type", "pc"), ("accel", "kvm"), ("usb", True)]
    assert pairs("accel=kvm,pc", "type") == [("accel", "kvm"), ("pc", True)]


def test_the_last_of_a_repeated_key_counts_and_all_are_read() -> None:
    found = parse("a=1,b=2,a=3")
    assert found.peek("a") == "3"
    assert len(found.unread()) == 3
    assert found.get("a", int) == 3
    assert [item.key for item in found.unread()] == ["b"]


@pytest.mark.parametrize(
    ("text", "state"),
    [("x", True), ("nox", False), ("x=on", True), ("x=off", False), ("x=yes", True), ("x=no", False), ("x=true", True),
     ("x=false", False), ("x=y", True), ("x=n", False), ("nox,x", True), ("x,nox", False), ("y", None), ("x=on,x=off", False)],
)  # fmt: skip
def test_flags_in_every_spelling(text: str, state: object) -> None:
    found = parse(text)
    assert found.flag("x") is state
    assert bool(found.unread()) is (state is None)


@pytest.mark.parametrize("text", ["", "1", "ON", "maybe", " on"])
def test_what_is_no_switch(text: str) -> None:
    with pytest.raises(ValueError, match="neither on nor off"):
        on_off(text)


def test_a_value_that_does_not_decode_names_its_own_place() -> None:
    (word,) = split(Source("'x=1,ad''dr=zero',y=2", "t"))
    with pytest.raises(CommandLineError, match="addr: 'zero' is not a number") as caught:
        values.parse(word).get("addr", codecs.integer)
    assert caught.value.report() == "t:1:6: error: addr: 'zero' is not a number\n'x=1,ad''dr=zero',y=2\n     ^^^^^^^^^^^"


def test_a_property_knows_its_place_in_quotes() -> None:
    (word,) = split(Source("x\"=a,\"'file='/b\\ c", "t"))
    first, second = values.parse(word)
    assert (first.span.text, second.span.text) == ('x"=a', "file='/b\\ c")


# ------------------------------------------------------------------ JSON

SCALARS = st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text('ab"\\/\n\té€', max_size=5)
NAMES = st.text("abc-_", min_size=1, max_size=4)
TREES = st.dictionaries(
    NAMES,
    st.recursive(SCALARS, lambda below: st.lists(below, max_size=3) | st.dictionaries(NAMES, below, max_size=3), max_leaves=8),
)


class Members(list[Any]):
    """The members of a JSON object, repeated names included."""


def flat(tree: Any, key: str = "") -> list[tuple[str, Any]]:
    if not isinstance(tree, dict | list):
        return [(key, tree)]
    members = tree.items() if isinstance(tree, dict) else tree if isinstance(tree, Members) else enumerate(tree)
    prefix = f"{key}." if key else ""
    return [pair for name, below in members for pair in flat(below, f"{prefix}{name}")]


@given(TREES, st.fixed_dictionaries({"indent": st.sampled_from([None, 2]), "ensure_ascii": st.booleans()}))
def test_json_is_the_flat_list_of_its_dotted_keys(tree: dict[str, Any], style: dict[str, Any]) -> None:
    text = json.dumps(tree, **style)
    (word,) = split(Source(shell_quoted(text), "t"))
    assert [(item.key, item.raw) for item in values.parse(word)] == flat(tree)


def shell_quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return f'"{escaped}"'


@pytest.mark.parametrize(
    ("json_text", "dotted"),
    [
        ('{"driver":"e1000","id":"n0"}', "driver=e1000,id=n0"),
        ('{"driver":"raw","file":{"driver":"file","filename":"/a"}}', "driver=raw,file.driver=file,file.filename=/a"),
        ('{"server":[{"host":"h","port":"1"},{"host":"i"}]}', "server.0.host=h,server.0.port=1,server.1.host=i"),
        ('{"read-only":true,"n":5,"no-flush":false}', "read-only=on,n=5,no-flush=off"),
        ('{"file":"a,b=c"}', "file=a,,b=c"),
    ],
)
def test_json_and_dotted_keys_are_the_same_properties(json_text: str, dotted: str) -> None:
    assert [(item.key, item.text) for item in parse(json_text)] == [(item.key, item.text) for item in parse(dotted)]


def test_json_keeps_its_places() -> None:
    found = {item.key: item.span.text for item in parse('{ "a": "b", "c": {"d": [1, true]} }')}
    assert found == {"a": '"b"', "c.d.0": "1", "c.d.1": "true"}


@pytest.mark.parametrize("shape", ['{"a":', '{"a":[', "{"])
def test_json_is_bounded_in_depth(shape: str) -> None:
    for depth in (DEEPEST + 1, 10_000):
        text = '{"a":' * depth if shape != '{"a":[' else '{"a":' + "[" * depth
        assert f"over {DEEPEST} levels" in refusal(text).message


def test_json_as_deep_as_it_may_be() -> None:
    depth = DEEPEST - 1
    ((key, value),) = [(item.key, item.raw) for item in parse('{"a":' * depth + "1" + "}" * depth)]
    assert (key, value) == (".".join("a" * depth), 1)


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("{", "a JSON string must stand here", 3),
        ('{"a"', "':' must stand here", 6),
        ('{"a" 1}', "':' must stand here", 7),
        ('{"a":', "a JSON value must stand here", 7),
        ('{"a":}', "a JSON value must stand here", 7),
        ('{"a":1', "',' must stand here", 8),
        ('{"a":1,}', "a JSON string must stand here", 9),
        ('{"a":1}x', "more text behind", 9),
        ('{"a":1}{}', "more text behind", 9),
        ("{a:1}", "a JSON string must stand here", 3),
        ('{"a":NaN}', "a JSON value must stand here", 7),
        ('{"a":Infinity}', "a JSON value must stand here", 7),
        ('{"a":01}', "',' must stand here", 8),
        ('{"a":+1}', "a JSON value must stand here", 7),
        ('{"a":tru}', "a JSON value must stand here", 7),
        ('{"a":"b}', "malformed or does not end", 7),
        ('{"a":"\\q"}', "malformed or does not end", 8),
        ('{"a":"\\u0000"}', "U+0000", 7),
        ('{"a":"\\ud800"}', "U+D800", 7),
        ('{"\\u0001":1}', "U+0001", 3),
        ('{"a":' + "9" * 5000 + "}", "JSON number", 7),
        ('{"a":[1,]}', "a JSON value must stand here", 10),
    ],
)
def test_malformed_json_is_refused_at_its_place(text: str, message: str, column: int) -> None:
    error = refusal(text)
    assert message in error.message
    assert str(error.place) == f"t:1:{column}"


@given(st.text('{}[]":,\\ truefalsn0123.eE-+au', max_size=30).map(lambda text: "{" + text))
def test_json_agrees_with_the_standard_library_on_what_is_json(text: str) -> None:
    (word,) = split(Source(shell_quoted(text), "t"))
    try:
        tree = json.loads(text, parse_constant=_refuse, object_pairs_hook=Members)
    except ValueError:
        with pytest.raises(CommandLineError):
            values.parse(word)
        return
    assert [(item.key, item.raw) for item in values.parse(word)] == flat(tree)


def _refuse(name: str) -> None:
    raise ValueError(name)


# ------------------------------------------------------------------ numbers, sizes, words


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("10", 10), ("0x1F", 31), ("0X1f", 31), ("010", 8), ("00", 0), ("-5", -5), ("+5", 5), ("-0x10", -16), (" 7 ", 7),
     ("18446744073709551615", 2**64 - 1)],
)  # fmt: skip
def test_integers(text: str, number: int) -> None:
    assert codecs.integer(text) == number


@pytest.mark.parametrize(
    "text", ["", "-", "x", "0x", "1.5", "1e3", "--1", "1_0", "٣", "²", "9" * 21, "9" * 10_000, "0x1g", "0b1"]
)
def test_what_is_no_integer(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        codecs.integer(text)


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [("512", 1, 512), ("512", codecs.MIB, 512 << 20), ("2G", codecs.MIB, 2 << 30), ("1.5G", 1, 3 << 29), ("0x100", 1, 256),
     ("0x10", codecs.MIB, 16 << 20), ("4k", 1, 4096), ("4K", 1, 4096), ("1B", codecs.MIB, 1), ("1T", 1, 1 << 40),
     ("1P", 1, 1 << 50),
     ("1E", 1, 1 << 60), ("0.5M", 1, 1 << 19), ("1.1k", 1, 1126)],
)  # fmt: skip
def test_sizes(text: str, unit: int, number: int) -> None:
    assert codecs.size(text, unit) == number


@pytest.mark.parametrize("text", ["", "G", "1X", "1GB", "1.G", ".5G", "-1", "1,5G", "1 G", "9" * 21, "1.5.5"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        codecs.size(text)


@pytest.mark.parametrize(
    ("codec", "text", "value"),
    [
        (codecs.YES_NO, "yes", True),
        (codecs.YES_NO, "no", False),
        (codecs.ON_OFF, "on", True),
        (codecs.ON_OFF, "off", False),
        (codecs.INT, "-7", -7),
        (codecs.hexadecimal(4), "0x0012", 0x12),
        (codecs.hexadecimal(2), "0x12345", 0x12345),
        (codecs.one_of("a", "b"), "b", "b"),
        (codecs.words({"enospc": "enospace"}), "enospc", "enospace"),
    ],
)
def test_codecs_both_ways(codec: codecs.Codec[Any], text: str, value: Any) -> None:
    assert codec.decode(text) == value
    assert codec.encode(value) == text


def test_of_two_spellings_the_first_is_written() -> None:
    codec = codecs.words({"none": "none", "off": "none"})
    assert [codec.decode("off"), codec.encode("none")] == ["none", "none"]


@pytest.mark.parametrize(
    ("decode", "text", "message"),
    [
        (codecs.YES_NO.decode, "on", "neither 'yes' nor 'no'"),
        (codecs.hexadecimal(2).decode, "0xg", "not a hexadecimal number"),
        (codecs.hexadecimal(2).decode, "1" * 17, "not a hexadecimal number"),
        (codecs.one_of("a", "b").decode, "c", "is none of a, b"),
        (codecs.words({"a": "x"}).decode, "x", "is none of a"),
    ],
)
def test_codecs_refuse(decode: Callable[[str], Any], text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decode(text)


def test_a_value_that_the_table_has_no_text_for_cannot_be_said() -> None:
    with pytest.raises(UnsupportedError, match="'y' is none of x"):
        codecs.words({"a": "x"}).encode("y")


@given(st.integers(0, 2**64 - 1), st.integers(1, 8))
def test_hexadecimal_both_ways(number: int, width: int) -> None:
    codec = codecs.hexadecimal(width)
    assert codec.decode(codec.encode(number)) == number
    assert len(codec.encode(number)) >= width + 2
