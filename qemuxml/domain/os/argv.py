"""What boots, on the line of today: ``-boot menu=on,strict=on``, ``-kernel``, ``-acpitable``; and what libvirt refuses of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qemuxml.cmdline.render import Words, escape
from qemuxml.domain import boards
from qemuxml.domain.os.model import LETTERS, LONGEST, Os
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import ON_OFF
from qemuxml.mapping.context import Target, Writing
from qemuxml.mapping.plumbing import Present

if TYPE_CHECKING:
    from qemuxml.domain import Domain


def write_boot(writing: Writing) -> Iterator[Words]:
    """``-boot menu=on,strict=on`` and what is booted without a boot order: ``-kernel``, ``-initrd``, ``-append``, ``-dtb``."""
    os = writing.domain.os
    parts = []
    if os.bootmenu is not None:
        parts.append(f"menu={ON_OFF.encode(os.bootmenu)}")
    if os.reboot_timeout is not None:
        parts.append(f"reboot-timeout={os.reboot_timeout}")
    if os.bootmenu and os.bootmenu_timeout is not None:
        parts.append(f"splash-time={os.bootmenu_timeout}")
    yield "-boot", ",".join([*parts, "strict=on"])
    given = (("-kernel", os.kernel), ("-initrd", os.initrd), ("-append", os.cmdline), ("-shim", os.shim), ("-dtb", os.dtb))
    yield from ((option, value) for option, value in given if value)
    for path in (os.kernel, os.initrd, os.dtb, os.shim):
        if path:
            writing.need(Present(path=path, missing=f"the file that the guest boots from is missing: {path}"))
    for table in os.acpi_tables:
        name = "" if table.type in ("raw", "rawset") else f"sig={(table.type or 'slic').upper()},"
        yield "-acpitable", f"{name}file={escape(table.path or '')}"


def check(domain: Domain, _: Target) -> None:
    """What libvirt refuses of ``<os>``."""
    os = domain.os
    if os.kind not in ("hvm", None):
        raise UnsupportedError(f"<type>: QEMU runs no '{os.kind}' guest")
    if domain.bootloader:
        raise UnsupportedError("<bootloader>: QEMU has a BIOS for that")
    if os.bootmenu and os.bootmenu_timeout is not None and not 0 <= os.bootmenu_timeout <= LONGEST:
        raise UnsupportedError("<bootmenu timeout='…'>: invalid value for boot menu timeout, must be in range [0,65535]")
    if os.reboot_timeout is not None and not -1 <= os.reboot_timeout <= LONGEST:
        raise DomainXmlError("<bios rebootTimeout='…'>: invalid value, must be in range [-1,65535]")
    if os.serial_bios and os.arch not in boards.X86:
        raise UnsupportedError("<bios useserial='yes'>: only a PC's BIOS speaks to a serial port")
    for device in os.boot:
        if device.dev not in LETTERS.values():
            raise DomainXmlError(f"<boot>: unknown boot device '{device.dev}'")
    _check_tables(os)


def _check_tables(os: Os) -> None:
    kinds = [table.type for table in os.acpi_tables]
    for kind in kinds:
        if kind not in ("slic", "raw", "rawset", "msdm"):
            raise DomainXmlError(f"<table>: unknown ACPI table type '{kind}'")
        if kind != "raw" and kinds.count(kind) > 1:
            raise DomainXmlError(f"<table type='{kind}'>: the ACPI table stands twice")
