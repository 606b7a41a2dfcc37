"""What libvirt 11.3 refuses, profile ``modern`` refuses: a guest of one line, and a part of what the refusal says."""

from __future__ import annotations

import re

import pytest

from qemuxml import to_native
from qemuxml.errors import ConversionError, XmlPlace

GUEST = """<domain type='qemu'><name>g</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>{memory}
<os><type arch='{arch}' machine='{machine}'>hvm</type></os>{parts}<devices>{devices}</devices></domain>"""
MEMORY = "<memory>219136</memory>"


def guest(devices: str = "", *, machine: str = "pc", arch: str = "x86_64", parts: str = "") -> str:
    """Domain XML with these devices, and these elements above them."""
    memory = "" if "<memory" in parts else MEMORY
    return GUEST.format(arch=arch, machine=machine, devices=devices, parts=parts, memory=memory)


def refusal(xml: str, qemu_version: str | None = None) -> ConversionError:
    """The error of a guest that must not convert."""
    with pytest.raises(ConversionError) as caught:
        to_native(xml, profile="modern", qemu_version=qemu_version)
    return caught.value


RNG = "<rng model='virtio'><backend model='random'/><address type={}/></rng>"


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("'pci' domain='0x10000'", "is not between 0x0000 and 0xffff"),
        ("'pci' bus='0x100' slot='1'", "is not between 0x00 and 0xff"),
        ("'pci' slot='0x20'", "is not between 0x00 and 0x1f"),
        ("'pci' slot='-1'", "is not between"),
        ("'pci' slot='1' function='8'", "is not between 0x0 and 0x7"),
        ("'pci' slot='one'", "is not a number"),
        ("'pci' slot='1' multifunction='yes'", "is neither"),
        ("'ccw' cssid='0xff' ssid='0' devno='1'", "is not between 0x0 and 0xfe"),
        ("'ccw' cssid='0xfe' ssid='4' devno='1'", "is not between 0x0 and 0x3"),
        ("'spapr-vio' reg='0x100000000'", "is not between 0x0 and 0xffffffff"),
        ("'drive' controller='-1'", "is not a number"),
        ("'drive' controller='4294967296'", "is not between 0 and 4294967295"),
    ],
)
def test_numbers_of_an_address(address: str, complaint: str) -> None:
    """A number out of the bus's range is refused where it stands."""
    caught = refusal(guest(RNG.format(address)))
    assert complaint in caught.message
    assert re.search(r"/domain/devices/rng/address/@\w+$", str(getattr(caught.place, "path", "")))


TABLET = "<input type='tablet' bus='usb'>{}</input>"
HUB = "<hub type='usb'><address type='usb' bus='0' port='1'/></hub>"
NO_USB = "<controller type='usb' model='none'/>"
EHCI = "<controller type='usb' index='0' model='ehci'/>"


def at_port(address: str) -> str:
    """A USB device with that address."""
    return TABLET.format(f"<address type='usb' {address}/>")


@pytest.mark.parametrize(
    ("devices", "complaint"),
    [
        (at_port("port='one'"), "is not a USB port"),
        (at_port("port='1.1.1.1.1'"), "is not a USB port"),
        (at_port("bus='0' port='1.1'"), "there is no hub at port 1"),
        (at_port("bus='0' port='3'"), "there is no port 3"),
        (HUB + at_port("bus='0' port='1.9'"), "there is no port 9"),
        (HUB + at_port("bus='0' port='1'"), "the port is taken"),
        (HUB + HUB, "the port is taken"),
        (at_port("bus='3'"), "there is no USB controller of index 3"),
        (at_port("bus='3' port='1'"), "there is no USB controller of index 3"),
        (TABLET.format("<address type='pci' slot='9'/>"), "must be of type 'usb'"),
        (at_port("bus='0' port='1'") + at_port("bus='0' port='2'") + TABLET.format(""), "no USB port is free"),
        (NO_USB + TABLET.format(""), "<input>: the guest has no USB"),
        (NO_USB + "<hub type='usb'/>", "<hub>: the guest has no USB"),
        (NO_USB + "<smartcard mode='host'/>", "<smartcard>: the guest has no USB"),
        (
            NO_USB + "<controller type='usb' index='1' model='ehci'/>",
            "there is another USB controller",
        ),
        ("<controller type='usb' model='nec-xhci' ports='16'/>", "it has at most 15 ports"),
        ("<controller type='usb' model='ehci' ports='4'/>", "the number of its ports is fixed"),
        ("<controller type='usb' model='ich9-uhci1'><master startport='0'/></controller>", "no master controller of index 0"),
        (
            "<controller type='usb' index='0' model='ehci'/><controller type='usb' index='0' model='ehci'/>",
            "is another controller's",
        ),
        ("<controller type='usb' model='usb4'/>", "QEMU has no such model"),
    ],
)
def test_usb(devices: str, complaint: str) -> None:
    """What cannot be plugged in, and controllers that QEMU does not have."""
    assert complaint in refusal(guest(devices)).message


