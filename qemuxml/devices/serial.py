"""Serial ports: ``-serial pty`` is ``<serial type='pty'><target port='0'/></serial>``."""

from __future__ import annotations

from collections.abc import Iterator

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.common import characterargv, characterread, chardev
from qemuxml.common.chardev import Chardev
from qemuxml.common.info import Info
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.codecs import INT32
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, implied, mapped
from qemuxml.mapping.xml import attr, group
from qemuxml.record import record


@record(kw_only=True)
class Serial:
    """A serial port and its host side."""

    chardev: Chardev = group(Chardev)
    target_type: str | None = attr("target@type")
    port: int | None = attr("target@port", INT32)
    model: str | None = attr("target/model@name")
    info: Info = group(Info)


def claim_serial(option: Option, reading: Reading) -> Claimed | None:
    """``-serial CHARDEV``, ``-serial none``."""
    if option.text == "none":
        return implied(option, "no default serial port")
    found = chardev.read(option.value, reading) if option.value else None
    if found is None or not reading.understood(found[1]):
        return None
    # QEMU numbers the ports by the order of the options; those that stay untranslated keep their number.
    port = reading.ledger.position(option, ignoring="none")
    return mapped(option, Serial(chardev=found[0], port=port))


def manual(serial: Serial, writing: Writing) -> Iterator[Words]:
    """``-serial CHARDEV``; QEMU numbers the ports by the order of the options."""
    if serial.target_type not in (None, "serial", "isa-serial"):
        raise UnsupportedError(f"QEMU 0.9 has no serial port of type '{serial.target_type}': <target type>")
    chardev.check_port("serial", serial.port, writing.number("serial"))
    yield "-serial", chardev.write(serial.chardev)


def _of(host: Chardev) -> Serial:
    return Serial(chardev=host)


KIND = Kind(
    element="serial",
    model=Serial,
    claims={"-serial": claim_serial},
    modern={
        "-serial": characterread.claim_option("serial", _of),
        "-debugcon": characterread.claim_debugcon(_of),
        **{f"-device {model}": characterread.claim_serial(_of) for model in characterread.SERIAL_MODELS},
    },
    manual=manual,
    alias="serial",
    write=characterargv.write_serial,
    fill=characterargv.fill_serial,
    check=characterargv.check_serial,
    pci=characterargv.pci_serial,
)
