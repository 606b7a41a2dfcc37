"""What libvirt refuses of ``<disk>``."""

from __future__ import annotations

from qemuxml.devices.disk import Disk
from qemuxml.domain import Domain
from qemuxml.mapping.context import Target


def check(disk: Disk, domain: Domain, target: Target) -> None:
    """Raise the first refusal."""
