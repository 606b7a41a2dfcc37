"""What boots: ``-M pc -boot cd`` is ``<os><type arch='i686' machine='pc'>hvm</type><boot dev='hd'/><boot dev='cdrom'/></os>``."""

from __future__ import annotations

from qemuxml.domain.os.model import Os
from qemuxml.later import table
from qemuxml.mapping.kind import Kind

__all__ = ["KIND", "Os"]

KIND = Kind(
    element="os",
    model=Os,
    claims=table("qemuxml.domain.os.legacy:CLAIMS"),
    modern=table("qemuxml.domain.os.reading:CLAIMS"),
)
