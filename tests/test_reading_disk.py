"""Disks read from today's command lines: one line each, and what its ``<disk>`` says."""

from __future__ import annotations

import pytest
from lxml import etree

import qemuxml
from qemuxml import convert
from qemuxml.mapping.ledger import Fate

QEMU = "/usr/bin/qemu-system-x86_64 -nodefaults "
NAMESPACE = "{http://libvirt.org/schemas/domain/qemu/1.0}"
FILE = "-blockdev file,node-name=d,filename=/a "
QUEUES = """'{"driver":"virtio-blk-pci","drive":"d","iothread-vq-mapping":[{"iothread":"b","vqs":[0,1]},{"iothread":"a"}]}'"""
SCSI = "-device virtio-scsi-pci,id=scsi0 "


def root(line: str) -> etree._Element:
    return etree.fromstring(qemuxml.from_native(QEMU + line, base_dir="/vm").encode())


def disks(line: str) -> list[etree._Element]:
    return list(root(line).iterfind("devices/disk"))


def facts(node: etree._Element, path: str = "") -> set[str]:
    """``source@file=/a``, ``serial=x``, ``readonly``: one for each attribute, text and empty element."""
    text = (node.text or "").strip()
    found = {f"{path}@{name}={value}".removeprefix("@") for name, value in node.attrib.items()}
    found |= {f"{path}={text}"} if text else set()
    if path and not found and not len(node):
        found.add(path)
    for child in node:
        found |= facts(child, f"{path}/{child.tag}".removeprefix("/"))
    return found


def only(line: str) -> set[str]:
    """The facts of the only disk."""
    (disk,) = disks(line)
    return facts(disk)


def fates(line: str) -> dict[str, Fate]:
    """The fate of each option by its text."""
    found = convert.from_native(QEMU + line, name="t", profile="modern", base_dir="/vm")
    return {f"{item.option.name} {item.option.text}".strip(): item.fate for item in found.entries}


def passed(line: str) -> list[str]:
    return [node.get("value", "") for node in root(line).iter(f"{NAMESPACE}arg")]


# ------------------------------------------------------------------ what the guest sees


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-device virtio-blk,drive=d", {"target@bus=virtio", "target@dev=vda", "source@file=/a", "driver@type=raw"}),
        ("-device virtio-blk-pci,drive=d,id=virtio-disk3,bus=pci.0,addr=0x7", {"target@dev=vdd", "address@slot=0x07"}),
        ("-device virtio-blk-pci-transitional,drive=d", {"model=virtio-transitional"}),
        ("-device virtio-blk,drive=d,num-queues=4,queue-size=256,packed=on,event_idx=off,ioeventfd=on",
         {"driver@queues=4", "driver@queue_size=256", "driver@packed=on", "driver@event_idx=off", "driver@ioeventfd=on"}),
        ("-device 'virtio-blk,drive=d,serial=a\\ b,bootindex=2'", {"serial=a b", "boot@order=2"}),
        ("-device virtio-blk,drive=d,bootindex=0", {"boot@order=1"}),
        ("-device virtio-blk,drive=d,logical_block_size=4096,physical_block_size=4096,discard_granularity=512",
         {"blockio@logical_block_size=4096", "blockio@physical_block_size=4096", "blockio@discard_granularity=512"}),
        ("-device virtio-blk,drive=d,werror=enospc,rerror=report",
         {"driver@error_policy=enospace", "driver@rerror_policy=report"}),
        ("-device virtio-blk,drive=d,werror=stop,rerror=stop", {"driver@error_policy=stop"}),
        ("-device virtio-blk,drive=d,share-rw=on", {"shareable"}),
        ("-object iothread,id=io -device virtio-blk,drive=d,iothread=io", {"driver@iothread=1"}),
        ("-object iothread,id=io -object iothread,id=iothread1 -device virtio-blk,drive=d,iothread=io", {"driver@iothread=2"}),
        (f"-object iothread,id=a -object iothread,id=b -device {QUEUES}",
         {"driver/iothreads/iothread@id=2", "driver/iothreads/iothread/queue@id=1", "driver/iothreads/iothread@id=1"}),
        ("-device ide-hd,drive=d,bus=ide.1,unit=1,wwn=0x5000c50015ea71ac,rotation_rate=7200",
         {"target@bus=ide", "target@dev=hdd", "address@bus=1", "address@unit=1", "wwn=5000c50015ea71ac",
          "target@rotation_rate=7200"}),
        ("-device ide-hd,drive=d,cyls=10,heads=4,secs=63,bios-chs-trans=lba",
         {"geometry@cyls=10", "geometry@heads=4", "geometry@secs=63", "geometry@trans=lba"}),
        ("-M q35 -device ide-cd,drive=d,bus=ide.2", {"target@bus=sata", "target@dev=sdc", "device=cdrom", "address@unit=2"}),
        ("-device ich9-ahci,id=ahci -device ide-hd,drive=d,bus=ahci.3",
         {"target@bus=sata", "address@controller=0", "address@unit=3"}),
        ("-M q35 -device ahci,id=ahci -device ide-hd,drive=d,bus=ahci.3", {"address@controller=1", "address@unit=3"}),
        (SCSI + "-device scsi-hd,drive=d,bus=scsi0.0,channel=0,scsi-id=2,lun=1,vendor=V,product=P,removable=on",
         {"target@bus=scsi", "address@target=2", "address@unit=1", "vendor=V", "product=P", "target@removable=on"}),
        (SCSI + "-device scsi-hd,drive=d,id=scsi0-0-0-0,device_id=drive-scsi0-0-0-0,bus=scsi0.0", {"address@target=0"}),
        ("-device virtio-scsi-pci -device scsi-cd,drive=d", {"device=cdrom", "address@controller=0"}),
        (SCSI + "-device scsi-block,drive=d", {"device=lun"}),
        ("-device lsi53c895a,id=l -device scsi-hd,drive=d,bus=l.0,scsi-id=3", {"address@unit=3", "address@target=0"}),
        ("-device usb-ehci,id=e -device usb-storage,drive=d,bus=e.0,port=2,removable=on",
         {"target@bus=usb", "target@removable=on", "address@port=2"}),
        ("-device floppy,drive=d,unit=1", {"target@dev=fdb", "device=floppy", "address@unit=1"}),
        ("-device floppy,drive=d -global isa-fdc.bootindexA=1", {"boot@order=1"}),
        ("-M q35 -device isa-fdc,bootindexA=0 -device floppy,drive=d", {"boot@order=1", "target@dev=fda"}),
    ],
)  # fmt: skip
def test_a_device_says_what_the_guest_sees(line: str, expected: set[str]) -> None:
    assert expected <= only(FILE + line)
    assert passed(FILE + line) == []


