"""What happens when the guest stops: ``-no-reboot`` is ``<on_reboot>destroy</on_reboot>``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import text


@dataclass(kw_only=True)
class Lifecycle:
    """What becomes of the guest when it powers off, reboots or crashes."""

    on_poweroff: str | None = text("on_poweroff")
    on_reboot: str | None = text("on_reboot")
    on_crash: str | None = text("on_crash")


def claim_no_reboot(option: Option, reading: Reading) -> Claimed:
    """``-no-reboot``: a reboot ends QEMU."""
    reading.domain.lifecycle.on_reboot = "destroy"
    return mapped(option)


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


def write(_: Writing) -> Iterator[Words]:
    """``-no-shutdown``: QEMU stays when the guest powers off, and libvirt decides."""
    yield ("-no-shutdown",)


KIND = Kind(element="on_reboot", model=Lifecycle, claims={"-no-reboot": claim_no_reboot}, manual=manual)
