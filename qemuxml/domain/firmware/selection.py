"""Which firmware ``<os firmware='efi'>`` means, as libvirt selects it, and where the guest's variables lie."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from qemuxml.domain import boards
from qemuxml.domain.features import Features
from qemuxml.domain.firmware.model import FirmwareFeature, Nvram
from qemuxml.errors import UnsupportedError
from qemuxml.later import load
from qemuxml.mapping.context import Target

if TYPE_CHECKING:
    from qemuxml.domain import Domain
    from qemuxml.domain.firmware.descriptors import Descriptor
    from qemuxml.domain.os import Os


_FEDORA: Final = "qemuxml.domain.firmware.descriptors:FEDORA"
NVRAM: Final = "/var/lib/libvirt/qemu/nvram"
_FOLDER_OF_OLD: Final = ("/usr/share/OVMF/", "/usr/share/AAVMF/")


def fill(domain: Domain, target: Target) -> None:
    """The firmware that ``<os firmware='…'>`` selects, and what follows from one that is given."""
    os = domain.os
    found = None
    if os.firmware or _is_flash_to_read(os):
        found = next((item for item in target.firmware or load(_FEDORA) if _fits(item, domain)), None)
        if os.firmware and found is None:
            raise UnsupportedError(f"<os firmware='{os.firmware}'>: no firmware of that kind fits this guest's configuration")
    if found:
        _take(found, os)
    elif os.loader:
        os.loader_type = os.loader_type or "rom"
        os.loader_format = os.loader_format or "raw"
    if os.loader_secure:
        _needs_smm(domain)
    if os.loader_type == "pflash" and os.loader_readonly and not os.loader_stateless:
        _fill_nvram(domain, found)


def _is_flash_to_read(os: Os) -> bool:
    return bool(os.loader and os.loader_type == "pflash" and os.loader_readonly and not os.loader_stateless)


def _fits(item: Descriptor, domain: Domain) -> bool:
    os = domain.os
    wanted = {feature.name: bool(feature.enabled) for feature in os.firmware_features}
    return (
        {"efi": "uefi", "bios": "bios"}[os.firmware or "efi"] in item.interfaces
        and _fits_machine(item, domain)
        and _fits_loader(item, os)
        and _fits_variables(item, os)
        and all((name in item.features) is enabled for name, enabled in wanted.items())
        and _fits_security(item, domain)
    )


def _fits_machine(item: Descriptor, domain: Domain) -> bool:
    arch = {"i686": "i386", "armv7l": "arm"}.get(domain.os.arch or "", domain.os.arch or "")
    name = domain.os.machine or ""
    names = {name, f"{boards.family(name)}-0"}
    return any(fnmatchcase(name, pattern) for pattern in item.targets.get(arch, ()) for name in names)


def _fits_loader(item: Descriptor, os: Os) -> bool:
    if os.loader and os.loader != item.executable:
        return False
    if os.loader_type and (os.loader_type == "pflash") is not (item.device == "flash"):
        return False
    if item.device == "flash":
        if os.loader_readonly is False or bool(os.loader_stateless) is not (item.template is None):
            return False
        return item.format == _wanted_format(os)
    return not os.loader_readonly and os.loader_stateless is not False


def _wanted_format(os: Os) -> str:
    return os.loader_format or (os.nvram.format if os.nvram else None) or "raw"


def _fits_variables(item: Descriptor, os: Os) -> bool:
    wanted = os.nvram.template if os.nvram else None
    return wanted is None or wanted == item.template


def _fits_security(item: Descriptor, domain: Domain) -> bool:
    if domain.os.loader_secure is not None and ("requires-smm" in item.features) is not domain.os.loader_secure:
        return False
    if "requires-smm" in item.features and domain.features and domain.features.smm is False:
        return False
    if domain.os.loader and not domain.os.firmware and not domain.os.loader_secure and "requires-smm" in item.features:
        return False
    security = domain.launch_security
    needed = {"sev": "amd-sev", "sev-snp": "amd-sev-snp"}.get((security.type or "") if security else "")
    return needed is None or needed in item.features


def _take(item: Descriptor, os: Os) -> None:
    os.firmware = os.firmware or ("efi" if "uefi" in item.interfaces else "bios")
    os.loader, os.loader_format = item.executable, item.format
    if item.device == "flash":
        os.loader_type, os.loader_readonly = "pflash", True
    else:
        os.loader_type = "rom"
    if "requires-smm" in item.features:
        os.loader_secure = True
    hosted = os.nvram is None or os.nvram.is_file
    names = ("enrolled-keys", "secure-boot") if hosted else ("secure-boot",)
    os.firmware_features = [FirmwareFeature(enabled=name in item.features, name=name) for name in names]


def _needs_smm(domain: Domain) -> None:
    features = domain.features = domain.features or Features()
    if features.smm is None:
        features.smm_given, features.smm = True, True


def _fill_nvram(domain: Domain, found: Descriptor | None) -> None:
    os = domain.os
    nvram = os.nvram = os.nvram or Nvram()
    if found and nvram.is_file:
        nvram.template, nvram.template_format, nvram.format = found.template, found.template_format, found.template_format
    elif os.loader and os.loader.startswith(_FOLDER_OF_OLD) and nvram.is_file:
        nvram.template = nvram.template or os.loader.replace("_CODE.secboot", "_VARS").replace("_CODE", "_VARS")
        nvram.template_format = nvram.template_format or "raw"
    nvram.format = nvram.format or "raw"
    if nvram.is_file and nvram.file is None:
        suffix = "qcow2" if nvram.format == "qcow2" else "fd"
        nvram.path, nvram.named_here = f"{NVRAM}/{domain.identity.name}_VARS.{suffix}", True
