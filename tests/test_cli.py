"""The command ``qemuxml``: shapes of virsh, exit statuses, what goes to which stream, files written whole or not at all."""

from __future__ import annotations

import inspect
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import qemuxml
from qemuxml import cli, convert
from qemuxml.cli.files import LARGEST
from qemuxml.cli.group import commands
from qemuxml.cli.options import PROFILES
from qemuxml.profiles import TARGETS

LINE = "/usr/bin/qemu -M pc -m 214 -drive file=/dev/vg/disk,if=ide,index=0,format=raw -net none -serial none -parallel none\n"
WARNED = "/usr/bin/qemu -m 214 \\\n  -foo bar -pidfile /run/x\n"
GUEST = """<domain type='qemu'>
  <name>demo</name>
  <memory>219136</memory>
  <os><type arch='i686' machine='pc'>hvm</type></os>
  <devices><emulator>/usr/bin/qemu</emulator></devices>
</domain>
"""

DIRECTIONS = [
    pytest.param(["from-native"], LINE, "<domain type='qemu'>", id="from-native"),
    pytest.param(["domxml-from-native", "qemu-argv"], LINE, "<domain type='qemu'>", id="domxml-from-native"),
    pytest.param(["to-native", "--profile", "manual"], GUEST, "LC_ALL=C /usr/bin/qemu ", id="to-native"),
    pytest.param(
        ["domxml-to-native", "qemu-argv", "--profile", "manual"], GUEST, "LC_ALL=C /usr/bin/qemu ", id="domxml-to-native"
    ),
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, as the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# click 8.1 mixes standard error into standard output unless told otherwise; later releases need not be told.
APART = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}


def run(*words: str | Path, stdin: str | bytes | None = None) -> Result:
    return CliRunner(**APART).invoke(commands, [str(word) for word in words], input=stdin, prog_name="qemuxml")


def program(*words: str | Path, **how: object) -> subprocess.CompletedProcess[bytes]:
    """The command as a process of its own."""
    how = {"capture_output": True, "timeout": 20, **how}
    return subprocess.run([sys.executable, "-m", "qemuxml", *map(str, words)], check=False, **how)  # type: ignore[call-overload]


def refused(result: Result, *said: str) -> None:
    """Exit status 1, an error on standard error and nothing else anywhere."""
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert "error: " in result.stderr
    assert "Traceback" not in result.stderr
    for text in said:
        assert text in result.stderr


# ------------------------------------------------------------------ what is converted


@pytest.mark.parametrize(("command", "text", "beginning"), DIRECTIONS)
def test_a_file_is_converted(command: list[str], text: str, beginning: str, here: Path) -> None:
    (here / "guest").write_text(text, encoding="utf-8")
    result = run(*command, "guest")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(beginning)
    assert result.stdout.endswith("\n")


@pytest.mark.parametrize(("command", "text", "beginning"), DIRECTIONS)
def test_a_dash_is_standard_input(command: list[str], text: str, beginning: str) -> None:
    result = run(*command, "-", stdin=text)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(beginning)


def test_xml_may_be_named_by_an_option_as_in_virsh(here: Path) -> None:
    (here / "guest.xml").write_text(GUEST, encoding="utf-8")
    command = ["domxml-to-native", "qemu-argv", "--profile", "manual"]
    assert run(*command, "--xml", "guest.xml").stdout == run(*command, "guest.xml").stdout != ""


@pytest.mark.parametrize("files", [[], ["a.xml", "--xml", "b.xml"]])
def test_one_xml_is_needed(files: list[str]) -> None:
    assert run("domxml-to-native", "qemu-argv", *files).exit_code == 2


@pytest.mark.parametrize("command", ["domxml-from-native", "domxml-to-native"])
def test_a_wrong_format_is_refused_as_virsh_does(command: str) -> None:
    result = run(command, "xen-xm", "nowhere")
    refused(result)
    assert result.stderr == "error: unsupported config type xen-xm\n"


