"""Today's reference cases, all of a kind in one test: what libvirt 11.3 makes of its own test guests.

``ratchet.toml`` lists those that are known to differ. ``python -m pytest tests/test_oracle_modern.py --ratchet`` writes its last
part anew, the cases that are open.
"""

import importlib.util
import json
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from test_oracle import CASES, RATCHET, known, needs_cases, tree

from qemuxml import convert, layout
from qemuxml.complete import guest, passes
from qemuxml.errors import ConversionError
from qemuxml.mapping import xmltext
from qemuxml.profiles import target as find_target

SUITES = ("to-native", "roundtrip", "errors")
OPEN = (
    "# ---- open: written anew by --ratchet; what stands here is work to be done, and the reason is the first difference ----\n"
)
AGREEMENT = 0.93
"""The share of facts in which our XML of libvirt's own command lines agrees with libvirt's, at least."""
UNCHANGED = 0.97
"""The share of completed guests that completing does not change, at least: a few were made with a QEMU of fewer abilities."""


@cache
def judge() -> Any:
    """Load the program that comes with the cases and says which are equal."""
    assert CASES is not None
    spec = importlib.util.spec_from_file_location("score", CASES / "score.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def outcomes(suite: str) -> Iterator[tuple[str, bool, float, str]]:
    """Run all cases; of each yield its name, whether it is equal, how far it agrees, and the first difference."""
    for name, case in judge().cases(CASES, suite, None):
        try:
            equal, share, lines = judge().run_case(suite, case)
        except ConversionError as error:
            equal, share, lines = False, 0.0, [f"refused: {error}"]
        yield name, equal, share, lines[0] if lines else ""


def rewrite(suite: str, failing: dict[str, str]) -> None:
    """Write the open cases of one suite anew; what is listed above them keeps its reason."""
    text = RATCHET.read_text(encoding="utf-8")
    kept, _, _ = text.partition(OPEN)
    found = tomllib.loads(text)
    sections = found.get("open", {})
    sections[suite] = {name: reason for name, reason in failing.items() if name not in found.get(suite, {})}
    lines = [
        f"\n[open.{section}]\n" + "".join(f"{json.dumps(name)} = {json.dumps(reason)}\n" for name, reason in cases.items())
        for section, cases in sections.items()
        if cases
    ]
    RATCHET.write_text(f"{kept}{OPEN}{''.join(lines)}", encoding="utf-8")


@needs_cases
@pytest.mark.parametrize("suite", SUITES)
def test_cases_are_equal_but_for_those_listed(suite: str, request: pytest.FixtureRequest) -> None:
    failing = {name: reason[:120] for name, equal, _, reason in outcomes(suite) if not equal}
    if request.config.getoption("--ratchet"):
        rewrite(suite, failing)
        return
    listed = known(suite)
    assert not {name: reason for name, reason in failing.items() if name not in listed}
    assert not sorted(set(listed) - set(failing)), "these pass: strike them from ratchet.toml, or call --ratchet"


@needs_cases
def test_the_xml_of_libvirts_own_lines_agrees_with_libvirts() -> None:
    shares = [share for _, _, share, _ in outcomes("from-xml")]
    assert sum(shares) / len(shares) >= AGREEMENT


# ------------------------------------------------------------------ completed guests


def completed() -> list[tuple[Path, str | None]]:
    """Find the guests as libvirt's reader completed them, and the release of QEMU that it did so for."""
    assert CASES is not None
    found = ((path, judge().CAPS.match(path.name)) for path in sorted((CASES / "modern").glob("*.xml")))
    return [(path, None if match["version"] == "latest" else match["version"]) for path, match in found if match]


def again(path: Path, version: str | None, *, complete: bool) -> str:
    """Read a completed guest, complete it if so asked, and write it."""
    domain, _ = convert.placed(path.read_text(encoding="utf-8"), name=path.name)
    target = find_target("modern", version, guest.architecture(domain), domain.identity.type)
    passes.run(domain, target, passes.READ if complete else ())
    return xmltext.to_text(xmltext.write(domain, "domain", layout.place))


def is_kept(path: Path, write: Callable[[], str]) -> bool:
    try:
        return tree(write()) == tree(path.read_text(encoding="utf-8"))
    except ConversionError:
        return False


@needs_cases
@pytest.mark.parametrize("complete", [False, True], ids=["as it is", "completed again"])
def test_a_completed_guest_is_written_as_it_was_read(complete: bool) -> None:  # noqa: FBT001 - a parameter of the test
    found = completed()
    kept = [is_kept(path, lambda: again(path, version, complete=complete)) for path, version in found]  # noqa: B023
    assert sum(kept) / len(found) >= UNCHANGED
