"""What a person wishes of ``from-native`` beside the guest itself: ``--hostfwd=passt``, and how files are read.

Nothing here opens a file: the command hands in how it is done, and the library does not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from qemuxml.errors import Source, UnsupportedError
from qemuxml.record import record

HOSTFWD: Final = ("passt", "passthrough", "drop")
"""What may become of a user network that hands ports of the host to the guest."""

ReadFile = Callable[[str], Source | None]
"""Opens the file of a ``-readconfig``; None is its answer for one that cannot be read, which is passed on."""

ReadImage = Callable[[str], bytes | None]
"""Reads the first bytes of an image; None is its answer for one that cannot be read, or must not."""


@record(frozen=True, kw_only=True)
class Wishes:
    """The wishes; ``name`` and ``uuid`` are for a guest that has none."""

    name: str | None = None
    uuid: str | None = None
    hostfwd: str = "passt"
    lean: bool = False
    """Whether the default devices that the line does not ask for stay out."""
    folder: str | None = None
    """Where relative file names begin if nobody says in which folder the guest was started."""
    read_file: ReadFile | None = None
    read_image: ReadImage | None = None

    def checked(self) -> Wishes:
        """Raise UnsupportedError for a wish that nobody can grant."""
        if self.hostfwd not in HOSTFWD:
            raise UnsupportedError(f"unknown hostfwd '{self.hostfwd}': there are {', '.join(HOSTFWD)}")
        return self