def test_the_profile_is_chosen() -> None:
    modern, legacy, manual = (run("from-native", "--profile", name, "-", stdin=LINE).stdout for name in PROFILES)
    assert modern == run("from-native", "-", stdin=LINE).stdout == qemuxml.from_native(LINE)
    assert legacy == qemuxml.from_native(LINE, profile="legacy")
    assert manual == qemuxml.from_native(LINE, profile="manual")


def test_the_profiles_offered_are_those_that_there_are() -> None:
    assert set(PROFILES) == set(TARGETS)


def test_a_base_directory_makes_names_absolute(here: Path) -> None:
    line = "/usr/bin/qemu -hda disk.img"
    assert "<source file='/srv/vm/disk.img'/>" in run("from-native", "--base-dir", "/srv/vm", "-", stdin=line).stdout
    assert f"<source file='{here}/vm/disk.img'/>" in run("from-native", "--base-dir", "vm", "-", stdin=line).stdout
    assert run("from-native", "--base-dir", "", "-", stdin=line).exit_code == 2


def test_launch_variables_are_given_and_never_read_from_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert "HOME" not in run("to-native", "--profile", "manual", "-", stdin=GUEST).stdout
    given = run("to-native", "--profile", "manual", "--env", "HOME=/a=b", "--env", "USER=me", "-", stdin=GUEST).stdout
    assert given.startswith("LC_ALL=C HOME=/a=b USER=me /usr/bin/qemu ")
    assert run("to-native", "--env", "HOME", "-", stdin=GUEST).exit_code == 2


def test_a_byte_order_mark_is_tolerated() -> None:
    assert run("from-native", "-", stdin=b"\xef\xbb\xbf" + LINE.encode()).stdout == run("from-native", "-", stdin=LINE).stdout


def test_the_result_is_utf_8_whatever_the_locale_is() -> None:
    line = "/usr/bin/qemu -name 'büro' -hda /srv/größe.img".encode()
    done = program("from-native", "-", input=line, env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert done.returncode == 0
    assert "<name>büro</name>" in done.stdout.decode()


# ------------------------------------------------------------------ warnings and help


def test_warnings_come_with_their_place_and_in_the_order_of_the_input(here: Path) -> None:
    (here / "guest.args").write_text(WARNED, encoding="utf-8")
    result = run("from-native", "guest.args")
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "guest.args:2:3: warning: -foo bar is passed through to QEMU as it stands",
        "guest.args:2:12: warning: -pidfile /run/x is left out: the process's number is libvirt's business",
    ]


def test_a_note_is_a_warning_too() -> None:
    result = run("from-native", "--profile", "legacy", "-", stdin="A=b /usr/bin/qemu")
    assert result.stderr.startswith("<stdin>:1:1: warning: A: ")


def test_what_is_implied_is_not_spoken_of() -> None:
    assert run("from-native", "-", stdin="/usr/bin/qemu -S -nodefaults").stderr == ""


def test_a_long_option_is_shown_in_part() -> None:
    warning = run("from-native", "-", stdin=f"/usr/bin/qemu -foo {'x' * 5000}").stderr
    assert "... is passed through" in warning
    assert len(warning) < 200


def test_quiet_keeps_errors_only() -> None:
    assert run("from-native", "-q", "-", stdin=WARNED).stderr == ""
    refused(run("from-native", "--quiet", "-", stdin="'"), "this quote is not closed")


def test_version_names_the_program() -> None:
    assert run("--version").stdout == f"qemuxml {qemuxml.__version__}\n"


@pytest.mark.parametrize("command", [[], *([name] for name in cli.COMMANDS)])
def test_help_has_examples(command: list[str]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "\n  Examples:\n    qemuxml " in result.stdout


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_the_help_of_all_says_what_the_help_of_one_begins_with(name: str) -> None:
    command = commands.get_command(click.Context(commands), name)
    assert command is not None
    assert (command.name, command.get_short_help_str(limit=200)) == (name, cli.COMMANDS[name][1])
    assert f"\n  {name} " in run("--help").stdout


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["--version"]])
def test_the_quick_answers_are_the_groups_own(words: list[str]) -> None:
    assert program(*words).stdout.decode() == run(*words).stdout


def test_calling_it_wrong_is_status_2() -> None:
    for words in (["no-such-command"], ["from-native"], ["from-native", "--no-such-option", "-"], ["from-native", "a", "b"]):
        assert run(*words).exit_code == 2


