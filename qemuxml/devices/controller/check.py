"""What libvirt refuses of one ``<controller>``: models that its type does not have, options of another model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from qemuxml.common import queuethreads
from qemuxml.common.virtio import MODELS
from qemuxml.devices.controller.model import Controller
from qemuxml.domain import Domain
from qemuxml.domain.boards import MIPS, S390, Board, board_of
from qemuxml.errors import DomainXmlError, UnsupportedError
from qemuxml.mapping.context import Target

_VIRTIO_SCSI: Final = ("virtio-scsi", *MODELS[1:])
_MODELS: Final[Mapping[str | None, tuple[str, ...]]] = {
    "ide": ("piix3", "piix4", "ich6"),
    "fdc": (),
    "sata": (),
    "ccid": (),
    "isa": (),
    "xenbus": (),
    "virtio-serial": MODELS,
    "pci": ("pci-root", "pcie-root", "pci-bridge", "dmi-to-pci-bridge", "pcie-to-pci-bridge", "pcie-root-port",
            "pcie-switch-upstream-port", "pcie-switch-downstream-port", "pci-expander-bus", "pcie-expander-bus"),
}  # fmt: skip
"""The models of a type; those of USB and SCSI are refused where they are given their places."""

_DEVICES: Final[Mapping[str | None, tuple[str, ...]]] = {
    "pci-bridge": ("pci-bridge",),
    "dmi-to-pci-bridge": ("i82801b11-bridge",),
    "pcie-to-pci-bridge": ("pcie-pci-bridge",),
    "pcie-root-port": ("pcie-root-port", "ioh3420"),
    "pcie-switch-upstream-port": ("x3130-upstream",),
    "pcie-switch-downstream-port": ("xio3130-downstream",),
    "pci-expander-bus": ("pxb",),
    "pcie-expander-bus": ("pxb-pcie",),
}
"""The devices that are buses of a model: ``<model name='ioh3420'/>``."""

_PORTS: Final = ("pcie-root-port", "pcie-switch-downstream-port")
_EXPANDERS: Final = ("pci-expander-bus", "pcie-expander-bus")
_OPTIONS: Final[tuple[tuple[str, Callable[[Controller], object], tuple[str, ...]], ...]] = (
    ("<target chassisNr>", lambda item: item.chassis_number, ("pci-bridge",)),
    ("<target chassis>", lambda item: item.chassis, _PORTS),
    ("<target port>", lambda item: item.port, _PORTS),
    ("<target busNr>", lambda item: item.bus_number, _EXPANDERS),
    ("<target memReserve>", lambda item: item.memory_reserve, ("pcie-root-port", "pci-bridge")),
    ("<target hotplug>", lambda item: item.hotplug, (*_PORTS, "pci-root")),
    ("<node>", lambda item: item.node, (*_EXPANDERS, "pci-root")),
    ("<target index>", lambda item: item.target_index, ("pci-root",)),
)
"""What only buses of some models have."""

_TUNING: Final[tuple[tuple[str, Callable[[Controller], object]], ...]] = (
    ("queues", lambda item: item.queues),
    ("cmd_per_lun", lambda item: item.commands),
    ("max_sectors", lambda item: item.max_sectors),
    ("ioeventfd", lambda item: item.ioeventfd),
    ("iothread", lambda item: item.iothread or item.threads),
)


def check(item: Controller, domain: Domain, _: Target) -> None:
    """Raise DomainXmlError or UnsupportedError for what its type or its model does not have."""
    known = _MODELS.get(item.type)
    if known is not None and item.model is not None and item.model not in known:
        raise DomainXmlError(f"<controller type='{item.type}'>: there is no model '{item.model}'")
    if item.type == "pci":
        _check_bus(item, domain)
    for name, said in _TUNING:
        if said(item) not in (None, []) and (item.type != "scsi" or item.model not in _VIRTIO_SCSI):
            raise DomainXmlError(f"<controller type='{item.type}'>: <driver {name}> is for model 'virtio-scsi' alone")
    queuethreads.check(item.iothread, item.threads, item.queues, {thread.id for thread in domain.iothreads.all()})
    if item.type == "sata" and domain.os.arch in S390:
        raise UnsupportedError("<controller type='sata'>: s390 machines have none")
    if item.type == "scsi" and item.model not in _VIRTIO_SCSI and domain.os.arch in S390:
        raise UnsupportedError(f"<controller type='scsi' model='{item.model}'>: s390 machines have virtio controllers alone")
    if item.type == "scsi" and item.model == "ncr53c90" and domain.os.arch not in MIPS | {"sparc"}:
        raise UnsupportedError("<controller type='scsi' model='ncr53c90'>: the machine brings none")


def _check_bus(item: Controller, domain: Domain) -> None:
    board = board_of(domain)
    for name, said, models in _OPTIONS:
        if said(item) is not None and item.model not in models:
            raise DomainXmlError(f"<controller type='pci' model='{item.model}'>: {name} is not for this model")
    if item.model_name is not None and item.model_name not in _devices(item, board):
        raise DomainXmlError(f"<controller type='pci' model='{item.model}'>: <model name> is of another one")
    if item.model == "pci-root":
        _check_root(item, board)
    if item.hole is not None and item.model in ("pci-root", "pcie-root") and not board.is_i440fx and not board.is_q35:
        raise UnsupportedError(f"<pcihole64>: machine '{board.machine}' has no such window")


def _devices(item: Controller, board: Board) -> tuple[str, ...]:
    return ("spapr-pci-host-bridge",) if item.model == "pci-root" and board.is_pseries else _DEVICES.get(item.model, ())


def _check_root(item: Controller, board: Board) -> None:
    if not board.is_pseries and (item.target_index is not None or item.node is not None):
        raise DomainXmlError("<controller type='pci' model='pci-root'>: <target> is for machine 'pseries'")
    if item.hotplug is not None and not board.is_i440fx:
        raise UnsupportedError("<controller type='pci' model='pci-root'>: <target hotplug> is for i440fx machines")
    if board.is_pseries and (not item.index) != (not item.target_index):
        raise DomainXmlError("<controller type='pci'>: the bus of index 0 alone has <target index='0'/>")
    if not item.index and item.node is not None:
        raise DomainXmlError("<controller type='pci' index='0'>: the first bus belongs to no NUMA node")