@pytest.mark.parametrize(
    ("image", "device", "expected"),
    [
        ("cache.direct=on,cache.no-flush=off", "on", "none"),
        ("cache.direct=on", "off", "directsync"),
        ("cache.direct=off", "on", "writeback"),
        ("discard=unmap", "off", "writethrough"),
        ("cache.no-flush=on", "on", "unsafe"),
        ("cache.direct=on", "auto", "none"),
    ],
)
def test_image_and_device_together_are_the_mode_of_caching(image: str, device: str, expected: str) -> None:
    line = f"-blockdev file,node-name=d,filename=/a,{image} -device virtio-blk,drive=d,write-cache={device}"
    assert f"driver@cache={expected}" in only(line)


def test_a_property_without_a_word_is_an_override() -> None:
    tree = root(FILE + "-device virtio-blk,id=x,drive=d,opt_io_size=4096,account-failed=on")
    found = {(item.get("name"), item.get("type"), item.get("value")) for item in tree.iter(f"{NAMESPACE}property")}
    assert found == {("opt_io_size", "unsigned", "4096"), ("account-failed", "string", "on")}
    assert [item.get("alias") for item in tree.iter(f"{NAMESPACE}device")] == ["virtio-disk0"]


def test_a_write_cache_that_no_mode_has_is_an_override() -> None:
    tree = root("-drive if=none,id=d,file=/a,format=raw,cache=unsafe -device virtio-blk,drive=d,write-cache=off")
    assert [item.get("name") for item in tree.iter(f"{NAMESPACE}property")] == ["write-cache"]


def test_an_empty_drive_is_a_disk_without_a_source() -> None:
    assert [item.find("source") for item in disks("-device ide-cd -drive if=none,id=c,media=cdrom -device ide-cd,drive=c")] == [
        None
    ] * 2


