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
    (S390 + "-drive if=none,id=d,file=a -device virtio-blk,drive=d", "disk/address/@devno", ["0x0001"]),
    (ARM + "-nic user", "//*[local-name()='property'][@name='vectors']/@value", ["0"]),
    ("qemu-system-aarch64 -machine virt,gic_version=3 -machine virtualization=on", "//features/gic/@version", ["3"]),
    ("qemu-system-loongarch64 -M virt -cpu la464-loongarch-cpu", "//cpu/model/text()", ["la464"]),
    ("qemu-system-loongarch64 -M virt -cpu la132-loongarch-cpu", "//cpu/model/text()", ["la132"]),
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
    (PSERIES + "-device virtio-scsi-pci -cdrom a.iso", "controller[@type='scsi']/@model", ["virtio-scsi", "ibmvscsi"]),
    (PSERIES + "-device virtio-scsi-pci -cdrom a.iso", "disk/address/@controller", ["1"]),
    (PSERIES + "-nodefaults -device spapr-vscsi -device spapr-vlan,netdev=n -netdev user,id=n", "interface/address/@reg",
     ["0x71000002"]),
    (X86 + "-device ich9-usb-uhci1", "controller[@type='usb']/@model", ["none"]),
    # numbers of ports
    (X86 + "-serial none -serial stdio", "serial/target/@port", ["1"]),
    (RASPI + "-serial none -serial stdio", "serial/@type", ["null", "pty"]),
    (RASPI + "-serial none -serial none", "serial", []),
    # one host side for several
    (X86 + "-chardev stdio,mux=on,id=c -mon c -serial chardev:c -serial chardev:c", "serial/@type", ["pty", "pty"]),
    (X86 + "-audiodev alsa,id=a,in.frequency=44100 -device AC97,audiodev=a", "audio/input/@fixedSettings", ["yes"]),
    # the board's own USB beside one that is named as libvirt would name it
    (X86 + "-usb -device ich9-usb-ehci1,id=usb", "controller[@model='piix3-uhci']/@index", ["1"]),
    (X86 + "-usb -device qemu-xhci -device usb-tablet", "input[@bus='usb']/address/@bus", ["1"]),
    # a node without memory of its own, and the first one where none is named
    (X86 + "-m slots=2,maxmem=4G -numa node,memdev=a -numa node,nodeid=1 -object memory-backend-ram,id=a,size=1G "
     "-object memory-backend-ram,id=b,size=1G -device pc-dimm,memdev=b,node=1", "memory/target/node", ["0"]),
    # host sides of other systems, of today's QEMU no longer taken, and of one launch
    (X86 + "-nic vmnet-bridged,ifname=en0", "interface/@type", ["user"]),
    (X86 + "-net nic -net vnic,ifname=vnic0", "interface/@type", ["user"]),
    (X86 + "-serial /dev/pts/3 -serial /dev/ttyS0", "serial/@type", ["pty", "dev"]),
    (X86 + "-vnc :1 -display vnc=localhost:1", "graphics/@port", ["5901"]),
    # a socket's path with the two signs that mean something to QEMU
    (X86 + "-vnc vnc=unix:/srv/a=1,,b=2/vnc.sock,share=ignore", "graphics/listen/@socket", ["/srv/a=1,b=2/vnc.sock"]),
    (X86 + "-vnc unix:/srv/a=1/vnc.sock", "graphics/listen/@socket", ["/srv/a=1/vnc.sock"]),
    # a CD that virtio shows as a disk
    (ARM + "-cdrom a.iso", "disk/@device | disk/target/@dev", ["disk", "vdc"]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "path", "expected"), KEPT)
def test_what_is_kept(line: str, path: str, expected: list[str]) -> None:
    assert facts(read(line).find("devices"), path) == expected


