"""What QEMU adds when a person starts it: expectations are what ``info qtree`` and ``info usb`` of QEMU 10.0 show of each line.

Our side is the line that libvirt would run of the converted guest, so that whatever its XML cannot say counts too.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from lxml import etree

import qemuxml

PC, Q35, PSERIES = "qemu-system-x86_64", "qemu-system-x86_64 -M q35", "qemu-system-ppc64 -M pseries"
BARE = f"{PC} -nodefaults"


def devices(line: str) -> Iterator[dict[str, Any]]:
    """The ``-device`` options of libvirt's line for a guest that was started by hand."""
    words = shlex.split(qemuxml.to_native(qemuxml.from_native(line, base_dir="/vm"), plumbing="libvirt"))
    for option, value in pairwise(words):
        if option == "-device" and value.startswith("{"):
            yield json.loads(value)
        elif option == "-device":  # handed on as it stands
            yield dict(item.split("=") for item in f"driver={value}".split(","))


def places(line: str, key: str) -> dict[str, str]:
    """Devices by what one of their properties says, in the spelling of ``info qtree``."""
    found = {}
    for device in devices(line):
        if key in device:
            place = str(device[key])
            if key == "addr":
                slot, _, function = place.partition(".")
                root = device["bus"] in ("pci.0", "pcie.0")
                place = f"{'' if root else device['bus'] + ' '}{int(slot, 16):02x}.{int(function or '0', 16)}"
            found[place] = device["driver"]
    return found


SLOTS = [
    (PC, "-nodefaults -device edu,bus=pci.0,addr=2.0 -device virtio-rng-pci", "02.0 edu, 03.0 virtio-rng-pci"),
    (PC, "", "02.0 VGA, 03.0 e1000"),
    (PC, "-nodefaults -device virtio-rng-pci -device VGA", "02.0 virtio-rng-pci, 03.0 VGA"),
    (PC, "-vga none -net none -device virtio-rng-pci", "02.0 virtio-rng-pci"),
    (PC, "-vga none -device virtio-rng-pci -net nic,model=rtl8139 -net user", "02.0 rtl8139, 03.0 virtio-rng-pci"),
    (
        PC,
        "-device virtio-net-pci,netdev=n -netdev user,id=n -device virtio-rng-pci",
        "02.0 VGA, 03.0 virtio-net-pci, 04.0 virtio-rng-pci",
    ),
    (
        PC,
        '-nic none -device virtio-rng-pci -device \'{"driver":"virtio-balloon-pci"}\' -drive file=d,if=virtio,format=raw',
        "02.0 VGA, 03.0 virtio-rng-pci, 04.0 virtio-blk-pci, 05.0 virtio-balloon-pci",
    ),
    (PC, "-device edu -device virtio-rng-pci -nic none", "02.0 VGA, 03.0 edu, 04.0 virtio-rng-pci"),
    (
        PC,
        "-usb -device nec-usb-xhci -device virtio-rng-pci",
        "01.2 piix3-usb-uhci, 02.0 VGA, 03.0 e1000, 04.0 nec-usb-xhci, 05.0 virtio-rng-pci",
    ),
    (
        PC,
        "-nic none -device pci-bridge,id=b,chassis_nr=1 -device virtio-rng-pci,bus=b -device virtio-balloon-pci",
        "02.0 VGA, 03.0 pci-bridge, 04.0 virtio-balloon-pci, pci.1 00.0 virtio-rng-pci",
    ),
    (
        PC,
        "-device virtio-scsi-pci -device ahci -device virtio-serial-pci -device intel-hda -device i6300esb",
        "02.0 VGA, 03.0 e1000, 04.0 virtio-scsi-pci, 05.0 ahci, 06.0 virtio-serial-pci, 07.0 intel-hda, 08.0 i6300esb",
    ),
    (Q35, "-device virtio-rng-pci", "01.0 VGA, 02.0 e1000e, 03.0 virtio-rng-pci"),
    (Q35, "-device amd-iommu -device edu -device virtio-rng-pci", "01.0 VGA, 02.0 e1000e, 04.0 edu, 05.0 virtio-rng-pci"),
    (
        Q35,
        "-usb -vga virtio -device pcie-root-port,id=p -device virtio-rng-pci,bus=p -device qemu-xhci",
        (
            "01.0 virtio-vga, 02.0 e1000e, 03.0 pcie-root-port, 04.0 qemu-xhci, 1d.0 ich9-usb-uhci1, 1d.1 ich9-usb-uhci2, "
            "1d.2 ich9-usb-uhci3, 1d.7 ich9-usb-ehci1, pci.1 00.0 virtio-rng-pci"
        ),
    ),
    (
        Q35,
        "-nodefaults -device pcie-root-port,id=p -device pcie-pci-bridge,id=b,bus=p -device virtio-rng-pci,bus=b",
        "01.0 pcie-root-port, pci.1 00.0 pcie-pci-bridge, pci.2 00.0 virtio-rng-pci",
    ),
    (PSERIES, "", "00.0 VGA, 01.0 nec-usb-xhci"),
    (PSERIES, "-device virtio-rng-pci", "00.0 VGA, 01.0 nec-usb-xhci, 02.0 virtio-rng-pci"),
    (PSERIES, "-device VGA -device virtio-rng-pci", "00.0 nec-usb-xhci, 01.0 VGA, 02.0 virtio-rng-pci"),
    (
        PSERIES,
        "-net nic,model=e1000 -net user -device virtio-rng-pci",
        "00.0 e1000, 01.0 VGA, 02.0 nec-usb-xhci, 03.0 virtio-rng-pci",
    ),
    (PSERIES, "-vga none -device qemu-xhci -device virtio-rng-pci", "00.0 qemu-xhci, 01.0 virtio-rng-pci"),
    (PSERIES, "-vga none -usb -device virtio-rng-pci", "00.0 nec-usb-xhci, 01.0 virtio-rng-pci"),
    (PSERIES, "-nodefaults -display none -vga std -device virtio-rng-pci", "00.0 VGA, 01.0 virtio-rng-pci"),
    (PSERIES, "-nodefaults -vga std -usb -device virtio-rng-pci", "00.0 VGA, 01.0 nec-usb-xhci, 02.0 virtio-rng-pci"),
    (
        PSERIES,
        "-nodefaults -device virtio-rng-pci,addr=0 -device virtio-balloon-pci",
        "00.0 virtio-rng-pci, 01.0 virtio-balloon-pci",
    ),
    (
        "qemu-system-aarch64 -M virt",
        "-device virtio-rng-pci -device qemu-xhci",
        "01.0 virtio-net-pci, 02.0 virtio-rng-pci, 03.0 qemu-xhci",
    ),
    ("qemu-system-loongarch64 -M virt", "-device virtio-rng-pci", "01.0 virtio-net-pci, 02.0 virtio-rng-pci"),
    (
        "qemu-system-riscv64 -M virt",
        "-device virtio-rng-pci -device virtio-balloon-pci",
        "01.0 virtio-rng-pci, 02.0 virtio-balloon-pci",
    ),
]


