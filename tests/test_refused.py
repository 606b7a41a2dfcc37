"""Devices that libvirt refuses, as ``refused.txt`` has them: the board, its devices, and a part of what the refusal says."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_modern_refusals import guest, refusal

REFUSED = [block.splitlines() for block in Path(__file__).with_name("refused.txt").read_text("utf-8").split("\n\n")]
CASES = [pytest.param(board, devices, complaint, id=complaint) for board, devices, complaint in REFUSED]


@pytest.mark.parametrize(("board", "devices", "complaint"), CASES)
def test_a_device_is_refused(board: str, devices: str, complaint: str) -> None:
    arch, machine, *parts = board.split(" ", 2)
    assert complaint in refusal(guest(devices, machine=machine, arch=arch, parts="".join(parts))).message
