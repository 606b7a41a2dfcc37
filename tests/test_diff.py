"""``qemuxml diff``: what is the same, and every single mutation of a guest, named where it was made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_cli import run

import qemuxml
from qemuxml.compare import compare

GUEST = """<domain type='kvm'>
  <name>web</name>
  <uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>
  <memory unit='KiB'>1048576</memory>
  <vcpu placement='static'>4</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-9.2'>hvm</type>
    <boot dev='hd'/>
  </os>
  <features><acpi/><apic/></features>
  <cpu mode='custom' match='exact' check='none'>
    <model fallback='forbid'>qemu64</model>
    <topology sockets='1' dies='1' cores='2' threads='2'/>
    <feature policy='require' name='aes'/>
    <feature policy='disable' name='svm'/>
  </cpu>
  <clock offset='utc'/>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none' discard='unmap'/>
      <source file='/srv/web.qcow2'/>
      <target dev='vda' bus='virtio'/>
      <serial>WEB1</serial>
    </disk>
    <disk type='file' device='cdrom'>
      <driver name='qemu' type='raw'/>
      <source file='/srv/a.iso'/>
      <target dev='sda' bus='sata'/>
      <readonly/>
    </disk>
    <controller type='usb' model='qemu-xhci'/>
    <controller type='scsi' index='0' model='virtio-scsi'/>
    <interface type='bridge'>
      <mac address='52:54:00:11:22:33'/>
      <source bridge='br0'/>
      <model type='virtio'/>
    </interface>
    <serial type='pty'/>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <input type='tablet' bus='usb'/>
    <graphics type='vnc' port='5901' listen='127.0.0.1'/>
    <video><model type='virtio' heads='1'/></video>
    <watchdog model='itco' action='reset'/>
    <memballoon model='virtio'/>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
  </devices>
