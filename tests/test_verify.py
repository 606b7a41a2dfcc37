"""``qemuxml verify``: what a command line becomes before it is started, how two guests are compared, and the verdicts."""

from __future__ import annotations

import json
import os
import shlex
import signal
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from test_cli import run

from qemuxml import shell
from qemuxml.cli.verify.emulation import emulated
from qemuxml.cli.verify.hardware import answers, differences, read
from qemuxml.cli.verify.safe import safe
from qemuxml.cli.verify.tame import MIB, Manner, Untame, tame
from qemuxml.cmdline import options, words
from qemuxml.errors import Source

EMPTY = "driver=null-co,size=1073741824,read-zeroes=on"
IN_DRIVE = "format=raw,file.driver=null-co,file.size=1073741824,file.read-zeroes=on"


def manner(*, blank: bool = False) -> Manner:
    return Manner(lambda _, floor: floor, blank=blank)


def tamed(text: str, *, blank: bool = False) -> str:
    source = Source(f"qemu {text}", "t")
    return shlex.join(tame(options.parse(words.split(source), source), manner(blank=blank)))


TAMED = [
    ("-M pc -m 512 -smp 2 -enable-kvm", "-M pc -m 512 -smp 2 -enable-kvm"),
    ("-daemonize -pidfile /run/x -S -monitor stdio -vnc :1 -incoming tcp:0:1 -gdb tcp::1 -qmp stdio", ""),
    ("-kernel /k -initrd /i -append 'a b' -snapshot -loadvm x -writeconfig /f -trace x -mem-path /h", ""),
    ("-hda /a.img", f"-drive index=0,media=disk,{IN_DRIVE}"),
    ("/a.img", f"-drive index=0,media=disk,{IN_DRIVE}"),
    ("-cdrom ''", "-drive index=2,media=cdrom"),
    ("-fda /f.img", "-drive if=floppy,index=0,format=raw,file.driver=null-co,file.size=1474560,file.read-zeroes=on"),
    ("-drive file=/a,if=none,id=d,format=qcow2,cache=none", f"-drive if=none,id=d,{IN_DRIVE}"),
    ("-drive if=ide,media=cdrom", "-drive if=ide,media=cdrom"),
    ("-drive file.driver=nbd,file.host=h,if=virtio", f"-drive if=virtio,{IN_DRIVE}"),
    ('-blockdev \'{"driver":"file","filename":"/a","node-name":"f","cache":{"direct":true}}\'', f"-blockdev node-name=f,{EMPTY}"),
    ("-blockdev driver=qcow2,node-name=d,file=f,backing=b", "-blockdev driver=raw,node-name=d,file=f"),
    (
        "-blockdev driver=qcow2,node-name=d,file.driver=file,file.filename=/a",
        "-blockdev driver=raw,node-name=d,file.driver=null-co,file.size=1073741824,file.read-zeroes=on",
    ),
    ("-netdev tap,id=n,script=/etc/qemu-ifup", "-netdev type=user,id=n,restrict=on"),
    ("-netdev user,id=n,hostfwd=tcp::22-:22", "-netdev type=user,id=n,restrict=on"),
    ("-nic bridge,br=br0,model=e1000,mac=52:54:00:00:00:01", "-nic type=user,restrict=on,model=e1000,mac=52:54:00:00:00:01"),
    ("-nic none", "-nic none"),
    ("-net nic,model=e1000 -net tap,ifname=t", "-net nic,model=e1000 -net user,restrict=on"),
    ("-chardev socket,id=c,path=/run/guest,server=on,mux=on", "-chardev backend=null,id=c,mux=on"),
    ("-serial mon:stdio -serial chardev:c -serial none", "-serial null -serial chardev:c -serial none"),
    ("-parallel /dev/lp0 -debugcon file:/x", "-parallel null -debugcon null"),
    ("-audiodev pa,id=a,server=/run/pulse", "-audiodev driver=none,id=a"),
    ("-fsdev local,id=f,path=/srv,security_model=mapped", "-fsdev fsdriver=local,id=f,path=/,security_model=none,readonly=on"),
    ("-object memory-backend-file,id=m,size=1G,mem-path=/x,share=on", "-object qom-type=memory-backend-ram,id=m,size=1G"),
    ("-object rng-egd,id=r,chardev=c", "-object qom-type=rng-builtin,id=r"),
    ("-object filter-dump,id=f,netdev=n,file=/x -object secret,id=s,file=/k -object input-linux,id=i,evdev=/dev/input/0", ""),
    ("-object iothread,id=t", "-object iothread,id=t"),
    ("-set drive.d.file=/a -set device.x.y=1", "-set device.x.y=1"),
    ("-nographic", "-machine graphics=off"),
    ("-device e1000,netdev=n -device loader,file=/x", "-device e1000,netdev=n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TAMED)
def test_the_host_is_taken_out(text: str, expected: str) -> None:
    assert tamed(text) == expected


def test_an_empty_kernel_for_a_board_that_insists_on_one() -> None:
    assert tamed("-kernel /k -bios /b -append x", blank=True) == "-kernel /dev/null -bios /dev/null"


EMULATED = [
    ("kvm -m 1", "qemu-system-x86_64 -m 1"),
    ("A=b /usr/bin/qemu-kvm -m 1", "A=b /usr/bin/qemu-system-x86_64 -m 1"),
    ("qemu -enable-kvm -cpu host,+aes", "qemu -cpu max,+aes"),
    ("qemu -M pc,accel=kvm:tcg,usb=on -accel hvf", "qemu -M type=pc,accel=tcg,usb=on -accel tcg"),
    ("qemu -cpu qemu64 -name 'a b'", "qemu -cpu qemu64 -name 'a b'"),
]


@pytest.mark.parametrize(("text", "expected"), EMULATED)
def test_a_start_without_kvm(text: str, expected: str) -> None:
    made = emulated(shell.find(Source(text, "t")))
    assert shlex.join(word.text for word in made.words) == expected


@pytest.mark.parametrize(
    "text",
    ["-device vfio-pci,host=1:0.0", '-device \'{"driver":"usb-host"}\'', "-device vhost-vsock-pci,guest-cid=3", "-readconfig f",
     "-device virtio-input-host-pci,evdev=/dev/input/event0",
     "-tpmdev passthrough,id=t", "-object sev-guest,id=s"],
)  # fmt: skip
def test_what_takes_something_of_the_hosts_is_refused(text: str) -> None:
    with pytest.raises(Untame):
        tamed(text)


TREE = """bus: main-system-bus
  type System
  dev: i440FX-pcihost, id ""
    bus: pci.0
      type PCI
      dev: {card}, id "{id}"
        mac = "{mac}"
        netdev = "{id}"
        bar 0: mem at 0x0
        addr = 03.0
      dev: VGA, id ""
        addr = 02.0
"""
CPU = {"qom-type": "qemu64-x86_64-cpu", "props": {"socket-id": 0}}


def guest(card: str = "e1000", mac: str = "52", name: str = "a", memory: int = 1, cpus: int = 1) -> object:
    return read(TREE.format(card=card, mac=mac, id=name), {"base-memory": memory}, [CPU] * cpus)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, []),
        ({"name": "b"}, []),
        ({"mac": "53"}, ['! i440FX-pcihost/e1000: mac "52" became "53"']),
        ({"card": "rtl8139"}, ["- i440FX-pcihost/e1000: lost", "+ i440FX-pcihost/rtl8139: came up"]),
        ({"memory": 2}, ["memory: 1 became 2"]),
        ({"cpus": 2}, ["processors: 1 qemu64-x86_64-cpu became 2 qemu64-x86_64-cpu"]),
    ],
)
def test_differences_of_hardware(changed: dict[str, object], said: list[str]) -> None:
    assert list(differences(guest(), guest(**changed))) == said  # type: ignore[arg-type]


