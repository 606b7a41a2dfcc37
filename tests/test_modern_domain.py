"""The domain outside devices, XML to options: machine, accelerator, CPU, clock, firmware, SMBIOS, launch security, refusals."""

from __future__ import annotations

import json
import re
import shlex
from itertools import pairwise

import pytest

from qemuxml import ConversionError, to_native

GUEST = """<domain type='{type}' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>web</name>
<uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid><memory>262144</memory><vcpu>1</vcpu>{os}{body}
<devices><emulator>/usr/bin/qemu-system-{emulator}</emulator><controller type='usb' model='none'/><memballoon model='none'/>
</devices></domain>"""


def line(  # noqa: PLR0913 - each part of the guest that a test varies
    body: str, *, kind: str = "qemu", arch: str = "x86_64", machine: str = "q35", os: str = "", firmware: str = ""
) -> str:
    """The command line of a small guest."""
    head = f"<os{firmware}><type arch='{arch}' machine='{machine}'>hvm</type>{os}</os>"
    made = to_native(GUEST.format(type=kind, os=head, body=body, emulator=arch), profile="modern", plumbing="libvirt")
    return str(getattr(made, "text", made))


def values(text: str, option: str) -> list[str]:
    """The values of an option, in their order."""
    words = shlex.split(text)
    return [value for name, value in pairwise(words) if name == option]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", "q35,usb=off,dump-guest-core=off,memory-backend=pc.ram,acpi=off"),
        (
            (
                "<features><acpi/><vmport state='off'/><smm state='on'/><ioapic driver='qemu'/><ps2 state='on'/></features>"
                "<clock><timer name='hpet' present='no'/></clock>"
            ),
            "q35,usb=off,vmport=off,smm=on,kernel_irqchip=split,i8042=on,dump-guest-core=off,memory-backend=pc.ram,hpet=off,acpi=on",
        ),
        ("<memoryBacking><nosharepages/></memoryBacking>",
         "q35,usb=off,dump-guest-core=off,mem-merge=off,memory-backend=pc.ram,acpi=off"),
    ],
)  # fmt: skip
def test_machine(body: str, expected: str) -> None:
    """The properties of -machine stand in libvirt's order."""
    assert values(line(body), "-machine") == [expected]


@pytest.mark.parametrize(
    ("arch", "machine", "kind", "name", "cpu"),
    [
        ("aarch64", "virt", "qemu", "mach-virt.ram", "cortex-a15"),
        ("s390x", "s390-ccw-virtio", "qemu", "s390.ram", "qemu"),
        ("ppc64", "pseries-3.1", "qemu", "ppc_spapr.ram", "POWER8"),
        ("riscv64", "virt", "qemu", "riscv_virt_board.ram", "rv64"),
        ("loongarch64", "virt", "qemu", "loongarch.ram", "la464"),
        ("aarch64", "virt", "kvm", "mach-virt.ram", None),
    ],
)
def test_machines_have_names_of_their_own(arch: str, machine: str, kind: str, name: str, cpu: str | None) -> None:
    """Memory and CPU are the machine's where the guest names none."""
    text = line("", kind=kind, arch=arch, machine=machine)
    assert f"memory-backend={name}" in values(text, "-machine")[0]
    assert values(text, "-cpu") == ([cpu] if cpu else [])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<cpu><model>Haswell</model><feature name='lahf_lm' policy='require'/><feature name='hle' policy='forbid'/></cpu>",
         "Haswell,lahf-lm=on,hle=off"),
        ("<cpu mode='maximum'/>", "max"),
        ("<cpu><model>EPYC</model></cpu>", "EPYC,monitor=off"),
        ("<cpu><model>Icelake-Server</model></cpu>", "Icelake-Server,intel-pt=off,mpx=off"),
        ("<features><apic eoi='on'/><pvspinlock state='on'/><kvm><hidden state='on'/></kvm><pmu state='off'/></features>",
         "qemu64,kvm-pv-eoi=on,kvm-pv-unhalt=on,kvm=off,pmu=off"),
        (("<features><hyperv><relaxed state='on'/><spinlocks state='on' retries='4096'/></hyperv></features>"
          "<clock><timer name='kvmclock' present='no'/><timer name='hypervclock' present='yes'/></clock>"),
         "qemu64,kvmclock=off,hv-time=on,hv-relaxed=on,hv-spinlocks=0x1000"),
        ("<cpu><model>Haswell</model><cache level='3' mode='emulate'/><maxphysaddr mode='emulate' bits='42'/></cpu>",
         "Haswell,l3-cache=on,phys-bits=42"),
    ],
)  # fmt: skip
def test_cpu(body: str, expected: str) -> None:
    """Model, features, timers, enlightenments, caches and address bits stand in one value."""
    assert values(line(body), "-cpu") == [expected]


