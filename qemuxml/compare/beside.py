"""What libvirt does for a guest beside QEMU's command line: the network of a card, a forwarded port, the version of a TPM.

Of two guests in XML all of it is held against each other. A command line that libvirt has made says nothing of it (it has
descriptors in their place), so of a guest that came from one only what both guests say counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from qemuxml.compare.guest import Part

_CHARACTERS: Final = r"/source(?:\[\d+\])?/@(?:path|host|service)$|/log/"
_DISK: Final = (
    r"/@device$|/driver/@type$|/target/@tray$|/iotune/|/(?:backingStore/)*source/(?!seclabel|@startupPolicy|@index)"
    "|/(?:backingStore/)*(?:auth|encryption)/"
)
_CARD: Final = (
    r"/@type$|/source/(?!@(?:switchid|portid|portgroupid|connectionid|macTableManager)$)|/virtualport/|/vlan/|/bandwidth/"
    r"|/portForward|/ip\b|/route\b|/port/|/backend/|/mtu/|/coalesce/|/filterref/|/link/"
)

_OF_XML: Final[Mapping[str, re.Pattern[str]]] = {
    element: re.compile(paths)
    for element, paths in {
        "": r"/currentMemory$|/clock/@(?:adjustment|basis)$",
        "disk": _DISK,
        "interface": _CARD,
        "filesystem": "/source/@|/binary/",
        "hostdev": "/source/(?!@name$)",
        "sound": "/audio/@id$",
        "graphics": "/audio/@id$|/@(?:passwd|passwdValidTo|connected|username|port|multiUser|replaceUser)$",
        "tpm": r"/backend/(?:@type|@version|@persistent_state|active_pcr_banks/|encryption/|(?:device|source)/@path)",
        **dict.fromkeys(("serial", "parallel", "console", "channel", "redirdev", "smartcard"), _CHARACTERS),
        "rng": "/backend/source",
    }.items()
}
"""By element; the parts of a guest that are no devices have none."""

_OF_LINES: Final[Mapping[str, re.Pattern[str]]] = {
    element: re.compile(paths)
    for element, paths in {
        "interface": "/source/@bridge$|/portForward",
        **dict.fromkeys(("serial", "parallel", "console", "channel"), "/source/@path$"),
    }.items()
}

_PASSING: Final = ("/dev/pts/", "/dev/fdset/", "/run/libvirt/", "/var/run/libvirt/", "/var/lib/libvirt/qemu/")
"""Where a start of the guest puts what is new each time."""


def counts(element: str, path: str, texts: tuple[str | None, str | None], *, both_xml: bool | None) -> bool:
    """Whether two guests differ that say so at a place of one of their elements; None for ``both_xml`` leaves all of it out."""
    if both_xml is None:
        return False
    known = (_OF_XML if both_xml else _OF_LINES).get(element)
    if known is None or not known.match(path) or any((text or "").startswith(_PASSING) for text in texts):
        return False
    return both_xml or None not in texts


def is_only_a_name(part: Part, path: str) -> bool:
    """Whether a place says nothing of its own: a network has the bridge or the card that it has on its host."""
    return part.facts.get("/@type") == "network" and part.element == "interface" and path in ("/source/@bridge", "/source/@dev")