def test_answers_are_told_from_events() -> None:
    assert answers('{"QMP": {}}\n{"return": {}}\n{"event": "STOP"}\nrubbish\n{"error": {}}\n{"return": [1]}\n') == [{}, None, [1]]


XML = """<domain type='kvm'><name>web</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid><memory>1024</memory>
<os><type arch='x86_64' machine='pc'>hvm</type><kernel>/boot/k</kernel></os><devices>
<emulator>/usr/bin/qemu-system-x86_64</emulator>
<disk type='block' device='disk'><source dev='/dev/sda'/><target dev='vda' bus='virtio'/></disk>
<interface type='bridge'><source bridge='br0'/><model type='e1000'/></interface>
<serial type='unix'><source mode='bind' path='/run/s'/></serial><graphics type='vnc'/>{more}</devices>
<commandline xmlns='http://libvirt.org/schemas/domain/qemu/1.0'><arg value='-netdev'/><arg value='tap,id=x'/></commandline>
</domain>"""


def test_xml_is_made_safe(tmp_path: Path) -> None:
    more = "<input type='evdev'><source dev='/dev/input/event1'/></input>"
    made = safe(XML.format(more=more), tmp_path, manner())
    assert made.name != "web"
    for gone in ("web", "c7a5fdbd", "/dev/sda", "/boot/k", "br0", "/run/s", "vnc", "tap", "evdev"):
        assert gone not in made.xml
    assert f"<source file='{tmp_path}/disk0'/>" in made.xml
    assert (tmp_path / "disk0").stat().st_size == 1024 * MIB


