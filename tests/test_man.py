"""The manual pages: one of the program and one of each command; each names every option and example, and renders."""

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

FOLDER = Path(__file__).parent.parent / "man"
PAGES = sorted(path.name for path in FOLDER.glob("*.rst"))
SECTIONS = {
    "qemuxml": ["SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS", "EXIT STATUS", "EXAMPLES", "ENVIRONMENT", "FILES", "SEE ALSO"],
    **{f"qemuxml-{name}": ["SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"] for name in COMMANDS},
}
every_page = pytest.mark.parametrize("name", SECTIONS)
every_command = pytest.mark.parametrize("name", COMMANDS)


def page(name: str) -> str:
    """Read a page, with the parts that it shares with others."""
    text = (FOLDER / f"{name}.1.rst").read_text(encoding="utf-8")
    return re.sub(
        r"^\.\. include:: (.*)$", lambda found: (FOLDER / found[1]).read_text(encoding="utf-8"), text, flags=re.MULTILINE
    )


def section(text: str, title: str) -> str:
    return re.split(r"\n[A-Z ]+\n=+\n", text.split(f"\n{title}\n=")[1])[0]


def options(name: str) -> set[str]:
    context = click.Context(commands, **commands.context_settings)
    command = commands.get_command(context, name.removeprefix("qemuxml-")) if "-" in name else commands
    assert command is not None
    parameters = command.get_params(click.Context(command, parent=context))
    return {option for parameter in parameters if isinstance(parameter, click.Option) for option in parameter.opts}


def test_every_command_has_its_page() -> None:
    assert {name for name in PAGES if name.endswith(".1.rst")} == {f"{name}.1.rst" for name in SECTIONS}


@every_page
def test_it_has_its_sections_in_order(name: str) -> None:
    assert re.findall(r"^([A-Z ]+)\n=+$", page(name), re.MULTILINE) == SECTIONS[name]


@every_page
def test_every_option_has_its_entry_and_every_entry_an_option(name: str) -> None:
    entries = re.findall(r"^(-.*)$", section(page(name), "OPTIONS"), re.MULTILINE)
    assert {option for entry in entries for option in re.findall(r"(?:^|, )(--?[a-z0-9-]+)", entry)} == options(name)


@every_page
def test_it_has_an_example(name: str) -> None:
    assert re.search(rf"^ {{4}}.*{name.replace('-', ' ', 1)} ", section(page(name), "EXAMPLES"), re.MULTILINE)


@every_page
def test_pages_that_it_points_to_exist(name: str) -> None:
    pointed = set(re.findall(r"\*\*(qemuxml[\w-]*)\*\*\\\((\d)\)", page(name)))
    assert pointed
    assert not [f"{other}.{number}" for other, number in pointed if f"{other}.{number}.rst" not in PAGES]


@every_command
def test_every_command_is_in_the_programs_page(name: str) -> None:
    assert re.search(rf"^\*\*{name}\*\* ", section(page("qemuxml"), "COMMANDS"), re.MULTILINE)
    assert f"**qemuxml** **{name}**" in section(page(f"qemuxml-{name}"), "SYNOPSIS")


def test_the_profiles_are_told() -> None:
    for name in PROFILES:
        assert f"**{name}**" in page("qemuxml-from-native")


@pytest.mark.parametrize("name", PAGES)
def test_it_renders_without_a_warning(name: str, tmp_path: Path) -> None:
    pytest.importorskip("docutils", reason="docutils is not installed")
    words = ["-m", "docutils", "--writer=manpage", "--halt=warning", str(FOLDER / name), str(tmp_path / "page")]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert ".TH " in (tmp_path / "page").read_text(encoding="utf-8")
