"""User networking as QEMU's own network stack numbers it: the guest of ``-netdev user`` is 10.0.2.15 where nothing is said."""

from __future__ import annotations

import re
from typing import Final

LAST_PORT: Final = 65535
GUEST: Final = "10.0.2.15"
"""The address that user networking gives to the guest."""
_GUESTS_PART: Final = 0x0000020F
"""The part of it that is the guest's own in any network."""


def given(network: str | None, prefix: int | None) -> str | None:
    """The address that user networking gives in a network; None if that is not known."""
    number = ipv4(network or "")
    if number is None or prefix is None:
        return None
    own = (1 << (32 - min(prefix, 32))) - 1
    return ".".join(str(octet) for octet in (number & ~own | _GUESTS_PART & own).to_bytes(4, "big"))


def ipv4(text: str) -> int | None:
    """The number of an address in dots; None for what is none."""
    parts = text.split(".")
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){3}", text) or any(int(part) > 0xFF for part in parts):
        return None
    return int.from_bytes(bytes(int(part) for part in parts), "big")
