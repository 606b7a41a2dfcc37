"""The report on a command line: each option's fate, its place, and the XPath of what it became; ``--strict`` and ``explain``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from test_cli import LINE, WARNED, run

from qemuxml import report
from qemuxml.cmdline.arity import TAKES_VALUE
from qemuxml.cmdline.meanings import MEANINGS, meaning
from qemuxml.mapping.ledger import Fate
from qemuxml.mapping.xml import QEMU

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures").glob("*.args"))


def told(text: str, profile: str = "modern") -> report.Report:
    return report.report(text, name="t", profile=profile, base_dir=None)


def xpath(xml: str, path: str) -> list[Any]:
    return etree.fromstring(xml.encode()).xpath(path, namespaces={"qemu": QEMU})  # type: ignore[return-value]


BECAME = [
    ("-m 512", "/domain/memory"),
    ("-smp 3", "/domain/vcpu"),
    ("-name web", "/domain/name"),
    ("-boot d", "/domain/os/boot/@dev"),
    ("-kernel /boot/vmlinuz", "/domain/os/kernel"),
    ("-hda /a.img -hdb /b.img", "/domain/devices/disk[1]"),
    ("-no-reboot", "/domain/on_reboot"),
    ("-localtime", "/domain/clock/@offset"),
    ("-foo", "/domain/qemu:commandline/qemu:arg"),
]


@pytest.mark.parametrize(("options", "path"), BECAME)
def test_an_option_is_found_in_the_xml(options: str, path: str) -> None:
    found = told(f"qemu-system-x86_64 -nodefaults -vga none {options}")
    item = found.items[2]
    assert path in item.xpaths
    assert len(xpath(found.xml, path)) == 1


@pytest.mark.parametrize("profile", ["modern", "legacy"])
@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_every_xpath_finds_one_node(path: Path, profile: str) -> None:
    found = told(path.read_text(encoding="utf-8"), profile)
    for item in found.items:
        for place in item.xpaths:
            assert len(xpath(found.xml, place)) == 1, place
        assert item.reason or item.xpaths or item.fate is Fate.MAPPED, item.text


def test_an_option_that_changes_nothing_has_no_xpath() -> None:
    assert told("qemu-system-x86_64 -S").items[0].xpaths == ()


def test_the_words_of_a_passed_option_are_named_each() -> None:
    found = told("kvm -foo bar -m 64 -baz")
    assert found.items[0].xpaths == tuple(f"/domain/qemu:commandline/qemu:arg[{n}]" for n in (1, 2))
    assert found.items[2].xpaths == ("/domain/qemu:commandline/qemu:arg[3]",)
    assert [xpath(found.xml, path)[0].get("value") for path in found.items[0].xpaths] == ["-foo", "bar"]


@pytest.mark.parametrize(("options", "exact"), [("-m 64", True), ("-S", True), ("-foo", False), ("-pidfile /run/x", False)])
def test_a_report_is_exact_where_nothing_was_passed_dropped_or_guessed(options: str, *, exact: bool) -> None:
    assert told(f"kvm {options}").exact is exact


# ------------------------------------------------------------------ the command


def test_the_table_tells_every_option() -> None:
    result = run("from-native", "--report", "-", stdin=WARNED)
    assert result.exit_code == 0
    assert result.stdout == run("from-native", "-q", "-", stdin=WARNED).stdout
    lines = [line.split() for line in result.stderr.splitlines()]
    assert [line[:2] for line in lines[:3]] == [
        ["<stdin>:1:15", "mapped"],
        ["<stdin>:2:3", "passed"],
        ["<stdin>:2:12", "dropped"],
    ]
    assert result.stderr.splitlines()[-1] == "3 options: 1 mapped, 1 passed, 1 dropped"


def test_the_report_for_programs_is_json_alone() -> None:
    result = run("from-native", "--report=json", "-", stdin=WARNED)
    made = json.loads(result.stderr)
    assert [(item["option"], item["fate"]) for item in made["options"]] == [
        ("-m", "mapped"),
        ("-foo", "passed"),
        ("-pidfile", "dropped"),
    ]
    assert made["options"][1]["place"] == {"file": "<stdin>", "line": 2, "column": 3, "start": 25, "end": 33}
    assert made["counts"]["passed"] == 1
    for path in made["options"][0]["xpath"]:
        assert xpath(result.stdout, path)


def test_a_file_behind_report_is_the_file(tmp_path: Path) -> None:
    (tmp_path / "guest.args").write_text(LINE, encoding="utf-8")
    assert run("from-native", "--report", tmp_path / "guest.args").exit_code == 0
    assert run("from-native", "--report=xml", tmp_path / "guest.args").exit_code == 2


@pytest.mark.parametrize(
    ("command", "status"), [(["from-native"], 3), (["domxml-from-native", "qemu-argv"], 1)], ids=["from-native", "as-virsh"]
)
def test_strict_fails_where_something_is_uncertain(command: list[str], status: int) -> None:
    assert run(*command, "--strict", "-", stdin="kvm -m 64 -S").exit_code == 0
    result = run(*command, "--strict", "-", stdin=WARNED)
    assert result.exit_code == status
    plain = run(*command, "-", stdin=WARNED)
    assert (result.stdout, result.stderr) == (plain.stdout, plain.stderr)


def test_explain_shows_source_fate_and_xml() -> None:
    result = run("explain", "-", stdin=WARNED)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("<stdin>:1:15: -m 214\n    the memory: mapped\n        <memory unit='KiB'>219136</memory>\n")
    assert "<stdin>:2:3: -foo bar\n    an option of QEMU: passed\n        <qemu:arg value='-foo'/>" in result.stdout
    assert "dropped: the process's number is libvirt's business" in result.stdout


def test_explain_names_the_option_that_an_element_was_shown_with() -> None:
    lines = run("explain", "-", "--profile", "legacy", stdin="kvm -net nic -net user").stdout.splitlines()
    assert "        /domain/devices/interface, with -net nic at <stdin>:1:5" in lines


def test_explain_for_programs() -> None:
    result = run("explain", "--json", "-", stdin=LINE)
    first = json.loads(result.stdout)["options"][0]
    assert (first["source"], first["meaning"], first["fate"]) == ("-M pc", "the machine", "mapped")
    assert first["xml"][0].endswith(" machine='pc'>hvm</type>")


# ------------------------------------------------------------------ meanings


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-m", "1"], "the memory"),
        (["--m", "1"], "the memory"),
        (["/a.img"], "the image of the first hard disk"),
        (["-device", "virtio-net-pci,id=a"], "a device, virtio-net-pci"),
        (["-device", "id=a,driver=e1000"], "a device, e1000"),
        (["-device", '{"driver":"e1000"}'], "a device, e1000"),
        (["-device", "{"], "a device"),
        (["-object", "rng-random,id=a"], "an object, rng-random"),
        (["-new"], "an option of QEMU"),
    ],
)
def test_an_option_has_a_meaning(words: list[str], said: str) -> None:
    assert meaning(words) == said


def test_most_options_with_a_value_have_a_meaning() -> None:
    """What only forks and debuggers had is named no better than by its own name."""
    assert len(TAKES_VALUE - MEANINGS.keys()) < 30