def test_help_loads_no_converter() -> None:
    done = program("--help", env={**os.environ, "PYTHONPROFILEIMPORTTIME": "1"})
    for module in (b"lxml", b"pyparsing", b"qemuxml.convert", b"click", b"dataclasses"):
        assert module not in done.stderr


# ------------------------------------------------------------------ the output file


def test_the_output_is_written_to_a_file(here: Path) -> None:
    result = run("from-native", "-o", "guest.xml", "-", stdin=LINE)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert (here / "guest.xml").read_text(encoding="utf-8") == qemuxml.from_native(LINE)
    assert [path.name for path in here.iterdir()] == ["guest.xml"]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_umask_decides_who_may_read_it(mask: int, mode: int, here: Path) -> None:
    before = os.umask(mask)
    try:
        run("from-native", "-o", "guest.xml", "-", stdin=LINE)
    finally:
        os.umask(before)
    assert stat.S_IMODE((here / "guest.xml").stat().st_mode) == mode


def test_an_older_output_is_replaced_in_one_step(here: Path) -> None:
    (here / "guest.xml").write_text("old", encoding="utf-8")
    with (here / "guest.xml").open(encoding="utf-8") as reader:
        run("from-native", "-o", "guest.xml", "-", stdin=LINE)
        assert reader.read() == "old"
    assert (here / "guest.xml").read_text(encoding="utf-8").startswith("<domain")


def test_a_failure_leaves_the_older_output_alone(here: Path) -> None:
    (here / "guest.xml").write_text("old", encoding="utf-8")
    refused(run("from-native", "-o", "guest.xml", "-", stdin="/usr/bin/qemu -m"))
    assert (here / "guest.xml").read_text(encoding="utf-8") == "old"
    assert [path.name for path in here.iterdir()] == ["guest.xml"]


def test_nothing_stays_behind_if_the_file_cannot_be_moved(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    refused(run("from-native", "-o", "guest.xml", "-", stdin=LINE), "cannot write guest.xml: No space left on device")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("words", [("from-native", "guest.args"), ("to-native", "--script", "guest.xml")])
def test_a_disk_that_fills_up_leaves_the_older_output_alone(words: tuple[str, ...], here: Path) -> None:
    (here / "guest.args").write_text(LINE, encoding="utf-8")
    (here / "guest.xml").write_text(qemuxml.from_native(LINE), encoding="utf-8")
    (here / "made").write_text("old", encoding="utf-8")

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))

    done = program(*words, "-q", "-o", "made", preexec_fn=small_disk)
    assert (done.returncode, done.stderr) == (1, b"error: cannot write made: File too large\n")
    assert (here / "made").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in here.iterdir()) == ["guest.args", "guest.xml", "made"]


def test_a_link_keeps_pointing_at_its_file(here: Path) -> None:
    (here / "real.xml").write_text("old", encoding="utf-8")
    (here / "link.xml").symlink_to("real.xml")
    assert run("from-native", "-o", "link.xml", "-", stdin=LINE).exit_code == 0
    assert (here / "link.xml").is_symlink()
    assert (here / "real.xml").read_text(encoding="utf-8").startswith("<domain")


@pytest.mark.parametrize("output", ["guest.args", "./guest.args", "symbolic", "hard"])
def test_the_input_is_never_overwritten(output: str, here: Path) -> None:
    guest = here / "guest.args"
    guest.write_text(LINE, encoding="utf-8")
    (here / "symbolic").symlink_to(guest)
    (here / "hard").hardlink_to(guest)
    refused(run("from-native", "guest.args", "-o", output), "never overwritten")
    with guest.open("rb") as stdin:
        done = program("from-native", "-", "-o", output, stdin=stdin)
    assert done.returncode == 1
    assert b"never overwritten" in done.stderr
    assert guest.read_text(encoding="utf-8") == LINE


def test_a_device_is_written_to_and_not_replaced() -> None:
    before = Path(os.devnull).stat()
    assert run("from-native", "-o", os.devnull, "-", stdin=LINE).exit_code == 0
    assert Path(os.devnull).stat().st_ino == before.st_ino


