"""What a command line has not, said outright: libvirt adds a USB controller, a balloon and a card to what says nothing."""

from __future__ import annotations

from qemuxml.common.info import address_of
from qemuxml.devices.controller import Controller
from qemuxml.devices.graphics import Graphics
from qemuxml.devices.input import Input
from qemuxml.devices.memballoon import Memballoon
from qemuxml.devices.video import Video
from qemuxml.domain import Domain
from qemuxml.domain.boards import MIPS, board_of
from qemuxml.mapping.context import Target


def devices(domain: Domain, _: Target) -> None:
    """Model ``none`` of everything that libvirt would add to this board, and the guest has not."""
    board = board_of(domain)
    usual = board.default_usb() is not None or board.is_virt or (board.is_x86 and board.machine != "isapc") or board.arch in MIPS
    if usual and not any(item.type == "usb" for item in domain.all(Controller)) and not _needs_usb(domain):
        domain.devices.append(Controller(type="usb", index=0, model="none"))
    if (board.balloon or board.is_virt) and not domain.has(Memballoon):
        domain.devices.append(Memballoon(model="none"))
    if domain.has(Graphics) and not domain.has(Video):
        domain.devices.append(Video(type="none"))


def _needs_usb(domain: Domain) -> bool:
    """Whether a device sits on USB; on pseries libvirt gives every guest with a display USB's keyboard and mouse."""
    placed = any(address_of(device) is not None and device.info.address.type == "usb"
                 for device in domain.devices)  # fmt: skip
    return (
        placed or any(item.bus == "usb" for item in domain.all(Input)) or (board_of(domain).is_pseries and domain.has(Graphics))
    )
