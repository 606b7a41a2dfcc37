"""What libvirt 11.3 refuses, profile ``modern`` refuses: a guest of one line, and a part of what the refusal says."""

from __future__ import annotations

import re

import pytest

from qemuxml import to_native
from qemuxml.errors import ConversionError

GUEST = """<domain type='qemu'><name>g</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>{memory}
<os><type arch='{arch}' machine='{machine}'>hvm</type></os>{parts}<devices>{devices}</devices></domain>"""
MEMORY = "<memory>219136</memory>"


def guest(devices: str = "", *, machine: str = "pc", arch: str = "x86_64", parts: str = "") -> str:
    """Domain XML with these devices, and these elements above them."""
    memory = "" if "<memory" in parts else MEMORY
    return GUEST.format(arch=arch, machine=machine, devices=devices, parts=parts, memory=memory)


def refusal(xml: str, qemu_version: str | None = None) -> ConversionError:
    """The error of a guest that must not convert."""
    with pytest.raises(ConversionError) as caught:
        to_native(xml, profile="modern", qemu_version=qemu_version)
    return caught.value


RNG = "<rng model='virtio'><backend model='random'/><address type={}/></rng>"


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("'pci' domain='0x10000'", "is not between 0x0000 and 0xffff"),
        ("'pci' bus='0x100' slot='1'", "is not between 0x00 and 0xff"),
        ("'pci' slot='0x20'", "is not between 0x00 and 0x1f"),
        ("'pci' slot='-1'", "is not between"),
        ("'pci' slot='1' function='8'", "is not between 0x0 and 0x7"),
        ("'pci' slot='one'", "is not a number"),
        ("'pci' slot='1' multifunction='yes'", "is neither"),
        ("'ccw' cssid='0xff' ssid='0' devno='1'", "is not between 0x0 and 0xfe"),
        ("'ccw' cssid='0xfe' ssid='4' devno='1'", "is not between 0x0 and 0x3"),
        ("'spapr-vio' reg='0x100000000'", "is not between 0x0 and 0xffffffff"),
        ("'drive' controller='-1'", "is not between 0 and 4294967295"),
    ],
)
def test_numbers_of_an_address(address: str, complaint: str) -> None:
    """A number out of the bus's range is refused where it stands."""
    caught = refusal(guest(RNG.format(address)))
    assert complaint in caught.message
    assert re.search(r"/domain/devices/rng/address/@\w+$", str(getattr(caught.place, "path", "")))
