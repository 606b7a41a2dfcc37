"""What libvirt refuses: every kind's own ``check``, and the domain's, about the device that it is."""

from __future__ import annotations

from qemuxml import layout
from qemuxml.domain import Domain
from qemuxml.errors import ConversionError
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
