"""Domain XML, old dialects too, to a command line for QEMU 0.9: one element a line; and back."""

import shlex

import pytest

from qemuxml import ConversionError, from_native, to_native

DOMAIN = """<domain type='{type}'><name>g</name><memory>{memory}</memory><vcpu>{vcpu}</vcpu>
<os><type arch='i686' machine='pc'>hvm</type>{os}</os>{parts}
<devices><emulator>/usr/bin/qemu</emulator>{devices}</devices></domain>"""
DISK = "<disk type='file' device='{device}'><source file='/a'/><target dev='{dev}' {bus}/>{more}</disk>"


PLAIN = {"type": "qemu", "memory": "65536", "vcpu": "1", "os": "", "parts": "", "devices": ""}


def words(devices: str = "", **said: str) -> list[str]:
    xml = DOMAIN.format(**{**PLAIN, "devices": devices, **said})
    return shlex.split(to_native(xml, profile="manual", environment={}))


def disk(dev: str, bus: str = "", device: str = "disk", more: str = "") -> str:
    return DISK.format(dev=dev, bus=f"bus='{bus}'" if bus else "", device=device, more=more)


DEVICES = [
    (disk("hda"), "-drive file=/a,if=ide,index=0"),
    (disk("hdc", "ide", "cdrom", "<readonly/>"), "-drive file=/a,if=ide,media=cdrom,index=2"),
    (disk("sdb", "scsi"), "-drive file=/a,if=scsi,index=1"),
    (disk("sdb"), "-drive file=/a,if=scsi,index=1"),
    (disk("fda", "fdc", "floppy"), "-drive file=/a,if=floppy,index=0"),
    (disk("sda", "usb"), "-usbdevice disk:/a"),
    (disk("hda", more="<geometry cyls='9' heads='2' secs='3'/>"), "-drive file=/a,if=ide,index=0,cyls=9,heads=2,secs=3"),
    (disk("hda", more="<driver name='qemu' cache='none'/>"), "-drive file=/a,if=ide,index=0,cache=off"),
    (disk("hda", more="<address type='drive' controller='0' bus='1' unit='1'/>"), "-drive file=/a,if=ide,index=3"),
    ("<disk type='file' device='cdrom'><target dev='hdc'/></disk>", "-drive if=ide,media=cdrom,index=2"),
    ("<disk type='dir'><source dir='/d'/><target dev='hda'/></disk>", "-drive file=fat:/d,if=ide,index=0"),
    ("<interface type='user'/>", "-net nic,vlan=0 -net user,vlan=0"),
    ("<interface type='user'><mac address='52:54:00:00:00:01'/></interface>", "-net nic,macaddr=52:54:00:00:00:01,vlan=0"),
    ("<interface type='user'/><interface type='user'/>", "-net nic,vlan=1 -net user,vlan=1"),
    (
        "<interface type='bridge'><source bridge='br0'/><target dev='t0'/><mac address='52:54:00:00:00:01'/></interface>",
        "-net tap,ifname=t0,vlan=0",
    ),
    ("<interface type='ethernet'><script path='/s'/></interface>", "-net tap,script=/s,vlan=0"),
    ("<interface type='server'><source address='1.2.3.4' port='5'/></interface>", "-net socket,listen=1.2.3.4:5,vlan=0"),
    ("<interface type='mcast'><source address='230.0.0.1' port='5'/></interface>", "-net socket,mcast=230.0.0.1:5,vlan=0"),
    ("", "-net none -serial none -parallel none -usb"),
    ("<serial type='pty'><target port='0'/></serial><console type='pty' tty='/dev/pts/1'/>", "-serial pty"),
    ("<serial type='dev'><source path='/dev/ttyS0'/></serial>", "-serial /dev/ttyS0"),
    ("<serial type='file'><source path='/l'/></serial>", "-serial file:/l"),
    ("<serial type='unix'><source mode='bind' path='/s'/></serial>", "-serial unix:/s,server,nowait"),
    (
        "<serial type='tcp'><source mode='connect' host='::1' service='5'/><protocol type='telnet'/></serial>",
        "-serial telnet:[::1]:5",
    ),
    (
        "<serial type='udp'><source mode='bind' host='h'/><source mode='connect' host='g' service='5'/></serial>",
        "-serial udp:g:5@h:0",
    ),
    ("<parallel type='null'/>", "-parallel null"),
    ("<graphics type='vnc' port='5903' listen='0.0.0.0' keymap='de'/>", "-vnc 0.0.0.0:3 -k de"),
    ("<graphics type='vnc' port='-1'/>", "-vnc 127.0.0.1:0"),
    ("<graphics type='vnc' port='5900'><listen type='address' address='::1'/></graphics>", "-vnc [::1]:0"),
    ("<graphics type='sdl' fullscreen='yes'/>", "-full-screen"),
    ("<sound model='es1370'/><sound model='pcspk'/>", "-soundhw es1370,pcspk"),
    ("<input type='tablet' bus='usb'/><input type='mouse' bus='ps2'/>", "-usbdevice tablet"),
    ("<video><model type='vga'/></video>", "-std-vga"),
    ("<hostdev mode='subsystem' type='usb'><source><address bus='1' device='2'/></source></hostdev>", "-usbdevice host:1.2"),
    ("<memballoon model='none'/><controller type='usb' index='0'/>", "-usb"),
]


