"""Implicit devices, places, names and boot order in profile ``modern``: a snippet of ``<devices>`` and what QEMU is told."""

from __future__ import annotations

import json
import shlex
from itertools import pairwise
from typing import Any

import pytest

from qemuxml import to_native
from qemuxml.errors import ConversionError

GUEST = """<domain type='qemu'><name>g</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid><memory>219136</memory>
<os><type arch='{arch}' machine='{machine}'>hvm</type></os>
<devices><emulator>/usr/bin/qemu</emulator>{devices}</devices></domain>"""


def devices_of(machine: str, devices: str, arch: str = "x86_64") -> list[dict[str, Any]]:
    """The ``-device`` options of a guest."""
    text = to_native(
        GUEST.format(arch=arch, machine=machine, devices=devices), profile="modern", plumbing="libvirt", environment={}
    )
    words = shlex.split(text)
    return [json.loads(value) for option, value in pairwise(words) if option == "-device"]


def places(machine: str, devices: str, arch: str = "x86_64") -> list[str]:
    """``id bus addr`` of every device."""
    made = devices_of(machine, devices, arch)
    return [" ".join(str(item.get(key, "-")) for key in ("id", "bus", "addr")) for item in made]


@pytest.mark.parametrize(
    ("machine", "arch", "devices", "expected"),
    [
        ("pc", "x86_64", "", ["usb pci.0 0x1.0x2", "balloon0 pci.0 0x2"]),
        ("q35", "x86_64", "<memballoon model='none'/>", ["pci.1 pcie.0 0x1", "pci.2 pcie.0 0x1.0x1", "usb pci.1 0x0"]),
        ("virt", "aarch64", "", []),
        ("pseries", "ppc64", "", ["usb pci.0 0x1", "balloon0 pci.0 0x2"]),
        (
            "pc", "x86_64",
            "<memballoon model='none'/><controller type='pci' index='2' model='pci-bridge'/>",
            ["pci.1 pci.0 0x2", "pci.2 pci.0 0x3", "usb pci.0 0x1.0x2"],
        ),
        (
            "q35", "x86_64",
            "<memballoon model='none'/><controller type='usb' model='piix3-uhci'/>",
            ["pci.1 pcie.0 0x1", "pci.2 pci.1 0x0", "pci.3 pcie.0 0x1.0x1", "usb pci.2 0x1"],
        ),
        (
            "pc", "x86_64",
            "<memballoon model='none'/><controller type='scsi' model='virtio-scsi'/><hub type='usb'/>",
            ["usb pci.0 0x1.0x2", "scsi0 pci.0 0x2", "hub0 usb.0 -"],
        ),
    ],
)  # fmt: skip
def test_places(machine: str, arch: str, devices: str, expected: list[str]) -> None:
    """Every device where libvirt puts it."""
    assert places(machine, devices, arch) == expected


def test_channel_devices_are_numbered() -> None:
    """An s390 machine numbers its channel devices from fe.0.0000."""
    (balloon,) = devices_of("s390-ccw-virtio", "", "s390x")
    assert balloon["devno"] == "fe.0.0000"


def test_companions_share_a_slot() -> None:
    """ICH9's USB controllers are functions of one slot, the master's name is their bus."""
    models = ("ich9-ehci1", "ich9-uhci1", "ich9-uhci2", "ich9-uhci3")
    controllers = "".join(f"<controller type='usb' index='0' model='{model}'/>" for model in models)
    made = devices_of("pc", "<memballoon model='none'/>" + controllers)
    assert [item["addr"] for item in made] == ["0x2.0x7", "0x2", "0x2.0x1", "0x2.0x2"]
    assert [item.get("firstport") for item in made] == [None, 0, 2, 4]
    assert [item.get("multifunction") for item in made] == [None, True, None, None]


def test_an_address_twice_is_refused() -> None:
    """Two devices of one place cannot be."""
    place = "<address type='pci' domain='0' bus='0' slot='5' function='0'/>"
    with pytest.raises(ConversionError, match="double use"):
        devices_of("pc", f"<controller type='scsi' model='virtio-scsi'>{place}</controller><rng model='virtio'>"
                   f"<backend model='random'>/dev/urandom</backend>{place}</rng>")  # fmt: skip