@pytest.mark.parametrize(("machine", "line", "expected"), SLOTS)
def test_slots(machine: str, line: str, expected: str) -> None:
    found = places(f"{machine} {line}", "addr")
    names = {"ich9-ahci": "ahci"}  # ahci is its other name
    assert ", ".join(f"{place} {names.get(driver, driver)}" for place, driver in sorted(found.items())) == expected


DEFAULTS = [
    ("", "VGA, e1000, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-nodefaults", ""),
    ("-serial none", "VGA, e1000, ide-cd, floppy, isa-parallel"),
    ("-serial null -serial null", "VGA, e1000, ide-cd, floppy, isa-serial, isa-serial, isa-parallel"),
    ("-device isa-serial,chardev=c -chardev null,id=c", "VGA, e1000, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-device pci-serial,chardev=c -chardev null,id=c", "VGA, e1000, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-parallel none", "VGA, e1000, ide-cd, floppy, isa-serial"),
    ("-cdrom c", "VGA, e1000, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-drive index=2,media=cdrom", "VGA, e1000, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-drive if=ide,index=3,media=cdrom", "VGA, e1000, ide-cd, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-device ide-cd,bus=ide.1,unit=1", "VGA, e1000, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-device virtio-scsi-pci -device scsi-cd", "VGA, e1000, floppy, isa-serial, isa-parallel"),
    ("-drive if=none,id=d,file=d,format=raw -device ide-hd,drive=d", "VGA, e1000, floppy, isa-serial, isa-parallel"),
    (
        "-drive if=none,id=d,file=d,format=raw -device virtio-blk-pci,drive=d",
        "VGA, e1000, ide-cd, floppy, isa-serial, isa-parallel",
    ),
    ("-fda f", "VGA, e1000, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-fdb f", "VGA, e1000, ide-cd, floppy, floppy, isa-serial, isa-parallel"),
    ("-drive if=floppy", "VGA, e1000, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-drive if=floppy,index=1", "VGA, e1000, ide-cd, floppy, floppy, isa-serial, isa-parallel"),
    ("-drive if=floppy,unit=1", "VGA, e1000, ide-cd, floppy, floppy, isa-serial, isa-parallel"),
    ("-device isa-fdc", "VGA, e1000, ide-cd, isa-serial, isa-parallel"),
    ("-vga none", "e1000, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-device VGA", "VGA, e1000, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-device virtio-vga", "e1000, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-device secondary-vga", "VGA, e1000, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-device virtio-gpu-pci", "VGA, e1000, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-device qxl", "VGA, e1000, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-device qxl-vga", "e1000, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-net none", "VGA, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-net user", "VGA, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-netdev user,id=n", "VGA, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-nic user", "VGA, e1000, ide-cd, floppy, isa-serial, isa-parallel"),
    ("-device e1000", "VGA, e1000, e1000, ide-cd, floppy, isa-serial, isa-parallel"),
]


