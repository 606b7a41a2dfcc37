"""Network cards and devices of the host on today's command line: XML in, options out."""

from __future__ import annotations

import shlex

import pytest

import qemuxml

GUEST = """<domain type='kvm'><name>web</name><memory>1048576</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator><memballoon model='none'/>{}</devices></domain>"""
MAC = "<mac address='52:54:00:00:00:01'/>"


@pytest.mark.parametrize(
    ("devices", "expected"),
    [
        (
            f"<interface type='ethernet'>{MAC}<model type='virtio'/><mtu size='9000'/></interface>",
            [('{"driver":"virtio-net-pci","host_mtu":9000,"netdev":"hostnet0","id":"net0","mac":"52:54:00:00:00:01",'
              '"bus":"pci.0","addr":"0x2"}')],
        ),
        (
            f"<interface type='server'>{MAC}<source port='2015'/><model type='rtl8139'/></interface>",
            ['{"type":"socket","listen":":2015","id":"hostnet0"}'],
        ),
        (
            "<hostdev mode='subsystem' type='pci'><source><address bus='6' slot='18' function='5'/></source></hostdev>",
            ['{"driver":"vfio-pci","host":"0000:06:12.5","id":"hostdev0","bus":"pci.0","addr":"0x2"}'],
        ),
    ],
)  # fmt: skip
def test_options(devices: str, expected: list[str]) -> None:
    """Every expected value stands in the line."""
    words = shlex.split(qemuxml.to_native(GUEST.format(devices), plumbing="libvirt"))
    assert [item for item in expected if item not in words] == []


@pytest.mark.parametrize(
    "devices",
    [
        f"<interface type='network'>{MAC}</interface>",
        "<interface type='user'><mac address='01:00:00:00:00:01'/></interface>",
        f"<interface type='vhostuser'>{MAC}<source type='unix' path='/s' mode='client'/></interface>",
        f"<interface type='user'>{MAC}<model type='virtio'/><driver rx_queue_size='1000'/></interface>",
        "<hostdev mode='capabilities' type='misc'><source><char>/dev/x</char></source></hostdev>",
    ],
)
def test_refusals(devices: str) -> None:
    """What libvirt refuses is refused."""
    with pytest.raises(qemuxml.ConversionError):
        qemuxml.to_native(GUEST.format(devices), plumbing="libvirt")


@pytest.mark.parametrize(
    ("board", "passed"),
    [("qemu-system-arm -M vexpress-a9", 0), ("qemu-system-aarch64 -M virt", 1), ("qemu-system-x86_64 -M pc", 1)],
)
def test_the_card_of_an_arm_board_is_read_back(board: str, passed: int) -> None:
    """What libvirt writes for a board that takes its card by -net nic alone is the card again."""
    xml = qemuxml.from_native(f"{board} -netdev user,id=n0 -net nic,macaddr=52:54:00:00:00:01,netdev=n0,model=lan9118,id=net0")
    assert (xml.count("<model type='lan9118'/>"), xml.count("model=lan9118")) == (1 - passed, passed)
