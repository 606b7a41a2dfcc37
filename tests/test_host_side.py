"""The host's side of a guest that was started by hand: forwarded ports, formats of images, folders."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from test_cli import run

import qemuxml
from qemuxml import convert
from qemuxml.cli.images import first_bytes
from qemuxml.common import imageformat
from qemuxml.common.blockgraph import FORMATS
from qemuxml.mapping.wishes import HOSTFWD, Wishes

QEMU = "/usr/bin/qemu-system-x86_64 -m 512 "
CARD = " -device e1000,netdev=n"


def made(line: str, profile: str = "modern", **wished: Any) -> convert.Conversion:
    return convert.from_native(QEMU + line, name="t", profile=profile, base_dir="/vm", wishes=Wishes(**wished))


def notes(conversion: convert.Conversion) -> str:
    return "\n".join(note.message for note in conversion.notes)


def tree(conversion: convert.Conversion) -> Any:
    return etree.fromstring(conversion.text.encode())


def passed(conversion: convert.Conversion) -> list[str]:
    commandline = conversion.domain.commandline
    return [arg.value or "" for arg in commandline.args] if commandline else []


# ------------------------------------------------------------------ --hostfwd

NETWORKS = {
    "netdev": "-netdev user,id=n,{}" + CARD,
    "json": '-netdev \'{{"type":"user","id":"n","hostfwd":[{{"str":"tcp::2222-:22"}}]}}\'' + CARD,
    "net": "-net nic -net user,{}",
    "nic": "-nic user,model=e1000,{}",
    "redir": "-net nic -net user -redir tcp:2222::22",
    "redir alone": "-redir tcp:2222::22",
}
every_network = pytest.mark.parametrize(
    "line", [text.format("hostfwd=tcp::2222-:22") for text in NETWORKS.values()], ids=NETWORKS
)


def card(conversion: convert.Conversion) -> tuple[str, ...]:
    """What the guest sees of its only network card."""
    (found,) = tree(conversion).findall("devices/interface")
    return found.get("type"), found.find("mac").get("address"), found.find("model").get("type"), found.find("address").get("slot")


@every_network
def test_the_card_is_the_same_whichever_is_wished(line: str) -> None:
    assert {card(made(line, hostfwd=wish)) for wish in HOSTFWD} == {("user", "52:54:00:12:34:56", "e1000", "0x03")}


@every_network
def test_by_passt(line: str) -> None:
    root = tree(made(line))
    assert root.find("devices/interface/backend").get("type") == "passt"
    (forward,) = root.findall("devices/interface/portForward")
    assert (forward.get("proto"), forward.get("address"), dict(forward[0].attrib)) == ("tcp", None, {"start": "2222", "to": "22"})
    assert passed(made(line)) == []


@every_network
def test_passed_through(line: str) -> None:
    conversion = made(line, hostfwd="passthrough")
    option, value = passed(conversion)
    assert option == "-netdev"
    assert "tcp::2222-:22" in value
    assert tree(conversion).find("devices/interface/backend") is None
    identifier = re.search(r"id\W+([\w-]+)", value)
    plugged = tree(conversion).find(".//{*}property[@name='netdev']")
    assert identifier
    assert plugged.get("value") == identifier[1]


@every_network
def test_dropped(line: str) -> None:
    conversion = made(line, hostfwd="drop")
    assert tree(conversion).find("devices/interface/portForward") is None
    assert passed(conversion) == []
    assert notes(conversion).count("no port of the host leads there any more") == 1


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ("hostfwd=udp::53-:5353", ["udp - 53 5353"]),
        ("hostfwd=tcp:127.0.0.1:80-10.0.2.15:80", ["tcp 127.0.0.1 80 -"]),
        ("hostfwd=:127.0.0.1:80-0.0.0.0:80", ["tcp 127.0.0.1 80 -"]),
        ("hostfwd=tcp:[::1]:80-:80", ["tcp ::1 80 -"]),
        ("hostfwd=tcp::1-:2,hostfwd=udp::3-:4", ["tcp - 1 2", "udp - 3 4"]),
        ("net=192.168.76.0/24,hostfwd=tcp::1-192.168.76.15:2", ["192.168.76.15/24", "tcp - 1 2"]),
        ("net=172.20.0.0/255.255.0.0,hostfwd=tcp::1-:2", ["172.20.2.15/16", "tcp - 1 2"]),
        ("dhcpstart=10.0.2.40,hostfwd=tcp::1-10.0.2.40:2", ["10.0.2.40/24", "tcp - 1 2"]),
    ],
)
def test_what_passt_is_told(network: str, expected: list[str]) -> None:
    interface = tree(made(f"-netdev user,id=n,{network}{CARD}")).find("devices/interface")
    addresses = [f"{ip.get('address')}/{ip.get('prefix')}" for ip in interface.findall("ip")]
    forwards = [
        " ".join(item or "-" for item in (one.get("proto"), one.get("address"), one[0].get("start"), one[0].get("to")))
        for one in interface.findall("portForward")
    ]
    assert addresses + forwards == expected


@pytest.mark.parametrize(
    ("network", "why"),
    [
        ("hostfwd=tcp::0-:22", "port 0 is any free port of the host"),
        ("hostfwd=tcp::2222-10.0.2.20:22", "it hands ports to the guest's own address, which is 10.0.2.15"),
        ("net=10.1.0.0/16,hostfwd=tcp::1-10.0.2.15:2", "which is 10.1.2.15"),
        ("ipv6-prefix=fd00::,hostfwd=tcp::1-:2", "the guest's address in its network would be another"),
        ("net=10.1.0.0,hostfwd=tcp::1-:2", "the guest's address in its network would be another"),
    ],
)
def test_what_passt_cannot_do_stays_as_it_is(network: str, why: str) -> None:
    conversion = made(f"-netdev user,id=n,{network}{CARD}")
    assert passed(conversion) == ["-netdev", f"user,id=n,{network}"]
    assert why in notes(conversion)


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ("tcp-ports=2222:22", ["tcp - - 2222 - 22"]),
        ("tcp-ports=192.0.2.1%eth0/22-80:32-90,,~25", ["tcp 192.0.2.1 eth0 22 80 32", "tcp 192.0.2.1 eth0 25 - - not"]),
        ("udp-ports=53,udp-ports=%eth0/67", ["udp - - 53 - -", "udp - eth0 67 - -"]),
        ("tcp-ports=all", ["tcp - -"]),
        ("tcp-ports=none", []),
        ("tcp-ports=[::1]/22", ["tcp ::1 - 22 - -"]),
    ],
)
def test_passt_that_qemu_starts(network: str, expected: list[str]) -> None:
    conversion = made(f"-netdev passt,id=n,address=192.168.0.7,netmask=255.255.255.0,interface=eth1,{network}{CARD}")
    interface = tree(conversion).find("devices/interface")
    assert (interface.get("type"), interface.find("backend").get("type")) == ("user", "passt")
    assert dict(interface.find("ip").attrib) == {"family": "ipv4", "address": "192.168.0.7", "prefix": "24"}
    assert interface.find("source").get("dev") == "eth1"
    told = []
    for forward in interface.findall("portForward"):
        place = [forward.get("proto"), forward.get("address") or "-", forward.get("dev") or "-"]
        ranges = [
            [item.get(name) or "-" for name in ("start", "end", "to")] + ["not"] * ("exclude" in item.attrib) for item in forward
        ]
        told += [" ".join(place + numbers) for numbers in ranges or [[]]]
    assert told == expected
    assert passed(conversion) == []


@pytest.mark.parametrize("network", ["tcp-ports=auto", "dns=1.1.1.1", "tcp-ports=70000", "tcp-ports=0", "tcp-ports=a"])
def test_passt_without_a_word_stays_as_it_is(network: str) -> None:
    assert passed(made(f"-netdev passt,id=n,{network}{CARD}")) == ["-netdev", f"passt,id=n,{network}"]


def test_other_options_of_user_networking_keep_the_network_as_it_is() -> None:
    assert passed(made(f"-netdev user,id=n,tftp=/srv,hostfwd=tcp::1-:2{CARD}"))[0] == "-netdev"


def test_low_ports_may_not_be_opened() -> None:
    assert "port 80: libvirt starts passt without privileges" in notes(made(f"-netdev user,id=n,hostfwd=tcp::80-:80{CARD}"))


@pytest.mark.parametrize("forward", ["tcp:host:1-:2", "tcp::1-:0", "tcp::70000-:2", "tcp:1.2.3.999:1-:2", "22"])
def test_what_qemu_refuses(forward: str) -> None:
    with pytest.raises(qemuxml.CommandLineError, match="hostfwd: "):
        made(f"-netdev user,id=n,hostfwd={forward}{CARD}")


def test_a_wish_that_nobody_can_grant() -> None:
    with pytest.raises(qemuxml.UnsupportedError, match="passt, passthrough, drop"):
        qemuxml.from_native(QEMU, hostfwd="vde")


def test_the_exact_address_of_passt_comes_back() -> None:
    xml = made("-netdev user,id=n,dhcpstart=10.0.2.40,hostfwd=tcp::1000-:2" + CARD).text
    back = qemuxml.from_native(qemuxml.to_native(xml))
    assert "<ip address='10.0.2.40' family='ipv4' prefix='24'/>" in back


PORTS = st.integers(0, 70000)
ADDRESSES = st.sampled_from(["", "127.0.0.1", "0.0.0.0", "10.0.2.15", "10.0.2.99", "1.2.3.4.5", "host", "[::1]"])  # noqa: S104
FORWARDS = st.builds("{}:{}:{}-{}:{}".format, st.sampled_from(["tcp", "udp", "", "sctp"]), ADDRESSES, PORTS, ADDRESSES, PORTS)


@given(st.lists(FORWARDS, min_size=1, max_size=4))
def test_every_forward_has_a_fate(forwards: list[str]) -> None:
    """Each stands in the XML, is passed, or is told to be gone; the card is the same. Or the line is refused, at its place."""
    line = "-netdev user,id=n," + ",".join(f"hostfwd={forward}" for forward in forwards) + CARD
    cards, refusals = set(), []
    for wish in HOSTFWD:
        try:
            conversion = made(line, hostfwd=wish)
        except qemuxml.CommandLineError as error:
            refusals.append(error)
            continue
        cards.add(card(conversion))
        said = len(tree(conversion).findall("devices/interface/portForward"))
        kept = sum(word.count("hostfwd=") for word in passed(conversion))
        gone = notes(conversion).count("no port of the host leads there")
        assert sorted((said, kept, gone)) == [0, 0, len(forwards)]
    assert len(cards) == int(not refusals)
    assert all(error.place and "hostfwd" in error.message for error in refusals)


# ------------------------------------------------------------------ formats of images

BOCHS = b"Bochs Virtual HD Image".ljust(32, b"\0") + b"Redolog".ljust(16, b"\0") + b"Growing".ljust(16, b"\0") + b"\0\0\2\0"
HEADERS = [
    (b"QFI\xfb\0\0\0\1", "qcow", "qcow"),
    (b"QFI\xfb\0\0\0\2", "qcow2", "qcow2"),
    (b"QFI\xfb\0\0\0\3" + b"\0" * 500, "qcow2", "qcow2"),
    (b"QED\0", "qed", "qed"),
    (b"KDMV\1", "vmdk", "vmdk"),
    (b"COWD", "vmdk", "vmdk"),
    (b"# Disk DescriptorFile\nversion=1\nCID=1", "vmdk", "vmdk"),
    (b"# a\n \n# b\nversion=3\r\n", "vmdk", "vmdk"),
    (b"# Disk DescriptorFile\nversion=4\n", "raw", "raw"),
    (b"<<< Oracle VM >>>\n".ljust(64, b"\0") + b"\x7f\x10\xda\xbe", "vdi", "vdi"),
    (b"conectix", "vpc", "vpc"),
    (b"vhdxfile", "vhdx", "vhd"),
    (b"LUKS\xba\xbe\0\1", "luks", "raw"),
    (b"LUKS\xba\xbe\0\2", "raw", "raw"),
    (b"WithoutFreeSpace\2\0\0\0", "parallels", "ploop"),
    (b"WithouFreSpacExt\2\0\0\0", "parallels", "ploop"),
    (b"WithoutFreeSpace\1\0\0\0", "raw", "raw"),
    (b"#!/bin/sh\n#V2.0 Format\nmodprobe cloop file=$0 && mount", "cloop", "cloop"),
    (BOCHS, "bochs", "bochs"),
    (b"", "raw", "raw"),
    (b"\xeb\x63\x90", "raw", "raw"),
    (b"\0" * 510 + b"\x55\xaa", "raw", "raw"),
]
DISKS = [
    "-hda {}",
    "{}",
    "-drive file={},if=virtio",
    "-drive file={},if=none,id=d -device virtio-blk-pci,drive=d",
    "-usbdevice disk:{}",
]


@pytest.mark.parametrize(("first", "driver", "word"), HEADERS)
def test_a_header_tells_the_format(first: bytes, driver: str, word: str) -> None:
    assert imageformat.by_header(first) == driver
    for disk in DISKS:
        conversion = made(disk.format("a.img"), read_image={"/vm/a.img": first}.get)
        assert tree(conversion).find("devices/disk[@device='disk']/driver").get("type") == word, disk
        assert {entry.reason for entry in conversion.entries if entry.fate == "guessed"} != set()


@pytest.mark.parametrize(
    ("name", "expected", "said"),
    [
        ("a.qcow2", "qcow2", "taken for qcow2, by its name"),
        ("a.VDI", "vdi", "taken for vdi, by its name"),
        ("a.vhd", "vpc", "taken for vpc, by its name"),
        ("a.vhdx", "vhd", "taken for vhdx, by its name"),
        ("a.img", "raw", "taken for raw"),
        ("qcow2", "raw", "taken for raw"),
    ],
)
def test_else_the_name_does(name: str, expected: str, said: str) -> None:
    for unread in ({}, {"read_image": {}.get}):
        conversion = made(f"-hda {name}", **unread)
        assert tree(conversion).find("devices/disk[@device='disk']/driver").get("type") == expected
        (reason,) = (entry.reason for entry in conversion.entries if entry.fate == "guessed")
        assert said in (reason if not unread else reason.replace(", unseen", ""))
        assert ("cannot be read here" in reason) == bool(unread)


@given(st.binary(max_size=600), st.sampled_from([b"", *(first for first, _, _ in HEADERS)]))
def test_any_bytes_have_a_format_that_xml_can_say(rest: bytes, first: bytes) -> None:
    assert imageformat.by_header(first + rest) in FORMATS


def test_the_header_is_asked_before_the_name() -> None:
    conversion = made("-hda a.qcow2", read_image={"/vm/a.qcow2": b"hello"}.get)
    assert tree(conversion).find("devices/disk/driver").get("type") == "raw"
    assert "/vm/a.qcow2 has the header of no other" in conversion.entries[-1].reason


def test_what_is_said_is_not_looked_up() -> None:
    asked: list[str] = []
    made("-drive file=a.img,format=raw -drive file=b.img,format=qcow2,if=virtio -blockdev raw,node-name=x,file.filename=c",
         read_image=asked.append)  # fmt: skip
    assert asked == []


def test_a_cd_of_another_format() -> None:
    conversion = made("-cdrom a.iso", read_image={"/vm/a.iso": b"QFI\xfb\0\0\0\3"}.get)
    assert tree(conversion).find("devices/disk[@device='cdrom']/driver").get("type") == "qcow2"
    assert not [entry for entry in made("-cdrom a.iso").entries if entry.fate == "guessed"]


def test_an_encrypted_image_needs_its_key() -> None:
    luks = {"/vm/a.img": b"LUKS\xba\xbe\0\1"}.get
    keyless = made("-drive file=a.img,if=virtio", read_image=luks)
    assert "encrypted by LUKS, and no key is named" in keyless.entries[-1].reason
    keyed = made("-object secret,id=s,file=k -drive file=a.img,if=virtio,key-secret=s", read_image=luks)
    assert tree(keyed).find(".//encryption").get("format") == "luks"


def test_flash_has_a_format_too() -> None:
    read = {"/vm/code": b"\0", "/vm/vars": b"QFI\xfb\0\0\0\3"}.get
    conversion = made("-drive if=pflash,file=code,readonly=on -drive if=pflash,file=vars", read_image=read)
    assert tree(conversion).find("os/nvram").get("format") == "qcow2"
    assert tree(conversion).find("os/loader").get("format") in (None, "raw")
    assert "taken for qcow2, by the header of /vm/vars" in notes(conversion)


@pytest.fixture
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vm").mkdir()
    (tmp_path / "vm/disk.img").write_bytes(b"QFI\xfb\0\0\0\3" + b"\0" * 600)
    (tmp_path / "vm/guest.args").write_text(QEMU + "-hda disk.img", encoding="utf-8")
    return tmp_path


def test_commands_look_into_images(images: Path) -> None:
    for command in (["from-native"], ["domxml-from-native", "qemu-argv"], ["explain"]):
        assert "type='qcow2'" in run(*command, "vm/guest.args").stdout
        assert "type='raw'" in run(*command, "--no-probe", "vm/guest.args").stdout
    folder = images / "proc"
    folder.mkdir()
    (folder / "cmdline").write_bytes((QEMU + f"-hda {images}/vm/disk.img").replace(" ", "\0").strip("\0").encode() + b"\0")
    assert "type='raw'" in run("from-native", "--proc", str(folder)).stdout


def test_the_library_and_batch_do_not(images: Path) -> None:
    line = f"{QEMU}-hda {images}/vm/disk.img"
    assert "type='raw'" in qemuxml.from_native(line)
    assert "type='raw'" in qemuxml.explain(line).xml
    assert "type='raw'" in run("batch", stdin=f'{{"argv": "{line}"}}').stdout


def test_nothing_is_opened_that_could_wait(images: Path) -> None:
    os.mkfifo(images / "pipe")
    assert "-readconfig" in run("from-native", "-", stdin=QEMU + "-readconfig pipe").stdout
    for name in ("pipe", "vm", "/dev/zero", "nowhere", "vm/disk.img/x"):
        assert "type='raw'" in run("from-native", "-", stdin=QEMU + f"-hda {name}").stdout


def test_qemu_agrees(tmp_path: Path) -> None:
    program = shutil.which("qemu-img")
    if program is None:
        pytest.skip("no qemu-img here")
    for options in (["qcow2"], ["qcow2", "-o", "compat=0.10"],
                    ["qcow"], ["qed"], ["vdi"], ["vhdx"], ["vpc"], ["parallels"], ["raw"],
                    ["vmdk"], ["vmdk", "-o", "subformat=monolithicFlat"], ["vpc", "-o", "subformat=fixed"]):  # fmt: skip
        image = tmp_path / "a.img"
        subprocess.run([program, "create", "-q", "-f", *options, str(image), "8M"], check=True)
        found = subprocess.run([program, "info", str(image)], check=True, capture_output=True, text=True).stdout
        assert f"file format: {imageformat.by_header(first_bytes(str(image)) or b'')}\n" in found, options


# ------------------------------------------------------------------ displays, consoles, monitors


def displays(conversion: convert.Conversion) -> list[str]:
    found = tree(conversion).findall("devices/graphics")
    return [f"{item.get('type')} {item.get('listen')} {item.get('autoport')}" for item in found]


LOOPBACK = "vnc 127.0.0.1 yes"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", [LOOPBACK]),
        ("-display gtk", [LOOPBACK]),
        ("-display gtk,zoom-to-fit=on,full-screen=on", [LOOPBACK]),
        ("-display sdl", [LOOPBACK]),
        ("-display cocoa,swap-opt-cmd=on", [LOOPBACK]),
        ("-display curses", [LOOPBACK]),
        ("-display default,show-cursor=on", [LOOPBACK]),
        ("-sdl", [LOOPBACK]),
        ("-curses", [LOOPBACK]),
        ("-display spice-app", ["spice 127.0.0.1 yes"]),
        ("-spice port=5930,disable-ticketing=on -display spice-app", ["spice 0.0.0.0 no"]),
        ("-vnc 127.0.0.1:1 -display gtk", ["vnc 127.0.0.1 no"]),
        ("-display gtk,gl=on -device virtio-vga-gl", [LOOPBACK, "egl-headless None None"]),
        ("-display sdl,gl=es -vga none -device virtio-vga-gl", [LOOPBACK, "egl-headless None None"]),
        ("-display gtk,gl=on -device virtio-vga", [LOOPBACK]),
        ("-display none", []),
        ("-nographic", []),
        ("-vga none", []),
    ],
)
def test_a_window_becomes_a_display_on_the_loopback(line: str, expected: list[str]) -> None:
    assert sorted(displays(made(line))) == sorted(expected)
    assert passed(made(line)) == []


@pytest.mark.parametrize(
    ("line", "path", "expected"),
    [
        ("-serial stdio", "serial", ["pty"]),
        ("-serial mon:stdio", "serial", ["pty"]),
        ("-nographic", "serial", ["pty"]),
        ("-serial vc", "serial", ["pty"]),
        ("-chardev stdio,id=c -device isa-serial,chardev=c", "serial", ["pty"]),
        ("-chardev stdio,id=c,mux=on -serial chardev:c -mon chardev=c", "serial", ["pty"]),
        ("-parallel stdio", "parallel", ["pty"]),
        ("-device virtio-serial -chardev stdio,id=c -device virtconsole,chardev=c -serial none", "console", ["pty"]),
        ("-serial none", "serial", []),
        ("-serial stdio -serial tcp::4444,server=on,wait=off", "serial", ["pty", "tcp"]),
    ],
)
def test_a_terminal_becomes_a_pty(line: str, path: str, expected: list[str]) -> None:
    assert [item.get("type") for item in tree(made(line)).findall(f"devices/{path}")] == expected
    assert passed(made(line)) == []


@pytest.mark.parametrize(
    "line",
    [
        "-monitor stdio",
        "-monitor unix:/tmp/m,server,nowait",
        "-monitor telnet:127.0.0.1:55555,server=on,wait=off",
        "-qmp unix:/tmp/q,server=on,wait=off",
        "-qmp-pretty stdio",
        "-chardev socket,id=m,path=/tmp/x,server=on,wait=off -mon chardev=m,mode=control",
    ],
)
def test_the_monitor_is_libvirts(line: str) -> None:
    conversion = made(line)
    assert passed(conversion) == []
    asked = [entry for entry in conversion.entries if entry.option.name != "-m"]
    assert {entry.fate for entry in asked} == {"replaced"}
    assert {entry.reason for entry in asked} == {"libvirt has a monitor of its own"}


@pytest.mark.parametrize("line", ["-s", "-gdb tcp::1234", "-gdb unix:/tmp/gdb,server=on,wait=off"])
def test_a_debugger_is_passed_through(line: str) -> None:
    assert passed(made(line)) == line.split()


@pytest.mark.parametrize(
    ("binary", "emulator", "architecture", "kind"),
    [
        ("kvm", "/usr/bin/qemu-system-x86_64", "x86_64", "kvm"),
        ("qemu-kvm", "/usr/bin/qemu-system-x86_64", "x86_64", "kvm"),
        ("qemu-system-x86_64", "/usr/bin/qemu-system-x86_64", "x86_64", "qemu"),
        ("qemu-system-aarch64", "/usr/bin/qemu-system-aarch64", "aarch64", "qemu"),
        ("qemu", "/usr/bin/qemu-system-i386", "i686", "qemu"),
        ("/opt/qemu/bin/qemu-system-arm", "/opt/qemu/bin/qemu-system-arm", "armv7l", "qemu"),
        ("./build/qemu-system-ppc64", "/vm/build/qemu-system-ppc64", "ppc64", "qemu"),
    ],
)
def test_a_bare_binary_gets_a_path(binary: str, emulator: str, architecture: str, kind: str) -> None:
    conversion = convert.from_native(f"{binary} -m 64", name="t", profile="modern", base_dir="/vm")
    root = tree(conversion)
    assert root.find("devices/emulator").text == emulator
    assert (root.find("os/type").get("arch"), root.get("type")) == (architecture, kind)
    assert ("libvirt needs the binary's path" in notes(conversion)) == ("/" not in binary)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-vga none -device virtio-gpu-pci", ["-device", "virtio-gpu-pci,bus=pci.0,addr=0x3"]),
        ("-nodefaults -device qxl", ["-device", "qxl,bus=pci.0,addr=0x2"]),
        ("-device virtio-gpu-pci", []),
        ("-vga none -device VGA -device virtio-gpu-pci", []),
        ("-vga none -device virtio-vga", []),
    ],
)
def test_a_card_without_vga_is_no_first_card(line: str, expected: list[str]) -> None:
    assert passed(made(line)) == expected


# ------------------------------------------------------------------ accelerators


@pytest.mark.parametrize(
    ("accelerators", "expected", "said"),
    [
        ("kvm", "kvm", ""),
        ("tcg", "qemu", ""),
        ("kvm:tcg", "kvm", "a domain has one accelerator: kvm is taken, with nothing to fall back to"),
        ("hvf", "hvf", "hvf is of macOS: only a libvirt there starts this guest"),
        ("hvf:tcg", "hvf", "a domain has one accelerator: hvf is taken"),
        ("hvf:kvm:tcg", "kvm", "hvf is of macOS: kvm is taken"),
        ("whpx", "qemu", "libvirt has no domain of whpx, which is of Windows: the guest is emulated"),
        ("whpx:hax:tcg", "qemu", "which is of macOS and Windows, and of no QEMU since 8.2: tcg is taken"),
        ("whpx:kvm:tcg", "kvm", "which is of Windows: kvm is taken"),
        ("nvmm", "qemu", "libvirt has no domain of nvmm, which is of NetBSD: the guest is emulated"),
        ("hax", "qemu", "the guest is emulated"),
        ("qtest", "qemu", "of QEMU's own tests: the guest is emulated"),
        ("mshv", "qemu", "libvirt has no domain of mshv: the guest is emulated"),
        ("xen", "xen", "its Xen driver does"),
    ],
)
def test_accelerators_have_an_answer_each(accelerators: str, expected: str, said: str) -> None:
    as_machine = made(f"-machine pc,accel={accelerators}")
    as_options = made(" ".join(f"-accel {name}" for name in accelerators.split(":")))
    for conversion in (as_machine, as_options):
        assert tree(conversion).get("type") == expected
        told = "\n".join([notes(conversion), *(entry.reason for entry in conversion.entries)])
        assert said in told
        assert bool(said) == bool(told.strip())


def test_enable_hax_is_told() -> None:
    (entry,) = (entry for entry in made("-enable-hax").entries if entry.option.name == "-enable-hax")
    assert entry.fate == "dropped"
    assert "the guest is emulated" in entry.reason


# ------------------------------------------------------------------ --lean


def devices(conversion: convert.Conversion) -> set[str]:
    """What hardware the XML says, beside the machine's own controllers and what libvirt adds by itself."""
    found = tree(conversion).find("devices")
    return {item.tag for item in found if item.tag not in ("emulator", "audio", "memballoon", "controller", "console")}


