"""libvirt's RELAX NG schema, for the tests that need it: where libvirt installs it, or where QEMUXML_SCHEMA says."""

import os
from pathlib import Path

import pytest

SCHEMA = Path(os.environ.get("QEMUXML_SCHEMA", "/usr/share/libvirt/schemas/domain.rng"))
NEWEST = "throttlegroups"
"""The latest element that our XML has: libvirt 11.2 brought it."""


def _lack() -> str:
    """Why the schema is of no use here; nothing if it is."""
    if not SCHEMA.exists():
        return f"no schema: libvirt has not installed {SCHEMA}, which QEMUXML_SCHEMA may name elsewhere"
    if not any(NEWEST in path.read_text(encoding="utf-8") for path in SCHEMA.parent.glob("domain*.rng")):
        return f"{SCHEMA} is older than libvirt 11.2"
    return ""


LACK = _lack()
needs_schema = pytest.mark.skipif(bool(LACK), reason=LACK)
