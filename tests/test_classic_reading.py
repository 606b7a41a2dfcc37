"""Options of the classic guest, one a line: what profile ``legacy`` says of them."""

from typing import Any

import pytest
from lxml import etree

from qemuxml import CommandLineError, ConversionError, convert, from_native

I686, X86, PSERIES, S390 = "qemu-system-i386 -M pc ", "qemu-system-x86_64 ", "qemu-system-ppc64 -M pseries ", "qemu-system-s390x "


def read(line: str) -> Any:
    return etree.fromstring(from_native(line, profile="legacy"))


def facts(root: Any, path: str) -> Any:
    """Every node that the path finds: text of an element without attributes, or its attributes, or an attribute's value."""
    found = root.xpath(path)
    if not isinstance(found, list):
        return found
    return [
        str(item) if isinstance(item, str) else " ".join(f"{k}={v}" for k, v in item.attrib.items()) or (item.text or "").strip()
        for item in found
    ]


DISKS = [
    ("-hda a -hdb b -hdc c -hdd d", "//disk/target/@dev", ["hda", "hdb", "hdc", "hdd"]),
    ("-cdrom c.iso", "//disk/@device | //disk/target", ["cdrom", "dev=hdc bus=ide"]),
    ("-fda a -fdb b", "//disk/target", ["dev=fda bus=fdc", "dev=fdb bus=fdc"]),
    ("disk.img", "//disk/source/@file | //disk/target/@dev", ["disk.img", "hda"]),
    ("-sda a -sdc c", "//disk/target/@dev", ["sda", "sdc"]),
    ("-sd card.img", "//disk/target", ["dev=sda bus=sd"]),
    ("-drive file=a,if=ide,index=3", "//disk/address/@bus | //disk/address/@unit", ["1", "1"]),
    ("-drive file=a,if=ide,bus=1,unit=0", "//disk/target/@dev", ["hdc"]),
    ("-drive file=a,if=scsi,bus=1,unit=2", "//disk/target/@dev", ["sdj"]),
    ("-drive file=a,if=scsi,index=8", "//disk/address/@controller | //disk/address/@unit", ["1", "1"]),
    ("-drive file=a,if=xen,index=1", "//disk/target", ["dev=xvdb bus=xen"]),
    ("-drive file=a,if=virtio -drive file=b,if=virtio", "//disk/target/@dev", ["vda", "vdb"]),
    ("-drive file=b -drive file=a,index=0", "//disk/target/@dev", ["hdb", "hda"]),
    ("-usbdevice disk:u.img -drive file=a,if=scsi,index=0", "//disk/target/@dev", ["sdb", "sda"]),
    ("-drive file=,if=ide,media=cdrom,index=2", "//disk/source", []),
    ("-drive if=none,id=d,file=a -device virtio-blk-pci,drive=d", "//disk/target", ["dev=vda bus=virtio"]),
    ("-drive file=a,cache=off", "//disk/driver/@cache", ["none"]),
    ("-drive file=a,cache=on", "//disk/driver/@cache", ["writeback"]),
    ("-drive file=a,cache=unsafe,aio=native", "//disk/driver/@cache | //disk/driver/@io", ["unsafe", "native"]),
    ("-drive file=a,werror=enospc", "//disk/driver/@error_policy", ["enospace"]),
    ("-drive file=a,werror=stop,rerror=stop", "//disk/driver/@rerror_policy", []),
    ("-drive file=a,werror=stop,rerror=report", "//disk/driver/@rerror_policy", ["report"]),
    ("-drive file=a,cyls=100,heads=16,secs=63,trans=lba", "//disk/geometry", ["cyls=100 heads=16 secs=63 trans=lba"]),
    ("-drive file=a,readonly=on,serial=S1", "//disk/readonly | //disk/serial", ["", "S1"]),
    ("-drive file=/dev/sdb", "//disk/@type | //disk/source/@dev", ["block", "/dev/sdb"]),
    ("-drive file=fat:/srv/f,if=virtio", "//disk/@type | //disk/driver/@type", ["dir", "fat"]),
    ("-drive file=nbd:[::1]:7:exportname=x", "//disk/source/@name | //host/@name | //host/@port", ["x", "::1", "7"]),
    ("-drive file=nbd:h", "//host", ["name=h port=10809"]),
    ("-drive file=nbd:unix:/s", "//host", ["transport=unix socket=/s"]),
    ("-drive file=nbd+unix:///e?socket=/s", "//source/@name | //host/@socket", ["e", "/s"]),
    ("-drive file=nbd://Host/e", "//host", ["name=Host port=10809"]),
    ("-drive file=rbd:p/i@s:conf=/c", "//source/@name | //snapshot/@name | //config/@file", ["p/i", "s", "/c"]),
    (r"-drive 'file=rbd:p/i:mon_host=a\:1\;b'", "//host", ["name=a port=1", "name=b port=6789"]),
    ("-drive file=rbd:p/i:id=me:key=K", "//auth/@username | //auth/secret/@type", ["me", "ceph"]),
    ("-drive file=iscsi://h/iqn.x", "//source/@name", ["iqn.x/0"]),
    ("-drive 'file=iscsi://[::1]:3260/iqn.x/2'", "//host | //source/@name", ["iqn.x/2", "name=::1 port=3260"]),
    ("-drive file=iscsi://u%20v:p@h/iqn.x/1", "//auth/@username", ["u v"]),
    ("-drive file=gluster://h/v/i", "//source/@name | //host", ["v/i", "name=h"]),
    ("-drive file=gluster+rdma://h:1/v/i", "//host", ["transport=rdma name=h port=1"]),
    ("-drive file=gluster+unix:///v/i?socket=/s", "//host", ["transport=unix socket=/s"]),
    ("-drive file=sheepdog:vm", "//source/@name | //host", ["vm"]),
    ("-drive file=sheepdog:h:7000:vm", "//source/@name | //host", ["vm", "name=h port=7000"]),
]
NETWORKS = [
    ("-net nic -net user", "//interface/@type | //interface/model/@type", ["user", "rtl8139"]),
    ("-net nic,model=e1000 -net tap,ifname=t0,script=no", "//script/@path | //interface/target/@dev", ["no", "t0"]),
    ("-net nic,model=virtio -net tap,vhost=on,sndbuf=1600", "//driver/@name | //sndbuf", ["vhost", "1600"]),
    ("-net nic,model=virtio -net tap,vhost=off", "//interface/driver/@name", ["qemu"]),
    ("-net nic -net socket,listen=:1234", "//interface/@type | //source", ["server", "address=0.0.0.0 port=1234"]),
    ("-net nic -net socket,connect=h:1", "//interface/@type", ["client"]),
    ("-net nic -net socket,mcast=230.0.0.1:1", "//interface/@type", ["mcast"]),
    ("-net nic -net bridge,br=br1", "//interface/source/@bridge", ["br1"]),
    ("-net nic,vlan=1 -net nic,vlan=0 -net user,vlan=0 -net tap,vlan=1", "//interface/@type", ["user", "ethernet"]),
    ("-net nic,vlan=0 -net user,vlan=0 -net nic,vlan=1 -net user,vlan=1", "count(//interface)", 2.0),
    ("-net nic,macaddr=52-54-00-AA-BB-CC -net user", "//mac/@address", ["52:54:00:aa:bb:cc"]),
    ("-net none", "//interface", []),
    ("-net nic -net vde,sock=/s", "//*[local-name()='arg']/@value", ["-net", "vde,sock=/s"]),
]
CHARACTERS = [
    ("-serial null", "//serial/@type", ["null"]),
    ("-serial vc:80x24", "//serial/@type", ["vc"]),
    ("-serial stdio", "//serial/@type", ["stdio"]),
    ("-serial /dev/ttyS1", "//serial/@type | //serial/source/@path", ["dev", "/dev/ttyS1"]),
    ("-serial file:/l", "//serial/@type | //serial/source/@path", ["file", "/l"]),
    ("-serial pipe:/p", "//serial/@type", ["pipe"]),
    ("-serial unix:/s,server,nowait", "//serial/source", ["mode=bind path=/s"]),
    ("-serial unix:/s,server=on,wait=off", "//serial/source", ["mode=bind path=/s"]),
    ("-serial tcp:h:1", "//serial/source | //serial/protocol", ["mode=connect host=h service=1", "type=raw"]),
    ("-serial tcp:[::1]:1,server", "//serial/source", ["mode=bind host=::1 service=1"]),
    ("-serial telnet::1,server,nowait", "//serial/source", ["mode=bind host= service=1"]),
    ("-serial udp:h:1@:2", "//serial/source", ["mode=bind service=2", "mode=connect host=h service=1"]),
    ("-serial udp:h:1@g:0", "//serial/source", ["mode=bind host=g", "mode=connect host=h service=1"]),
    ("-serial pty -serial null -serial none", "//serial/target/@port", ["0", "1"]),
    ("-serial pty", "//console/target", ["type=serial port=0"]),
    ("-parallel file:/lp -parallel null", "//parallel/target/@port", ["0", "1"]),
    ("-serial mon:stdio", "//*[local-name()='arg']/@value", ["-serial", "mon:stdio"]),
]
DISPLAYS = [
    ("-vnc :1", "//graphics | //graphics/listen", ["type=vnc port=5901 autoport=no", "type=address"]),
    ("-vnc '[::1]:0,share=ignore'", "//graphics/@listen | //graphics/@sharePolicy", ["::1", "ignore"]),
    ("-vnc unix:/v", "//graphics/@socket", ["/v"]),
    ("-vnc :3,websocket", "//graphics/@websocket", ["5703"]),
    ("-vnc :3,password,tls,sasl", "//graphics/@port", ["5903"]),
    ("-vnc :0 -k de", "//*[local-name()='arg']/@value", ["-k", "de"]),
    ("", "//graphics/@type | //video/model/@type", ["sdl", "cirrus"]),
    ("-full-screen", "//graphics/@fullscreen", ["yes"]),
    ("-display none", "//graphics | //video", []),
    ("-nographic -vga none", "//graphics | //video", []),
    ("-spice port=1", "//graphics/@type", ["sdl"]),
    ("-vga std", "//video/model", ["type=vga vram=16384 heads=1 primary=yes"]),
    ("-vga vmware", "//video/model", ["type=vmvga vram=16384 heads=1 primary=yes"]),
    ("-vga xenfb", "//video/model", ["type=xen vram=4096 heads=1 primary=yes"]),
    ("-vga qxl", "//video/model", ["type=qxl ram=65536 vram=65536 vgamem=16384 heads=1 primary=yes"]),
    ("-vga virtio", "//video/model", ["type=virtio heads=1 primary=yes"]),
    ("-std-vga", "//video/model/@type", ["vga"]),
    ("-vmwarevga", "//video/model/@type", ["vmvga"]),
]
OTHERS = [
    ("-soundhw es1370,hda", "//sound/@model", ["es1370", "ich6"]),
    ("-soundhw all", "count(//sound)", 5.0),
    ("-soundhw ac97,adlib", "//sound/@model", ["ac97"]),
    ("-usbdevice tablet -usbdevice mouse -usbdevice keyboard", "//input[@bus='usb']/@type", ["tablet", "mouse", "keyboard"]),
    ("-usbdevice host:14.6", "//hostdev/source/address", ["bus=14 device=6"]),
    ("-usbdevice host:0204:6025", "//hostdev//@id", ["0x0204", "0x6025"]),
    ("-usbdevice braille", "//*[local-name()='arg']/@value", ["-usbdevice", "braille"]),
    ("-pcidevice host=1:02:03.4", "//hostdev/source/address/@domain", ["0x0001"]),
    ("-watchdog i6300esb", "//watchdog/@model | //watchdog/@action", ["i6300esb", "reset"]),
    ("-watchdog-action pause -watchdog ib700", "//watchdog/@action", ["pause"]),
    ("-device virtio-balloon-pci,id=balloon0", "//memballoon/@model", ["virtio"]),
    ("-m 1G", "//memory", ["unit=KiB"]),
    ("-smp 4", "//vcpu/text()", ["4"]),
    ("-smp 1,maxcpus=4", "//vcpu/@current", ["1"]),
    ("-smp 4,cores=2", "//topology", ["sockets=2 cores=2 threads=1"]),
    ("-name a,process=qemu:a", "//name", ["a"]),
    ("-boot dcn", "//boot/@dev", ["cdrom", "hd", "network"]),
    ("-boot order=a,menu=on,splash-time=5", "//boot/@dev | //bootmenu", ["fd", "enable=yes timeout=5"]),
    ("-boot reboot-timeout=7", "//bios/@rebootTimeout", ["7"]),
    ("-kernel k -initrd i -append 'a b' -dtb d", "//os/kernel | //os/initrd | //os/cmdline | //os/dtb", ["k", "i", "a b", "d"]),
    ("-bios b.bin", "//loader", ["type=rom"]),
    ("-localtime", "//clock/@offset", ["localtime"]),
    ("-no-reboot", "//on_reboot", ["destroy"]),
    ("-enable-kvm", "/domain/@type", ["kvm"]),
    ("-machine pc,accel=kvm:tcg,mem-merge=off,dump-guest-core=no", "/domain/@type | //@dumpCore", ["kvm", "off"]),
    ("-global PIIX4_PM.disable_s3=1 -global PIIX4_PM.disable_s4=0", "//pm/*/@enabled", ["no", "yes"]),
    ("-global a.b=c", "//*[local-name()='arg']/@value", ["-global", "a.b=c"]),
    ("-S -pidfile p -monitor pty -nodefaults -nodefconfig -incoming stdio -domid 6", "//*[local-name()='arg']", []),
    ("-cpu core2duo,+vmx,-sse3", "//cpu/@check | //feature/@policy", ["none", "require", "disable"]),
    ("-enable-kvm -cpu core2duo", "//cpu/@check", ["partial"]),
    ("-cpu host", "//cpu/@mode", ["host-passthrough"]),
    ("-cpu qemu32,hv_relaxed,hv_spinlocks=0x2fff,kvm=off", "//relaxed/@state | //spinlocks/@retries", ["on", "12287"]),
    ("-cpu qemu32,-kvmclock,+kvm_pv_eoi", "//timer | //apic", ["eoi=on", "name=kvmclock present=no"]),
]


