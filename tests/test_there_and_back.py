"""Devices as ``there_and_back.txt`` has them: XML gives those words of a line, and the line gives that XML again.

A guest of the file is the board with the elements above its devices, a line of the devices, and a line for each word.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from lxml import etree
from test_reading_disk import facts

from qemuxml import from_native, to_native

GUEST = """<domain type='qemu'><name>g</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>{memory}
<os><type arch='{arch}' machine='{machine}'>hvm</type></os>{parts}<devices>{devices}<memballoon model='none'/></devices>
</domain>"""
GUESTS = [block.splitlines() for block in Path(__file__).with_name("there_and_back.txt").read_text("utf-8").split("\n\n")]
CASES = [pytest.param(board, devices, words, id=devices[:60]) for board, devices, *words in GUESTS]


@pytest.mark.parametrize(("board", "devices", "words"), CASES)
def test_a_device(board: str, devices: str, words: list[str]) -> None:
    arch, machine, *parts = board.split(" ", 2)
    memory = "" if "<memory>" in board else "<memory>219136</memory>"
    line = to_native(GUEST.format(arch=arch, machine=machine, parts="".join(parts), devices=devices, memory=memory))
    assert [word for word in words if word not in shlex.split(line)] == []
    again = etree.fromstring(from_native(line).encode()).find("devices")
    assert again is not None
    for device in etree.fromstring(f"<devices>{devices}</devices>"):
        assert any(facts(device) <= facts(found) for found in again.iterfind(device.tag)), etree.tostring(again).decode()
