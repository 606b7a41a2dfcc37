"""The door plate of ``<interface>``: network cards, from ``-net`` to ``-device virtio-net-pci,netdev=hostnet0``."""

from __future__ import annotations

from qemuxml.devices.interface import Interface, hubs
from qemuxml.devices.interface.argv import alias, fill, pci, write
from qemuxml.devices.interface.check import check
from qemuxml.devices.interface.legacy import claim_net, manual
from qemuxml.devices.interface.reading import CLAIMS
from qemuxml.mapping.kind import Kind

KIND = Kind(
    element="interface",
    model=Interface,
    claims={"-net": claim_net},
    modern={**CLAIMS, "-net": hubs.claim_net, "-redir": hubs.claim_redir},
    manual=manual,
    alias=alias,
    write=write,
    fill=fill,
    check=check,
    pci=pci,
)
