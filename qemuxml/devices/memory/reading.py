"""``-device pc-dimm,memdev=mem1`` and ``-object memory-backend-epc`` become ``<memory>`` devices."""

from __future__ import annotations

from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Values, on_off
from qemuxml.common import drivers, machineoptions
from qemuxml.common.addresses import DimmAddress
from qemuxml.common.piece import Piece
from qemuxml.devices.memory import SLOTTED, MemoryDevice
from qemuxml.devices.memory.argv import COMMON, TAIL
from qemuxml.domain.memory import backing
from qemuxml.domain.memory.argv import default_page, default_page_of, system_page
from qemuxml.domain.memory.backing import Backing
from qemuxml.domain.numa import reading as numa
from qemuxml.mapping.codecs import KIB, integer
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import Claimed, mapped

_MODELS: Final = {
    "pc-dimm": "dimm", "nvdimm": "nvdimm", **dict.fromkeys(drivers.virtio("virtio-mem"), "virtio-mem"),
    **dict.fromkeys(drivers.virtio("virtio-pmem"), "virtio-pmem"),
}  # fmt: skip


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device pc-dimm,memdev=mem1`` with its ``-object``; what the guest's memory has anyway is not said again."""
    piece = Piece(option, reading)
    source = piece.follow("memdev", "-object", "qom-type")
    if source is None or source.values.peek("qom-type") not in backing.KINDS:
        return None
    device = MemoryDevice(model=_MODELS[piece.values.get("driver") or ""])
    _read_device(piece.values, device)
    numa.place(device, piece)
    if device.readonly:
        source.values.get("readonly", on_off)
    _read_source(backing.read(source.values), device, reading)
    if device.model in SLOTTED:
        device.info.address = _read_slot(piece.values)
    claimed = piece.mapped(device)
    if claimed is not None:
        memory = reading.domain.memory
        memory.size = (memory.size or 0) + device.given_size() // KIB
        memory.current = memory.size
    return claimed


def _read_device(values: Values, device: MemoryDevice) -> None:
    COMMON.read(values, device)
    TAIL.read(values, device)
    values.get("prealloc")
    if device.model == "virtio-mem":
        device.block, device.block_unit = device.block or _BLOCK, "KiB"
        device.requested, device.requested_unit = device.requested or 0, "KiB"


_BLOCK: Final = 2048
"""KiB that a virtio-mem device of x86 plugs at once: a huge page."""


def _read_source(made: Backing, device: MemoryDevice, reading: Reading) -> None:
    domain = reading.domain
    device.size, device.size_unit = (made.size or 0) // KIB, "KiB"
    if made.align:
        device.align, device.align_unit = made.align // KIB, "KiB"
    device.pmem = made.pmem
    if device.model in ("nvdimm", "virtio-pmem"):
        device.path = reading.path(made.path or "")
    elif made.page is not None:
        usual = default_page_of(domain, device.node)
        page = made.page or usual or default_page(domain)
        if page != usual:
            device.page, device.page_unit = page // KIB, "KiB"
    elif default_page_of(domain, device.node):
        device.page, device.page_unit = system_page(domain) // KIB, "KiB"
    cells = domain.numa.cells if domain.numa else []
    cell = next((item for item in cells if item.id == device.node), None)
    device.access = made.access if made.access != ((cell.access if cell else None) or domain.memory.access) else None
    inherited = cell.discard if cell and cell.discard is not None else domain.memory.discard or None
    device.discard = made.discard if made.discard != inherited else None
    tuned = domain.tuning.numa.of(device.node) if domain.tuning.numa else None
    device.nodemask = made.nodes if made.nodes and (tuned is None or tuned[1] != made.nodes) else None


def _read_slot(values: Values) -> DimmAddress | None:
    slot, base = values.get("slot", integer), values.get("addr", integer)
    return None if slot is None and base is None else DimmAddress(type="dimm", slot=slot, base=base)


def claim_enclave(option: Option, reading: Reading) -> Claimed | None:
    """``-object memory-backend-epc,id=epc0``, which ``-machine sgx-epc.0.memdev=epc0`` makes a part of the board."""
    values = reading.values(option, "qom-type")
    made = backing.read(values)
    name = values.peek("id")
    device = MemoryDevice(model="sgx-epc", size=(made.size or 0) // KIB, size_unit="KiB", nodemask=made.nodes or None)
    said = reading.once(machineoptions.properties)
    number = next((key for key, names in said.items() if key.startswith("sgx-epc.") and name in names), None)
    if number is None or values.unread():
        return None
    node = said.get(number.replace(".memdev", ".node"))
    device.node = integer(node[-1]) if node and node[-1].isdigit() else None
    return mapped(option, device)


CLAIMS: Final = {**{f"-device {name}": claim for name in _MODELS}, "-object memory-backend-epc": claim_enclave}
"""Which claim reads which option."""
