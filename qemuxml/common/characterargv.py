"""Serial ports, parallel ports and consoles for QEMU of today: ``-chardev pty,id=charserial0 -device isa-serial,…``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from qemuxml.cmdline.render import Words
from qemuxml.common import chardev
from qemuxml.common.addresses import IsaAddress, PciAddress, SpaprVioAddress, UsbAddress
from qemuxml.common.device import address, ident, refer, socket
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.later import later
from qemuxml.mapping.kind import Plug
from qemuxml.mapping.props import Props, computed, const, json, key, when

if TYPE_CHECKING:
    from qemuxml.devices.console import Console
    from qemuxml.devices.parallel import Parallel
    from qemuxml.devices.serial import Serial
    from qemuxml.domain import Domain
    from qemuxml.mapping.context import Target, Writing

_options: Final = later("qemuxml.common.chardevice:options")
_check: Final = later("qemuxml.common.chardevice:check")
_backend_id: Final = later("qemuxml.common.chardevice:backend_id")

# ------------------------------------------------------------------ serial ports

_MODELS: Final[Mapping[str, tuple[str, ...]]] = {
    "isa-serial": ("isa-serial",),
    "usb-serial": ("usb-serial",),
    "pci-serial": ("pci-serial",),
    "spapr-vio-serial": ("spapr-vty",),
    "system-serial": ("pl011", "16550a"),
    "sclp-serial": ("sclpconsole", "sclplmconsole"),
    "isa-debug": ("isa-debugcon",),
}
"""The models of a target type; the first is the default."""
_ADDRESSES: Final[Mapping[str, type]] = {
    "isa-serial": IsaAddress,
    "isa-debug": IsaAddress,
    "usb-serial": UsbAddress,
    "pci-serial": PciAddress,
    "spapr-vio-serial": SpaprVioAddress,
}
_OF_BOARD: Final = frozenset({"pl011", "16550a", None})
"""Ports that the board has: ``-serial`` connects them."""

SERIAL: Props[Any] = Props(
    object,
    key("driver", "model"),
    refer("chardev", "char{}"),
    ident(),
    when(lambda serial: serial.model == "isa-serial", computed("index", lambda serial: serial.port)),
    address(),
)


def write_serial(serial: Serial, writing: Writing) -> Iterator[Words]:
    """The host side and the port."""
    alias = str(serial.info.alias)
    yield from _options(serial.chardev, alias, writing)
    if serial.model in _OF_BOARD:
        yield "-serial", f"chardev:{_backend_id(alias)}"
    else:
        yield "-device", json(SERIAL.write(serial))


def fill_serial(serial: Serial, domain: Domain, _: Target) -> None:
    """Port, target type and model: by the address, else by the board. On pseries the board alone counts."""
    chardev.fill(serial.chardev, "pty")
    number(serial, domain)
    plain = serial.target_type is None or (serial.target_type == "isa-serial" and not _fits("isa-serial", "isa-serial", domain))
    if plain and (domain.os.machine or "").startswith("pseries"):
        serial.target_type = "spapr-vio-serial"
        if not isinstance(serial.info.address, SpaprVioAddress):
            serial.info.address = None
    elif plain:
        serial.target_type = _type_of_address(serial, is_pc=_fits("isa-serial", "isa-serial", domain)) or _type_of_board(domain)
    kind = serial.target_type
    if serial.model is None and kind is not None and kind in _MODELS:
        models = _MODELS[kind]
        serial.model = next((model for model in models if _fits(kind, model, domain)), models[0])


def number(port: Any, domain: Domain) -> None:
    """A port without a number comes behind all others of its kind."""
    if port.port is None:
        taken = (other.port for other in domain.all(type(port)) if other.port is not None)
        port.port = max(taken, default=-1) + 1


def _type_of_address(serial: Serial, *, is_pc: bool) -> str | None:
    """A PC's serial port is an ISA device unless its target says otherwise."""
    match serial.info.address:
        case UsbAddress() if not is_pc:
            return "usb-serial"
        case PciAddress() if not is_pc:
            return "pci-serial"
        case IsaAddress():
            return "isa-serial"
        case SpaprVioAddress():
            return "spapr-vio-serial"
    return None


def _type_of_board(domain: Domain) -> str | None:
    return next((kind for kind in ("isa-serial", "spapr-vio-serial", "system-serial", "sclp-serial")
                 if any(_fits(kind, model, domain) for model in _MODELS[kind])), None)  # fmt: skip


