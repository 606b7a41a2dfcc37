"""Which options take a value: the table agrees with itself and with the QEMU that is installed, if one is."""

import re
import shutil
import subprocess

import pytest

from qemuxml.cmdline.arity import BARE, REMOVED, TAKES_VALUE, takes_value

QEMU = shutil.which("qemu-system-x86_64")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the installed QEMU with these words; none of the calls below gets as far as a guest."""
    assert QEMU
    return subprocess.run([QEMU, *words], capture_output=True, text=True, timeout=60, check=False)


def asked(name: str) -> bool | None:
    """Ask QEMU, which names the first option it does not know: a value swallows one. None: it has no such option."""
    complaint = run(f"-{name}", "-no-such-option", "-nor-this").stderr
    if "-no-such-option: invalid option" in complaint:
        return False
    if "-nor-this: invalid option" in complaint:
        return True
    assert f"-{name}: invalid option" in complaint
    return None


def test_no_option_is_in_both_sets() -> None:
    assert not TAKES_VALUE & BARE


def test_names_have_no_dash_in_front() -> None:
    assert not [name for name in TAKES_VALUE | BARE if not re.fullmatch(r"[A-Za-z][\w-]*", name)]


def test_takes_value_knows_three_answers() -> None:
    assert takes_value("device") is True
    assert takes_value("nographic") is False
    assert takes_value("no-such-option") is None


def test_removed_options_are_known() -> None:
    assert REMOVED.keys() <= TAKES_VALUE | BARE


@pytest.mark.skipif(QEMU is None, reason="qemu-system-x86_64 is not installed")
def test_every_option_in_the_help_of_the_installed_qemu_is_known() -> None:
    starts = re.findall(r"^--?[\w-]+(?:/-[\w-]+| or -[\w-]+)?", run("-help").stdout, re.MULTILINE)
    named = {name for start in starts for name in re.findall(r"(?<![\w-])--?(\w[\w-]*)", start)}
    assert {"fda", "fdb", "h", "help"} <= named, "the layout of -help is not the one this test reads"
    assert named <= TAKES_VALUE | BARE


@pytest.mark.skipif(QEMU is None, reason="qemu-system-x86_64 is not installed")
def test_the_installed_qemu_takes_values_where_the_table_says() -> None:
    answers = {name: asked(name) for name in sorted(TAKES_VALUE | BARE)}
    assert not {name: answer for name, answer in answers.items() if answer is not None and answer != takes_value(name)}
