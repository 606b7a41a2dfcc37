"""What libvirt refuses: every kind's own ``check``, and the domain's, about the device that it is."""

from __future__ import annotations

from qemuxml import layout
from qemuxml.common.addresses import PciAddress, UsbAddress
from qemuxml.domain import Domain
from qemuxml.errors import ConversionError, UnsupportedError
from qemuxml.mapping.context import Target


def check(domain: Domain, target: Target) -> None:
    """Raise the first refusal of a completed domain."""
    for device in domain.devices:
        refuse = layout.kind_of(device).check
        if refuse is not None:
            try:
                refuse(device, domain, target)
            except ConversionError as error:
                raise error.of(device) from None


def indexes(domain: Domain, _: Target) -> None:
    """Refuse a number for ACPI of what does not sit on PCI; USB has no ports yet when libvirt looks. Raises UnsupportedError."""
    for device in domain.devices:
        info = getattr(device, "info", None)
        if info is not None and info.acpi_index is not None and not isinstance(info.address, PciAddress | UsbAddress | None):
            raise UnsupportedError(f"{layout.tag(device)}: <acpi index='{info.acpi_index}'> is for PCI devices").of(device)
