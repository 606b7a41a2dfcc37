"""What is loaded late has the type that its use asks for: mypy is shown ``later("module:name")`` as the name itself."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_house import MODULES, ROOT, late

pytest.importorskip("mypy", reason="mypy is not installed")


UNDECLARED = frozenset({"json.decoder:scanstring"})
"""What mypy's picture of the standard library does not have."""


def with_names_in_sight(text: str) -> str:
    """The text of a module in which each call of ``later`` is the name that it loads, imported outright."""
    lines = [line.encode() for line in text.split("\n")]
    tree = ast.parse(text)
    named = {item for item in late(tree) if item.value not in UNDECLARED}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and named & set(node.args)]
    places = []
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        place = call.args[0].value
        assert call.lineno == call.end_lineno
        line = lines[call.lineno - 1]
        lines[call.lineno - 1] = line[: call.col_offset] + place.replace(":", ".").encode() + line[call.end_col_offset :]
        places.append(place)
    return "\n".join([*(line.decode() for line in lines), *sorted(f"import {place.partition(':')[0]}" for place in places), ""])


def checked(folder: Path) -> str:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(folder / "cache"), "qemuxml"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False).stdout


def test_what_is_loaded_late_is_of_the_type_that_is_needed(tmp_path: Path) -> None:
    for path in MODULES.values():
        copy = tmp_path / "qemuxml" / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(with_names_in_sight(path.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.copy(ROOT / "py.typed", tmp_path / "qemuxml")
    assert checked(tmp_path) == ""
    kind = tmp_path / "qemuxml/devices/disk/kind.py"
    kind.write_text(kind.read_text(encoding="utf-8").replace("disk.check.check", "disk.argv.write"), encoding="utf-8")
    assert 'Argument "check" to "Kind"' in checked(tmp_path)