def test_refusals_of_a_pass_have_the_place_of_their_device() -> None:
    """A pass sees all devices, and its refusal names the one that is at fault."""
    caught = refusal(guest(TABLET.format("") + at_port("bus='3' port='1'")))
    assert str(caught).startswith("<xml>:2: /domain/devices/input[2]: <input>")


@pytest.mark.parametrize(("machine", "arch"), [("s390-ccw-virtio", "s390x"), ("virt", "aarch64"), ("virt", "riscv64")])
def test_boards_without_usb(machine: str, arch: str) -> None:
    """A board that has no USB of its own takes no USB device without a controller."""
    assert "the guest has no USB" in refusal(guest(TABLET.format(""), machine=machine, arch=arch)).message


def bus(index: int, model: str, below: str = "") -> str:
    """A PCI controller."""
    return f"<controller type='pci' index='{index}' model='{model}'>{below}</controller>"


def scsi(driver: str, model: str = "virtio-scsi") -> str:
    """A SCSI controller with a ``<driver>``."""
    return f"<controller type='scsi' index='0' model='{model}'>{driver}</controller>"


@pytest.mark.parametrize(
    ("machine", "devices", "complaint"),
    [
        ("pc", bus(0, "pcie-root"), "the bus of index 0 is of model 'pci-root'"),
        ("q35", bus(0, "pci-root"), "the bus of index 0 is of model 'pcie-root'"),
        ("pc", bus(1, "pci-root"), "a pci-root has index 0"),
        ("q35", bus(1, "pcie-root"), "a pcie-root has index 0"),
        ("pc", bus(0, "pci-root", "<address type='pci' slot='3'/>"), "a pci-root has no address"),
        ("pc", "<controller type='pci' index='1'/>", "it needs a model"),
        ("pc", bus(1, "isa-bridge"), "there is no model 'isa-bridge'"),
        ("pc", bus(256, "pci-bridge"), "the last index of a PCI bus is 255"),
        ("pc", bus(1, "pci-bridge") * 2, "index 1 is another controller's"),
        ("pc", "<controller type='scsi' index='1'/>" * 2, "index 1 is another controller's"),
        ("pc", bus(2, "pci-bridge", "<address type='pci' bus='2' slot='3'/>"), "it cannot sit on bus 2"),
        ("pc", bus(1, "pci-bridge", "<target chassisNr='0'/>"), "is not between 1 and 255"),
        ("pc", bus(1, "pci-bridge", "<target chassis='2'/>"), "<target chassis> is not for this model"),
        ("pc", bus(1, "pci-bridge", "<target hotplug='off'/>"), "<target hotplug> is not for this model"),
        ("pc", bus(1, "pci-bridge", "<model name='pxb'/>"), "<model name> is of another one"),
        ("pc", bus(1, "pci-bridge", "<model name='bogus'/>"), "'bogus' is none of"),
        ("pc", bus(1, "pci-expander-bus", "<target busNr='255'/>"), "is not between 1 and 254"),
        ("pc", bus(1, "pci-expander-bus", "<target><node>1</node></target>"), "the guest has no NUMA node 1"),
        ("q35", bus(1, "pcie-root-port", "<target port='0x100'/>"), "is not between 0x0 and 0xff"),
        ("q35", bus(1, "pcie-root-port", "<target chassisNr='5'/>"), "<target chassisNr> is not for this model"),
        ("q35", bus(0, "pcie-root", "<target hotplug='off'/>"), "<target hotplug> is not for this model"),
        ("pc", bus(0, "pci-root", "<target index='0'/>"), "<target> is for machine 'pseries'"),
        ("pseries", bus(1, "pci-root", "<target index='0'/>"), "the bus of index 0 alone has <target index='0'/>"),
        ("pseries", bus(0, "pci-root", "<pcihole64>1</pcihole64>"), "<pcihole64>: machine 'pseries' has no such window"),
        ("pc", "<controller type='sata' model='ich9'/>", "there is no model 'ich9'"),
        ("pc", "<controller type='xenbus'/>", "QEMU has no such controller"),
        ("pc", "<controller type='floppy'/>", "'floppy' is none of"),
        ("pc", scsi("<driver queues='4'/>", "lsilogic"), "<driver queues> is for model 'virtio-scsi' alone"),
        ("pc", scsi("", "ncr53c90"), "the machine brings none"),
        ("pc", scsi("<driver iothread='3'/>"), "the guest has no such I/O thread"),
        ("pc", "<controller type='virtio-serial'><driver iothread='1'/></controller>", "is for model 'virtio-scsi' alone"),
    ],
)
def test_controllers(machine: str, devices: str, complaint: str) -> None:
    """Controllers that exclude each other, and options of another model."""
    arch = "ppc64" if machine == "pseries" else "x86_64"
    assert complaint in refusal(guest(devices, machine=machine, arch=arch)).message


