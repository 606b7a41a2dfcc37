"""The firmware on the line: ``-bios FILE``, or flash chips by ``-blockdev`` and ``-machine pflash0=``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from qemuxml.cmdline.render import Words
from qemuxml.common import blockdev
from qemuxml.common.image import Image
from qemuxml.common.storage import FileSource
from qemuxml.mapping import props
from qemuxml.mapping.context import Writing
from qemuxml.mapping.plumbing import Copy, Present

if TYPE_CHECKING:
    from qemuxml.domain.os import Os


def write_flash(writing: Writing) -> Iterator[Words]:
    """The flash chips: the firmware's code, and the guest's variables."""
    os = writing.domain.os
    if not _in_flash(os):
        return
    _need_files(os, writing)
    yield from _chip(0, os.loader or "", os.loader_format, readonly=bool(os.loader_readonly))
    image = _variables(writing)
    if image:
        yield from blockdev.write(image, writing)


def _need_files(os: Os, writing: Writing) -> None:
    """The code, and the guest's variables, which libvirt makes of their template when the guest starts for the first time."""
    _need_loader(os, writing)
    nvram = os.nvram
    if nvram is None or writing.by_libvirt:
        return
    if nvram.named_here:
        nvram.path = writing.state_path(f"_VARS.{(nvram.path or '').rpartition('.')[2]}")
    if nvram.file and nvram.template:
        writing.need(Copy(template=nvram.template, path=nvram.file))


def _need_loader(os: Os, writing: Writing) -> None:
    if os.firmware and not writing.by_libvirt:
        writing.note(f"<os firmware='{os.firmware}'>: {os.loader} is taken: libvirt asks the descriptors of its own host")
    writing.need(Present(path=os.loader or "", missing=f"the firmware is missing: {os.loader}"))


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


def _variables(writing: Writing) -> Image | None:
    nvram = writing.domain.os.nvram
    if nvram is None or (nvram.source is None and not nvram.path):
        return None
    source = nvram.source or FileSource(file=nvram.path)
    layered = writing.has("block.raw-format-node")
    return Image(name="libvirt-pflash1", source=source, format=nvram.format or "raw", always_format=layered, ended=True)


def machine_parts(writing: Writing) -> Iterator[str]:
    """``pflash0=libvirt-pflash0-format``, ``pflash1=…`` of ``-machine``."""
    if _in_flash(writing.domain.os):
        yield "pflash0=libvirt-pflash0-format"
        image = _variables(writing)
        if image:
            yield f"pflash1={image.node}"


def write_loader(writing: Writing) -> Iterator[Words]:
    """``-bios FILE``; of secure firmware, that flash is written only in system management mode."""
    os = writing.domain.os
    if os.loader and os.loader_type in (None, "rom"):
        _need_loader(os, writing)
        yield "-bios", os.loader
    elif _in_flash(os) and os.loader_secure:
        yield "-global", "driver=cfi.pflash01,property=secure,value=on"