def slots(conversion: convert.Conversion, tag: str) -> list[str]:
    return [item.get("slot") for item in tree(conversion).findall(f"devices/{tag}/address")]


DEFAULTS = {"disk", "interface", "serial", "parallel", "video", "graphics", "input"}


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("", set()),
        ("-display none", set()),
        ("-nographic", {"serial"}),
        ("-serial stdio", {"serial"}),
        ("-parallel pty", {"parallel"}),
        ("-vnc :1", {"graphics", "video"}),
        ("-display gtk", {"graphics", "video"}),
        ("-vga std", {"graphics", "video"}),
        ("-device virtio-vga", {"graphics", "video"}),
        ("-k de", {"graphics", "video"}),
        ("-net nic -net user", {"interface"}),
        ("-redir tcp:2222::22", {"interface"}),
        ("-nic user", {"interface"}),
        ("-cdrom a.iso", {"disk"}),
        ("-fda a.img", {"disk"}),
        ("-drive media=cdrom,if=ide,index=2", {"disk"}),
        ("-usb -device usb-tablet", {"input"}),
        ("-nodefaults -device VGA", {"graphics", "video"}),
        ("-nodefaults", set()),
    ],
)
def test_only_what_the_line_names_stays(line: str, kept: set[str]) -> None:
    lean = made(line, lean=True)
    assert devices(lean) == kept
    added = devices(made(line)) - kept - {"input"}
    assert notes(lean).count("--lean leaves out") == int(bool(added))


