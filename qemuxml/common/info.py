"""The tail that every device has: ``<boot order='1'/> <alias name='net0'/> <address type='pci' …/>``."""

from __future__ import annotations

from dataclasses import dataclass

from qemuxml.common.addresses import ADDRESSES, Address
from qemuxml.mapping.codecs import INT
from qemuxml.mapping.xml import attr, variant


@dataclass(kw_only=True)
class Info:
    """Boot order, alias and address of a device."""

    boot_order: int | None = attr("boot@order", INT)
    alias: str | None = attr("alias@name")
    address: Address | None = variant("address", on="@type", of=ADDRESSES)