PORT, BRIDGE = bus(1, "pcie-root-port"), bus(1, "pci-bridge")


@pytest.mark.parametrize(
    ("machine", "devices", "complaint"),
    [
        ("pc", RNG.format("'pci' domain='1' slot='5'"), "a guest has PCI domain 0 alone"),
        ("pc", RNG.format("'pci' slot='1' function='3'"), "00:01.3 is the chipset's"),
        ("pc", BRIDGE + RNG.format("'pci' bus='1' slot='0'"), "a pci-bridge has the slots 0x1 to 0x1f"),
        ("pc", RNG.format("'pci' slot='5'") * 2, "attempted double use of PCI Address 0000:00:05.0"),
        ("q35", PORT + RNG.format("'pci' bus='1' slot='1'"), "a pcie-root-port has the slots 0x0 to 0x0"),
        ("q35", RNG.format("'pci' slot='0x1f' function='2'"), "00:1f.2 is the chipset's"),
        ("q35", PORT + bus(2, "pcie-root-port", "<address type='pci' bus='1'/>"), "a pcie-root-port does not take it"),
        ("q35", PORT + bus(2, "pcie-switch-upstream-port", "<address type='pci' slot='9'/>"), "a pcie-root does not take it"),
        ("pc", "<controller type='ide'><address type='pci' slot='5'/></controller>", "has this controller at 00:01.1"),
        ("q35", "<controller type='sata'><address type='pci' slot='5'/></controller>", "has this controller at 00:1f.2"),
        ("pc", RNG.format("'ccw' cssid='0xfe' ssid='0' devno='1'"), "machine 'pc' has no channel devices"),
        ("pc", RNG.format("'drive'"), "cannot have an address of type 'drive'"),
        ("pc", RNG.format("'isa'"), "cannot have an address of type 'isa'"),
        ("pc", RNG.format("'unassigned'"), "only a <hostdev> can be 'unassigned'"),
        ("pc", RNG.format("'bogus'"), "<address type='bogus'> is none of"),
        ("pc", "<rng model='virtio'><backend model='random'/><address slot='5'/></rng>", "<address type=''> is none of"),
        ("pc", RNG.format("'pci'><zpci uid='1'/></address><x y=''"), "<zpci> is for s390 machines"),
        ("s390-ccw-virtio", RNG.format("'pci'><zpci uid='1'/></address><x y=''") * 2, "<zpci uid='0x1'>: two devices have it"),
        ("s390-ccw-virtio", RNG.format("'pci'><zpci fid='1'/></address><x y=''") * 2, "<zpci fid='0x1'>: two devices have it"),
        ("s390-ccw-virtio", RNG.format("'pci'><zpci uid='0'/></address><x y=''"), "is not between 0x0001 and 0xffff"),
        ("s390-ccw-virtio", RNG.format("'ccw' cssid='0xfe' ssid='0'"), "cssid, ssid and devno belong together"),
        ("isapc", RNG.format("'pci'"), "the device needs PCI, and the machine has none"),
    ],
)
def test_places(machine: str, devices: str, complaint: str) -> None:
    """Addresses that the board or the bus does not have."""
    arch = "s390x" if machine.startswith("s390") else "x86_64"
    assert complaint in refusal(guest(devices, machine=machine, arch=arch)).message


def hostdev(kind: str, source: str, attributes: str = "", below: str = "") -> str:
    """A device of the host."""
    return f"<hostdev mode='subsystem' type='{kind}' {attributes}>{source}{below}</hostdev>"


LUN = "<source><adapter name='scsi_host0'/><address bus='0' target='0' unit='{}'/></source>"
UNIT_0 = "<address type='drive' unit='0'/>"
USB = "<source><address bus='1' device='{}'/></source>"
MDEV = "<source><address uuid='53764d0e-85a0-42b4-af5c-2046b460b1dc'/></source>"
VHOST = "<source protocol='{}' wwpn='{}'/>"


