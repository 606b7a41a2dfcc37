"""What a ``<controller>`` says, whatever its type is."""

from __future__ import annotations

from dataclasses import dataclass

from qemuxml.common.info import Info
from qemuxml.common.virtio import Virtio
from qemuxml.mapping.codecs import INT, ON_OFF, hexadecimal
from qemuxml.mapping.xml import attr, child, children, group, text

_UNITS = {"b": 1, "bytes": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3, "TB": 1000**4, "k": 1024, "KiB": 1024, "M": 1024**2,
          "MiB": 1024**2, "G": 1024**3, "GiB": 1024**3, "T": 1024**4, "TiB": 1024**4, "P": 1024**5, "PiB": 1024**5,
          "E": 1024**6, "EiB": 1024**6}  # fmt: skip


@dataclass(kw_only=True)
class Hole:
    """``<pcihole64 unit='KiB'>1048576</pcihole64>``: the window for 64-bit memory of PCI devices."""

    unit: str | None = attr("@unit")
    size: int | None = text("", INT)

    @property
    def kibibytes(self) -> int:
        """The size in KiB, rounded up."""
        return -(-(self.size or 0) * _UNITS.get(self.unit or "KiB", 1024) // 1024)


@dataclass(kw_only=True)
class Queue:
    """``<queue id='1'/>``: one virtqueue of an I/O thread."""

    id: int | None = attr("@id", INT)


@dataclass(kw_only=True)
class Thread:
    """``<iothread id='2'>``: an I/O thread and the queues that it serves."""

    id: int | None = attr("@id", INT)
    queues: list[Queue] = children("queue", Queue)


@dataclass(kw_only=True)
class Controller:
    """A controller; the pair of type and index is its name. ``ports`` are of USB and virtio-serial controllers."""

    type: str | None = attr("@type")
    index: int | None = attr("@index", INT)
    model: str | None = attr("@model")
    ports: int | None = attr("@ports", INT)
    vectors: int | None = attr("@vectors", INT)
    max_grant_frames: int | None = attr("@maxGrantFrames", INT)
    max_event_channels: int | None = attr("@maxEventChannels", INT)
    model_name: str | None = attr("model@name")
    chassis_number: int | None = attr("target@chassisNr", INT)
    chassis: int | None = attr("target@chassis", INT)
    port: int | None = attr("target@port", hexadecimal(1))
    bus_number: int | None = attr("target@busNr", INT)
    target_index: int | None = attr("target@index", INT)
    hotplug: bool | None = attr("target@hotplug", ON_OFF)
    memory_reserve: int | None = attr("target@memReserve", INT)
    node: int | None = text("target/node", INT)
    queues: int | None = attr("driver@queues", INT)
    commands: int | None = attr("driver@cmd_per_lun", INT)
    max_sectors: int | None = attr("driver@max_sectors", INT)
    ioeventfd: bool | None = attr("driver@ioeventfd", ON_OFF)
    iothread: int | None = attr("driver@iothread", INT)
    virtio: Virtio = group(Virtio)
    threads: list[Thread] = children("driver/iothreads/iothread", Thread)
    start_port: int | None = attr("master@startport", INT)
    info: Info = group(Info)
    hole: Hole | None = child("pcihole64", Hole)
    bus_name: str | None = None
    """QEMU's name of the bus that devices sit on; the pass over aliases sets it."""
