"""A command line made safe to start: the same hardware, and nothing of the host's in it.

``-drive file=/srv/a.qcow2,if=virtio`` becomes ``-drive file.driver=null-co,…,if=virtio``: an empty disk, so that no running
guest's image is touched. Networks, sockets, displays and files become ends that lead nowhere. What takes a device of the host
cannot be made safe, and is refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from qemuxml.cmdline.options import IMAGE, CommandLine, Option
from qemuxml.cmdline.render import escape
from qemuxml.cmdline.values import Values, parse
from qemuxml.record import record

MIB: Final = 1024 * 1024


TAKES: Final = " takes something of the host's"


class Untame(Exception):  # noqa: N818 - a verdict, not an error
    """The guest cannot be started without taking something of the host's; says what."""


Sizes = Callable[[str, int], int]
"""The bytes of an image, or at least; a stand-in of what is no image has no name. Raises Untame for one that is not there."""


@record(frozen=True)
class Manner:
    """How a guest is started: the sizes of its images, and whether ``blank`` files stand in for NEEDED ones."""

    sizes: Sizes
    blank: bool = False


def tame(line: CommandLine, manner: Manner) -> list[str]:
    """The words behind the binary. Raises Untame."""
    tamer = _Tamer(manner)
    return [word for option in line.options for word in tamer.words(option)]


