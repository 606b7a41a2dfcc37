"""What libvirt 11.3 makes of values at their edge: 0 that says nothing, sizes that are rounded, attributes of another model."""

from __future__ import annotations

import pytest

from qemuxml import to_native

GUEST = """<domain type='qemu'><name>g</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>{memory}
<os><type arch='x86_64' machine='{machine}'>hvm</type></os>{parts}<devices>{devices}</devices></domain>"""
DISK = "<disk type='file'><source file='/a'/><target dev='{}' bus='{}'/>{}</disk>"
SERIAL = "<serial type='pty'>{}</serial>"
CHANNEL = "<channel type='pty'><target type='virtio' name='a'/><address type={}/></channel>"
AGENT = "<rng model='virtio'><backend model='egd' type='spicevmc'/></rng><graphics type='spice'/>"
_VSCSI = "".join(f"<controller type='scsi' index='{number}' model='ibmvscsi'/>" for number in (0, 1))
DIMMS = "<maxMemory slots='4'>4194304</maxMemory><cpu><numa><cell id='0' cpus='0' memory='1048576'/></numa></cpu>"
MODULE = "<memory model='{}'><source><path>/x</path><pmem/></source><target><size>262144</size>{}</target></memory>"


def line(devices: str, machine: str = "pc", parts: str = "") -> str:
    """The line of a guest with these devices."""
    memory = "" if "<memory" in parts else "<memory>1048576</memory>"
    return to_native(GUEST.format(machine=machine, devices=devices, parts=parts, memory=memory), plumbing="libvirt")


@pytest.mark.parametrize(
    ("machine", "parts", "devices", "expected"),
    [
        ("pc", "", SERIAL.format("<address type='isa' irq='4'/>"), '"iobase":0,"irq":4'),
        ("pc", "", "<panic model='isa'><address type='isa'/></panic>", '"driver":"pvpanic","ioport":0'),
        ("pc", "", "<serial type='pty'/><console type='pty'><target type='virtio'/></console>", '"id":"console1"'),
        ("pc", "", CHANNEL.format("'usb' bus='0'"), '"bus":"virtio-serial0.0","nr":1'),
        ("pc", "", CHANNEL.format("'virtio-serial' bus='1' port='0'"), '"nr":1'),
        ("pc", "", CHANNEL.format("'virtio-serial' bus='1' port='3'"), '"bus":"virtio-serial0.1","nr":3'),
        ("pc", "", AGENT, "spicevmc,id=charrng0,name=vdagent"),
        ("pc", "", "<input type='tablet' bus='usb'><address type='usb' bus='0' port='0'/></input>", '"bus":"usb.0","port":"1"'),
        ("pc", "", "<controller type='usb' index='1' model='qemu-xhci'/>", '"driver":"piix3-usb-uhci","id":"usb"'),
        ("pc", "", "<video><model type='qxl' ram='0' vram='3000' vgamem='0' vram64='3000'/></video>",
         '"ram_size":67108864,"vram_size":4194304,"vram64_size_mb":2,"vgamem_mb":16'),
        ("pc", "", "<video><model type='vga' vram='5000'/></video>", '"vgamem_mb":8'),
        ("pc", "", "<video><model type='bochs' vram='5000'/></video>", '"vgamem":8388608'),
        ("pc", "", DISK.format("hda", "ide", "<product>abc</product>"), '"model":"abc"'),
        ("pc", "", DISK.format("hda", "ide", "<wwn>0x5000c50015ea71ac</wwn>"), f'"wwn":{0x5000C50015EA71AC}'),
        ("pc", DIMMS, MODULE.format("virtio-pmem", ""), '"mem-path":"/x","share":true'),
        ("pc", "<clock><timer name='pit'/></clock>", "", "kvm-pit.lost_tick_policy=delay"),
        ("pc", "<cpu><model>qemu64</model><feature name='pconfig'/></cpu>", "", "pconfig=on"),
        ("pc", "", "<controller type='pci' index='1' model='pci-bridge'><target memReserve='4'/></controller>",
         '"mem-reserve":4096'),
        ("pc", "", "<console type='pty'><alias name='ua-x'/></console>", '"isa-serial","chardev":"charua-x","id":"ua-x"'),
        ("pc", "", "<shmem name='s' role='master'><model type='ivshmem-doorbell'/><server path='/x'/></shmem>",
         '"id":"shmem0","chardev":"charshmem0","ioeventfd":true,"bus"'),
        ("pc", "", "<filesystem><source socket='/x'/><target dir='t'/></filesystem>", "-fsdev local,id=fsdev-fs0"),
        ("pc", "", "<graphics type='vnc' passwd=''/>", "password=on"),
        ("pc", "<memtune><min_guarantee>0</min_guarantee></memtune>", "", "-machine pc"),
        ("pc", "", "<sound model='usb' streams='0x1'/>", '"driver":"usb-audio","id":"sound0"'),
        ("pc", "", "<sound model='virtio' streams='010'/>", '"streams":10'),
        ("pc", "<features><vmport/></features>", "", "vmport=on"),
        ("pc", "<features><pvspinlock/></features>", "", "kvm-pv-unhalt=on"),
        ("pc", "<vcpu current='9'>2</vcpu><vcpus><vcpu id='0' enabled='yes' hotpluggable='no'/></vcpus>", "", "-smp 1,maxcpus=2"),
    ],
)  # fmt: skip
def test_written(machine: str, parts: str, devices: str, expected: str) -> None:
    """What stands on the line."""
    assert expected in line(devices, machine, parts)


