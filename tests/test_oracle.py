"""Reference cases that libvirt itself produced, where the machine has them.

They are read from the folder that the variable QEMUXML_ORACLE names, else from ``../shared/oracle`` beside the repository.
"""

import os
import shlex
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from qemuxml import convert, from_native, to_native

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/home/test", "USER": "test", "LOGNAME": "test"}
RATCHET = Path(__file__).parent / "ratchet.toml"
KNOWN: dict[str, Any] = tomllib.loads(RATCHET.read_text(encoding="utf-8"))


def _cases() -> Path | None:
    named = os.environ.get("QEMUXML_ORACLE")
    folder = Path(named) if named else Path(__file__).parents[1] / ".." / "shared" / "oracle"
    return folder.resolve() if folder.is_dir() else None


CASES = _cases()
needs_cases = pytest.mark.skipif(
    CASES is None, reason="no reference cases: QEMUXML_ORACLE names no folder, nor is there ../shared/oracle"
)


def tree(text: str, *, blank: tuple[str, ...] = ()) -> Any:
    """The document as nested tuples, without the nodes (``PATH`` or ``PATH/@NAME``) that are blanked."""
    root = etree.fromstring(text.encode(), etree.XMLParser(remove_blank_text=True, remove_comments=True))
    for path in blank:
        element, _, attribute = path.partition("/@")
        for node in root.iterfind(element):
            if attribute:
                node.attrib.pop(attribute, None)
            else:
                node.text = None
    return _canonical(root)


def _canonical(node: Any) -> Any:
    return node.tag, sorted(node.attrib.items()), (node.text or "").strip(), [_canonical(below) for below in node]


def known(suite: str) -> dict[str, str]:
    """Find the listed cases of a suite and their reasons, the open ones among them."""
    return KNOWN.get(suite, {}) | KNOWN.get("open", {}).get(suite, {})


def ratchet(suite: str, name: str, compare: Callable[[], None]) -> None:
    """Run a comparison; a case that is known to fail must still fail, with a difference and not with an error."""
    if name not in known(suite):
        compare()
        return
    try:
        compare()
    except AssertionError:
        return
    pytest.fail(f"{name} passes: strike it from ratchet.toml")


def legacy_names() -> list[str]:
    return sorted(path.stem for path in (CASES / "legacy").glob("*.args")) if CASES else []


def case(suite: str, name: str) -> str:
    assert CASES is not None
    return (CASES / suite / name).read_text(encoding="utf-8")


# ------------------------------------------------------------------ manual


@needs_cases
def test_from_native_prints_the_manuals_xml_text_for_text() -> None:
    assert from_native(case("manual", "from-native.args"), profile="manual") == case("manual", "from-native.xml")


@needs_cases
def test_to_native_prints_the_manuals_command_line_word_for_word() -> None:
    line = to_native(case("manual", "to-native.xml"), profile="manual", environment=ENVIRONMENT)
    assert shlex.split(line) == shlex.split(case("manual", "to-native.args"))


@needs_cases
def test_to_native_passes_the_manuals_argument_and_variable() -> None:
    words = shlex.split(to_native(case("manual", "passthrough.xml"), profile="manual", environment=ENVIRONMENT))
    assert words[-1] == "-newarg"
    assert "QEMU_ENV=VAL" in words[: words.index("/usr/bin/qemu-system-x86_64")]


@needs_cases
def test_the_manuals_kvm_guest_is_a_line_that_qemu_0_9_takes() -> None:
    found = convert.to_native(case("manual", "sample-kvm.xml"), name="x", profile="manual", environment=ENVIRONMENT)
    words = shlex.split(found.text)
    assert words[: words.index("-S")] == ["LC_ALL=C", "PATH=/usr/bin:/bin", "HOME=/home/test", "USER=test", "LOGNAME=test",
                                          "/usr/bin/qemu-kvm"]  # fmt: skip
    assert words[words.index("-S") :] == [
        "-S", "-M", "pc", "-m", "128", "-smp", "1", "-name", "demo2", "-monitor", "pty", "-localtime", "-no-acpi", "-boot", "c",
        "-drive", "file=/var/lib/libvirt/images/demo2.img,if=ide,index=0", "-net", "nic,macaddr=24:42:53:21:52:45,vlan=0",
        "-net", "tap,vlan=0", "-serial", "none", "-parallel", "none", "-usb", "-vnc", "127.0.0.1:0", "-k", "de",
    ]  # fmt: skip
    assert any("free port" in note.message for note in found.notes)
    assert any("'default'" in note.message for note in found.notes)


@needs_cases
def test_the_manuals_emulated_guest_is_a_line_that_qemu_0_9_takes() -> None:
    words = shlex.split(to_native(case("manual", "sample-qemu.xml"), profile="manual"))
    assert words == [
        "LC_ALL=C", "/usr/bin/qemu-system-x86_64", "-S", "-M", "pc", "-no-kqemu", "-m", "214", "-smp", "2",
        "-name", "QEmu-fedora-i686",
        "-monitor", "pty", "-no-acpi", "-boot", "d", "-drive", "file=/home/user/boot.iso,if=ide,media=cdrom,index=2",
        "-drive", "file=/home/user/fedora.img,if=ide,index=0", "-net", "nic,vlan=0", "-net", "tap,vlan=0",
        "-serial", "none", "-parallel", "none", "-usb", "-vnc", "127.0.0.1:0",
    ]  # fmt: skip


# ------------------------------------------------------------------ legacy


@needs_cases
@pytest.mark.parametrize("name", legacy_names())
def test_legacy(name: str) -> None:
    text = case("legacy", f"{name}.args")
    # The name of a secret is in no command line; a UUID that the line does not give was drawn at random.
    blank = (".//auth/secret/@usage",) if "-uuid" in text else (".//auth/secret/@usage", "uuid")

    def compare() -> None:
        assert tree(from_native(text, profile="legacy"), blank=blank) == tree(case("legacy", f"{name}.xml"), blank=blank)

    ratchet("legacy", name, compare)


@needs_cases
@pytest.mark.parametrize("name", legacy_names())
def test_legacy_but_for_the_uuid(name: str) -> None:
    blank = (".//auth/secret/@usage", "uuid")
    found = from_native(case("legacy", f"{name}.args"), profile="legacy")
    assert tree(found, blank=blank) == tree(case("legacy", f"{name}.xml"), blank=blank)


@needs_cases
def test_every_listed_case_is_one_and_has_one_reason() -> None:
    assert CASES is not None
    modern = {path.stem for path in (CASES / "modern").iterdir()}
    for suite, cases in {"legacy": set(legacy_names()), "to-native": modern, "roundtrip": modern, "errors": modern}.items():
        assert set(known(suite)) <= cases
        assert all(known(suite).values())
        assert not set(KNOWN.get(suite, {})) & set(KNOWN.get("open", {}).get(suite, {}))
