"""Words become environment, binary and options."""

import pytest
from hypothesis import given
from strategies import SOUP

from qemuxml.cmdline import render
from qemuxml.cmdline.options import IMAGE, CommandLine, parse
from qemuxml.cmdline.words import split
from qemuxml.errors import CommandLineError, Source


def read(text: str) -> CommandLine:
    source = Source(text, "t")
    return parse(split(source), source)


def shape(line: CommandLine) -> list[tuple[str, str | None]]:
    return [(option.name, option.value.text if option.value else None) for option in line.options]


def test_environment_binary_and_options_part() -> None:
    line = read("LC_ALL=C 'A=b c' _x1= /usr/bin/kvm -m 5 -S A=b")
    assert [(item.name, item.value) for item in line.environment] == [("LC_ALL", "C"), ("A", "b c"), ("_x1", "")]
    assert line.emulator.text == "/usr/bin/kvm"
    assert shape(line) == [("-m", "5"), ("-S", None), (IMAGE, "A=b")]


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("-m 512", [("-m", "512")]),
        ("--m 512", [("-m", "512")]),
        ("-nographic -usb", [("-nographic", None), ("-usb", None)]),
        ("--nographic a.img", [("-nographic", None), (IMAGE, "a.img")]),
        ("a.img b.img", [(IMAGE, "a.img"), (IMAGE, "b.img")]),
        ("-", [(IMAGE, "-")]),
        ("''", [(IMAGE, "")]),
        ("-name -x", [("-name", "-x")]),
        ("-append ''", [("-append", "")]),
        ("-incoming -S", [("-incoming", "-S")]),
        ("-newarg value -S", [("-newarg", "value"), ("-S", None)]),
        ("-newarg -S", [("-newarg", None), ("-S", None)]),
        ("-newarg", [("-newarg", None)]),
        ("-s -S", [("-s", None), ("-S", None)]),
        ("-- a", [("-", "a")]),
        ("---x", [("--x", None)]),
    ],
)
def test_options(words: str, options: list[tuple[str, str | None]]) -> None:
    assert shape(read(f"kvm {words}")) == options


def test_an_option_keeps_its_words_as_they_stood() -> None:
    (option,) = read("kvm --m '5'12").options
    assert [word.text for word in option.words] == ["--m", "512"]
    assert option.span.text == "--m '5'12"
    assert option.text == "512"


def test_the_text_of_an_option_without_value_is_empty() -> None:
    assert read("kvm -S").options[0].text == ""


@pytest.mark.parametrize("option", ["-m", "--drive", "-watchdog", "-device", "-hda"])
def test_a_missing_value_is_refused_at_the_option(option: str) -> None:
    with pytest.raises(CommandLineError, match="needs a value, and the line ends here") as caught:
        read(f"kvm -S \\\n {option}")
    assert str(caught.value.place) == "t:2:2"
    assert caught.value.place is not None
    assert caught.value.report().splitlines()[-1].endswith("^" * len(option))


@pytest.mark.parametrize(("line", "place"), [("", "t:1:1"), ("A=b", "t:1:4"), ("# kvm", "t:1:6"), ("A=b\n", "t:2:1")])
def test_no_emulator(line: str, place: str) -> None:
    with pytest.raises(CommandLineError, match="no emulator path found") as caught:
        read(line)
    assert str(caught.value.place) == place


def test_an_option_where_the_emulator_should_stand() -> None:
    with pytest.raises(CommandLineError, match="an option stands where the binary should") as caught:
        read("A=b -m 5")
    assert str(caught.value.place) == "t:1:5"


@given(SOUP)
def test_every_word_belongs_to_one_option(soup: list[tuple[str, ...]]) -> None:
    text = render.one_line([], "kvm", soup)
    try:
        line = read(text)
    except CommandLineError:
        return
    source = Source(text, "t")
    assert [word.span().text for option in line.options for word in option.words] == [
        word.span().text for word in split(source)[1:]
    ]
