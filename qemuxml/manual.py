"""A command line for QEMU 0.9: ``-M pc -no-kqemu -m 214 … -drive file=a.img,if=ide,index=0 -net none -serial none -usb``.

What that QEMU had no option for is refused by name, never left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from qemuxml import layout
from qemuxml.cmdline.render import Words
from qemuxml.common.addresses import PciAddress
from qemuxml.devices.graphics import Graphics
from qemuxml.devices.interface import Interface
from qemuxml.devices.parallel import Parallel
from qemuxml.devices.serial import Serial
from qemuxml.domain import clock, features, identity, lifecycle, memory, os, vcpu
from qemuxml.errors import ConversionError, DomainXmlError, UnsupportedError, XmlPlace
from qemuxml.mapping.context import Writing

_LAUNCH = ("PATH", "HOME", "USER", "LOGNAME")
_NO_HARDWARE = ("/domain/metadata", "/domain/seclabel")


def weigh_unread(_: Writing, leftovers: Iterable[XmlPlace], *, strict: bool) -> None:  # noqa: ARG001 - always strict
    """Raise UnsupportedError for the first element or attribute that no kind has a word for."""
    for place in leftovers:
        if not place.path.startswith(_NO_HARDWARE):
            raise UnsupportedError("QEMU 0.9 has no option for this", place)


def environment(writing: Writing) -> Iterator[tuple[str, str]]:
    """A fixed locale, the launch variables that the caller gives, and what the guest asks for."""
    yield "LC_ALL", "C"
    yield from ((name, writing.environment[name]) for name in _LAUNCH if name in writing.environment)
    for graphics in writing.domain.all(Graphics):
        asked = (("DISPLAY", graphics.display), ("XAUTHORITY", graphics.xauth))
        yield from ((name, value) for name, value in asked if value)
    if writing.domain.commandline:
        for item in writing.domain.commandline.envs:
            yield item.name or "", item.value or ""


def options(writing: Writing, places: Mapping[int, XmlPlace]) -> list[Words]:
    """All options in the order in which libvirt wrote them. Errors about a device name its place."""
    domain = writing.domain
    if not domain.emulator:
        raise DomainXmlError("<emulator> is missing: nothing says which binary runs the guest")
    for element, part in (
        ("cpu", domain.cpu),
        ("pm", domain.pm),
        ("keywrap", domain.keywrap),
        ("bootloader", domain.bootloader),
    ):
        if part:
            raise UnsupportedError(f"QEMU 0.9 has no option for <{element}>")
    written: list[Words] = [*_head(writing, places)]
    for kind in layout.DEVICES:
        devices = domain.all(kind.model)
        for device in devices:
            written += _device(device, writing, places)
        if not devices and kind.model in _ABSENT:
            written.append(_ABSENT[kind.model])
        if kind.model is Parallel:
            written.append(("-usb",))
    if domain.commandline:
        written += [(item.value or "",) for item in domain.commandline.args]
    return written


_ABSENT: Mapping[type[Any], Words] = {
    Interface: ("-net", "none"), Serial: ("-serial", "none"), Parallel: ("-parallel", "none"),
}  # fmt: skip
"""What keeps QEMU from adding a default device of a kind that the guest has not."""


def _head(writing: Writing, places: Mapping[int, XmlPlace]) -> Iterator[Words]:
    """The parts of the guest that are no devices. Errors about one name its place."""

    def placed(part: Any, written: Iterable[Words]) -> list[Words]:
        try:
            return list(written)
        except ConversionError as error:
            raise error.at(places.get(id(part))) from None

    domain = writing.domain
    yield ("-S",)
    yield from placed(domain.os, os.manual_machine(domain.os, writing))
    if domain.identity.type == "qemu":
        yield ("-no-kqemu",)
    yield from placed(domain.memory, memory.manual(domain.memory, writing))
    yield from placed(domain.vcpu, vcpu.manual(domain.vcpu, writing))
    yield from placed(domain.identity, identity.manual(domain.identity, writing))
    if not domain.has(Graphics):
        yield ("-nographic",)
    yield "-monitor", "pty"
    yield from placed(domain.clock, clock.manual(domain.clock or clock.Clock(), writing))
    yield from placed(domain.features, features.manual(domain.features, writing))
    yield from placed(domain.lifecycle, lifecycle.manual(domain.lifecycle, writing))
    yield from placed(domain.os, os.manual_boot(domain.os, writing))


def _device(device: Any, writing: Writing, places: Mapping[int, XmlPlace]) -> list[Words]:
    kind = layout.KIND_OF[type(device)]
    place = places.get(id(device))
    try:
        if kind.manual is None:
            raise UnsupportedError(f"QEMU 0.9 has no option for <{kind.element}>")
        written = list(kind.manual(device, writing))
        if written and _boot_order(device) is not None:
            raise UnsupportedError("QEMU 0.9 has no option for <boot order>")
    except ConversionError as error:
        raise error.at(place) from None
    info = getattr(device, "info", None)
    if written and info is not None and isinstance(info.address, PciAddress):
        writing.note(f"{place}: QEMU 0.9 chooses the PCI slot itself: the device may move" if place else "a PCI device may move")
    return written


def _boot_order(device: Any) -> int | None:
    info = getattr(device, "info", None)
    return info.boot_order if info is not None else None
