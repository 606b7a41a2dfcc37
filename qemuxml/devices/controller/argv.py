"""Controllers on the command line: ``-device piix3-usb-uhci,id=usb``, ``-device pcie-root-port,port=8,chassis=1,id=pci.1``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from qemuxml.cmdline.render import Words
from qemuxml.common.device import address, ident, zpci
from qemuxml.common.virtio import virtio_driver, virtio_options
from qemuxml.devices.controller.model import Controller
from qemuxml.domain.boards import board_of
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.codecs import INT, KIB, ON_OFF, SWITCH, size
from qemuxml.mapping.context import Writing
from qemuxml.mapping.props import Pair, Props, Row, computed, const, driver, json, key, positive, when

ORDER: Final = ("pci", "usb", "scsi", "ide", "sata", "virtio-serial", "xenbus")
"""The types in the order in which their options stand; smartcard controllers come later, behind the hubs that they may sit on."""


def write_all(writing: Writing) -> Iterator[Words]:
    """All controllers that the board does not bring itself, by type."""
    for type_ in ORDER:
        yield from _of_type(type_, writing)


def write_readers(writing: Writing) -> Iterator[Words]:
    """``-device usb-ccid,id=ccid0``: where smartcard readers plug in."""
    yield from _of_type("ccid", writing)


def _of_type(type_: str, writing: Writing) -> Iterator[Words]:
    for controller in writing.domain.all(Controller):
        if controller.type == type_ and not is_builtin(controller, writing.domain):
            pairs = _TABLES[type_](controller)
            if pairs:
                yield from zpci(controller)
                yield "-device", json(pairs)


def write_hole(writing: Writing) -> Iterator[Words]:
    """``-global i440FX-pcihost.pci-hole64-size=1048576K`` of ``<pcihole64>``, and whether an i440FX's slots are for hotplug."""
    for controller in writing.domain.all(Controller):
        if controller.type == "pci" and not controller.index and controller.hotplug is not None:
            yield "-global", f"PIIX4_PM.acpi-root-pci-hotplug={ON_OFF.encode(controller.hotplug)}"
        if controller.type == "pci" and controller.hole is not None and controller.hole.size is not None:
            host = "q35-pcihost" if controller.model == "pcie-root" else "i440FX-pcihost"
            yield "-global", f"{host}.pci-hole64-size={-(-controller.hole.in_bytes() // KIB)}K"


def write_floppy(writing: Writing) -> Iterator[Words]:
    """``-global isa-fdc.bootindexA=1`` for the board's floppy controller; Q35 has none, and gets a device."""
    drives = [device for device in writing.domain.devices if getattr(device, "bus", None) == "fdc" and hasattr(device, "info")]
    letters: list[tuple[str, int]] = [
        (f"bootindex{'AB'[(drive.info.address.unit or 0) % 2]}", drive.info.boot_index)
        for drive in drives
        if drive.info.boot_index and drive.info.address is not None
    ]
    if not board_of(writing.domain).is_q35:
        yield from (("-global", f"isa-fdc.{name}={number}") for name, number in letters)
    elif drives:
        yield "-device", json([("driver", "isa-fdc"), *letters])


def is_builtin(controller: Controller, domain: Any) -> bool:  # noqa: PLR0911 - one answer a type
    """Whether the board has the controller without any option."""
    board, first = board_of(domain), not controller.index
    match controller.type:
        case "pci":
            root = controller.model in ("pci-root", "pcie-root")
            return root and (first or controller.model_name != "spapr-pci-host-bridge")
        case "usb":
            return controller.model == "none" or (not controller.model and not first)
        case "ide":
            return first and board.has_ide
        case "sata":
            return first and board.is_q35
        case "scsi":
            return controller.model == "ncr53c90"
        case "fdc" | "isa":
            return True
    return False


# ------------------------------------------------------------------ PCI

_BRIDGES: Final = {
    "pci-bridge": "pci-bridge", "i82801b11-bridge": "i82801b11-bridge", "pcie-pci-bridge": "pcie-pci-bridge",
    "pcie-root-port": "pcie-root-port", "ioh3420": "ioh3420", "x3130-upstream": "x3130-upstream",
    "xio3130-downstream": "xio3130-downstream", "pxb": "pxb", "pxb-pcie": "pxb-pcie",
    "spapr-pci-host-bridge": "spapr-pci-host-bridge",
}  # fmt: skip


def _model(*names: str) -> Callable[[Any], bool]:
    return lambda made: made.model in names


def _read_reserve(controller: Controller, text: str) -> bool:
    """What is set aside for hotplugged devices, in whole KiB."""
    whole, rest = divmod(size(text), KIB)
    controller.memory_reserve = None if rest else whole
    return not rest


_PORT = _model("pcie-root-port", "pcie-switch-downstream-port")

