"""Implicit devices, places, names and boot order in profile ``modern``: a snippet of ``<devices>`` and what QEMU is told."""

from __future__ import annotations

import json
import shlex
from itertools import pairwise
from typing import Any

import pytest

from qemuxml import to_native
from qemuxml.errors import ConversionError

GUEST = """<domain type='qemu'><name>g</name><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid><memory>219136</memory>
<os><type arch='{arch}' machine='{machine}'>hvm</type></os>
<devices><emulator>/usr/bin/qemu</emulator>{devices}</devices></domain>"""


def devices_of(machine: str, devices: str, arch: str = "x86_64") -> list[dict[str, Any]]:
    """The ``-device`` options of a guest."""
    text = to_native(
        GUEST.format(arch=arch, machine=machine, devices=devices), profile="modern", plumbing="libvirt", environment={}
    )
    words = shlex.split(text)
    return [json.loads(value) for option, value in pairwise(words) if option == "-device"]


def places(machine: str, devices: str, arch: str = "x86_64") -> list[str]:
    """``id bus addr`` of every device."""
    made = devices_of(machine, devices, arch)
    return [" ".join(str(item.get(key, "-")) for key in ("id", "bus", "addr")) for item in made]


@pytest.mark.parametrize(
    ("machine", "arch", "devices", "expected"),
    [
        ("pc", "x86_64", "", ["usb pci.0 0x1.0x2", "balloon0 pci.0 0x2"]),
        ("q35", "x86_64", "<memballoon model='none'/>", ["pci.1 pcie.0 0x1", "pci.2 pcie.0 0x1.0x1", "usb pci.1 0x0"]),
        ("virt", "aarch64", "", []),
        ("pseries", "ppc64", "", ["usb pci.0 0x1", "balloon0 pci.0 0x2"]),
        (
            "pc", "x86_64",
            "<memballoon model='none'/><controller type='pci' index='2' model='pci-bridge'/>",
            ["pci.1 pci.0 0x2", "pci.2 pci.0 0x3", "usb pci.0 0x1.0x2"],
        ),
        (
            "q35", "x86_64",
            "<memballoon model='none'/><controller type='usb' model='piix3-uhci'/>",
            ["pci.1 pcie.0 0x1", "pci.2 pci.1 0x0", "pci.3 pcie.0 0x1.0x1", "usb pci.2 0x1"],
        ),
        (
            "pc", "x86_64",
            "<memballoon model='none'/><controller type='scsi' model='virtio-scsi'/><hub type='usb'/>",
            ["usb pci.0 0x1.0x2", "scsi0 pci.0 0x2", "hub0 usb.0 -"],
        ),
    ],
)  # fmt: skip
def test_places(machine: str, arch: str, devices: str, expected: list[str]) -> None:
    """Every device where libvirt puts it."""
    assert places(machine, devices, arch) == expected


def test_channel_devices_are_numbered() -> None:
    """An s390 machine numbers its channel devices from fe.0.0000."""
    (balloon,) = devices_of("s390-ccw-virtio", "", "s390x")
    assert balloon["devno"] == "fe.0.0000"


def test_companions_share_a_slot() -> None:
    """ICH9's USB controllers are functions of one slot, the master's name is their bus."""
    models = ("ich9-ehci1", "ich9-uhci1", "ich9-uhci2", "ich9-uhci3")
    controllers = "".join(f"<controller type='usb' index='0' model='{model}'/>" for model in models)
    made = devices_of("pc", "<memballoon model='none'/>" + controllers)
    assert [item["addr"] for item in made] == ["0x2.0x7", "0x2", "0x2.0x1", "0x2.0x2"]
    assert [item.get("firstport") for item in made] == [None, 0, 2, 4]
    assert [item.get("multifunction") for item in made] == [None, True, None, None]


def test_an_address_twice_is_refused() -> None:
    """Two devices of one place cannot be."""
    place = "<address type='pci' domain='0' bus='0' slot='5' function='0'/>"
    with pytest.raises(ConversionError, match="double use"):
        devices_of("pc", f"<controller type='scsi' model='virtio-scsi'>{place}</controller><rng model='virtio'>"
                   f"<backend model='random'>/dev/urandom</backend>{place}</rng>")  # fmt: skip


