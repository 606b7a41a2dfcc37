"""The firmware: ``-bios FILE``, or flash chips by ``-blockdev`` and ``-machine pflash0=``; ``<os firmware='efi'>`` selects one.

Firmware is selected as libvirt does it: by the descriptors (``interop/firmware.json`` of QEMU) that its package installs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from qemuxml.cmdline.render import Words
from qemuxml.common import blockdev
from qemuxml.common.source import SOURCES
from qemuxml.common.storage import FileSource, NetworkSource
from qemuxml.domain import boards
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping import props
from qemuxml.mapping.codecs import YES_NO, one_of
from qemuxml.mapping.context import Target, Writing
from qemuxml.mapping.xml import attr, text, variant

if TYPE_CHECKING:
    from qemuxml.domain import Domain
    from qemuxml.domain.os import Os


@dataclass(kw_only=True)
class FirmwareFeature:
    """``<feature enabled='yes' name='secure-boot'/>``: what a firmware must have or must not have."""

    enabled: bool | None = attr("@enabled", YES_NO)
    name: str | None = attr("@name", one_of("enrolled-keys", "secure-boot"))


@dataclass(kw_only=True)
class Nvram:
    """``<nvram>``: the guest's own variables, in a file made of a template, or in a storage source."""

    template: str | None = attr("@template")
    template_format: str | None = attr("@templateFormat", one_of("raw", "qcow2"))
    type: str | None = attr("@type")
    format: str | None = attr("@format", one_of("raw", "qcow2"))
    path: str | None = text("")
    source: Any = variant("source", on="type", of=SOURCES)

    @property
    def is_file(self) -> bool:
        """Whether the variables lie in a file of this host."""
        return self.type in (None, "file")

    @property
    def file(self) -> str | None:
        """The file, in either spelling."""
        return self.source.file if isinstance(self.source, FileSource) else self.path or None


# ------------------------------------------------------------------ descriptors


@dataclass(frozen=True, kw_only=True)
class Descriptor:
    """One firmware that is installed: what it is, where it lies, and for which machines."""

    interfaces: tuple[str, ...]
    device: str
    """``flash`` or ``memory``."""
    executable: str
    format: str = "raw"
    template: str | None = None
    template_format: str = "raw"
    targets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    features: frozenset[str] = frozenset()


