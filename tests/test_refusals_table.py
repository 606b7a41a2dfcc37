"""What libvirt 11.3 refuses, a line each in refusals.txt: the board, the guest's parts, its devices, what we say, and of what.

``board | parts | devices | message | path``: machine (``kvm:`` before it asks for KVM) and architecture, ``-`` for nothing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from qemuxml import to_native
from qemuxml.errors import ConversionError, XmlPlace

GUEST = (
    "<domain type='{kind}' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>g</name>{usual}"
    "{parts}<devices>{devices}</devices></domain>"
)
TABLE = Path(__file__).with_name("refusals.txt").read_text("utf-8").splitlines()


def guest(board: str, parts: str, devices: str) -> str:
    """Domain XML with memory, CPUs and ``<os>`` where the parts have none."""
    machine, arch = board.split()
    usual = (
        ("<memory", "<memory>219136</memory>"),
        ("<vcpu", "<vcpu>4</vcpu>"),
        ("<os", f"<os><type arch='{arch}' machine='{machine.removeprefix('kvm:')}'>hvm</type></os>"),
    )
    return GUEST.format(
        kind="kvm" if machine.startswith("kvm:") else "qemu",
        usual="".join(element for name, element in usual if not any(name + end in parts for end in (">", " ", "/"))),
        parts=parts,
        devices=devices,
    )


@pytest.mark.parametrize("line", TABLE)
def test_refusal(line: str) -> None:
    """The message says what is wrong, the place where it stands."""
    board, parts, devices, message, path = line.split(" | ")
    with pytest.raises(ConversionError) as caught:
        to_native(guest(board, parts.removeprefix("-"), devices.removeprefix("-")), profile="modern")
    assert message in caught.value.message
    assert isinstance(caught.value.place, XmlPlace)
    assert caught.value.place.path == path
