"""Scripts of ``to-native --script`` run with the real QEMU and the real helpers: the guest starts, and nothing is left behind."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from realprograms import PATIENCE, SYSTEM, needs, until

import qemuxml

pytestmark = [pytest.mark.live, needs("qemu-system-x86_64")]

KEPT = {"log", "web-tpm", "web_VARS.fd"}
"""What outlives a guest: our own log of the script, and its state."""
OVMF = "/usr/share/OVMF/OVMF_CODE_4M.fd"


def guest(devices: str = "", firmware: str = "") -> str:
    return f"""<domain type='qemu'><name>web</name><memory unit='MiB'>128</memory><vcpu>1</vcpu>
    <memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>
    <os><type arch='x86_64' machine='q35'>hvm</type>{firmware}</os><features><acpi/></features>
    <devices><emulator>/usr/bin/qemu-system-x86_64</emulator>{devices}</devices></domain>"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with SYSTEM.folder() as made:
        yield made


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
    found, inside = [], SYSTEM.inside(folder)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if inside in command or str((process / "cwd").readlink()) == inside:
                found.append(command)
        except OSError:
            continue
    return found


@contextmanager
def running(xml: str, folder: Path, end: signal.Signals | None = None) -> Iterator[Guest]:
    """Run the script of a guest in a folder; end the guest by its monitor or the script by a signal, and look at what is left."""
    (folder / "guest.sh").write_text(qemuxml.to_native(xml, script=True, state_dir=SYSTEM.inside(folder)))
    before = {path.name for path in folder.iterdir()}
    with (folder / "log").open("w") as log:
        process = SYSTEM.start(["sh", "guest.sh"], folder, log)
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
def test_a_guest_alone(folder: Path, end: signal.Signals | None) -> None:
    with running(guest(), folder, end):
        assert any("qemu-system-x86_64" in command for command in mine(folder))


def test_a_guest_that_runs_is_not_started_again(folder: Path) -> None:
    SYSTEM.need("flock")
    with running(guest(), folder), (folder / "errors").open("w+") as errors:
        assert SYSTEM.start(["sh", "guest.sh"], folder, errors).wait(PATIENCE) == 1
        errors.seek(0)
        assert errors.read() == "guest.sh: the guest runs already\n"
        assert {"web.qmp", "web.lock"} <= {path.name for path in folder.iterdir()}
        (folder / "errors").unlink()


def test_swtpm(folder: Path) -> None:
    SYSTEM.need("swtpm")
    with running(guest("<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"), folder, signal.SIGTERM) as made:
        assert [tpm["model"] for tpm in made.ask("query-tpm")] == ["tpm-crb"]
    assert list((folder / "web-tpm").iterdir()), "the state of the TPM outlives the guest"
    assert "cleanly" not in (folder / "log").read_text(), "the guest shuts it down in order, before swtpm ends"


def test_virtiofsd(folder: Path) -> None:
    SYSTEM.need("virtiofsd")
    (folder / "shared").mkdir()
    share = f"<driver type='virtiofs'/><source dir='{SYSTEM.inside(folder)}/shared'/><target dir='shared'/>"
    with running(guest(f"<filesystem>{share}</filesystem>"), folder):
        assert any("virtiofsd" in command for command in mine(folder))


@pytest.mark.parametrize("kind", ["user", "vhostuser"])
def test_passt(folder: Path, kind: str) -> None:
    SYSTEM.need("passt")
    forward = f"<portForward proto='tcp' address='127.0.0.1'><range start='{free_port()}' to='22'/></portForward>"
    card = f"<interface type='{kind}'><model type='virtio'/><backend type='passt'/>{forward}</interface>"
    with running(guest(card), folder):
        assert any("passt" in command and "--one-off" in command for command in mine(folder))


def test_uefi_with_variables(folder: Path) -> None:
    SYSTEM.need(OVMF)
    firmware = f"<loader readonly='yes' type='pflash'>{OVMF}</loader><nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'/>"
    with running(guest(firmware=firmware), folder) as made:
        assert "libvirt-pflash1-storage" in {node["node-name"] for node in made.ask("query-named-block-nodes")}
    (folder / "web_VARS.fd").write_bytes((folder / "web_VARS.fd").read_bytes()[:-1] + b"x")
    with running(guest(firmware=firmware), folder):
        assert (folder / "web_VARS.fd").read_bytes()[-1:] == b"x", "variables are made once"


def test_vnc_password(folder: Path) -> None:
    port = free_port(5900)
    display = f"<graphics type='vnc' passwd='hunter2' port='{port}' listen='127.0.0.1'/>"
    script = qemuxml.to_native(guest(display), script=True, state_dir=SYSTEM.inside(folder))
    (folder / "first.sh").write_text(script)
    with (folder / "errors").open("w+") as errors:
        assert SYSTEM.start(["sh", "first.sh"], folder, errors).wait(PATIENCE) == 1
        errors.seek(0)
        assert "/web-vnc-password.secret, without a newline" in errors.read()
    (folder / "web-vnc-password.secret").write_text("hunter2")
    with running(guest(display), folder):
        assert not any("hunter2" in command for command in mine(folder))
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
