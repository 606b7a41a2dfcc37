"""The door plate of a kind: everything that the rest of the house may ask of ``<disk>``, ``<clock>`` or ``<video>``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qemuxml.cmdline.options import Option
    from qemuxml.cmdline.render import Words
    from qemuxml.mapping.context import Reading, Writing
    from qemuxml.mapping.ledger import Claimed

Claim = Callable[["Option", "Reading"], "Claimed | None"]
"""Takes an open option; None leaves it open, for another kind or for the passed ones."""

ManualWriter = Callable[[Any, "Writing"], "Iterable[Words]"]
"""The options that one object is on a command line of QEMU 0.9."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A child of ``<domain>`` or of ``<devices>``.

    ``claims`` is keyed by option (``-net``), for ``-device`` by option and driver (``-device virtio-balloon-pci``).
    ``manual`` writes the object for profile "manual"; a device kind without it cannot be said there.
    ``default`` gives the device that QEMU adds when no option says otherwise, or None.
    """

    element: str
    model: type[Any]
    claims: Mapping[str, Claim] = field(default_factory=dict)
    manual: ManualWriter | None = None
    default: Callable[[Reading], Any] | None = None
