"""Options about one launch, not about the guest: ``-S``, ``-pidfile``, ``-monitor`` leave no trace in domain XML."""

from __future__ import annotations

from qemuxml.cmdline.options import Option
from qemuxml.mapping.context import Reading
from qemuxml.mapping.kind import Claim
from qemuxml.mapping.ledger import Claimed, Fate

_IMPLIED = {
    "-S": "libvirt starts every guest paused, and resumes it",
    "-nodefaults": "libvirt never asks QEMU for its default devices",
    "-no-user-config": "libvirt never lets QEMU read configuration files",
    "-nodefconfig": "libvirt never lets QEMU read configuration files",
    "-monitor": "libvirt has a monitor of its own",
}
_DROPPED = {
    "-pidfile": "the process's number is libvirt's business",
    "-incoming": "a migration that arrived at that launch",
    "-daemonize": "libvirt puts QEMU into the background by itself",
}
_UNKNOWN_THEN = frozenset({"-daemonize", "-no-user-config"})


def claim(option: Option, reading: Reading) -> Claimed | None:
    """Any of these options; the releases with the old command did not know -daemonize and -no-user-config, and passed them."""
    if option.name in _UNKNOWN_THEN and reading.has("passes-newer"):
        return None
    if option.name in _IMPLIED:
        return Claimed((option,), Fate.IMPLIED, (), _IMPLIED[option.name])
    return Claimed((option,), Fate.DROPPED, (), _DROPPED[option.name])


CLAIMS: dict[str, Claim] = dict.fromkeys((*_IMPLIED, *_DROPPED), claim)