@pytest.mark.parametrize(("line", "expected"), DEFAULTS)
def test_default_devices(line: str, expected: str) -> None:
    """Which of a PC's own devices an option takes away, and which it stands beside."""
    found = [device["driver"] for device in devices(f"{PC} {line}")]
    drivers = ("VGA", "e1000", "ide-cd", "floppy", "isa-serial", "isa-parallel")
    assert ", ".join(driver for driver in drivers for _ in range(found.count(driver))) == expected


BOARDS = [
    ("x86_64 -M isapc", "nic, user, vga cirrus, cdrom, floppy, parallel, serial"),
    ("ppc -M g3beige", "nic, user, vga std, cdrom, serial"),
    ("ppc -M mac99", "nic, user, vga std, cdrom, usb, serial"),
    ("sparc -M SS-5", "nic, user, vga tcx, cdrom, floppy, serial"),
    ("sparc64 -M sun4u", "nic, user, vga std, cdrom, floppy, parallel, serial"),
    ("arm -M versatilepb", "nic, user, cdrom, sdcard, serial"),
    ("mips -M malta", "nic, user, vga cirrus, cdrom, floppy, serial"),
    ("mips -M malta -nodefaults", ""),
    ("ppc -M mac99 -vga none", "nic, user, cdrom, usb, serial"),
    ("ppc -M mac99,usb=off", "nic, user, vga std, cdrom, serial"),
    ("x86_64 -M isapc -net none -serial none", "vga cirrus, cdrom, floppy, parallel"),
]
_SPOKEN = {
    "-net nic": "nic", "-net user": "user", "-vga std": "vga std", "-vga cirrus": "vga cirrus", "-vga tcx": "vga tcx",
    "-drive index=2,media=cdrom": "cdrom", "-drive if=floppy": "floppy", "-drive if=sd": "sdcard", "-parallel null": "parallel",
    "-serial null": "serial", "-machine usb=on": "usb",
}  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), BOARDS)
def test_default_devices_of_other_boards(line: str, expected: str) -> None:
    """libvirt has no places for them: QEMU's own options ask for each that is there by hand and not with ``-nodefaults``."""
    words = re.findall(r"<qemu:arg value='([^']*)'", qemuxml.from_native(f"qemu-system-{line}", base_dir="/vm"))
    spoken = [_SPOKEN.get(" ".join(pair)) for pair in zip(words[::2], words[1::2], strict=True)]
    assert ", ".join(item for item in spoken if item) == expected


PATHS = [
    ("-drive if=none,id=d,file=disk.img,format=raw -device nvme,drive=d,serial=1", "file=/vm/disk.img"),
    ("-drive if=none,id=d,file=nbd://host/disk,format=raw -device nvme,drive=d,serial=1", "file=nbd://host/disk"),
    ("-L roms", "'/vm/roms'"),
    ("-device loader,file=blob", "file=/vm/blob"),
    ("-device loader,file=/opt/blob", "file=/opt/blob"),
]


@pytest.mark.parametrize(("line", "expected"), PATHS)
def test_names_of_what_is_passed_on(line: str, expected: str) -> None:
    """libvirt starts QEMU in the root folder."""
    xml = qemuxml.from_native(f"{PC} {line}", base_dir="/vm")
    assert expected in xml[xml.index("<qemu:commandline>") :]


