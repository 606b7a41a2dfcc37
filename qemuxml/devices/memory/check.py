"""What libvirt adds to a memory device and refuses of it: the slot of a ``<memory model='dimm'>``, blocks that are whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from qemuxml.common.addresses import DimmAddress
from qemuxml.common.sizes import in_bytes
from qemuxml.devices.memory import SLOTTED, MemoryDevice
from qemuxml.domain import Domain, boards
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import KIB, MIB
from qemuxml.mapping.context import Target

_OF_MODELS: Final[Mapping[str, tuple[str, ...]]] = {
    "page": ("dimm", "virtio-mem"), "nodemask": ("dimm", "virtio-mem", "sgx-epc"), "path": ("nvdimm", "virtio-pmem"),
    "block": ("virtio-mem",), **dict.fromkeys(("align", "uuid", "pmem", "label", "readonly"), ("nvdimm",)),
}  # fmt: skip


def fill(device: MemoryDevice, domain: Domain, _: Target) -> None:
    """The number among its like, and a slot of a DIMM without one; what is of other models is not heard."""
    for name, models in _OF_MODELS.items():
        if device.model not in models:
            setattr(device, name, False if isinstance(getattr(device, name), bool) else None)
    alike = [item for item in domain.all(MemoryDevice) if item.model == device.model]
    device.ordinal = next(number for number, item in enumerate(alike) if item is device)
    if device.model == "nvdimm" and device.uuid is None and boards.family(domain.os.machine) == "pseries":
        device.uuid = str(uuid5(NAMESPACE_URL, f"nvdimm:{domain.identity.name}/{device.ordinal}"))
    place = device.info.address
    if device.model not in SLOTTED or (isinstance(place, DimmAddress) and place.slot is not None):
        return
    places = [item.info.address for item in domain.all(MemoryDevice)]
    taken = {item.slot for item in places if isinstance(item, DimmAddress)}
    slot = next(number for number in range(len(places) + 1) if number not in taken)
    device.info.address = DimmAddress(type="dimm", slot=slot, base=place.base if isinstance(place, DimmAddress) else None)


def check(device: MemoryDevice, domain: Domain, _: Target) -> None:
    """What libvirt refuses of a memory device. Raises DomainXmlError."""
    cells = domain.numa.cells if domain.numa else []
    if device.model is None:
        raise DomainXmlError("<memory> device: it needs a model")
    if not device.size:
        raise DomainXmlError("<memory> device: <target> needs a <size>")
    if domain.memory.maximum is None:
        raise DomainXmlError("<memory> device: there is no <maxMemory> that it could be plugged into")
    if device.node is not None and device.node >= len(cells) and device.model != "sgx-epc":
        raise DomainXmlError(f"<memory> device: <node>{device.node}</node> is not one of the {len(cells)} guest nodes")
    if cells and device.node is None and device.model in ("dimm", "nvdimm", "virtio-mem"):
        raise DomainXmlError("<memory> device: <target> needs a <node>, as the guest has several")
    if device.node is not None and device.model == "virtio-pmem":
        raise DomainXmlError("<memory model='virtio-pmem'>: it belongs to no <node>")
    _check_source(device, domain)
    _check_slot(device, domain)
    if device.model == "virtio-mem":
        _check_elastic(device)


def _check_source(device: MemoryDevice, domain: Domain) -> None:
    if device.model in ("nvdimm", "virtio-pmem") and not device.path:
        raise DomainXmlError(f"<memory model='{device.model}'> needs the <path> of its <source>")
    if device.model in ("nvdimm", "virtio-pmem") and device.discard:
        raise DomainXmlError(f"<memory model='{device.model}'>: its content is kept, discard='yes' cannot be")
    pseries = (domain.os.arch or "").startswith("ppc64")
    if device.model == "nvdimm" and device.uuid and not pseries:
        raise DomainXmlError("<memory model='nvdimm'>: a <uuid> is for pseries guests")
    if device.model == "nvdimm" and pseries and not device.label:
        raise DomainXmlError("<memory model='nvdimm'>: a pseries guest needs its <label> with a <size>")
    if device.label is not None and (device.label_size or 0) < 128 * KIB:
        raise DomainXmlError("<memory model='nvdimm'>: <label> has at least 128 KiB")
    if device.label_size and device.label_size >= in_bytes(device.size or 0, device.size_unit):
        raise DomainXmlError("<memory model='nvdimm'>: <label> is not smaller than the device")


def _check_slot(device: MemoryDevice, domain: Domain) -> None:
    place = device.info.address
    if device.model in SLOTTED and place is not None and not isinstance(place, DimmAddress):
        raise DomainXmlError(f"<memory model='{device.model}'>: its address is of type 'dimm'")
    if device.model == "sgx-epc" and place is not None:
        raise DomainXmlError("<memory model='sgx-epc'> takes no address")
    if device.model not in SLOTTED or not isinstance(place, DimmAddress) or place.slot is None:
        return
    if place.slot >= (domain.memory.slots or 0):
        raise DomainXmlError(f"<memory> device: slot {place.slot} is not below <maxMemory slots='{domain.memory.slots or 0}'>")
    others = [item.info.address for item in domain.all(MemoryDevice) if item is not device]
    for other in others:
        if isinstance(other, DimmAddress) and (other.slot == place.slot or (place.base and other.base == place.base)):
            raise DomainXmlError(f"<memory> device: another one has slot {place.slot} or the same base")


def _check_elastic(device: MemoryDevice) -> None:
    size, block, requested = in_bytes(device.size or 0, device.size_unit), device.block_size, device.requested_size or 0
    if not block or block & (block - 1):
        raise DomainXmlError("<memory model='virtio-mem'>: <block> must be a power of two")
    if block < 2 * MIB:
        raise DomainXmlError("<memory model='virtio-mem'>: <block> has at least 2 MiB")
    if requested > size or requested % block:
        raise DomainXmlError("<memory model='virtio-mem'>: <requested> must be whole blocks, and not more than <size>")
