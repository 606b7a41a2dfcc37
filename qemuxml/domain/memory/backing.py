"""What a backend of memory says: ``-object memory-backend-file,mem-path=/dev/hugepages,share=on,prealloc=on,…`` read.

The memory of a machine, of a node or of a device is such an object; domain XML says once for all of them what they share.
"""

from __future__ import annotations

import re
from typing import Final

from qemuxml.cmdline.values import Values, on_off
from qemuxml.common.bitmap import members
from qemuxml.mapping.codecs import KIB, integer, size
from qemuxml.record import field, record

KINDS: Final = ("memory-backend-ram", "memory-backend-file", "memory-backend-memfd", "memory-backend-shm")
RAM_DIRECTORY: Final = "/var/lib/libvirt/qemu/ram"
"""Where libvirt keeps the files of shared memory."""


@record(kw_only=True)
class Backing:
    """One object. ``page`` is the size of its huge pages in bytes, 0 for huge pages of the host's own size."""

    kind: str
    size: int | None = None
    path: str | None = None
    page: int | None = None
    access: str | None = None
    discard: bool | None = None
    prealloc: bool = False
    threads: int | None = None
    nodes: list[int] = field(default_factory=list)
    mode: str | None = None
    align: int | None = None
    pmem: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is ordinary memory of this process."""
        return self.kind == "memory-backend-ram"


def read(values: Values) -> Backing:
    """The backing of an object's properties; what has no word in domain XML stays unread."""
    made = Backing(kind=values.get("qom-type") or "", size=values.get("size", size), path=values.get("mem-path"))
    made.page = _page(values, made.path)
    shared = values.get("share", on_off)
    if shared is not None and not (made.is_plain and not shared):
        made.access = "shared" if shared else "private"
    made.discard = values.get("discard-data", on_off)
    made.prealloc = bool(values.get("prealloc", on_off))
    made.threads = values.get("prealloc-threads", integer)
    made.align = values.get("align", size)
    made.pmem = bool(values.get("pmem", on_off))
    made.nodes = host_nodes(values)
    made.mode = _MODES.get(values.peek("policy") or "")
    if made.mode or values.peek("policy") == "default":
        values.get("policy")
    for name in _FOLLOWING:
        values.get(name)
    return made


_MODES: Final = {"bind": "strict", "preferred": "preferred", "interleave": "interleave"}
_FOLLOWING: Final = ("id", "prealloc-context", "x-use-canonical-path-for-ramblock-id", "reserve", "dump", "merge")
"""What follows from the rest of the guest, or is libvirt's to choose for the whole of it."""


def host_nodes(values: Values) -> list[int]:
    """``host-nodes=0-1``, ``host-nodes.0=…`` or a list of JSON."""
    found: set[int] = set()
    for item in values:
        if re.fullmatch(r"host-nodes(\.[0-9]{1,6})?", item.key):
            found.update(values.get(item.key, members) or ())
    return sorted(found)


def _page(values: Values, path: str | None) -> int | None:
    """The size of huge pages, of a file by the name of the folder where they are mounted."""
    given = values.get("hugetlbsize", size)
    if values.get("hugetlb", on_off):
        return given or 0
    return huge_page(path) if path else None


_SCALES: Final = {"k": KIB, "m": KIB**2, "g": KIB**3}


def huge_page(path: str) -> int | None:
    """``/dev/hugepages2M/libvirt/…`` is 2 MiB, ``/dev/hugepages`` the host's own size (0); None for other files."""
    found = re.search(r"huge[^/0-9]*(?:([0-9]{1,9})([kKmMgG])i?[bB]?)?", path, re.IGNORECASE)
    if not found:
        return None
    return int(found[1]) * _SCALES[found[2].lower()] if found[1] else 0