@pytest.mark.parametrize(
    "taken",
    [
        "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1'/><product id='0x2'/></source></hostdev>",
        "<interface type='ethernet'><model type='virtio'/><driver queues='2'/></interface>",
        "<input type='passthrough' bus='virtio'><source evdev='/dev/input/event0'/></input>",
    ],
)
def test_xml_that_takes_a_device_of_the_hosts_is_refused(taken: str, tmp_path: Path) -> None:
    with pytest.raises(Untame):
        safe(XML.format(more=taken), tmp_path, manner())


# ------------------------------------------------------------------ the command, over a stand-in for QEMU

ANSWERS = [
    {"return": {}},
    {"return": {"base-memory": 1}},
    {"return": [CPU]},
    {"return": TREE.format(card="e1000", mac="52", id="a")},
]


@pytest.fixture
def qemu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in QEMU's place, that answers the same whatever it is asked, and writes its words to a file."""
    lines = "\n".join(map(json.dumps, ANSWERS))
    program = tmp_path / "qemu-system-x86_64"
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/words\ncat > {tmp_path}/asked\ncat <<EOF\n{lines}\nEOF\n', encoding="utf-8"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr("qemuxml.cli.verify.launch.accelerated", lambda: False)
    return tmp_path


def test_the_same_hardware_is_silent(qemu: Path) -> None:
    result = run("verify", "--stand-ins", "-", stdin="qemu-system-x86_64 -M pc -hda /nowhere.img")
    assert (result.exit_code, result.output) == (0, "")
    started = (qemu / "words").read_text(encoding="utf-8").splitlines()
    assert len(started) == 2
    assert all(line.endswith(" -S -display none -qmp stdio") for line in started)
    assert not [line for line in started if "nowhere" in line]


def test_images_are_asked_for_without_stand_ins(qemu: Path) -> None:
    line = "qemu-system-x86_64 -M pc -hda disk.img"
    result = run("verify", "--base-dir", qemu, "-", stdin=line)
    assert result.exit_code == 2
    assert "cannot tell: disk.img: No such file or directory" in result.stderr
    (qemu / "disk.img").write_bytes(b"")
    assert run("verify", "--base-dir", qemu, "-", stdin=line).exit_code == 0


def test_other_hardware_is_status_1(qemu: Path) -> None:
    program = qemu / "qemu-system-x86_64"
    script = program.read_text(encoding="utf-8").replace("cat <<EOF", "test -e again && M=53 || M=52; touch again; cat <<EOF")
    program.write_text(script.replace('\\"52\\"', '\\"$M\\"'), encoding="utf-8")
    before = Path.cwd()
    os.chdir(qemu)
    try:
        result = run("verify", "--stand-ins", "-", stdin="qemu-system-x86_64 -M pc")
    finally:
        os.chdir(before)
    assert (result.exit_code, result.stdout) == (1, '! i440FX-pcihost/e1000: mac "52" became "53"\n')


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("qemu-system-none -M pc", "cannot tell: the original does not start: qemu-system-none is not installed"),
        ("qemu-system-x86_64 -device vfio-pci,host=1:0.0", "cannot tell: -device vfio-pci takes something of the host's"),
        ("qemu-system-x86_64 -m", "-m needs a value"),
    ],
)
def test_what_cannot_be_told_is_status_2(line: str, said: str, qemu: Path) -> None:
    assert qemu.exists()
    result = run("verify", "--stand-ins", "-", stdin=line)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_qemu_that_fails_is_quoted(qemu: Path) -> None:
    (qemu / "qemu-system-x86_64").write_text("#!/bin/sh\necho 'no such machine' >&2\nexit 1\n", encoding="utf-8")
    result = run("verify", "--stand-ins", "-", stdin="qemu-system-x86_64 -M odd")
    assert result.exit_code == 2
    assert "the original does not start: no such machine" in result.stderr


