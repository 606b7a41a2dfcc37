"""The grammar of words, held against ``shlex`` where both read POSIX, and against tables where they differ."""

import shlex
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import WORD_TEXT, shell_lines

from qemuxml.cmdline import render, words
from qemuxml.cmdline.words import LONGEST_LINE, LONGEST_WORD, MOST_WORDS, Word, split
from qemuxml.errors import CommandLineError, Source


def read(text: str) -> list[Word]:
    return split(Source(text, "t"))


def texts(text: str) -> list[str]:
    return [word.text for word in read(text)]


def refusal(text: str) -> CommandLineError:
    with pytest.raises(CommandLineError) as caught:
        read(text)
    return caught.value


# ------------------------------------------------------------------ laws


@given(shell_lines())
def test_words_are_those_of_shlex(line: str) -> None:
    assert texts(line) == shlex.split(line, comments=True, posix=True)


@given(shell_lines() | st.text("ab#='\"\\ \t\n", max_size=12))
def test_a_plain_text_is_split_as_the_grammar_splits_it(line: str) -> None:
    by_grammar = words._grammar().scan_string(line)  # noqa: SLF001 - the way that plain texts do not go
    assert list(words._tokens(line)) == [(start, found[0]) for found, start, _ in by_grammar if found]  # noqa: SLF001


@given(st.text(st.characters(codec=None), max_size=8) | st.text("a\0\n\t\x85\ud800\ufffe\xad ", max_size=5))
def test_what_is_printable_needs_no_pattern(text: str) -> None:
    assert bool(words.unsound(text)) == bool(words.NOT_XML.search(text))


@given(shell_lines())
def test_every_character_of_a_word_points_at_itself(line: str) -> None:
    for word in read(line):
        for offset, character in enumerate(word.text):
            assert word.span(offset, offset + 1).text == character


@given(shell_lines())
def test_a_whole_word_read_alone_is_that_word(line: str) -> None:
    for word in read(line):
        assert texts(word.span().text) == [word.text]


@given(st.lists(st.text("abc=,./-_:#", min_size=1).filter(lambda text: not text.startswith("#")), max_size=6))
def test_the_span_of_a_bare_word_is_its_text(words: list[str]) -> None:
    found = read("\t".join(words))
    assert [word.text for word in found] == words
    assert [word.span().text for word in found] == words


# Our one departure from POSIX, joining lines in single quotes, costs the words that hold a backslash before a newline.
UNFOLDED = WORD_TEXT.filter(lambda text: "\\\n" not in text and "\\\r\n" not in text)


@given(
    st.lists(st.lists(UNFOLDED, min_size=1, max_size=2), max_size=4), st.sampled_from([render.one_line, render.one_option_a_line])
)
def test_what_render_quotes_is_split_into_the_same_words(options: list[list[str]], form: Callable[..., str]) -> None:
    line = form([("A", "b c")], "/usr/bin/kvm", options)
    assert texts(line) == ["A=b c", "/usr/bin/kvm", *(word for option in options for word in option)]


# ------------------------------------------------------------------ tables


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        (" \t\r\n", []),
        ("# nothing", []),
        ("a # b 'c\nd", ["a", "d"]),
        ("a#b", ["a#b"]),
        ("a '#b'", ["a", "#b"]),
        ("a \\#b", ["a", "#b"]),
        ("a \\\n# b\nc", ["a", "c"]),
        ("a\tb\r\nc\nd", ["a", "b", "c", "d"]),
        ("-m \\\n 5", ["-m", "5"]),
        ("-m \\\r\n 5", ["-m", "5"]),
        ("a\\\nb", ["ab"]),
        ("a\\\r\nb", ["ab"]),
        ("a\\", ["a"]),
        ('"a\\\nb"', ["ab"]),
        ('"a\\\r\nb"', ["ab"]),
        ("'a\\\nb'", ["ab"]),
        ("'a\\\r\nb'", ["ab"]),
        ("'a\nb'", ["a\nb"]),
        ("'a\\b'", ["a\\b"]),
        ('"\\$HOME"', ["$HOME"]),
        ('"\\`\\"\\\\"', ['`"\\']),
        ('"\\n \\a"', ["\\n \\a"]),
        ("$HOME `x` *", ["$HOME", "`x`", "*"]),
        ("''", [""]),
        ("'' \"\"", ["", ""]),
        ("a''b", ["ab"]),
        ("'a'\\''b'", ["a'b"]),
        ("a'b c'\"d e\"\\ f", ["ab cd e f"]),
        ("\\\\", ["\\"]),
        ("\\a", ["a"]),
    ],
)
def test_words(line: str, words: list[str]) -> None:
    assert texts(line) == words