def _fits(kind: str, model: str, domain: Domain) -> bool:
    """Whether the guest's machine can have such a port."""
    arch, machine = domain.os.arch or "", domain.os.machine or ""
    is_virt = machine == "virt" or machine.startswith("virt-")
    match kind:
        case "isa-serial" | "isa-debug":
            return arch in ("x86_64", "i686")
        case "spapr-vio-serial":
            return machine.startswith("pseries")
        case "sclp-serial" | "pci-serial":
            return arch.startswith("s390") is (kind == "sclp-serial")
        case "system-serial" if model == "pl011":
            return is_virt and arch in ("aarch64", "armv7l", "armv6l")
        case "system-serial":
            return is_virt and arch in ("riscv32", "riscv64", "loongarch64")
    return True


def check_serial(serial: Serial, domain: Domain, _: Target) -> None:
    """What libvirt refuses of a serial port."""
    name = f"<serial> on port {serial.port}"
    _check(serial.chardev, name)
    kind, model = serial.target_type, serial.model
    if kind is None:
        return
    if kind not in _MODELS:
        raise DomainXmlError(f"{name}: unknown target type '{kind}'")
    if model not in _MODELS[kind]:
        raise UnsupportedError(f"{name}: target model '{model}' requires another target type than '{kind}'")
    if not _fits(kind, model, domain):
        raise UnsupportedError(f"{name}: target type '{kind}' with model '{model}' does not fit the architecture or machine")
    place, wanted = serial.info.address, _ADDRESSES.get(kind)
    if place is not None and (wanted is None or not isinstance(place, wanted)):
        raise UnsupportedError(f"{name}: target type '{kind}' cannot have an address of type '{place.type}'")


def pci_serial(serial: Serial, _: Domain) -> Plug | None:
    """Of the models only pci-serial is a PCI device."""
    return Plug.CONVENTIONAL if serial.target_type == "pci-serial" else None


# ------------------------------------------------------------------ parallel ports

PARALLEL: Props[Any] = Props(object, const("driver", "isa-parallel"), refer("chardev", "char{}"), ident())


def write_parallel(parallel: Parallel, writing: Writing) -> Iterator[Words]:
    """The host side and the port."""
    yield from _options(parallel.chardev, str(parallel.info.alias), writing, usage="parallel")
    yield "-device", json(PARALLEL.write(parallel))


def fill_parallel(parallel: Parallel, domain: Domain, _: Target) -> None:
    """The number of the port."""
    chardev.fill(parallel.chardev, "pty")
    number(parallel, domain)


def check_parallel(parallel: Parallel, domain: Domain, _: Target) -> None:
    """Only boards with an ISA bus have parallel ports."""
    if domain.os.arch not in ("x86_64", "i686") and (domain.os.machine or "").startswith(("pseries", "s390")):
        raise UnsupportedError(f"<parallel>: machine '{domain.os.machine}' has no parallel ports")
    _check(parallel.chardev, f"<parallel> on port {parallel.port}")


# ------------------------------------------------------------------ consoles

_CONSOLES: Final[Mapping[str | None, str]] = {"virtio": "virtconsole", "sclp": "sclpconsole", "sclplm": "sclplmconsole"}
CONSOLE: Props[Any] = Props(
    object,
    computed("driver", lambda console: _CONSOLES[console.target_type]),
    when(lambda console: console.target_type == "virtio", socket()),
    refer("chardev", "char{}"),
    ident(),
)


def write_console(console: Console, writing: Writing) -> Iterator[Words]:
    """The host side and the console; the twin of a serial port is written with it."""
    if not console.is_twin:
        yield from _options(console.chardev, str(console.info.alias), writing)
        yield "-device", json(CONSOLE.write(console))


def fill_console(console: Console, _: Domain, __: Target) -> None:
    """The protocol."""
    chardev.fill(console.chardev, "pty")


def check_console(console: Console, domain: Domain, _: Target) -> None:
    """What libvirt refuses of a console."""
    if console.is_twin:
        return
    name = f"<console> on port {console.port}"
    if console.target_type in (None, "serial"):
        raise UnsupportedError(f"{name}: only the first console can be a serial port")
    if console.target_type not in _CONSOLES:
        raise UnsupportedError(f"{name}: QEMU has no console of type '{console.target_type}'")
    if console.target_type.startswith("sclp") and not (domain.os.arch or "").startswith("s390"):
        raise UnsupportedError(f"{name}: type '{console.target_type}' is of s390 alone")
    _check(console.chardev, name)
