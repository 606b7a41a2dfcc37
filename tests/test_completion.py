"""Completion in shells: the scripts that are installed are those that the program prints, and they find the way."""

from __future__ import annotations

import fcntl
import os
import select
import shutil
import subprocess
import sys
import termios
import time
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


# ------------------------------------------------------------------ the shells themselves

INTERACTIVE = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source {folder}/qemuxml.bash"),
    "zsh": (["zsh", "-f", "-i"], "fpath=({folder} $fpath); autoload -U compinit; compinit -u -D"),
    "fish": (["fish", "--no-config", "-i"], "source {folder}/qemuxml.fish"),
}


class Terminal:
    """A shell that thinks a person types."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.ours, theirs = os.openpty()
        own = {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(folder), "TERM": "dumb", "LC_ALL": "C.UTF-8"}
        streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        self.process = subprocess.Popen(command, cwd=folder, env={**os.environ, **own}, preexec_fn=self.take, **streams)  # noqa: PLW1509
        os.close(theirs)

    @staticmethod
    def take() -> None:
        """Make the terminal on standard input the shell's own."""
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def type(self, text: str, expected: str) -> bool:
        """Whether what was typed makes the shell show something; at most some seconds later."""
        os.write(self.ours, text.encode())
        seen, deadline = b"", time.monotonic() + 15
        while expected.encode() not in seen and time.monotonic() < deadline:
            if select.select([self.ours], [], [], 0.2)[0]:
                seen += os.read(self.ours, 65536)
        return expected.encode() in seen

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.ours)


@pytest.mark.parametrize("shell", INTERACTIVE)
def test_a_shell_completes(shell: str, tmp_path: Path) -> None:
    command, setup = INTERACTIVE[shell]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "qemuxml").write_text(f'#!/bin/sh\nexec {sys.executable} -m qemuxml "$@"\n', encoding="utf-8")
    (tmp_path / "qemuxml").chmod(0o755)
    (tmp_path / "guest-one.args").write_text("kvm", encoding="utf-8")
    terminal = Terminal(command, tmp_path)
    try:
        terminal.type(f"{setup.format(folder=FOLDER)}; echo rea''dy\n", "ready")
        for typed, expected in (("from-na", "from-native "), ("diff --ig", "diff --ignore "), ("explain gue", "guest-one.args")):
            assert terminal.type(f"qemuxml {typed}\t", expected), typed
            os.write(terminal.ours, b"\x15")  # Ctrl-U: an empty line
    finally:
        terminal.close()