STICK = "-device qemu-xhci -drive if=none,id=d,file=a -device usb-storage,drive=d"
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

    (RASPI + "-nodefaults -device usb-audio", ["usb-audio,audiodev=audio1"]),
    (RASPI + "-nodefaults -audiodev none,id=x -device usb-audio,audiodev=x", ["usb-audio,audiodev=audio1"]),
    ("qemu-system-ppc -M amigaone -nodefaults", ["via-ac97.audiodev=audio1"]),
    ("qemu-system-ppc -M sam460ex -nodefaults -device ide-cd,bus=ide.1", ["ide-cd,bus=ide.1"]),
    (X86 + "-nic user,model=ne2k_isa", ["user,model=ne2k_isa"]),
    (X86 + "-net nic,model=ne2k_isa -net user", ["nic,model=ne2k_isa", "user"]),
    ("qemu-system-sparc -M SS-5 -nodefaults -net nic -net user -redir tcp:22::22", ["nic", "user,hostfwd=tcp::22-:22"]),
    # CPUs, sizes and devices that libvirt has no word for
    ("qemu-system-sparc -M SS-5 -nodefaults -cpu TI-MicroSparc-II -m slots=2,maxmem=256M",
     ["TI-MicroSparc-II", "slots=2,maxmem=262144K"]),
    ("qemu-system-ppc64 -M mac99 -nodefaults -m 200 -device usb-kbd",
     ["usb-kbd", "memory-backend-ram,id=ram-by-hand,size=209715200", "memory-backend=ram-by-hand", "204800k"]),
    ("qemu-system-m68k -M virt -nodefaults -m 3399672K",
     ["memory-backend-ram,id=ram-by-hand,size=3481264128", "memory-backend=ram-by-hand", "3399672k"]),
    ("qemu-system-riscv32 -M sifive_e -nodefaults",
     ["memory-backend-ram,id=ram-by-hand,size=16384", "memory-backend=ram-by-hand", "16k"]),
    ("qemu-system-sparc -M SS-5 -nodefaults -g 1024x768x24", ["1024x768x24"]),
    (X86 + "-cpu base", ["base"]),
    (Q35 + "-machine smm=off -global driver=cfi.pflash01,property=secure,value=on",
     ["driver=cfi.pflash01,property=secure,value=on"]),
    # a disk that is passed keeps its place, and the one in a USB stick its name
    (X86 + "-drive driver=null-co,if=virtio -device virtio-rng",
     ["if=none,id=virtio0,driver=null-co", "virtio-blk-pci,drive=virtio0,bus=pci.0,addr=0x5"]),
    (X86 + STICK, ["scsi-hd.device_id=d"]),
    (X86 + STICK + ",serial=1", []),
    (X86 + STICK + " -device usb-storage,drive=e -drive if=none,id=e,file=e", []),
    (X86 + "-vga none -device bochs-display -device ramfb", ["ramfb"]),
    # boards that libvirt takes for ones without PCI
    ("qemu-system-x86_64 -M microvm,pcie=on -nodefaults -device virtio-rng-pci -device qemu-xhci -device usb-kbd",
     ["pcie=on", "virtio-rng-pci", "qemu-xhci", "usb-kbd"]),
    (X86 + "-soundhw sb16,gus", ["gus,audiodev=audio1"]),
    (X86 + "-audiodev none,id=x -audio alsa,model=adlib", ["adlib,audiodev=audio2"]),
    # the bus of the board that libvirt knows none of
    ("qemu-system-aarch64 -M sbsa-ref -nodefaults -device qemu-xhci -device virtio-rng-pci -device usb-kbd",
     ["qemu-xhci", "virtio-rng-pci", "usb-kbd"]),
    ("qemu-system-m68k -M q800 -nodefaults -device scsi-hd,drive=d -drive if=none,id=d,file=a",
     ["scsi-hd,drive=d", "if=none,id=d,file=/vm/a", "audiodev=audio1"]),
    (ARM + "-nodefaults -device virtio-iommu-pci", ["virtio-iommu-pci,bus=pcie.0,addr=0x1", "acpi=on"]),
    (X86 + "-device qemu-xhci -drive if=none,id=u,file=a,format=raw -device usb-storage,drive=u", ["scsi-hd.device_id=u"]),
    (X86 + "-device qemu-xhci -drive if=none,id=u,file=a,format=raw -device usb-storage,drive=u,serial=1", []),
    (ARM + "-nodefaults -device guest-loader,addr=0x49000000,kernel=Image,initrd=/b",
     ["guest-loader,addr=0x49000000,kernel=/vm/Image,initrd=/b", "acpi=on"]),
    (X86 + "-device qemu-xhci -drive if=none,id=c,file=a,format=raw,media=cdrom -device usb-storage,drive=c",
     ["if=none,id=c,file=/vm/a,format=raw,media=cdrom", '{"driver":"usb-storage","drive":"c"}']),
    (X86 + "-drive if=sd,file=a,format=raw -device sdhci-pci",
     ["if=none,id=card0,file=/vm/a,format=raw", "sdhci-pci,bus=pci.0,addr=0x4", "sd-card,drive=card0"]),
    (ARM + "-machine gic-version=max", ["gic-version=max", "acpi=on"]),
    (S390 + "-machine loadparm=PROMPT", ["loadparm=PROMPT"]),
    # the default card is made before the disks, and libvirt makes all of its own after them
    (S390 + "-drive if=none,id=d,file=a -device virtio-blk,drive=d", ["nic", "user"]),
    (S390 + "-nodefaults -drive if=none,id=d,file=a -device virtio-blk,drive=d", []),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), PASSED)
