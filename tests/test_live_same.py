"""Real command lines keep their hardware under the real libvirt: a sample of them, and the list of those that cannot.

``QEMUXML_SAME=all`` judges every line, which takes a quarter of an hour; a list of ids judges these.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from realprograms import ENTER, LIVE, PATIENCE, SYSTEM

import qemuxml

LINES = ENTER.parent.parent / "oracle" / "realworld.jsonl"
LISTED = Path(__file__).parent / "live_same.toml"
JUDGE = ENTER.with_name("live.py")
STRIDE = 40
"""Every so many lines are a sample that takes half a minute."""

needs_lines = pytest.mark.skipif(not LINES.exists(), reason="no ../shared/oracle/realworld.jsonl")
needs_judge = pytest.mark.skipif(not (JUDGE.exists() and SYSTEM.entered), reason="no folder with the real QEMU and libvirt")


def lines() -> dict[str, Any]:
    return {case["id"]: case for case in map(json.loads, LINES.read_text(encoding="utf-8").splitlines())}


def listed() -> set[str]:
    return {case for named in tomllib.loads(LISTED.read_text(encoding="utf-8")).values() for case in named}


def sample() -> list[str]:
    if not LINES.exists():
        return []
    wanted, known = os.environ.get("QEMUXML_SAME", ""), listed()
    judged = [case for case in lines() if case not in known]
    return judged if wanted == "all" else [case for case in judged if case in wanted] if wanted else judged[::STRIDE]


@needs_lines
def test_every_line_is_listed_once_and_under_its_own_name() -> None:
    named = tomllib.loads(LISTED.read_text(encoding="utf-8")).values()
    assert sum(map(len, named)) == len(listed())
    assert listed() <= set(lines())


@pytest.mark.live
@needs_lines
@needs_judge
@pytest.mark.parametrize("case", sample())
def test_a_line_that_is_not_listed_keeps_its_hardware_or_starts_again(case: str, tmp_path: Path) -> None:
    (tmp_path / "case.jsonl").write_text(json.dumps(lines()[case]) + "\n", encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(Path(qemuxml.__file__).parent.parent), "QEMUXML_LIVE": str(LIVE)}
    command = [sys.executable, JUDGE, "same", tmp_path / "case.jsonl", "--verbose"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=10 * PATIENCE, check=True)
    if "Address already in use" in done.stdout:
        pytest.skip("another guest of this host took the port of the display in the same moment")
    assert done.stdout.split()[0] in ("same", "accepted"), done.stdout
