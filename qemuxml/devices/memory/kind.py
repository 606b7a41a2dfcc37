"""The door plate of ``<memory model='dimm'>``: ``-device pc-dimm`` with the backend that is its memory."""

from __future__ import annotations

from typing import Final

from qemuxml.common.addresses import CcwAddress, DimmAddress
from qemuxml.devices.memory import MemoryDevice
from qemuxml.domain import Domain
from qemuxml.later import later, table
from qemuxml.mapping.kind import Kind, Plug

_NAMES: Final = {"dimm": "dimm", "nvdimm": "nvdimm", "virtio-pmem": "virtiopmem", "virtio-mem": "virtiomem", "sgx-epc": "epc"}


def alias(device: MemoryDevice, _: int, __: Domain) -> str:
    """DIMMs are named by their slot, the others are counted."""
    place = device.info.address
    number = place.slot if isinstance(place, DimmAddress) and place.slot is not None else device.ordinal
    return f"{_NAMES[device.model or 'dimm']}{number}"


def pci(device: MemoryDevice, _: Domain) -> Plug | None:
    """The virtio models sit on a PCI bus."""
    virtio = device.model in ("virtio-mem", "virtio-pmem") and not isinstance(device.info.address, CcwAddress)
    return Plug.EITHER if virtio else None


KIND = Kind(
    element="memory",
    model=MemoryDevice,
    modern=table("qemuxml.devices.memory.reading:CLAIMS"),
    alias=alias,
    write=later("qemuxml.devices.memory.argv:write"),
    fill=later("qemuxml.devices.memory.check:fill"),
    check=later("qemuxml.devices.memory.check:check"),
    pci=pci,
)
