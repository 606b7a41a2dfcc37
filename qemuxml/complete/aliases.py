"""The names that libvirt gives devices: ``net0``, ``ide0-0-0``, ``pci.1``; they become QEMU's ids and names of buses.

A name of the user's own begins with ``ua-`` and stays; any other alias in an input is of an earlier run, and is replaced.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qemuxml import layout
from qemuxml.common.addresses import PciAddress
from qemuxml.devices.controller import Controller
from qemuxml.domain import Domain
from qemuxml.mapping.context import Target

USER_PREFIX = "ua-"


def aliases(domain: Domain, _: Target) -> None:
    """Name every device of a kind that has names, counting within the kind."""
    for kind in layout.DEVICES:
        if kind.alias is not None:
            for number, device in enumerate(domain.all(kind.model)):
                own = device.info.alias or ""
                if not own.startswith(USER_PREFIX):
                    named = kind.alias
                    device.info.alias = f"{named}{number}" if isinstance(named, str) else named(device, number)


def buses(domain: Domain, _: Target) -> None:
    """Tell every PCI address the name of its bus."""
    names = {item.index: _bus_name(item) for item in domain.all(Controller) if item.type == "pci"}
    for place in _pci_addresses(domain.devices):
        place.bus_alias = names.get(place.bus or 0)


def _bus_name(controller: Controller) -> str:
    """QEMU names the root bus of a pseries host bridge after it; every other bus has the controller's own name."""
    alias = controller.info.alias or ""
    return f"{alias}.0" if controller.model_name == "spapr-pci-host-bridge" and controller.index else alias


def _pci_addresses(devices: Iterable[Any]) -> Iterable[PciAddress]:
    for device in devices:
        info = getattr(device, "info", None)
        if info is not None and isinstance(info.address, PciAddress):
            yield info.address
