"""The firmware that is installed, for ``<os firmware=…>``: its packages describe it (``interop/firmware.json`` of QEMU)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from qemuxml.errors import UnsupportedError
from qemuxml.record import field, record


@record(frozen=True, kw_only=True)
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


def read(files: Mapping[str, str]) -> tuple[Descriptor, ...]:
    """The descriptors of these files, by their names, in whose order libvirt asks them; an empty one takes its name away.

    Raises UnsupportedError for a text that is no descriptor.
    """
    return tuple(_descriptor(name, files[name]) for name in sorted(files) if files[name])


def _descriptor(name: str, text: str) -> Descriptor:
    try:
        made = json.loads(text)
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
        raise UnsupportedError(f"{name}: not a firmware descriptor: {error}") from None


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
