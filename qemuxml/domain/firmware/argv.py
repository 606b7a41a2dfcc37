"""The firmware on the line: ``-bios FILE``, or flash chips by ``-blockdev`` and ``-machine pflash0=``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from qemuxml.cmdline.render import Words
from qemuxml.common import blockdev
from qemuxml.common.storage import FileSource
from qemuxml.domain import boards
from qemuxml.mapping import props
from qemuxml.mapping.context import Writing

if TYPE_CHECKING:
    from qemuxml.domain import Domain
    from qemuxml.domain.os import Os


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
