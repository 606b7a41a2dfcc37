"""What the guest sees of a network card: the rows of ``-device virtio-net-pci``, ``"mac":"52:54:00:…","bus":"pci.0"``."""

from __future__ import annotations

from qemuxml.cmdline.values import on_off
from qemuxml.common.device import address, bootindex, ident, refer, rom
from qemuxml.common.virtio import MODELS, virtio_driver, virtio_options
from qemuxml.devices.interface import GuestOffload, HostOffload, Interface, Teaming
from qemuxml.mapping.codecs import INT, SWITCH
from qemuxml.mapping.props import Props, Row, computed, key

TAPPED = frozenset({"network", "bridge", "ethernet", "direct"})
"""Types whose packets go through a tap or macvtap device of the host."""


def is_virtio(interface: Interface) -> bool:
    """Whether the guest sees a virtio card."""
    return interface.model in MODELS


def _offload(key_name: str, side: str, name: str) -> Row:
    def read(interface: Interface, text: str) -> bool:
        if getattr(interface, side) is None:
            setattr(interface, side, _SIDES[side]())
        setattr(getattr(interface, side), name, on_off(text))
        return True

    return computed(
        key_name, lambda interface: getattr(getattr(interface, side), name) if getattr(interface, side) else None, read
    )


_SIDES = {"host_offload": HostOffload, "guest_offload": GuestOffload}


def _read_tx(interface: Interface, text: str) -> bool:
    interface.txmode = next((name for name, mode in _TX_MODES.items() if mode == text), None)
    return interface.txmode is not None


def _read_failover(interface: Interface, text: str) -> bool:
    interface.teaming = Teaming(type="persistent") if on_off(text) else None
    return True


def _read_model(interface: Interface, driver: str) -> bool:
    interface.model = "e1000" if driver == "e1000-82540em" else driver
    return True


def _vectors(interface: Interface) -> int | None:
    """Two for each queue, one for the configuration, one for control."""
    queues = interface.queues or 1
    many = queues > 1 and interface.type in (*TAPPED, "vhostuser", "vdpa")
    return 2 * queues + 2 if many else None


_TX_MODES = {"iothread": "bh", "timer": "timer"}
_HOST = (("csum", "csum"), ("gso", "gso"), ("host_tso4", "tso4"), ("host_tso6", "tso6"), ("host_ecn", "ecn"),
         ("host_ufo", "ufo"), ("mrg_rxbuf", "mrg_rxbuf"))  # fmt: skip
_GUEST = (("guest_csum", "csum"), ("guest_tso4", "tso4"), ("guest_tso6", "tso6"), ("guest_ecn", "ecn"), ("guest_ufo", "ufo"))

VIRTIO_CARD = Props(
    Interface,
    virtio_driver("virtio-net"),
    *virtio_options(),
    computed("tx", lambda interface: _TX_MODES.get(interface.txmode), _read_tx),
    key("ioeventfd", "ioeventfd", SWITCH),
    key("event_idx", "event_idx", SWITCH),
    *(_offload(name, "host_offload", field) for name, field in _HOST),
    *(_offload(name, "guest_offload", field) for name, field in _GUEST),
    computed("mq", lambda interface: True if _vectors(interface) else None),
    computed("vectors", _vectors),
    key("rx_queue_size", "rx_queue_size", INT),
    key("tx_queue_size", "tx_queue_size", INT),
    key("rss", "rss", SWITCH),
    key("hash", "rss_hash_report", SWITCH),
    key("host_mtu", "mtu", INT),
    computed(
        "failover",
        lambda interface: True if interface.teaming and interface.teaming.type == "persistent" else None,
        _read_failover,
    ),
)
_DRIVERS = {"e1000-82540em": "e1000"}
OTHER_CARD = Props(Interface, computed("driver", lambda interface: _DRIVERS.get(interface.model, interface.model), _read_model))
TAIL = Props(
    Interface,
    refer("netdev", "host{}"),
    ident(),
    key("mac", "mac"),
    bootindex(),
    key("loadparm", "info.loadparm"),
    address(),
    *rom(),
)
ON_BOARD = Props(Interface, key("macaddr", "mac"), refer("netdev", "host{}"), key("model", "model"), ident())
