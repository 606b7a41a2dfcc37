"""Running guests: ``--pid``, ``--proc`` and ``scan`` over saved processes, and over a real one where ``/proc`` is."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import etree
from test_cli import refused, run

from qemuxml import CommandLineError
from qemuxml.shell.process import Process, start

NAME = "/proc/7/cmdline"


def process(*words: str, exe: str | None = "/usr/bin/qemu-system-x86_64", cwd: str | None = "/srv/vm", env: str = "") -> Process:
    return Process(NAME, "".join(f"{word}\0" for word in words).encode(), env.encode(), exe, cwd)


def saved(root: Path, pid: int, *words: str, exe: str = "/usr/bin/qemu-system-x86_64") -> Path:
    """A process in a folder like ``/proc``."""
    folder = root / str(pid)
    folder.mkdir(parents=True)
    (folder / "cmdline").write_bytes("".join(f"{word}\0" for word in words).encode())
    (folder / "environ").write_bytes(b"HOME=/root\0")
    (folder / "comm").write_text(f"{exe.rsplit('/', 1)[-1][:15]}\n", encoding="utf-8")
    (folder / "exe").symlink_to(exe)
    (folder / "cwd").symlink_to("/srv/vm")
    return folder


# ------------------------------------------------------------------ how a process was started


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (process("/usr/bin/kvm", "-m", "5 6"), ["/usr/bin/kvm", "-m", "5 6"]),
        (process("qemu-system-x86_64", "-m", "5"), ["/usr/bin/qemu-system-x86_64", "-m", "5"]),
        (process("./qemu-system-x86_64", exe="/opt/q (deleted)"), ["/opt/q"]),
        (process("kvm", "-m", "5"), ["/usr/bin/qemu-system-x86_64", "-enable-kvm", "-m", "5"]),
        (process("kvm", "-accel", "tcg"), ["/usr/bin/qemu-system-x86_64", "-accel", "tcg"]),
        (process("qemu-kvm", exe="/usr/libexec/qemu-kvm"), ["/usr/libexec/qemu-kvm"]),
        (process("qemu-system-arm", exe=None), ["qemu-system-arm"]),
        (process("/q", "", "-s"), ["/q", "", "-s"]),
        (
            process("/q", env="HOME=/root\0QEMU_AUDIO_DRV=alsa\0LANG=C\0SDL_X=a=b\0SDL_\0"),
            ["QEMU_AUDIO_DRV=alsa", "SDL_X=a=b", "/q"],
        ),
    ],
)  # fmt: skip
def test_the_words_of_a_process(found: Process, words: list[str]) -> None:
    assert [word.text for word in start(found).words] == words


def test_every_word_points_at_itself() -> None:
    for word in start(process("/usr/bin/kvm", "-name", "a b", "", "-append", 'x="y" \\\n z')).words:
        assert word.span().text == word.text
        assert all(word.span(place, place + 1).text == character for place, character in enumerate(word.text))


@pytest.mark.parametrize(
    ("found", "base_dir", "folder", "said"),
    [
        (process("/q"), None, "/srv/vm", None),
        (process("/q"), "/other", "/other", None),
        (process("/q", cwd=None), None, None, "working directory cannot be read"),
        (process("/q", "-daemonize", cwd="/"), None, None, "-daemonize has left the folder"),
        (process("/q", "--daemonize", cwd="/"), "/srv", "/srv", None),
        (process("/q", "-daemonize", cwd="/srv"), None, "/srv", None),
        (process("q", exe="/usr/bin/q (deleted)"), None, "/srv/vm", "/usr/bin/q has been replaced"),
    ],
)
def test_relative_names_begin_in_its_folder(found: Process, base_dir: str | None, folder: str | None, said: str | None) -> None:
    begun = start(found, base_dir=base_dir)
    assert begun.folder == folder
    assert [said in note.message for note in begun.notes] == [True] if said else not begun.notes


@pytest.mark.parametrize("data", [b"", b"\0", b"/q\0-name\0\xff\0", b"/q\0-name\0\x01\0"])
def test_a_process_that_is_no_guest_is_refused(data: bytes) -> None:
    with pytest.raises(CommandLineError) as caught:
        start(Process(NAME, data))
    assert caught.value.report().startswith(f"{NAME}:1:")


@pytest.mark.parametrize(
    ("name", "exe", "is_guest"),
    [
        ("/usr/bin/qemu-system-x86_64", None, True),
        ("kvm", None, True),
        ("/usr/libexec/qemu-kvm", None, True),
        ("guest", "/usr/bin/qemu-system-arm (deleted)", True),
        ("qemu-img", "/usr/bin/qemu-img", False),
        ("qemu-ga", "/usr/bin/qemu-ga", False),
        ("qemu-nbd", None, False),
        ("qemu-aarch64-static", None, False),
        ("qemu-storage-daemon", None, False),
        ("bash", "/bin/bash", False),
    ],
)
def test_which_processes_are_guests(name: str, exe: str | None, is_guest: bool) -> None:  # noqa: FBT001
    assert process(name, exe=exe).is_guest is is_guest


# ------------------------------------------------------------------ the commands


def test_a_saved_process_is_converted(tmp_path: Path) -> None:
    folder = saved(tmp_path, 7, "qemu-system-x86_64", "-m", "214", "-hda", "a.img")
    found = run("from-native", "--proc", folder, "--profile", "legacy", "--name", "web", "--uuid", "0" * 31 + "1")
    assert found.exit_code == 0, found.stderr
    guest = etree.fromstring(found.stdout.encode())
    assert guest.findtext("name") == "web"
    assert guest.findtext("uuid") == "00000000-0000-0000-0000-000000000001"
    assert guest.findtext("devices/emulator") == "/usr/bin/qemu-system-x86_64"
    assert guest.find("devices/disk/source").get("file") == "/srv/vm/a.img"  # type: ignore[union-attr]


def test_saved_links_may_be_texts(tmp_path: Path) -> None:
    folder = saved(tmp_path, 7, "qemu-system-x86_64", "-hda", "a.img")
    (folder / "cwd").unlink()
    (folder / "cwd").write_text("/srv/text\n", encoding="utf-8")
    assert "/srv/text/a.img" in run("from-native", "--proc", folder, "--profile", "legacy").stdout


def test_a_name_of_the_line_stays(tmp_path: Path) -> None:
    folder = saved(tmp_path, 7, "kvm", "-name", "mail")
    found = run("from-native", "--proc", folder, "--profile", "legacy", "--name", "web")
    assert "<name>mail</name>" in found.stdout
    assert "the name web is not used: the command line has mail" in found.stderr


def test_one_guest_is_named(tmp_path: Path) -> None:
    for words in ([], ["--pid", "1", "--proc", tmp_path], ["guest.args", "--pid", "1"]):
        found = run("from-native", *words)
        assert found.exit_code == 2
        assert "one guest is needed: FILE, --pid or --proc" in found.stderr
    for words in (["--name", "a/b"], ["--uuid", "x"], ["--set", "1"], ["--set", "0=x"], ["--nth", "0"], ["--pid", "0"]):
        assert run("from-native", "-", *words, stdin="kvm").exit_code == 2
    refused(run("from-native", "--proc", tmp_path), f"cannot read {tmp_path / 'cmdline'}: No such file or directory")
    refused(run("from-native", "-", "--nth", "2", stdin="kvm"), "there is one QEMU call here, and no number 2")


def test_a_script_is_converted_with_what_its_caller_gives() -> None:
    script = "#!/bin/sh\nkvm -m 214 -hda $1 &\nkvm -m $MEM -hda /b\n"
    refused(run("from-native", "-", stdin=script), "<stdin>:3:1: error: the script starts QEMU 2 times")
    refused(run("from-native", "-", "--nth", "2", stdin=script), "<stdin>:3:8: error: MEM: ")
    found = run("from-native", "-", "--nth", "2", "--set", "MEM=214", "--profile", "legacy", stdin=script)
    assert "<source file='/b'/>" in found.stdout
    assert "/b" in run("explain", "-", "--nth", "2", "--set", "MEM=214", stdin=script).stdout


def test_scan_tells_of_every_guest(tmp_path: Path) -> None:
    saved(tmp_path, 9, "/usr/bin/kvm", "-name", "web", "-hda", "a.img")
    saved(tmp_path, 10, "/bin/bash", exe="/bin/bash")
    saved(tmp_path, 11, "qemu-img", "convert", exe="/usr/bin/qemu-img")
    saved(tmp_path, 100, "qemu-system-x86_64", "-m", "fast")
    saved(tmp_path, 101)
    (saved(tmp_path, 102, "kvm") / "cmdline").unlink()
    saved(tmp_path, 103, exe="/kthread")
    (tmp_path / "meminfo").write_text("", encoding="utf-8")
    (tmp_path / "104").mkdir()
    found = run("scan", "--proc-root", tmp_path)
    assert found.exit_code == 0, found.stderr
    records = {record["pid"]: record for record in map(json.loads, found.stdout.splitlines())}
    assert list(records) == [9, 100, 101, 102]
    assert records[9]["name"] == "web"
    assert "/srv/vm/a.img" in records[9]["xml"]
    assert [item["option"] for item in records[9]["report"]["options"]] == ["-name", "-hda"]
    assert records[100]["error"]["place"]["line"] == 1
    assert "has ended" in records[101]["error"]["message"]
    assert "cannot read" in records[102]["error"]["message"]
    refused(run("scan", "--proc-root", tmp_path / "none"), "cannot read")


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc here")
def test_a_process_of_this_host_is_read(tmp_path: Path) -> None:
    program = shutil.which("cat")
    assert program
    pipe = subprocess.PIPE
    with subprocess.Popen(["qemu-system-x86_64"], executable=program, stdin=pipe, stdout=pipe, cwd=tmp_path) as running:
        assert running.stdin
        assert running.stdout
        running.stdin.write(b".")
        running.stdin.flush()
        running.stdout.read(1)  # now it runs for certain
        found = run("from-native", "--pid", str(running.pid))
        running.communicate()
    assert found.exit_code == 0, found.stderr
    assert f"<emulator>{Path(program).resolve()}</emulator>" in found.stdout