PORTS = [
    (f"{BARE} -usb -device usb-tablet", "0-1 tablet"),
    (f"{BARE} -usb -device usb-tablet -device usb-kbd -device usb-mouse", "0-1 tablet, 0-2 hub, 0-2.1 keyboard, 0-2.2 mouse"),
    (
        f"{BARE} -device qemu-xhci -device usb-kbd -device usb-mouse -device usb-tablet -device usb-tablet -device usb-mouse",
        "0-1 keyboard, 0-2 mouse, 0-3 tablet, 0-4 hub, 0-4.1 tablet, 0-4.2 mouse",
    ),
    (f"{BARE} -M q35 -usb -device usb-tablet -device usb-kbd,port=3", "0-1 tablet, 0-3 keyboard"),
    (
        f"{BARE} -usb -device usb-hub -device usb-tablet -device usb-kbd,port=1.2 -device usb-mouse",
        "0-1 hub, 0-1.1 mouse, 0-1.2 keyboard, 0-2 tablet",
    ),
    (f"{BARE} -usb -device usb-tablet,port=2 -device usb-kbd", "0-1 hub, 0-1.1 keyboard, 0-2 tablet"),
    (f"{BARE} -device qemu-xhci,id=x -usb -device usb-tablet,bus=x.0 -device usb-kbd", "1-1 tablet, 1-2 keyboard"),
    (f"{BARE} -usb -device qemu-xhci,id=b -device usb-kbd -device usb-tablet,bus=usb-bus.0", "0-1 tablet, 1-1 keyboard"),
    (f"{BARE} -usb -device usb-kbd -device qemu-xhci -device usb-mouse", "0-1 keyboard, 1-1 mouse"),
    (f"{BARE} -M q35 -usb -device qemu-xhci,id=b -device usb-kbd", "1-1 keyboard"),
    (f"{BARE} -device qemu-xhci,id=b -device qemu-xhci,id=a,addr=1f -device usb-kbd", "1-1 keyboard"),
    (f"{PC} -usb -device qemu-xhci -usbdevice tablet", "0-1 tablet"),
    (f"{BARE} -device usb-ehci,id=e -device usb-tablet,bus=e.0 -device usb-mouse", "0-1 tablet, 0-2 mouse"),
    (
        f"{BARE} -device qemu-xhci -device usb-audio -device usb-ccid -device usb-mouse",
        "0-1 sound, 0-2 ccid, 0-3 mouse",
    ),
    (
        f"{PSERIES} -device usb-kbd -device usb-tablet",
        "0-1 keyboard, 0-2 mouse, 0-3 keyboard, 0-4 hub, 0-4.1 tablet",
    ),
]


@pytest.mark.parametrize(("line", "expected"), PORTS)
def test_usb_ports(line: str, expected: str) -> None:
    """libvirt names every port; which of them the guest sees is QEMU's own affair, whose ``port`` by hand is empty."""
    xml = qemuxml.from_native(line, base_dir="/vm")
    found = {
        f"{place.get('bus')}-{place.get('port')}": place.getparent()
        for place in etree.fromstring(xml).iterfind("devices/*/address[@type='usb']")
    }
    told = {port: device.get("type") if device.tag in ("input", "controller") else device.tag for port, device in found.items()}
    assert ", ".join(f"{port} {name}" for port, name in sorted(told.items())) == expected


CARDS = [
    ("-nic user -nic user,model=virtio", "e1000 56, virtio-net-pci 57"),
    (
        "-netdev user,id=a -netdev user,id=b -device e1000,netdev=a,mac=52:54:00:12:34:57 -device rtl8139,netdev=b",
        "e1000 57, rtl8139 56",
    ),
    ("-nic user -netdev user,id=a -device virtio-net-pci,netdev=a", "e1000 56, virtio-net-pci 57"),
    ("-nic user,mac=52:54:0:12:34:a -net nic,macaddr=52:54:0:12:34:0b -net user", "e1000 0a, e1000 0b"),
]


@pytest.mark.parametrize(("line", "expected"), CARDS)
def test_card_addresses(line: str, expected: str) -> None:
    """QEMU gives 52:54:00:12:34:56 and the next, leaving out what the line says."""
    found = places(f"{PC} {line}", "mac")
    assert ", ".join(sorted(f"{driver} {mac.removeprefix('52:54:00:12:34:')}" for mac, driver in found.items())) == expected


@pytest.mark.parametrize("machine", ["qemu-system-riscv64 -M virt", f"{PC} -M microvm"])
@pytest.mark.parametrize("line", ["-nic user,model=virtio", "-net nic -net user"])
def test_boards_that_make_no_cards(machine: str, line: str) -> None:
    assert "<interface" not in qemuxml.from_native(f"{machine} {line}", base_dir="/vm")


