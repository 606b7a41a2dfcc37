"""What a release of QEMU is told: the same guest for ``qemu_version`` 6.2 to 10.0, and what an old one is refused."""

from __future__ import annotations

import shlex
from itertools import pairwise

import pytest

from qemuxml import UnsupportedError, to_native
from qemuxml.profiles import hostmodels, releases

GUEST = """<domain type='{type}'><name>g</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid><memory unit='GiB'>1</memory>
<vcpu>2</vcpu>{top}<os><type arch='{arch}' machine='{machine}'>hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-{arch}</emulator><controller type='usb' model='none'/><memballoon model='none'/>{devices}
</devices></domain>"""
DISK = "<disk type='file'><driver type='raw'/><source file='/a'/><target dev='vda' bus='virtio'/></disk>"
CARD = "<interface type='user'><mac address='52:54:00:00:00:01'/><model type='virtio'/></interface>"
SOCKET = "<source mode='connect' path='/s'><reconnect enabled='yes' timeout='3'/></source>"
TOPOLOGY = "<cpu><topology sockets='1' cores='2' threads='1'/></cpu>"
PASST = CARD.replace("</interface>", "<backend type='passt'/></interface>")


def told(  # noqa: PLR0913 - each part of the guest that a test varies
    version: str | None,
    option: str,
    *,
    devices: str = "",
    top: str = "",
    arch: str = "x86_64",
    machine: str = "pc",
    kind: str = "qemu",
) -> list[str]:
    """The values of an option on the line for a release."""
    xml = GUEST.format(devices=devices, top=top, arch=arch, machine=machine, type=kind)
    text = to_native(xml, plumbing="libvirt", qemu_version=version)
    return [value for name, value in pairwise([*shlex.split(text), ""]) if name == option]


@pytest.mark.parametrize(
    ("version", "arch", "machine", "expected"),
    [
        (None, "x86_64", "pc", "pc"),
        ("6.2.0", "x86_64", "pc", "pc-i440fx-6.2"),
        ("10.0", "x86_64", "q35", "pc-q35-10.0"),
        ("9.1", "s390x", "s390-ccw-virtio", "s390-ccw-virtio-9.1"),
        ("8.2", "aarch64", "virt", "virt-8.2"),
        ("8.2", "riscv64", "virt", "virt"),
        ("7.2", "ppc64", "pseries", "pseries-7.2"),
        ("7.2", "x86_64", "pc-q35-4.0", "pc-q35-4.0"),
    ],
)
def test_machines(version: str | None, arch: str, machine: str, expected: str) -> None:
    """An alias is the machine of a release that is named, and stays where none is."""
    assert told(version, "-machine", arch=arch, machine=machine)[0].split(",")[0] == expected


@pytest.mark.parametrize(
    ("version", "option", "devices", "top", "expected"),
    [
        ("6.2", "-device", DISK, "", ["virtio-blk-pci,bus=pci.0,addr=0x2,drive=libvirt-1-format,id=virtio-disk0,bootindex=1"]),
        ("7.0", "-device", "<rng model='virtio'><backend model='builtin'/></rng>", "",
         ['{"driver":"virtio-rng-pci","rng":"objrng0","id":"rng0","bus":"pci.0","addr":"0x2"}']),
        ("7.1", "-netdev", CARD, "", ["user,id=hostnet0"]),
        ("7.2", "-netdev", CARD, "", ['{"type":"user","id":"hostnet0"}']),
        ("8.2", "-blockdev", DISK, "",
         [('{"driver":"file","filename":"/a","node-name":"libvirt-1-storage","auto-read-only":true,"discard":"unmap"}'),
          '{"node-name":"libvirt-1-format","read-only":false,"driver":"raw","file":"libvirt-1-storage"}']),
        ("9.0", "-blockdev", DISK, "", ['{"driver":"file","filename":"/a","node-name":"libvirt-1-storage","read-only":false}']),
        ("9.1", "-chardev", f"<serial type='unix'>{SOCKET}</serial>", "", ["socket,id=charserial0,path=/s,reconnect=3"]),
        ("9.2", "-chardev", f"<serial type='unix'>{SOCKET}</serial>", "", ["socket,id=charserial0,path=/s,reconnect-ms=3000"]),
        ("6.2", "-smp", "", TOPOLOGY, ["2,sockets=1,dies=1,cores=2,threads=1"]),
        ("7.0", "-smp", "", TOPOLOGY, ["2,sockets=1,dies=1,clusters=1,cores=2,threads=1"]),
        ("7.2", "-netdev", PASST, "",
         [('{"type":"stream","addr":{"type":"unix","path":"/var/run/libvirt/qemu/passt/-1-g-net0.socket"},"server":false,'
           '"id":"hostnet0"}')]),
    ],
)  # fmt: skip
def test_spelling(version: str, option: str, devices: str, top: str, expected: list[str]) -> None:
    """What a release is told as its own words."""
    assert [value for value in told(version, option, devices=devices, top=top) if "charmonitor" not in value] == expected