def test_what_is_passed(line: str, expected: list[str]) -> None:
    assert passed(read(line))[1::2] == expected


NODES = "-machine hmat=on -m 1G -smp 2,sockets=2 -numa node,nodeid=0 -numa node,nodeid=1"


def test_a_node_that_no_cpu_is_said_to_be_in_has_none() -> None:
    root = read("qemu-system-x86_64 " + NODES + " -numa cpu,node-id=0,socket-id=0 -numa cpu,node-id=0,socket-id=1")
    assert [cell.get("cpus") for cell in root.iter("cell")] == ["0-1", None]


SUCCESSORS = [
    ("qemu-system-x86_64 -M pc-i440fx-1.7", "pc-i440fx-2.4"), ("qemu-system-x86_64 -M pc-0.12", "pc-i440fx-2.4"),
    ("qemu-system-x86_64 -M pc-q35-2.5", "pc-q35-2.5"), ("qemu-system-ppc64 -M pseries-2.1", "pseries-3.0"),
    ("qemu-system-aarch64 -M raspi3", "raspi3b"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "machine"), SUCCESSORS)
def test_a_machine_that_is_gone_has_a_successor(line: str, machine: str) -> None:
    assert read(line).find("os/type").get("machine") == machine


@pytest.mark.parametrize(
    ("line", "said"),
    [(X86, None), (X86 + "-nographic", "yes"), (X86 + "-nographic -serial none", None), (X86 + "-machine graphics=off", "yes")],
)
def test_the_bios_of_a_guest_without_a_window_speaks_to_its_port(line: str, said: str | None) -> None:
    found = read(line).find("os/bios")
    assert (None if found is None else found.get("useserial")) == said


def test_a_windows_binary_stands_for_the_hosts() -> None:
    assert read("'C:\\qemu\\qemu-system-ppc.exe' -M mac99").findtext("devices/emulator") == "/usr/bin/qemu-system-ppc"


def test_a_powernv_chip_keeps_its_host_bridges_before_what_is_on_them() -> None:
    words = passed(read("qemu-system-ppc64 -M powernv9 -device nvme,bus=pcie.3"))[1::2]
    assert words.index("pnv-phb,chip-id=0,index=3") < words.index("nvme,bus=pcie.3")
    assert "pnv-phb,chip-id=0,index=0" not in passed(read("qemu-system-ppc64 -M powernv9 -nodefaults"))


def test_a_cpu_in_another_spelling() -> None:
    assert read(X86 + "-cpu penryn").findtext("cpu/model") == "Penryn"


def test_a_power_cpu_has_libvirts_name() -> None:
    assert read(PSERIES + "-cpu power8").findtext("cpu/model") == "POWER8"


CPU = [
    ("-cpu Skylake-Client", "none"),
    ("-cpu Skylake-Client,check", "none"),
    ("-cpu Skylake-Client,enforce", "partial"),
    ("-cpu Skylake-Client -nodefaults -mon chardev=charmonitor,id=monitor,mode=control", "partial"),
]


@pytest.mark.parametrize(("options", "expected"), CPU)
def test_a_host_that_lacks_a_feature_refuses_no_guest_that_qemu_would_start(options: str, expected: str) -> None:
    assert read(X86 + "-enable-kvm " + options).find("cpu").get("check") == expected


SPICE = "-device virtio-serial -device virtserialport,chardev=c,name=x -chardev spicevmc,id=c,name=vdagent"
DISPLAYS = [
    (SPICE, ["spice"]),
    (SPICE + " -display gtk", ["spice"]),
    (SPICE + " -vnc :1", ["vnc", "spice"]),
    (SPICE + " -display none", ["spice"]),
    (SPICE + " -spice port=5900", ["spice"]),
    ("-full-screen -display sdl", ["vnc"]),
    ("-nodefaults -mon chardev=charmonitor -full-screen -display sdl", ["sdl"]),
]