@pytest.mark.parametrize("machine", ["pc", "q35"])
def test_what_stays_keeps_its_place(machine: str) -> None:
    line = f"-M {machine} -device virtio-rng-pci -device e1000,netdev=n -netdev user,id=n -drive file=a.raw,format=raw,if=virtio"
    full, lean = made(line), made(line, lean=True)
    for tag in ("rng", "interface", "disk[@device='disk']"):
        assert slots(lean, tag) == slots(full, tag)[-1:] != []
    cards = tree(full).findall("devices/interface/mac")
    assert [card.get("address") for card in tree(lean).findall("devices/interface/mac")] == [cards[-1].get("address")]


def test_one_note_tells_all() -> None:
    (note,) = (note.message for note in made("-M pc", lean=True).notes)
    for name in ("graphics card (vga)", "network card (e1000)", "CD-ROM", "floppy", "serial", "parallel", "window"):
        assert name in note


def test_boards_that_libvirt_has_no_places_for() -> None:
    line = "/usr/bin/qemu-system-ppc -M g3beige"
    lean = convert.from_native(line, name="t", profile="modern", base_dir="/", wishes=Wishes(lean=True))
    assert passed(lean) == []
    assert "-net nic, -net user, -vga std, -drive index=2,media=cdrom, -serial null" in notes(lean)
    seen = convert.from_native(f"{line} -vnc :1", name="t", profile="modern", base_dir="/", wishes=Wishes(lean=True))
    assert passed(seen) == ["-vga", "std"]


