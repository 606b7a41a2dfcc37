"""The bus of a machine's own disks, of ``-hda`` and of a ``-drive`` without ``if=``: ``ide`` of a PC, ``virtio`` of ``virt``."""

from __future__ import annotations

import re
from typing import Final

_BUSES: Final = (
    (r"(pc-)?q35.*|sbsa-ref", "sata"),
    (r"virt(-[0-9.]+)?|s390-ccw.*", "virtio"),
    (r"pseries.*|realview-eb.*|versatile.*|40p|LX|SPARC.*|SS-.*|Voyager|B160L|C3700|next-cube", "scsi"),
    (r"raspi.*|orangepi-pc", "sd"),
    (r"pc.*|isapc|xenfv.*|g3beige|mac99|amigaone|pegasos2|sam460ex|malta|sun4u|sun4v|clipper", "ide"),
)
"""What QEMU 10.0 answers on each board, by patterns of their names."""
_ARCHITECTURES: Final = {
    "s390x": "virtio", "ppc64": "scsi", "ppc64le": "scsi", "sparc": "scsi", "hppa": "scsi",
    "riscv64": "", "riscv32": "", "aarch64": "", "armv7l": "", "m68k": "",
}  # fmt: skip
"""The same without ``-machine``."""


def bus(arch: str, machine: str) -> str:
    """Libvirt's name of the bus; empty for a machine that has none."""
    if not machine:
        return _ARCHITECTURES.get(arch, "ide")
    return next((found for pattern, found in _BUSES if re.fullmatch(pattern, machine)), "")
