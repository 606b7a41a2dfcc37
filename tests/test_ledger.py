"""Nothing is lost: whatever options stand on a line, each is accounted for once, and what is passed keeps its words."""

from contextlib import suppress

import pytest
from hypothesis import given
from lxml import etree
from strategies import SOUP
from test_oracle import CASES, needs_cases

from qemuxml import convert
from qemuxml.cmdline import render
from qemuxml.cmdline.options import IMAGE, Option
from qemuxml.cmdline.options import parse as parse_options
from qemuxml.cmdline.words import split
from qemuxml.errors import ConversionError, Source
from qemuxml.mapping.ledger import Claimed, Fate, Ledger, dropped, implied, mapped
from qemuxml.mapping.xml import QEMU
from qemuxml.profiles import TARGETS


def options(text: str) -> tuple[Option, ...]:
    source = Source(text, "t")
    return parse_options(split(source), source).options


def check_accounts(text: str, profile: str) -> None:
    """Convert, and hold every option against the ledger and the XML; a refusal must be a ConversionError."""
    found = convert.from_native(text, name="t", profile=profile, base_dir=None)
    spans = [entry.option.span for entry in found.entries]
    assert [(span.start, span.end) for span in spans] == [(item.span.start, item.span.end) for item in options(text)]
    passed = [word for entry in found.entries for word in entry.passed]
    root = etree.fromstring(found.text.encode())
    kept = (node.get("value") for node in root.iter(f"{{{QEMU}}}arg"))
    assert [word for word in passed if word in kept] == passed, "words in their order, others of a board's devices between them"
    for entry in found.entries:
        if entry.fate in (Fate.DROPPED, Fate.IMPLIED, Fate.REPLACED):
            assert entry.reason, f"{entry.option.name} is {entry.fate} without a reason"


@pytest.mark.parametrize("profile", TARGETS)
@given(soup=SOUP)
def test_every_option_of_a_soup_is_accounted_for(profile: str, soup: list[tuple[str, ...]]) -> None:
    with suppress(ConversionError):
        check_accounts(render.one_line([("CEPH_ARGS", "-m a:1,b")], "/usr/bin/qemu-system-x86_64", soup), profile)


@given(soup=SOUP)
def test_on_other_machines_too(soup: list[tuple[str, ...]]) -> None:
    for emulator, machine in (
        ("qemu-system-ppc64", "pseries"),
        ("qemu-system-s390x", "s390-ccw-virtio"),
        ("qemu-system-arm", "virt"),
    ):
        with suppress(ConversionError):
            check_accounts(render.one_line([], emulator, [("-M", machine), *soup]), "legacy")


@pytest.mark.parametrize("profile", TARGETS)
def test_unknown_options_keep_their_words_and_their_order(profile: str) -> None:
    text = "kvm -newarg --x 'a b' -m 64 -object 'rng-random,id=r' -y"
    check_accounts(text, profile)
    root = etree.fromstring(convert.from_native(text, name="t", profile=profile, base_dir=None).text.encode())
    passed = [node.get("value") for node in root.iter(f"{{{QEMU}}}arg")]
    assert passed == ["-newarg", "--x", "a b", "-object", "rng-random,id=r", "-y"]


def test_what_is_left_of_the_environment_is_kept() -> None:
    text = "LC_ALL=C A=1 CEPH_ARGS='-m h' PATH=/bin B='x y' kvm -drive file=rbd:p/i,if=virtio"
    root = etree.fromstring(convert.from_native(text, name="t", profile="modern", base_dir=None).text.encode())
    assert [(node.get("name"), node.get("value")) for node in root.iter(f"{{{QEMU}}}env")] == [("A", "1"), ("B", "x y")]


@needs_cases
def test_every_option_of_every_reference_case_is_accounted_for() -> None:
    assert CASES is not None
    found = sorted((CASES / "modern").glob("*.args"))
    assert found
    for path in found:
        try:
            check_accounts(path.read_text(encoding="utf-8"), "modern")
        except Exception as error:
            error.add_note(f"in {path.name}")
            raise


# ------------------------------------------------------------------ the ledger itself


def test_every_option_starts_open_and_ends_with_one_fate() -> None:
    found = options("kvm -a -b -c -d a.img")
    ledger = Ledger(found)
    assert all(ledger.is_open(option) for option in found)
    ledger.enter(mapped(found[0], "a device"))
    ledger.enter(dropped(found[3], "a launch"))
    ledger.enter(implied(found[2], "anyway"))
    ledger.pass_the_rest()
    assert [entry.passed for entry in ledger.entries()] == [(), ("-b",), (), ()]
    assert [(entry.option.name, str(entry.fate), entry.reason) for entry in ledger.entries()] == [
        ("-a", "mapped", ""), ("-b", "passed", ""), ("-c", "implied", "anyway"), ("-d", "dropped", "a launch")
    ]  # fmt: skip


def test_an_option_claimed_twice_is_a_defect() -> None:
    (option,) = options("kvm -usb")
    ledger = Ledger([option])
    ledger.enter(mapped(option))
    with pytest.raises(AssertionError, match="-usb was claimed twice"):
        ledger.enter(Claimed((option,)))


def test_options_are_found_by_name() -> None:
    found = options("kvm -serial none -serial pty -usb -serial vc a.img")
    ledger = Ledger(found)
    assert [option.text for option in ledger.named("-serial")] == ["none", "pty", "vc"]
    assert [ledger.position(option, ignoring="none") for option in ledger.named("-serial")[1:]] == [0, 1]
    ledger.enter(mapped(found[1]))
    assert [option.text for option in ledger.open_named("-serial")] == ["none", "vc"]
    assert ledger.has("-x", IMAGE)
    assert not ledger.has("-x")