@pytest.mark.parametrize(
    ("devices", "complaint"),
    [
        (hostdev("usb", USB.format(2)) * 2, "is handed through twice"),
        (hostdev("usb", "<source><vendor id='0x1234'/></source>"), "<vendor> and <product> belong together"),
        (hostdev("usb", "<source><vendor id='0'/><product id='1'/></source>"), "<vendor id='0'> is nobody's"),
        (hostdev("usb", "<source><vendor id='0x10000'/><product id='1'/></source>"), "is not between 0x0000 and 0xffff"),
        (hostdev("usb", "<source><address bus='1'/></source>"), "<address> lacks its attribute 'device'"),
        (hostdev("usb", "<source/>"), "its <source> names no device"),
        (hostdev("usb", ""), "it needs a <source>"),
        (hostdev("usb", USB.format(2), "model='virtio'"), "'model' is for type 'mdev'"),
        (hostdev("usb", USB.format(2), "sgio='filtered'"), "'sgio' is for type 'scsi'"),
        (hostdev("usb", USB.format(2), "rawio='yes'"), "'rawio' is for type 'scsi'"),
        (hostdev("usb", USB.format(2), below="<rom file='/x'/>"), "'rom' is for type 'pci'"),
        (hostdev("usb", USB.format(2), below="<boot/>"), "<boot> lacks its attribute 'order'"),
        (hostdev("usb", USB.format(2), below="<boot order='0'/>"), "is not between 1 and"),
        ("<hostdev mode='capabilities' type='misc'/>", "is for containers"),
        (hostdev("pci", "<source><address bus='1' slot='2'/></source>") * 2, "is handed through twice"),
        (hostdev("pci", "<source><address bus='1' slot='0x20'/></source>"), "is not between 0x00 and 0x1f"),
        (hostdev("pci", "<driver name='kvm'/><source><address bus='1'/></source>"), "with vfio alone"),
        (hostdev("scsi", LUN.format(0)) * 2, "is handed through twice"),
        (hostdev("scsi", LUN.format(0), below=UNIT_0) + hostdev("scsi", LUN.format(1), below=UNIT_0), "another device has it"),
        (hostdev("scsi", LUN.format(0), below="<address type='pci'/>"), "its <address> is of type 'drive'"),
        (hostdev("scsi", "<source><adapter name='host0'/><address bus='0' target='0' unit='0'/></source>"), "is not scsi_hostN"),
        (hostdev("scsi", "<source><adapter name='scsi_host0'/></source>"), "needs an <address>"),
        (hostdev("scsi", "<source><address bus='0' target='0' unit='0'/></source>"), "needs an <adapter name>"),
        (hostdev("scsi", "<source protocol='iscsi'><host name='a'/></source>"), "needs a name"),
        (hostdev("scsi", "<source protocol='iscsi' name='iqn.a:b/1'/>"), "needs one <host>"),
        (hostdev("scsi_host", VHOST.format("vhost", "abc")), "begins with 'naa.'"),
        (hostdev("scsi_host", VHOST.format("none", "naa.5123456789abcde0")), "'none' is none of"),
        (hostdev("scsi_host", VHOST.format("vhost", "naa.5123456789abcde0"), "model='vfio-pci'"), "there is no model 'vfio-pci'"),
        (hostdev("mdev", MDEV), "it needs a model"),
        (hostdev("mdev", MDEV, "model='virtio'"), "there is no model 'virtio'"),
        (hostdev("mdev", MDEV, "model='vfio-ccw'"), "is for s390 machines"),
        (hostdev("mdev", MDEV, "model='vfio-pci'") * 2, "is handed through twice"),
        (hostdev("mdev", MDEV, "model='vfio-pci' display='on'"), "needs a <graphics> device"),
        (hostdev("mdev", "<source><address uuid='53764d0e'/></source>", "model='vfio-pci'"), "needs an <address uuid>"),
    ],
)
def test_devices_of_the_host(devices: str, complaint: str) -> None:
    """A source that names no device, a device twice, attributes of another type."""
    assert complaint in refusal(guest(devices)).message


PORT_OF_CHANNEL = "<channel type='pty'><target type='virtio' name='{}'/><address type='virtio-serial' port='{}'/></channel>"
FOUR_PORTS = "<controller type='virtio-serial' ports='4'/>"
VIO = "<address type='spapr-vio' reg='0x4000'/>"


def two(below: str) -> str:
    """Two different devices that say the same."""
    return hostdev("usb", USB.format(2), below=below) + hostdev("usb", USB.format(3), below=below)