def test_hints_and_warnings_are_no_reasons(qemu: Path) -> None:
    said = "qemu-system-x86_64: warning: old\nqemu-system-x86_64: unsupported machine type\nUse -machine help\n"
    (qemu / "qemu-system-x86_64").write_text(f"#!/bin/sh\ncat >&2 <<EOF\n{said}EOF\nexit 1\n", encoding="utf-8")
    result = run("verify", "--stand-ins", "-", stdin="qemu-system-x86_64 -M odd")
    assert result.stderr.endswith("does not start: qemu-system-x86_64: unsupported machine type\n")


FAILING = """#!/bin/sh
case "$*" in {pattern}) ;; *) echo "qemu-system-x86_64: {said}" >&2; exit 1;; esac
"""


def insist(qemu: Path, pattern: str, said: str) -> None:
    """Make QEMU fail, unless its words are of the pattern."""
    program = qemu / "qemu-system-x86_64"
    rest = program.read_text(encoding="utf-8").removeprefix("#!/bin/sh\n")
    program.write_text(FAILING.format(pattern=pattern, said=said) + rest, encoding="utf-8")


def test_a_flash_chip_says_its_size(qemu: Path) -> None:
    insist(qemu, "*size=67108864,*", "cfi.pflash01 device requires 67108864 bytes, pflash0 block backend provides 4194304 bytes")
    assert run("verify", "--stand-ins", "-", stdin="qemu-system-x86_64 -pflash /code.fd").exit_code == 0


def test_a_board_may_insist_on_a_kernel(qemu: Path) -> None:
    insist(qemu, "*-kernel*", "Kernel image must be specified")
    assert run("verify", "-", stdin="qemu-system-x86_64 -kernel /k -append x").exit_code == 0
    result = run("verify", "-", stdin="qemu-system-x86_64")
    assert (result.exit_code, "Kernel image must be specified" in result.stderr) == (2, True)


def test_what_does_not_start_by_kvm_is_emulated(qemu: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qemuxml.cli.verify.launch.accelerated", lambda: True)
    insist(qemu, "*max*", "no KVM")
    assert run("verify", "-", stdin="qemu-system-x86_64 -enable-kvm -cpu host").exit_code == 0
    started = (qemu / "words").read_text(encoding="utf-8")
    assert "kvm" not in started


VIRSH = """#!/bin/sh
echo "$@" >> {folder}/virsh.log
case "$*" in *create*) sh -c 'sleep 20; : '"$3" >/dev/null 2>&1 & touch {folder}/created; sleep 20;; esac
"""


def of_verify(folder: Path) -> list[str]:
    """The processes that have to do with a folder of this command's."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if f"{folder}/qemuxml-" in command:
                found.append(command)
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("uri", ["qemu:///system", "qemu:///embed"])
def test_an_interrupt_leaves_nothing_behind(qemu: Path, uri: str, number: signal.Signals) -> None:
    (qemu / "virsh").write_text(VIRSH.format(folder=qemu), encoding="utf-8")
    (qemu / "virsh").chmod(0o755)
    (qemu / "guest.args").write_text("qemu-system-x86_64 -M pc -hda a.img", encoding="utf-8")
    words = [sys.executable, "-m", "qemuxml", "verify", "--stand-ins", "--libvirt", uri, str(qemu / "guest.args")]
    environment = {**os.environ, "TMPDIR": str(qemu)}
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 20
        while not (qemu / "created").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        process.communicate(timeout=20)
    assert process.returncode == 130
    assert not list(qemu.glob("qemuxml-*"))
    log = (qemu / "virsh.log").read_text(encoding="utf-8")
    assert ("--autodestroy" in log) is uri.endswith("system"), "an embedded libvirt does not know it"
    if uri.endswith("system"):
        assert log.count("destroy qemuxml-verify-") == 2, "one in the script that was stopped, one after it"
    else:
        assert not of_verify(qemu)
