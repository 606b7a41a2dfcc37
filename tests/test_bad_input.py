"""Bad input to the library: one ConversionError with its place, soon and in little memory, and never anything else."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qemuxml import ConversionError, from_native, to_native
from qemuxml.profiles import TARGETS

LINES = [
    "/usr/bin/qemu-system-x86_64 -M pc -m 512 -smp 2,sockets=1,cores=2 -hda /srv/web.img -cdrom '/srv/deb 12.iso' -boot cd",
    "qemu-kvm -name 'shop \"one\"' \\\n  -drive file=/srv/a,,b.qcow2,if=virtio,cache=none \\\n  -net nic,vlan=1 -net user,vlan=1",
    "LC_ALL=C /usr/bin/kvm -S -uuid 6f5a3c1e-58ef-4f3a-9b57-2b2f0e7d9c11 -vnc '[::1]:3,share=ignore' -k de -no-reboot",
    "qemu-system-i386 -serial tcp:127.0.0.1:4555,server,nowait -serial udp:h:1@:2 -parallel file:/lp\\ 1 -usbdevice host:0a1b:2c",
    'kvm -device \'{"driver":"virtio-balloon-pci","id":"b0","bus":"pci.0","addr":"0x5"}\' -name "guest=\\"q\\",process=x" # end',
    "CEPH_ARGS='-m ceph1:6789,b' kvm -drive 'file=rbd:pool/d@s:id=ann:mon_host=a\\:1\\;b,if=scsi,index=3' -append 'ro quiet'",
    "qemu -drive file=nbd:unix:/n.sock:exportname=x,if=none,id=d -device virtio-blk-pci,drive=d,bus=pci.0,addr=0x4,bootindex=1",
    "qemu-system-x86_64\t-cpu\tcore2duo,+vmx,-sse3,hv_relaxed,hv_spinlocks=0x1f -global PIIX4_PM.disable_s3=1\r\n-watchdog ib700",
    "qemu-system-ppc64 -M pseries,accel=kvm:tcg -hda iscsi://ann@[2001:db8::1]:3260/iqn.2001:t/2 -global spapr-nvram.reg=0x4000",
    "kvm -machine pc,mem-merge=off -m size=1G,slots=4,maxmem=4G -soundhw ac97,hda -vga std -pcidevice host=06:12.5 \\\n -x",
]


def refusal(convert: Callable[..., str], text: str, profile: str) -> ConversionError | None:
    """Convert; nothing but a ConversionError may come of it, and what it reports can be printed."""
    try:
        convert(text, profile=profile)
    except ConversionError as error:
        error.report().encode(errors="backslashreplace")
        return error
    return None


@pytest.mark.parametrize("profile", TARGETS)
@pytest.mark.parametrize("line", LINES)
def test_a_line_cut_off_anywhere_converts_or_is_refused(line: str, profile: str) -> None:
    from_native(line, profile=profile)
    refusals = [refusal(from_native, line[:length], profile) for length in range(len(line))]
    assert None in refusals
    assert any(refusals)
    assert all(error.place for error in refusals if error)


@given(st.sampled_from(LINES), st.data())
@settings(max_examples=300)
def test_a_line_with_a_character_changed_converts_or_is_refused(line: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(line) - 1))
    character = data.draw(st.characters() | st.sampled_from("'\"\\,=:{}[]@%#\n\0"))
    for profile in TARGETS:
        refusal(from_native, line[:at] + character + line[at + 1 :], profile)


GUEST = """<domain type='qemu' id='3'>
  <name>g</name><memory unit='MiB'>64</memory><vcpu current='1'>1</vcpu>
  <os><type arch='i686' machine='pc'>hvm</type><boot dev='hd'/></os>
  <features><acpi/></features><clock offset='utc'/><on_reboot>destroy</on_reboot>
  <devices>
    <emulator>/usr/bin/qemu</emulator>
    <disk type='file' device='disk'><source file='/a,b'/><target dev='hda' bus='ide'/></disk>
    <interface type='user'><mac address='52:54:00:00:00:01'/><model type='rtl8139'/></interface>
    <serial type='tcp'><source mode='bind' host='127.0.0.1' service='1'/><protocol type='telnet'/></serial>
    <hostdev mode='subsystem' type='usb'><source><vendor id='0x1'/><product id='0x2'/></source></hostdev>
    <graphics type='vnc' port='5901'/><sound model='sb16'/><video><model type='vga'/></video>
  </devices>
