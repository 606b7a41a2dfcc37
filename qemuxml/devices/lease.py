"""Leases that a guest must hold to run: ``<lease>`` is the lock manager's business, and leaves no trace on the line."""

from __future__ import annotations

from qemuxml.mapping.codecs import UINT64
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.xml import attr, text
from qemuxml.record import record


@record(kw_only=True)
class Lease:
    """A lease in a lock space."""

    lockspace: str | None = text("lockspace")
    key: str | None = text("key")
    path: str | None = attr("target@path")
    offset: int | None = attr("target@offset", UINT64)


KIND = Kind(element="lease", model=Lease)