@pytest.mark.parametrize(
    ("machine", "devices", "complaint"),
    [
        ("pc", two("<boot order='1'/>"), "<boot order='1'>: another device has it"),
        ("pc", two("<alias name='ua-x'/>"), "<alias name='ua-x'>: another device has it"),
        ("pc", "<vsock model='virtio'/>" * 2, "<vsock>: being the only one of its kind"),
        ("q35", "<iommu model='intel'/>" * 2, "<iommu>: being the only one of its kind"),
        ("pseries", "<nvram/><nvram/>", "<nvram>: being the only one of its kind"),
        ("pseries", f"<controller type='scsi' index='0'>{VIO}</controller><controller type='scsi' index='1'>{VIO}</controller>",
         "reg='0x4000'>: another device has it"),
        ("pc", PORT_OF_CHANNEL.format("a", 1) + PORT_OF_CHANNEL.format("b", 1), "the port is taken"),
        ("pc", PORT_OF_CHANNEL.format("a", 31), "the controller has the ports 0 to 30"),
        ("pc", FOUR_PORTS + PORT_OF_CHANNEL.format("a", 4), "the controller has the ports 0 to 3"),
        ("pc", "<smartcard mode='host'/>" * 2, "one reader with one slot"),
        ("pc", "<smartcard mode='host'><address type='ccid' slot='1'/></smartcard>", "one reader with one slot"),
    ],
)  # fmt: skip
def test_what_one_device_has_alone(machine: str, devices: str, complaint: str) -> None:
    """Numbers and names that two devices cannot share."""
    arch = "ppc64" if machine == "pseries" else "x86_64"
    assert complaint in refusal(guest(devices, machine=machine, arch=arch)).message


def card(kind: str, below: str = "", model: str = "virtio") -> str:
    """A network card."""
    return f"<interface type='{kind}'>{below}<model type='{model}'/></interface>"


def switched(port: str, below: str = "") -> str:
    """A card on a bridge with a port of a switch."""
    return card("bridge", f"<source bridge='b'/><virtualport {port}</virtualport>{below}")


PASST = "<backend type='passt'/>"


@pytest.mark.parametrize(
    ("devices", "complaint"),
    [
        (card("vds"), "it is not for QEMU"),
        (card("network"), "its <source> lacks 'network'"),
        (card("direct"), "its <source> lacks 'dev'"),
        (card("vdpa"), "its <source> lacks 'dev'"),
        (card("mcast", "<source address='1.2.3.4'/>"), "its <source> lacks 'port'"),
        (card("udp", "<source address='127.0.0.1' port='1'/>"), "its <source> lacks 'local'"),
        (card("udp", "<source address='127.0.0.1' port='1'><local port='1'/></source>"), "<local> lacks its attribute 'address'"),
        (card("hostdev"), "needs an <address type='pci'>"),
        (card("direct", "<source dev='e' mode='client'/>"), "<source mode='client'> is of another type"),
        (card("vhostuser"), "it needs shared memory"),
        (card("user", "<mtu size='1500'/>"), "<mtu> is not for this type"),
        (card("user", "<mtu size='many'/>"), "is not a number"),
        (card("ethernet", "<coalesce><rx><frames max='4'/></rx></coalesce>"), "<coalesce> is not for this type"),
        (card("user", "<port isolated='yes'/>"), "<port isolated='yes'> is not for this type"),
        (card("user", "<driver name='vfio'/>"), "<driver name='vfio'> is of another type"),
        (card("user", "<driver txmode='slow'/>"), "'slow' is none of iothread, timer"),
        (card("user", "<driver iommu='on'/>", "e1000"), "are for virtio cards"),
        (card("user", "<driver rx_queue_size='3'/>"), "must be a power of two"),
        (card("user", "", "a b"), "is no name"),
        (card("user", "<mac address='01:00:00:00:00:00'/>"), "multicast"),
        (card("user", "<link state='away'/>"), "'away' is none of up, down"),
        (card("user", "<rom enabled='no' bar='on'/>"), "has neither bar nor file"),
        (card("user", "<acpi index='1'/>", "usb-net"), "are for cards on PCI"),
        (card("user", "<teaming type='transient'/>"), "needs its attribute 'persistent'"),
        (card("user", "<teaming type='persistent'/>", "e1000"), "needs a card of model 'virtio'"),
        (card("user", "<ip/>"), "<ip> lacks its attribute 'address'"),
        (card("user", "<ip address='1.2.3'/>"), "is not an address"),
        (card("user", "<ip family='ipv4' address='fe80::1'/>"), "is not an address of family ipv4"),
        (card("user", "<ip address='1.2.3.4' prefix='33'/>"), "is longer than its address"),
        (card("user", "<ip address='1.2.3.4' prefix='3'/>"), "is not between 4 and 27"),
        (card("user", "<ip address='1.2.3.4'/><ip address='1.2.3.5'/>"), "two <ip> are of one family"),
        (card("ethernet", "<ip address='1.2.3.4' prefix='24'/>"), "are for containers"),
        (card("user", "<portForward proto='tcp'/>"), "<portForward> needs <backend type='passt'/>"),
        (card("user", PASST + "<portForward/>"), "<portForward> lacks its attribute 'proto'"),
        (card("user", PASST + "<portForward proto='tcp'><range end='4'/></portForward>"), "needs its attribute 'start'"),
        (card("bridge", "<source bridge='b'/>" + PASST), "<backend type='passt'> is not for this type"),
        (card("ethernet", "<bandwidth><inbound peak='1'/></bandwidth>"), "needs an average or a floor"),
        (switched(">"), "<virtualport> lacks its attribute 'type'"),
        (switched("type='vepa'>"), "'vepa' is none of"),
        (switched("type='802.1Qbh'>"), "needs profileid"),
        (switched("type='openvswitch'><parameters interfaceid='x'/>"), "'x' is not a UUID"),
        (switched("type='802.1Qbg'><parameters managerid='300' typeid='1' typeidversion='1'/>"), "is not between 0 and 255"),
        (switched("type='openvswitch'>", "<vlan/>"), "<vlan> needs a <tag>"),
        (switched("type='openvswitch'>", "<vlan><tag id='4096'/></vlan>"), "is not between 0 and 4095"),
        (
            switched("type='openvswitch'>", "<vlan trunk='no'><tag id='4'/><tag id='5'/></vlan>"),
            "has one <tag>",
        ),
    ],
)
def test_cards(devices: str, complaint: str) -> None:
    """Networks without their source, and what is of another type of network."""
    assert complaint in refusal(guest(devices)).message


