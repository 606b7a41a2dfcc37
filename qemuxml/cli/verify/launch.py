"""Guests started paused, asked for their hardware, and ended: in QEMU itself, or by libvirt through ``virsh``."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from qemuxml.cli.jobs import undivided
from qemuxml.cli.verify.emulation import EMULATORS, emulated
from qemuxml.cli.verify.hardware import QTREE, QUESTIONS, Hardware, answers, read
from qemuxml.cli.verify.tame import NEEDED, Manner, Sizes, Untame, tame
from qemuxml.cmdline import options
from qemuxml.shell.start import Start

SECONDS: Final = 60
"""A guest that has not answered by then never will."""


class Unstarted(Exception):  # noqa: N818 - a verdict, not an error
    """A guest did not start; says why."""


def accelerated() -> bool:
    """Whether this machine has KVM."""
    return os.access("/dev/kvm", os.R_OK | os.W_OK)


def starts(original: Start, sizes: Sizes) -> Iterator[tuple[Start, Manner]]:
    """How a guest may be started: as it is, without KVM, and with empty files where its board insists on some."""
    plain = emulated(original)
    if accelerated() and [word.text for word in plain.words] != [word.text for word in original.words]:
        yield original, Manner(sizes)
    yield plain, Manner(sizes)
    if any(word.text.startswith("-") and f"-{word.text.lstrip('-')}" in NEEDED for word in plain.words):
        yield plain, Manner(sizes, blank=True)


# ------------------------------------------------------------------ by QEMU


def by_qemu(start: Start, manner: Manner) -> Hardware:
    """Start a guest as it is started, made safe and paused. Raises Untame, Unstarted or ConversionError."""
    line = options.parse(start.words, start.source)
    binary, kvm = _binary(line.emulator.text)
    command = [binary, *tame(line, manner), *(["-enable-kvm"] if kvm else [])]
    done = _run([*command, "-S", "-display", "none", "-qmp", "stdio"], "".join(f"{json.dumps(item)}\n" for item in _COMMANDS))
    found = answers(done.stdout)
    if len(found) < len(_COMMANDS) - 1:
        raise Unstarted(_reason(done.stderr, Path(binary).name) or f"{binary} ended without an answer")
    _, memory, processors, tree = found[:4]
    return read(tree or "", memory or {}, processors or [])


_COMMANDS: Final[list[dict[str, Any]]] = [
    *({"execute": name} for name in ("qmp_capabilities", *QUESTIONS)),
    {"execute": "human-monitor-command", "arguments": {"command-line": QTREE}},
    {"execute": "quit"},
]


_RENAMED: Final = {**EMULATORS, "qemu": "qemu-system-i386"}


def _binary(path: str) -> tuple[str, bool]:
    """The binary that is installed here for one that a line names, and whether its name asks for KVM."""
    name = path.rsplit("/", 1)[-1]
    for candidate in (path, name, _RENAMED.get(name, name)):
        found = shutil.which(candidate)
        if found:
            return found, name in EMULATORS and not found.endswith("kvm")
    raise Unstarted(f"{path} is not installed")


def _run(command: list[str], told: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - starting QEMU is what the command is for
            command, input=told, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise Unstarted(f"{command[0]} did not answer within {SECONDS} s") from None
    except OSError as error:
        raise Unstarted(f"{command[0]}: {error.strerror}") from None


def _reason(said: str, program: str) -> str:
    """The last thing that QEMU complains of: a warning is none, and neither are the hints below it."""
    lines = said.strip().splitlines()
    errors = [line for line in lines if line.startswith(f"{program}: ") and "warning: " not in line]
    return (errors or lines or [""])[-1]


# ------------------------------------------------------------------ by libvirt


def by_libvirt(xml: str, uri: str, manner: Manner) -> Hardware:
    """Let libvirt start a guest, made safe and paused. Raises Unstarted, Untame or ConversionError."""
    from qemuxml.cli.verify.safe import safe  # noqa: PLC0415 - what only this way needs

    if shutil.which("virsh") is None:
        raise Unstarted("virsh is not installed")
    with tempfile.TemporaryDirectory(prefix="qemuxml-") as folder:
        guest = safe(xml, Path(folder), manner)
        path = Path(folder) / "guest.xml"
        path.write_text(guest.xml, encoding="utf-8")
        Path(folder).chmod(0o755)  # libvirt's QEMU is another user
        return _asked(_embedded(Path(folder)) if uri == EMBEDDED else uri, guest.name, path)


EMBEDDED: Final = "qemu:///embed"


def _embedded(folder: Path) -> str:
    """A libvirt within virsh, with a folder of its own; no daemon keeps the guest's output for it."""
    settings = folder / "libvirt" / "etc" / "qemu.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text('stdio_handler = "file"\n', encoding="utf-8")
    return f"{EMBEDDED}?root={folder / 'libvirt'}"


_MARK: Final = "qemuxml-mark"


def _asked(uri: str, name: str, path: Path) -> Hardware:
    """One virsh for all: when it ends, an embedded libvirt ends too, and a daemon ends the guest."""
    ask = f"qemu-monitor-command {name}"
    questions = [f"{ask} {shlex.quote(json.dumps({'execute': question}))}" for question in QUESTIONS]
    create = "create --paused" if uri.startswith(EMBEDDED) else "create --paused --autodestroy"  # which an embedded one cannot
    script = [f"{create} {path}", *questions, f"{ask} --hmp {shlex.quote(QTREE)}", f"destroy {name}"]
    try:
        done = _run(["virsh", "-q", "-c", uri, f"; echo {_MARK}; ".join(script)], "")
    except BaseException:
        with undivided():
            _end(uri, name, path.parent)
        raise
    said = done.stdout.split(_MARK)
    results: list[Any] = [*(answers(part.strip()) for part in said[1:3])]
    if len(said) < 4 or not all(results):
        # virsh goes on after a failure: what it says first is why.
        errors = [line.removeprefix("error: ") for line in done.stderr.splitlines() if line.startswith("error: ")]
        raise Unstarted("; ".join(errors[:2]) or "libvirt is silent")
    return read(said[3], results[0][0] or {}, results[1][0] or [])


def _end(uri: str, name: str, folder: Path) -> None:
    """Leave nothing behind a virsh that was stopped: no guest, and no QEMU that an embedded libvirt looked at."""
    if uri.startswith(EMBEDDED):
        marks = (str(folder).encode(), f"guest={name},".encode())
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (process / "cmdline").read_bytes()
                if any(mark in command for mark in marks):
                    os.kill(int(process.name), signal.SIGKILL)
    else:
        destroy = ["virsh", "-q", "-c", uri, f"destroy {name}"]
        subprocess.run(destroy, capture_output=True, start_new_session=True, timeout=SECONDS, check=False)  # noqa: S603


__all__ = ["Unstarted", "Untame", "by_libvirt", "by_qemu"]
