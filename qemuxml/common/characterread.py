"""Ports and consoles read back: ``-device isa-serial,chardev=c0`` or ``-serial chardev:c0`` is ``<serial>``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import decoded
from qemuxml.common import chardev, chardevread, globals  # noqa: A004 - the module is named for its option
from qemuxml.common.addresses import IsaAddress
from qemuxml.common.chardev import Chardev
from qemuxml.common.piece import Piece
from qemuxml.mapping.codecs import integer
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import Claimed, Fate, implied

Maker = Callable[[Chardev], Any]

SERIAL_MODELS: Final = {
    "isa-serial": "isa-serial", "usb-serial": "usb-serial", "pci-serial": "pci-serial", "spapr-vty": "spapr-vio-serial",
    "sclpconsole": "sclp-serial", "sclplmconsole": "sclp-serial", "isa-debugcon": "isa-debug",
}  # fmt: skip
"""The target type of a model."""


def claim_option(kind: str, make: Maker) -> Callable[[Option, Reading], Claimed | None]:
    """A claim of ``-serial`` or ``-parallel``: the board's own ports, numbered by the order of the options."""

    def claim(option: Option, reading: Reading) -> Claimed | None:
        number = reading.ledger.position(option)
        if option.text == "none":
            return _left_out(option, kind, number, make, reading)
        piece = _host(option, reading)
        if piece is None:
            return None
        port = make(piece[1])
        port.port = number
        chardevread.generated(port.chardev, f"{kind}{port.port}", reading, piece[0])
        return piece[0].claimed(port) if piece[0].understood() else None

    return claim


def _left_out(option: Option, kind: str, number: int, make: Maker, reading: Reading) -> Claimed:
    """``-serial none``: a PC numbers the ports behind it; on other boards they would move up, so that one stands in its place."""
    behind = reading.ledger.named(option.name)[number + 1 :]
    if reading.domain.os.arch in _NUMBERED or all(item.text == "none" for item in behind):
        return implied(option, f"no default {kind} port")
    port = make(Chardev(type="null"))
    port.port = number
    return Claimed((option,), Fate.REPLACED, (port,), "the board counts its ports: nothing is behind this one")


_NUMBERED: Final = ("x86_64", "i686")
"""Architectures whose serial ports have numbers of their own."""
_TERMINAL: Final = "libvirt's guests have no terminal: it becomes a pty, which virsh console shows"


def _host(option: Option, reading: Reading) -> tuple[Piece, Chardev] | None:
    """The host side in any of the spellings of ``-serial``: ``chardev:ID``, ``mon:stdio``, ``tcp::4444,server``."""
    if option.value is None:
        return None
    piece = Piece(option, reading, "form")
    text = option.text.removeprefix("mon:")
    if text.startswith("chardev:"):
        name = text.removeprefix("chardev:")
        found = reading.referring("-chardev", "id", name)
        if found is None:
            return _shared(piece, name)
        made = chardevread.read(piece.join(found, "backend"))
        return (piece, made) if made else None
    if text != option.text:
        piece.replaced("the monitor beside the port is libvirt's own")
    if text in ("stdio", "vc") or text.startswith("vc:") or chardevread.is_terminal(text):
        piece.replaced(_TERMINAL)
        return piece, Chardev(type="pty")
    word = option.value if text == option.text else option.value.behind(len("mon:"))
    classic = chardev.read(word, reading)
    if classic is None or classic[1].unread():
        return None
    for source in classic[0].sources:
        source.path = reading.path(source.path) if source.path else None
        if classic[0].type == "tcp":
            source.host = source.host or chardevread.default_host(source.mode)
    return piece, classic[0]


def _shared(piece: Piece, name: str) -> tuple[Piece, Chardev] | None:
    """The host side of a second device behind one ``-chardev …,mux=on``, which a key switches between them."""
    options = piece.reading.ledger.named("-chardev")
    if not any(piece.reading.values(item, "backend").peek("id") == name for item in options):
        return None
    piece.replaced("libvirt has no host side that several share: it becomes a pty of its own")
    return piece, Chardev(type="pty")


