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


TABLET = "<input type='tablet' bus='usb'>{}</input>"
HUB = "<hub type='usb'><address type='usb' bus='0' port='1'/></hub>"
NO_USB = "<controller type='usb' model='none'/>"
EHCI = "<controller type='usb' index='0' model='ehci'/>"


def at_port(address: str) -> str:
    """A USB device with that address."""
    return TABLET.format(f"<address type='usb' {address}/>")


@pytest.mark.parametrize(
    ("devices", "complaint"),
    [
        (at_port("port='one'"), "is not a USB port"),
        (at_port("port='1.1.1.1.1'"), "is not a USB port"),
        (at_port("bus='0' port='1.1'"), "there is no hub at port 1"),
        (at_port("bus='0' port='3'"), "there is no port 3"),
        (HUB + at_port("bus='0' port='1.9'"), "there is no port 9"),
        (HUB + at_port("bus='0' port='1'"), "the port is taken"),
        (HUB + HUB, "the port is taken"),
        (at_port("bus='3'"), "there is no USB controller of index 3"),
        (at_port("bus='3' port='1'"), "there is no USB controller of index 3"),
        (TABLET.format("<address type='pci' slot='9'/>"), "must be of type 'usb'"),
        (at_port("bus='0' port='1'") + at_port("bus='0' port='2'") + TABLET.format(""), "no USB port is free"),
        (NO_USB + TABLET.format(""), "<input>: the guest has no USB"),
        (NO_USB + "<hub type='usb'/>", "<hub>: the guest has no USB"),
        (NO_USB + "<smartcard mode='host'/>", "the guest has no USB"),
        (
            NO_USB + "<controller type='usb' index='1' model='ehci'/>",
            "there is another USB controller",
        ),
        ("<controller type='usb' model='nec-xhci' ports='16'/>", "it has at most 15 ports"),
        ("<controller type='usb' model='ehci' ports='4'/>", "the number of its ports is fixed"),
        ("<controller type='usb' model='ich9-uhci1'><master startport='0'/></controller>", "no master controller of index 0"),
        (
            "<controller type='usb' index='0' model='ehci'/><controller type='usb' index='0' model='ehci'/>",
            "is another controller's",
        ),
        ("<controller type='usb' model='usb4'/>", "QEMU has no such model"),
    ],
)
def test_usb(devices: str, complaint: str) -> None:
    """What cannot be plugged in, and controllers that QEMU does not have."""
    assert complaint in refusal(guest(devices)).message


def test_refusals_of_a_pass_have_the_place_of_their_device() -> None:
    """A pass sees all devices, and its refusal names the one that is at fault."""
    caught = refusal(guest(TABLET.format("") + at_port("bus='3' port='1'")))
    assert str(caught).startswith("<xml>:2: /domain/devices/input[2]: <input>")


@pytest.mark.parametrize(("machine", "arch"), [("s390-ccw-virtio", "s390x"), ("virt", "aarch64"), ("virt", "riscv64")])
def test_boards_without_usb(machine: str, arch: str) -> None:
    """A board that has no USB of its own takes no USB device without a controller."""
    assert "the guest has no USB" in refusal(guest(TABLET.format(""), machine=machine, arch=arch)).message
