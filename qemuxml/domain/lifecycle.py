"""What happens when the guest stops: ``-no-reboot`` is ``<on_reboot>destroy</on_reboot>``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.codecs import one_of
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import text
from qemuxml.record import record

if TYPE_CHECKING:
    from qemuxml.domain import Domain

_ACTIONS = ("destroy", "restart", "rename-restart", "preserve")


@record(kw_only=True)
class Lifecycle:
    """What becomes of the guest when it powers off, reboots or crashes."""

    on_poweroff: str | None = text("on_poweroff", one_of(*_ACTIONS))
    on_reboot: str | None = text("on_reboot", one_of(*_ACTIONS))
    on_crash: str | None = text("on_crash", one_of(*_ACTIONS, "coredump-destroy", "coredump-restart"))


def claim_no_reboot(option: Option, reading: Reading) -> Claimed:
    """``-no-reboot``: a reboot ends QEMU."""
    reading.domain.lifecycle.on_reboot = "destroy"
    return mapped(option)


def claim_action(option: Option, reading: Reading) -> Claimed | None:
    """``-action reboot=shutdown,panic=pause``: the watchdog's action is the watchdog's."""
    values = reading.values(option)
    lifecycle = reading.domain.lifecycle
    if values.get("reboot", one_of("reset", "shutdown").decode) == "shutdown":
        lifecycle.on_reboot = "destroy"
    values.get("shutdown", one_of("poweroff", "pause").decode)
    panic = values.get("panic", one_of(*_PANICS).decode)
    if panic is not None:
        lifecycle.on_crash = _PANICS[panic]
    values.get("watchdog")
    return reading.partly(option, values.unread())


_PANICS = {"none": "restart", "pause": "preserve", "shutdown": "destroy", "exit-failure": "destroy"}
"""What libvirt does when it is told of a panic; QEMU goes on where it should do nothing, and the guest restarts itself."""


def check(domain: Domain, _: Target) -> None:
    """QEMU's guests are not started anew under another name, and stay only where they crashed."""
    lifecycle = domain.lifecycle
    for element in ("on_poweroff", "on_reboot", "on_crash"):
        action = getattr(lifecycle, element)
        if action == "rename-restart" or (action == "preserve" and element != "on_crash"):
            raise UnsupportedError(f"<{element}>: QEMU has no action '{action}' for it")


def manual(lifecycle: Lifecycle, _: Writing) -> Iterator[Words]:
    """``-no-reboot`` is all that QEMU 0.9 had."""
    if lifecycle.on_poweroff not in (None, "destroy"):
        raise UnsupportedError(f"QEMU 0.9 has no option for <on_poweroff>{lifecycle.on_poweroff}")
    if lifecycle.on_crash not in (None, "destroy", "restart"):
        raise UnsupportedError(f"QEMU 0.9 has no option for <on_crash>{lifecycle.on_crash}")
    if lifecycle.on_reboot == "destroy":
        yield ("-no-reboot",)
    elif lifecycle.on_reboot not in (None, "restart"):
        raise UnsupportedError(f"QEMU 0.9 has no option for <on_reboot>{lifecycle.on_reboot}")


def write(writing: Writing) -> Iterator[Words]:
    """``-no-shutdown``: QEMU stays when the guest powers off, and libvirt decides; on a person's line QEMU does."""
    lifecycle = writing.domain.lifecycle
    if writing.by_libvirt:
        yield ("-no-shutdown",)
        return
    if lifecycle.on_poweroff == "restart":
        writing.note("<on_poweroff>restart: only libvirt starts the guest again")
    if lifecycle.on_reboot == "destroy":
        yield ("-no-reboot",)
    if lifecycle.on_crash in _AFTER_PANIC:
        yield "-action", f"panic={_AFTER_PANIC[lifecycle.on_crash]}"


_AFTER_PANIC: Final[Mapping[str | None, str]] = {"restart": "none", "rename-restart": "none", "preserve": "pause"}
"""QEMU goes on where libvirt would start the guest again: most guests do that themselves."""


KIND = Kind(
    element="on_reboot",
    model=Lifecycle,
    claims={"-no-reboot": claim_no_reboot},
    modern={"-action": claim_action},
    manual=manual,
)