def ports(devices: str, arch: str = "x86_64", machine: str = "pc") -> dict[str, str]:
    """``id: bus.port`` of every USB device."""
    found = devices_of(machine, devices, arch)
    return {item["id"]: f"{item['bus'].removesuffix('.0')}.{item['port']}" for item in found if "port" in item and "id" in item}


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (2, {"input0": "usb.1", "input1": "usb.2"}),
        (3, {"hub0": "usb.1", "input0": "usb.2", "input1": "usb.1.1", "input2": "usb.1.2"}),
    ],
)
def test_hubs_are_added_where_ports_are_short(count: int, expected: dict[str, str]) -> None:
    """A controller of two ports takes two devices; a third needs a hub, which takes a port itself."""
    assert ports("<memballoon model='none'/>" + "<input type='tablet' bus='usb'/>" * count) == expected


def test_usb_devices_plug_in_by_kind() -> None:
    """Hubs first, disks before inputs, smartcard controllers before both."""
    made = ports(
        "<controller type='usb' model='qemu-xhci' ports='8'/><input type='tablet' bus='usb'/><smartcard mode='host'/>"
        "<disk type='file'><source file='/a'/><target dev='sda' bus='usb'/></disk><hub type='usb'/>"
    )
    assert made == {"hub0": "usb.1", "usb-disk0": "usb.2", "ccid0": "usb.3", "input0": "usb.4"}


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        (["ehci1", "uhci1"], ["usb pci.0 0x2.0x7", "- pci.0 0x2"]),
        (["uhci1", "ehci1"], ["usb pci.0 0x2.0x7", "- pci.0 0x2"]),
        (["ehci1", "uhci1", "ehci1", "uhci1"], ["usb pci.0 0x2.0x7", "- pci.0 0x2", "usb1 pci.0 0x3.0x7", "- pci.0 0x3"]),
    ],
)
def test_ich9_controllers_without_an_index(models: list[str], expected: list[str]) -> None:
    """One joins the set before it if that lacks its model."""
    devices = "".join(f"<controller type='usb' model='ich9-{model}'/>" for model in models)
    assert places("pc", f"<memballoon model='none'/>{devices}") == expected


@pytest.mark.parametrize(
    ("model", "name", "place"),
    [
        ("lsilogic", "scsi0-0-6", {"scsi-id": 6}),
        ("am53c974", "scsi0-0-0-6", {"scsi-id": 6}),
        ("virtio-scsi", "scsi0-0-0-6", {"channel": 0, "scsi-id": 0, "lun": 6}),
    ],
)
def test_units_of_scsi_controllers(model: str, name: str, place: dict[str, int]) -> None:
    """A controller of the old sort has a target for each unit; seven disks fill any."""
    disks = "".join(f"<disk type='file'><source file='/{x}'/><target dev='sd{x}' bus='scsi'/></disk>" for x in "agh")
    made = devices_of("pc", f"<controller type='scsi' model='{model}'/>{disks}")
    seventh = next(item for item in made if item["id"] == name)
    assert {key: seventh[key] for key in ("channel", "scsi-id", "lun") if key in seventh} == place
    assert any(item["id"].startswith("scsi1-") for item in made)


def test_logical_units_of_the_host() -> None:
    """Their nodes are numbered behind the disks', and they take the next free unit."""
    unit = (
        "<hostdev mode='subsystem' type='scsi'><source protocol='iscsi' name='iqn.a:b/2'><host name='h' port='3260'/></source>"
        "<readonly/></hostdev>"
    )
    disk = "<disk type='file'><source file='/a'/><target dev='sda' bus='scsi'/></disk>"
    made = next(item for item in devices_of("pc", disk + unit) if item["driver"] == "scsi-generic")
    assert (made["drive"], made["bus"], made["scsi-id"]) == ("libvirt-2-backend", "scsi0.0", 1)


def test_names_of_the_board_stay() -> None:
    """A user's name for what the board brings renames no bus of QEMU's."""
    devices = (
        "<controller type='pci' index='0' model='pcie-root'><alias name='ua-root'/></controller>"
        "<controller type='sata' index='0'><alias name='ua-sata'/></controller>"
        "<disk type='file'><source file='/a'/><target dev='sda' bus='sata'/></disk>"
    )
    buses = {item["bus"] for item in devices_of("q35", devices) if "bus" in item}
    assert {"pcie.0", "ide.0"} <= buses
    assert not any(bus.startswith("ua-") for bus in buses)


