"""What an option is, in a few words: ``-smp`` is the processors, ``-device virtio-net-pci`` the device virtio-net-pci."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from qemuxml.cmdline.options import IMAGE

MEANINGS: Final = {
    "D": "the file of QEMU's debug log",
    "L": "the folder of firmware files",
    "M": "the machine",
    "S": "to start with the processors stopped",
    "accel": "the accelerator",
    "acpitable": "an ACPI table",
    "action": "what follows a reset, shutdown or panic",
    "add-fd": "a file descriptor from the caller",
    "append": "the kernel's command line",
    "audio": "the sound card and its backend",
    "audiodev": "an audio backend",
    "balloon": "the memory balloon",
    "bios": "the firmware",
    "blockdev": "a node of a disk's image",
    "boot": "the boot order",
    "bt": "Bluetooth",
    "cdrom": "a CD-ROM",
    "chardev": "the backend of a character device",
    "chroot": "a root folder for QEMU",
    "compat": "the policy for deprecated features",
    "cpu": "the model of the processors",
    "curses": "a text window",
    "d": "what QEMU logs",
    "daemonize": "to run in the background",
    "debugcon": "a debug console port",
    "device": "a device",
    "display": "the display's window",
    "drive": "a disk, or a disk's image",
    "dtb": "the device tree",
    "echr": "the escape character of a terminal",
    "enable-fips": "FIPS mode",
    "enable-kvm": "the accelerator KVM",
    "fda": "the first floppy disk",
    "fdb": "the second floppy disk",
    "fsdev": "the backend of a shared folder",
    "full-screen": "a window on the full screen",
    "fw_cfg": "a firmware configuration file",
    "g": "the resolution and depth of the screen",
    "gdb": "a debugger's port",
    "global": "a property of all devices of one kind",
    "hda": "the first hard disk",
    "hdb": "the second hard disk",
    "hdc": "the third hard disk",
    "hdd": "the fourth hard disk",
    "icount": "to count instructions for the clock",
    IMAGE: "the image of the first hard disk",
    "incoming": "a migration that comes in",
    "initrd": "the kernel's initial ramdisk",
    "iscsi": "the parameters of iSCSI",
    "k": "the keyboard layout",
    "kernel": "the kernel",
    "loadvm": "a snapshot to start from",
    "localtime": "the clock in local time",
    "m": "the memory",
    "machine": "the machine",
    "mem-path": "the folder of the memory's huge pages",
    "mem-prealloc": "to allocate the memory at once",
    "mon": "a monitor on a character device",
    "monitor": "QEMU's monitor",
    "msg": "the form of QEMU's messages",
    "mtdblock": "a flash memory",
    "name": "the name",
    "net": "a network card, or what it is connected to",
    "netdev": "what a network card is connected to",
    "nic": "a network card with its connection",
    "no-acpi": "to have no ACPI",
    "no-fd-bootchk": "no check of a floppy disk's boot signature",
    "no-hpet": "to have no HPET",
    "no-kvm": "no acceleration",
    "no-quit": "a window that cannot be closed",
    "no-reboot": "to stop instead of rebooting",
    "no-shutdown": "to stay when the guest shuts down",
    "no-user-config": "no configuration files of the user",
    "nodefaults": "no default devices",
    "nodefconfig": "no default configuration files",
    "nographic": "no window: serial port and monitor on the terminal",
    "numa": "a NUMA node, or the way between two",
    "object": "an object",
    "only-migratable": "devices that can migrate only",
    "option-rom": "an option ROM",
    "overcommit": "what the host may overcommit",
    "parallel": "a parallel port",
    "pflash": "a flash memory with firmware",
    "pidfile": "the file with the process's number",
    "portrait": "a turned window",
    "prom-env": "a variable of the firmware",
    "qmp": "a QMP monitor",
    "qmp-pretty": "a QMP monitor that indents",
    "readconfig": "a configuration file",
    "realtime": "the locking of memory",
    "redir": "a forwarded port",
    "rotate": "a turned window",
    "rtc": "the clock",
    "run-with": "what QEMU runs with on the host",
    "runas": "QEMU's user",
    "s": "a debugger's port",
    "sandbox": "QEMU's sandbox",
    "sd": "an SD card",
    "sdl": "an SDL window",
    "seed": "the seed of random numbers",
    "semihosting": "semihosting",
    "serial": "a serial port",
    "set": "a property of one device",
    "smb": "a folder shared over SMB",
    "smbios": "what SMBIOS says",
    "smp": "the processors",
    "snapshot": "disks whose changes are thrown away",
    "soundhw": "sound cards",
    "spice": "a SPICE display",
    "startdate": "the date at the start",
    "tb-size": "the size of the translation buffer",
    "tdf": "to make up for lost clock ticks",
    "tftp": "a folder served over TFTP",
    "tpmdev": "the backend of a TPM",
    "trace": "what QEMU traces",
    "usb": "a USB controller",
    "usbdevice": "a USB device",
    "uuid": "the UUID",
    "vga": "the video card",
    "virtfs": "a shared folder",
    "vnc": "a VNC display",
    "watchdog": "a watchdog",
    "watchdog-action": "what the watchdog does",
    "win2k-hack": "a help for installing Windows 2000",
    "xen-domid": "the number of a Xen domain",
}  # fmt: skip

_TYPED: Final = {"device": "driver", "object": "qom-type", "netdev": "type", "chardev": "backend", "audiodev": "driver"}
"""Options whose first property says what of the kind they are."""


def meaning(words: Sequence[str]) -> str:
    """What the option of these words is."""
    name = words[0].lstrip("-") if words[0].startswith("-") and words[0] != "-" else IMAGE
    known = MEANINGS.get(name, "an option of QEMU")
    kind = _kind(words[1], _TYPED[name]) if name in _TYPED and len(words) > 1 else ""
    return f"{known}, {kind}" if kind else known


def _kind(value: str, key: str) -> str:
    if value.startswith("{"):
        try:
            made = json.loads(value)
        except (ValueError, RecursionError):
            return ""
        return str(made.get(key, "")) if isinstance(made, dict) else ""
    parts = value.split(",")
    named = [part.removeprefix(f"{key}=") for part in parts if part.startswith(f"{key}=")]
    return named[0] if named else "" if "=" in parts[0] else parts[0]