def test_passed_through_cpu() -> None:
    """The host's CPU may migrate unless the guest says otherwise."""
    body = "<cpu mode='host-passthrough'><cache mode='passthrough'/><maxphysaddr mode='passthrough' limit='39'/></cpu>"
    expected = "host,migratable=on,host-cache-info=on,l3-cache=off,host-phys-bits=on,host-phys-bits-limit=39"
    assert values(line(body, kind="kvm"), "-cpu") == [expected]


@pytest.mark.parametrize(
    ("body", "option", "expected"),
    [
        ("<features><tcg><tb-cache unit='MiB'>64</tb-cache></tcg></features>", "-accel", ["tcg,tb-size=64"]),
        ("<clock offset='localtime'><timer name='rtc' tickpolicy='catchup' track='guest'/></clock>", "-rtc",
         ["base=localtime,clock=vm,driftfix=slew"]),
        ("<clock offset='absolute' start='1234567890'/>", "-rtc", ["base=2009-02-13T23:31:30"]),
        ("<pm><suspend-to-mem enabled='no'/><suspend-to-disk enabled='yes'/></pm>", "-global",
         ["ICH9-LPC.disable_s3=1", "ICH9-LPC.disable_s4=0"]),
        ("<features><async-teardown/></features>", "-run-with", ["async-teardown=on"]),
        ("<genid>c7a5fdbd-edaf-9455-926a-d65c16db1800</genid>", "-device",
         ['{"driver":"vmgenid","guid":"c7a5fdbd-edaf-9455-926a-d65c16db1800","id":"vmgenid0"}']),
        ("<qemu:deprecation behavior='crash'/>", "-compat", ['{"deprecated-output":"hide","deprecated-input":"crash"}']),
        ("<sysinfo type='fwcfg'><entry name='opt/a'>b</entry><entry name='opt/c' file='/d'/></sysinfo>", "-fw_cfg",
         ["name=opt/a,string=b", "name=opt/c,file=/d"]),
    ],
)  # fmt: skip
def test_options(body: str, option: str, expected: list[str]) -> None:
    """Each element is the option that it is."""
    found = values(line(body), option)
    assert [value for value in found if value in expected] == expected


def test_smbios() -> None:
    """Tables are written only where the guest asks for them; commas are doubled."""
    info = (
        "<sysinfo type='smbios'><bios><entry name='vendor'>A,B</entry></bios><oemStrings><entry>x</entry></oemStrings></sysinfo>"
    )
    assert values(line(info), "-smbios") == []
    assert values(line(info, os="<smbios mode='sysinfo'/>"), "-smbios") == ["type=0,vendor=A,,B", "type=11,value=x"]


def test_boot() -> None:
    """What boots without a device of its own."""
    text = line(
        "", os="<kernel>/k</kernel><cmdline>a b</cmdline><bootmenu enable='yes' timeout='3000'/><bios rebootTimeout='5'/>"
    )
    assert values(text, "-boot") == ["menu=on,reboot-timeout=5,splash-time=3000,strict=on"]
    assert (values(text, "-kernel"), values(text, "-append")) == (["/k"], ["a b"])


def test_selected_firmware() -> None:
    """Secure firmware comes with its variables, system management mode and protected flash."""
    text = line("<features><acpi/></features>", firmware=" firmware='efi'")
    assert "smm=on" in values(text, "-machine")[0]
    assert "pflash0=libvirt-pflash0-format,pflash1=libvirt-pflash1-storage" in values(text, "-machine")[0]
    assert "driver=cfi.pflash01,property=secure,value=on" in values(text, "-global")
    files = [json.loads(value).get("filename") for value in values(text, "-blockdev")]
    assert files == ["/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd", None, "/var/lib/libvirt/qemu/nvram/web_VARS.fd"]


def test_launch_security() -> None:
    """The object, and the machine that refers to it."""
    asked = "<cbitpos>47</cbitpos><reducedPhysBits>1</reducedPhysBits><policy>0x0001</policy>"
    body = f"<launchSecurity type='sev'>{asked}</launchSecurity>"
    text = line(body, kind="kvm")
    assert "confidential-guest-support=lsec0" in values(text, "-machine")[0]
    expected = '{"qom-type":"sev-guest","id":"lsec0","cbitpos":47,"reduced-phys-bits":1,"policy":1}'
    assert expected in values(text, "-object")