</domain>
"""


def differences(first: str, second: str, *ignore: str) -> list[tuple[str, str]]:
    found = compare(first, second, names=("a", "b"), ignore=ignore).differences
    return [(item.subject, item.path) for item in found]


SAME = [
    ("", ""),
    ("<name>web</name>", "<name>web</name><title>Web</title><description>x</description>"),
    ("placement='static'", ""),
    ("<memory unit='KiB'>1048576", "<memory unit='GiB'>1"),
    ("</memory>", "</memory><currentMemory unit='GiB'>1</currentMemory>"),
    ("<serial type='pty'/>", "<serial type='pty'><source path='/dev/pts/7'/></serial>"),
    ("<clock offset='utc'/>", "<clock offset='utc'/><on_crash>restart</on_crash>"),
    ("<model type='virtio'/>", "<model type='virtio'/><alias name='net0'/>"),
    ("<feature policy='require' name='aes'/>\n    <feature policy='disable' name='svm'/>",
     "<feature policy='require' name='aes'/><feature policy='disable' name='svm'/>"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), SAME, ids=str)
def test_what_qemu_is_not_told_is_no_difference(before: str, after: str) -> None:
    assert before in GUEST
    assert not differences(GUEST, GUEST.replace(before, after, 1))


MUTATIONS = [
    ("<memory unit='KiB'>1048576", "<memory unit='KiB'>2097152", "guest", "/memory"),
    (">4</vcpu>", " current='2'>4</vcpu>", "guest", "/vcpu/@current"),
    ("pc-q35-9.2", "pc-q35-9.1", "guest", "/os/type/@machine"),
    ("<apic/>", "<apic/><vmport state='off'/>", "guest", "/features/vmport/@state"),
    ("<acpi/>", "", "guest", "/features/acpi"),
    (">qemu64<", ">Nehalem<", "guest", "/cpu/model"),
    ("cores='2' threads='2'", "cores='4' threads='1'", "guest", "/cpu/topology/@cores"),
    ("sockets='1' dies='1' cores='2'", "sockets='2' dies='1' cores='1'", "guest", "/cpu/topology/@sockets"),
    ("policy='require' name='aes'", "policy='disable' name='aes'", "guest", "/cpu/feature[@name='aes']/@policy"),
    ("<feature policy='disable' name='svm'/>", "", "guest", "/cpu/feature[@name='svm']/@policy"),
    ("offset='utc'", "offset='localtime'", "guest", "/clock/@offset"),
    ("<domain type='kvm'", "<domain type='qemu'", "guest", "/@type"),
    ("<name>web<", "<name>web2<", "guest", "/name"),
    ("c7a5fdbd-", "c7a5fdbe-", "guest", "/uuid"),
    ("</memory>", "</memory><currentMemory unit='KiB'>524288</currentMemory>", "guest", "/currentMemory"),
    ("cache='none'", "cache='writeback'", "disk vda", "/driver/@cache"),
    ("cache='none' ", "", "disk vda", "/driver/@cache"),
    ("<serial>WEB1", "<iotune><read_iops_sec>100</read_iops_sec></iotune><serial>WEB1", "disk vda", "/iotune/read_iops_sec"),
    ("<boot dev='hd'/>", "<boot dev='cdrom'/><boot dev='hd'/>", "guest", "/os/boot[1]/@dev"),
    ("<serial type='pty'/>", "<serial type='unix'><source mode='bind' path='/a'/></serial>", "serial pty", "/@type"),
    ("model='qemu-xhci'/>", "model='qemu-xhci'><address type='pci' bus='0' slot='9'/></controller>", "controller usb 0",
     "/address/@slot"),
    ("discard='unmap'", "discard='ignore'", "disk vda", "/driver/@discard"),
    ("type='qcow2'", "type='raw'", "disk vda", "/driver/@type"),
    ("/srv/web.qcow2", "/srv/web2.qcow2", "disk vda", "/source/@file"),
    ("<serial>WEB1", "<serial>WEB2", "disk vda", "/serial"),
    ("dev='vda' bus='virtio'", "dev='vda' bus='scsi'", "disk vda", "/target/@bus"),
    ("dev='sda' bus='sata'", "dev='sda' bus='usb'", "disk sda", "/target/@bus"),
    ("52:54:00:11:22:33", "52:54:00:11:22:34", "interface 52:54:00:11:22:33", "/mac/@address"),
    ("<source bridge='br0'/>", "<source bridge='br1'/>", "interface 52:54:00:11:22:33", "/source/@bridge"),
    ("<model type='virtio'/>", "<model type='e1000e'/>", "interface 52:54:00:11:22:33", "/model/@type"),
    ("<source bridge='br0'/>", "<source bridge='br0'/><address type='pci' bus='0' slot='9'/>", "interface 52:54:00:11:22:33",
     "/address/@slot"),
    ("qemu-xhci", "ich9-ehci1", "controller usb 0", "/@model"),
    ("org.qemu.guest_agent.0", "org.qemu.guest_agent.1", "channel org.qemu.guest_agent.0", "/target/@name"),
    ("type='tablet'", "type='mouse'", "input usb tablet", "/@type"),
    ("port='5901'", "port='5902'", "graphics vnc", "/@port"),
    ("type='virtio' heads='1'", "type='qxl' heads='1'", "video virtio", "/model/@type"),
    ("<watchdog model='itco' action='reset'/>", "<watchdog model='itco' action='poweroff'/>", "watchdog itco", "/@action"),
    ("/dev/urandom", "/dev/random", "rng virtio", "/backend"),
    ("<memballoon model='virtio'/>", "<memballoon model='none'/>", "memballoon virtio", "/@model"),
    ("<serial type='pty'/>", "", "serial pty", ""),
    ("<serial type='pty'/>", "<serial type='pty'/><sound model='ich9'/>", "sound ich9", ""),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "subject", "path"), MUTATIONS, ids=str)
def test_a_mutation_is_named(before: str, after: str, subject: str, path: str) -> None:
    assert before in GUEST
    found = differences(GUEST, GUEST.replace(before, after, 1))
    assert (subject, path) in found


LINE = "/usr/bin/qemu-system-x86_64 -name a -m 512"
BLOCK = "-blockdev driver=file,filename=/a,node-name=f -blockdev driver=qcow2,file=f,node-name={} -device virtio-blk-pci,drive={}"
BLOCK_JSON = (
    """-blockdev '{"driver":"qcow2","node-name":"x","file":{"driver":"file","filename":"/a"}}' -device virtio-blk,drive=x"""
)
SCSI = "-device virtio-scsi-pci,id={0} -drive if=none,file=/a,id=d,format=raw -device scsi-hd,bus={0}.0,drive=d"
PORT = "-M q35 -netdev user,id=n -device pcie-root-port,id={0},chassis=1 -device e1000e,netdev=n,bus={0}"
RNG = "-object rng-random,id={0},filename=/dev/urandom -device virtio-rng-pci,rng={0}"

WRITTEN_OTHERWISE = [
    ("-smp 2 -hda /a.img", "-hda /a.img -smp cpus=2"),
    ("-m 1G", "-m size=1024"),
    ("-enable-kvm -M q35", "-machine type=q35 -accel kvm"),
    ("-M q35,accel=kvm,smm=off", "-M q35 -machine smm=off -enable-kvm"),
    ("-hda /a.img", "-drive file=/a.img,if=ide,index=0,media=disk"),
    ("-cdrom /a.iso", "-drive if=ide,index=2,media=cdrom,file=/a.iso"),
    ("-drive file=/a,if=virtio,format=qcow2", "-drive if=none,id=d,file=/a,format=qcow2 -device virtio-blk-pci,drive=d"),
    ("-drive file=/a,if=none,id=d,format=qcow2 -device virtio-blk,drive=d", BLOCK.format("g", "g")),
    (BLOCK.format("g", "g"), BLOCK.format("h", "h")),
    (BLOCK.format("g", "g"), BLOCK_JSON),
    ("-drive file=/a,format=raw", "-drive file=/a,format=raw,cache=writeback"),
    ("-nic user,model=e1000", "-netdev user,id=n -device e1000,netdev=n"),
    ("-net nic -net user", ""),
    ("-nic none -usbdevice tablet", "-net none -usb -device usb-tablet"),
    ("-cpu qemu64,+aes,-svm", "-cpu qemu64,svm=off,aes=on"),
    ("-cpu qemu64,hv_relaxed", "-cpu qemu64,hv-relaxed=true"),
    ("-balloon virtio,addr=7", "-device virtio-balloon-pci,addr=0x7"),
    ("-watchdog i6300esb -watchdog-action poweroff", "-device i6300esb -action watchdog=poweroff"),
    ("-no-acpi", "-machine acpi=off"),
    ("-serial stdio", "-chardev pty,id=c -serial chardev:c"),
    (SCSI.format("s"), SCSI.format("t")),
    (PORT.format("a"), PORT.format("b")),
    (RNG.format("a"), RNG.format("b")),
    ("-device vfio-pci,host=01:00.0", "-device vfio-pci,host=0000:01:00.0"),
    ("-netdev tap,id=n,fd=3 -device e1000,netdev=n", "-device e1000,netdev=n -netdev tap,fd=17,id=n"),
]


@pytest.mark.parametrize(("one", "other"), WRITTEN_OTHERWISE, ids=str)
def test_hardware_may_be_written_in_many_ways(one: str, other: str) -> None:
    assert not differences(f"{LINE} {one}", f"{LINE} {other}")


IN_LINES = [
    ("-device virtio-net,netdev=n,foo=1 -netdev user,id=n", "foo=1", "foo=2", "guest",
     "/qemu:override/qemu:device[@alias='net0']/qemu:frontend/qemu:property[@name='foo']/@value"),
    ("-netdev bridge,id=n,br=br0 -device e1000,netdev=n", "br0", "br7", "interface 52:54:00:12:34:56", "/source/@bridge"),
    ("-nic user,hostfwd=tcp::2222-:22", "2222", "2223", "interface 52:54:00:12:34:56", "/portForward/range/@start"),
    ("-nic user,mac=52:54:00:00:00:01", "00:01", "00:02", "interface 52:54:00:00:00:01", "/mac/@address"),
    ("-device e1000,netdev=n,addr=7 -netdev user,id=n", "addr=7", "addr=8", "interface 52:54:00:12:34:56", "/address/@slot"),
    ("-serial file:/tmp/one", "one", "two", "serial file", "/source/@path"),
    ("-drive file=/a,if=virtio,format=raw", "if=virtio", "if=ide", "disk vda", "/target/@bus"),
    ("-device ich9-intel-hda -device hda-duplex", "duplex", "micro", "sound ich9", "/codec/@type"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "before", "after", "subject", "path"), IN_LINES, ids=str)
def test_a_mutation_of_a_line_is_named(line: str, before: str, after: str, subject: str, path: str) -> None:
    assert before in line
    first, second = f"{LINE} {line}", f"{LINE} {line.replace(before, after)}"
    assert (subject, path) in differences(first, second)
    # A line that libvirt made says less than XML does, and both sides of this one are known.
    assert (subject, path) in differences(first, qemuxml.from_native(second))


def test_what_boots_first_may_be_said_of_the_device_or_of_the_guest() -> None:
    """Though something else differs."""
    by_device = GUEST.replace("<boot dev='hd'/>", "").replace("<serial>WEB1", "<boot order='1'/><serial>WEB1")
    other = by_device.replace("cache='none'", "cache='unsafe'")
    assert not differences(GUEST, by_device)
    assert differences(GUEST, other) == [("disk vda", "/driver/@cache")]


def test_a_card_that_moves_is_the_same_card() -> None:
    """Though another one takes its place: a person knows them by their MAC addresses."""
    card = "-device e1000,netdev=n{0},mac=52:54:00:00:00:0{0},addr={1} -netdev user,id=n{0}"
    line, placed = (f"{LINE} {card.format(1, slot)} {card.format(2, other)}" for slot, other in ((5, 6), (6, 5)))
    assert differences(line, placed) == [
        ("interface 52:54:00:00:00:01", "/address/@slot"),
        ("interface 52:54:00:00:00:02", "/address/@slot"),
    ]


def test_a_name_of_the_users_own_says_nothing_but_where_it_is_spoken_of() -> None:
    override = """<qemu:override xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
        <qemu:device alias='ua-{}'>
        <qemu:frontend>
        <qemu:property name='logical_block_size' type='unsigned' value='{}'/></qemu:frontend></qemu:device></qemu:override>"""

    def guest(alias: str, size: int) -> str:
        named = GUEST.replace("<serial>WEB1", f"<alias name='ua-{alias}'/><serial>WEB1")
        return named.replace("</devices>", f"</devices>{override.format(alias, size)}")

    assert not differences(guest("a", 4096), guest("b", 4096))
    assert differences(guest("a", 4096), guest("b", 512)) == [
        (
            "guest",
            "/qemu:override/qemu:device[@alias='virtio-disk0']/qemu:frontend/qemu:property[@name='logical_block_size']/@value",
        )
    ]


TPM = "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"
ICH9 = """<controller type='usb' index='0' model='ich9-{}'><master startport='{}'/><address type='pci' slot='4' function='{}'/>
</controller>"""
BESIDE = [
    ("<rng ", f"{TPM}<rng ", "2.0", "1.2", "tpm tpm-crb", "/backend/@version"),
    ("<controller type='usb' model='qemu-xhci'/>", ICH9.format("ehci1", 0, 7).replace("<master startport='0'/>", "")
     + ICH9.format("uhci1", 0, 0) + ICH9.format("uhci2", 2, 1), "startport='2'", "startport='4'",
     "controller usb 0", "/master/@startport"),
    ("<rng ", "<sound model='ich9'><audio id='1'/></sound><audio id='1' type='none'/><rng ", "type='none'", "type='alsa'",
     "audio none", "/@type"),
    ("<rng ", "<redirdev bus='usb' type='spicevmc'/><redirfilter><usbdev class='0x08' allow='yes'/></redirfilter><rng ",
     "class='0x08'", "class='0x09'", "redirfilter", "/usbdev/@class"),
    ("type='pty'/>", "type='file'><source path='/srv/port1'/></serial>", "port1", "port2", "serial file", "/source/@path"),
    ("<source bridge='br0'/>", "<source bridge='br0'/><vlan><tag id='4'/></vlan>", "'4'", "'5'",
     "interface 52:54:00:11:22:33", "/vlan/tag/@id"),
]  # fmt: skip


@pytest.mark.parametrize("mutation", BESIDE, ids=str)
def test_what_other_devices_or_libvirt_itself_do_is_named(mutation: tuple[str, ...]) -> None:
    place, added, before, after, *named = mutation
    assert place in GUEST
    first = GUEST.replace(place, added, 1)
    assert tuple(named) in differences(first, first.replace(before, after, 1))
    assert not differences(first, first)


def test_a_host_model_may_be_any_model() -> None:
    first, end = GUEST.split("  <cpu ")
    host = f"{first}  <cpu mode='host-model'><topology sockets='1' dies='1' cores='2' threads='2'/>{end[end.index('</cpu>') :]}"
    assert not differences(GUEST, host)
    assert differences(host, host.replace("</cpu>", "<feature policy='disable' name='svm'/></cpu>"))
    assert ("guest", "/cpu/topology/@cores") in differences(GUEST, host.replace("cores='2' threads='2'", "cores='4' threads='1'"))


HOSTDEV = """<interface type='hostdev'><mac address='52:54:00:00:00:01'/><source>
<address type='pci' domain='0' bus='5' slot='0' function='0'/></source></interface><serial type='pty'/>"""


def test_the_mac_of_a_card_of_the_hosts_counts() -> None:
    guest = GUEST.replace("<serial type='pty'/>", HOSTDEV)
    other = guest.replace("52:54:00:00:00:01", "52:54:00:00:00:02")
    assert differences(guest, other) == [("interface 52:54:00:00:00:01", "/mac/@address")]


VNC = "<graphics type='vnc' port='5901' listen='127.0.0.1'/>"
LEFT_TO_THE_HOST = [
    ("<graphics type='vnc' port='5901'", "<graphics type='vnc' autoport='yes'"),
    (VNC, "<graphics type='vnc'><listen type='socket'/></graphics>",
     "<graphics type='vnc'><listen type='socket' socket='/var/lib/libvirt/qemu/domain-1-a,b/vnc.sock'/></graphics>"),
    (VNC, "<graphics type='egl-headless'/>", "<graphics type='egl-headless'><gl rendernode='/dev/dri/renderD129'/></graphics>"),
    ("<os>", "<numatune><memory mode='strict' placement='auto'/></numatune><os>",
     "<numatune><memory mode='strict' nodeset='0-1'/></numatune><os>"),
    ("</devices>", "<vsock><cid auto='yes'/></vsock></devices>", "<vsock><cid address='42'/></vsock></devices>"),
]  # fmt: skip


@pytest.mark.parametrize("texts", LEFT_TO_THE_HOST, ids=str)
def test_what_a_guest_leaves_to_its_host_may_be_anything(texts: tuple[str, ...]) -> None:
    place, left = texts[:2]
    named = texts[2] if len(texts) > 2 else place
    assert place in GUEST
    first, second = GUEST.replace(place, left, 1), GUEST.replace(place, named, 1)
    assert not differences(first, second)
    assert not differences(second, first)


@pytest.mark.parametrize(
    ("before", "after", "ignore"),
    [
        ("<name>web<", "<name>web2<", "identity"),
        ("c7a5fdbd-", "c7a5fdbe-", "identity"),
        ("52:54:00:11:22:33", "52:54:00:11:22:34", "identity"),
        ("/srv/web.qcow2", "/srv/web2.qcow2", "host"),
        ("type='file' device='disk'>", "type='block' device='disk'>", "host"),
        ("port='5901'", "port='5902'", "host"),
        ("<graphics type='vnc' port='5901' listen='127.0.0.1'/>", "", "host"),
        ("<serial type='pty'/>", "<serial type='file'><source path='/tmp/s'/></serial>", "host"),
        ("<interface type='bridge'>", "<interface type='user'>", "host"),
        ("/usr/bin/qemu-system-x86_64", "/opt/qemu", "host"),
    ],
)
def test_what_is_ignored_is_no_difference(before: str, after: str, ignore: str) -> None:
    assert before in GUEST
    mutated = GUEST.replace(before, after, 1)
    if "type='block'" in after:
        mutated = mutated.replace("file='/srv/web.qcow2'", "dev='/dev/vg/web'")
    assert differences(GUEST, mutated)
    assert not differences(GUEST, mutated, ignore)


def test_a_disk_more_is_one_difference() -> None:
    placed = GUEST.replace("<target dev='vda' bus='virtio'/>", "<target dev='vda' bus='virtio'/><address type='pci' slot='4'/>")
    second = placed.replace("<interface type='bridge'>", "<disk type='file' device='disk'><source file='/b'/><target dev='vdb' "
                            "bus='virtio'/><address type='pci' slot='5'/></disk><interface type='bridge'>")  # fmt: skip
    assert differences(placed, second) == [("disk vdb", "")]


# ------------------------------------------------------------------ the command


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    first, second = tmp_path / "a.xml", tmp_path / "b.xml"
    first.write_text(GUEST, encoding="utf-8")
    second.write_text(GUEST.replace("cache='none'", "cache='writeback'").replace("<serial type='pty'/>", ""), encoding="utf-8")
    return first, second


def test_the_same_is_silent(two: tuple[Path, Path]) -> None:
    for form in ([], ["-u"]):
        result = run("diff", *form, two[0], two[0])
        assert (result.exit_code, result.output) == (0, "")


def test_the_difference_is_told(two: tuple[Path, Path]) -> None:
    result = run("diff", *two)
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.splitlines()[:5] == [
        f"--- {two[0]}",
        f"+++ {two[1]}",
        "@ disk vda",
        "-   driver/@cache none",
        "+   driver/@cache writeback",
    ]
    assert "\n- serial pty: @type=pty" in result.stdout


def test_the_unified_difference_is_of_xml(two: tuple[Path, Path]) -> None:
    lines = run("diff", "-u", *two).stdout.splitlines()
    assert lines[:2] == [f"--- {two[0]}", f"+++ {two[1]}"]
    assert any(line.startswith("-") and "cache='none'" in line for line in lines)


def test_the_difference_for_programs(two: tuple[Path, Path]) -> None:
    result = run("diff", "--json", *two)
    made = json.loads(result.stdout)
    assert (result.exit_code, made["same"]) == (1, False)
    assert made["differences"][0] == {"subject": "disk vda", "path": "/driver/@cache", "first": "none", "second": "writeback"}
    assert json.loads(run("diff", "--json", two[0], two[0]).stdout)["same"] is True


def test_colour_is_for_terminals(two: tuple[Path, Path]) -> None:
    assert "\x1b[31m" not in run("diff", *two).stdout
    assert "\x1b[31m-   driver/@cache none\x1b[0m" in run("diff", "--color", "always", *two).stdout


def test_trouble_is_status_2(two: tuple[Path, Path]) -> None:
    assert run("diff", two[0], "nowhere").exit_code == 2
    assert run("diff", "-", "-").exit_code == 2
    result = run("diff", two[0], "-", stdin="<domain")
    assert result.exit_code == 2
    assert "<stdin>:1: /: error: not well-formed" in result.stderr


def test_a_guest_that_cannot_be_is_trouble(two: tuple[Path, Path]) -> None:
    at = "<target dev='fda' bus='fdc'/><boot order='1'/><address type='pci' slot='9'/>"
    text = GUEST.replace("<boot dev='hd'/>", "").replace("<devices>", f"<devices><disk type='file' device='floppy'>{at}</disk>")
    result = run("diff", two[0], "-", stdin=text)
    assert result.exit_code == 2
    assert "<address type='pci'>: not for fda" in result.stderr


def test_a_command_line_is_compared_with_its_xml(tmp_path: Path) -> None:
    line = "qemu-system-x86_64 -M pc -m 512 -name a -hda /a.img -boot d"
    (tmp_path / "run.sh").write_text(line, encoding="utf-8")
    xml = run("from-native", tmp_path / "run.sh").stdout
    assert run("diff", tmp_path / "run.sh", "-", stdin=xml).exit_code == 0
    result = run("diff", tmp_path / "run.sh", "-", stdin=xml.replace("524288", "1048576"))
    assert result.exit_code == 1
    assert "+   memory 1048576" in result.stdout
