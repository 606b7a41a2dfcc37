"""Completion in shells: the scripts that are installed are those that the program prints, and they find the way."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from test_cli import program, run

from qemuxml.cli import COMMANDS

FILES = {"bash": "qemuxml.bash", "zsh": "_qemuxml", "fish": "qemuxml.fish"}
FOLDER = Path(__file__).parent.parent / "completions"


@pytest.mark.parametrize(("shell", "name"), FILES.items())
def test_what_is_installed_is_what_is_printed(shell: str, name: str) -> None:
    result = run("completion", shell)
    assert result.exit_code == 0
    assert result.stdout == (FOLDER / name).read_text(encoding="utf-8")


def test_another_shell_is_a_wrong_call() -> None:
    assert run("completion", "tcsh").exit_code == 2


@pytest.mark.parametrize(
    ("words", "position", "expected"),
    [
        ("qemuxml ", 1, [f"plain,{name}" for name in COMMANDS]),
        ("qemuxml from-native --prof", 2, ["plain,--profile"]),
        ("qemuxml from-native --profile ", 3, ["plain,modern", "plain,legacy", "plain,manual"]),
        ("qemuxml scan --hostfwd ", 3, ["plain,passt", "plain,passthrough", "plain,drop"]),
        ("qemuxml from-native --le", 2, ["plain,--lean"]),
        ("qemuxml from-native gue", 2, ["file,gue"]),
        ("qemuxml diff --ignore ", 3, ["plain,host", "plain,identity"]),
        ("qemuxml fixtures te", 2, ["dir,te"]),
        ("qemuxml completion ", 2, ["plain,bash", "plain,zsh", "plain,fish"]),
    ],
)
def test_what_comes_next(words: str, position: int, expected: list[str]) -> None:
    environment = {"_QEMUXML_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(position)}
    done = program(env={**os.environ, **environment})
    assert [line.rstrip(",") for line in done.stdout.decode().splitlines()] == expected


def test_bash_takes_the_script() -> None:
    if subprocess.run(["bash", "--version"], capture_output=True, check=False).returncode:
        pytest.skip("no bash here")
    done = subprocess.run(["bash", "-n", str(FOLDER / FILES["bash"])], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
