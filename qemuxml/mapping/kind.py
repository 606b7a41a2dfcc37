"""The door plate of a kind: everything that the rest of the house may ask of ``<disk>``, ``<clock>`` or ``<video>``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from qemuxml.record import field, record

if TYPE_CHECKING:
    from qemuxml.cmdline.options import Option
    from qemuxml.cmdline.render import Words
    from qemuxml.domain import Domain
    from qemuxml.mapping.context import Reading, Target, Writing
    from qemuxml.mapping.ledger import Claimed

Claim = Callable[["Option", "Reading"], "Claimed | None"]
"""Takes an open option; None leaves it open, for another kind or for the passed ones."""

Writer = Callable[[Any, "Writing"], "Iterable[Words]"]
"""The options that one object is."""

Filler = Callable[[Any, "Domain", "Target"], None]
"""Completes an object with what libvirt adds to it when it reads the XML."""

Checker = Callable[[Any, "Domain", "Target"], None]
"""Raises DomainXmlError or UnsupportedError, without a place, for what libvirt refuses."""

AliasMaker = Callable[[Any, int, "Domain"], str]
"""The alias of the object, which is the n-th of its kind."""


class Plug(StrEnum):
    """What a device needs of the PCI bus that it sits on."""

    CONVENTIONAL = "conventional"
    """A bus of conventional PCI: behind a bridge on a machine whose root is PCI Express."""
    EXPRESS = "express"
    """PCI Express: behind a root port or a downstream port."""
    EITHER = "either"
    """As the machine has it: virtio devices and a few more change their nature with the bus."""
    ROOT = "root"
    """The root bus itself: bridges to other buses, and parts of the board."""


Unsayer = Callable[[Any, "Option | None", "Reading"], None]
"""Takes properties away that libvirt writes for the object, and the option that it came from, if any, did not say."""

PciNeed = Callable[[Any, "Domain"], "Plug | None"]

ManualWriter = Callable[[Any, "Writing"], "Iterable[Words]"]
"""The options that one object is on a command line of QEMU 0.9."""


@record(frozen=True, kw_only=True)
class Kind:
    """A child of ``<domain>`` or of ``<devices>``.

    ``claims`` is keyed by option (``-net``), for ``-device`` by option and driver (``-device virtio-balloon-pci``).
    ``modern`` is the same for options that only today's releases have, asked first, in profile "modern" alone; of ``-object``
    the key names the type too.
    ``alias`` is how libvirt names it: a prefix that is counted (``rng`` makes rng0, rng1) or a function.
    ``counts_unnamed`` is set where devices with a name of the user's own are left out of that count.
    ``write`` gives the options that one object is, in their order; a kind without it leaves no trace on the line.
    ``fill`` completes the object's own fields, before any address is given; ``check`` raises a bare refusal.
    ``pci`` says what the object needs of a PCI bus, None if it sits elsewhere.
    ``manual`` writes the object for profile "manual"; a device kind without it cannot be said there.
    ``default`` gives the device that QEMU adds when no option says otherwise, or None.
    ``unsay`` keeps what libvirt writes for every such device from one that QEMU made without it.
    """

    element: str
    model: type[Any]
    claims: Mapping[str, Claim] = field(default_factory=dict)
    modern: Mapping[str, Claim] = field(default_factory=dict)
    alias: str | AliasMaker | None = None
    counts_unnamed: bool = False
    write: Writer | None = None
    fill: Filler | None = None
    check: Checker | None = None
    pci: PciNeed | None = None
    manual: ManualWriter | None = None
    default: Callable[[Reading], Any] | None = None
    unsay: Unsayer | None = None
