"""What libvirt refuses of a ``<hostdev>``: a source that names no device, a device that is handed through twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from qemuxml.common import virtio
from qemuxml.common.addresses import CcwAddress, DriveAddress
from qemuxml.devices.hostdev import Hostdev, MdevSource, PciSource, ScsiSource, UsbSource, VhostSource
from qemuxml.domain import Domain
from qemuxml.domain.boards import board_of
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import is_uuid
from qemuxml.mapping.context import Target

_MODELS: Final[Mapping[str | None, tuple[str, ...]]] = {
    "mdev": ("vfio-pci", "vfio-ccw", "vfio-ap"),
    "scsi_host": virtio.MODELS,
}
_ONLY: Final[tuple[tuple[str, Callable[[Hostdev], object], tuple[str, ...]], ...]] = (
    ("model", lambda device: device.model, tuple(str(kind) for kind in _MODELS)),
    ("rawio", lambda device: device.rawio, ("scsi",)),
    ("sgio", lambda device: device.sgio, ("scsi",)),
    ("rom", lambda device: device.info.has_rom, ("pci", "mdev")),
)
"""What only devices of some types have."""


def check(device: Hostdev, domain: Domain, _: Target) -> None:
    """Raise DomainXmlError for the first thing that is wrong with the device."""
    if device.mode == "capabilities":
        raise DomainXmlError("<hostdev mode='capabilities'> is for containers, not for QEMU")
    if device.source is None:
        raise _refused(device, "it needs a <source>")
    for name, said, kinds in _ONLY:
        if said(device) not in (None, False) and device.type not in kinds:
            raise _refused(device, f"'{name}' is for type '{kinds[0]}'")
    if device.model is not None and device.model not in _MODELS[device.type]:
        raise _refused(device, f"there is no model '{device.model}'")
    if device.info.boot_order is not None and (isinstance(device.source, VhostSource) or device.model in ("vfio-ap", "vfio-ccw")):
        raise _refused(device, "the guest cannot boot from it")
    _SOURCES[type(device.source)](device, device.source, domain)
    twins = [item for item in domain.all(Hostdev) if item is not device and _identity(item) == _identity(device)]
    if twins:
        raise _refused(device, "its <source> is handed through twice")


def _refused(device: Hostdev, complaint: str) -> DomainXmlError:
    return DomainXmlError(f"<hostdev type='{device.type}'>: {complaint}")


def _identity(device: Hostdev) -> object:
    """Which device of the host it is."""
    source = device.source
    if isinstance(source, ScsiSource) and source.protocol == "iscsi":
        return source.name, *((host.name, host.port) for host in source.hosts)
    if isinstance(source, MdevSource):
        return (source.uuid or "").lower()
    names = _NAMES.get(type(source))
    return (type(source), *(getattr(source, name) or 0 for name in names)) if names else id(device)


_NAMES: Final[Mapping[type[Any], tuple[str, ...]]] = {
    PciSource: ("domain", "bus", "slot", "function"),
    UsbSource: ("vendor", "product", "bus", "device"),
    ScsiSource: ("adapter", "bus", "target", "unit"),
    VhostSource: ("wwpn",),
}


def _check_pci(device: Hostdev, source: PciSource, _: Domain) -> None:
    if source.write_filtering is not None:
        raise _refused(device, "<source writeFiltering='…'>: QEMU has no such choice")
    if device.driver not in (None, "vfio"):
        raise _refused(device, f"<driver name='{device.driver}'>: QEMU hands devices through with vfio alone")


def _check_usb(device: Hostdev, source: UsbSource, _: Domain) -> None:
    if (source.vendor is None) != (source.product is None):
        raise _refused(device, "<vendor> and <product> belong together")
    if source.vendor == 0:
        raise _refused(device, "<vendor id='0'> is nobody's")
    if not source.product and not source.bus and not source.device:
        raise _refused(device, "its <source> names no device: neither <vendor> and <product>, nor <address bus device>")
    if (source.bus is None and source.device is None) or source.device is not None:
        return
    raise _refused(device, "<address> lacks its attribute 'device'")


def _check_scsi(device: Hostdev, source: ScsiSource, _: Domain) -> None:
    if source.protocol == "iscsi":
        if not source.name:
            raise _refused(device, "its iSCSI <source> needs a name")
        if len(source.hosts) != 1:
            raise _refused(device, "its iSCSI <source> needs one <host>")
        if source.username is not None or source.secret_type is not None:
            _check_secret(device, source)
    else:
        if not source.adapter:
            raise _refused(device, "its <source> needs an <adapter name>")
        if not re.fullmatch("scsi_host[0-9]+", source.adapter):
            raise _refused(device, f"<adapter name='{source.adapter[:60]}'> is not scsi_hostN")
        if source.unit is None:
            raise _refused(device, "its <source> needs an <address>")
    if device.info.address is not None and not isinstance(device.info.address, DriveAddress):
        raise _refused(device, "its <address> is of type 'drive'")
    if isinstance(device.info.address, DriveAddress) and device.info.address.bus:
        raise _refused(device, "a SCSI controller has one bus: <address bus='0'>")


def _check_secret(device: Hostdev, source: ScsiSource) -> None:
    if not source.username:
        raise _refused(device, "<auth> needs a username")
    if source.secret_type != source.protocol:
        raise _refused(device, "<auth> needs a <secret type='iscsi'>")
    if not source.secret_uuid and not source.secret_usage:
        raise _refused(device, "<secret> needs a uuid or a usage")


def _check_vhost(device: Hostdev, source: VhostSource, _: Domain) -> None:
    if not (source.wwpn or "").startswith("naa."):
        raise _refused(device, "the wwpn of its <source> begins with 'naa.'")


def _check_mediated(device: Hostdev, source: MdevSource, domain: Domain) -> None:
    if device.model is None:
        raise _refused(device, "it needs a model")
    if source.uuid is None or not is_uuid(source.uuid):
        raise _refused(device, "its <source> needs an <address uuid>")
    if device.display and not any(type(item).__name__ == "Graphics" for item in domain.devices):
        raise _refused(device, "display='on' needs a <graphics> device")
    if device.model in ("vfio-ccw", "vfio-ap") and not board_of(domain).is_ccw:
        raise _refused(device, f"model '{device.model}' is for s390 machines")
    place = device.info.address
    if device.model == "vfio-ccw" and place is not None and not isinstance(place, CcwAddress):
        raise _refused(device, "its <address> is of type 'ccw'")
    if device.model == "vfio-pci" and place is not None and place.type not in ("pci", "unassigned"):
        raise _refused(device, "its <address> is of type 'pci'")


_SOURCES: Final[Mapping[type[Any], Callable[[Hostdev, Any, Domain], None]]] = {
    PciSource: _check_pci,
    UsbSource: _check_usb,
    ScsiSource: _check_scsi,
    VhostSource: _check_vhost,
    MdevSource: _check_mediated,
}
