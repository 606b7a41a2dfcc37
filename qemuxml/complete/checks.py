"""What libvirt refuses: every kind's own ``check``, and the domain's, with the place of the device in the XML."""

from __future__ import annotations

from collections.abc import Mapping

from qemuxml import layout
from qemuxml.domain import Domain
from qemuxml.errors import ConversionError, XmlPlace
from qemuxml.mapping.context import Target


def run(domain: Domain, target: Target, places: Mapping[int, XmlPlace]) -> None:
    """Raise the first refusal of a completed domain."""
    for device in domain.devices:
        check = layout.KIND_OF[type(device)].check
        if check is not None:
            try:
                check(device, domain, target)
            except ConversionError as error:
                raise error.at(places.get(id(device))) from None
