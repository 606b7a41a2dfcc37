"""What boots, read from today's line: ``-boot order=cd,once=d,menu=on``, ``-acpitable sig=SLIC,file=…``, ``-shim FILE``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.domain.boards import X86
from qemuxml.domain.firmware import reading as firmware
from qemuxml.domain.machine import reading as machine
from qemuxml.domain.os import legacy
from qemuxml.domain.os.legacy import milliseconds, reboot_timeout
from qemuxml.domain.os.model import LETTERS, AcpiTable, BootDevice
from qemuxml.later import pattern
from qemuxml.mapping.context import Reading
from qemuxml.mapping.kind import Claim
from qemuxml.mapping.ledger import Claimed, Fate, dropped, implied, mapped

_PROXMOX: Final = "/usr/share/qemu-server/"
"""Where Proxmox keeps its own files."""


def claim_boot(option: Option, reading: Reading) -> Claimed | None:
    """``-boot``: several options add up. libvirt always asks for strictness: only what the order names is booted."""
    values = reading.values(option, "order")
    os = reading.domain.os
    strict = values.flag("strict")
    os.strict = strict if strict is not None else os.strict
    order, once = values.peek("order"), values.peek("once")
    if order is not None and set(order) <= set(LETTERS):
        values.get("order")
        os.boot = [BootDevice(dev=LETTERS[letter]) for letter in dict.fromkeys(order)]
    menu = values.flag("menu")
    os.bootmenu = menu if menu is not None else os.bootmenu
    timeout = values.get("splash-time", milliseconds)
    os.bootmenu_timeout = timeout if timeout is not None else os.bootmenu_timeout
    reboot = values.get("reboot-timeout", reboot_timeout)
    os.reboot_timeout = reboot if reboot is not None else os.reboot_timeout
    splash = values.peek("splash") or ""
    if splash.startswith(_PROXMOX):
        values.get("splash")
        reading.note(f"{splash}: Proxmox's own picture, which other hosts have not, is left out", option.span)
    if once is not None and set(once) <= set(LETTERS):
        values.get("once")
        os.boot = _with_first(once, os.boot)
        if not values.unread():
            return Claimed((option,), Fate.GUESSED, (), "once: the guest is booted so at every start")
    return reading.partly(option, values.unread())


def _with_first(once: str, boot: list[BootDevice]) -> list[BootDevice]:
    usual = [item.dev for item in boot] or ["hd"]
    return [BootDevice(dev=dev) for dev in dict.fromkeys([*(LETTERS[letter] for letter in once), *usual])]


def claim_bios(option: Option, reading: Reading) -> Claimed | None:
    """``-bios FILE``: a PC does not load it where it has flash chips; what other boards do with both is left to them."""
    if reading.once(firmware.has_chips):
        return dropped(option, "a PC with firmware in flash chips does not load it") if reading.domain.os.arch in X86 else None
    if (reading.domain.os.arch or "").startswith("riscv") and option.text in ("none", "default"):
        return implied(option, "QEMU loads its own firmware unasked") if option.text == "default" else None
    if _SHIPPED.fullmatch(option.text) and reading.shipped(option.text) is None:
        return None
    return legacy.claim_bios(option, reading)


_SHIPPED: Final = pattern(
    r"(bios(-256k|-microvm)?|qboot|slof|hppa-firmware(64)?|opensbi-[\w-]+|npcm[78]xx_bootrom|u-boot-sam460[\w-]*)\.(bin|rom|img|elf)"
    r"|openbios-(ppc|sparc32|sparc64)|palcode-clipper|u-boot\.e500|skiboot\.lid|edk2-[\w-]+-code\.fd"
)
"""Firmware that comes with QEMU, which finds it by its name alone."""


def claim_shim(option: Option, reading: Reading) -> Claimed:
    """``-shim FILE``."""
    reading.domain.os.shim = reading.path(option.text)
    return mapped(option)


_SIGNATURES: Final = {None: "raw", "SLIC": "slic", "MSDM": "msdm"}


def claim_acpi_table(option: Option, reading: Reading) -> Claimed | None:
    """``-acpitable sig=SLIC,file=…``; a table that is made of its fields has no word in domain XML."""
    values = reading.values(option)
    kind, path = _SIGNATURES.get(values.get("sig")), values.get("file", reading.path)
    if kind is None or not path or values.unread():
        return None
    reading.domain.os.acpi_tables.append(AcpiTable(type=kind, path=path))
    return mapped(option)


CLAIMS: Final[Mapping[str, Claim]] = {
    "-boot": claim_boot,
    "-bios": claim_bios,
    "-acpitable": claim_acpi_table,
    "-shim": claim_shim,
    **firmware.CLAIMS,
    **machine.CLAIMS,
}
