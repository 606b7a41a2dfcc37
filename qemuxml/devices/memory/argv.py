"""Memory devices as options: ``-object memory-backend-ram,id=memdimm0`` with ``-device pc-dimm,memdev=memdimm0``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.render import Words
from qemuxml.common.addresses import DimmAddress
from qemuxml.common.device import address, ident
from qemuxml.common.sizes import in_bytes
from qemuxml.common.virtio import virtio_driver
from qemuxml.devices.memory import SLOTTED, MemoryDevice
from qemuxml.domain import Domain
from qemuxml.domain.memory.argv import Wanted, backend, module_alignment, rounded
from qemuxml.mapping.codecs import INT, ON_OFF, Codec, size
from qemuxml.mapping.context import Writing
from qemuxml.mapping.props import Pair, Props, computed, const, json, key, switch


def actual_size(device: MemoryDevice, domain: Domain) -> int:
    """Bytes of the backend. On a pseries machine an NVDIMM shrinks to whole pieces behind its label."""
    size, unit = in_bytes(device.size or 0, device.size_unit), module_alignment(domain)
    if device.model == "sgx-epc":
        return size
    if device.model == "nvdimm" and (domain.os.arch or "").startswith("ppc64"):
        label = device.label_size or 0
        return (size - label) // unit * unit + label
    return rounded(size, unit)


def _wanted(device: MemoryDevice, domain: Domain) -> Wanted:
    name = device.info.alias or ""
    return Wanted(
        name=f"mem{name}",
        file=name,
        size=actual_size(device, domain),
        cell=device.node,
        path=device.path,
        page=in_bytes(device.page, device.page_unit) if device.page else None,
        nodes=device.nodemask,
        access=device.access or ("shared" if device.model == "virtio-pmem" else None),
        discard=device.discard,
        align=in_bytes(device.align, device.align_unit) if device.align else None,
        pmem=device.pmem,
        persistent=device.model == "virtio-pmem",
        elastic=device.model == "virtio-mem",
    )


def _slot(device: MemoryDevice) -> list[Pair]:
    place = device.info.address
    if not isinstance(place, DimmAddress):
        return []
    slot: list[Pair] = [("slot", place.slot or 0)]
    return slot + ([("addr", place.base)] if place.base else [])


_SIZE = Codec(size, str, int)

COMMON = Props(
    MemoryDevice,
    key("node", "node", INT),
    key("label-size", "label_size", _SIZE),
    key("block-size", "block_size", _SIZE),
    key("requested-size", "requested_size", _SIZE),
    key("uuid", "uuid"),
    switch("unarmed", "readonly"),
    computed("memdev", lambda device: f"mem{device.info.alias}"),
)
TAIL = Props(MemoryDevice, key("memaddr", "base", INT), key("dynamic-memslots", "dynamic", ON_OFF), ident(), address())
DIMM = Props(MemoryDevice, const("driver", "pc-dimm"))
NVDIMM = Props(MemoryDevice, const("driver", "nvdimm"))
VIRTIO_MEM = Props(MemoryDevice, virtio_driver("virtio-mem", lambda _: None))
VIRTIO_PMEM = Props(MemoryDevice, virtio_driver("virtio-pmem", lambda _: None))
_DRIVERS = {"dimm": DIMM, "nvdimm": NVDIMM, "virtio-mem": VIRTIO_MEM, "virtio-pmem": VIRTIO_PMEM}


def write(device: MemoryDevice, writing: Writing) -> Iterator[Words]:
    """The backend, and the device that shows it to the guest."""
    if device.model == "sgx-epc":
        yield from _write_epc(device, writing)
        return
    made = backend(_wanted(device, writing.domain), writing)
    yield from made.words()
    pairs = [*_DRIVERS[device.model or "dimm"].write(device), *COMMON.write(device)]
    if device.model == "virtio-mem" and made.prealloc and writing.has("virtio-mem.prealloc"):
        pairs.append(("prealloc", True))
    if device.model in SLOTTED:
        pairs += [("id", device.info.alias or ""), *_slot(device)]
    else:
        pairs += TAIL.write(device)
    yield "-device", json(pairs)


def _write_epc(device: MemoryDevice, writing: Writing) -> Iterator[Words]:
    pairs: list[Pair] = [("qom-type", "memory-backend-epc"), ("id", f"mem{device.info.alias}"), ("prealloc", True)]
    pairs.append(("size", actual_size(device, writing.domain)))
    if device.nodemask:
        pairs += [*((f"host-nodes.{number}", node) for number, node in enumerate(device.nodemask)), ("policy", "bind")]
    yield "-object", json(pairs)
