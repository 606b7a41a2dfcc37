"""Displays of old command lines: ``-vnc :3``, ``-sdl`` with ``DISPLAY=:0``, ``-k de``, and QEMU 0.9's options for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words, escape
from qemuxml.cmdline.values import Property, decoded, parse
from qemuxml.common.refusals import refuse
from qemuxml.devices.graphics import FIRST_PORT, FIRST_WEBSOCKET, Graphics, Listen
from qemuxml.errors import CommandLineError, Span, UnsupportedError
from qemuxml.mapping.codecs import integer, one_of
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Claim
from qemuxml.mapping.ledger import Claimed, Fate, mapped


def claim_vnc(option: Option, reading: Reading) -> Claimed | None:
    """``-vnc HOST:DISPLAY``, ``-vnc unix:PATH``, each with ``share=`` and ``websocket=``."""
    if option.value is None:
        return None
    # QEMU names the first value "vnc"; without that name a socket's path may hold "=", so it is cut off first.
    named = option.text.startswith("vnc=")
    place = option.text.removeprefix("vnc=").partition(",")[0]
    start = 0 if named else min(len(place) + 1, len(option.text))
    values = parse(option.value, None, start)
    values.get("vnc")
    if place in ("none", ""):
        return None
    graphics = Graphics(type="vnc", share_policy=values.get("share", _SHARE.decode))
    if place.startswith("unix:"):
        graphics.socket = place.removeprefix("unix:")
        graphics.listens = [Listen(type="socket", socket=graphics.socket)]
    else:
        _listen(graphics, place, option.value.span(len(option.text.partition(place)[0]), len(option.text.partition(",")[0])))
        # A bare "websocket" is the port 5700 and the display's number.
        websocket = values.property("websocket")
        if websocket is not None:
            graphics.websocket = _websocket(websocket, graphics)
    if not reading.understood(values):
        return None
    keymaps = list(reading.ledger.open_named("-k")) if reading.has("reads-keymap") else []
    graphics.keymap = keymaps[-1].text if keymaps else None
    return Claimed((option, *keymaps), Fate.MAPPED, (graphics,))


_SHARE = one_of("allow-exclusive", "force-shared", "ignore")


def _listen(graphics: Graphics, place: str, span: Span) -> None:
    found = re.fullmatch(r"(?:\[([^\]]*)\]|([^:\[\]]*)):([0-9]{1,5})", place)
    if not found or int(found[3]) + FIRST_PORT > 65535:
        raise CommandLineError(f"'{place[:60]}' is not HOST:DISPLAY or unix:PATH", span)
    graphics.port, graphics.autoport = int(found[3]) + FIRST_PORT, False
    address = found[1] or found[2]
    graphics.listen = address or None
    graphics.listens = [Listen(type="address", address=address or None)]


def _websocket(item: Property, graphics: Graphics) -> int | None:
    if item.bare or item.text == "on":
        return (graphics.port or FIRST_PORT) - FIRST_PORT + FIRST_WEBSOCKET
    return decoded(item, _port)


def _port(text: str) -> int:
    number = integer(text)
    if not 0 < number <= 65535:
        raise ValueError("is not a port from 1 to 65535")
    return number


def claim_sdl(option: Option, reading: Reading) -> Claimed:
    """``-sdl`` with the variables ``DISPLAY`` and ``XAUTHORITY``, and ``-full-screen``."""
    return mapped(option, sdl(reading))


def sdl(reading: Reading) -> Graphics:
    """A window on the X server that the environment names."""
    full = reading.ledger.has("-full-screen")
    return Graphics(
        type="sdl",
        display=reading.variable("DISPLAY"),
        xauth=reading.variable("XAUTHORITY"),
        fullscreen=True if full else None,
    )


def claim_full_screen(option: Option, _: Reading) -> Claimed:
    """``-full-screen``: an attribute of the display, whichever option asks for that."""
    return mapped(option)


def claim_no_display(option: Option, reading: Reading) -> Claimed | None:
    """``-nographic``, ``-display none``: no window."""
    if option.name == "-display" and option.text != "none":
        return None
    if reading.has("keeps-nographic"):
        return None
    return Claimed((option,), Fate.IMPLIED, (), "a guest without <graphics> has no window")


CLAIMS: Final[dict[str, Claim]] = {
    "-vnc": claim_vnc,
    "-sdl": claim_sdl,
    "-full-screen": claim_full_screen,
    "-nographic": claim_no_display,
    "-display": claim_no_display,
}


# ------------------------------------------------------------------ QEMU 0.9


def manual(graphics: Graphics, writing: Writing) -> Iterator[Words]:
    """``-vnc HOST:DISPLAY`` and ``-k KEYMAP``, or nothing for the window that QEMU opens by itself."""
    refuse(
        {
            "a second <graphics>": writing.number("graphics"),
        }
    )
    if graphics.type == "sdl":
        if graphics.fullscreen:
            yield ("-full-screen",)
        return
    if graphics.type != "vnc":
        raise UnsupportedError(f"QEMU 0.9 has no display of type '{graphics.type}'")
    yield "-vnc", _manual_vnc(graphics, writing)
    if graphics.keymap:
        yield "-k", graphics.keymap


def _manual_vnc(graphics: Graphics, writing: Writing) -> str:
    if graphics.socket:
        return f"unix:{escape(graphics.socket)}"
    port = graphics.port if graphics.port is not None and graphics.port >= 0 else None
    if port is None:
        writing.note("graphics: libvirt would look for a free port; this line takes VNC display 0")
    elif not FIRST_PORT <= port <= 65535:
        raise UnsupportedError(f"graphics: QEMU 0.9 has no VNC display on port {port}")
    address = graphics.listen or next((item.address for item in graphics.listens if item.address), None) or "127.0.0.1"
    host = f"[{address}]" if ":" in address else address
    return f"{host}:{(port or FIRST_PORT) - FIRST_PORT}"