@pytest.mark.parametrize(("version", "words"), [("7.2", ["-no-hpet", "-no-acpi"]), ("8.0", [])])
def test_options_that_became_properties(version: str, words: list[str]) -> None:
    """ACPI and the HPET were turned off by options once."""
    top = "<clock><timer name='hpet' present='no'/></clock>"
    text = to_native(GUEST.format(devices="", top=top, arch="x86_64", machine="pc", type="qemu"), qemu_version=version)
    assert [word for word in shlex.split(text) if word.startswith("-no-") and word[4:] in ("hpet", "acpi")] == words
    assert ("hpet=off" in text, "acpi=off" in text) == (not words, not words)


@pytest.mark.parametrize(
    ("version", "devices", "top", "complaint"),
    [
        ("8.1", "<sound model='virtio'/>", "", "sound"),
        ("6.2", "<graphics type='dbus'/>", "", "dbus"),
        ("8.0", "", "<features><async-teardown enabled='yes'/></features>", "async-teardown"),
        ("6.2", "", "<cpu><topology sockets='1' clusters='2' cores='1' threads='1'/></cpu>", "clusters"),
        ("8.0", DISK.replace("type='raw'", "type='qcow2' discard_no_unref='on'"), "", "discard_no_unref"),
        ("7.1", PASST, "", "passt"),
    ],
)
def test_what_a_release_lacks(version: str, devices: str, top: str, complaint: str) -> None:
    """An old release is refused what it has not, and the next one has it."""
    with pytest.raises(UnsupportedError, match=complaint):
        told(version, "-device", devices=devices, top=top)
    following = releases.RELEASES[releases.RELEASES.index(version) + 1]
    assert told(following, "-name", devices=devices, top=top)


def test_unknown_release() -> None:
    """A version outside says what there is."""
    with pytest.raises(UnsupportedError, match=r"6\.2.*10\.0"):
        told("5.2", "-name")


def test_host_model_without_kvm() -> None:
    """What QEMU emulates best is a model with features, by release; the guest's own wishes come on top."""
    asked = "<cpu mode='host-model'><feature policy='disable' name='umip'/><feature policy='force' name='smx'/></cpu>"
    value = told("7.2", "-cpu", top=asked)[0]
    assert value.startswith("EPYC,monitor=on,")
    assert "umip=off" in value.split(",")
    assert value.endswith(",smx=on")
    assert told("7.2", "-cpu", top=asked, kind="kvm") == ["host,umip=off,smx=on"]
    assert "lm=off" in told("8.2", "-cpu", top="<cpu mode='host-model'/>", arch="i686")[0]


@pytest.mark.parametrize("arch", ["x86_64", "i686"])
def test_every_release_has_a_host_model(arch: str) -> None:
    """No feature stands twice."""
    for number in range(1, len(releases.RELEASES) + 1):
        names = [word.partition("=")[0] for word in hostmodels.host_model(releases.RELEASES[:number], arch).split(",")[1:]]
        assert names
        assert len(names) == len(set(names))


def test_abilities_name_releases_that_there_are() -> None:
    """The first is not behind the last."""
    for first, last in releases.ABILITIES.values():
        assert releases.RELEASES.index(first) <= releases.RELEASES.index(last)
