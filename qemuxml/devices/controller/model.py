"""What a ``<controller>`` says, whatever its type is."""

from __future__ import annotations

from qemuxml.common.info import Info
from qemuxml.common.queuethreads import QueueThread
from qemuxml.common.sizes import Size
from qemuxml.common.virtio import Virtio
from qemuxml.mapping.codecs import ON_OFF, UINT32, UINT64, hexadecimal, one_of, within
from qemuxml.mapping.xml import attr, child, children, group, text
from qemuxml.record import record

BRIDGES = one_of(
    "pci-bridge", "i82801b11-bridge", "pcie-pci-bridge", "pcie-root-port", "ioh3420", "x3130-upstream", "xio3130-downstream",
    "pxb", "pxb-pcie", "spapr-pci-host-bridge",
)  # fmt: skip
"""QEMU's devices for buses of PCI."""


@record(kw_only=True)
class Controller:
    """A controller; the pair of type and index is its name. ``ports`` are of USB and virtio-serial controllers."""

    type: str | None = attr("@type", one_of("ide", "fdc", "scsi", "sata", "virtio-serial", "ccid", "usb", "pci", "xenbus", "isa"))
    index: int | None = attr("@index", UINT32)
    model: str | None = attr("@model")
    ports: int | None = attr("@ports", UINT32)
    vectors: int | None = attr("@vectors", UINT32)
    max_grant_frames: int | None = attr("@maxGrantFrames", UINT32)
    max_event_channels: int | None = attr("@maxEventChannels", UINT32)
    model_name: str | None = attr("model@name", BRIDGES)
    chassis_number: int | None = attr("target@chassisNr", within(1, 255))
    chassis: int | None = attr("target@chassis", within(0, 255))
    port: int | None = attr("target@port", within(0, 0xFF, hexadecimal(1)))
    bus_number: int | None = attr("target@busNr", within(1, 254))
    target_index: int | None = attr("target@index", within(0, 30))
    hotplug: bool | None = attr("target@hotplug", ON_OFF)
    memory_reserve: int | None = attr("target@memReserve", UINT64)
    node: int | None = text("target/node", UINT32)
    queues: int | None = attr("driver@queues", UINT32)
    commands: int | None = attr("driver@cmd_per_lun", UINT32)
    max_sectors: int | None = attr("driver@max_sectors", UINT32)
    ioeventfd: bool | None = attr("driver@ioeventfd", ON_OFF)
    iothread: int | None = attr("driver@iothread", UINT32)
    virtio: Virtio = group(Virtio)
    threads: list[QueueThread] = children("driver/iothreads/iothread", QueueThread)
    start_port: int | None = attr("master@startport", UINT32)
    info: Info = group(Info)
    hole: Size | None = child("pcihole64", Size)
    bus_name: str | None = None
    """QEMU's name of the bus that devices sit on; the pass over aliases sets it."""