@pytest.mark.parametrize(("options", "path", "expected"), [*DISKS, *NETWORKS, *CHARACTERS, *DISPLAYS, *OTHERS])
def test_an_option_of_the_classic_guest(options: str, path: str, expected: object) -> None:
    assert facts(read(I686 + options), path) == expected


@pytest.mark.parametrize(
    ("line", "path", "expected"),
    [
        ("/usr/bin/qemu", "//type/@arch", ["i686"]),
        ("/usr/bin/kvm -no-acpi", "/domain/@type | //type/@arch | //features/*", ["kvm", "x86_64", ""]),
        ("qemu-system-x86_64 -cpu qemu32", "//type/@arch", ["i686"]),
        ("qemu-system-x86_64 -cpu pentium3,+lm", "//type/@arch", ["x86_64"]),
        ("CEPH_ARGS='-m a:1,b' kvm -drive file=rbd:p/i", "//host", ["name=a port=1", "name=b port=6789"]),
        ("DISPLAY=:1 XAUTHORITY=/x kvm -sdl", "//graphics/@display | //graphics/@xauth", [":1", "/x"]),
        (PSERIES + "-hda a -nographic", "//disk/target", ["dev=hda bus=scsi"]),
        (PSERIES + "-serial pty -serial null", "//serial/address/@reg", ["0x30000000", "0x30001000"]),
        (PSERIES + "-serial pty", "//console/address/@reg", ["0x30000000"]),
        (PSERIES + "-net nic,model=spapr-vlan -net user", "//interface/address", ["type=spapr-vio reg=0x1000"]),
        (PSERIES + "-net nic -net user", "//interface/address/@slot | //controller/address/@slot", ["0x02", "0x01"]),
        (S390 + "-nographic -serial pty", "//console/target | //panic/@model | //controller", ["type=serial port=0", "s390"]),
        (S390 + "-nographic -net nic -net user", "//interface/model/@type | //interface/address/@type", ["virtio", "ccw"]),
        (S390 + "-nographic -hda a", "//disk/target/@bus | //disk/address/@devno", ["virtio", "0x0000"]),
        ("qemu-system-ppc -nographic", "//controller/@type", ["usb", "pci"]),
        ("qemu-system-arm -M versatilepb -net nic -net user", "//model/@type", ["smc91c111", "cirrus"]),
        (X86 + "-M isapc -nographic", "//controller", []),
    ],
)
def test_binaries_and_boards(line: str, path: str, expected: object) -> None:
    assert facts(read(line), path) == expected


