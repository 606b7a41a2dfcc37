"""The manual page ``man/qemuxml.1.rst``: it names every command and option, and renders."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from qemuxml.cli import COMMANDS
from qemuxml.cli.group import commands
from qemuxml.cli.options import PROFILES

PAGE = Path(__file__).parent.parent / "man" / "qemuxml.1.rst"
SECTIONS = ["SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS", "EXIT STATUS", "EXAMPLES", "ENVIRONMENT", "FILES", "SEE ALSO"]


def options() -> set[str]:
    context = click.Context(commands, **commands.context_settings)
    found = set()
    for command in (commands, *(commands.get_command(context, name) for name in COMMANDS)):
        assert command is not None
        for parameter in command.get_params(click.Context(command, parent=context)):
            found |= set(parameter.opts) if isinstance(parameter, click.Option) else set()
    return found


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_it_has_its_sections_in_order(page: str) -> None:
    assert re.findall(r"^([A-Z ]+)\n=+$", page, re.MULTILINE) == SECTIONS


def test_every_option_has_its_entry_and_every_entry_an_option(page: str) -> None:
    entries = re.findall(r"^(-.*)$", page.split("OPTIONS\n=")[1].split("EXIT STATUS", maxsplit=1)[0], re.MULTILINE)
    assert {name for entry in entries for name in re.findall(r"(?:^|, )(--?[a-z-]+)", entry)} == options()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_it(name: str, page: str) -> None:
    assert re.search(rf"^\*\*{name}\*\* ", page, re.MULTILINE)
    assert f"**qemuxml** **{name}**" in page


def test_it_names_every_profile(page: str) -> None:
    for name in PROFILES:
        assert f"**{name}**" in page


def test_it_renders_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("docutils", reason="docutils is not installed")
    words = ["-m", "docutils", "--writer=manpage", "--halt=warning", str(PAGE), str(tmp_path / "qemuxml.1")]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert ".TH " in (tmp_path / "qemuxml.1").read_text(encoding="utf-8")
