"""How a guest is started: the words of ``kvm -m 512``, wherever they were found, and the folder in which they were said."""

from __future__ import annotations

from collections.abc import Sequence

from qemuxml.cmdline.words import Word
from qemuxml.errors import Source
from qemuxml.mapping.ledger import Note
from qemuxml.record import record


@record(frozen=True)
class Start:
    """The words of one start of QEMU, with places in the source; ``folder`` is None if nobody knows where it was."""

    source: Source
    words: Sequence[Word]
    folder: str | None
    notes: tuple[Note, ...] = ()