REFUSED = [
    ("-drive file=nbd:h:99999", "file=nbd:h:99999"),
    ("-drive file=nbd://h:x/e", "file=nbd://h:x/e"),
    ("-drive file=iscsi://h:0/iqn", "file=iscsi://h:0/iqn"),
    ("-drive file=sheepdog:h:p:vm", "file=sheepdog:h:p:vm"),
    ("-drive file=nbd+unix:///x", "file=nbd+unix:///x"),
    ("-drive file=gluster+ip://h/v/i", "file=gluster+ip://h/v/i"),
    ("-drive file=a,index=-1", "index=-1"),
    ("-drive file=a,cyls=many", "cyls=many"),
    ("-drive file=a,cache=fast", "cache=fast"),
    ("-drive file=a,werror=maybe", "werror=maybe"),
    ("-hda a -drive file=b,index=0", "-drive file=b,index=0"),
    ("-net nic,macaddr=1 -net user", "macaddr=1"),
    ("-net nic,macaddr=01:00:00:00:00:01 -net user", "macaddr=01:00:00:00:00:01"),
    ("-net nic,addr=40 -net user", "addr=40"),
    ("-net nic,vlan=x -net user", "vlan=x"),
    ("-net nic -net socket,listen=:0", "listen=:0"),
    ("-net nic -net tap,sndbuf=z", "sndbuf=z"),
    ("-serial tcp:h:99999,server", "tcp:h:99999"),
    ("-serial tcp:h", "tcp:h"),
    ("-serial unix:", "unix:"),
    ("-parallel udp:h:1@x", "udp:h:1@x"),
    ("-vnc :70000,share=ignore", ":70000"),
    ("-vnc :1,websocket=70000", "websocket=70000"),
    ("-pcidevice host=zero", "host=zero"),
    ("-boot order=c,reboot-timeout=99999", "reboot-timeout=99999"),
    ("-cpu qemu32,hv_spinlocks=x", "hv_spinlocks=x"),
    ("-smp 4,cores=0", "cores=0"),
    ("-m 1x", "1x"),
    ("-machine pc,mem-merge=perhaps", "mem-merge=perhaps"),
]