def claim_debugcon(make: Maker) -> Callable[[Option, Reading], Claimed | None]:
    """A claim of ``-debugcon CHARDEV``: bytes that the firmware writes to an I/O port, which is QEMU's own if none is named."""

    def claim(option: Option, reading: Reading) -> Claimed | None:
        found = _host(option, reading)
        if found is None or not found[0].understood():
            return None
        serial = make(found[1])
        serial.model, serial.target_type = "isa-debugcon", SERIAL_MODELS["isa-debugcon"]
        serial.info.address = IsaAddress(type="isa", iobase=_debug_port(found[0]))
        return found[0].claimed(serial)

    return claim


_DEBUG_PORT: Final = 0xE9


def _debug_port(piece: Piece) -> int:
    """The port that ``-global isa-debugcon.iobase=0x402`` names: where firmware writes, which QEMU's own is not."""
    reading = piece.reading
    said = [(option, globals.read(option, reading)) for option in reading.ledger.open_named("-global")]
    ports = [(option, found) for option, found in said if found is not None and found.name == "isa-debugcon.iobase"]
    for option, _ in ports:
        piece.also(option)
    return decoded(ports[-1][1].item, integer) if ports else _DEBUG_PORT


def claim_serial(make: Maker) -> Callable[[Option, Reading], Claimed | None]:
    """A claim of ``-device isa-serial`` and the other models of serial ports."""

    def claim(option: Option, reading: Reading) -> Claimed | None:
        piece = Piece(option, reading)
        if (piece.values.peek("id") or "").startswith("console"):
            return None  # libvirt's name for what it calls a console, though the device is the same
        host = chardevread.follow(piece)
        if host is None:
            return None
        serial = make(host)
        serial.model = piece.values.get("driver")
        serial.target_type = SERIAL_MODELS[serial.model]
        serial.port = piece.values.get("index", integer)
        if serial.port is None:
            serial.port = len(reading.domain.all(type(serial)))
        chardevread.generated(host, f"serial{serial.port}", reading, piece)
        return piece.mapped(serial)

    return claim


def claim_parallel(make: Maker) -> Callable[[Option, Reading], Claimed | None]:
    """A claim of ``-device isa-parallel``."""

    def claim(option: Option, reading: Reading) -> Claimed | None:
        piece = Piece(option, reading)
        piece.values.get("driver")
        host = chardevread.follow(piece)
        if host is None:
            return None
        parallel = make(host)
        index = piece.values.get("index", integer)
        parallel.port = len(reading.domain.all(type(parallel))) if index is None else index
        chardevread.generated(host, f"parallel{parallel.port}", reading, piece)
        return piece.mapped(parallel)

    return claim


def has_virtio_serial(reading: Reading) -> bool:
    """Whether the controller that the port sits on stands in the XML; else the port is passed on with it."""
    return any(getattr(device, "type", None) == "virtio-serial" for device in reading.domain.devices)


def _is_second(reading: Reading) -> bool:
    """Whether the first serial port is the guest's first console: libvirt shows it as one too."""
    return reading.has_any("serial") and not reading.has_any("console")


CONSOLES: Final = {"virtconsole": "virtio", "sclpconsole": "sclp", "sclplmconsole": "sclplm"}


def claim_console(make: Maker) -> Callable[[Option, Reading], Claimed | None]:
    """A claim of ``-device virtconsole`` and of s390's consoles; the first of these is a serial port for libvirt."""

    def claim(option: Option, reading: Reading) -> Claimed | None:
        piece = Piece(option, reading)
        identifier = piece.values.peek("id") or ""
        driver = piece.values.peek("driver") or ""
        if driver != "virtconsole" and not identifier.startswith("console"):
            return None
        piece.values.get("driver")
        if driver == "virtconsole" and not has_virtio_serial(reading):
            return None
        host = chardevread.follow(piece)
        if host is None:
            return None
        console = make(host)
        if identifier != "console0" and _is_second(reading):
            reading.domain.devices.append(reading.device("console", target_type="serial"))
        console.target_type = CONSOLES[driver]
        piece.values.get("name")
        chardevread.generated(host, identifier or "console", reading, piece)
        return piece.mapped(console)

    return claim