def stands_in(part: str, line: list[str]) -> bool:
    return f" {shlex.join(shlex.split(part))} " in f" {shlex.join(line)} " or part in " ".join(line)


@pytest.mark.parametrize(("devices", "options"), DEVICES)
def test_a_device_of_qemu_0_9(devices: str, options: str) -> None:
    assert stands_in(options, words(devices))


@pytest.mark.parametrize(
    ("said", "options"),
    [
        ({"memory": "131072"}, "-m 128"),
        ({"vcpu": "2"}, "-smp 2"),
        ({"os": "<boot dev='cdrom'/><boot dev='hd'/>"}, "-boot dc"),
        ({"os": "<kernel>/k</kernel><cmdline>a=b</cmdline>"}, "-kernel /k -append a=b"),
        ({"os": "<loader>/b</loader>"}, "-bios /b"),
        ({"os": "<bootmenu enable='no'/>"}, "-boot c"),
        ({"parts": "<clock sync='localtime'/>"}, "-localtime"),
        ({"parts": "<clock offset='localtime'/>"}, "-localtime"),
        ({"parts": "<on_reboot>destroy</on_reboot>"}, "-no-reboot"),
        ({"parts": ""}, "-no-acpi"),
    ],
)
def test_a_part_of_the_guest(said: dict[str, str], options: str) -> None:
    assert stands_in(options, words(**said))


def test_acpi_and_kvm_take_options_away() -> None:
    assert "-no-acpi" not in words(parts="<features><acpi/></features>")
    assert "-no-kqemu" not in words(type="kvm")