def read(folders: Iterable[Path]) -> tuple[Descriptor, ...]:
    """The descriptors of these folders; a later folder's file stands in place of an earlier one's of the same name.

    Files are taken in the order of their names; an empty file takes one of its name away.
    """
    files = {path.name: path for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.json"))}
    found = (_descriptor(files[name]) for name in sorted(files) if files[name].stat().st_size)
    return tuple(item for item in found if item is not None)


def _descriptor(path: Path) -> Descriptor | None:
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
        mapping = made["mapping"]
        flash = mapping["device"] == "flash"
        template = mapping.get("nvram-template") if flash else None
        return Descriptor(
            interfaces=tuple(made["interface-types"]),
            device=mapping["device"],
            executable=mapping["executable"]["filename"] if flash else mapping["filename"],
            format=mapping["executable"].get("format", "raw") if flash else "raw",
            template=template["filename"] if template else None,
            template_format=template.get("format", "raw") if template else "raw",
            targets={item["architecture"]: tuple(item["machines"]) for item in made["targets"]},
            features=frozenset(made["features"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnsupportedError(f"{path}: not a firmware descriptor: {error}") from None


_PC: Final = ("pc-i440fx-*", "pc-q35-*")
_Q35: Final = ("pc-q35-*",)
_SECURE: Final = frozenset({"secure-boot", "requires-smm", "acpi-s3"})
_OVMF: Final = "/usr/share/edk2/ovmf"
_AAVMF: Final = "/usr/share/edk2/aarch64"


def _ovmf(code: str, template: str | None, machines: tuple[str, ...], features: Iterable[str], kind: str = "raw") -> Descriptor:
    suffix = "fd" if kind == "raw" else kind
    return Descriptor(
        interfaces=("uefi",),
        device="flash",
        executable=f"{_OVMF}/{code}.{suffix}",
        format=kind,
        template=f"{_OVMF}/{template}.{suffix}" if template else None,
        template_format=kind,
        targets={"x86_64": machines},
        features=frozenset(features),
    )


def _of_virt(arch: str, code: str, template: str, kind: str = "raw") -> Descriptor:
    return Descriptor(
        interfaces=("uefi",), device="flash", executable=code, format=kind, template=template, template_format=kind,
        targets={arch: ("virt-*", "virt")},
    )  # fmt: skip


def _bios(path: str, machines: tuple[str, ...]) -> Descriptor:
    return Descriptor(interfaces=("bios",), device="memory", executable=path, targets={"x86_64": machines, "i386": machines})


FEDORA: Final[tuple[Descriptor, ...]] = (
    _ovmf("OVMF_CODE_4M.secboot", "OVMF_VARS_4M.secboot", _Q35, {*_SECURE, "enrolled-keys"}, "qcow2"),
    _ovmf("OVMF_CODE.secboot", "OVMF_VARS.secboot", _Q35, {*_SECURE, "enrolled-keys"}),
    _ovmf("OVMF_CODE_4M.secboot", "OVMF_VARS_4M", _Q35, _SECURE, "qcow2"),
    _ovmf("OVMF_CODE.secboot", "OVMF_VARS", _Q35, _SECURE),
    _ovmf("OVMF_CODE_4M", "OVMF_VARS_4M", _PC, {"acpi-s3", "amd-sev", "amd-sev-es"}, "qcow2"),
    _ovmf("OVMF_CODE", "OVMF_VARS", _PC, {"acpi-s3", "amd-sev", "amd-sev-es"}),
    _of_virt("aarch64", f"{_AAVMF}/QEMU_EFI-silent-pflash.qcow2", f"{_AAVMF}/vars-template-pflash.qcow2", "qcow2"),
    _of_virt("aarch64", f"{_AAVMF}/QEMU_EFI-silent-pflash.raw", f"{_AAVMF}/vars-template-pflash.raw"),
    _of_virt("aarch64", f"{_AAVMF}/QEMU_EFI-pflash.qcow2", f"{_AAVMF}/vars-template-pflash.qcow2", "qcow2"),
    _of_virt("aarch64", f"{_AAVMF}/QEMU_EFI-pflash.raw", f"{_AAVMF}/vars-template-pflash.raw"),
    _of_virt("loongarch64", "/usr/share/edk2/loongarch64/QEMU_EFI.fd", "/usr/share/edk2/loongarch64/QEMU_VARS.fd"),
    _of_virt("riscv64", "/usr/share/edk2/riscv/RISCV_VIRT_CODE.qcow2", "/usr/share/edk2/riscv/RISCV_VIRT_VARS.qcow2", "qcow2"),
    _of_virt("riscv64", "/usr/share/edk2/riscv/RISCV_VIRT_CODE.raw", "/usr/share/edk2/riscv/RISCV_VIRT_VARS.raw"),
    _ovmf("OVMF.amdsev", None, _Q35, {"amd-sev", "amd-sev-es", "amd-sev-snp"}),
    _bios("/usr/share/seabios/bios-256k.bin", _PC),
)
"""What Fedora's packages edk2 and seabios install, in the order of their descriptors' names."""


# ------------------------------------------------------------------ selection

NVRAM: Final = "/var/lib/libvirt/qemu/nvram"
_FOLDER_OF_OLD: Final = ("/usr/share/OVMF/", "/usr/share/AAVMF/")


def fill(domain: Domain, target: Target) -> None:
    """The firmware that ``<os firmware='…'>`` selects, and what follows from one that is given."""
    os = domain.os
    found = None
    if os.firmware or _is_flash_to_read(os):
        found = next((item for item in _installed(target) if _fits(item, domain)), None)
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


def _installed(target: Target) -> tuple[Descriptor, ...]:
    folders = getattr(target, "firmware", ())
    return read(Path(folder) for folder in folders) if folders else FEDORA


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
    from qemuxml.domain.features import Features  # noqa: PLC0415 - only guests with such firmware need it

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
        nvram.path = f"{NVRAM}/{domain.identity.name}_VARS.{suffix}"


# ------------------------------------------------------------------ the line


def write_flash(writing: Writing) -> Iterator[Words]:
    """The flash chips: the firmware's code, and the guest's variables."""
    os = writing.domain.os
    if not _in_flash(os):
        return
    yield from _chip(0, os.loader or "", os.loader_format, readonly=bool(os.loader_readonly))
    if _has_layer(writing.domain):
        yield from _chip(1, (os.nvram.file if os.nvram else None) or "", "raw", readonly=False)
    else:
        image = _variables(os)
        if image:
            yield from blockdev.write(image, writing)


def _chip(number: int, path: str, kind: str | None, *, readonly: bool) -> Iterator[Words]:
    """A chip whose format is a node of its own, also where it is raw."""
    name = f"libvirt-pflash{number}"
    storage = [("driver", "file"), ("filename", path), ("node-name", f"{name}-storage")]
    yield "-blockdev", props.json([*storage, ("auto-read-only", True), ("discard", "unmap")])
    layer: list[tuple[str, Any]] = [("node-name", f"{name}-format"), ("read-only", readonly)]
    layer += [("driver", kind or "raw"), ("file", f"{name}-storage")]
    if kind == "qcow2":
        layer.append(("backing", None))
    yield "-blockdev", props.json(layer)


def _in_flash(os: Os) -> bool:
    return bool(os.loader) and os.loader_type == "pflash"


def _variables(os: Os) -> blockdev.Image | None:
    nvram = os.nvram
    if nvram is None or (nvram.source is None and not nvram.path):
        return None
    source = nvram.source or FileSource(file=nvram.path)
    return blockdev.Image(name="libvirt-pflash1", source=source, format=nvram.format or "raw", ended=True)


def _has_layer(domain: Domain) -> bool:
    """Whether raw variables in a file have a format node: on the ``virt`` machines, whose chips are larger than their images."""
    nvram = domain.os.nvram
    if nvram is None or not nvram.file or nvram.format == "qcow2":
        return False
    return boards.family(domain.os.machine) == "virt" and domain.identity.type != "hvf"


def machine_parts(domain: Domain) -> Iterator[str]:
    """``pflash0=libvirt-pflash0-format``, ``pflash1=…`` of ``-machine``."""
    if _in_flash(domain.os):
        yield "pflash0=libvirt-pflash0-format"
        image = _variables(domain.os)
        if image:
            yield f"pflash1={f'{image.name}-format' if _has_layer(domain) else image.node}"


def write_loader(writing: Writing) -> Iterator[Words]:
    """``-bios FILE``; of secure firmware, that flash is written only in system management mode."""
    os = writing.domain.os
    if os.loader and os.loader_type in (None, "rom"):
        yield "-bios", os.loader
    elif _in_flash(os) and os.loader_secure:
        yield "-global", "driver=cfi.pflash01,property=secure,value=on"


# ------------------------------------------------------------------ refusals


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
