"""Options about one launch, not about the guest: ``-S``, ``-pidfile``, ``-monitor`` leave no trace in domain XML.

libvirt's own lines have them all; ``write_…`` gives them back in their places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words, escape
from qemuxml.common import globals  # noqa: A004 - the module is named for its option
from qemuxml.domain import boards
from qemuxml.later import pattern
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Claim
from qemuxml.mapping.ledger import Claimed, Fate, dropped, implied
from qemuxml.mapping.props import json

_IMPLIED = {
    "-S": "libvirt starts every guest paused, and resumes it",
    "-nodefaults": "libvirt never asks QEMU for its default devices",
    "-no-user-config": "libvirt never lets QEMU read configuration files",
    "-nodefconfig": "libvirt never lets QEMU read configuration files",
    "-monitor": "libvirt has a monitor of its own",
}
_DROPPED = {
    "-pidfile": "the process's number is libvirt's business",
    "-incoming": "a migration that arrived at that launch",
    "-daemonize": "libvirt puts QEMU into the background by itself",
}
_UNKNOWN_THEN = frozenset({"-daemonize", "-no-user-config"})


def claim(option: Option, reading: Reading) -> Claimed | None:
    """Any of these options; the releases with the old command did not know -daemonize and -no-user-config, and passed them."""
    if option.name in _UNKNOWN_THEN and reading.has("passes-newer"):
        return None
    if option.name in _IMPLIED:
        return Claimed((option,), Fate.IMPLIED, (), _IMPLIED[option.name])
    return Claimed((option,), Fate.DROPPED, (), _DROPPED[option.name])


CLAIMS: dict[str, Claim] = dict.fromkeys((*_IMPLIED, *_DROPPED), claim)


# ------------------------------------------------------------------ options of today

_UNASKED = {
    "-no-shutdown": "libvirt decides what happens when the guest powers off",
    "-msg": "libvirt asks for times in the log",
    "-sandbox": "libvirt filters QEMU's system calls",
    "-add-fd": "a descriptor that was handed over at that launch",
}
_OF_ONE_LAUNCH = {
    "-D": "libvirt keeps the log",
    "-d": "about what was logged at that launch",
    "-trace": "about what was traced at that launch",
    "-runas": "libvirt chooses the user that QEMU runs as",
    "-user": "libvirt chooses the user that QEMU runs as",
    "-chroot": "libvirt confines QEMU by itself",
    "-loadvm": "the state that the guest had at that launch",
    "-g": "the size of a window at that launch",
    "-preconfig": "about the start of that launch",
    "-perfmap": "about the host's profiling",
    "-jitdump": "about the host's profiling",
    "-enable-sync-profile": "about the host's profiling",
    "-echr": "the escape of a terminal at that launch",
    "-id": "the number that Proxmox has for the guest",
    "-writeconfig": "the options of that launch were written to a file",
    "-enable-fips": "about the host's cryptography",
    "-enable-kqemu": "an accelerator that no QEMU has any more",
    "-kernel-kqemu": "an accelerator that no QEMU has any more",
    "-enable-hax": "an accelerator that no QEMU has any more, and libvirt no domain of: the guest is emulated",
    **dict.fromkeys(("-no-quit", "-alt-grab", "-ctrl-grab", "-no-frame", "-show-cursor"), "about a window of that launch"),
    **dict.fromkeys(("-portrait", "-rotate"), "about a window of that launch"),
    "-singlestep": "how QEMU emulated at that launch",
    "-no-kvm-irqchip": "a choice that today's KVM does not leave",
    "-no-kvm-pit": "a choice that today's KVM does not leave",
    "-no-kqemu": "an accelerator that no QEMU has any more",
}
_WITH_RESOLUTION: Final = boards.PPC | {"sparc", "sparc64", "m68k"}
"""Architectures whose firmware and cards begin with the resolution and the depth of ``-g``; the others take no such option."""
_MONITOR = "libvirt has a monitor of its own"


def claim_today(option: Option, reading: Reading) -> Claimed | None:
    """What libvirt does unasked, and what was about one launch."""
    if option.name in _UNASKED:
        return implied(option, _UNASKED[option.name])
    if option.name == "-g" and (reading.domain.os.arch or "") in _WITH_RESOLUTION:
        return None
    return dropped(option, _OF_ONE_LAUNCH[option.name])


def claim_master_key(option: Option, reading: Reading) -> Claimed | None:
    """``-object secret,id=masterKey0``: libvirt encrypts with it what it hands over."""
    values = reading.values(option, "qom-type")
    return implied(option, "libvirt's own key") if values.peek("id") == MASTER_KEY else None


def claim_monitor(option: Option, reading: Reading) -> Claimed:
    """``-mon chardev=charmonitor``, ``-monitor stdio``, ``-qmp unix:…``, with the character device that is its alone."""
    name = reading.values(option, "chardev").peek("chardev") if option.name == "-mon" else option.text.removeprefix("chardev:")
    chardev = reading.referring("-chardev", "id", name or "")
    options = (option,) if chardev is None or _is_shared(name or "", reading) else (option, chardev)
    if name in ("charmonitor", "none"):
        return Claimed(options, Fate.IMPLIED, (), _MONITOR)
    return Claimed(options, Fate.REPLACED, (), _MONITOR)


def claim_no_display(option: Option, _: Reading) -> Claimed | None:
    """``-display none``; the others are displays."""
    return implied(option, "libvirt opens no window by itself") if option.text == "none" else None


def _is_shared(chardev: str, reading: Reading) -> bool:
    """Whether a device speaks through a monitor's character device too (``mux=on``)."""
    if reading.referring("-device", "chardev", chardev) is not None:
        return True
    return f"chardev:{chardev}" in reading.once(_ports)


