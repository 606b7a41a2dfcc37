"""``qemuxml batch``: records in, records out, in their order, whatever is wrong with one of them."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_cli import GUEST, LINE, program, run

import qemuxml


def answers(*records: Any, options: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    lines = "".join(f"{record if isinstance(record, str) else json.dumps(record)}\n" for record in records)
    result = run("batch", *options, stdin=lines)
    assert (result.exit_code, result.stderr) == (0, "")
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_command_line_is_answered_with_its_xml() -> None:
    (found,) = answers({"id": "a", "argv": LINE})
    assert found["id"] == "a"
    assert found["xml"] == qemuxml.from_native(LINE)
    assert found["counts"]["mapped"] == 3


def test_words_need_no_quoting() -> None:
    (found,) = answers({"id": 1, "argv": ["kvm", "-name", "it's"]})
    assert "<name>it&apos;s</name>" in found["xml"] or "<name>it's</name>" in found["xml"]


def test_xml_is_answered_with_its_command_line() -> None:
    (found,) = answers({"id": None, "xml": GUEST}, options=("--profile", "manual"))
    assert found == {"id": None, "argv": qemuxml.to_native(GUEST, profile="manual").rstrip("\n"), "warnings": []}


def test_warnings_are_told() -> None:
    (found,) = answers({"argv": "/usr/bin/qemu-system-x86_64 -foo"})
    assert found["warnings"] == ["argv:1:29: warning: -foo is passed through to QEMU as it stands"]
    assert "id" not in found


BAD = [
    ("{", "not a record: "),
    ("[]", "not a record: a record is a JSON object"),
    ("{}", "a record needs either argv or xml"),
    ('{"argv": "kvm", "xml": ""}', "a record needs either argv or xml"),
    ('{"argv": 7}', "not a record: argv is a text or a list of words"),
    ('{"argv": [7]}', "not a record: "),
    ('{"argv": "kvm -m"}', "-m needs a value, and the line ends here"),
    ('{"xml": "<domain"}', "not well-formed: "),
    ("[" * 100000, "not a record: "),
]


@pytest.mark.parametrize(("line", "said"), BAD, ids=lambda value: value[:20])
def test_a_bad_record_is_answered_with_an_error_and_the_next_has_its_turn(line: str, said: str) -> None:
    bad, good = answers(line, {"id": 2, "argv": LINE})
    assert bad["error"]["message"].startswith(said)
    assert "xml" in good


def test_an_error_has_its_id_and_its_place() -> None:
    (found,) = answers({"id": "x", "argv": "kvm \\\n -m"})
    assert found["id"] == "x"
    assert found["error"]["place"] == {"line": 2, "column": 2, "start": 7, "end": 9}
    (found,) = answers({"id": "x", "xml": "<network/>"})
    assert found["error"]["place"] == {"line": 1, "path": "/network"}


def test_text_that_is_no_utf_8_and_blank_lines() -> None:
    result = run("batch", stdin=b'{"argv": "\xff"}\n\n \n')
    assert result.exit_code == 0
    assert "not a record" in json.loads(result.stdout)["error"]["message"]


def test_a_record_that_is_too_long_is_not_kept() -> None:
    long = "x" * (17 * 1024 * 1024)
    bad, good = answers(long, {"argv": LINE})
    assert bad["error"]["message"] == "not a record: a record is larger than 16 MiB"
    assert "xml" in good


def test_several_processes_answer_the_same_in_the_same_order() -> None:
    records = "".join(json.dumps({"id": n, "argv": f"kvm -m {n + 1}"}) + "\n" for n in range(100)).encode()
    once, twice, four = (program("batch", "-j", jobs, input=records) for jobs in ("1", "1", "4"))
    assert once.returncode == four.returncode == 0
    assert once.stdout == twice.stdout == four.stdout
    assert once.stdout.count(b"\n") == 100


@pytest.mark.parametrize("jobs", ["1", "2", "4"])
def test_an_answer_comes_before_the_next_record(jobs: str) -> None:
    words = [sys.executable, "-m", "qemuxml", "batch", "--jobs", jobs]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        for number in range(12):  # more than may wait for two processes
            process.stdin.write(json.dumps({"id": number, "argv": LINE}).encode() + b"\n")
            process.stdin.flush()
            assert select.select([process.stdout], [], [], 20)[0], "no answer before the next record"
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait(20) == 0


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 130)])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_signal_ends_it_between_two_records(number: signal.Signals, status: int, jobs: str) -> None:
    words = [sys.executable, "-m", "qemuxml", "batch", "--jobs", jobs]
    with subprocess.Popen(words, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"".join(json.dumps({"id": n, "argv": LINE}).encode() + b"\n" for n in range(40)))
        process.stdin.flush()
        first = process.stdout.readline()
        process.send_signal(number)
        said, complaints = process.communicate(timeout=20)
    answered = (first + said).splitlines()
    assert [json.loads(line)["id"] for line in answered] == list(range(len(answered)))
    assert (process.returncode, complaints.decode()) == (
        status,
        f"interrupted; {len(answered)} record{'' if len(answered) == 1 else 's'} answered\n",
    )


@pytest.mark.skipif(not Path(f"/proc/self/task/{os.getpid()}/children").exists(), reason="Linux alone names the children")
@pytest.mark.parametrize("killed", ["a child", "the parent"])
def test_a_process_that_is_killed_leaves_nothing_that_waits(killed: str) -> None:
    words = [sys.executable, "-m", "qemuxml", "batch", "--jobs", "2"]
    with subprocess.Popen(words, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps({"argv": LINE}).encode() + b"\n")
        process.stdout.readline()
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
        assert len(children) == 2
        os.kill(int(children[0]) if killed == "a child" else process.pid, signal.SIGKILL)
        # All that hold its standard output have ended when that ends.
        said, complaints = process.communicate(json.dumps({"argv": LINE}).encode() + b"\n", timeout=20)
    assert said == b""
    if killed == "a child":
        assert process.returncode == 1
        assert complaints == b"error: a process that converts was ended from outside; 1 record answered\n"


def test_a_reader_that_leaves_is_told_how_far_it_came() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = program("batch", input=b'{"argv": "kvm"}\n', capture_output=False, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"error: nobody reads standard output any more; 0 records answered\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_told_how_far_it_came() -> None:
    with Path("/dev/full").open("wb") as full:
        done = program("batch", input=b'{"argv": "kvm"}\n', capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr == b"error: cannot write standard output: No space left on device; 0 records answered\n"


@pytest.mark.parametrize("mode", ["wb", "ab"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_disk_that_fills_up_keeps_whole_records(tmp_path: Path, mode: str, unbuffered: str) -> None:
    records = "".join(json.dumps({"id": n, "argv": LINE}) + "\n" for n in range(40)).encode()
    path = tmp_path / "answers"
    path.write_bytes(b'{"id": -1}\n')
    with path.open(mode) as output:
        how = {"capture_output": False, "stdout": output, "stderr": subprocess.PIPE, "preexec_fn": small_disk}
        done = program("batch", input=records, env={**os.environ, "PYTHONUNBUFFERED": unbuffered}, **how)
    lines = path.read_bytes().splitlines(keepends=True)
    answered = len(lines) - (mode == "ab")
    assert 0 < answered < 40
    assert [json.loads(line)["id"] for line in lines][-answered:] == list(range(answered))
    assert lines[-1].endswith(b"\n")
    assert (done.returncode, done.stderr) == (
        1,
        f"error: cannot write standard output: File too large; {answered} records answered\n".encode(),
    )


def small_disk() -> None:
    """Let no file of the process grow larger than a few records."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))