def test_an_output_that_cannot_be_written_is_an_error(here: Path) -> None:
    refused(run("from-native", "-o", here, "-", stdin=LINE), f"cannot write {here}: Is a directory")
    refused(run("from-native", "-o", "no/guest.xml", "-", stdin=LINE), "cannot write no/guest.xml: No such file or directory")


# ------------------------------------------------------------------ bad input


ENTITY_BOMB = (
    "<!DOCTYPE domain [<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{n} '&a{n - 1};&a{n - 1};&a{n - 1};&a{n - 1};&a{n - 1};'>" for n in range(1, 40))
    + "]><domain type='qemu'><name>&a39;</name></domain>"
)
EXTERNAL = "<!DOCTYPE domain [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain type='qemu'><name>&x;</name></domain>"
REMOTE = "<!DOCTYPE domain SYSTEM 'http://192.0.2.1/domain.dtd'><domain type='qemu'><name>x</name></domain>"

BAD_LINES = [
    pytest.param(b"", "guest is empty", id="empty"),
    pytest.param(b"  \n# nothing\n", "no emulator path found", id="nothing-but-a-comment"),
    pytest.param(b"A=b C=d\n", "no emulator path found", id="no-binary"),
    pytest.param(b"qemu -m 1\n  -n\xc3\xa4me \xff x", "guest:2:9: error: the byte 0xff is not UTF-8", id="invalid-utf-8"),
    pytest.param(b"\xff\xfeq\x00e\x00m\x00u\x00", "guest:1:1: error: the byte 0xff is not UTF-8", id="utf-16"),
    pytest.param(b"qemu -m \xc3", "guest:1:9: error: the byte 0xc3 is not UTF-8", id="cut-in-a-character"),
    pytest.param(b"qemu\0-m\0512\0", "guest:1:5: error: the character U+0000", id="nul"),
    pytest.param(b"qemu -m 1 -name 'x", "guest:1:17: error: this quote is not closed", id="single-quote"),
    pytest.param(b'qemu -m 1 -name x"', "guest:1:18: error: this quote is not closed", id="double-quote"),
    pytest.param(b"qemu -m 1 -global", "guest:1:11: error: -global needs a value", id="value-missing"),
    pytest.param(b"qemu -device " + b'{"a":' * 10000, "guest:1:", id="deep-json"),
    pytest.param(b"qemu -drive " + b"," * 5_000_000, "Linux passes", id="commas"),
    pytest.param(b"q" * (LARGEST + 1), "guest is larger than 16 MiB", id="large"),
]
BAD_XML = [
    pytest.param(b"", "guest is empty", id="empty"),
    pytest.param(b"\xff", "guest:1:1: error: the byte 0xff is not UTF-8", id="invalid-utf-8"),
    pytest.param(b"<domain type='qemu'>\n<name>\0</name></domain>", "guest:2: ", id="nul"),
    pytest.param(b"<domain type='qemu'", "guest:1: ", id="cut"),
    pytest.param(b"no xml", "guest:1: ", id="no-xml"),
    pytest.param(b"<network/>", "the root element of a guest is <domain>", id="no-domain"),
    pytest.param(b"<a>" * 10000, "guest:1: ", id="deep"),
    pytest.param(ENTITY_BOMB.encode(), "guest:1: ", id="entity-bomb"),
    pytest.param(EXTERNAL.encode(), "a document type declaration", id="external-entity"),
    pytest.param(REMOTE.encode(), "a document type declaration", id="remote-dtd"),
]


def refused_quickly(command: list[str], data: bytes, said: str, folder: Path) -> None:
    (folder / "guest").write_bytes(data)
    begin = time.process_time()
    result = run(*command, "guest", "-o", "result")
    assert time.process_time() - begin < 2
    refused(result, said)
    assert len(result.stderr) < 600
    assert not (folder / "result").exists()


@pytest.mark.parametrize(("data", "said"), BAD_LINES)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_bad_command_line_is_one_clear_error(data: bytes, said: str, profile: str, here: Path) -> None:
    refused_quickly(["from-native", "--profile", profile], data, said, here)


