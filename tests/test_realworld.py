"""Command lines as people start guests by hand: all convert, little of them is passed through, and nothing gets lost.

The lines are reference cases; what stands in the tables below is our own.
"""

from __future__ import annotations

import json
from collections import Counter

from test_ledger import check_accounts
from test_oracle import CASES, needs_cases

from qemuxml import compare, convert
from qemuxml.errors import CommandLineError, ConversionError
from qemuxml.mapping import plumbing
from qemuxml.mapping.ledger import Fate

FOLDER = "/srv/guest"
PASSED = 0.08
"""The share of all options that may be passed through, at most."""
LOST = 2
"""The lines whose guest does not survive the way back."""


def lines() -> dict[str, str]:
    assert CASES is not None
    records = (CASES / "realworld.jsonl").read_text(encoding="utf-8").splitlines()
    return {case["id"]: case["argv"] for case in map(json.loads, records)}


def converted(text: str) -> convert.Conversion:
    return convert.from_native(text, name="line", profile="modern", base_dir=FOLDER)


def refusal(text: str) -> CommandLineError | None:
    """The error of a line that no shell could read, or no QEMU."""
    try:
        converted(text)
    except CommandLineError as error:
        return error
    return None


def sound() -> dict[str, str]:
    """The lines that convert."""
    return {name: text for name, text in lines().items() if refusal(text) is None}


@needs_cases
def test_every_line_converts_but_malformed_ones_which_get_a_place() -> None:
    refused = {name: found for name, text in lines().items() if (found := refusal(text)) is not None}
    assert len(refused) < len(lines()) * 0.02, refused
    assert not {name: found for name, found in refused.items() if found.place is None}


@needs_cases
def test_little_is_passed_through() -> None:
    fates = Counter(entry.fate for text in sound().values() for entry in converted(text).entries)
    assert fates[Fate.PASSED] < PASSED * sum(fates.values()), fates


def comes_back(text: str) -> bool:
    """Whether the guest, written as libvirt writes it and read again, is the same."""
    out = converted(text).text
    try:
        line = convert.to_native(out, name="xml", profile="modern", plumbing=plumbing.find("libvirt")).text
        found = compare.compare(out, line, names=("out", "line"))
    except ConversionError:
        return False
    return not found.differences


@needs_cases
def test_what_is_written_back_is_read_as_the_same_guest() -> None:
    """But for a guest that libvirt would refuse: without KVM, or of an architecture that it does not know."""
    lost = [name for name, text in sound().items() if not comes_back(text)]
    assert len(lost) <= LOST, lost


@needs_cases
def test_the_fates_account_for_every_option() -> None:
    for name, text in sound().items():
        try:
            check_accounts(text, "modern")
        except AssertionError as error:
            error.add_note(f"in {name}")
            raise
