"""What a command line says of QEMU's default devices: ``-nodefaults``, ``-vga none``, ``-serial …`` take them away.

The rules are those of QEMU's documentation and of its binaries, asked with ``info qtree`` for one option after the other.
"""

from __future__ import annotations

from typing import Final

from qemuxml.devices.graphics.reading import opens_window
from qemuxml.mapping.context import Reading
from qemuxml.record import record

_REPLACES: Final = {
    "serial": frozenset({"isa-serial"}),
    "parallel": frozenset({"isa-parallel"}),
    "floppy": frozenset({"isa-fdc", "floppy"}),
    "cdrom": frozenset({"ide-cd", "ide-hd", "scsi-cd", "scsi-hd"}),
    "vga": frozenset(
        {
            "VGA", "isa-vga", "cirrus-vga", "isa-cirrus-vga", "vmware-svga", "qxl-vga", "virtio-vga", "virtio-vga-gl", "ati-vga",
            "vhost-user-vga",
        }
    ),
}  # fmt: skip
"""Devices whose ``-device`` says that the default one of their kind is not wanted."""


@record(frozen=True, kw_only=True)
class Said:
    """Which defaults of the machine still stand.

    ``usb`` is what is asked for, None if nothing is said. ``plain``: the defaults stand at all; ``card``: a graphics card comes
    with the board; ``window``: QEMU opens one by itself; ``keymap`` is the language of its keyboard.
    """

    serial: bool
    parallel: bool
    floppy: bool
    cdrom: bool
    vga: bool
    network: bool
    sdcard: bool
    usb: bool | None
    plain: bool
    card: bool
    window: bool
    keymap: str | None


def said_by(reading: Reading) -> Said:
    """What the options leave standing."""
    ledger = reading.ledger
    devices = {reading.values(option, "driver").peek("driver") or "" for option in ledger.named("-device")}
    plain = not ledger.has("-nodefaults")
    drives = [reading.values(option) for option in ledger.named("-drive")]
    firsts = {values.peek("if") for values in drives if {values.peek("index"), values.peek("unit")} <= {None, "0"}}
    left = {name: plain and not devices & drivers for name, drivers in _REPLACES.items()}
    return Said(
        serial=left["serial"] and not ledger.has("-serial"),
        parallel=left["parallel"] and not ledger.has("-parallel"),
        floppy=left["floppy"] and not ledger.has("-fda") and "floppy" not in firsts,
        cdrom=left["cdrom"] and not ledger.has("-cdrom", "-hdc") and not _is_second(reading),
        vga=left["vga"] and not ledger.has(*_CARDS),
        network=plain and not ledger.has("-net", "-netdev", "-nic") and not _is_redirected(reading),
        sdcard=plain and not ledger.has("-sd") and "sd" not in firsts,
        usb=_asked_usb(reading),
        plain=plain,
        card=(plain or ledger.has(*_CARDS)) and not any(option.text == "none" for option in ledger.named("-vga")),
        window=opens_window(reading),
        keymap=next((option.text for option in ledger.named("-k")), None),
    )


_CARDS: Final = ("-vga", "-std-vga", "-vmwarevga")


def _asked_usb(reading: Reading) -> bool | None:
    if reading.ledger.has("-usb", "-usbdevice"):
        return True
    machines = (reading.values(option, "type") for name in ("-machine", "-M") for option in reading.ledger.named(name))
    return next((asked for asked in [values.flag("usb") for values in machines][::-1] if asked is not None), None)


def _is_second(reading: Reading) -> bool:
    """Whether a ``-drive`` takes the CD drive's own number."""
    return any(reading.values(option).peek("index") == "2" for option in reading.ledger.named("-drive"))


def _is_redirected(reading: Reading) -> bool:
    """Whether a ``-redir`` has made the default card already."""
    return any(entry.devices for entry in reading.ledger.entries() if entry.option.name == "-redir")
