"""The tail that every device has: ``<boot order='1'/> <alias name='net0'/> <address type='pci' …/>``."""

from __future__ import annotations

from qemuxml.common.addresses import ADDRESSES, Address
from qemuxml.mapping.codecs import ON_OFF, POSITIVE, YES_NO
from qemuxml.mapping.xml import attr, variant
from qemuxml.record import record

_PREFIX = "ua-"
_IN_NAMES = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def is_users(alias: str | None) -> bool:
    """Whether an alias is the user's own: libvirt replaces any that begins otherwise, or has other characters."""
    return alias is not None and alias.startswith(_PREFIX) and _IN_NAMES.issuperset(alias)


@record(kw_only=True)
class Info:
    """Boot order, alias and address of a device."""

    boot_order: int | None = attr("boot@order", POSITIVE, required=True)
    loadparm: str | None = attr("boot@loadparm")
    alias: str | None = attr("alias@name")
    rom_bar: bool | None = attr("rom@bar", ON_OFF)
    rom_file: str | None = attr("rom@file")
    rom_enabled: bool | None = attr("rom@enabled", YES_NO)
    acpi_index: int | None = attr("acpi@index", POSITIVE)
    address: Address | None = variant("address", on="@type", of=ADDRESSES, closed=True)
    boot_index: int | None = None
    """QEMU's ``bootindex``: the boot order, or what ``<boot dev='…'>`` of ``<os>`` makes of it."""

    @property
    def named_by_user(self) -> bool:
        """Whether the alias is the user's own, which libvirt keeps."""
        return is_users(self.alias)

    @property
    def has_rom(self) -> bool:
        """Whether anything is said of an option ROM, which devices on PCI have."""
        return any(said is not None for said in (self.rom_bar, self.rom_file, self.rom_enabled))


def info_of(device: object) -> Info | None:
    """The tail of a device; None for one of a kind that has none (``<lease>``, ``<audio>``)."""
    found: Info | None = getattr(device, "info", None)
    return found


def address_of(device: object) -> Address | None:
    """Where a device sits, if that is said or known by now."""
    info = info_of(device)
    return info.address if info is not None else None