def test_override() -> None:
    """A property of a device changes its type and value, or goes."""
    body = """<genid>c7a5fdbd-edaf-9455-926a-d65c16db1800</genid><qemu:override><qemu:device alias='vmgenid0'><qemu:frontend>
    <qemu:property name='x' type='unsigned' value='5'/><qemu:property name='guid' type='remove'/></qemu:frontend></qemu:device>
    </qemu:override>"""
    assert '{"driver":"vmgenid","id":"vmgenid0","x":5}' in values(line(body), "-device")


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<features><gic version='2'/></features>", "gic"),
        ("<features><htm state='on'/></features>", "htm"),
        ("<features><vmport state='on'/><ps2 state='off'/></features>", "ps2"),
        ("<features><hyperv><vendor_id state='on' value='far too long a name'/></hyperv></features>", "12 characters"),
        ("<cpu mode='host-passthrough'/>", "host-passthrough"),
        ("<cpu><model>Haswell</model><cache mode='passthrough'/></cpu>", "passthrough"),
        ("<clock offset='timezone'/>", "timezone"),
        ("<clock><timer name='armvtimer' tickpolicy='discard'/></clock>", "armvtimer"),
        ("<launchSecurity type='tdx'/>", "tdx"),
        ("<on_reboot>preserve</on_reboot>", "on_reboot"),
        ("<on_crash>rename-restart</on_crash>", "on_crash"),
        ("<keywrap><cipher name='aes' state='on'/></keywrap>", "keywrap"),
        ("<cpu><model>host</model></cpu>", "mode"),
        ("<seclabel model='dac'/><seclabel model='dac'/>", "dac"),
        ("<sysinfo type='fwcfg'><entry name='opt/ovmf/x'>y</entry></sysinfo>", "reserved"),
    ],
)
def test_refusals(body: str, complaint: str) -> None:
    """What libvirt refuses is refused with a word that names it."""
    with pytest.raises(ConversionError, match=re.escape(complaint)):
        line(body)


@pytest.mark.parametrize(
    ("firmware", "os", "complaint"),
    [
        (" firmware='efi'", "", "ACPI|acpi"),
        (" firmware='bios'", "<nvram>/x</nvram>", "nvram"),
        ("", "<loader type='pflash' readonly='yes'/>", "loader"),
        ("", "<loader stateless='no'>/bios.bin</loader>", "NVRAM"),
        (" firmware='efi'", "<loader readonly='no' type='pflash'/>", "no firmware"),
        ("", "<bootmenu enable='yes' timeout='65536'/>", "timeout"),
    ],
)
def test_refused_firmware(firmware: str, os: str, complaint: str) -> None:
    """Firmware that cannot be is refused."""
    with pytest.raises(ConversionError, match=complaint):
        line("", os=os, firmware=firmware)


def test_clock_of_a_time_zone() -> None:
    """What is local is told by the environment."""
    assert "TZ=Asia/Tokyo" in line("<clock offset='timezone' timezone='Asia/Tokyo'/>").split()


def test_a_guest_without_a_number_gets_one_of_its_name() -> None:
    """The same each time, and another for another name."""
    xml = "<domain type='qemu'><name>{}</name><memory>1024</memory></domain>"
    first, again, other = (values(to_native(xml.format(name)), "-uuid") for name in ("a", "a", "b"))
    assert first == again != other


def test_the_speaking_bios_and_the_order_of_the_machine() -> None:
    """``graphics=off`` stands behind the firmware, ``acpi`` last."""
    body = "<clock><timer name='hpet' present='no'/></clock><features><acpi/></features><devices><serial/></devices>"
    os = "<loader readonly='yes' type='pflash'>/c</loader><nvram>/v</nvram><bios useserial='yes'/>"
    expected = "pflash0=libvirt-pflash0-format,pflash1=libvirt-pflash1-storage,graphics=off,hpet=off,acpi=on"
    assert values(line(body, os=os), "-machine")[0].endswith(expected)


@pytest.mark.parametrize(
    ("arch", "machine", "body", "os", "complaint"),
    [
        ("aarch64", "virt", "<pm><suspend-to-mem enabled='no'/></pm>", "", "<pm>"),
        ("ppc64", "pseries", "<features><pmu state='off'/></features>", "", "pmu"),
        ("riscv64", "virt", "<features><apic eoi='on'/></features>", "", "apic"),
        ("aarch64", "virt", "<clock><timer name='hpet' present='yes'/></clock>", "", "hpet"),
        ("s390x", "s390-ccw-virtio", "", "<bios useserial='yes'/>", "useserial"),
        ("x86_64", "q35", "", "<bios useserial='yes'/>", "has no <serial>"),
        ("s390x", "s390-ccw-virtio", "<genid/>", "", "genid"),
        ("aarch64", "virt", "<cpu mode='host-model'/>", "", "host-model"),
    ],
)
def test_refusals_of_other_boards(arch: str, machine: str, body: str, os: str, complaint: str) -> None:
    """What only a PC has."""
    with pytest.raises(ConversionError, match=complaint):
        line(body, arch=arch, machine=machine, os=os)