def _ports(reading: Reading) -> set[str]:
    """The host sides of the ports of the board."""
    return {item.text for option in ("-serial", "-parallel", "-debugcon") for item in reading.ledger.named(option)}


_FIRMWARE: Final = pattern(r"/usr/(?:share/(?:qemu|qemu-firmware|seabios|seavgabios|ipxe/qemu)|lib/ipxe/qemu)/*")
"""Folders in which the distributions' QEMU looks by itself."""


def claim_folder(option: Option, _: Reading) -> Claimed | None:
    """``-L DIR``, where QEMU looks for its firmware first."""
    return implied(option, "QEMU looks there by itself") if _FIRMWARE.fullmatch(option.text) else None


def claim_global(option: Option, reading: Reading) -> Claimed | None:
    """``-global migration.x-postcopy-ram=on``."""
    found = globals.read(option, reading)
    if found is None or not found.name.startswith("migration."):
        return None
    return dropped(option, "how the guest moved to another host at that launch")


def claim_credentials(option: Option, reading: Reading) -> Claimed | None:
    """``-object tls-creds-x509,id=tls0`` that no option names: a monitor may have, for a migration."""
    name = reading.values(option, "qom-type").peek("id") or ""
    named = any(name in other.text for other in reading.line.options if other is not option and other.value is not None)
    return None if named else dropped(option, "credentials that no option of the line uses")


MODERN: Final[Mapping[str, Claim]] = {
    "-L": claim_folder,
    **dict.fromkeys((*_UNASKED, *_OF_ONE_LAUNCH), claim_today),
    **dict.fromkeys(("-mon", "-monitor", "-qmp", "-qmp-pretty"), claim_monitor),
    "-object secret": claim_master_key,
    **{f"-object tls-creds-{kind}": claim_credentials for kind in ("x509", "psk", "anon")},
    "-global": claim_global,
    "-display": claim_no_display,
}


# ------------------------------------------------------------------ libvirt's plumbing

MASTER_KEY: Final = "masterKey0"
STATE = "/var/lib/libvirt/qemu"
"""Where libvirt's system daemon keeps what belongs to running guests."""


def state_directory(writing: Writing) -> str:
    """The guest's own folder; -1 is the number of a guest that does not run yet."""
    return f"{STATE}/domain--1-{short_name(writing.domain.identity.name or '')}"


def own_file(name: str, writing: Writing) -> str:
    """A file of the guest's own: in the folder that libvirt makes for it, or where a person's line keeps such files."""
    return f"{state_directory(writing)}/{name}" if writing.by_libvirt else writing.state_path(f"-{name}")


def short_name(name: str) -> str:
    """The first 20 characters of a name: libvirt's folders are named so."""
    return name[:20]


def write_name(writing: Writing) -> Iterator[Words]:
    """``-name guest=web,debug-threads=on``."""
    yield "-name", f"guest={escape(writing.domain.identity.name or '')},debug-threads=on"


def write_start(writing: Writing) -> Iterator[Words]:
    """``-S`` and the master key, with which libvirt hands secrets over; a person's guest runs at once."""
    if writing.by_libvirt or writing.plumbing.paused:
        yield ("-S",)
    if writing.by_libvirt:
        path = f"{state_directory(writing)}/master-key.aes"
        yield "-object", json([("qom-type", "secret"), ("id", MASTER_KEY), ("format", "raw"), ("file", path)])


def write_uuid(writing: Writing) -> Iterator[Words]:
    """``-uuid``; where libvirt would draw one, ours follows from the guest's name."""
    identity = writing.domain.identity
    if identity.uuid is None:
        writing.note("<uuid> is missing: the guest's number follows from its name")
    yield "-uuid", identity.uuid or str(uuid5(NAMESPACE_URL, f"uuid:{identity.name}"))


def write_monitor(writing: Writing) -> Iterator[Words]:
    """No configuration files, no default devices, and a monitor."""
    yield ("-no-user-config",)
    yield ("-nodefaults",)
    if writing.by_libvirt:
        yield "-chardev", f"socket,id=charmonitor,fd={writing.descriptor()},server=on,wait=off"
    else:
        yield "-chardev", f"socket,id=charmonitor,path={escape(writing.state_path('.qmp'))},server=on,wait=off"
    yield "-mon", "chardev=charmonitor,id=monitor,mode=control"


def write_passed(writing: Writing) -> Iterator[Words]:
    """The words of ``<qemu:commandline>``."""
    if writing.domain.commandline:
        for arg in writing.domain.commandline.args:
            yield (arg.value or "",)


def write_sandbox(writing: Writing) -> Iterator[Words]:
    """What libvirt forbids its QEMU, by a filter of system calls that Linux has: not on macOS, where HVF is."""
    if writing.by_libvirt and writing.domain.identity.type != "hvf":
        yield "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"


def write_end(_: Writing) -> Iterator[Words]:
    """Times in the log."""
    yield "-msg", "timestamp=on"
