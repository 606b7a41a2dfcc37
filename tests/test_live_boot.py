"""Guests that boot, by hand and by libvirt from their converted XML, until their firmware has named every PCI device it found."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from realprograms import SYSTEM, libvirt, needs, until

import qemuxml

pytestmark = [pytest.mark.live, needs("virt-qemu-run")]

PATIENCE = 120
"""Seconds for a firmware that an emulated processor runs on a busy machine."""

SLOF = {
    "found": r"^ +[0-9a-f]{2} [0-9a-f]{4} \([DB]\) : .*$|^.*Populating /(?:pci|vdevice).*$",
    "ends": "Welcome to Open Firmware",
}
"""What an IBM POWER guest prints on its serial console: a device a line, with its bus and its place on it."""
SEABIOS = {"found": r"^PCI: init bdf=.*$", "ends": "Booting from"}
"""What a PC's BIOS prints on its debug port: ``PCI: init bdf=00:03.0 id=8086:100e``."""

GUESTS = {
    "pseries": (
        SLOF,
        (
            "qemu-system-ppc64 -M pseries -m 512 -smp 2 -accel tcg -display none -serial file:log -cdrom cd.iso "
            "-drive file=disk.img,format=raw,if=virtio -device virtio-net-pci,netdev=net -netdev user,id=net "
            "-device pci-bridge,id=bridge,chassis_nr=1,addr=1d -device virtio-rng-pci,bus=bridge,addr=3 -device qemu-xhci"
        ),
        ["1af4 1001", "1af4 1000", "1af4 1005", "1033 0194", "1b36 000d", "1b36 0001", "v-scsi@71000002"],
    ),
    "pc": (
        SEABIOS,
        (
            "qemu-system-x86_64 -m 128 -accel tcg -display none -hda disk.img -usb -device usb-tablet -net nic -net user "
            "-drive file=second.img,format=raw,if=virtio -device virtio-balloon-pci,addr=1f -device i6300esb "
            "-device lsi53c895a,id=scsi -device virtio-serial "
            "-debugcon file:log -global isa-debugcon.iobase=0x402"
        ),
        ["00:01.2 id=8086:7020", "00:02.0 id=1234:1111", "00:03.0 id=8086:100e", "00:1f.0 id=1af4:1002"],
    ),
    "q35": (
        SEABIOS,
        (
            "qemu-system-x86_64 -M q35,accel=tcg -m 128 -smp 2 -display none -device pcie-root-port,id=rp1,chassis=1 "
            "-device virtio-net-pci,bus=rp1,netdev=net -netdev user,id=net -device virtio-scsi-pci,id=scsi,addr=9 "
            "-cdrom cd.iso -device scsi-hd,drive=hd -drive if=none,id=hd,file=disk.img,format=raw "
            "-device pcie-root-port,id=rp2,chassis=2,addr=a.0,multifunction=on -device pcie-pci-bridge,id=pci,bus=rp2 "
            "-device rtl8139,bus=pci,addr=5 -device usb-ehci,addr=1b "
            "-chardev file,id=debug,path=log -device isa-debugcon,iobase=0x402,chardev=debug"
        ),
        ["00:09.0 id=1af4:1004", "01:00.0 id=1af4:1041", "03:05.0 id=10ec:8139", "00:1b.0 id=8086:24cd", "00:1f.2 id=8086:2922"],
    ),
}
"""How a guest is started, what its firmware says, and some devices that must be named."""


@pytest.fixture
def folder() -> Iterator[Path]:
    with SYSTEM.folder() as made:
        for name in ("disk.img", "second.img", "cd.iso"):
            with (made / name).open("wb") as image:
                image.truncate(1 << 20)
        yield made


def printed(words: list[str], folder: Path, firmware: dict[str, str]) -> list[str]:
    """Start a guest, end it when its firmware is done, and give the devices that this one named."""
    log = folder / "log"
    log.unlink(missing_ok=True)
    with (folder / "errors").open("w") as errors:
        process = SYSTEM.start(words, folder, errors)

        def said() -> str:
            return log.read_text(errors="replace") if log.exists() else ""

        try:
            until(lambda: firmware["ends"] in said() or process.poll() is not None, "the firmware did not end", PATIENCE)
            assert process.poll() is None, (folder / "errors").read_text()
            return [line.strip() for line in re.findall(firmware["found"], said(), re.MULTILINE)]
        finally:
            process.terminate()
            process.wait(PATIENCE)


@pytest.mark.parametrize(("firmware", "line", "devices"), GUESTS.values(), ids=GUESTS)
def test_the_firmware_finds_the_same_devices(firmware: dict[str, str], line: str, devices: list[str], folder: Path) -> None:
    words = shlex.split(line)
    SYSTEM.need(words[0])
    by_hand = printed(words, folder, firmware)
    assert [name for name in devices if not any(name in found for found in by_hand)] == []
    (folder / "guest.xml").write_text(qemuxml.from_native(line, base_dir=SYSTEM.inside(folder)))
    by_libvirt = printed(["virt-qemu-run", "--root", libvirt(folder), "guest.xml"], folder, firmware)
    assert by_libvirt == by_hand
