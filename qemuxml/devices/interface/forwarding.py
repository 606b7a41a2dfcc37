"""Ports of the host that user networking hands to the guest: ``hostfwd=tcp::2222-:22``, and ``-redir tcp:2222::22`` of old.

Of libvirt's backends passt hands ports in, by ``<portForward>``, to the one address that it gives the guest. A network that it
would not forward alike stays a ``-netdev`` that is passed through; ``--hostfwd`` asks for that, or for no forwards at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Property
from qemuxml.common.piece import Piece
from qemuxml.devices.interface import Interface, Ip, PortForward, PortRange
from qemuxml.devices.interface.slirp import GUEST, LAST_PORT, given, ipv4
from qemuxml.errors import CommandLineError, Span
from qemuxml.later import pattern
from qemuxml.record import record

_USUAL_PREFIX: Final = 24
_PRIVILEGED: Final = 1024
"""Ports below are root's to open, unless the host says otherwise."""
_KEY: Final = pattern(r"hostfwd(\.[0-9]+\.str)?")
_RULE: Final = pattern(r"(?:(tcp|udp)?:)?([^:-]*|\[[^\]]*\]):([0-9]{1,5})-([^:]*|\[[^\]]*\]):([0-9]{1,5})")
_REDIRECTION: Final = pattern(r"(?:(tcp|udp):)?([0-9]{1,5}):([0-9.]*):([0-9]{1,5})")


@record(frozen=True)
class Forward:
    """One port that is handed in; ``guest`` is the guest's address, None for the one that it is given."""

    protocol: str
    address: str | None
    port: int
    guest: str | None
    to: int
    said: str
    span: Span

    @property
    def rule(self) -> str:
        """How ``hostfwd=`` says it."""
        return f"{self.protocol}:{self.address or ''}:{self.port}-{self.guest or ''}:{self.to}"


def take(properties: Iterator[Property]) -> list[Forward]:
    """The forwards of a network, now counted as read. Raises CommandLineError for what QEMU would refuse."""
    found = []
    for item in properties:
        if _KEY.fullmatch(item.key):
            item.read = True
            found.append(_of_property(item))
    return found


def _of_property(item: Property) -> Forward:
    found = _RULE.fullmatch(item.text)
    if found is None or int(found[3]) > LAST_PORT or not 0 < int(found[5]) <= LAST_PORT:
        raise CommandLineError(f"hostfwd: '{item.text[:60]}' is not PROTO:ADDRESS:PORT-ADDRESS:PORT", item.span)
    protocol, address, guest = found[1] or "tcp", found[2].strip("[]") or None, found[4].strip("[]") or None
    for text in (address, guest):
        if text is not None and ":" not in text and ipv4(text) is None:
            raise CommandLineError(f"hostfwd: '{text[:60]}' is not an IP address", item.span)
    return Forward(protocol, address, int(found[3]), guest, int(found[5]), f"hostfwd={item.text}", item.span)


def of_redirection(option: Option) -> Forward | None:
    """The forward of a ``-redir``, of the releases before 3.1; None for one that is none."""
    found = _REDIRECTION.fullmatch(option.text)
    if found is None or int(found[2]) > LAST_PORT or not 0 < int(found[4]) <= LAST_PORT:
        return None
    return Forward(found[1] or "tcp", None, int(found[2]), found[3] or None, int(found[4]), f"-redir {option.text}", option.span)


# ------------------------------------------------------------------ what becomes of them


def apply(forwards: Sequence[Forward], interface: Interface, piece: Piece) -> bool:
    """Hand the ports to the guest of this network as it is wished; False if the network has to be passed through."""
    wish = piece.reading.wishes.hostfwd
    if not forwards:
        return True
    if wish == "passthrough":
        return False
    if wish == "drop":
        for forward in forwards:
            piece.reading.note(f"{forward.said}: no port of the host leads there any more (--hostfwd=drop)", forward.span)
        piece.replaced("user networking without its forwards, by --hostfwd=drop")
        return True
    return _by_passt(forwards, interface, piece)


def _by_passt(forwards: Sequence[Forward], interface: Interface, piece: Piece) -> bool:
    guest = _guest(interface, piece)
    refused = [(forward, why) for forward in forwards for why in [_why_not(forward, guest)] if why]
    for forward, why in refused:
        piece.reading.note(f"{forward.said}: passt cannot do that: {why}; the network is passed through", forward.span)
    if refused:
        return False
    if guest is not None and (interface.ips or guest != GUEST):
        # passt gives the guest this very address, where user networking is told a network.
        prefix = interface.ips[0].prefix if interface.ips else _USUAL_PREFIX
        interface.ips = [Ip(family="ipv4", address=guest, prefix=prefix)]
    interface.forwards += [_port_forward(forward) for forward in forwards]
    interface.backend_type = "passt"
    low = [str(forward.port) for forward in forwards if forward.port < _PRIVILEGED]
    if low:
        piece.reading.note(
            f"port {', '.join(low)}: libvirt starts passt without privileges, and the host may not let it open a port below"
            f" {_PRIVILEGED} (net.ipv4.ip_unprivileged_port_start)",
            forwards[0].span,
        )
    piece.replaced("ports are handed in by passt, which libvirt starts; passt must be installed")
    return True


def _why_not(forward: Forward, guest: str | None) -> str | None:
    if forward.port == 0:
        return "port 0 is any free port of the host"
    if guest is None:
        return "the guest's address in its network would be another"
    if forward.guest not in (None, "0.0.0.0", guest):  # noqa: S104 - QEMU's word for the guest's own
        return f"it hands ports to the guest's own address, which is {guest}"
    return None


def _guest(interface: Interface, piece: Piece) -> str | None:
    """The address that the guest is given; None if that is not known, or passt would give another."""
    start = piece.values.get("dhcpstart")
    if not interface.ips:
        return start or GUEST
    first = interface.ips[0]
    if first.family != "ipv4" or len(interface.ips) > 1 or first.prefix is None:
        return None
    return start or given(first.address, first.prefix)


def _port_forward(forward: Forward) -> PortForward:
    ports = PortRange(start=forward.port, to=None if forward.to == forward.port else forward.to)
    return PortForward(proto=forward.protocol, address=forward.address, ranges=[ports])