@pytest.mark.parametrize(("options", "expected"), DISPLAYS)
def test_channels_of_spice_have_a_display_of_spice(options: str, expected: list[str]) -> None:
    assert facts(read(X86 + options), "devices/graphics/@type") == expected


def test_a_number_of_a_cpu_is_not_its_model() -> None:
    root = read(X86 + "-cpu Penryn,model=6,stepping=10")
    assert (root.findtext("cpu/model"), passed(root)[1::2]) == ("Penryn", ["x86_64-cpu.model=6", "x86_64-cpu.stepping=10"])


def test_no_memory_at_all_is_the_usual_memory() -> None:
    assert read("qemu-system-x86_64 -m 0").findtext("memory") == "131072"


BOARDS = [
    ("aarch64 -M ast2700-evb -mtdblock a", ["w25q01jvq,bus=ssi.0,cs=0x0,drive=mtd0", "w25q512jv,bus=ssi.1,cs=0x0"]),
    ("ppc -M sam460ex -device ide-cd,bus=ide.1", ["sii3112", "ide-cd,bus=ide.1"]),
    ("mips64el -M loongson3-virt", ["pci-ohci", "usb-kbd", "usb-tablet", "cirrus"]),
    ("ppc64 -M powernv8 -device e1000e,bus=pcie.1", ["pnv-phb,chip-id=0,index=0", "e1000e,bus=pcie.1"]),
    ("arm -M ast2500-evb", ["mx25l25635e,bus=ssi.0,cs=0x0", "mx25l25635f,bus=ssi.1,cs=0x0", "sd-card,bus=sd-bus"]),
    ("arm -M ast2500-evb,spi-model=x", ["x,bus=ssi.1,cs=0x0"]),
    ("arm -M ast2500-evb -sd a", ["if=none,id=sd0,file=/vm/a", "sd-card,bus=sd-bus,drive=sd0"]),
    ("arm -M romulus-bmc -drive if=mtd,file=a,format=raw,index=2",
     ["if=none,id=mtd2,file=/vm/a,format=raw", "n25q256a,bus=ssi.0,cs=0x1", "mx66l1g45g,bus=ssi.1,cs=0x0,drive=mtd2"]),
    ("arm -M b-l475e-iot01a", ["0"]),
    ("alpha -M clipper", ["cirrus", "index=2,media=cdrom"]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), BOARDS)
def test_what_a_board_brings_is_said_to_qemu(line: str, expected: list[str]) -> None:
    found = passed(read("qemu-system-" + line))[1::2]
    assert [item for item in found if item in expected] == expected


def test_the_place_on_a_board_that_nobody_has_looked_at_is_left_to_qemu() -> None:
    root = read("qemu-system-arm -M versatilepb -nodefaults -device virtio-rng-pci")
    found = facts(root, "//*[local-name()='property']")
    assert found == ["name=bus type=remove", "name=addr type=remove"]


def test_libvirt_adds_no_usb_to_a_mips_board() -> None:
    assert facts(read("qemu-system-mips -M mipssim"), "devices/controller/@model") == ["none"]


