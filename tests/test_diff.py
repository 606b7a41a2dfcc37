"""``qemuxml diff``: what is the same, and every single mutation of a guest, named where it was made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_cli import run

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
    ("<source bridge='br0'/>", "<source bridge='br1'/>"),
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
    ("cache='none'", "cache='writeback'", "disk vda", "/driver/@cache"),
    ("discard='unmap'", "discard='ignore'", "disk vda", "/driver/@discard"),
    ("type='qcow2'", "type='raw'", "disk vda", "/driver/@type"),
    ("/srv/web.qcow2", "/srv/web2.qcow2", "disk vda", "/source/@file"),
    ("<serial>WEB1", "<serial>WEB2", "disk vda", "/serial"),
    ("dev='vda' bus='virtio'", "dev='vda' bus='scsi'", "disk vda", "/target/@bus"),
    ("dev='sda' bus='sata'", "dev='sda' bus='usb'", "disk sda", "/target/@bus"),
    ("52:54:00:11:22:33", "52:54:00:11:22:34", "interface 52:54:00:11:22:33", "/mac/@address"),
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