PCI: Final = Props(
    Controller,
    computed("driver", lambda made: _BRIDGES.get(made.model_name or "", made.model_name)),
    when(_model("pci-bridge"), key("chassis_nr", "chassis_number", INT)),
    when(_model("pci-expander-bus", "pcie-expander-bus"), key("bus_nr", "bus_number", INT)),
    when(_PORT, key("port", "port", INT), key("chassis", "chassis", INT)),
    when(_model("pci-root"), key("index", "target_index", INT)),
    ident(),
    when(_model("pci-expander-bus", "pcie-expander-bus", "pci-root"), key("numa_node", "node", INT)),
    when(
        lambda made: made.model in ("pcie-root-port", "pcie-switch-downstream-port"),
        key("hotplug", "hotplug", SWITCH),
    ),
    when(
        _model("pcie-root-port", "pci-bridge"),
        computed("mem-reserve", lambda made: made.memory_reserve and made.memory_reserve * KIB, _read_reserve),
    ),
    address(),
)

# ------------------------------------------------------------------ USB

USB_DRIVERS: Final[Mapping[str | None, str]] = {
    "piix3-uhci": "piix3-usb-uhci", "piix4-uhci": "piix4-usb-uhci", "ehci": "usb-ehci", "ich9-ehci1": "ich9-usb-ehci1",
    "ich9-uhci1": "ich9-usb-uhci1", "ich9-uhci2": "ich9-usb-uhci2", "ich9-uhci3": "ich9-usb-uhci3",
    "vt82c686b-uhci": "vt82c686b-usb-uhci", "pci-ohci": "pci-ohci", "nec-xhci": "nec-usb-xhci", "qemu-xhci": "qemu-xhci",
}  # fmt: skip


def _is_companion(made: Any) -> bool:
    return made.start_port is not None


USB: Final = Props(
    Controller,
    driver("model", USB_DRIVERS),
    when(
        lambda made: made.model in ("nec-xhci", "qemu-xhci"),
        key("p2", "ports", INT),
        computed("p3", lambda made: made.ports),
    ),
    when(lambda made: not _is_companion(made), ident()),
    when(
        _is_companion,
        computed("masterbus", lambda made: made.bus_name),
        computed("firstport", lambda made: made.start_port),
    ),
    address(),
)

# ------------------------------------------------------------------ SCSI

SCSI_DRIVERS: Final[Mapping[str | None, str]] = {
    "lsilogic": "lsi", "lsisas1068": "mptsas1068", "lsisas1078": "megasas", "ibmvscsi": "spapr-vscsi", "vmpvscsi": "pvscsi",
    "dc390": "dc-390", "am53c974": "am53c974",
}  # fmt: skip


def _tuning() -> tuple[Row, ...]:
    return (
        positive("num_queues", "queues"),
        positive("cmd_per_lun", "commands"),
        positive("max_sectors", "max_sectors"),
        key("ioeventfd", "ioeventfd", SWITCH),
    )


VIRTIO_SCSI: Final = Props(
    Controller,
    virtio_driver("virtio-scsi"),
    *virtio_options(),
    computed("iothread", lambda made: f"iothread{made.iothread}" if made.iothread else None),
    ident(),
    *_tuning(),
)
OTHER_SCSI: Final = Props(Controller, driver("model", SCSI_DRIVERS), ident())
PLACE: Final = Props(Controller, address())


def _scsi(controller: Controller) -> list[Pair]:
    if controller.model in SCSI_DRIVERS:
        return [*OTHER_SCSI.write(controller), *PLACE.write(controller)]
    if controller.model not in ("virtio-scsi", "virtio-transitional", "virtio-non-transitional"):
        raise UnsupportedError(f"<controller type='scsi'>: QEMU has no model '{controller.model}'")
    return [*VIRTIO_SCSI.write(controller), *_mapping(controller), *PLACE.write(controller)]


def _mapping(controller: Controller) -> Iterator[Pair]:
    """``"iothread-vq-mapping":[{"iothread":"iothread1","vqs":[0]}]``."""
    for number, thread in enumerate(controller.threads):
        yield f"iothread-vq-mapping.{number}.iothread", f"iothread{thread.id}"
        for place, queue in enumerate(thread.queues):
            yield f"iothread-vq-mapping.{number}.vqs.{place}", queue.id or 0


# ------------------------------------------------------------------ the others

VIRTIO_SERIAL: Final = Props(
    Controller,
    virtio_driver("virtio-serial"),
    *virtio_options(),
    ident(),
    key("max_ports", "ports", INT),
    key("vectors", "vectors", INT),
    address(),
)
CCID: Final = Props(Controller, const("driver", "usb-ccid"), ident(), address())
AHCI: Final = Props(Controller, const("driver", "ahci"), ident(), address())


def _ide(controller: Controller) -> list[Pair]:
    raise UnsupportedError(f"<controller type='ide' index='{controller.index}'>: the machine has no such IDE controller")


_TABLES: Final[Mapping[str, Callable[[Controller], list[Pair]]]] = {
    "pci": PCI.write,
    "usb": USB.write,
    "scsi": _scsi,
    "ide": _ide,
    "sata": AHCI.write,
    "virtio-serial": VIRTIO_SERIAL.write,
    "ccid": CCID.write,
    "xenbus": lambda _: [],
}
