"""The table of contents: every kind of device, and every element of ``<domain>`` that options speak of, in XML's order.

A line says where a kind stands, and which options may lead there: a room is loaded when a guest has need of it. Whether its kind
really takes an option, the claims on its door plate say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from qemuxml.domain import launch
from qemuxml.later import load
from qemuxml.mapping.kind import Claim, Kind


class Room:
    """Where a kind stands: its element, its module, and what may lead there.

    ``options`` are names of options, ``devices`` beginnings of drivers behind ``-device``, ``objects`` of types behind
    ``-object``. ``unasked`` is a kind that may add a device where no option speaks of it.
    """

    def __init__(  # noqa: PLR0913 - the columns of the table
        self, element: str, place: str, options: str = "", devices: str = "", objects: str = "", *, unasked: bool = False
    ) -> None:
        self.element = element
        self.place = f"qemuxml.{place}"
        self.options = options.split()
        self.types = {"-device": tuple(devices.split()), "-object": tuple(objects.split())}
        self.unasked = unasked

    @property
    def kind(self) -> Kind:
        """The door plate."""
        found: Kind = load(self.place)
        return found

    def may_take(self, option: str, kind: str) -> bool:
        """Whether an option may be one of those that the kind claims; of what type it is, if its name says too little."""
        return kind.startswith(self.types[option]) if kind and option in self.types else option in self.options


DEVICES: Final = (
    Room(
        "disk",
        "devices.disk.kind:KIND",
        "-drive -hda -hdb -hdc -hdd -fda -fdb -cdrom -sd -sda -sdb -sdc -sdd -sde -sdf -sdg -iscsi -snapshot -usbdevice"
        " -global image",
        "floppy ide- isa-fdc scsi- usb-storage vhost-user-blk virtio-blk",
    ),
    Room(
        "controller",
        "devices.controller:KIND",
        "-usb -global",
        "ahci am53c974 dc-390 i82801b11-bridge ich9-ahci ich9-usb- ioh3420 lsi megasas mptsas1068 nec-usb-xhci pci-bridge"
        " pci-ohci pcie- piix pvscsi pxb qemu-xhci spapr-pci-host-bridge spapr-vscsi usb-ccid usb-ehci virtio-scsi"
        " virtio-serial vt82c686b-usb-uhci x3130-upstream xio3130-downstream",
    ),
    Room("lease", "devices.lease:KIND"),
    Room("filesystem", "devices.filesystem:KIND", "-virtfs", "usb-mtp vhost-user-fs virtio-9p"),
    Room(
        "interface",
        "devices.interface.kind:KIND",
        "-net -netdev -nic -redir",
        "e1000 i825 i82801 igb ne2k_pci pcnet rocker rtl8139 spapr-vlan sunhme tulip usb-net virtio-net vmxnet3",
    ),
    Room("smartcard", "devices.smartcard:KIND", devices="ccid-card-"),
    Room(
        "serial",
        "devices.serial:KIND",
        "-serial -debugcon",
        "isa-debugcon isa-serial pci-serial sclpconsole sclplmconsole spapr-vty usb-serial",
    ),
    Room("parallel", "devices.parallel:KIND", "-parallel", "isa-parallel"),
    Room("console", "devices.console:KIND", devices="sclpconsole sclplmconsole virtconsole"),
    Room("channel", "devices.channel:KIND", "-netdev", "virtserialport"),
    Room(
        "input",
        "devices.input:KIND",
        "-usbdevice",
        "usb-kbd usb-mouse usb-tablet virtio-input-host virtio-keyboard virtio-mouse virtio-tablet",
        "input-linux",
    ),
    Room("tpm", "devices.tpm:KIND", devices="spapr-tpm-proxy tpm-"),
    Room(
        "graphics",
        "devices.graphics.kind:KIND",
        "-vnc -spice -sdl -curses -display -full-screen -nographic -k",
        unasked=True,
    ),
    Room(
        "sound", "devices.sound:KIND", "-soundhw", "AC97 ES1370 ac97 es1370 ich9-intel-hda intel-hda sb16 usb-audio virtio-sound"
    ),
    Room("audio", "devices.audio:KIND", "-audiodev -audio"),
    Room(
        "video",
        "devices.video:KIND",
        "-vga -std-vga -vmwarevga",
        "VGA bochs-display cirrus-vga qxl ramfb vhost-user-gpu vhost-user-vga virtio-gpu virtio-vga vmware-svga",
    ),
    Room(
        "hostdev",
        "devices.hostdev.kind:KIND",
        "-pcidevice -usbdevice",
        "scsi-generic usb-host vfio- vhost-scsi",
    ),
    Room("redirdev", "devices.redirdev:KIND", devices="usb-redir"),
    Room("redirfilter", "devices.redirdev:FILTER"),
    Room("hub", "devices.hub:KIND", devices="usb-hub"),
    Room("watchdog", "devices.watchdog:KIND", "-watchdog -global", "diag288 i6300esb ib700"),
    Room("memballoon", "devices.memballoon:KIND", "-balloon", "virtio-balloon"),
    Room("rng", "devices.rng:KIND", devices="virtio-rng"),
    Room("nvram", "devices.nvram:KIND", "-global"),
    Room("panic", "devices.panic:KIND", devices="pvpanic"),
    Room("shmem", "devices.shmem:KIND", devices="ivshmem-"),
    Room("memory", "devices.memory.kind:KIND", devices="nvdimm pc-dimm virtio-mem virtio-pmem", objects="memory-backend-epc"),
    Room("iommu", "devices.iommu:KIND", devices="intel-iommu virtio-iommu"),
    Room("vsock", "devices.vsock:KIND", devices="vhost-vsock"),
    Room("crypto", "devices.crypto:KIND", devices="virtio-crypto"),
    Room("pstore", "devices.pstore:KIND", devices="acpi-erst"),
)
"""The children of ``<devices>``, in libvirt's order."""

