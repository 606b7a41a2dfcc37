"""How long do the commands take, beside a bare ``python -c pass``? A benchmark: ``python tests/benchmark_startup.py``.

It prints ratios of processor time (a busy machine says less of the clock's), and of wall time for ``batch --jobs 2``; beside
``virsh``, where that is installed. It is no part of the suite.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LINE = "/usr/bin/qemu-system-x86_64 -M q35 -m 2G -smp 2 -drive file=/a.qcow2,if=virtio,format=qcow2 -nic user,model=virtio\n"
XML = "<domain type='kvm'><name>a</name><memory>65536</memory><os><type arch='x86_64' machine='q35'>hvm</type></os></domain>\n"
RUNS = 7
RECORDS = 400

QEMUXML = [sys.executable, "-m", "qemuxml"]
LIMITS = {"--version": 3, "--help": 3, "from-native": 8, "to-native": 8}
"""Times a bare Python that each may take."""


def processor_time(command: list[str], told: str = "") -> float:
    """Seconds that the best of some runs took of the processors."""
    return min(_once(command, told) for _ in range(RUNS))


def _once(command: list[str], told: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=told, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def batch_time(jobs: int, records: Path) -> float:
    """Seconds of the clock for all records."""
    begin = time.perf_counter()
    with records.open("rb") as stream:
        subprocess.run([*QEMUXML, "batch", "--jobs", str(jobs)], stdin=stream, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Print the table."""
    # The modules are compiled once, as an installation does it.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    bare = processor_time([sys.executable, "-c", "pass"])
    say(f"{'python -c pass':32} {bare * 1000:7.1f} ms")
    commands = {
        "--version": (["--version"], ""),
        "--help": (["--help"], ""),
        "from-native --help": (["from-native", "--help"], ""),
        "from-native": (["from-native", "-q", "-"], LINE),
        "to-native": (["to-native", "-q", "-"], XML),
    }
    for name, (words, told) in commands.items():
        taken = processor_time([*QEMUXML, *words], told)
        limit = f"  (at most {LIMITS[name]})" if name in LIMITS else ""
        say(f"qemuxml {name:24} {taken * 1000:7.1f} ms  {taken / bare:5.1f} x python{limit}")
    if shutil.which("virsh"):
        for words in (["--version"], ["help"]):
            say(f"virsh {words[0]:26} {processor_time(['virsh', *words]) * 1000:7.1f} ms")
    with tempfile.TemporaryDirectory() as folder:
        records = Path(folder) / "records.ndjson"
        records.write_text(f"{json.dumps({'argv': LINE})}\n" * RECORDS, encoding="utf-8")
        one, two = batch_time(1, records), batch_time(2, records)
        say(f"batch: {RECORDS} records in {one:.2f} s; --jobs 2 is {one / two:.2f} times as fast on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