def test_channels_keep_their_numbers() -> None:
    line = "/usr/bin/qemu-system-s390x -device virtio-rng-ccw"
    lean = convert.from_native(line, name="t", profile="modern", base_dir="/", wishes=Wishes(lean=True))
    assert tree(lean).find("devices/rng/address").get("devno") == "0x0001"


def test_a_second_card_is_beside_the_boards_own() -> None:
    assert slots(made("-device virtio-gpu-pci"), "video") == ["0x02", "0x04"]


# ------------------------------------------------------------------ folders


@pytest.mark.parametrize(
    ("words", "stdin", "folder"),
    [
        (["vm/guest.args"], None, "vm"),
        (["-"], QEMU + "-hda disk.img", "."),
        (["-"], f"cd vm\n{QEMU} -hda disk.img", "vm"),
        (["vm/guest.args", "--base-dir", "other"], None, "other"),
        (["-"], f"cd /abs\n{QEMU} -hda disk.img", "/abs"),
    ],
)
def test_where_relative_names_begin(images: Path, words: list[str], stdin: str | None, folder: str) -> None:
    result = run("from-native", *words, stdin=stdin)
    expected = os.path.normpath(images / folder)
    assert f"<source file='{expected}/disk.img'/>" in result.stdout
    warned = f"disk.img is relative: it is taken from {expected}; --base-dir says otherwise" in result.stderr
    assert warned == (folder not in ("other", "/abs"))


