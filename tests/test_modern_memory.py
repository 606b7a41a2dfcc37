"""Memory, CPUs, nodes, threads and the small devices on today's command line: XML in, options out."""

from __future__ import annotations

import shlex

import pytest

import qemuxml

GUEST = """<domain type='qemu'><name>web</name>{memory}<vcpu>{vcpus}</vcpu>{top}
<os><type arch='x86_64' machine='{machine}'>hvm</type></os>{cpu}<features><acpi/></features>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>{devices}</devices></domain>"""
MEMORY = "<memory unit='MiB'>1024</memory>"
PLUGGABLE = "<maxMemory slots='4' unit='GiB'>8</maxMemory>" + MEMORY
CELL = "<cpu><numa><cell id='0' cpus='0-1' memory='1048576' unit='KiB'/></numa></cpu>"


def guest(devices: str = "", **parts: str) -> str:
    """A guest of these parts."""
    defaults = {"memory": MEMORY, "vcpus": "2", "top": "", "machine": "pc", "cpu": ""}
    return GUEST.format(devices=devices, **{**defaults, **parts})


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (guest(memory="<memory unit='KiB'>1000</memory>"), ["size=1024k"]),
        (guest(vcpus="1", top="<iothreads>1</iothreads>"), ['{"qom-type":"iothread","id":"iothread1"}']),
        (
            guest(cpu="<cpu><topology sockets='1' cores='2' threads='1'/></cpu>"),
            ["2,sockets=1,dies=1,clusters=1,cores=2,threads=1"],
        ),
        (
            guest(top="<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>"),
            [('{"qom-type":"memory-backend-memfd","id":"pc.ram","share":true,'
              '"x-use-canonical-path-for-ramblock-id":false,"size":1073741824}')],
        ),
        (
            guest(top="<numatune><memory mode='preferred' nodeset='0'/></numatune>"),
            ['{"qom-type":"memory-backend-ram","id":"pc.ram","size":1073741824,"host-nodes":[0],"policy":"preferred"}'],
        ),
        (guest(cpu=CELL), ["node,nodeid=0,cpus=0-1,memdev=ram-node0"]),
        (
            guest("<memory model='dimm'><target><size unit='MiB'>512</size><node>0</node></target></memory>",
                  memory=PLUGGABLE, cpu=CELL),
            ["size=1048576k,slots=4,maxmem=8388608k",
             '{"driver":"pc-dimm","node":0,"memdev":"memdimm0","id":"dimm0","slot":0}'],
        ),
        (
            guest("<iommu model='intel'><driver intremap='on' aw_bits='48'/></iommu>", machine="q35"),
            ['{"driver":"intel-iommu","id":"iommu0","intremap":"on","aw-bits":48}'],
        ),
        (
            guest("<shmem name='a'><model type='ivshmem-plain'/><size unit='M'>8</size></shmem>"),
            ['{"qom-type":"memory-backend-file","id":"shmmem-shmem0","mem-path":"/dev/shm/a","size":8388608,"share":true}'],
        ),
        (guest("<watchdog model='ib700' action='dump'/>"), ['{"driver":"ib700","id":"watchdog0"}', "pause"]),
    ],
)  # fmt: skip
def test_options(xml: str, expected: list[str]) -> None:
    """Every expected value stands in the line."""
    words = shlex.split(qemuxml.to_native(xml, plumbing="libvirt"))
    assert [item for item in expected if item not in words] == []


@pytest.mark.parametrize(
    "xml",
    [
        guest(memory=""),
        guest(memory=PLUGGABLE),
        guest(top="<numatune><memory mode='strict' placement='static'/></numatune>"),
        guest(top="<memoryBacking><hugepages><page size='5' unit='MiB'/></hugepages></memoryBacking>"),
        guest(cpu="<cpu><topology sockets='3' cores='1' threads='1'/></cpu>"),
        guest("<iommu model='intel'/>"),
        guest("<shmem name='a'><model type='ivshmem-plain'/><size unit='K'>16</size></shmem>"),
        guest("<panic model='s390'/>"),
        guest("<memory model='dimm'><target><size unit='MiB'>512</size><node>1</node></target></memory>",
              memory=PLUGGABLE, cpu=CELL),
    ],
)  # fmt: skip
def test_refusals(xml: str) -> None:
    """What libvirt refuses is refused."""
    with pytest.raises(qemuxml.ConversionError):
        qemuxml.to_native(xml, plumbing="libvirt")