</domain>"""


def test_a_guest_cut_off_anywhere_is_refused() -> None:
    assert to_native(GUEST, profile="manual")
    for length in range(len(GUEST)):
        error = refusal(to_native, GUEST[:length], "manual")
        assert error
        assert error.place


@given(st.data())
@settings(max_examples=300)
def test_a_guest_with_a_value_changed_converts_or_is_refused(data: st.DataObject) -> None:
    pieces = GUEST.split("'")
    at = data.draw(st.integers(0, len(pieces) // 2 - 1)) * 2 + 1
    pieces[at] = data.draw(
        st.sampled_from(["", "-1", "0", "x", "99999999999999999999", "0x10", "none", "é", "a,b", "-", "hdz", "vdaaaaa"])
    )
    refusal(to_native, "'".join(pieces), "manual")


def deep(levels: int, opening: str, closing: str) -> str:
    return f"kvm -device '{{\"driver\":{opening * levels}1{closing * levels}}}'"


MEGA = 1_000_000
HUGE = {
    "5 MB of commas": "kvm -drive " + "," * 5 * MEGA,
    "a word of commas": "kvm -drive " + "," * 131_000,
    "a list of 65,000 flags": "kvm -drive " + "a," * 65_000,
    "JSON objects 10,000 deep": deep(10_000, '{"a":', "}"),
    "JSON lists 10,000 deep": deep(10_000, "[", "]"),
    "a JSON number of 100,000 digits": 'kvm -m \'{"size":' + "9" * 100_000 + "}'",
    "a JSON list of 40,000 zeros": "kvm -device '" + json.dumps({"driver": "virtio-balloon", "x": [0] * 40_000}) + "'",
    "single quotes": "kvm " + "'" * (2 * MEGA + 1),
    "double quotes": "kvm " + '"' * (2 * MEGA + 1),
    "both quotes": "kvm " + "'\"" * MEGA,
    "empty words": "kvm " + "'' " * (MEGA // 2),
    "backslashes": "kvm " + "\\" * (2 * MEGA + 1),
    "backslashes in double quotes": 'kvm "' + "\\\\" * MEGA + '"',
    "joined lines": "kvm -" + "\\\n" * MEGA,
    "joined lines in quotes": "kvm -'" + "\\\n" * MEGA + "'",
    "newlines": "\n" * (2 * MEGA),
    "comments": "#\n" * MEGA,
    "dashes": "kvm " + "-" * (2 * MEGA),
    "many dashes": "kvm " + "- " * MEGA,
    "many options": "kvm " + "-S " * MEGA,
    "assignments": "A=b " * MEGA,
    "a number of 100,000 digits": "kvm -m " + "1" * 100_000,
    "a huge smp": "kvm -smp 99999999999",
    "a NUL": "kvm -name 'a\0b'",
    "a lone surrogate": "kvm -name \ud800",
    "a NUL in JSON": 'kvm -name \'{"guest":"\\u0000"}\'',
    "a NUL in a URI": "kvm -hda iscsi://h/%00",
    "a port that is none": "kvm -hda gluster://h:99999999/v/i",
    "an IPv6 address that does not end": "kvm -hda gluster://[::1/v/i",
    "monitors that are none": "CEPH_ARGS='-m [::1' kvm -hda rbd:p/i",
    "a missing value": "kvm -m",
    "two values short": "kvm -S -drive",
    "nothing": "",
    "no binary": "A=b",
}

MEASURE = """
import resource, sys, time
sys.path[:0] = sys.argv[1:]
from qemuxml import ConversionError, from_native
from qemuxml.profiles import TARGETS
text = sys.stdin.buffer.read().decode("utf-8", "surrogatepass")
start = time.process_time()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for profile in TARGETS if len(text) < 100_000 else ["legacy"]:
    try:
        from_native(text, profile=profile)
        outcome = "converted"
    except ConversionError as error:
        assert len(error.report()) < 1000
        outcome = type(error).__name__
print(outcome, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, time.process_time() - start)
"""


@pytest.mark.parametrize("name", HUGE)
def test_huge_and_hostile_lines_end_soon_and_small(name: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, *sys.path],
        input=HUGE[name].encode("utf-8", "surrogatepass"),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    *outcome, kibibytes, seconds = run.stdout.decode().split()
    assert outcome in (["converted"], ["CommandLineError"], ["UnsupportedError"])
    assert int(kibibytes) < 200 * 1024
    # On a machine that may be slow and busy: what this finds is a time that grows with the square of the length.
    assert float(seconds) < 10
