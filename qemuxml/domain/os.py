"""What boots: ``-M pc -boot cd`` is ``<os><type arch='i686' machine='pc'>hvm</type><boot dev='hd'/><boot dev='cdrom'/></os>``.

``-kernel``, ``-initrd``, ``-append``, ``-dtb`` and ``-bios`` stand there too. The properties of ``-machine`` go where domain
XML has them: accelerator, memory, key wrapping.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words, escape
from qemuxml.cmdline.values import Values, parse
from qemuxml.common.refusals import refuse
from qemuxml.domain.firmware import FirmwareFeature, Nvram
from qemuxml.domain.keywrap import Cipher
from qemuxml.domain.machine import reading as machine
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import INT, ON_OFF, YES_NO, one_of, words
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import attr, child, children, text

if TYPE_CHECKING:
    from qemuxml.domain import Domain


@dataclass(kw_only=True)
class BootDevice:
    """``<boot dev='hd'/>``: one of fd, hd, cdrom, network."""

    dev: str | None = attr("@dev")


@dataclass(kw_only=True)
class AcpiTable:
    """A table of the host's file for the guest's firmware."""

    type: str | None = attr("@type")
    path: str | None = text("")


@dataclass(kw_only=True)
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
    bootmenu_timeout: int | None = attr("os/bootmenu@timeout", INT)
    smbios_mode: str | None = attr("os/smbios@mode")
    serial_bios: bool | None = attr("os/bios@useserial", YES_NO)
    reboot_timeout: int | None = attr("os/bios@rebootTimeout", INT)


_LETTERS = {"a": "fd", "c": "hd", "d": "cdrom", "n": "network"}
BOOT_LETTER = words(_LETTERS)
_ACCELERATORS = words({"kvm": "kvm", "tcg": "qemu", "hvf": "hvf", "xen": "xen"})


def claim_machine(option: Option, reading: Reading) -> Claimed | None:
    """``-machine pc,accel=kvm,dump-guest-core=off,mem-merge=off,aes-key-wrap=on``, ``-M pc``."""
    values = parse(option.value, "type") if option.value else None
    if values is None:
        return None
    machine = values.get("type")
    accelerator = _accelerator(values)
    dump_core, mem_merge = (values.get(key, ON_OFF.decode) for key in ("dump-guest-core", "mem-merge"))
    wraps = {name: values.get(f"{name}-key-wrap", ON_OFF.decode) for name in ("aes", "dea")}
    if not reading.understood(values):
        return None
    domain = reading.domain
    domain.os.machine = machine or domain.os.machine
    domain.identity.type = accelerator or domain.identity.type
    domain.memory.dump_core = dump_core if dump_core is not None else domain.memory.dump_core
    if mem_merge is not None:
        domain.memory.nosharepages = not mem_merge
    domain.keywrap += [Cipher(name=name, state=state) for name, state in wraps.items() if state is not None]
    return mapped(option)


def _accelerator(values: Values) -> str | None:
    """The first of ``accel=kvm:tcg``: QEMU takes the first that works, and a managed guest asks for one."""
    return values.get("accel", lambda text: _ACCELERATORS.decode(text.partition(":")[0]))


def _milliseconds(written: str) -> int:
    number = INT.decode(written)
    if not 0 <= number <= 65535:
        raise ValueError("is not between 0 and 65535 ms")
    return number


def _reboot_timeout(written: str) -> int:
    """-1 keeps the guest from rebooting."""
    return -1 if INT.decode(written) == -1 else _milliseconds(written)


def claim_boot(option: Option, reading: Reading) -> Claimed | None:
    """``-boot cd``, ``-boot order=cd,menu=on,splash-time=3000,reboot-timeout=128``."""
    values = parse(option.value, "order") if option.value else None
    if values is None or not _read_boot(values, reading):
        return None
    return mapped(option)


def _read_boot(values: Values, reading: Reading) -> bool:
    order = values.peek("order")
    if order is not None and not set(order) <= set(_LETTERS):
        return False
    values.get("order")
    menu = values.flag("menu")
    timeout = values.get("splash-time", _milliseconds) if menu else None
    reboot = values.get("reboot-timeout", _reboot_timeout)
    if not reading.understood(values):
        return False
    domain = reading.domain.os
    if order is not None:
        domain.boot = [BootDevice(dev=_LETTERS[letter]) for letter in dict.fromkeys(order)]
    domain.bootmenu = menu if menu is not None else domain.bootmenu
    domain.bootmenu_timeout = timeout if timeout is not None else domain.bootmenu_timeout
    domain.reboot_timeout = reboot if reboot is not None else domain.reboot_timeout
    return True


def claim_boot_today(option: Option, reading: Reading) -> Claimed | None:
    """``-boot once=d,strict=on``: libvirt always asks for strictness."""
    values = reading.values(option, "order")
    values.flag("strict")
    return mapped(option) if _read_boot(values, reading) else None


def claim_kernel(option: Option, reading: Reading) -> Claimed:
    """``-kernel FILE``."""
    reading.domain.os.kernel = reading.path(option.text)
    return mapped(option)


def claim_initrd(option: Option, reading: Reading) -> Claimed:
    """``-initrd FILE``."""
    reading.domain.os.initrd = reading.path(option.text)
    return mapped(option)


def claim_append(option: Option, reading: Reading) -> Claimed:
    """``-append 'console=ttyS0'``."""
    reading.domain.os.cmdline = option.text
    return mapped(option)


def claim_dtb(option: Option, reading: Reading) -> Claimed:
    """``-dtb FILE``."""
    reading.domain.os.dtb = reading.path(option.text)
    return mapped(option)


def claim_bios(option: Option, reading: Reading) -> Claimed:
    """``-bios FILE``."""
    reading.domain.os.loader = reading.path(option.text)
    reading.domain.os.loader_type = "rom"
    return mapped(option)


def claim_shim(option: Option, reading: Reading) -> Claimed:
    """``-shim FILE``."""
    reading.domain.os.shim = reading.path(option.text)
    return mapped(option)


_SIGNATURES = {None: "raw", "SLIC": "slic", "MSDM": "msdm"}


def claim_acpi_table(option: Option, reading: Reading) -> Claimed | None:
    """``-acpitable sig=SLIC,file=…``; a table that is made of its fields has no word in domain XML."""
    values = reading.values(option)
    kind, path = _SIGNATURES.get(values.get("sig")), values.get("file", reading.path)
    if kind is None or not path or values.unread():
        return None
    reading.domain.os.acpi_tables.append(AcpiTable(type=kind, path=path))
    return mapped(option)


# ------------------------------------------------------------------ QEMU 0.9


def manual_machine(os: Os, _: Writing) -> Iterator[Words]:
    """``-M pc``. Raises UnsupportedError for firmware in flash, which QEMU 0.9 had not."""
    if os.kind not in ("hvm", None):
        raise UnsupportedError(f"QEMU runs no <type>{os.kind}</type> guest")
    refuse(
        {
            "<loader type='pflash'>": os.loader_type == "pflash",
            "<bootmenu enable='yes'>": os.bootmenu,
        }
    )
    if os.machine:
        yield "-M", os.machine


def manual_boot(os: Os, _: Writing) -> Iterator[Words]:
    """``-boot cd``, or the kernel that is booted directly."""
    if os.kernel:
        yield "-kernel", os.kernel
        if os.initrd:
            yield "-initrd", os.initrd
        if os.cmdline:
            yield "-append", os.cmdline
    else:
        yield "-boot", "".join(BOOT_LETTER.encode(str(device.dev)) for device in os.boot) or "c"
    if os.loader:
        yield "-bios", os.loader


# ------------------------------------------------------------------ QEMU of today


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
    given = (("-kernel", os.kernel), ("-initrd", os.initrd), ("-append", os.cmdline), ("-dtb", os.dtb), ("-shim", os.shim))
    yield from ((option, value) for option, value in given if value)
    for table in os.acpi_tables:
        name = "" if table.type in ("raw", "rawset") else f"sig={(table.type or 'slic').upper()},"
        yield "-acpitable", f"{name}file={escape(table.path or '')}"


def check(domain: Domain, _: Target) -> None:
    """What libvirt refuses of ``<os>``."""
    os = domain.os
    if os.kind not in ("hvm", None):
        raise UnsupportedError(f"<type>: QEMU runs no '{os.kind}' guest")
    if os.bootmenu and os.bootmenu_timeout is not None and not 0 <= os.bootmenu_timeout <= LONGEST:
        raise UnsupportedError("<bootmenu timeout='…'>: invalid value for boot menu timeout, must be in range [0,65535]")
    if os.reboot_timeout is not None and not -1 <= os.reboot_timeout <= LONGEST:
        raise DomainXmlError("<bios rebootTimeout='…'>: invalid value, must be in range [-1,65535]")
    for device in os.boot:
        if device.dev not in _LETTERS.values():
            raise DomainXmlError(f"<boot>: unknown boot device '{device.dev}'")
    for element, value in (("initrd", os.initrd), ("cmdline", os.cmdline), ("shim", os.shim)):
        if value and not os.kernel:
            raise UnsupportedError(f"<{element}> can only be used with <kernel>")
    _check_tables(os)


def _check_tables(os: Os) -> None:
    kinds = [table.type for table in os.acpi_tables]
    for kind in kinds:
        if kind not in ("slic", "raw", "rawset", "msdm"):
            raise DomainXmlError(f"<table>: unknown ACPI table type '{kind}'")
        if kind != "raw" and kinds.count(kind) > 1:
            raise DomainXmlError(f"<table type='{kind}'>: the ACPI table stands twice")


LONGEST = 65535
"""Milliseconds."""


KIND = Kind(
    element="os",
    model=Os,
    claims={
        "-M": claim_machine,
        "-machine": claim_machine,
        "-boot": claim_boot,
        "-kernel": claim_kernel,
        "-initrd": claim_initrd,
        "-append": claim_append,
        "-dtb": claim_dtb,
        "-bios": claim_bios,
    },
    modern={
        "-machine": machine.claim_machine,
        "-M": machine.claim_machine,
        "-accel": machine.claim_accel,
        "-boot": claim_boot_today,
        "-acpitable": claim_acpi_table,
        "-shim": claim_shim,
        **machine.FEATURE_CLAIMS,
    },
)