@pytest.mark.parametrize(
    ("machine", "parts", "devices", "absent"),
    [
        ("pc", "", "<parallel type='pty'><address type='isa' iobase='0x378'/></parallel>", "iobase"),
        (
            "pc",
            "",
            "<controller type='scsi' model='virtio-scsi'><driver queues='0' cmd_per_lun='0'/></controller>",
            "cmd_per_lun",
        ),
        ("q35", "", "<iommu model='intel'><driver aw_bits='0'/></iommu>", "aw-bits"),
        ("pc", "", DISK.format("hda", "ide", "<geometry cyls='5' heads='0' secs='6'/>"), "heads"),
        ("pc", "", DISK.format("vda", "virtio", "<blockio logical_block_size='0'/>"), "logical_block_size"),
        ("pc", "", DISK.format("vda", "virtio", "<boot order='1' loadparm='A'/>"), "loadparm"),
        ("pc", "", "<video><model type='virtio' heads='0'/></video>", "max_outputs"),
        ("pc", DIMMS, MODULE.format("dimm", "<node>0</node><readonly/><block>1024</block>"), "block-size"),
        ("pc", DIMMS, MODULE.format("dimm", "<node>0</node>"), "pmem"),
        ("q35", "<features><smm state='off'><tseg>48</tseg></smm></features>", "", "tseg"),
        ("pc", "", DISK.format("vda", "virtio", "<acpi/>"), "acpi-index"),
        ("pc", "", "<controller type='usb' index='1' model='none'/>", "uhci"),
        ("pc", "", SERIAL.format("<source><reconnect/></source>"), "reconnect"),
    ],
)
def test_not_written(machine: str, parts: str, devices: str, absent: str) -> None:
    """What says nothing, or nothing that this model hears."""
    assert absent not in line(devices, machine, parts)


@pytest.mark.parametrize(
    ("arch", "machine", "parts", "devices", "expected"),
    [
        ("aarch64", "virt", "", "<sound model='pcspk'/>", "pcspk-audiodev=audio1"),
        ("s390x", "s390-ccw-virtio", "", "<watchdog model='i6300esb'/>", '"driver":"i6300esb","id":"watchdog0"'),
        ("ppc64", "pseries", "", "<panic model='pvpanic'/>", '"driver":"pvpanic-pci","bus":"pci.0"'),
        ("s390x", "s390-ccw-virtio", "<pm/>", "", "-machine s390-ccw-virtio"),
        ("aarch64", "virt", "<clock offset='utc'><timer name='tsc' present='no'/></clock>", "", "-rtc base=utc"),
        ("ppc64", "pseries", "<clock offset='utc'><timer name='kvmclock' present='no'/></clock>", "", "-rtc base=utc"),
        ("s390x", "s390-ccw-virtio", "<cpu mode='maximum' migratable='on'/>", "", "-cpu max -m"),
        ("ppc64", "pseries", "", _VSCSI + "<nvram/>", "spapr-nvram.reg=0x4000"),
    ],
)  # fmt: skip
def test_written_for_other_boards(arch: str, machine: str, parts: str, devices: str, expected: str) -> None:
    """What libvirt leaves to QEMU: it hands it over, whatever the board."""
    guest = GUEST.replace("arch='x86_64'", f"arch='{arch}'")
    xml = guest.format(machine=machine, devices=devices, parts=parts, memory="<memory>1048576</memory>")
    assert expected in to_native(xml, plumbing="libvirt")


def test_a_shim_comes_before_the_device_tree() -> None:
    """Whatever their order in the XML."""
    guest = GUEST.format(machine="pc", devices="", parts="", memory="<memory>1048576</memory>")
    made = to_native(guest.replace("</os>", "<kernel>/k</kernel><dtb>/d</dtb><shim>/s</shim></os>"), plumbing="libvirt")
    assert "-kernel /k -shim /s -dtb /d" in made