@pytest.mark.parametrize(("arch", "machine"), [("aarch64", "virt"), ("riscv64", "virt")])
def test_one_device_on_a_transport_brings_the_others(arch: str, machine: str) -> None:
    """Virtio devices follow the one that asks for mmio; one with a PCI address stays there."""
    rng = "<rng model='virtio'><backend model='builtin'/>{}</rng>"
    devices = rng.format("<address type='virtio-mmio'/>") + rng.format("") + rng.format("<address type='pci'/>")
    drivers = [item["driver"] for item in devices_of(machine, f"<memballoon model='none'/>{devices}", arch)]
    assert [name for name in drivers if "rng" in name] == ["virtio-rng-device", "virtio-rng-device", "virtio-rng-pci"]


def test_devices_of_the_host_share_no_host_bridge_on_pseries() -> None:
    """The functions of one slot are taken for one group; another device gets a bridge of its own."""
    device = (
        "<hostdev mode='subsystem' type='pci'><source><address domain='0' bus='{}' slot='0' function='{}'/></source></hostdev>"
    )
    devices = "<controller type='usb' model='none'/><memballoon model='none'/>" + "".join(
        device.format(bus, function) for bus, function in ((1, 0), (2, 0), (1, 1))
    )
    assert places("pseries", devices, "ppc64")[-3:] == ["hostdev0 pci.1.0 0x1", "hostdev1 pci.2.0 0x1", "hostdev2 pci.1.0 0x2"]


def test_the_first_pci_controller_is_the_root() -> None:
    """Controllers without an index are counted from 0, which only the root may have."""
    with pytest.raises(ConversionError, match="pcie-root"):
        devices_of("q35", "<controller type='pci' model='pcie-root-port'/>")


def test_a_bridge_comes_with_a_port() -> None:
    """Even where a root port is free; the bridge takes the first free one."""
    devices = (
        "<memballoon model='none'/><controller type='usb' model='none'/><controller type='pci' model='pcie-root'/>"
        "<controller type='pci' model='pcie-root-port'/><sound model='ac97'/>"
    )
    expected = ["pci.1 pcie.0 0x1", "pci.2 pcie.0 0x1.0x1", "pci.3 pci.1 0x0", "sound0 pci.3 0x1"]
    assert places("q35", devices) == expected


@pytest.mark.parametrize(
    ("arch", "machine", "expected"),
    [
        ("mips", "malta", ["usb pci 0x1", "balloon0 pci 0x2"]),
        ("sparc64", "sun4u", ["usb pci 0x1", "balloon0 pci 0x2"]),
        ("sparc", "SS-5", []),
        ("armv7l", "versatilepb", ["usb pci 0x1"]),
    ],
)
def test_other_boards(arch: str, machine: str, expected: list[str]) -> None:
    """Boards with one PCI bus call it ``pci``."""
    assert places(machine, "", arch) == expected


S390 = ("s390-ccw-virtio", "s390x")
PSERIES = ("pseries", "ppc64")
PC = ("pc", "x86_64")
RNG = "<rng model='virtio'><backend model='random'/>{}</rng>"
TPM = "<tpm model='tpm-spapr'><backend type='emulator'/>{}</tpm>"


