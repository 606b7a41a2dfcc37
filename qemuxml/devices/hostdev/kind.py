"""The door plate of ``<hostdev>``: ``-device vfio-pci``, ``-device usb-host``, ``-pcidevice``, ``-usbdevice host:``."""

from __future__ import annotations

from qemuxml.devices.hostdev import Hostdev, claim_pcidevice, claim_usbdevice, manual
from qemuxml.devices.hostdev.argv import fill, pci, write
from qemuxml.later import later, table
from qemuxml.mapping.kind import Kind

KIND = Kind(
    element="hostdev",
    model=Hostdev,
    claims={"-pcidevice": claim_pcidevice, "-usbdevice": claim_usbdevice},
    modern=table("qemuxml.devices.hostdev.reading:CLAIMS"),
    manual=manual,
    alias=lambda device, _, __: f"hostdev{device.ordinal}",
    write=write,
    fill=fill,
    check=later("qemuxml.devices.hostdev.check:check"),
    pci=pci,
)
