"""Guest nodes: ``<cpu><numa><cell id='0' cpus='0-3' …/></numa></cpu>`` is ``-numa node,nodeid=0,cpus=0-3,memdev=ram-node0``."""

from __future__ import annotations

from qemuxml.domain.numa.model import Numa
from qemuxml.later import later
from qemuxml.mapping.kind import Kind

__all__ = ["KIND", "Numa"]

KIND = Kind(element="numa", model=Numa, modern={"-numa": later("qemuxml.domain.numa.reading:claim")})