# ------------------------------------------------------------------ graphs


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("host_device,filename=/dev/sdb,aio=native", {"type=block", "source@dev=/dev/sdb", "driver@io=native"}),
        ("file,filename=a.img,read-only=on", {"source@file=/vm/a.img", "readonly"}),
        ("file,filename=/a,discard=unmap,detect-zeroes=unmap", {"driver@discard=unmap", "driver@detect_zeroes=unmap"}),
        ("raw,offset=512,size=1M,file.driver=file,file.filename=/a",
         {"source/slices/slice@offset=512", "source/slices/slice@size=1048576", "driver@type=raw"}),
        ("qcow2,file.driver=file,file.filename=/a,cache-size=1M,discard-no-unref=on",
         {"driver@type=qcow2", "driver/metadata_cache/max_size=1048576", "driver@discard_no_unref=on"}),
        ("vmdk,file.driver=file,file.filename=/a", {"driver@type=vmdk"}),
        ("qcow2,file.driver=file,file.filename=/a,data-file.driver=host_device,data-file.filename=/dev/sdb",
         {"source/dataStore@type=block", "source/dataStore/source@dev=/dev/sdb", "source/dataStore/format@type=raw"}),
        ("nbd,server.type=unix,server.path=/s,export=e", {"source@protocol=nbd", "source@name=e", "source/host@socket=/s"}),
        ("nbd,server.type=inet,server.host=h,server.port=1,reconnect-delay=5",
         {"source/host@port=1", "source/reconnect@delay=5"}),
        ("nbd,host=h,port=1", {"source/host@name=h"}),
        ("iscsi,transport=tcp,portal=h:3261,target=iqn.a,lun=2,initiator-name=me",
         {"source@name=iqn.a/2", "source/host@port=3261", "source/initiator/iqn@name=me"}),
        ("rbd,pool=p,image=i,snapshot=s,conf=/c,server.0.host=m,server.0.port=6789",
         {"source@name=p/i", "source/snapshot@name=s", "source/config@file=/c", "source/host@name=m"}),
        ("gluster,volume=v,path=d/i,server.0.type=inet,server.0.host=h,server.0.port=24007,debug=4", {"source@name=v/d/i"}),
        ("https,url=https://h/i%20j?a=b,sslverify=off,timeout=3,readahead=4,cookie=a=b",
         {"source@name=i j", "source@query=a=b", "source/ssl@verify=no", "source/timeout@seconds=3", "source/host@port=443",
          "source/readahead@size=4", "source/cookies/cookie=b", "source/cookies/cookie@name=a"}),
        ("ssh,path=i,server.host=h,server.port=22", {"source@protocol=ssh", "source@name=i"}),
        ("nfs,server.host=h,server.type=inet,path=/e/i,user=7", {"source@protocol=nfs", "source/identity@user=+7"}),
        ("nvme,device=0000:01:00.0,namespace=2", {"type=nvme", "source@namespace=2", "source/address@bus=0x01"}),
        ("virtio-blk-vhost-vdpa,path=/dev/vhost-vdpa-0", {"type=vhostvdpa", "source@dev=/dev/vhost-vdpa-0"}),
        ("raw,file.driver=vvfat,file.dir=/d,file.floppy=off,file.rw=off", {"type=dir", "source@dir=/d", "driver@type=fat"}),
        ("file,filename=/dev/fdset/3", {"source@fdgroup=fdset3"}),
        ("copy-on-read,file.driver=file,file.filename=/a", {"driver@copy_on_read=on", "target@dev=vda"}),
    ],
)  # fmt: skip
def test_a_graph_is_a_source(node: str, expected: set[str]) -> None:
    line = f"-blockdev {node},node-name=d -device virtio-blk,drive=d"
    assert expected <= only(line)
    assert passed(line) == []


def test_a_chain_of_images_with_its_end() -> None:
    line = (
        """-blockdev '{"driver":"file","filename":"/b","node-name":"b"}' """
        """-blockdev '{"driver":"qcow2","node-name":"m","backing":null,"file":{"driver":"file","filename":"/m"}}' """
        """-blockdev qcow2,node-name=t,file=b,backing=m -device virtio-blk,drive=t"""
    )
    (disk,) = disks(line)
    assert disk.findtext("backingStore/source") is not None
    assert disk.find("source").get("file") == "/b"  # type: ignore[union-attr]
    assert [item.get("type") for item in disk.iter("backingStore")] == ["file", None]


def test_an_image_below_two_disks_is_in_both() -> None:
    base = "-blockdev file,filename=/base,node-name=b,read-only=on "
    tops = [f"-blockdev qcow2,node-name={name},file.driver=file,file.filename=/{name},backing=b " for name in "xy"]
    found = disks(base + "".join(tops) + "-device virtio-blk,drive=x -device virtio-blk,drive=y")
    assert [item.find("backingStore/source").get("file") for item in found] == ["/base", "/base"]  # type: ignore[union-attr]