PARTS: Final = (
    Room("name", "domain.identity:KIND", "-name -uuid -domid -enable-kvm -no-kqemu -no-kvm", "vmgenid"),
    Room(
        "memory",
        "domain.memory:KIND",
        "-m -mem-path -mem-prealloc -overcommit -realtime",
        objects="memory-backend- thread-context",
    ),
    Room("vcpu", "domain.vcpu:KIND", "-smp", "*-cpu"),
    Room("iothreads", "domain.iothreads:KIND", objects="iothread main-loop"),
    Room("throttlegroups", "domain.throttlegroups:KIND", objects="throttle-group"),
    Room("sysinfo", "domain.sysinfo:KIND", "-smbios -fw_cfg"),
    Room(
        "os",
        "domain.os:KIND",
        "-M -machine -accel -acpitable -append -async-teardown -bios -boot -drive -dtb -global -initrd -kernel -pflash"
        " -run-with -shim -tb-size",
        "vmcoreinfo",
    ),
    Room("features", "domain.features:KIND", "-no-acpi"),
    Room("cpu", "domain.cpu:KIND", "-cpu"),
    Room("numa", "domain.numa:KIND", "-numa"),
    Room("clock", "domain.clock:KIND", "-rtc -localtime -startdate -tdf -rtc-td-hack -no-hpet -no-kvm-pit-reinjection -global"),
    Room("on_reboot", "domain.lifecycle:KIND", "-action -no-reboot"),
    Room("pm", "domain.pm:KIND", "-global"),
    Room("launchSecurity", "domain.launchsecurity:KIND", objects="s390-pv-guest sev-"),
    Room("qemu:deprecation", "domain.override:KIND", "-compat"),
)
"""The children of ``<domain>`` that options speak of."""


# ------------------------------------------------------------------ by element and by class


class _Models(Mapping[str, type[Any]]):
    def __getitem__(self, element: str) -> type[Any]:
        return _ROOMS[element].kind.model

    def __iter__(self) -> Iterator[str]:
        return iter(_ROOMS)

    def __len__(self) -> int:
        return len(_ROOMS)


_ROOMS: Final = {room.element: room for room in DEVICES}
_RANKS: Final = {element: number for number, element in enumerate(_ROOMS)}
ELEMENTS: Final[Mapping[str, type[Any]]] = _Models()
"""The class of each element of ``<devices>``; to look one up loads its room."""


def kind_of(device: Any) -> Kind:
    """The kind of a device."""
    model = type(device)
    return _KNOWN.get(model) or _KNOWN.setdefault(model, _found(model))


_KNOWN: Final[dict[type[Any], Kind]] = {}


def _found(model: type[Any]) -> Kind:
    """The kind that a class is the model of: it stands in the same room."""
    folder = model.__module__.split(".")[:3]
    kinds = (room.kind for room in DEVICES if room.place.partition(":")[0].split(".")[:3] == folder)
    return next(kind for kind in kinds if kind.model is model)


def element(device: Any) -> str:
    """The element of a device: ``disk``."""
    return kind_of(device).element


def of(name: str, devices: Iterable[Any]) -> list[Any]:
    """The devices of one element, in their order."""
    return [device for device in devices if element(device) == name]


def place(device: Any) -> tuple[int, str]:
    """Where a device stands in the order of the document, and its element."""
    found = element(device)
    return _RANKS[found], found


def kinds_of(devices: Iterable[Any]) -> list[Kind]:
    """The kinds of devices, each once, in the order of the document."""
    return list({element(device): kind_of(device) for device in sorted(devices, key=place)}.values())


def tag(device: Any) -> str:
    """How an error names a device: ``<disk>``."""
    return f"<{element(device)}>"


def unasked() -> Iterator[Kind]:
    """The kinds that may add a device where no option speaks of it."""
    return (room.kind for room in DEVICES if room.unasked)


# ------------------------------------------------------------------ by option

_KEYS: Final = 1024
"""Options that are remembered: a stream of command lines may name more types of devices than memory is for."""


@lru_cache(_KEYS)
def claims(key: str) -> tuple[Claim, ...]:
    """Who is asked for an option in the profiles of old releases, in order; of ``-device`` the key has the driver too."""
    found = [kind.claims[key] for kind in _asked((*PARTS, *DEVICES), key) if key in kind.claims]
    return tuple(found) or _given(launch.CLAIMS, key)


@lru_cache(_KEYS)
def claims_of_parts(key: str) -> tuple[Claim, ...]:
    """Who is asked first today, for the machine and all that is not a device: QEMU reads these first, wherever they stand."""
    return (*_given(launch.MODERN, key), *_modern(PARTS, key), *_given(launch.CLAIMS, key))


@lru_cache(_KEYS)
def claims_of_devices(key: str) -> tuple[Claim, ...]:
    """Who is asked then."""
    return _modern(DEVICES, key)


def _modern(rooms: Iterable[Room], key: str) -> tuple[Claim, ...]:
    """The claims of today first, then the older ones of kinds that have none of today."""
    kinds = list(_asked(rooms, key))
    today = [kind.modern[key] for kind in kinds if key in kind.modern]
    return (*today, *(kind.claims[key] for kind in kinds if key in kind.claims and key not in kind.modern))


def _asked(rooms: Iterable[Room], key: str) -> Iterator[Kind]:
    option, _, kind = key.partition(" ")
    return (room.kind for room in rooms if room.may_take(option, kind))


def _given(table: Mapping[str, Claim], key: str) -> tuple[Claim, ...]:
    return (table[key],) if key in table else ()
