"""``qemuxml roundtrip``: what does not survive the way there and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_cli import run


def back(text: str) -> tuple[int, list[str]]:
    result = run("roundtrip", "-", stdin=text)
    return result.exit_code, result.stdout.splitlines()


def test_what_survives_is_silent() -> None:
    assert back("qemu-system-x86_64 -M pc -m 512 -name a -uuid c7a5fdbd-edaf-9455-926a-d65c16db1809") == (0, [])


def test_a_dropped_option_is_told() -> None:
    status, lines = back("qemu-system-x86_64 -M pc -m 512 -pidfile /run/x")
    assert status == 1
    assert lines[0].startswith("<stdin>:1:33: -pidfile /run/x: ")


def test_an_element_that_nobody_understands_is_told() -> None:
    status, lines = back(
        "<domain type='kvm'><name>a</name><memory>1024</memory><os><type arch='x86_64' machine='pc'>hvm</type></os>"
        "<odd/><devices><emulator>/usr/bin/qemu-system-x86_64</emulator></devices></domain>"
    )
    assert status == 1
    assert lines == ["<stdin>:1: /domain/odd: not understood"]


def test_what_a_line_needs_of_its_host_is_no_loss() -> None:
    assert back(
        "<domain type='kvm'><name>a</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid><memory>1024</memory>"
        "<os><type arch='x86_64' machine='pc'>hvm</type></os><devices><emulator>/usr/bin/qemu-system-x86_64</emulator>"
        "<graphics type='vnc'/></devices></domain>"
    ) == (0, [])


def test_trouble_with_one_file_does_not_stop_the_next(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("kvm -m", encoding="utf-8")
    (tmp_path / "b").write_text("kvm -pidfile x", encoding="utf-8")
    result = run("roundtrip", tmp_path / "a", tmp_path / "b", tmp_path / "c")
    assert result.exit_code == 2
    assert "-m needs a value" in result.stderr
    assert "-pidfile x" in result.stdout
    assert "cannot read" in result.stderr


@pytest.mark.parametrize("words", [[], ["--no-such"]])
def test_called_in_a_wrong_way(words: list[str]) -> None:
    assert run("roundtrip", *words).exit_code == 2