def test_places_lie_inside_the_quotes() -> None:
    (word,) = read('\'a b\'"c\\"d"\\ e')
    assert word.text == 'a bc"d e'
    assert word.span(1, 4).text == " b'\"c"
    assert word.span(4, 5).text == '"'
    assert word.span(7, 8).text == "e"


def test_places_across_a_joined_line() -> None:
    word = read("x ab\\\ncd")[1]
    assert (word.span(2, 4).line, word.span(2, 4).column, word.span(2, 4).text) == (2, 1, "cd")


def test_an_empty_word_has_a_place() -> None:
    word = read("a ''")[1]
    assert word.span().text == "''"
    assert word.span(0, 0).start == 2


def test_tabs_count_as_one_character() -> None:
    word = read("\ta\t\tb")[1]
    assert (word.span().line, word.span().column) == (1, 5)


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("line", "column"), [("a 'b", 3), ('a "b', 3), ("a b'c", 4), ("'a''", 4), ('"a\\"', 1), ("'a' \"b' c", 5), ("'", 1)]
)
def test_an_open_quote_is_refused_at_the_quote(line: str, column: int) -> None:
    error = refusal(line)
    assert "quote is not closed" in error.message
    assert str(error.place) == f"t:1:{column}"


@pytest.mark.parametrize("character", ["\0", "\x01", "\x0b", "\x0c", "\x1b", chr(0xD800), chr(0xDCFF), "\ufffe", "\uffff"])
def test_what_no_xml_can_hold_is_refused_at_its_place(character: str) -> None:
    error = refusal(f"a\nb'{character}'")
    assert f"U+{ord(character):04X}" in error.message
    assert str(error.place) == "t:2:3"


@pytest.mark.parametrize("character", ["\t", "\x7f", "\x85", "\u2028", "\ue000", "\ufffd", "\U0010ffff"])
def test_what_xml_can_hold_is_kept(character: str) -> None:
    assert texts(f"'{character}'") == [character]


def test_the_longest_word_is_a_bound() -> None:
    assert len(texts("a" * LONGEST_WORD)[0]) == LONGEST_WORD
    error = refusal("kvm " + "a" * (LONGEST_WORD + 1))
    assert str(LONGEST_WORD) in error.message
    assert str(error.place) == "t:1:5"


def test_the_number_of_words_is_a_bound() -> None:
    assert len(texts("a " * MOST_WORDS)) == MOST_WORDS
    assert str(refusal("a " * (MOST_WORDS + 1)).place) == f"t:1:{2 * MOST_WORDS + 1}"


def test_the_length_of_the_text_is_a_bound() -> None:
    assert texts("kvm".ljust(LONGEST_LINE)) == ["kvm"]
    assert str(LONGEST_LINE) in refusal("kvm".ljust(LONGEST_LINE + 1)).message


def test_a_refusal_shows_the_line_and_a_marker() -> None:
    assert refusal("kvm \\\n\t-name 'x").report() == "t:2:8: error: this quote is not closed\n\t-name 'x\n\t      ^"


@given(st.text("ab-=\\\t\r\n ", max_size=24).filter(lambda text: not text.endswith(("\\", "\\\r"))))
def test_a_text_without_quotes_is_read_as_it_is_with_a_comment_which_only_the_grammar_reads(text: str) -> None:
    shown, commented = ([(word.text, word.start, word.end, word.runs) for word in read(item)] for item in (text, f"{text}\n# x"))
    assert shown == commented
