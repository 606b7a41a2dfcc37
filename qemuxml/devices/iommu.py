"""An IOMMU for the guest: ``<iommu model='intel'>`` is ``-device intel-iommu``, ``smmuv3`` a property of ``-machine``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common.addresses import PciAddress
from qemuxml.common.device import address, ident
from qemuxml.common.info import Info
from qemuxml.common.piece import Piece
from qemuxml.domain import Domain
from qemuxml.domain.boards import ARM, board_of
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import ON_OFF, ON_OFF_AUTO, SWITCH, UINT32, one_of
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind, Plug
from qemuxml.mapping.ledger import Claimed
from qemuxml.mapping.props import Props, computed, const, json, key, positive
from qemuxml.mapping.xml import attr, group
from qemuxml.record import record


@record(kw_only=True)
class Iommu:
    """The guest's IOMMU; the switches are intel's."""

    model: str | None = attr("@model", one_of("intel", "smmuv3", "virtio"))
    intremap: bool | None = attr("driver@intremap", ON_OFF)
    caching_mode: bool | None = attr("driver@caching_mode", ON_OFF)
    eim: bool | None = attr("driver@eim", ON_OFF)
    iotlb: bool | None = attr("driver@iotlb", ON_OFF)
    aw_bits: int | None = attr("driver@aw_bits", UINT32)
    dma_translation: bool | None = attr("driver@dma_translation", ON_OFF)
    info: Info = group(Info)


INTEL = Props(
    Iommu,
    const("driver", "intel-iommu"),
    ident(),
    key("intremap", "intremap", ON_OFF_AUTO),
    key("caching-mode", "caching_mode", SWITCH),
    key("eim", "eim", ON_OFF_AUTO),
    key("device-iotlb", "iotlb", SWITCH),
    positive("aw-bits", "aw_bits"),
    key("dma-translation", "dma_translation", SWITCH),
)
VIRTIO = Props(
    Iommu, computed("driver", lambda _: "virtio-iommu", lambda _, name: name.startswith("virtio-iommu")), ident(), address()
)


def write(iommu: Iommu, _: Writing) -> Iterator[Words]:
    """The device; an SMMUv3 is the machine's own."""
    if iommu.model == "intel":
        yield "-device", json(INTEL.write(iommu))
    elif iommu.model == "virtio":
        yield "-device", json(VIRTIO.write(iommu))


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device intel-iommu`` and ``-device virtio-iommu``."""
    piece = Piece(option, reading)
    if piece.values.peek("driver") == "intel-iommu":
        return piece.mapped(piece.read(INTEL, Iommu(model="intel")))
    board, made = board_of(reading.domain), reading.domain.features
    if not board.is_x86 and not (board.is_virt and board.arch in ARM and made and made.acpi):
        return None  # libvirt has none for a guest without ACPI, which on ARM takes UEFI
    return piece.mapped(piece.read(VIRTIO, Iommu(model="virtio")))


def check(iommu: Iommu, domain: Domain, _: Target) -> None:
    """What libvirt refuses of an IOMMU. Raises DomainXmlError."""
    board = board_of(domain)
    virt = board.is_virt and board.arch in ARM
    switches = (iommu.intremap, iommu.caching_mode, iommu.eim, iommu.iotlb, iommu.aw_bits, iommu.dma_translation)
    if iommu.model is None:
        raise DomainXmlError("<iommu> needs a model")
    fits = {"intel": board.is_q35, "smmuv3": virt, "virtio": board.is_q35 or virt}
    if not fits[iommu.model]:
        raise DomainXmlError(f"<iommu model='{iommu.model}'>: machine '{board.machine}' has no place for it")
    if iommu.model != "intel" and any(item is not None for item in switches):
        raise DomainXmlError(f"<iommu model='{iommu.model}'>: the attributes of <driver> are those of model 'intel'")
    if iommu.model != "virtio" and iommu.info.address is not None:
        raise DomainXmlError(f"<iommu model='{iommu.model}'> has no address")
    if iommu.model == "intel":
        _check_interrupts(iommu, domain)
    if iommu.model == "virtio":
        _check_virtio(iommu, domain)


_MOST_WITHOUT_EIM = 255
"""CPUs that an interrupt can be sent to without the extended mode."""


def _check_interrupts(iommu: Iommu, domain: Domain) -> None:
    if iommu.eim and iommu.intremap is False:
        raise DomainXmlError("<iommu>: eim needs intremap")
    if iommu.intremap and domain.features and domain.features.ioapic == "kvm":
        raise DomainXmlError("<iommu>: intremap needs <ioapic driver='qemu'/> in <features>")
    if iommu.eim is False and (domain.vcpu.count or 1) > _MOST_WITHOUT_EIM:
        raise DomainXmlError(f"<iommu>: {domain.vcpu.count} CPUs need eim='on'")


def _check_virtio(iommu: Iommu, domain: Domain) -> None:
    place = iommu.info.address
    if place is not None and not isinstance(place, PciAddress):
        raise DomainXmlError("<iommu model='virtio'> needs an address of type 'pci'")
    if place is not None and place.bus:
        raise DomainXmlError("<iommu model='virtio'>: it sits on the root bus, bus='0x00'")
    if not (domain.features and domain.features.acpi):
        raise DomainXmlError("<iommu model='virtio'> needs <acpi/> in <features>")


def pci(iommu: Iommu, _: Domain) -> Plug | None:
    """A virtio IOMMU is a part of the root bus."""
    return Plug.ROOT if iommu.model == "virtio" else None


KIND = Kind(
    element="iommu",
    model=Iommu,
    modern={f"-device {name}": claim for name in ("intel-iommu", "virtio-iommu", "virtio-iommu-pci")},
    alias="iommu",
    write=write,
    check=check,
    pci=pci,
)