def test_limits_of_a_group_stand_above_the_image() -> None:
    line = (
        "-object throttle-group,id=g,x-bps-total=100 -blockdev file,filename=/a,node-name=f "
        "-blockdev throttle,node-name=t,throttle-group=g,file=f -device virtio-blk,drive=t"
    )
    tree = root(line)
    assert tree.findtext("throttlegroups/throttlegroup/total_bytes_sec") == "100"
    assert [item.get("group") for item in tree.iter("throttlefilter")] == ["g"]


def test_what_a_filter_says_holds_for_the_image_inside() -> None:
    line = (
        """-blockdev '{"driver":"throttle","throttle-group":"g","node-name":"d","read-only":true,"detect-zeroes":"on",
        "discard":"unmap","file":{"driver":"raw","cache":{"direct":true},"file":{"driver":"host_device","filename":"/dev/sdb","aio":"io_uring"}}}'"""
        " -device virtio-blk,drive=d"
    )
    expected = {"readonly", "driver@detect_zeroes=on", "driver@discard=unmap", "driver@cache=none", "driver@io=io_uring"}
    assert expected <= only(line)


def test_a_device_id_that_libvirt_would_not_give_is_an_override() -> None:
    tree = root(FILE + SCSI + "-device scsi-hd,drive=d,id=scsi7,device_id=drive-scsi7")
    assert [item.get("value") for item in tree.iter(f"{NAMESPACE}property")] == ["drive-scsi7"]


@pytest.mark.parametrize(
    ("line", "path", "expected"),
    [
        ("-blockdev luks,key-secret=s,file.driver=file,file.filename=/a", "source/encryption", {"format=luks", "engine=qemu"}),
        ("-blockdev qcow2,encrypt.format=aes,encrypt.key-secret=s,file.driver=file,file.filename=/a",
         "source/encryption", {"format=qcow", "secret@usage=s", "secret@type=passphrase"}),
        ("-blockdev rbd,pool=p,image=i,user=u,key-secret=s", "source/auth", {"username=u", "secret@type=ceph", "secret@usage=s"}),
        ("-blockdev iscsi,transport=tcp,portal=h,target=t,user=u,password-secret=s", "source/auth", {"secret@type=iscsi"}),
    ],
)  # fmt: skip
def test_secrets_are_libvirts_to_keep(line: str, path: str, expected: set[str]) -> None:
    line = f"-object secret,id=s,data=x {line},node-name=d -device virtio-blk,drive=d"
    (disk,) = disks(line)
    found = disk.find(path)
    assert found is not None
    assert expected <= facts(found)
    assert fates(line)["-object secret,id=s,data=x"] is Fate.REPLACED


def test_reservations_by_a_helper() -> None:
    line = (
        "-object pr-manager-helper,id=h,path=/h.sock -blockdev host_device,node-name=d,filename=/dev/sdb,pr-manager=h "
        + SCSI
        + "-device scsi-block,drive=d"
    )
    assert {"source/reservations@managed=no", "source/reservations/source@path=/h.sock"} <= only(line)


def test_a_disk_that_another_process_serves() -> None:
    line = "-chardev socket,id=c,path=/v.sock,reconnect=5 -device vhost-user-blk-pci,chardev=c,num-queues=2"
    expected = {"type=vhostuser", "source@path=/v.sock", "source/reconnect@timeout=5", "driver@queues=2"}
    assert expected <= only(line)


