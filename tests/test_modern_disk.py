"""Disks on today's command line: XML in, options out; and what is refused."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

import qemuxml

GUEST = """<domain type='kvm'><name>web</name><memory>1048576</memory>{}<vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator><memballoon model='none'/>{}</devices></domain>"""
THREADS = "<iothreads>2</iothreads>"
SHARED = "<memoryBacking><access mode='shared'/></memoryBacking>"
KEY = "<secret type='passphrase' uuid='0a81f5b2-8403-7b23-c8d6-21ccc2f80d6f'/>"
VDA = "<target dev='vda' bus='virtio'/>"
SDA = "<target dev='sda' bus='scsi'/>"
FILE = "<source file='/a.img'/>"
HOST = "<host name='h'/>"


def words(devices: str, before: str = "") -> list[str]:
    """The words of the line."""
    return shlex.split(qemuxml.to_native(GUEST.format(before, devices), plumbing="libvirt"))


def network(attributes: str, inside: str = HOST) -> str:
    """A disk of an image on a server."""
    return f"<disk type='network'><source protocol={attributes}>{inside}</source>{VDA}</disk>"


def objects(devices: str, before: str = "") -> list[dict[str, Any]]:
    """What stands in JSON."""
    return [json.loads(word) for word in words(devices, before) if word.startswith("{")]


# ------------------------------------------------------------------ images


@pytest.mark.parametrize(
    ("attributes", "inside", "expected"),
    [
        ("'nbd' name='vol'", "<host transport='unix' socket='/s'/>",
         {"driver": "nbd", "server": {"type": "unix", "path": "/s"}, "export": "vol"}),
        ("'nbd'", "<host name='::1'/><reconnect delay='5'/>",
         {"driver": "nbd", "server": {"type": "inet", "host": "::1", "port": "10809"}, "reconnect-delay": 5}),
        ("'iscsi' name='iqn.a/2'", "<host name='::1'/><initiator><iqn name='me'/></initiator>",
         {"driver": "iscsi", "portal": "[::1]:3260", "target": "iqn.a", "lun": 2, "transport": "tcp", "initiator-name": "me"}),
        ("'rbd' name='p/i'", "<host name='m' port='1'/><snapshot name='s'/>",
         {"driver": "rbd", "pool": "p", "image": "i", "snapshot": "s", "server": [{"host": "m", "port": "1"}]}),
        ("'gluster' name='v/d/i'", HOST,
         {"driver": "gluster", "volume": "v", "path": "d/i", "server": [{"type": "inet", "host": "h", "port": "24007"}],
          "debug": 4}),
        ("'https' name='i' query='a=b'", f"{HOST}<ssl verify='no'/><readahead size='4'/><timeout seconds='3'/>",
         {"driver": "https", "url": "https://h:443/i?a=b", "sslverify": False, "timeout": 3, "readahead": 4}),
        ("'ftp' name='i j'", HOST, {"driver": "ftp", "url": "ftp://h:21/i%20j"}),
        ("'ssh' name='i'", HOST, {"driver": "ssh", "path": "i", "server": {"host": "h", "port": "22"}}),
        ("'nfs' name='/i'", f"{HOST}<identity user='+7' group='root'/>",
         {"driver": "nfs", "server": {"host": "h", "type": "inet"}, "path": "/i", "user": 7, "group": 0}),
    ],
)  # fmt: skip
def test_protocols(attributes: str, inside: str, expected: dict[str, Any]) -> None:
    """A raw image of a server is its storage node alone."""
    found = next(item for item in objects(network(attributes, inside)) if item.get("node-name"))
    assert found == {**expected, "node-name": "libvirt-1-storage", "read-only": False}


def test_chain_is_opened_from_the_bottom_up() -> None:
    """Nodes are numbered from the last disk to the first, and down the chain; the terminator is told."""
    lower = "<backingStore type='file'><format type='qcow2'/><source file='/b'/><backingStore/></backingStore>"
    disk = f"<disk type='file'><driver name='qemu' type='qcow2' discard='unmap'/><source file='/t'/>{lower}{VDA}</disk>"
    other = f"<disk type='file'>{FILE}<target dev='vdb' bus='virtio'/></disk>"
    nodes = {item["node-name"]: item for item in objects(disk + other) if "node-name" in item}
    assert list(nodes) == ["libvirt-3-storage", "libvirt-3-format", "libvirt-2-storage", "libvirt-2-format", "libvirt-1-storage"]
    assert nodes["libvirt-3-format"]["backing"] is None
    assert nodes["libvirt-3-format"]["read-only"]
    assert nodes["libvirt-2-format"]["backing"] == "libvirt-3-format"
    assert nodes["libvirt-2-format"]["discard"] == "unmap"


def test_data_store_slice_and_encryption() -> None:
    """Data lies in a file of its own; a slice and LUKS are layers."""
    store = "<dataStore type='file'><format type='raw'/><source file='/d'/></dataStore>"
    part = "<slices><slice type='storage' offset='1' size='2'/></slices>"
    first = f"<disk type='file'><driver name='qemu' type='qcow2'/><source file='/t'>{store}</source>{VDA}</disk>"
    second = (
        f"<disk type='file'><source file='/e'>{part}<encryption format='luks'>{KEY}</encryption></source>"
        "<target dev='vdb' bus='virtio'/></disk>"
    )
    found = objects(first + second)
    nodes = {item["node-name"]: item for item in found if "node-name" in item}
    assert nodes["libvirt-2-format"]["data-file"] == "libvirt-3-storage"
    assert nodes["libvirt-1-slice-sto"]["offset"] == 1
    assert nodes["libvirt-1-format"]["key-secret"] == "libvirt-1-format-encryption-secret0"
    assert nodes["libvirt-1-format"]["file"] == "libvirt-1-slice-sto"
    assert "libvirt-1-format-encryption-secret0" in [item.get("id") for item in found]


def test_filters_lie_on_copy_on_read() -> None:
    """Copy-on-read is above the image, limits above that."""
    group = "<total_bytes_sec>5</total_bytes_sec><group_name>x</group_name>"
    groups = f"<throttlegroups><throttlegroup>{group}</throttlegroup></throttlegroups>"
    disk = (
        f"<disk type='file'><driver name='qemu' copy_on_read='on'/>{FILE}{VDA}"
        "<throttlefilters><throttlefilter group='x'/></throttlefilters></disk>"
    )
    found = objects(disk, groups)
    assert [item for item in found if item.get("driver") in ("copy-on-read", "throttle")] == [
        {"driver": "copy-on-read", "node-name": "libvirt-CoR-vda", "file": "libvirt-1-storage", "discard": "unmap"},
        {"driver": "throttle", "node-name": "libvirt-2-filter", "throttle-group": "throttle-x", "file": "libvirt-CoR-vda"},
    ]
    assert "libvirt-2-filter" in [item.get("drive") for item in found]
    assert next(item for item in found if item.get("qom-type") == "throttle-group")["limits"]["bps-total"] == 5


# ------------------------------------------------------------------ devices


@pytest.mark.parametrize(
    ("disk", "before", "expected"),
    [
        ((f"<disk><driver name='qemu' cache='writethrough' queues='2' iothread='1' event_idx='off'/>{FILE}{VDA}"
         "<serial>a b</serial></disk>"), THREADS,
         {"driver": "virtio-blk-pci", "event_idx": False, "num-queues": 2, "iothread": "iothread1", "bus": "pci.0", "addr": "0x2",
          "drive": "libvirt-1-storage", "id": "virtio-disk0", "bootindex": 1, "write-cache": "off", "serial": "a\\ b"}),
        ((f"<disk><driver name='qemu' queues='2'><iothreads><iothread id='1'><queue id='1'/></iothread><iothread id='2'>"
         f"<queue id='0'/></iothread></iothreads></driver>{FILE}{VDA}</disk>"), THREADS,
         {"driver": "virtio-blk-pci", "num-queues": 2, "bus": "pci.0", "addr": "0x2", "drive": "libvirt-1-storage",
          "iothread-vq-mapping": [{"iothread": "iothread1", "vqs": [1]}, {"iothread": "iothread2", "vqs": [0]}],
          "id": "virtio-disk0", "bootindex": 1}),
        ((f"<disk>{FILE}<target dev='sda' bus='scsi' rotation_rate='1'/><wwn>5000c50015ea71ad</wwn><vendor>V</vendor></disk>"
         "<controller type='scsi' model='virtio-scsi'/>"), "",
         {"driver": "scsi-hd", "bus": "scsi0.0", "channel": 0, "scsi-id": 0, "lun": 0, "device_id": "drive-scsi0-0-0-0",
          "drive": "libvirt-1-storage", "id": "scsi0-0-0-0", "bootindex": 1, "wwn": 5764824127192592813, "rotation_rate": 1,
          "vendor": "V"}),
        (f"<disk>{FILE}{SDA}</disk>", "",
         {"driver": "scsi-hd", "bus": "scsi0.0", "scsi-id": 0, "device_id": "drive-scsi0-0-0", "drive": "libvirt-1-storage",
          "id": "scsi0-0-0", "bootindex": 1}),
        (f"<disk>{FILE}<target dev='sda' bus='usb' removable='on'/></disk>", "",
         {"driver": "usb-storage", "bus": "usb.0", "port": "1", "drive": "libvirt-1-storage", "id": "usb-disk0", "bootindex": 1,
          "removable": True}),
        ("<disk device='cdrom'><target dev='hdc'/></disk>", "",
         {"driver": "ide-cd", "bus": "ide.1", "unit": 0, "id": "ide0-1-0"}),
        (f"<disk device='floppy'>{FILE}<target dev='fdb'/></disk>", "",
         {"driver": "floppy", "unit": 1, "drive": "libvirt-1-storage", "id": "fdc0-0-1"}),
        (f"<disk type='vhostuser'><source type='unix' path='/s'/>{VDA}</disk>", SHARED,
         {"driver": "vhost-user-blk-pci", "bus": "pci.0", "addr": "0x2", "chardev": "chr-vu-virtio-disk0", "id": "virtio-disk0",
          "bootindex": 1}),
    ],
)  # fmt: skip
def test_devices(disk: str, before: str, expected: dict[str, Any]) -> None:
    """What the guest sees."""
    assert expected in objects(disk, before)


def test_cards_are_drives() -> None:
    """Boards take SD cards from -drive only."""
    driver = "<driver name='qemu' type='qcow2' cache='none'/>"
    disk = f"<disk type='block'>{driver}<source dev='/a,b'/><target dev='sdb' bus='sd'/></disk>"
    assert "file=/a,,b,format=qcow2,if=sd,index=1,cache=none" in words(disk)


def test_disks_are_sorted_within_the_bus_that_they_state() -> None:
    """A disk without a bus stands with those without one."""
    disks = "".join(
        f"<disk><source file='/{name}'/><target dev='{name}'{bus}/></disk>"
        for name, bus in (("vdc", ""), ("vda", " bus='virtio'"), ("vdb", ""))
    )
    assert [item["filename"] for item in objects(disks) if "filename" in item] == ["/vdb", "/vdc", "/vda"]


def test_secrets_of_a_persons_own_line_are_files() -> None:
    """Without libvirt nobody hands secrets over: the line names files, and says so."""
    disk = f"<disk>{FILE}{VDA}<encryption format='luks'>{KEY}</encryption></disk>"
    line = qemuxml.to_native(GUEST.format("", disk))
    assert '"file":"web-libvirt-1-format-encryption-secret0.secret"' in line
    assert "masterKey0" not in line


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("disk", "what"),
    [
        (f"<disk>{FILE}</disk>", "target"),
        (f"<disk>{FILE}<target dev='vda1'/></disk>", "partition"),
        (f"<disk>{FILE}<target dev='foo'/></disk>", "foo"),
        (f"<disk>{VDA}</disk>", "source"),
        (f"<disk>{FILE}{VDA}</disk><disk>{FILE}{VDA}</disk>", "another device has it"),
        ("<disk device='cdrom'><target dev='vda'/></disk>", "eject"),
        (f"<disk device='floppy'>{FILE}<target dev='fda' bus='usb'/></disk>", "fdc"),
        (f"<disk type='block' device='lun'><driver type='qcow2'/><source dev='/d'/>{SDA}</disk>", "raw"),
        (f"<disk device='lun'>{FILE}{SDA}</disk>", "block"),
        (f"<disk><driver io='native'/>{FILE}{VDA}</disk>", "native"),
        (f"<disk><driver queues='2'/>{FILE}{SDA}</disk>", "queues"),
        (f"<disk><driver iothread='9'/>{FILE}{VDA}</disk>", "I/O thread"),
        (f"<disk><driver type='iso'/>{FILE}{VDA}</disk>", "iso"),
        (f"<disk><driver type='qcow2'/>{FILE}{VDA}<shareable/></disk>", "shareable"),
        (f"<disk>{FILE}{SDA}<vendor>123456789</vendor></disk>", "vendor"),
        (f"<disk>{FILE}{VDA}<wwn>5000c50015ea71ad</wwn></disk>", "wwn"),
        (f"<disk>{FILE}{VDA}<encryption format='qcow'>{KEY}</encryption></disk>", "encryption"),
        (f"<disk>{FILE}{VDA}<encryption format='luks'/></disk>", "secret"),
        (f"<disk>{FILE}{SDA}<address type='pci' slot='5'/></disk>", "address"),
        (f"<disk type='vhostuser'><source type='unix' path='/s'/>{VDA}</disk>", "shared memory"),
        (f"<disk type='dir'><source dir='/d'/>{VDA}</disk>", "fat"),
        (network("'sheepdog' name='x'"), "sheepdog"),
        (network("'iscsi' name='a/1'", ""), "host"),
        (network("'rbd' name='x'"), "POOL/IMAGE"),
        (network("'iscsi' name='a/1'", f"{HOST}<auth username='u'><secret type='ceph' usage='x'/></auth>"), "ceph"),
    ],
)
def test_refusals(disk: str, what: str) -> None:
    """What libvirt refuses is refused, with a word about why."""
    with pytest.raises(qemuxml.ConversionError, match=what):
        words(disk)


def test_volumes_of_pools() -> None:
    """Only libvirt knows where a volume is: a file of its name stands for it."""
    made = objects(f"<disk type='volume'><source pool='p' volume='v'/>{VDA}</disk>")
    assert "/var/lib/libvirt/images/p/v" in [item.get("filename") for item in made]
