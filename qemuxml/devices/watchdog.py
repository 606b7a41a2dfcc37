"""Watchdogs: ``-watchdog i6300esb -watchdog-action poweroff`` is ``<watchdog model='i6300esb' action='poweroff'/>``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common.device import address, ident
from qemuxml.common.info import Info
from qemuxml.common.piece import Piece
from qemuxml.domain import Domain
from qemuxml.domain.boards import S390, board_of
from qemuxml.errors import DomainXmlError
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind, Plug
from qemuxml.mapping.ledger import Claimed, Fate
from qemuxml.mapping.props import Props, json, key
from qemuxml.mapping.xml import attr, group
from qemuxml.record import record


@record(kw_only=True)
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


# ------------------------------------------------------------------ QEMU of today

DEVICE = Props(Watchdog, key("driver", "model"), ident(), address())


def claim(option: Option, reading: Reading) -> Claimed | None:
    """``-device i6300esb`` and the others; what QEMU does is said once for all."""
    piece = Piece(option, reading)
    return piece.mapped(piece.read(DEVICE, Watchdog(action=_action(piece))))


def claim_chipset(option: Option, reading: Reading) -> Claimed | None:
    """``-global ICH9-LPC.noreboot=off``: the watchdog of the q35 board may reset the guest."""
    if option.text not in ("ICH9-LPC.noreboot=off", "ICH9-LPC.noreboot=false"):
        return None
    piece = Piece(option, reading)
    for item in piece.values:
        item.read = True
    return piece.mapped(Watchdog(model="itco", action=_action(piece)))


def _action(piece: Piece) -> str:
    """Of several ``-watchdog-action`` the last counts; the first watchdog takes them along."""
    options = [*piece.reading.ledger.named("-watchdog-action")]
    for option in piece.reading.ledger.open_named("-watchdog-action"):
        if option.text in _ACTIONS:
            piece.also(option)
    said = [item.text for item in options]
    said += [piece.reading.values(item).peek("watchdog") or "" for item in piece.reading.ledger.named("-action")]
    return next((text for text in reversed(said) if text in _ACTIONS), "reset")


def write(watchdog: Watchdog, _: Writing) -> Iterator[Words]:
    """The device; ``itco`` is a part of the q35 board."""
    if watchdog.model != "itco":
        yield "-device", json(DEVICE.write(watchdog))


def write_action(writing: Writing) -> Iterator[Words]:
    """That the board's watchdog may reset the guest, and what QEMU does when any watchdog runs out."""
    watchdogs = writing.domain.all(Watchdog)
    if any(item.model == "itco" for item in watchdogs):
        yield "-global", "ICH9-LPC.noreboot=off"
    if watchdogs:
        # A dump is libvirt's own work: QEMU stops the guest and tells.
        action = watchdogs[0].action or "reset"
        yield "-watchdog-action", "pause" if action == "dump" else action


def fill(watchdog: Watchdog, domain: Domain, _: Target) -> None:
    """Reset is the default; the board's watchdog does what the first one of the user does."""
    if watchdog.action is None:
        said = next((item.action for item in domain.all(Watchdog) if item.action), None)
        watchdog.action = said if watchdog.model == "itco" and said else "reset"


_ALLOWED = frozenset({"reset", "shutdown", "poweroff", "pause", "none", "dump", "inject-nmi"})


def check(watchdog: Watchdog, domain: Domain, _: Target) -> None:
    """What libvirt refuses of a watchdog. Raises DomainXmlError."""
    board = board_of(domain)
    s390, q35 = board.arch in S390, board.is_q35
    fits = {"i6300esb": True, "ib700": board.is_x86 and not q35, "diag288": s390, "itco": q35}
    if watchdog.model is None or not fits.get(watchdog.model, False):
        raise DomainXmlError(f"<watchdog model='{watchdog.model}'>: {board.arch} machine '{board.machine}' has no such device")
    if watchdog.action not in _ALLOWED:
        raise DomainXmlError(f"<watchdog action='{watchdog.action}'>: the action is none of {', '.join(sorted(_ALLOWED))}")
    if watchdog.model != "i6300esb" and watchdog.info.address is not None:
        raise DomainXmlError(f"<watchdog model='{watchdog.model}'> has no address")
    if watchdog.model == "itco" and sum(1 for item in domain.all(Watchdog) if item.model == "itco") > 1:
        raise DomainXmlError("<watchdog model='itco'>: the board has one")
    if any(item.action != watchdog.action for item in domain.all(Watchdog)):
        raise DomainXmlError("<watchdog>: all of a guest's watchdogs have one action")


def pci(watchdog: Watchdog, _: Domain) -> Plug | None:
    """Of the models only the i6300esb is a PCI device."""
    return Plug.CONVENTIONAL if watchdog.model == "i6300esb" else None


KIND = Kind(
    element="watchdog",
    model=Watchdog,
    claims={"-watchdog": claim_watchdog},
    modern={**{f"-device {model}": claim for model in sorted(_MODELS)}, "-global": claim_chipset},
    alias="watchdog",
    write=write,
    fill=fill,
    check=check,
    pci=pci,
)
