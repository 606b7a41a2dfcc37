"""What libvirt refuses of ``<loader>`` and ``<nvram>``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qemuxml.common.storage import NetworkSource
from qemuxml.domain import boards
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.context import Target

if TYPE_CHECKING:
    from qemuxml.domain import Domain
    from qemuxml.domain.os import Os


def check_given(domain: Domain, _: Target) -> None:
    """What libvirt refuses of ``<loader>`` and ``<nvram>`` as they stand in the XML, before any is selected."""
    os = domain.os
    if os.firmware not in (None, "efi", "bios"):
        raise DomainXmlError(f"<os firmware='{os.firmware}'>: unknown firmware")
    if os.firmware == "bios":
        if os.nvram:
            raise UnsupportedError("<nvram>: firmware type 'bios' does not support nvram")
        if os.loader_stateless is False:
            raise UnsupportedError("<loader stateless='no'>: only EFI firmware permits NVRAM")
    enabled = {feature.name: feature.enabled for feature in os.firmware_features}
    if enabled.get("enrolled-keys") and enabled.get("secure-boot") is False:
        raise UnsupportedError("<feature name='enrolled-keys'> cannot be enabled when 'secure-boot' is disabled")
    if not os.firmware:
        _check_loader(os)
    if os.loader_stateless and os.nvram:
        what = "NVRAM template" if os.nvram.template and not (os.nvram.path or os.nvram.source) else "NVRAM"
        raise UnsupportedError(f"<nvram>: {what} is not permitted when loader is stateless")
    if os.nvram and os.nvram.template and not os.nvram.is_file and not isinstance(os.nvram.source, NetworkSource):
        raise UnsupportedError("<nvram template='…'>: only a file can be made of a template")


def _check_loader(os: Os) -> None:
    if not os.loader and (
        os.loader_type or os.loader_readonly is not None or os.loader_secure or os.loader_stateless is not None
    ):
        raise DomainXmlError("<loader>: no loader path specified and firmware auto selection disabled")
    if os.loader and os.loader_type != "pflash":
        if os.nvram:
            raise UnsupportedError("<nvram>: only pflash loader type permits NVRAM")
        if os.loader_stateless is False:
            raise UnsupportedError("<loader stateless='no'>: only pflash loader type permits NVRAM")
    if os.loader and not os.loader.startswith("/"):
        raise DomainXmlError(f"<loader>: '{os.loader}' is not an absolute path")


def check(domain: Domain, _: Target) -> None:
    """What firmware in flash asks of the machine."""
    os = domain.os
    if os.firmware == "efi" or os.loader_type == "pflash":
        acpi = bool(domain.features and domain.features.acpi)
        if os.arch in boards.X86 and not acpi:
            raise UnsupportedError("<features>: UEFI requires <acpi> on this architecture")
    if os.loader_secure:
        if boards.family(os.machine) != "pc-q35":
            raise UnsupportedError("<loader secure='yes'>: Secure boot is supported with q35 machine types only")
        if not (domain.features and domain.features.smm):
            raise UnsupportedError("<loader secure='yes'>: Secure boot requires <smm> to be on")
