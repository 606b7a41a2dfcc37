"""Watchdogs: ``-watchdog i6300esb -watchdog-action poweroff`` is ``<watchdog model='i6300esb' action='poweroff'/>``."""

from __future__ import annotations

from dataclasses import dataclass

from qemuxml.cmdline.options import Option
from qemuxml.common.info import Info
from qemuxml.mapping.context import Reading
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, Fate
from qemuxml.mapping.xml import attr, group


@dataclass(kw_only=True)
class Watchdog:
    """A watchdog and what it does when the guest hangs."""

    model: str | None = attr("@model")
    action: str | None = attr("@action")
    info: Info = group(Info)


_MODELS = {"i6300esb", "ib700", "diag288"}
_ACTIONS = {"reset": "reset", "shutdown": "shutdown", "poweroff": "poweroff", "pause": "pause", "none": "none",
            "inject-nmi": "inject-nmi"}  # fmt: skip


def claim_watchdog(option: Option, reading: Reading) -> Claimed | None:
    """``-watchdog MODEL`` together with ``-watchdog-action ACTION``, wherever that stands; reset is QEMU's default."""
    actions = [item for item in reading.ledger.open_named("-watchdog-action") if item.text in _ACTIONS]
    if option.text not in _MODELS:
        return None
    action = _ACTIONS[actions[-1].text] if actions else "reset"
    return Claimed((option, *actions), Fate.MAPPED, (Watchdog(model=option.text, action=action),))


KIND = Kind(element="watchdog", model=Watchdog, claims={"-watchdog": claim_watchdog})