@pytest.mark.parametrize(("options", "place"), REFUSED)
def test_a_malformed_value_is_refused_at_its_place(options: str, place: str) -> None:
    with pytest.raises(CommandLineError) as caught:
        read(I686 + options)
    assert caught.value.place.text == place


def test_malformed_monitors_of_the_environment_are_refused_there() -> None:
    with pytest.raises(CommandLineError, match="CEPH_ARGS") as caught:
        read("CEPH_ARGS='-m a:b' kvm -drive file=rbd:p/i")
    assert caught.value.place.text == "CEPH_ARGS='-m a:b'"


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ("-drive file=a,snapshot=on", "snapshot"),
        ("-drive file=rbd:p/i:rbd_cache=1", "rbd_cache"),
        ("-drive file=http://u:p@h/a", "password"),
        ("-vnc :1,password", "password"),
        ("-vnc :1 -vga none", "-vga none"),
        ("-soundhw ac97,adlib", "adlib"),
        ("-net nic", "connected to nothing"),
        ("-net nic -net user -net tap", "no hubs"),
        ("-net user", "without a card"),
        ("-device virtio-balloon-pci,addr=9", "addr"),
        ("-boot c,strict=on", "strict"),
        ("-machine pc,vmport=off", "vmport"),
    ],
)
def test_what_legacy_has_no_word_for_is_told(options: str, word: str) -> None:
    notes = convert.from_native(I686 + options, name="<argv>", profile="legacy", base_dir=None).notes
    assert any(word in note.message and note.place for note in notes)