# ------------------------------------------------------------------ -drive


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-drive file=/a,format=raw,if=virtio,cache=none,aio=io_uring,discard=on", {"driver@cache=none", "driver@io=io_uring",
         "driver@discard=unmap", "target@dev=vda"}),
        ("-drive file=/a.qcow2,if=virtio", {"driver@type=qcow2"}),
        ("-drive file=/a.img", {"driver@type=raw", "target@bus=ide", "target@dev=hda"}),
        ("-drive file=a.iso,media=cdrom,index=2", {"source@file=/vm/a.iso", "device=cdrom", "target@dev=hdc", "readonly"}),
        ("-M q35 -drive file=/a,format=raw", {"target@bus=sata", "target@dev=sda"}),
        ("-drive driver=nbd,host=h,port=10802", {"source@protocol=nbd", "source/host@port=10802"}),
        ("-drive file.driver=https,file.url=https://h/x,format=raw", {"source@protocol=https"}),
        ("-drive file.filename=/a,driver=qcow2,backing.driver=raw,backing.file.filename=/b",
         {"source@file=/a", "backingStore/source@file=/b", "backingStore/format@type=raw"}),
        ("""-drive 'file=json:{"driver":"qcow2",,"file":{"driver":"file",,"filename":"/t"}},if=virtio'""",
         {"driver@type=qcow2", "source@file=/t"}),
        ("""-drive 'file=json:{"driver":"file",,"filename":"/t"},if=virtio,format=qcow2'""", {"driver@type=qcow2"}),
        ("-drive file=/a,format=raw,snapshot=on", {"transient"}),
        ("-hda /a.qcow2 -snapshot", {"transient", "driver@type=qcow2"}),
        ("-drive file=/a,format=raw,throttling.bps-total=10,throttling.group=g",
         {"iotune/total_bytes_sec=10", "iotune/group_name=g"}),
        ("-drive file=/a,format=raw,bps_rd=10,iops_max=8,iops=4", {"iotune/read_bytes_sec=10", "iotune/total_iops_sec_max=8"}),
        ("-drive file=/a,format=raw,cache.direct=on,cache.writeback=off", {"driver@cache=directsync"}),
        ("-drive if=none,id=f,file=/f,format=raw -global isa-fdc.driveA=f -global isa-fdc.bootindexA=1",
         {"target@dev=fda", "boot@order=1"}),
        ("-drive if=none,id=f,file=/f,format=raw -M q35 -device isa-fdc,driveB=f", {"target@dev=fdb"}),
        ("-drive if=none,id=f,file=/f,media=cdrom -device virtio-scsi-pci -device scsi-disk,drive=f", {"device=cdrom"}),
        ("-drive file=rbd:p/i:id=u:key=K:mon_host=m,format=raw,if=virtio", {"source/auth@username=u", "source/host@name=m"}),
    ],
)  # fmt: skip
def test_a_drive_is_a_disk(line: str, expected: set[str]) -> None:
    assert expected <= only(line)
    assert passed(line) == []


@pytest.mark.parametrize(
    ("arch", "machine", "bus"),
    [("x86_64", "q35", "sata"), ("x86_64", "pc", "ide"), ("aarch64", "virt", "virtio"), ("s390x", "s390-ccw-virtio", "virtio"),
     ("ppc64", "pseries", "scsi"), ("aarch64", "mps2-an385", None)],
)  # fmt: skip
def test_the_board_says_the_bus_of_a_drive(arch: str, machine: str, bus: str | None) -> None:
    text = qemuxml.from_native(f"/usr/bin/qemu-system-{arch} -nodefaults -M {machine} -drive file=/a,format=raw")
    found = etree.fromstring(text.encode()).iterfind("devices/disk/target")
    assert [item.get("bus") for item in found] == ([bus] if bus else [])


def test_drives_come_before_devices() -> None:
    line = "-drive if=none,id=b,file=/b,format=raw -device ide-hd,drive=b -drive file=/a,format=raw,index=2"
    found = {item.find("target").get("dev"): item.find("source").get("file") for item in disks(line)}  # type: ignore[union-attr]
    assert found == {"hdc": "/a", "hdd": "/b"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-device ide-hd,drive=d", {"target@bus=ide", "address@bus=1", "address@unit=0"}),
        ("-M q35 -device ide-hd,drive=d", {"target@bus=sata", "address@controller=0", "address@unit=5"}),
        ("-M q35 -device ahci,id=x -device ide-hd,drive=d", {"address@controller=1", "address@unit=5"}),
        ("-device virtio-scsi-pci -device lsi -device scsi-hd,drive=d", {"address@controller=1"}),
        (SCSI + "-device scsi-cd -device scsi-hd,drive=d,lun=2", {"address@target=0", "address@unit=2"}),
        (SCSI + "-device scsi-cd -device scsi-hd,drive=d", {"address@target=1", "address@unit=0"}),
        ("-usb -device usb-ehci,id=e -device usb-storage,drive=d", {"address@bus=1"}),
    ],
)
def test_the_place_that_nobody_names_is_qemus(line: str, expected: set[str]) -> None:
    assert expected <= facts(disks(FILE + line)[-1])


def test_a_format_that_nobody_says_is_guessed() -> None:
    assert fates("-drive file=/a.qcow2")["-drive file=/a.qcow2"] is Fate.GUESSED
    assert fates("-drive file=/a.iso,media=cdrom")["-drive file=/a.iso,media=cdrom"] is Fate.MAPPED