DISK = "<disk type='file'><driver name='qemu' type='{}'/><source file='/a'>{}</source><target dev='{}' bus='{}'/>{}</disk>"
NETWORK = "<disk type='network'>{}<source protocol='nbd' name='x'><host name='a' port='{}'/></source><target dev='vda'/></disk>"
SHARED = "<memory>1048576</memory><memoryBacking><access mode='shared'/></memoryBacking>"
FOLDER = "<filesystem type='mount' {}><driver {}/>{}<source dir='/a'/><target dir='b'/></filesystem>"
DIMMS = "<maxMemory slots='4'>4194304</maxMemory><cpu><numa><cell id='0' cpus='0' memory='1048576'/></numa></cpu>"
MODULE = "<memory model='{}'><source><path>/x</path></source><target><size>262144</size>{}</target></memory>"
SERIAL = "<serial type='{}'>{}</serial>"
END = "<source mode='connect' host='::1' service='1'/>"


@pytest.mark.parametrize(
    ("board", "parts", "devices", "complaint"),
    [
        ("x86_64 pc", "<cputune><quota>5</quota></cputune>", "", "5 is not between 1000"),
        ("x86_64 pc", "<cputune><period>1000001</period></cputune>", "", "is not between 1000 and 1000000"),
        ("x86_64 pc", "<cputune><vcpupin vcpu='0' cpuset='0'/><vcpupin vcpu='0' cpuset='1'/></cputune>", "", "it stands twice"),
        ("x86_64 pc", "<cputune><vcpusched vcpus='5' scheduler='batch'/></cputune>", "", "there is no CPU 5"),
        ("x86_64 pc", "<cputune><vcpusched vcpus='0' scheduler='rr'/></cputune>", "", "needs a priority"),
        ("x86_64 pc", "<cputune><cachetune vcpus='0'/></cputune>", "", "only a guest of type 'kvm'"),
        ("x86_64 pc", "<memtune><min_guarantee>5</min_guarantee></memtune>", "", "<min_guarantee>"),
        ("x86_64 pc", "<maxMemory>1</maxMemory>", "", "less than the guest's <memory>"),
        ("x86_64 pc", "<vcpu>256</vcpu>", "", "at most 255"),
        ("x86_64 pc-q35-8.2", "<vcpu>1025</vcpu>", "", "at most 1024"),
        ("s390x s390-ccw-virtio", "<vcpu>249</vcpu>", "", "at most 248"),
        ("x86_64 pc", "<iothreadids><iothread id='1' thread_pool_min='3'/></iothreadids>", "",
         "thread_pool_max that is not less"),
        ("x86_64 pc", "<defaultiothread thread_pool_max='0'/>", "", "at least one thread"),
        ("x86_64 pc", "<cpu><vendor>Intel</vendor></cpu>", "", "a vendor without a <model>"),
        ("x86_64 pc", "<cpu><feature name='vmx'/></cpu>", "", "features without a <model>"),
        ("x86_64 pc", "<cpu mode='custom'><model>Pentium9</model></cpu>", "", "there is no such CPU"),
        ("x86_64 pc", "<cpu mode='host-model'><feature name='cmp-legacy'/></cpu>", "", "unknown CPU feature 'cmp-legacy'"),
        ("x86_64 pc", "<cpu><model>qemu64</model><cache mode='disable' level='3'/></cpu>", "", "unsupported CPU cache level"),
        ("x86_64 q35", "<features><smm><tseg unit='KiB'>4</tseg></smm></features>", "", "whole MiB"),
        ("x86_64 q35", "<features><ioapic driver='kvm'/></features>", "<iommu model='intel'><driver intremap='on'/></iommu>",
         "intremap"),
        ("x86_64 q35", "<vcpu>300</vcpu>", "<iommu model='intel'><driver eim='off'/></iommu>", "300 CPUs need eim"),
        ("riscv64 virt", "", "<panic/>", "it needs a model"),
        ("x86_64 pc", "<bootloader>/usr/bin/pygrub</bootloader>", "", "<bootloader>"),
        ("x86_64 pc", "", hostdev("pci", "<source writeFiltering='no'><address bus='1' slot='2'/></source>"),
         "no such choice"),
        ("aarch64 virt", "<features><acpi/></features>", "", "it needs UEFI"),
        ("x86_64 pc", "", "<input type='evdev' bus='usb'><source dev='/dev/input/event1'/></input>", "it sits on no bus"),
        ("x86_64 q35", "", "<watchdog model='itco'/>" * 2, "the board has one"),
        ("s390x s390-ccw-virtio", "", "<controller type='usb' model='nec-xhci'/>", "qemu-xhci alone"),
        ("s390x s390-ccw-virtio", "", "<controller type='scsi' model='lsilogic'/>", "virtio controllers alone"),
        ("s390x s390-ccw-virtio", "", SERIAL.format("pty", "<target type='pci-serial'/>"), "does not fit"),
        ("s390x s390-ccw-virtio", "", "<tpm model='tpm-tis'><backend type='emulator'/></tpm>", "has no such device"),
        ("aarch64 virt", "", "<tpm model='tpm-crb'><backend type='emulator'/></tpm>", "has no such device"),
        ("ppc64 pseries", "", "<tpm><backend type='emulator' version='1.2'/></tpm>", "its version is '2.0'"),
        ("x86_64 pc", "", "<tpm><backend type='emulator'><active_pcr_banks><sha1/></active_pcr_banks></backend></tpm>",
         "<active_pcr_banks>"),
        ("x86_64 pc", "", SERIAL.format("file", "<source path='/a'><seclabel relabel='yes'/></source>"),
         "its <label> is missing"),
        ("x86_64 pc", "", DISK.format("raw", "<seclabel model='dac'/>" * 2, "vda", "virtio", ""), "it stands twice"),
        ("x86_64 pc", "", "<controller type='usb' model='pcie-root'/>", "QEMU has no such model"),
        ("x86_64 pc", "<vcpu>2</vcpu><vcpus><vcpu id='2' enabled='yes'/></vcpus>", "", "there is no CPU 2"),
        ("x86_64 pc", "<vcpu>2</vcpu><vcpus><vcpu id='0' enabled='yes' order='2'/></vcpus>", "", "it is the first one"),
        ("x86_64 pc", "<clock><timer name='rtc' track='boot'/></clock>", "", "cannot follow it"),
        ("x86_64 pc", "<clock><timer name='kvmclock' tickpolicy='delay'/></clock>", "", "no such attribute"),
        ("x86_64 pc", "<clock><timer name='pit'><catchup limit='5'/></timer></clock>", "", "for tickpolicy='catchup'"),
        ("x86_64 pc", "", "<graphics type='vnc' autoport='no'/>", "needs a port"),
        ("x86_64 pc", "", "<graphics type='vnc' socket='/x'><listen type='socket' socket='/y'/></graphics>", "another socket"),
        ("x86_64 pc", "", "<video><model type='virtio'><acceleration/></model></video>", "needs a value"),
        ("x86_64 pc", "", "<video><model type='vga'><acceleration rendernode='/x'/></model></video>", "vhostuser"),
        ("x86_64 pc", "", "<controller type='usb' model='piix3-uhci'><master startport='0'/></controller>", "no master"),
        ("x86_64 pc", "", "<controller type='usb' model='vt82c686b-uhci'/>", "boards of MIPS"),
        ("x86_64 pc", "", DISK.format("raw", "", "hda", "ide", "<acpi index='3'/>"), "is for PCI devices"),
        ("x86_64 pc", "", "<interface type='user'><target dev='a' managed='no'/></interface>", "managed='no'"),
        ("x86_64 pc", "", "<interface type='ethernet'><bandwidth classID='5'><inbound average='1'/></bandwidth></interface>",
         "classID"),
        ("loongarch64 virt", "", "<panic/>", "it needs a model"),
        ("x86_64 pc", "", "<audio id='1' type='none'><input fixedSettings='yes'/></audio>", "needs mixingEngine"),
        ("x86_64 pc", "", "<audio id='1' type='none'/><graphics type='dbus'><audio id='1'/></graphics>", "not of type 'dbus'"),
        ("x86_64 pc", "", SERIAL.format("tcp", END * 2), "takes 1 <source>"),
        ("x86_64 pc", "", SERIAL.format("udp", END * 3), "takes 2 <source>"),
        ("x86_64 pc", "", SERIAL.format("pty", "<target><model name='usb-serial'/></target>"), "requires another target type"),
        ("x86_64 pc", "", SERIAL.format("spicevmc", "") + "<graphics type='spice'/>", "virtio ports alone"),
        ("x86_64 pc", "", "<rng model='virtio'><backend model='egd' type='spicevmc'/></rng>", "needs <graphics type='spice'>"),
        ("x86_64 pc", "", "<console><target type='virtio'/><address type='usb'/></console>", "is of type 'virtio-serial'"),
        ("x86_64 pc", "", FOLDER.format("accessmode='mapped'", "type='handle'", ""), "only supports accessmode 'passthrough'"),
        ("x86_64 pc", "", FOLDER.format("", "format='none'", ""), "there is no format 'none'"),
        ("x86_64 pc", "", FOLDER.format("", "", "<space_hard_limit>5</space_hard_limit>"), "no limits of its space"),
        ("x86_64 pc", SHARED, FOLDER.format("model='virtio-transitional'", "type='virtiofs'", ""), "virtiofs has no model"),
        ("x86_64 pc", DIMMS, MODULE.format("nvdimm", "<node>0</node><label><size>100</size></label>"), "at least 128 KiB"),
        ("x86_64 pc", DIMMS, MODULE.format("virtio-pmem", "<node>0</node>"), "belongs to no <node>"),
        ("x86_64 pc", DIMMS, MODULE.format("virtio-mem", "<node>0</node><block>1024</block>"), "at least 2 MiB"),
        ("x86_64 pc", "", "<video><model type='vmvga' vram='500'/></video>", "must be at least 1 MiB"),
        ("x86_64 pc", "", "<video><model type='vga'><acceleration accel2d='yes'/></model></video>", "in 2D"),
        ("x86_64 pc", "", "<video><driver iommu='on'/><model type='vga'/></video>", "of virtio alone"),
        ("x86_64 pc", "", DISK.format("qcow2", "<encryption format='qcow'/>", "vda", "virtio", ""), "the old encryption"),
        ("x86_64 pc", "", DISK.format("qcow2", "", "vda", "virtio",
         "<backingStore type='file'><format type='raw'/></backingStore>"),
         "<backingStore>: <source> is missing"),
        ("x86_64 pc", "", DISK.format("raw", "", "vda", "virtio", "<product>x</product>"), "bus ide, sata or scsi"),
        ("s390x s390-ccw-virtio", "", DISK.format("raw", "", "sda", "sata", ""), "s390 machines"),
        ("s390x s390-ccw-virtio", "", "<controller type='sata'/>", "s390 machines"),
        ("ppc64 pseries", "", DISK.format("raw", "", "fda", "fdc", "").replace("'file'>", "'file' device='floppy'>"),
         "no floppy"),
        ("x86_64 pc", "", NETWORK.format("", "70000"), "ports end at 65535"),
        ("x86_64 pc", "", NETWORK.format("<auth username='a'><secret type='ceph' usage='b'/></auth>", "1"), "knows none"),
    ],
)  # fmt: skip
def test_what_a_guest_says_of_itself(board: str, parts: str, devices: str, complaint: str) -> None:
    """Values that contradict each other, or that the machine or the model has no place for."""
    arch, machine = board.split()
    assert complaint in refusal(guest(devices, parts=parts, arch=arch, machine=machine)).message


@pytest.mark.parametrize(
    ("part", "path"),
    [
        ("<os><type>hvm</type><bootmenu enable='yes' timeout='70000'/></os>", "/domain/os"),
        ("<os><type>hvm</type></os><features><gic version='3'/></features>", "/domain/features"),
        ("<os><type>hvm</type></os><cpu><feature name='vmx'/></cpu>", "/domain/cpu"),
        ("<os><type>hvm</type></os><seclabel/><seclabel/>", "/domain/seclabel[1]"),
    ],
)
def test_a_refusal_of_a_part_has_its_place(part: str, path: str) -> None:
    xml = f"<domain type='kvm'>\n<name>a</name>\n<memory>1024</memory>\n{part}\n<devices/></domain>"
    place = refusal(xml).place
    assert isinstance(place, XmlPlace)
    assert (place.line, place.path) == (4, path)