def test_a_card_of_a_channel_has_no_vectors() -> None:
    (card,) = (device for device in devices("qemu-system-s390x -nic user,model=virtio") if device["driver"] == "virtio-net-ccw")
    assert "vectors" not in card


REGISTERS = [
    ("", "spapr-vty 0, spapr-vlan 2, spapr-vscsi 3"),
    ("-nodefaults -serial null -device spapr-vlan -device spapr-vscsi", "spapr-vty 0, spapr-vlan 2, spapr-vscsi 3"),
    ("-nodefaults -device spapr-vty,chardev=c -chardev null,id=c -device spapr-vlan", "spapr-vty 1, spapr-vlan 2"),
    ("-nodefaults -serial null -serial null -net nic -net user", "spapr-vty 0, spapr-vty 1, spapr-vlan 3"),
]
"""The machine's own memory has the number between the board's serial ports and the rest; it is no ``-device``."""


@pytest.mark.parametrize(("line", "expected"), REGISTERS)
def test_registers(line: str, expected: str) -> None:
    found = {int(number) - 0x71000000: driver for number, driver in places(f"{PSERIES} {line}", "reg").items()}
    assert ", ".join(f"{driver} {number}" for number, driver in sorted(found.items())) == expected


CHANNELS = [
    (
        (
            "-nodefaults -device virtio-rng-ccw -drive if=none,id=d,file=d,format=raw -device virtio-blk-ccw,drive=d "
            "-device virtio-net-ccw"
        ),
        "0 virtio-rng-ccw, 1 virtio-blk-ccw, 2 virtio-net-ccw",
    ),
    (
        (
            "-nodefaults -drive if=virtio,file=d,format=raw -device virtio-rng-ccw,devno=fe.0.0003 -device virtio-balloon-ccw "
            "-net nic -net user"
        ),
        "0 virtio-net-ccw, 2 virtio-balloon-ccw, 3 virtio-rng-ccw, 4 virtio-blk-ccw",
    ),
]


@pytest.mark.parametrize(("line", "expected"), CHANNELS)
def test_channel_devices(line: str, expected: str) -> None:
    found = places(f"qemu-system-s390x {line}", "devno")
    assert ", ".join(f"{int(place[-4:], 16)} {driver}" for place, driver in sorted(found.items())) == expected


PASSED = [
    ("-M q35 -device amd-iommu,pt=off", {"driver": "amd-iommu", "pt": False}),
    ("-audiodev none,id=a0 -device adlib,audiodev=a0", {"driver": "adlib", "audiodev": "audio1"}),
    (
        "-netdev user,id=n -device virtio-net-pci,netdev=n,host_mtu=1400",
        {"driver": "virtio-net-pci", "netdev": "hostnet0", "host_mtu": 1400},
    ),
]


@pytest.mark.parametrize(("line", "expected"), PASSED)
def test_what_no_word_of_the_xml_says_reaches_qemu(line: str, expected: dict[str, object]) -> None:
    assert any(expected.items() <= device.items() for device in devices(f"{BARE} {line}"))


GLOBALS = [
    ("-vga std -global VGA.vgamem_mb=64", "VGA", "vgamem_mb", None),
    ("-vga none -device VGA,vgamem_mb=32 -global VGA.vgamem_mb=64", "VGA", "vgamem_mb", 32),
    ("-vga vmware -global driver=vmware-svga,property=vgamem_mb,value=32", "vmware-svga", "vgamem_mb", None),
    ("-vga std -global cirrus-vga.vgamem_mb=64", "VGA", "vgamem_mb", 16),
    ("-nic none -netdev user,id=n -device e1000,netdev=n -global e1000.mac=52:54:00:11:11:11", "e1000", "mac", None),
    ("-global e1000.mac=52:54:00:11:11:11", "e1000", "mac", "52:54:00:12:34:56"),
    ("-device isa-debugcon,chardev=c -chardev null,id=c -global isa-debugcon.iobase=0x402", "isa-debugcon", "iobase", None),
    ("-debugcon null -global isa-debugcon.iobase=0x402", "isa-debugcon", "iobase", 0x402),
]
"""None where the setting for all devices is left to count; else what the device itself is told, against which it does not."""


@pytest.mark.parametrize(("line", "driver", "key", "expected"), GLOBALS)
def test_settings_for_all_devices_count_as_by_hand(line: str, driver: str, key: str, expected: object) -> None:
    (device,) = (item for item in devices(f"{PC} {line}") if item["driver"] == driver)
    assert device.get(key) == expected