def test_sdl_asks_for_its_x_server() -> None:
    assert words("<graphics type='sdl' display=':1' xauth='/x'/>")[1:3] == ["DISPLAY=:1", "XAUTHORITY=/x"]


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"devices": "<tpm model='tpm-tis'><backend type='emulator'/></tpm>"}, "/domain/devices/tpm"),
        ({"devices": "<controller type='scsi' index='0' model='virtio-scsi'/>"}, "virtio-scsi"),
        ({"devices": "<controller type='ide' index='1'/>"}, "index='1'"),
        ({"devices": "<memballoon model='virtio'/>"}, "memballoon"),
        ({"devices": "<watchdog model='i6300esb'/>"}, "watchdog"),
        ({"devices": disk("hda", more="<serial>1</serial>")}, "<serial>"),
        ({"devices": disk("hda", more="<boot order='1'/>")}, "/domain/devices/disk/boot"),
        ({"devices": disk("hda", more="<transient/>")}, "/domain/devices/disk/transient"),
        ({"devices": disk("hda", more="<driver io='native'/>")}, "<driver io>"),
        ({"devices": disk("hda", more="<iotune><total_bytes_sec>1</total_bytes_sec></iotune>")}, "<iotune>"),
        ({"devices": "<interface type='user'><mtu size='9000'/></interface>"}, "<mtu>"),
        ({"devices": "<interface type='user' trustGuestRxFilters='yes'/>"}, "<interface trustGuestRxFilters>"),
        ({"parts": "<memoryBacking><locked/></memoryBacking>"}, "<memoryBacking>"),
        ({"parts": "<unheard-of/>"}, "<unheard-of>"),
        ({"parts": "<clock offset='utc'><timer name='pit'/></clock>"}, "<timer>"),
        ({"os": "<type>hvm</type>"}, "/domain/os/type[2]"),
        (
            {"devices": "<disk type='file'><source file='/a' startupPolicy='optional'/><target dev='hda'/></disk>"},
            "startupPolicy",
        ),
        ({"devices": "<disk type='file' device='disk'><target dev='hda'/></disk>"}, "<source> is missing"),
        ({"devices": "<interface type='direct'><source dev='eth0' mode='vepa'/></interface>"}, "source mode"),
        ({"devices": "<interface type='user'><mac address='x'/></interface>"}, "<mac address>"),
        ({"devices": "<interface type='bridge'/>"}, "<source bridge>"),
        ({"devices": "<serial type='spiceport'/>"}, "spiceport"),
        ({"devices": "<serial type='file'/>"}, "<source path>"),
        ({"devices": "<serial type='pty'><target port='2'/></serial>"}, "port='2'"),
        ({"devices": "<serial type='tcp'><source mode='bind' host='h'/></serial>"}, "<source service>"),
        ({"devices": "<graphics type='spice'/>"}, "spice"),
        ({"devices": "<graphics type='vnc' passwd='p'/>"}, "passwd"),
        ({"devices": "<graphics type='vnc'/><graphics type='sdl'/>"}, "second <graphics>"),
        ({"devices": "<sound model='ich6'/>"}, "ich6"),
        ({"devices": "<video><model type='qxl'/></video>"}, "qxl"),
        ({"devices": "<hostdev mode='subsystem' type='pci'/>"}, "pci"),
        ({"parts": "<iothreads>2</iothreads>"}, "/domain/iothreads"),
        ({"parts": "<cpu><topology sockets='1' cores='2' threads='1'/></cpu>"}, "<cpu>"),
        ({"parts": "<pm><suspend-to-mem enabled='no'/></pm>"}, "<pm>"),
        ({"parts": "<features><hyperv><relaxed state='on'/></hyperv></features>"}, "hyperv"),
        ({"parts": "<clock offset='variable' adjustment='0'/>"}, "/domain/clock"),
        ({"os": "<bootmenu enable='yes'/>"}, "bootmenu"),
        ({"os": "<dtb>/d</dtb>"}, "dtb"),
        ({"type": "xen"}, "xen"),
    ],
)
def test_what_qemu_0_9_lacks_is_refused_by_name(said: dict[str, str], named: str) -> None:
    with pytest.raises(ConversionError) as caught:
        words(**said)
    assert named in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        "-M pc -m 64 -smp 1 -vnc 127.0.0.1:3 -k fr -localtime -boot dc -drive file=/a,if=ide,index=0 -net none -serial pty",
        "-M pc -m 64 -smp 2 -nographic -boot c -no-acpi -drive file=/a,if=scsi,index=2 -drive file=/c,if=ide,media=cdrom,index=2",
        "-M pc -nographic -boot c -net nic,macaddr=52:54:00:00:00:09,vlan=0,model=ne2k_pci -net tap,ifname=t0,script=/s,vlan=0",
        "-M pc -nographic -boot c -serial tcp:h:5,server,nowait -parallel file:/lp -soundhw sb16 -usbdevice tablet",
        "-M pc -nographic -kernel /k -initrd /i -append 'root=/dev/hda ro' -net socket,connect=h:5,vlan=3 -net nic,vlan=3",
    ],
)
def test_there_and_back_changes_nothing(options: str) -> None:
    xml = from_native(f"qemu {options}", profile="manual")
    line = to_native(xml, profile="manual", environment={})
    again = from_native(line, profile="manual")
    assert again == xml
    assert "qemu:arg" not in again