FLASH = "-global driver=cfi.pflash01,property=secure,value=on -drive if=pflash,file=/c,readonly=on,format=raw"
OVERRIDDEN = "//*[local-name()='property'][@type!='remove']"
ORDERS = "//boot/@dev | //boot/@order"
WHOLE = [
    # firmware tries what has a bootindex, then what -boot names, then the rest, unless it is strict
    (X86 + "-device e1000,netdev=n,bootindex=1 -netdev user,id=n -boot n", ORDERS, ["1"]),
    (X86 + "-device e1000,netdev=n,bootindex=0 -netdev user,id=n -boot order=cd -hda a -cdrom b", ORDERS, ["2", "3", "1"]),
    (X86 + "-device ide-hd,drive=d,bootindex=5 -drive if=none,id=d,file=a -cdrom b", ORDERS, ["6", "5"]),
    (X86 + "-device ide-hd,drive=d,bootindex=5 -drive if=none,id=d,file=a -cdrom b -boot strict=on", ORDERS, ["5"]),
    (X86 + "-boot d -cdrom b -hda a", ORDERS, ["cdrom", "hd"]),
    (X86 + "-boot order=d,strict=on -cdrom b -hda a", ORDERS, ["cdrom"]),
    (X86 + "-boot d -cdrom b -hda a -bios /OVMF.fd", ORDERS, ["cdrom"]),
    # secure flash without the mode in which it is written
    (Q35 + FLASH, "os/loader/@secure | features/smm/@state", ["yes", "on"]),
    (Q35 + "-machine smm=off " + FLASH, "os/loader/@secure | features/smm/@state", ["off"]),
    # sizes have no suffix in JSON; what hotplugged devices get is a word of the XML
    (Q35 + "-device pci-bridge,id=b,chassis_nr=1,io-reserve=4k,mem-reserve=1M", "devices/controller/target",
     ["chassisNr=1 memReserve=1024"]),
    (Q35 + "-device pci-bridge,id=b,chassis_nr=1,io-reserve=4k", OVERRIDDEN, ["name=io-reserve type=unsigned value=4096"]),
    # an image that is not raw cannot be shared in libvirt's own words
    (X86 + "-device virtio-blk,drive=d,share-rw=on -drive if=none,id=d,file=a,format=raw", "devices/disk/shareable", [""]),
    (X86 + "-device virtio-blk,drive=d,share-rw=on -drive if=none,id=d,file=a,format=qcow2", OVERRIDDEN,
     ["name=share-rw type=bool value=true"]),
    # sound, and passwords that stand on the line
    (X86 + "-audio pa,model=hda", "devices/sound/@model | devices/audio/@type", ["ich6", "pulseaudio"]),
    (X86 + "-audiodev none,id=x -audio alsa,model=virtio", "devices/sound/audio/@id | devices/audio/@id", ["2", "1", "2"]),
    (X86 + "-audio alsa", "devices/sound/@model | devices/audio/@type", ["alsa"]),
    (X86 + "-device ac97 -device es1370", "devices/sound/@model", ["ac97", "es1370"]),
    (X86 + "-soundhw sb16,adlib", "devices/sound/@model", ["sb16"]),
    (X86 + "-spice port=5930,password=foo", "devices/graphics/@passwd", ["foo"]),
    (X86 + "-vnc :1,password-secret=s -object secret,id=s,data=foo", "devices/graphics/@passwd", ["foo"]),
    (X86 + "-vnc :1,password-secret=s -object secret,id=s,file=foo", "devices/graphics/@passwd", []),
    # the numbers of USB controllers, and a PIIX3's in another place than its own
    (X86 + "-device nec-usb-xhci,id=usb1 -device ich9-usb-ehci1,id=usb2", "//controller[@type='usb']/@index", ["0", "2"]),
    (X86 + "-device piix3-usb-uhci", "//controller[@type='usb']/@model", ["piix4-uhci"]),
    (X86 + "-device piix3-usb-uhci", OVERRIDDEN, ["name=driver type=string value=piix3-usb-uhci"]),
    (X86 + "-device piix3-usb-uhci,addr=1.2", "//controller[@type='usb']/@model", ["piix3-uhci"]),
    # bridges that libvirt has in other places only
    (Q35 + "-device pcie-pci-bridge,id=b -device rtl8139,bus=b", "//controller[@type='pci']/@model",
     ["pcie-root", "dmi-to-pci-bridge"]),
    (Q35 + "-device pcie-pci-bridge,id=b -device rtl8139,bus=b", OVERRIDDEN, ["name=driver type=string value=pcie-pci-bridge"]),
    (Q35 + "-device pcie-root-port,id=r -device pcie-pci-bridge,bus=r", "//controller[@type='pci']/@model",
     ["pcie-root", "pcie-root-port", "pcie-to-pci-bridge"]),
    # KVM takes away what AMD's models have
    (X86 + "-enable-kvm -cpu qemu64,enforce", "cpu/feature", ["policy=disable name=svm"]),
    (X86 + "-enable-kvm -cpu qemu64,enforce,+svm", "cpu/feature", ["policy=require name=svm"]),
    (X86 + "-cpu qemu64,enforce", "cpu/feature", []),
    # cards that libvirt has as the first one only
    (X86 + "-vga none -device bochs-display -device ramfb", "//video/model/@type", ["bochs"]),
    (X86 + "-vga std -device cirrus-vga", "//video/model/@type", ["vga"]),
    (X86 + "-device cirrus-vga,vgamem_mb=16", OVERRIDDEN, ["name=vgamem_mb type=unsigned value=16"]),
    (X86 + "-drive file.driver=https,file.url=https://h/a,file.readahead=64k,media=cdrom", "devices/disk/source/readahead/@size",
     ["65536"]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "path", "expected"), WHOLE)
def test_what_a_guest_is(line: str, path: str, expected: list[str]) -> None:
    assert facts(read(line), path) == expected