@pytest.mark.parametrize(
    ("board", "device", "address", "expected"),
    [
        (PC, "<hub type='usb'>{}</hub>", "type='pci' slot='9'", {"id": "hub0", "bus": "usb.0", "port": "1"}),
        (PC, "<hub type='usb'>{}</hub>", "type='ccw' cssid='0xfe' ssid='0' devno='1'", {"bus": "usb.0", "port": "1"}),
        (PC, "<channel type='pty'><target type='virtio'/>{}</channel>", "type='unassigned'", {"bus": "virtio-serial0.0"}),
        (PSERIES, "<serial type='pty'>{}</serial>", "type='usb' bus='0' port='1'", {"driver": "spapr-vty", "reg": 0x30000000}),
        (PSERIES, "<serial type='pty'>{}</serial>", "type='isa' iobase='0x3f8'", {"driver": "spapr-vty", "reg": 0x30000000}),
        (PSERIES, TPM, "type='ccid' controller='0' slot='0'", {"driver": "tpm-spapr", "reg": 0x4000}),
        (PC, "<sound model='ac97'>{}</sound>", "type='isa' iobase='0x220'", {"driver": "AC97", "iobase": 0x220, "bus": None}),
        (PC, "<sound model='ac97'>{}</sound>", "type='usb' bus='0' port='2'", {"driver": "AC97", "bus": "usb.0", "port": "2"}),
        (PC, "<sound model='sb16'>{}</sound>", "type='ccid' controller='0' slot='0'", {"driver": "sb16", "bus": None}),
        (PC, "<sound model='sb16'>{}</sound>", "type='dimm' slot='3'", {"driver": "sb16", "slot": 3}),
        (PC, RNG, "type='pci' multifunction='on'", {"id": "rng0", "addr": "0x2", "multifunction": None}),
        (PC, RNG, "type='pci' function='1' multifunction='off'", {"id": "rng0", "addr": "0x2", "multifunction": None}),
        (PC, RNG, "type='pci' slot='7' multifunction='off'", {"id": "rng0", "addr": "0x7", "multifunction": False}),
    ],
)  # fmt: skip
def test_addresses_of_another_sort(board: tuple[str, str], device: str, address: str, expected: dict[str, Any]) -> None:
    """What sits elsewhere by its nature loses it, what libvirt does not weigh keeps it; a part of a place is none."""
    found = devices_of(board[0], "<memballoon model='none'/>" + device.format(f"<address {address}/>"), board[1])
    driver = [item for item in found if all(item.get(key) == value for key, value in expected.items())]
    assert driver, found


def test_the_address_of_no_card_counts_for_nothing() -> None:
    """``<video>`` of type none."""
    assert devices_of("pc", "<video><model type='none'/><address type='unassigned'/></video>")


@pytest.mark.parametrize("address", ["type='pci'", "type='usb'", "type='unassigned'"])
def test_nvram_has_a_register(address: str) -> None:
    """Whatever address it says."""
    guest = GUEST.format(arch="ppc64", machine="pseries", devices=f"<nvram><address {address}/></nvram>")
    assert "spapr-nvram.reg=0x3000" in to_native(guest, plumbing="libvirt")


def test_numbers_of_pci_devices_on_s390_go_by_their_kinds() -> None:
    """Cards before controllers, inputs and the rest, whatever their order in the XML."""
    there = "<address type='pci'/>"
    found = devices_of(
        S390[0],
        f"<memballoon model='none'/>{RNG.format(there)}<watchdog model='i6300esb'>{there}</watchdog>"
        f"<controller type='scsi' model='virtio-scsi'>{there}</controller><input type='mouse' bus='virtio'>{there}</input>"
        f"<video><model type='virtio'/>{there}</video><sound model='virtio'>{there}</sound>",
        S390[1],
    )
    numbers = sorted((item["uid"], item["target"]) for item in found if item["driver"] == "zpci")
    assert [target for _, target in numbers] == ["sound0", "video0", "scsi0", "input0", "watchdog0", "rng0"]


@pytest.mark.parametrize(
    ("alias", "expected"), [("ua-x_-9", "ua-x_-9"), ("ua-", "ua-"), ("ua-9.x", "rng0"), ("ua-a b", "rng0"), ("mine", "rng0")]
)
def test_aliases_of_the_users_own(alias: str, expected: str) -> None:
    """They begin with ``ua-`` and have letters, digits, _ and -; any other is libvirt's to give."""
    found = devices_of("pc", f"<memballoon model='none'/>{RNG.format(f'''<alias name='{alias}'/>''')}")
    assert found[-1]["id"] == expected
    assert found[-1]["rng"] == f"obj{expected}"


def test_controllers_of_the_hosts_scsi_come_before_the_boards() -> None:
    """They get their places first; those that disks alone imply come behind USB."""
    unit = (
        "<hostdev mode='subsystem' type='scsi'><source protocol='iscsi' name='iqn.1992-01.com.example:a/1'>"
        "<host name='h' port='3260'/></source></hostdev>"
    )
    disk = "<disk type='file'><source file='/a'/><target dev='sda' bus='scsi'/></disk>"
    assert "pci.2 pci.1 0x0" in places("q35", "<memballoon model='none'/>" + unit)
    assert "pci.2 pci.1 0x0" not in places("q35", "<memballoon model='none'/>" + disk)