@pytest.mark.parametrize(("data", "said"), BAD_XML)
def test_bad_xml_is_one_clear_error(data: bytes, said: str, here: Path) -> None:
    refused_quickly(["to-native", "--profile", "manual"], data, said, here)


@pytest.mark.parametrize("command", ["from-native", "to-native"])
def test_a_file_that_cannot_be_read_is_one_clear_error(command: str, here: Path) -> None:
    for file, cause in (("missing", "No such file or directory"), (str(here), "Is a directory")):
        result = run(command, file, "-o", "result")
        refused(result)
        assert result.stderr == f"error: cannot read {file}: {cause}\n"
    assert list(here.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_one_clear_error(here: Path) -> None:
    (here / "guest").touch(0o000)
    refused(run("from-native", "guest"), "error: cannot read guest: Permission denied")


def test_an_endless_file_is_not_read_to_its_end() -> None:
    refused(run("from-native", "/dev/zero"), "/dev/zero is larger than")


def test_the_place_of_a_bad_byte_is_marked(here: Path) -> None:
    (here / "guest").write_bytes(b"\xef\xbb\xbfqemu -name \xe4bc")
    assert run("from-native", "guest").stderr.splitlines()[1:] == ["qemu -name \ufffdbc", "           ^"]


@pytest.mark.parametrize("defect", [RuntimeError("two\nlines"), RecursionError("deep"), MemoryError()])
def test_a_defect_is_one_line_without_a_traceback(defect: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def defective(*_: object, **__: object) -> None:
        raise defect

    monkeypatch.delenv("QEMUXML_DEBUG", raising=False)
    monkeypatch.setattr(convert, "from_start", defective)
    result = run("from-native", "-", stdin=LINE)
    refused(result, f"error: internal error: {type(defect).__name__}: ", "please report it")
    assert result.stderr.count("\n") == 1
    monkeypatch.setenv("QEMUXML_DEBUG", "1")
    assert run("from-native", "-", stdin=LINE).exception is defect


# ------------------------------------------------------------------ the process


def test_the_process_reports_and_exits(here: Path) -> None:
    (here / "guest.args").write_text(LINE, encoding="utf-8")
    done = program("from-native", "guest.args")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == qemuxml.from_native(LINE)
    assert program("from-native", "missing").returncode == 1
    assert program("from-native").returncode == 2
    assert program("--help").returncode == 0


def test_a_reader_that_leaves_is_no_matter_for_words(here: Path) -> None:
    (here / "guest.args").write_text(LINE, encoding="utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    done = program("from-native", "guest.args", capture_output=False, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_behind_standard_output_is_one_error(here: Path) -> None:
    (here / "guest.args").write_text(LINE, encoding="utf-8")
    with Path("/dev/full").open("wb") as full:
        done = program("from-native", "guest.args", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (1, b"error: cannot write standard output: No space left on device\n")


@pytest.mark.parametrize(("closed", "said"), [("<&-", "read standard input"), (">&-", "write standard output")])
def test_a_closed_stream_is_one_error(closed: str, said: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -m qemuxml from-native - {closed}', sys.executable],
        input=LINE.encode(), capture_output=True, check=False, timeout=20,
    )  # fmt: skip
    assert (done.returncode, done.stderr.decode()) == (1, f"error: cannot {said}: it is closed\n")


def test_an_interrupt_is_status_130() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "qemuxml", "from-native", "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin
        # A pipe takes this much only while the other end reads.
        process.stdin.write(b" " * 200_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        said, complaints = process.communicate(timeout=20)
    assert (process.returncode, said) == (130, b"")
    assert b"Traceback" not in complaints


@pytest.mark.parametrize("words", [("nothing",), ("from-native",), ("batch", "--jobs", "0"), ("--wrong",), ("diff", "-", "-")])
def test_a_wrong_call_is_an_error_like_all_others(words: tuple[str, ...]) -> None:
    done = program(*words)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().splitlines()[-1].startswith("error: ")
    assert done.stderr.startswith(b"Usage: qemuxml ")


def test_no_words_at_all_ask_for_the_help() -> None:
    done = program()
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == program("--help").stdout