class _Tamer:
    def __init__(self, manner: Manner) -> None:
        self._manner = manner

    def words(self, option: Option) -> Iterator[str]:
        """An option without the host in it; nothing, if it is about the host alone."""
        if option.name in _GONE:
            return
        if option.name in _REFUSED:
            raise Untame(f"{option.name} {option.text}{TAKES}")
        rule = _RULES.get(option.name)
        if rule is None:
            yield from (word.text for word in option.words)
            return
        made = rule(self, option)
        if made is not None:
            yield from made

    # -------------------------------------------------------------- images

    def _empty(self, path: str | None, floor: int) -> list[tuple[str, str]]:
        size = self._manner.sizes(path or "", floor)
        return [("driver", "null-co"), ("size", str(size)), ("read-zeroes", "on")]

    def drive(self, option: Option) -> list[str]:
        """``-drive``: what the guest sees of it stays."""
        values = parse(option.value) if option.value else Values((), option.span)
        kept = [(item.key, item.text) for item in values if item.key in _GUEST_SIDE_OF_DRIVE]
        path = values.peek("file") or values.peek("file.filename")
        medium = path or any(item.key.startswith("file.") for item in values)
        kind = values.peek("if") or ""
        return ["-drive", _joined([*kept, *(self._medium(path, FLOORS.get(kind, 1024 * MIB)) if medium else ())])]

    def _medium(self, path: str | None, floor: int) -> list[tuple[str, str]]:
        return [("format", "raw"), *((f"file.{key}", text) for key, text in self._empty(path, floor))]

    def short_drive(self, option: Option) -> list[str]:
        """``-hda``, ``-cdrom``, ``-pflash`` and their like, and an image without an option."""
        place = _SHORT[option.name]
        floor = FLOORS.get(dict(place).get("if", ""), 1024 * MIB)
        return ["-drive", _joined([*place, *(self._medium(option.text, floor) if option.text else ())])]

    def blockdev(self, option: Option) -> list[str]:
        """``-blockdev``: an end of the graph becomes empty, a format becomes raw."""
        values = parse(option.value) if option.value else Values((), option.span)
        driver = values.peek("driver") or ""
        kept = [(key, values.peek(key) or "") for key in ("node-name", "read-only") if key in values]
        if driver in ("throttle", "copy-on-read"):
            return ["-blockdev", _joined([(item.key, item.text) for item in values])]
        floor = 4 * MIB if "pflash" in (values.peek("node-name") or "") else 1024 * MIB
        if "file" in values:
            return ["-blockdev", _joined([("driver", "raw"), *kept, ("file", values.peek("file") or "")])]
        path = values.peek("filename") or values.peek("file.filename")
        if any(item.key.startswith("file.") for item in values):
            return ["-blockdev", _joined([("driver", "raw"), *kept, *((f"file.{k}", v) for k, v in self._empty(path, floor))])]
        return ["-blockdev", _joined([*kept, *self._empty(path, floor)])]

    def needed(self, option: Option) -> list[str] | None:
        """``-kernel`` and ``-bios``: no device; few boards do not start without, and of those most with an empty one."""
        return [option.name, os.devnull] if self._manner.blank else None

    # -------------------------------------------------------------- the host's ends

    def netdev(self, option: Option) -> list[str]:
        """``-netdev``: a network of its own, without a way out."""
        values = parse(option.value, "type") if option.value else Values((), option.span)
        if values.peek("type") == "hubport":
            return [word.text for word in option.words]
        return ["-netdev", _joined([("type", "user"), ("id", values.peek("id") or ""), ("restrict", "on")])]

    def nic(self, option: Option) -> list[str]:
        """``-nic``: the card stays."""
        if option.text == "none":
            return ["-nic", "none"]
        values = parse(option.value, "type") if option.value else Values((), option.span)
        kept = [
            (item.key, item.text) for item in values if item.key in ("model", "mac", "macaddr", "id", "name", "addr", "vectors")
        ]
        return ["-nic", _joined([("type", "user"), ("restrict", "on"), *kept])]

    def net(self, option: Option) -> list[str]:
        """``-net``: cards stay."""
        kind = option.text.partition(",")[0]
        return [word.text for word in option.words] if kind in ("nic", "none") else ["-net", "user,restrict=on"]

    def chardev(self, option: Option) -> list[str]:
        """``-chardev``: nobody at the other end."""
        values = parse(option.value, "backend") if option.value else Values((), option.span)
        mux = [("mux", "on")] if values.flag("mux") else []
        return ["-chardev", _joined([("backend", "null"), ("id", values.peek("id") or ""), *mux])]

    def port(self, option: Option) -> list[str]:
        """``-serial``, ``-parallel``, ``-debugcon``."""
        kept = option.text == "none" or option.text.startswith("chardev:")
        return [option.name, option.text if kept else "null"]

    def audio(self, option: Option) -> list[str]:
        """``-audiodev`` and ``-audio``: silence."""
        values = parse(option.value, "driver") if option.value else Values((), option.span)
        return [
            option.name,
            _joined([("driver", "none"), *((key, values.peek(key) or "") for key in ("id", "model") if key in values)]),
        ]

    def shared(self, option: Option) -> list[str]:
        """``-fsdev`` and ``-virtfs``: the root folder, for reading."""
        values = parse(option.value, "fsdriver") if option.value else Values((), option.span)
        kept = [(key, values.peek(key) or "") for key in ("id", "mount_tag") if key in values]
        made = [("fsdriver", "local"), *kept, ("path", "/"), ("security_model", "none"), ("readonly", "on")]
        return [option.name, _joined(made)]

    def object(self, option: Option) -> list[str] | None:
        """``-object``: memory without a file, randomness without a source; helpers of the host's are left out."""
        values = parse(option.value, "qom-type") if option.value else Values((), option.span)
        kind = values.peek("qom-type") or ""
        ident = ("id", values.peek("id") or "")
        if kind.startswith("memory-backend-"):
            return ["-object", _joined([("qom-type", "memory-backend-ram"), ident, ("size", values.peek("size") or "0")])]
        if kind.startswith("rng-"):
            return ["-object", _joined([("qom-type", "rng-builtin"), ident])]
        if kind in _REFUSED_OBJECTS:
            raise Untame(f"-object {kind}{TAKES}")
        gone = kind in _GONE_OBJECTS or kind.startswith(("tls-", "filter-", "colo-", "secret", "authz-"))
        return None if gone else [word.text for word in option.words]

    def device(self, option: Option) -> list[str] | None:
        """``-device``: one of the host's cannot be made safe; loaders only put files into memory."""
        values = parse(option.value, "driver") if option.value else Values((), option.span)
        driver = values.peek("driver") or ""
        if driver in ("loader", "guest-loader"):
            return None
        if driver.startswith(
            ("vfio-", "usb-host", "vhost-", "scsi-block", "scsi-generic", "ivshmem-doorbell", "tpm-", "virtio-input-host")
        ):
            raise Untame(f"-device {driver}{TAKES}")
        return [word.text for word in option.words]

    def set(self, option: Option) -> list[str] | None:
        """``-set``: of devices only."""
        return [word.text for word in option.words] if option.text.startswith("device.") else None

    def nographic(self, _: Option) -> list[str]:
        """``-nographic``: some boards leave out what belongs to a display."""
        return ["-machine", "graphics=off"]


