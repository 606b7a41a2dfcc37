"""A command line for QEMU 0.9: ``-M pc -no-kqemu -m 214 … -drive file=a.img,if=ide,index=0 -net none -serial none -usb``.

What that QEMU had no option for is refused by name, never left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from qemuxml import layout
from qemuxml.cmdline.render import Words
from qemuxml.common.addresses import PciAddress
from qemuxml.common.info import info_of
from qemuxml.devices.graphics import Graphics
from qemuxml.domain import clock, features, identity, lifecycle, vcpu
from qemuxml.domain.memory import model as memory
from qemuxml.domain.os import legacy as os
from qemuxml.errors import ConversionError, DomainXmlError, UnsupportedError, XmlPlace
from qemuxml.mapping.context import Writing
from qemuxml.mapping.xmlwalk import Element, Reader

_LAUNCH = ("PATH", "HOME", "USER", "LOGNAME")
_SAYABLE: Mapping[str, str] = {
    "": "@type @id name uuid title description memory currentMemory vcpu os features clock on_poweroff on_reboot on_crash"
    " devices qemu:commandline",
    "/memory": "@unit",
    "/currentMemory": "@unit",
    "/vcpu": "@placement @cpuset @current",
    "/os": "type loader kernel initrd cmdline boot bootmenu",
    "/os/type": "@arch @machine",
    "/os/loader": "@readonly @type",
    "/os/boot": "@dev",
    "/os/bootmenu": "@enable @timeout",
    "/features": "acpi apic pae",
    "/clock": "@offset @sync",
    "/devices": "emulator disk controller interface serial parallel console input graphics sound video hostdev memballoon",
    "/devices/*": "@type @mode alias address",
    "/devices/*/alias": "@name",
    "/devices/*/address": "@type @domain @bus @slot @function @multifunction @controller @target @unit",
    "/devices/disk": "@device driver source target geometry readonly",
    "/devices/disk/driver": "@name @type @cache",
    "/devices/disk/source": "@dir @dev @file @protocol @name host snapshot config",
    "/devices/disk/source/host": "@transport @name @port @socket",
    "/devices/disk/source/snapshot": "@name",
    "/devices/disk/source/config": "@file",
    "/devices/disk/target": "@dev @bus",
    "/devices/disk/geometry": "@cyls @heads @secs @trans",
    "/devices/controller": "@index @model model target",
    "/devices/controller/model": "@name",
    "/devices/controller/target": "@chassisNr @chassis @port @index",
    "/devices/interface": "mac source script target model driver",
    "/devices/interface/mac": "@address",
    "/devices/interface/source": "@network @bridge @dev @address @port",
    "/devices/interface/script": "@path",
    "/devices/interface/target": "@dev",
    "/devices/interface/model": "@type",
    "/devices/interface/driver": "@name",
    **{
        f"/devices/{element}{below}": said
        for element in ("serial", "parallel", "console")
        for below, said in {
            "": "@tty source protocol target",
            "/source": "@mode @path @host @service",
            "/protocol": "@type",
            "/target": "@type @port",
        }.items()
    },
    "/devices/input": "@bus",
    "/devices/graphics": "@socket @port @autoport @listen @keymap @display @xauth @fullscreen listen",
    "/devices/graphics/listen": "@type @address @socket",
    "/devices/sound": "@model",
    "/devices/video": "model",
    "/devices/video/model": "@type @ram @vram @vgamem @heads @primary",
    "/devices/hostdev": "@managed source",
    "/devices/hostdev/source": "vendor product address",
    "/devices/hostdev/source/vendor": "@id",
    "/devices/hostdev/source/product": "@id",
    "/devices/hostdev/source/address": "@bus @device",
    "/devices/memballoon": "@model",
    "/qemu:commandline": "qemu:arg qemu:env",
    "/qemu:commandline/qemu:arg": "@value",
    "/qemu:commandline/qemu:env": "@name @value",
}
"""What XML for QEMU 0.9 says: of each element (``*`` is any device) the attributes and the elements in it."""

_NO_HARDWARE = ("/domain/metadata", "/domain/seclabel")


def weigh(_: Writing, reader: Reader, root: Element, *, strict: bool) -> None:  # noqa: ARG001 - always strict
    """Raise UnsupportedError for the first element, attribute or text that QEMU 0.9 had no word for."""
    for place in reader.nodes(root):
        if not _is_sayable(place.plain()) and not place.path.startswith(_NO_HARDWARE):
            raise UnsupportedError(f"QEMU 0.9 has no option for {_named(place)}", place)
    for place in reader.leftovers(root):
        if not place.path.startswith(_NO_HARDWARE):
            raise UnsupportedError("QEMU 0.9 has no option for this", place)


def _is_sayable(path: str) -> bool:
    """Whether the way from ``/domain`` is one of those that QEMU 0.9's XML goes."""
    above, _, last = path.removeprefix("/domain").rpartition("/")
    places = (above, re.sub("^/devices/[^/]+", "/devices/*", above))
    return path == "/domain" or any(last in _SAYABLE.get(place, "").split() for place in places)


def _named(place: XmlPlace) -> str:
    """``<driver io>``, ``<iothreads>``: an attribute with its element, an element alone."""
    above, last = place.plain().rsplit("/", 2)[-2:]
    return f"<{above} {last[1:]}>" if last.startswith("@") else f"<{last}>"


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
    written: list[Words] = [*_head(writing, places)]
    for element in layout.ELEMENTS:
        devices = layout.of(element, domain.devices)
        for device in devices:
            written += _device(device, writing, places)
        if not devices and element in _ABSENT:
            written.append(_ABSENT[element])
        if element == "parallel":
            written.append(("-usb",))
    if domain.commandline:
        written += [(item.value or "",) for item in domain.commandline.args]
    return written


_ABSENT: Mapping[str, Words] = {
    "interface": ("-net", "none"), "serial": ("-serial", "none"), "parallel": ("-parallel", "none"),
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
    kind = layout.kind_of(device)
    place = places.get(id(device))
    try:
        if kind.manual is None:
            raise UnsupportedError(f"QEMU 0.9 has no option for <{kind.element}>")
        written = list(kind.manual(device, writing))
    except ConversionError as error:
        raise error.at(place) from None
    info = info_of(device)
    if written and info is not None and isinstance(info.address, PciAddress):
        writing.note(f"{place}: QEMU 0.9 chooses the PCI slot itself: the device may move" if place else "a PCI device may move")
    return written
