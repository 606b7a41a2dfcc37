"""Every result of from_native is valid: libvirt's RELAX NG schema takes the XML of all command lines that we know."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from lxml import etree
from schemas import SCHEMA, needs_schema
from test_oracle import CASES, needs_cases

import qemuxml
from qemuxml.errors import ConversionError


def lines(suite: str) -> Iterator[tuple[str, str]]:
    """The name and the text of each command line."""
    assert CASES is not None
    if suite == "realworld":
        records = (CASES / "realworld.jsonl").read_text(encoding="utf-8").splitlines()
        yield from ((case["id"], case["argv"]) for case in map(json.loads, records))
        return
    for path in sorted((CASES / suite).glob("*.args")):
        yield path.name, path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(SCHEMA))


@needs_schema
@needs_cases
@pytest.mark.parametrize(
    ("suite", "profile"), [("modern", "modern"), ("legacy", "modern"), ("realworld", "modern"), ("legacy", "legacy")]
)
def test_the_xml_of_every_line_is_valid(suite: str, profile: str, schema: etree.RelaxNG) -> None:
    found, invalid = 0, {}
    for name, text in lines(suite):
        try:
            xml = qemuxml.from_native(text, profile=profile)
        except ConversionError:
            continue
        found += 1
        if not schema.validate(etree.fromstring(xml.encode())):
            invalid[name] = str(schema.error_log.last_error)
    assert found
    assert not invalid, json.dumps(invalid, indent=1)