def test_each_file_is_told_once(images: Path) -> None:
    line = QEMU + "-drive file=a.img,format=raw -drive file=a.img,format=raw,if=virtio -cdrom b.iso -mtdblock a.img -mtdblock c"
    told = [text for text in run("from-native", "-", stdin=line).stderr.splitlines() if "is relative" in text]
    assert [text.split("warning: ")[1].split(" is")[0] for text in told] == ["a.img", "b.iso", "c"]
    assert f"<qemu:arg value='{images}/c'/>" in run("from-native", "-", stdin=line).stdout


def test_the_library_knows_no_folder() -> None:
    conversion = convert.from_native(QEMU + "-hda a.img -mtdblock b", name="t", profile="modern", base_dir=None)
    assert "<source file='/a.img'/>" in conversion.text
    assert passed(conversion) == ["-mtdblock", "b"]
    assert notes(conversion).count("libvirt starts QEMU in /, and it is taken from there") == 2


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-hda file:a.img", "<source file='/vm/a.img'/>"),
        ("-drive file=fat:share,if=virtio,format=raw", "<source dir='/vm/share'/>"),
        ("-drive file=fat:rw:share,if=virtio", "value='if=none,id=virtio0,file=fat:rw:/vm/share'"),
        ("-hda nbd:host:10809", "<source protocol='nbd'>"),
        ("-object rng-random,filename=rnd,id=r -device virtio-rng-pci,rng=r", "<backend model='random'>/vm/rnd</backend>"),
        ("-device e1000,romfile=roms/a.rom", "<rom file='/vm/roms/a.rom'/>"),
        ("-device e1000,romfile=efi-e1000.rom", "<rom file='efi-e1000.rom'/>"),
        ("-bios my.bin", "<loader type='rom' format='raw'>/vm/my.bin</loader>"),
        ("-bios bios-256k.bin", "<qemu:arg value='bios-256k.bin'/>"),
        ("-bios ./bios-256k.bin", "<loader type='rom' format='raw'>/vm/bios-256k.bin</loader>"),
        (
            "-netdev user,id=n,tftp=boot,bootfile=a -device e1000,netdev=n",
            "<qemu:arg value='user,id=n,tftp=/vm/boot,bootfile=a'/>",
        ),
        (
            "-netdev stream,id=n,addr.type=unix,addr.path=n.sock -device e1000,netdev=n",
            "<qemu:arg value='stream,id=n,addr.type=unix,addr.path=/vm/n.sock'/>",
        ),
    ],
)
def test_relative_names_of_every_kind(line: str, expected: str) -> None:
    assert expected in made(line).text


def test_a_folder_as_a_disk_is_read_only() -> None:
    assert tree(made("-drive file=fat:share,if=virtio,format=raw")).find("devices/disk[@type='dir']/readonly") is not None


def test_what_stands_in_the_folder_is_not_qemus_own() -> None:
    read = {"/vm/bios-256k.bin": b"", "/vm/efi-e1000.rom": b""}.get
    xml = made("-bios bios-256k.bin -device e1000,romfile=efi-e1000.rom", read_image=read).text
    assert "<loader type='rom' format='raw'>/vm/bios-256k.bin</loader>" in xml
    assert "<rom file='/vm/efi-e1000.rom'/>" in xml


@pytest.mark.parametrize(("name", "words"), [("none", ["-bios", "none"]), ("default", [])])
def test_firmware_of_riscv_has_names_that_are_no_files(name: str, words: list[str]) -> None:
    line = f"/usr/bin/qemu-system-riscv64 -M virt -bios {name} -kernel k -net none -serial none"
    conversion = convert.from_native(line, name="t", profile="modern", base_dir="/vm")
    assert passed(conversion) == words
    assert tree(conversion).find("os/loader") is None
