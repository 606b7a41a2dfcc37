"""Scripts of ``to-native --script`` run with the real QEMU and the real helpers: the guest starts, and nothing is left behind."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import qemuxml

QEMU = shutil.which("qemu-system-x86_64")
pytestmark = [pytest.mark.live, pytest.mark.skipif(QEMU is None, reason="qemu-system-x86_64 is not installed")]

PATIENCE = 40
"""Seconds that a guest may take to start or to end on a busy machine."""
KEPT = {"log", "web-tpm", "web_VARS.fd"}
"""What outlives a guest: our own log of the script, and its state."""
OVMF = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")


def guest(devices: str = "", firmware: str = "") -> str:
    return f"""<domain type='qemu'><name>web</name><memory unit='MiB'>128</memory><vcpu>1</vcpu>
    <memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>
    <os><type arch='x86_64' machine='q35'>hvm</type>{firmware}</os><features><acpi/></features>
    <devices><emulator>{QEMU}</emulator>{devices}</devices></domain>"""


def needs(name: str) -> None:
    folders = "/usr/bin:/usr/libexec:/usr/lib/qemu:/usr/lib"
    if shutil.which(name, path=folders) is None:
        pytest.skip(f"{name} is not installed")


class Guest:
    """A guest that a script has started, by its monitor."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(str(path))
        self.stream = self.socket.makefile("rw")
        self.stream.readline()
        self.ask("qmp_capabilities")

    def ask(self, command: str) -> Any:
        self.stream.write(json.dumps({"execute": command}) + "\n")
        self.stream.flush()
        while True:
            answer = json.loads(self.stream.readline())
            if "return" in answer:
                return answer["return"]

    def close(self) -> None:
        self.stream.close()
        self.socket.close()


def mine(folder: Path) -> list[str]:
    """The commands of all processes that have to do with the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if str(folder) in command or (process / "cwd").resolve() == folder:
                found.append(command)
        except OSError:
            continue
    return found


def until(condition: Any, what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


@contextmanager
def running(xml: str, folder: Path, end: signal.Signals | None = None) -> Iterator[Guest]:
    """Run the script of a guest in a folder; end the guest by its monitor or the script by a signal, and look at what is left."""
    (folder / "guest.sh").write_text(qemuxml.to_native(xml, script=True, state_dir=str(folder)))
    before = {path.name for path in folder.iterdir()}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(["sh", "guest.sh"], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            until(lambda: (folder / "web.qmp").exists() or process.poll() is not None, "no monitor")
            assert process.poll() is None, (folder / "log").read_text()
            made = Guest(folder / "web.qmp")
            assert made.ask("query-status")["status"] == "running"
            yield made
            if end is None:
                made.ask("quit")
            else:
                process.send_signal(end)
            made.close()
            assert process.wait(PATIENCE) == (0 if end is None else 128 + end)
        finally:
            process.terminate()  # of no effect where it has ended; a killed script could not end its guest
            process.wait(PATIENCE)
    until(lambda: not mine(folder), f"left behind: {mine(folder)}")
    assert {path.name for path in folder.iterdir()} - before <= KEPT


@pytest.mark.parametrize("end", [None, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_guest_alone(tmp_path: Path, end: signal.Signals | None) -> None:
    with running(guest(), tmp_path, end):
        assert any("qemu-system-x86_64" in command for command in mine(tmp_path))


def test_swtpm(tmp_path: Path) -> None:
    needs("swtpm")
    with running(guest("<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"), tmp_path, signal.SIGTERM) as made:
        assert [tpm["model"] for tpm in made.ask("query-tpm")] == ["tpm-crb"]
    assert list((tmp_path / "web-tpm").iterdir()), "the state of the TPM outlives the guest"


def test_virtiofsd(tmp_path: Path) -> None:
    needs("virtiofsd")
    (tmp_path / "shared").mkdir()
    share = f"<driver type='virtiofs'/><source dir='{tmp_path}/shared'/><target dir='shared'/>"
    with running(guest(f"<filesystem>{share}</filesystem>"), tmp_path):
        assert any("virtiofsd" in command for command in mine(tmp_path))


@pytest.mark.parametrize("kind", ["user", "vhostuser"])
def test_passt(tmp_path: Path, kind: str) -> None:
    needs("passt")
    forward = f"<portForward proto='tcp' address='127.0.0.1'><range start='{free_port()}' to='22'/></portForward>"
    card = f"<interface type='{kind}'><model type='virtio'/><backend type='passt'/>{forward}</interface>"
    tmp_path.chmod(0o777)  # passt gives up root's rights before it makes its socket
    with running(guest(card), tmp_path):
        assert any("passt" in command and "--one-off" in command for command in mine(tmp_path))


def test_uefi_with_variables(tmp_path: Path) -> None:
    if not OVMF.exists():
        pytest.skip("OVMF is not installed")
    firmware = f"<loader readonly='yes' type='pflash'>{OVMF}</loader><nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'/>"
    with running(guest(firmware=firmware), tmp_path) as made:
        assert "libvirt-pflash1-storage" in {node["node-name"] for node in made.ask("query-named-block-nodes")}
    (tmp_path / "web_VARS.fd").write_bytes((tmp_path / "web_VARS.fd").read_bytes()[:-1] + b"x")
    with running(guest(firmware=firmware), tmp_path):
        assert (tmp_path / "web_VARS.fd").read_bytes()[-1:] == b"x", "variables are made once"


def test_vnc_password(tmp_path: Path) -> None:
    port = free_port(5900)
    display = f"<graphics type='vnc' passwd='hunter2' port='{port}' listen='127.0.0.1'/>"
    script = qemuxml.to_native(guest(display), script=True, state_dir=str(tmp_path))
    (tmp_path / "first.sh").write_text(script)
    done = subprocess.run(["sh", "first.sh"], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, "/web-vnc-password.secret, without a newline" in done.stderr) == (1, True)
    (tmp_path / "web-vnc-password.secret").write_text("hunter2")
    with running(guest(display), tmp_path):
        assert not any("hunter2" in command for command in mine(tmp_path))
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as display_socket:
            version = display_socket.recv(12)
            display_socket.sendall(version)
            assert display_socket.recv(2) == b"\x01\x02", "one way in: by a password"


def free_port(first: int = 20000) -> int:
    for port in range(first, first + 1000):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)):
                return port
    pytest.skip("no port is free")
