"""Our own guests under ``fixtures/``: ``NAME.args`` becomes ``NAME.PROFILE.xml``, ``NAME.xml`` becomes ``NAME.PROFILE.args``."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from lxml import etree
from schemas import SCHEMA, needs_schema

import qemuxml
from qemuxml.cli.options import PROFILES

FIXTURES = Path(__file__).parent.parent / "fixtures"

EXPECTED = sorted(path for path in FIXTURES.iterdir() if path.stem.rpartition(".")[2] in PROFILES)
INPUTS = sorted(path for path in FIXTURES.iterdir() if path.suffix in {".args", ".xml"} and path not in EXPECTED)
BACK = {".xml": ".args", ".args": ".xml"}


def named(path: Path) -> str:
    return path.name


def input_of(expected: Path) -> Path:
    name, _, _ = expected.stem.rpartition(".")
    return FIXTURES / (name + BACK[expected.suffix])


def converted(expected: Path) -> str:
    profile = expected.stem.rpartition(".")[2]
    text = input_of(expected).read_text(encoding="utf-8")
    if expected.suffix == ".xml":
        return qemuxml.from_native(text, profile=profile)
    return qemuxml.to_native(text, profile=profile, environment={})


@pytest.mark.parametrize("expected", EXPECTED, ids=named)
def test_a_guest_becomes_what_its_golden_says(expected: Path, request: pytest.FixtureRequest) -> None:
    result = converted(expected)
    if request.config.getoption("--regenerate"):
        expected.write_text(result, encoding="utf-8")
    assert result == expected.read_text(encoding="utf-8")


def test_every_golden_has_its_guest_and_every_guest_a_golden() -> None:
    assert {input_of(expected) for expected in EXPECTED} == set(INPUTS)


def test_nothing_else_lies_about() -> None:
    assert {path.name for path in FIXTURES.iterdir()} - {path.name for path in (*EXPECTED, *INPUTS)} == {"README.md", "scripts"}


@pytest.mark.parametrize("expected", [path for path in EXPECTED if ".manual." in path.name], ids=named)
def test_the_manual_profile_loses_no_word_of_what_it_writes(expected: Path) -> None:
    text = expected.read_text(encoding="utf-8")
    line = text if expected.suffix == ".args" else qemuxml.to_native(text, profile="manual")
    again = qemuxml.to_native(qemuxml.from_native(line, profile="manual"), profile="manual")
    assert set(shlex.split(again)) == set(shlex.split(line))


@pytest.fixture(scope="module")
def schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(SCHEMA))


@needs_schema
@pytest.mark.parametrize(
    "expected", [path for path in EXPECTED if path.suffix == ".xml" and ".manual." not in path.name], ids=named
)
def test_libvirts_schema_takes_the_xml(expected: Path, schema: etree.RelaxNG) -> None:
    schema.validate(etree.parse(expected))
    assert [str(error) for error in schema.error_log] == []
