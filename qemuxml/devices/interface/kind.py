"""The door plate of ``<interface>``: network cards, from ``-net`` to ``-device virtio-net-pci,netdev=hostnet0``."""

from __future__ import annotations

from qemuxml.devices.interface import Interface
from qemuxml.devices.interface.fill import alias, fill, pci
from qemuxml.later import later, table
from qemuxml.mapping.kind import Kind

KIND = Kind(
    element="interface",
    model=Interface,
    claims={"-net": later("qemuxml.devices.interface.legacy:claim_net")},
    modern=table("qemuxml.devices.interface.hubs:CLAIMS"),
    manual=later("qemuxml.devices.interface.legacy:manual"),
    alias=alias,
    write=later("qemuxml.devices.interface.argv:write"),
    fill=fill,
    check=later("qemuxml.devices.interface.check:check"),
    pci=pci,
)