SLOT, BUS = "/address/@slot", "/address/@bus"


@pytest.mark.parametrize(
    ("line", "path", "expected"),
    [
        (I686 + "-net nic -net user -soundhw ac97", f"//interface{SLOT} | //sound{SLOT}", ["0x03", "0x04"]),
        (I686 + "-drive file=a,if=scsi -soundhw ac97", f"//controller[@type='scsi']{SLOT} | //sound{SLOT}", ["0x04", "0x03"]),
        (I686 + "-drive file=a,if=virtio,addr=3 -net nic -net user", f"//disk{SLOT} | //interface{SLOT}", ["0x03", "0x04"]),
        (I686 + "-watchdog i6300esb -drive file=a,if=virtio", f"//disk{SLOT} | //watchdog{SLOT}", ["0x03", "0x04"]),
        (I686 + "-vnc :0 -net nic,addr=2 -net user", f"//interface{SLOT} | //video{SLOT}", ["0x02", "0x03"]),
        (I686 + "-drive file=a,if=virtio " * 28, "count(//controller[@model='pci-bridge'])", 0.0),
        (I686 + "-drive file=a,if=virtio " * 29, "//controller[@model='pci-bridge']/address/@slot", ["0x03"]),
        (I686 + "-drive file=a,if=virtio " * 29, "//disk[29]/address/@bus | //disk[29]/address/@slot", ["0x01", "0x01"]),
        (I686 + "-drive file=a,if=virtio " * 29, "//controller[@model='pci-bridge']/target", ["chassisNr=1"]),
        (X86 + "-M q35 -nographic", "//controller/@type", ["usb", "sata", "pci", "pci", "pci"]),
        (X86 + "-M q35 -nographic", "//controller[@type='sata']/address/@slot", ["0x1f"]),
        (X86 + "-M q35 -nographic", "//controller[@model='pcie-root-port']/target/@port", ["0x8", "0x9"]),
        (X86 + "-M q35 -vnc :0", "//video/address/@slot | //controller[@index='1']/address/@slot", ["0x02", "0x01"]),
        (X86 + "-M q35 -nographic -hdb a", "//disk/target | //disk/address/@unit", ["dev=hdb bus=sata", "1"]),
        (X86 + "-nographic -hda a -M q35", "//disk/target/@bus", ["sata"]),
        (
            X86 + "-M q35 -nographic -net nic -net user",
            "//interface/address/@bus | //controller[@type='pci']/@model",
            ["pcie-root", "dmi-to-pci-bridge", "pci-bridge", "pcie-root-port", "pcie-root-port", "0x02"],
        ),
        (X86 + "-M q35 -nographic -drive file=a,if=virtio", f"//disk{BUS} | //disk{SLOT}", ["0x02", "0x00"]),
    ],
)
def test_places_on_pci(line: str, path: str, expected: object) -> None:
    assert facts(read(line), path) == expected


def test_two_devices_at_one_address_are_refused() -> None:
    with pytest.raises(ConversionError, match=r"00:05\.0"):
        read(I686 + "-net nic,addr=5 -net user -drive file=a,if=virtio,addr=5")


@pytest.mark.parametrize("count", [1, 28, 29, 60, 200])
def test_no_address_is_given_twice(count: int) -> None:
    root = read(X86 + "-M q35 -nographic " + "-drive file=a,if=virtio " * count)
    found = [node for node in root.iter("address") if node.get("type") == "pci"]
    places = [(node.get("bus"), node.get("slot"), node.get("function")) for node in found]
    assert len(places) == len(set(places))
