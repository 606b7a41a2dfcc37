"""What boots: ``-M pc -boot cd`` is ``<os><type arch='i686' machine='pc'>hvm</type><boot dev='hd'/><boot dev='cdrom'/></os>``."""

from __future__ import annotations

from qemuxml.domain.machine import reading as machine
from qemuxml.domain.os import legacy, reading
from qemuxml.domain.os.model import Os
from qemuxml.mapping.kind import Kind

__all__ = ["KIND", "Os"]

KIND = Kind(element="os", model=Os, claims=legacy.CLAIMS, modern={**reading.CLAIMS, **machine.CLAIMS})