def _joined(pairs: Iterable[tuple[str, str]]) -> str:
    return ",".join(f"{key}={escape(text)}" for key, text in pairs)


_GUEST_SIDE_OF_DRIVE: Final = frozenset(
    ["if", "index", "bus", "unit", "media", "id", "readonly", "serial", "addr", "cyls", "heads", "secs", "trans"]
)
FLOORS: Final = {"pflash": 4 * MIB, "floppy": 1440 * 1024, "mtd": 64 * MIB}
"""Bytes that an empty image has at least; a flash chip that wants another size says so."""

_SHORT: Final[Mapping[str, list[tuple[str, str]]]] = {
    IMAGE: [("index", "0"), ("media", "disk")],
    "-hda": [("index", "0"), ("media", "disk")],
    "-hdb": [("index", "1"), ("media", "disk")],
    "-hdc": [("index", "2"), ("media", "disk")],
    "-hdd": [("index", "3"), ("media", "disk")],
    "-cdrom": [("index", "2"), ("media", "cdrom")],
    "-fda": [("if", "floppy"), ("index", "0")],
    "-fdb": [("if", "floppy"), ("index", "1")],
    "-sd": [("if", "sd"), ("index", "0")],
    "-mtdblock": [("if", "mtd")],
    "-pflash": [("if", "pflash")],
}

_GONE: Final = frozenset(
    f"-{name}"
    for name in (
        "S", "s", "D", "L", "acpitable", "add-fd", "append", "chroot", "curses", "d", "daemonize", "dfilter",
        "display", "dtb", "dump-vmstate", "fw_cfg", "full-screen", "gdb", "incoming", "initrd", "iscsi", "jitdump",
        "loadvm", "mem-path", "mem-prealloc", "mon", "monitor", "name", "option-rom", "overcommit",
        "perfmap", "pidfile", "plugin", "preconfig", "qmp", "qmp-pretty", "qtest", "qtest-log", "run-with", "runas",
        "sandbox", "sdl", "seed", "semihosting", "semihosting-config", "shim", "smbios", "snapshot", "spice", "trace",
        "vnc", "writeconfig", "xen-attach", "xen-domid",
    )
)  # fmt: skip
"""Options about the host or this one launch."""

NEEDED: Final = ("-kernel", "-bios")
"""Options with a file that some boards do not start without."""

_REFUSED: Final = frozenset({"-readconfig", "-tpmdev"})
_REFUSED_OBJECTS: Final = frozenset(
    {"sev-guest", "sev-snp-guest", "tdx-guest", "s390-pv-guest", "cryptodev-vhost-user", "x-remote-object"}
)
_GONE_OBJECTS: Final = frozenset(
    {"input-linux", "input-barrier", "can-host-socketcan", "pr-manager-helper", "iommufd", "dbus-vmstate"}
)

_RULES: Final[Mapping[str, Callable[[_Tamer, Option], list[str] | None]]] = {
    **dict.fromkeys(_SHORT, _Tamer.short_drive),
    "-drive": _Tamer.drive,
    "-blockdev": _Tamer.blockdev,
    "-netdev": _Tamer.netdev,
    "-nic": _Tamer.nic,
    "-net": _Tamer.net,
    "-chardev": _Tamer.chardev,
    "-serial": _Tamer.port,
    "-parallel": _Tamer.port,
    "-debugcon": _Tamer.port,
    "-audiodev": _Tamer.audio,
    "-audio": _Tamer.audio,
    "-fsdev": _Tamer.shared,
    "-virtfs": _Tamer.shared,
    "-object": _Tamer.object,
    "-device": _Tamer.device,
    "-set": _Tamer.set,
    "-nographic": _Tamer.nographic,
    **dict.fromkeys(NEEDED, _Tamer.needed),
}
