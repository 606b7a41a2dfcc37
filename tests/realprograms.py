"""Where the real QEMU and libvirt are: installed on this host, or in a folder with a system of its own, beside the project.

Such a folder is named by ``QEMUXML_LIVE``; its ``enter.sh`` runs a command in it, with the processes of this host in sight.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

ENTER = Path(__file__).parent.parent.parent / "shared" / "live" / "enter.sh"
LIVE = Path(os.environ.get("QEMUXML_LIVE", "/tmp/qemuxml-live"))  # noqa: S108 - where such a folder is if nothing names it
FOLDERS = "/usr/bin:/usr/libexec:/usr/lib/qemu:/usr/lib:/usr/local/bin"
"""Where programs are; virtiofsd is in none that is searched."""
PATIENCE = 40
"""Seconds that a guest may take to start or to end on a busy machine."""


def _enters() -> bool:
    """Whether a command runs in the folder: it takes root and a kernel that lets it mount."""
    if os.geteuid() or not ENTER.exists() or not (LIVE / "usr" / "bin").is_dir():
        return False
    return subprocess.run([ENTER, "true"], capture_output=True, timeout=PATIENCE, check=False).returncode == 0


class System:
    """A root with programs, as this host sees it, and what runs a command there."""

    def __init__(self) -> None:
        self.entered = shutil.which("qemu-system-x86_64") is None and _enters()
        self.root = LIVE if self.entered else Path("/")

    def has(self, *programs: str) -> bool:
        return not self.lacking(*programs)

    def lacking(self, *programs: str) -> list[str]:
        """The programs and files that are not there."""
        return [name for name in programs if not (self.path(name).exists() if name.startswith("/") else self._found(name))]

    def _found(self, program: str) -> bool:
        return any(self.path(f"{folder}/{program}").exists() for folder in FOLDERS.split(":"))

    def need(self, *programs: str) -> None:
        """Skip the test where a program is missing."""
        lacking = self.lacking(*programs)
        if lacking:
            pytest.skip(f"not installed: {', '.join(lacking)}")

    def path(self, name: str) -> Path:
        """A file there, as this host names it."""
        return self.root / name.lstrip("/")

    def inside(self, path: Path) -> str:
        """A file as the programs name it."""
        return f"/{path.relative_to(self.root)}"

    def start(self, words: list[str], folder: Path, log: IO[str]) -> subprocess.Popen[bytes]:
        """Run a command in a folder; the process is the command itself, so that it gets what signals it is sent."""
        enter = [str(ENTER)] if self.entered else []
        command = [*enter, "env", "-C", self.inside(folder), *words]
        return subprocess.Popen(command, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def stand_in(self, program: str, folder: Path) -> None:
        """Put a program into a folder of this host that runs the one there."""
        enter = f"{ENTER} /usr/bin/{program}" if self.entered else shutil.which(program)
        (folder / program).write_text(f'#!/bin/sh\nexec {enter} "$@"\n')
        (folder / program).chmod(0o755)

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """An empty folder with a short name (of a socket, 107 bytes count), which every user may write to."""
        with tempfile.TemporaryDirectory(dir=self.path("/tmp"), prefix="q") as name:  # noqa: S108 - in that root
            folder = Path(name)
            folder.chmod(0o777)  # passt gives up root's rights before it makes its socket
            yield folder


LIBVIRT = """
user = "root"
group = "root"
security_driver = "none"
namespaces = []
cgroup_controllers = []
remember_owner = 0
stdio_handler = "file"
"""
"""Settings of a libvirt of our own, which lives as long as its one guest, and asks nothing of the one of this host."""


def libvirt(folder: Path) -> str:
    """The root of a libvirt of our own in a folder, as the programs name it: for ``qemu:///embed?root=``."""
    (folder / "libvirt" / "etc").mkdir(parents=True)
    (folder / "libvirt" / "etc" / "qemu.conf").write_text(LIBVIRT)
    return SYSTEM.inside(folder / "libvirt")


SYSTEM = System()


def needs(*programs: str) -> pytest.MarkDecorator:
    """A mark that skips the tests of a module where programs are missing."""
    lacking = SYSTEM.lacking(*programs)
    return pytest.mark.skipif(bool(lacking), reason=f"not installed: {', '.join(lacking)}")


def until(condition: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait for something; ``what`` is the failure if it does not come."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