# ------------------------------------------------------------------ what is passed, and what is refused


@pytest.mark.parametrize(
    "line",
    [
        "-device virtio-blk,drive=nowhere",
        "-drive if=none,id=d,file=/a,format=raw -device nvme,drive=d,serial=x",
        "-blockdev file,filename=/a,node-name=d,locking=off -device virtio-blk,drive=d",
        "-blockdev file,filename=/a,node-name=d,cache.direct=on,cache.no-flush=on -device virtio-blk,drive=d",
        "-blockdev qcow2,node-name=x,file=y -blockdev qcow2,node-name=y,file=x -device virtio-blk,drive=x",
        "-blockdev null-co,node-name=d -device virtio-blk,drive=d",
        "-blockdev ssh,path=i,server.host=h,server.port=22,user=u,node-name=d -device virtio-blk,drive=d",
        FILE
        + "-blockdev throttle,node-name=e,file=d,throttle-group=g -blockdev qcow2,node-name=q,file=e -device virtio-blk,drive=q",
        "-drive file=/a,format=qcow2,if=virtio,l2-cache-size=4M",
        "-drive file=fat:rw:/d,format=raw,if=virtio",
        "-drive file=/a,format=raw,if=mtd",
        "-drive if=virtio",
        "-drive if=none,id=d -device virtio-blk,drive=d",
        """-drive 'file=json:{"driver":"file",,"filename":"/t",,"locking":"off"},format=raw'""",
        "-drive if=none,id=d,file=/a,format=raw -device ide-hd,drive=d,bus=nowhere.0",
    ],
)
def test_what_domain_xml_cannot_say_is_passed_whole(line: str) -> None:
    assert disks(line) == []
    assert {fate for text, fate in fates(line).items() if text != "-nodefaults"} == {Fate.PASSED}


def test_two_disks_in_one_place() -> None:
    line = "-device ide-cd,bus=ide.0,unit=0 -hda /x.img"
    assert passed(line) == ["-hda", "/x.img"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (FILE + "-device ide-hd,drive=d,unit=x", "unit"),
        (FILE + "-device virtio-blk,drive=d,num-queues=x", "num-queues"),
        (FILE + "-device virtio-blk,drive=d,share-rw=maybe", "share-rw"),
        ("-drive file=/a,cache=bogus", "cache"),
        ("-drive file=/a,index=1 -drive file=/b,index=1", "number 1"),
        ("-blockdev nbd,host=h,port=0,node-name=d -device virtio-blk,drive=d", "port"),
        ("-blockdev https,url=https://[x/i,node-name=d -device virtio-blk,drive=d", "url"),
    ],
)
def test_a_bad_value_is_refused_at_its_place(line: str, message: str) -> None:
    with pytest.raises(qemuxml.ConversionError, match=message):
        root(line)


def test_a_chain_of_any_length_is_no_trouble() -> None:
    count = 2000
    nodes = "".join(
        f"-blockdev qcow2,node-name=n{at},file.driver=file,file.filename=/{at},backing=n{at + 1} " for at in range(count)
    )
    assert disks(nodes + "-device virtio-blk,drive=n0") == []


# ------------------------------------------------------------------ logical units of the host


def test_a_unit_of_an_iscsi_target_is_handed_through() -> None:
    line = (
        "-device virtio-scsi-pci,id=s -object secret,id=k,data=x -blockdev iscsi,transport=tcp,portal=h,target=t,lun=3,user=u,"
        "password-secret=k,node-name=d -device scsi-generic,drive=d,bus=s.0,lun=2"
    )
    found = root(line).find("devices/hostdev")
    assert found is not None
    expected = {"type=scsi", "source@name=t/3", "source/host@name=h", "source/auth@username=u", "address@unit=2"}
    assert expected <= facts(found)


def test_what_a_generic_node_is_only_the_host_knows() -> None:
    own = "-blockdev host_device,filename=/dev/sg2,node-name=libvirt-1-backend -device scsi-generic,drive=libvirt-1-backend"
    other = "-drive if=none,id=g,file=/dev/sg2,format=raw -device scsi-generic,drive=g"
    assert fates(f"{SCSI}{own}")["-device scsi-generic,drive=libvirt-1-backend"] is Fate.GUESSED
    assert fates(f"{SCSI}{other}")["-device scsi-generic,drive=g"] is Fate.PASSED
