"""What each claim changed in the parts of a guest: ``-m 512`` made ``/memory`` and ``/currentMemory``."""

from __future__ import annotations

from typing import Any

from qemuxml.cmdline.options import Option
from qemuxml.mapping.facts import facts
from qemuxml.mapping.ledger import Claimed


class Trace:
    """Watches a domain while its command line is read. Devices are not watched: a claim names its own."""

    def __init__(self, domain: Any) -> None:
        self.changed: dict[Option, tuple[str, ...]] = {}
        """The paths below ``<domain>`` that an option set or changed."""
        self._domain = domain
        self._before = dict(facts(domain))

    def claimed(self, claimed: Claimed) -> None:
        """Hold the domain against what it was before these options were claimed."""
        now = dict(facts(self._domain))
        changed = tuple(path for path, text in now.items() if self._before.get(path) != text)
        self._before = now
        self.changed |= dict.fromkeys(claimed.options, changed)
