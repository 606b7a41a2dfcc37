"""``qemuxml fixtures``: what is made of what, ``--check``, and that nothing half-written is left behind."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_cli import LINE, program, run

import qemuxml

XML = """<domain type='kvm'>
  <name>demo</name>
  <memory>219136</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices><emulator>/usr/bin/qemu-system-x86_64</emulator></devices>
</domain>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two command lines and a guest written by hand."""
    (tmp_path / "one.args").write_text(LINE, encoding="utf-8")
    (tmp_path / "two.sh").write_text(LINE.replace("214", "300"), encoding="utf-8")
    (tmp_path / "hand.xml").write_text(XML, encoding="utf-8")
    (tmp_path / "README").write_text("no guest", encoding="utf-8")
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_source_gets_its_file(folder: Path) -> None:
    result = run("fixtures", folder)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "3 files: 3 written\n")
    assert names(folder) == ["README", "hand.x86_64-latest.args", "hand.xml", "one.args", "one.xml", "two.sh", "two.xml"]
    assert (folder / "one.xml").read_text(encoding="utf-8") == qemuxml.from_native(LINE)
    line = (folder / "hand.x86_64-latest.args").read_text(encoding="utf-8")
    assert line.replace(" \\\n", " ") == qemuxml.to_native(XML)
    assert (folder / "hand.xml").read_text(encoding="utf-8") == XML
    assert run("fixtures", folder).stderr == "3 files: 3 unchanged\n"


def test_several_releases(folder: Path) -> None:
    assert run("fixtures", folder, "--qemu-version", "latest", "--qemu-version", "8.2").exit_code == 0
    assert (folder / "hand.x86_64-8.2.args").exists()
    assert (folder / "hand.x86_64-latest.args").exists()


def test_plumbing(folder: Path) -> None:
    run("fixtures", folder, "--plumbing", "libvirt")
    assert "masterKey0" in (folder / "hand.x86_64-latest.args").read_text(encoding="utf-8")


def test_check_writes_nothing_and_shows_what_is_missing(folder: Path) -> None:
    before = names(folder)
    result = run("fixtures", "--check", folder)
    assert result.exit_code == 1
    assert names(folder) == before
    assert f"--- /dev/null\n+++ {folder / 'one.xml'}\n" in result.stdout
    assert "+  <memory unit='KiB'>219136</memory>\n" in result.stdout
    assert result.stderr == "3 files: 3 missing\n"


def test_check_is_content_with_what_was_made(folder: Path) -> None:
    run("fixtures", folder)
    result = run("fixtures", "--check", folder)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "3 files: 3 unchanged\n")


def test_check_shows_a_change(folder: Path) -> None:
    run("fixtures", folder)
    made = folder / "one.xml"
    made.write_text(made.read_text(encoding="utf-8").replace("219136", "1"), encoding="utf-8")
    result = run("fixtures", "--check", folder)
    assert result.exit_code == 1
    for line in ("-  <memory unit='KiB'>1</memory>", "+  <memory unit='KiB'>219136</memory>"):
        assert line in result.stdout.splitlines()


def test_an_orphan_is_told_and_kept(folder: Path) -> None:
    run("fixtures", folder)
    (folder / "hand.xml").unlink()
    result = run("fixtures", "--check", folder)
    assert result.exit_code == 1
    assert "hand.x86_64-latest.args: the XML that it was made of is gone" in result.stderr
    assert run("fixtures", folder).exit_code == 0
    assert (folder / "hand.x86_64-latest.args").exists()


def test_a_failure_does_not_stop_the_rest(folder: Path) -> None:
    (folder / "bad.args").write_text("kvm -m", encoding="utf-8")
    (folder / "worse.xml").write_text("<domain", encoding="utf-8")
    result = run("fixtures", folder)
    assert result.exit_code == 1
    assert f"{folder / 'bad.args'}:1:5: error: -m needs a value" in result.stderr
    assert result.stderr.endswith("5 files: 2 failed, 3 written\n")
    assert not (folder / "bad.xml").exists()


def test_a_failure_names_its_file_and_its_place(folder: Path) -> None:
    (folder / "odd.xml").write_text(XML.replace("<os>", "<maxMemory slots='2'>400000</maxMemory><os>"), encoding="utf-8")
    result = run("fixtures", folder)
    assert f"{folder / 'odd.xml'}:4: /domain/maxMemory: error: <maxMemory>" in result.stderr


def test_two_sources_of_one_file_are_a_failure(folder: Path) -> None:
    (folder / "one.sh").write_text(LINE, encoding="utf-8")
    result = run("fixtures", folder)
    assert result.exit_code == 1
    assert "one.args and one.sh would both be one.xml" in result.stderr


def test_several_processes_make_the_same(folder: Path) -> None:
    for number in range(20):
        (folder / f"more{number}.args").write_text(LINE.replace("214", str(number + 1)), encoding="utf-8")
    (folder / "bad.args").write_text("kvm -m", encoding="utf-8")
    one, four = (program("fixtures", "--check", folder, "--jobs", jobs) for jobs in ("1", "4"))
    assert (one.returncode, one.stdout, one.stderr) == (four.returncode, four.stdout, four.stderr)
    assert one.stdout.count(b"+++ ") == 23


def test_a_folder_is_needed(tmp_path: Path) -> None:
    assert run("fixtures", tmp_path / "nowhere").exit_code == 2
    assert run("fixtures", tmp_path).stderr == "no guests here\n"


def test_an_interrupt_leaves_whole_files_and_says_how_far_it_came(tmp_path: Path) -> None:
    for number in range(3000):
        (tmp_path / f"guest{number:04}.args").write_text(LINE, encoding="utf-8")
    words = [sys.executable, "-m", "qemuxml", "fixtures", str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 20
        while not (tmp_path / "guest0003.xml").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=20)
    made = sorted(tmp_path.glob("*.xml"))
    assert process.returncode == 130
    assert len(made) < 3000
    assert complaints.decode() == f"interrupted; {len(made)} of 3000 done\n"
    assert {path.read_text(encoding="utf-8").replace(path.stem, "") for path in made} == {qemuxml.from_native(LINE)}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def small_disk() -> None:
    """Let no file of the process grow larger than a short guest."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_disk_that_fills_up_keeps_whole_files(folder: Path, jobs: str) -> None:
    cards = " -net nic -net user" * 20
    (folder / "three.args").write_text(f"{LINE.rstrip()} {cards}\n", encoding="utf-8")
    (folder / "three.xml").write_text("<old/>\n", encoding="utf-8")
    before = names(folder)
    done = program("fixtures", "--jobs", jobs, folder, preexec_fn=small_disk)
    assert done.returncode == 1
    assert done.stderr.endswith(b"three.xml: File too large; 1 of 4 done\n")
    assert (folder / "three.xml").read_text(encoding="utf-8") == "<old/>\n"
    assert names(folder) == sorted([*before, "one.xml"])
    assert (folder / "one.xml").read_text(encoding="utf-8") == qemuxml.from_native(LINE)


def test_a_reader_that_leaves_is_told_how_far_it_came(folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = program("fixtures", "--check", folder, capture_output=False, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"error: nobody reads standard output any more; 0 of 3 done\n")


def test_a_full_disk_says_how_far_it_came(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    result = run("fixtures", folder)
    assert result.exit_code == 1
    assert result.stderr.endswith("No space left on device; 0 of 3 done\n")
    assert names(folder) == ["README", "hand.xml", "one.args", "two.sh"]
