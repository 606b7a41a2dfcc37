"""Limits of disk traffic, ``<iotune><total_bytes_sec>``: of one disk, or of a group that disks share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from qemuxml.cmdline.values import Values
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.codecs import UINT64, integer
from qemuxml.mapping.xml import text
from qemuxml.record import fields, record


@record(kw_only=True)
class Iotune:
    """Bytes and operations a second; ``_max`` are bursts of ``_max_length`` seconds. ``group_name`` is the group's."""

    total_bytes_sec: int | None = text("total_bytes_sec", UINT64)
    read_bytes_sec: int | None = text("read_bytes_sec", UINT64)
    write_bytes_sec: int | None = text("write_bytes_sec", UINT64)
    total_iops_sec: int | None = text("total_iops_sec", UINT64)
    read_iops_sec: int | None = text("read_iops_sec", UINT64)
    write_iops_sec: int | None = text("write_iops_sec", UINT64)
    total_bytes_sec_max: int | None = text("total_bytes_sec_max", UINT64)
    read_bytes_sec_max: int | None = text("read_bytes_sec_max", UINT64)
    write_bytes_sec_max: int | None = text("write_bytes_sec_max", UINT64)
    total_iops_sec_max: int | None = text("total_iops_sec_max", UINT64)
    read_iops_sec_max: int | None = text("read_iops_sec_max", UINT64)
    write_iops_sec_max: int | None = text("write_iops_sec_max", UINT64)
    size_iops_sec: int | None = text("size_iops_sec", UINT64)
    group_name: str | None = text("group_name")
    total_bytes_sec_max_length: int | None = text("total_bytes_sec_max_length", UINT64)
    read_bytes_sec_max_length: int | None = text("read_bytes_sec_max_length", UINT64)
    write_bytes_sec_max_length: int | None = text("write_bytes_sec_max_length", UINT64)
    total_iops_sec_max_length: int | None = text("total_iops_sec_max_length", UINT64)
    read_iops_sec_max_length: int | None = text("read_iops_sec_max_length", UINT64)
    write_iops_sec_max_length: int | None = text("write_iops_sec_max_length", UINT64)


LIMITS: Final = {
    "bps-total": "total_bytes_sec", "bps-read": "read_bytes_sec", "bps-write": "write_bytes_sec",
    "iops-total": "total_iops_sec", "iops-read": "read_iops_sec", "iops-write": "write_iops_sec",
    "bps-total-max": "total_bytes_sec_max", "bps-read-max": "read_bytes_sec_max", "bps-write-max": "write_bytes_sec_max",
    "iops-total-max": "total_iops_sec_max", "iops-read-max": "read_iops_sec_max", "iops-write-max": "write_iops_sec_max",
    "iops-size": "size_iops_sec",
}  # fmt: skip
"""QEMU's limits of a group that are always told; the lengths of bursts only if they are given."""
LENGTHS: Final = {
    "bps-total-max-length": "total_bytes_sec_max_length", "bps-read-max-length": "read_bytes_sec_max_length",
    "bps-write-max-length": "write_bytes_sec_max_length", "iops-total-max-length": "total_iops_sec_max_length",
    "iops-read-max-length": "read_iops_sec_max_length", "iops-write-max-length": "write_iops_sec_max_length",
}  # fmt: skip
HIGHEST: Final = 10**15
"""QEMU throttles up to this."""


def limits(tune: Iotune) -> list[tuple[str, int]]:
    """The limits in QEMU's words."""
    always = [(name, getattr(tune, field) or 0) for name, field in LIMITS.items()]
    return always + [(name, getattr(tune, field)) for name, field in LENGTHS.items() if getattr(tune, field)]


_OLDER: Final = {"total": "", "read": "_rd", "write": "_wr"}


def read(values: Values, prefixes: Sequence[str]) -> Iotune | None:
    """The limits that properties with one of these prefixes set (``throttling.``, ``limits.``); None if there are none.

    ``-drive`` has them by older names too: ``bps_rd``, ``iops_max``, ``iops_size``.
    """
    tune, found = Iotune(), False
    for name, field in {**LIMITS, **LENGTHS}.items():
        for key in (*(f"{prefix}{name}" for prefix in prefixes), *([_older(name)] if "throttling." in prefixes else [])):
            number = values.get(key, integer)
            if number is not None:
                found = True
                setattr(tune, field, number or None)
    return tune if found else None


def _older(name: str) -> str:
    """``bps_rd_max`` of ``bps-read-max``."""
    unit, _, rest = name.partition("-")
    kind, _, more = rest.partition("-")
    return f"{unit}{_OLDER.get(kind, f'_{kind}')}" + (f"_{more.replace('-', '_')}" if more else "")


def check(tune: Iotune, *, of_disk: bool = True) -> None:
    """Raise what libvirt refuses: a total beside one of its parts, of a disk a limit out of QEMU's range too."""
    for unit in ("bytes_sec", "iops_sec", "bytes_sec_max", "iops_sec_max"):
        if getattr(tune, f"total_{unit}") and (getattr(tune, f"read_{unit}") or getattr(tune, f"write_{unit}")):
            raise DomainXmlError(f"<total_{unit}> cannot be set together with <read_{unit}> or <write_{unit}>")
    for item in fields(tune):
        value = getattr(tune, item.name)
        if isinstance(value, int) and value < 0:
            raise DomainXmlError(f"<{item.name}> is negative")
        if isinstance(value, int) and value > HIGHEST and of_disk:
            raise UnsupportedError(f"<{item.name}> is more than QEMU's {HIGHEST}")
