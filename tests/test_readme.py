"""README's commands and examples do what README says."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from realprograms import SYSTEM, libvirt

from qemuxml.cli.options import PROFILES
from qemuxml.mapping.ledger import Fate

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"^```sh\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL) for line in block.splitlines()]
CONVERTING = [command for command in COMMANDS if "qemuxml " in command]


def test_the_two_commands_of_a_newcomer_are_there() -> None:
    """What follows them runs below, and in ``.ci/run`` they run as they stand."""
    assert [command for command in COMMANDS if command.startswith("pip ")] == [
        "pip install . && qemuxml from-native fixtures/debian-server.args",
        "pip install '.[test]' && python -m pytest",
    ]


@pytest.mark.parametrize("command", CONVERTING)
def test_a_converting_command_works(command: str, tmp_path: Path) -> None:
    words = shlex.split(command.rpartition("&& ")[2], comments=True)
    assert words.pop(0) == "qemuxml"
    words = [str(ROOT / word) if word.startswith("fixtures/") else word for word in words]
    done = subprocess.run(
        [sys.executable, "-m", "qemuxml", *words], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=20
    )
    assert done.returncode == 0, done.stderr
    written = [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()]
    assert re.match(r"<domain |LC_ALL=C |(/usr/bin/)?(kvm|qemu-system-\w+) |#!/bin/sh\n", "".join([done.stdout, *written]))


# ------------------------------------------------------------------ a guest that moves


def shown(console: str) -> list[tuple[str, str]]:
    """The commands of a block with what they print."""
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", console, re.MULTILINE)


CONSOLES = [step for block in re.findall(r"^```console\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL) for step in shown(block)]
MOVED = ROOT / "fixtures" / "scripts" / "accounts.sh"


def qemuxml(command: str, folder: Path) -> str:
    """What a command prints that succeeds."""
    words = [sys.executable, "-m", "qemuxml", *shlex.split(command.removeprefix("qemuxml "))]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_the_report_of_the_guest_that_moves(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text(MOVED.read_text(encoding="utf-8"))
    (command, report), *_ = CONSOLES
    before, behind = report.split("…\n")
    printed = qemuxml(command, tmp_path)
    assert printed.startswith(before)
    assert printed.endswith(behind)


@pytest.mark.live
def test_the_guest_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    _, (checks, silence), *moves = CONSOLES
    SYSTEM.need("qemu-system-i386", "virsh", "passt")
    with SYSTEM.folder() as folder:
        for name in ("qemu-system-i386", "virsh"):
            SYSTEM.stand_in(name, folder)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        for name, size in (("accounts.qcow2", 196624), ("drivers.iso", 1 << 20)):
            with (folder / name).open("wb") as image:
                image.truncate(size)
        script = MOVED.read_text(encoding="utf-8").replace("format=qcow2", "format=raw")
        (folder / "run.sh").write_text(script.replace("/srv/vm", SYSTEM.inside(folder)))
        (folder / "accounts.xml").write_text(qemuxml("qemuxml from-native -q run.sh", folder))
        (folder / "run.sh").write_text(script.replace("/srv/vm", str(folder)))
        for check in checks.split(" && ")[1:]:  # the first asks for libvirt's schema, and has tests of its own
            assert qemuxml(check, folder) == silence
        words = "; ".join(command.removeprefix("virsh ") for command, _ in moves)
        with (folder / "log").open("w+") as log:
            virsh = ["virsh", "-c", f"qemu:///embed?root={libvirt(folder)}", f"{words}; destroy accounts"]
            SYSTEM.start(virsh, folder, log).wait(60)
            log.seek(0)
            said = log.read()
        assert [printed for _, printed in moves if printed not in said] == []


def test_the_python_example_works() -> None:
    failed, tried = doctest.testfile(str(README), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert tried
    assert not failed


def test_the_tables_name_every_fate_and_profile() -> None:
    rows = re.findall(r"^\| `?(\w+)`?.*\|$", TEXT, re.MULTILINE)
    assert set(rows) - {"fate", "profile"} == {*Fate, *PROFILES}


def test_the_files_that_it_names_exist() -> None:
    for name in re.findall(r"(?:qemuxml/|devices/|cmdline/|mapping/|complete/|man/|fixtures/|tests/|\.ci/)[\w./-]+\w", TEXT):
        found = [ROOT / name, ROOT / "qemuxml" / name]
        assert name == "qemuxml/devices/NAME.py" or any(path.exists() for path in found), name


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for requirement in project["dependencies"]:
        assert f"**{re.split('[<>=]', requirement)[0]}**: " in TEXT
