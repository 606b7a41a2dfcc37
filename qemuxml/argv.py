"""The command line that libvirt 11.3 runs: ``-name guest=web,debug-threads=on -S -machine … -device …``, in its order.

Every line of the list is one part of a guest or one kind of device; each writes its own options.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from qemuxml import layout
from qemuxml.cmdline.render import Words, without_json
from qemuxml.common.device import zpci
from qemuxml.domain import (
    clock,
    identity,
    iothreads,
    launch,
    launchsecurity,
    lifecycle,
    override,
    pm,
    sysinfo,
    throttlegroups,
    vcpu,
)
from qemuxml.domain.cpu import argv as cpu_argv
from qemuxml.domain.firmware import argv as firmware_argv
from qemuxml.domain.machine import argv as machine
from qemuxml.domain.memory import argv as memory_argv
from qemuxml.domain.os import argv as os
from qemuxml.errors import ConversionError, DomainXmlError, XmlPlace
from qemuxml.later import later
from qemuxml.mapping.context import Writing
from qemuxml.mapping.xmlwalk import Element, Reader

Part = Callable[[Writing], Iterable[Words]]


def _with(element: str, write: Part) -> Part:
    """A part that guests have who have such a device."""
    return lambda writing: write(writing) if layout.of(element, writing.domain.devices) else ()


_environment_of_audio: Final = later("qemuxml.devices.audio:environment")
_environment_of_graphics: Final = later("qemuxml.devices.graphics.argv:environment")
_write_hostdevs_of_interfaces: Final = later("qemuxml.devices.hostdev.argv:write_interfaces")


def _cards_of_the_host(writing: Writing) -> Iterator[Words]:
    """The cards of ``<interface type='hostdev'>`` are written as a ``<hostdev>`` is."""
    if any(card.type == "hostdev" for card in layout.of("interface", writing.domain.devices)):
        yield from _write_hostdevs_of_interfaces(writing)


ORDER: Final[tuple[Part | str, ...]] = (
    launch.write_name,
    override.write_compat,
    launch.write_start,
    _with("disk", later("qemuxml.devices.disk.argv:write_reservations")),
    firmware_argv.write_flash,
    machine.write,
    machine.write_accel,
    cpu_argv.write,
    firmware_argv.write_loader,
    memory_argv.write,
    vcpu.write,
    iothreads.write,
    throttlegroups.write,
    memory_argv.write_numa,
    launch.write_uuid,
    sysinfo.write,
    identity.write_genid,
    later("qemuxml.devices.graphics.argv:write_none"),
    launch.write_monitor,
    clock.write,
    lifecycle.write,
    machine.write_no_acpi,
    pm.write,
    os.write_boot,
    "iommu",
    _with("controller", later("qemuxml.devices.controller.argv:write_hole")),
    _with("controller", later("qemuxml.devices.controller.argv:write_all")),
    "memory",
    "hub",
    _with("controller", later("qemuxml.devices.controller.argv:write_readers")),
    later("qemuxml.devices.controller.argv:write_floppy"),
    "disk",
    "filesystem",
    "interface",
    "smartcard",
    "serial",
    "parallel",
    "channel",
    "console",
    "tpm",
    "input",
    "audio",
    "graphics",
    "video",
    "sound",
    "watchdog",
    _with("watchdog", later("qemuxml.devices.watchdog:write_action")),
    "redirdev",
    _cards_of_the_host,
    "hostdev",
    "memballoon",
    "rng",
    "nvram",
    machine.write_vmcoreinfo,
    launchsecurity.write,
    launch.write_passed,
    launch.write_sandbox,
    "panic",
    "shmem",
    "vsock",
    "crypto",
    "pstore",
    machine.write_teardown,
    launch.write_end,
)

ELSEWHERE: Final[Mapping[str, str]] = {
    "controller": "controller.write_all sorts them by their types",
    "lease": "the host's lock manager holds it: QEMU hears nothing of it",
    "redirfilter": "it is a property of each <redirdev>",
}
"""The devices that have no place of their own in the order, and why."""


def weigh(writing: Writing, reader: Reader, root: Element, *, strict: bool) -> None:
    """Warn of every element and attribute that no kind has a word for: libvirt ignores them without a word.

    Raises DomainXmlError for the first of them if ``strict``.
    """
    for place in reader.leftovers(root):
        if strict:
            raise DomainXmlError("not understood", place)
        writing.note(f"{place}: not understood: it is ignored")
    if any(card.mac is None for card in layout.of("interface", writing.domain.devices)):
        writing.note("<interface> without <mac>: the card's address follows from the guest's name")


def environment(writing: Writing) -> Iterator[tuple[str, str]]:
    """What libvirt sets for its QEMU, and what the guest asks for."""
    if writing.by_libvirt:
        home = launch.state_directory(writing)
        yield "LC_ALL", "C"
        yield "PATH", writing.environment.get("PATH", "/bin")
        yield "HOME", home
        yield from ((name, writing.environment[name]) for name in ("USER", "LOGNAME") if name in writing.environment)
        yield "XDG_DATA_HOME", f"{home}/.local/share"
        yield "XDG_CACHE_HOME", f"{home}/.cache"
        yield "XDG_CONFIG_HOME", f"{home}/.config"
    yield from clock.environment(writing.domain)
    if layout.of("audio", writing.domain.devices):
        yield from _environment_of_audio(writing.domain, writing)
    yield from _environment_of_graphics(layout.of("graphics", writing.domain.devices))
    if writing.domain.commandline:
        for item in writing.domain.commandline.envs:
            yield item.name or "", item.value or ""


def options(writing: Writing, places: Mapping[int, XmlPlace]) -> Iterator[Words]:
    """All options of the guest, as its QEMU spells them. Errors about a device name its place in the XML."""
    first = {name: key for name, (ability, key) in _SPELT.items() if writing.has(ability)}
    for words in override.applied(_written(writing, places), writing.domain.override):
        yield (words[0], without_json(words[1], first[words[0]])) if len(words) > 1 and words[0] in first else words


_SPELT: Final = {"-device": ("device.keys", "driver"), "-netdev": ("netdev.keys", "type")}
"""The options that old releases take as ``key=value`` only: the ability of those, and the property that leads there."""


def _written(writing: Writing, places: Mapping[int, XmlPlace]) -> Iterator[Words]:
    for item in ORDER:
        if isinstance(item, str):
            yield from _devices(item, writing, places)
        else:
            yield from item(writing)


def _devices(element: str, writing: Writing, places: Mapping[int, XmlPlace]) -> Iterator[Words]:
    for device in layout.of(element, writing.domain.devices):
        write = layout.kind_of(device).write
        if write is None:
            raise AssertionError(f"<{element}> stands in the order without a writer")
        try:
            for words in write(device, writing):
                if words[0] == "-device":
                    yield from zpci(device)
                yield words
        except ConversionError as error:
            raise error.at(places.get(id(device))) from None
