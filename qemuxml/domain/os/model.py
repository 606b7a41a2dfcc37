"""The machine and what it boots: ``<os><type arch='x86_64' machine='pc'>hvm</type><boot dev='hd'/></os>``."""

from __future__ import annotations

from typing import Final

from qemuxml.domain.firmware.model import FirmwareFeature, Nvram
from qemuxml.mapping.codecs import INT32, UINT32, YES_NO, one_of, words
from qemuxml.mapping.xml import attr, child, children, text
from qemuxml.record import record


@record(kw_only=True)
class BootDevice:
    """``<boot dev='hd'/>``: one of fd, hd, cdrom, network."""

    dev: str | None = attr("@dev")


@record(kw_only=True)
class AcpiTable:
    """A table of the host's file for the guest's firmware."""

    type: str | None = attr("@type")
    path: str | None = text("")


@record(kw_only=True)
class Os:
    """The machine and how it boots."""

    firmware: str | None = attr("os@firmware")
    arch: str | None = attr("os/type@arch")
    machine: str | None = attr("os/type@machine")
    kind: str | None = text("os/type")
    firmware_features: list[FirmwareFeature] = children("os/firmware/feature", FirmwareFeature)
    loader_readonly: bool | None = attr("os/loader@readonly", YES_NO)
    loader_secure: bool | None = attr("os/loader@secure", YES_NO)
    loader_type: str | None = attr("os/loader@type", one_of("rom", "pflash"))
    loader_stateless: bool | None = attr("os/loader@stateless", YES_NO)
    loader_format: str | None = attr("os/loader@format", one_of("raw", "qcow2"))
    loader: str | None = text("os/loader")
    nvram: Nvram | None = child("os/nvram", Nvram)
    kernel: str | None = text("os/kernel")
    initrd: str | None = text("os/initrd")
    cmdline: str | None = text("os/cmdline")
    dtb: str | None = text("os/dtb")
    shim: str | None = text("os/shim")
    acpi_tables: list[AcpiTable] = children("os/acpi/table", AcpiTable)
    boot: list[BootDevice] = children("os/boot", BootDevice)
    bootmenu: bool | None = attr("os/bootmenu@enable", YES_NO)
    bootmenu_timeout: int | None = attr("os/bootmenu@timeout", UINT32)
    smbios_mode: str | None = attr("os/smbios@mode")
    serial_bios: bool | None = attr("os/bios@useserial", YES_NO)
    reboot_timeout: int | None = attr("os/bios@rebootTimeout", INT32)
    strict: bool = False
    """Whether ``-boot strict=on`` keeps the firmware from booting what is not named."""


LETTERS: Final = {"a": "fd", "c": "hd", "d": "cdrom", "n": "network"}
"""What ``-boot`` calls the kinds of devices."""
BOOT_LETTER: Final = words(LETTERS)
LONGEST: Final = 65535
"""Milliseconds."""
