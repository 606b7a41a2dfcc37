"""Memory that is a device: ``<memory model='dimm'>`` is ``-object memory-backend-ram,id=memdimm0`` with ``-device pc-dimm``.

Also NVDIMMs, virtio-mem, virtio-pmem, and the enclave memory of SGX, which is a part of the machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import Values, on_off
from qemuxml.common import drivers, machineoptions
from qemuxml.common.addresses import CcwAddress, DimmAddress
from qemuxml.common.bitmap import MEMBERS
from qemuxml.common.device import address, ident
from qemuxml.common.info import Info
from qemuxml.common.piece import Piece
from qemuxml.common.sizes import in_bytes
from qemuxml.common.virtio import virtio_driver
from qemuxml.domain import Domain, boards
from qemuxml.domain.memory import backing
from qemuxml.domain.memory.argv import Wanted, backend, default_page, default_page_of, module_alignment, rounded, system_page
from qemuxml.domain.memory.backing import Backing
from qemuxml.domain.memory.model import ACCESS
from qemuxml.domain.numa import reading as numa
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import INT, KIB, MIB, ON_OFF, UINT32, UINT64, YES_NO, Codec, hexadecimal, integer, one_of, size
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind, Plug
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.props import Pair, Props, computed, const, json, key, switch
from qemuxml.mapping.xml import attr, flag, group, text
from qemuxml.record import record


@record(kw_only=True)
class MemoryDevice:
    """One device; each of its sizes has its own unit (KiB without one)."""

    model: str | None = attr("@model", one_of("dimm", "nvdimm", "virtio-pmem", "virtio-mem", "sgx-epc"))
    access: str | None = attr("@access", ACCESS)
    discard: bool | None = attr("@discard", YES_NO)
    uuid: str | None = text("uuid")
    nodemask: list[int] | None = text("source/nodemask", MEMBERS)
    page_unit: str | None = attr("source/pagesize@unit")
    page: int | None = text("source/pagesize", UINT64)
    path: str | None = text("source/path")
    align_unit: str | None = attr("source/alignsize@unit")
    align: int | None = text("source/alignsize", UINT64)
    pmem: bool = flag("source/pmem")
    dynamic: bool | None = attr("target@dynamicMemslots", YES_NO)
    size_unit: str | None = attr("target/size@unit")
    size: int | None = text("target/size", UINT64)
    node: int | None = text("target/node", UINT32)
    label_unit: str | None = attr("target/label/size@unit")
    label: int | None = text("target/label/size", UINT64)
    readonly: bool = flag("target/readonly")
    block_unit: str | None = attr("target/block@unit")
    block: int | None = text("target/block", UINT64)
    requested_unit: str | None = attr("target/requested@unit")
    requested: int | None = text("target/requested", UINT64)
    current_unit: str | None = attr("target/current@unit")
    current: int | None = text("target/current", UINT64)
    base: int | None = attr("target/address@base", hexadecimal(1))
    info: Info = group(Info)
    ordinal: int = 0
    """How many devices of the same model come before."""

    def given_size(self) -> int:
        """Bytes as the XML says them; the guest's whole memory counts them so. Enclave memory is apart."""
        return 0 if self.model in ("sgx-epc", "virtio-pmem") else in_bytes(self.size or 0, self.size_unit)

    @property
    def label_size(self) -> int | None:
        """Bytes of an NVDIMM's label area."""
        return in_bytes(self.label, self.label_unit) if self.label else None

    @label_size.setter
    def label_size(self, found: int | None) -> None:
        self.label, self.label_unit = _in_units(found)

    @property
    def block_size(self) -> int | None:
        """Bytes that a virtio-mem device plugs at once."""
        return in_bytes(self.block, self.block_unit) if self.block else None

    @block_size.setter
    def block_size(self, found: int | None) -> None:
        self.block, self.block_unit = _in_units(found)

    @property
    def requested_size(self) -> int | None:
        """Bytes that a virtio-mem device should plug."""
        return in_bytes(self.requested, self.requested_unit) if self.model == "virtio-mem" and self.requested else None

    @requested_size.setter
    def requested_size(self, found: int | None) -> None:
        self.requested, self.requested_unit = _in_units(found)


def _in_units(found: int | None) -> tuple[int | None, str | None]:
    """Bytes as libvirt says them, in KiB where they are whole."""
    if found is None:
        return None, None
    return (found, "b") if found % KIB else (found // KIB, "KiB")


_NAMES: Final = {"dimm": "dimm", "nvdimm": "nvdimm", "virtio-pmem": "virtiopmem", "virtio-mem": "virtiomem", "sgx-epc": "epc"}
SLOTTED: Final = frozenset({"dimm", "nvdimm"})


def alias(device: MemoryDevice, _: int, __: Domain) -> str:
    """DIMMs are named by their slot, the others are counted."""
    place = device.info.address
    number = place.slot if isinstance(place, DimmAddress) and place.slot is not None else device.ordinal
    return f"{_NAMES[device.model or 'dimm']}{number}"


# ------------------------------------------------------------------ options


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


# ------------------------------------------------------------------ options read back


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


# ------------------------------------------------------------------ completion and refusals


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


def pci(device: MemoryDevice, _: Domain) -> Plug | None:
    """The virtio models sit on a PCI bus."""
    virtio = device.model in ("virtio-mem", "virtio-pmem") and not isinstance(device.info.address, CcwAddress)
    return Plug.EITHER if virtio else None


_MODELS: Final = {
    "pc-dimm": "dimm", "nvdimm": "nvdimm", **dict.fromkeys(drivers.virtio("virtio-mem"), "virtio-mem"),
    **dict.fromkeys(drivers.virtio("virtio-pmem"), "virtio-pmem"),
}  # fmt: skip

KIND = Kind(
    element="memory",
    model=MemoryDevice,
    modern={**{f"-device {name}": claim for name in _MODELS}, "-object memory-backend-epc": claim_enclave},
    alias=alias,
    write=write,
    fill=fill,
    check=check,
    pci=pci,
)
