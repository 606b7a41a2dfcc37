"""What one device of a guest has alone: ``<boot order='1'/>``, an alias, a register, a place on a controller."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from qemuxml import layout
from qemuxml.common.addresses import DriveAddress, SpaprVioAddress
from qemuxml.common.info import info_of
from qemuxml.devices.disk import Disk
from qemuxml.domain import Domain
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.context import Target


def _boot_order(device: Any) -> str | None:
    return f"<boot order='{device.info.boot_order}'>" if device.info.boot_order else None


def _alias(device: Any) -> str | None:
    return f"<alias name='{device.info.alias}'>" if device.info.named_by_user else None


def _register(device: Any) -> str | None:
    own = device.info.address
    return f"<address type='spapr-vio' reg='{own.reg:#x}'>" if isinstance(own, SpaprVioAddress) and own.reg is not None else None


def _unit(device: Any) -> str | None:
    own = device.info.address
    if not isinstance(own, DriveAddress):
        return None
    place = f"controller='{own.controller or 0}' bus='{own.bus or 0}' target='{own.target or 0}' unit='{own.unit or 0}'"
    return f"<address {place}> of {device.bus if isinstance(device, Disk) else 'scsi'}"


def _target(device: Any) -> str | None:
    return f"<target dev='{device.target}'>" if isinstance(device, Disk) else None


def _kind(device: Any) -> str | None:
    return "being the only one of its kind" if layout.element(device) in ("iommu", "nvram", "vsock") else None


_ASKED: Final[tuple[Callable[[Any], str | None], ...]] = (_kind, _boot_order, _alias, _register, _target, _unit)


def check(domain: Domain, _: Target) -> None:
    """Raise DomainXmlError for the second device that has what the first has."""
    owners: dict[tuple[object, str], Any] = {}
    for device, said in _claims(domain):
        scope = type(device) if said.startswith("being") else None
        if (scope, said) in owners and owners[scope, said] is not device:
            raise DomainXmlError(f"{layout.tag(device)}: {said}: another device has it").of(device)
        owners[scope, said] = device


def _claims(domain: Domain) -> Iterator[tuple[Any, str]]:
    for device in domain.devices:
        # The console that a serial port is too has all that the port has.
        if info_of(device) is not None and layout.element(device) != "console":
            for asked in _ASKED:
                said = asked(device)
                if said is not None:
                    yield device, said
