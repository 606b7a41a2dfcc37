"""What a guest that was started by hand keeps: places, numbers, names and the host side of its devices, one line each.

Every expectation was read off ``info qtree`` of QEMU 10.0, started with that line.
"""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree
from test_reading_domain import facts, passed

from qemuxml import from_native

X86, Q35, ARM = "qemu-system-x86_64 -m 1G ", "qemu-system-x86_64 -M q35 -m 1G ", "qemu-system-aarch64 -M virt -m 1G "
PSERIES, S390 = "qemu-system-ppc64 -M pseries -m 1G ", "qemu-system-s390x -m 1G "
RASPI, MAC = "qemu-system-arm -M raspi2b ", "qemu-system-ppc -M mac99 "


def read(line: str) -> Any:
    return etree.fromstring(from_native(line, base_dir="/vm").encode())


SLOT = "/address/@slot"
NODE = "-blockdev file,node-name=f,filename=a -blockdev qcow2,node-name=q,file=f,overlap-check=none -device virtio-blk,drive=q"

KEPT = [
    # places in the order of creation
    (X86 + "-virtfs local,path=/a,mount_tag=a,security_model=none -device edu", "filesystem" + SLOT, ["0x04"]),
    (X86 + "-device virtio-net,netdev=n -device virtio-rng -netdev user,id=n", "interface" + SLOT, ["0x03"]),
    (ARM + "-device virtio-blk,drive=d -device virtio-rng -drive if=none,id=d,file=a", "disk" + SLOT, ["0x02"]),
    (PSERIES + "-device virtio-rng-pci", "rng" + SLOT, ["0x02"]),
    (PSERIES + "-nodefaults -vga std -device virtio-rng-pci", "rng" + SLOT, ["0x01"]),
    (S390 + "-nodefaults -device virtio-rng-ccw,devno=fe.0.0001 -device virtio-net-ccw,netdev=n -netdev user,id=n",
     "interface/address/@devno", ["0x0002"]),
    # defaults beside what is asked for
    (X86 + "-device virtio-gpu", "video/model/@type", ["vga", "virtio"]),
    (X86 + "-device virtio-vga", "video/model/@type", ["virtio"]),
    (X86 + "-vga none -device virtio-gpu", "video/model/@type", []),
    (X86 + "-vga none -vnc :1 -device virtio-gpu", "video/model/@type", ["none"]),
    (X86 + "-device bochs-display", "video/model/@type", ["vga"]),
    (X86 + "-vga none -device bochs-display", "video/model/@type", ["bochs"]),
    (ARM + "-device virtio-gpu-pci", "video/model/@type", ["virtio"]),
    (Q35 + "-device pcie-root-port,id=r -device pcie-root-port,id=s,chassis=2,port=3", "controller/target",
     ["chassis=0 port=0x0", "chassis=2 port=0x3"]),
    (PSERIES + "-hda a.img", "disk/@device", ["disk", "cdrom"]),
    # numbers of ports
    (X86 + "-serial none -serial stdio", "serial/target/@port", ["1"]),
    (RASPI + "-serial none -serial stdio", "serial/@type", ["null", "pty"]),
    (RASPI + "-serial none -serial none", "serial", []),
    # one host side for several
    (X86 + "-chardev stdio,mux=on,id=c -mon c -serial chardev:c -serial chardev:c", "serial/@type", ["pty", "pty"]),
    (X86 + "-audiodev alsa,id=a,in.frequency=44100 -device AC97,audiodev=a", "audio/input/@fixedSettings", ["yes"]),
    # a CD that virtio shows as a disk
    (ARM + "-cdrom a.iso", "disk/@device | disk/target/@dev", ["disk", "vdc"]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "path", "expected"), KEPT)
def test_what_is_kept(line: str, path: str, expected: list[str]) -> None:
    assert facts(read(line).find("devices"), path) == expected


PASSED = [
    # a passed device beside one that takes the slot behind it
    (X86 + "-virtfs local,path=/a,mount_tag=a,security_model=none -device edu", ["edu,bus=pci.0,addr=0x5"]),
    (Q35 + "-device edu,bus=pcie.0", ["edu,bus=pcie.0,addr=0x3"]),
    # behind a controller of libvirt's, which QEMU makes after all that is not in JSON
    (Q35 + "-device pcie-root-port,id=rp,chassis=1 -device nvme,serial=1,bus=rp,msix-exclusive-bar=on",
     ['{"driver":"nvme","serial":"1","bus":"pci.1","msix-exclusive-bar":true,"addr":"0x0"}']),
    (X86 + "-device virtio-serial -device virtconsole,chardev=x", ['{"driver":"virtconsole","chardev":"x"}']),
    # names that libvirt changes
    (X86 + "-netdev tap,id=h,script=no -device e1000,netdev=h -object filter-mirror,id=m,netdev=h,outdev=c",
     ["filter-mirror,id=m,netdev=hostnet0,outdev=c"]),
    # names of nodes, which are no files
    (X86 + NODE, ["file,node-name=f,filename=/vm/a", "qcow2,node-name=q,file=f,overlap-check=none",
                  "virtio-blk,drive=q,bus=pci.0,addr=0x4"]),
    # what a board has that libvirt does not know of
    (RASPI + "-nodefaults -device usb-kbd", ["usb-kbd"]),
    (MAC + "-nodefaults -usb -device usb-mouse", ["usb-mouse", "usb=on"]),
    ("qemu-system-ppc64 -M ppce500 -m 256 -nodefaults -drive if=pflash,file=a,format=raw", ["if=pflash,file=/vm/a,format=raw"]),
    ("qemu-system-sparc -M SS-5 -nodefaults -net nic -net user -redir tcp:22::22", ["nic", "user,hostfwd=tcp::22-:22"]),
    (ARM + "-machine gic-version=max", ["gic-version=max", "acpi=on"]),
    (S390 + "-machine loadparm=PROMPT", ["loadparm=PROMPT"]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), PASSED)
def test_what_is_passed(line: str, expected: list[str]) -> None:
    assert passed(read(line))[1::2] == expected


CPU = [
    ("-cpu Skylake-Client", "none"),
    ("-cpu Skylake-Client,check", "none"),
    ("-cpu Skylake-Client,enforce", "partial"),
    ("-cpu Skylake-Client -nodefaults -mon chardev=charmonitor,id=monitor,mode=control", "partial"),
]


@pytest.mark.parametrize(("options", "expected"), CPU)
def test_a_host_that_lacks_a_feature_refuses_no_guest_that_qemu_would_start(options: str, expected: str) -> None:
    assert read(X86 + "-enable-kvm " + options).find("cpu").get("check") == expected
