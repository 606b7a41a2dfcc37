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

FIXTURES = Path(__file__).parents[1] / "fixtures"
LINE, XML, OLD_XML = (str(FIXTURES / name) for name in ("debian-server.args", "debian-server.modern.xml", "games.xml"))
RUNS = 20
RECORDS = 1000

BARE = [sys.executable, "-c", "pass"]
QEMUXML = [sys.executable, "-c", "from qemuxml.cli import main; main()"]
"""What the installed command is."""
COMMANDS = {
    "--version": (["--version"], 3),
    "--help": (["--help"], 3),
    "from-native --help": (["from-native", "--help"], None),
    "from-native": (["from-native", LINE], 8),
    "from-native --profile legacy": (["from-native", "--profile", "legacy", LINE], 8),
    "to-native": (["to-native", XML], 8),
    "to-native --profile manual": (["to-native", "--profile", "manual", OLD_XML], 8),
}
"""The words of each, and how many times a bare Python it may take."""


def processor_times(commands: list[list[str]]) -> list[float]:
    """Seconds that the best of some runs of each took of the processors; they take turns, as a machine's speed drifts."""
    best = [_once(command) for command in commands]  # which compiles the modules, as an installation does
    for _ in range(RUNS):
        best = [min(before, _once(command)) for before, command in zip(best, commands, strict=True)]
    return best


def _once(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command, check=False, **streams)  # type: ignore[call-overload]
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
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    bare, *taken = processor_times([BARE, *([*QEMUXML, *words] for words, _ in COMMANDS.values())])
    say(f"{'python -c pass':36} {bare * 1000:7.1f} ms")
    for (name, (_, limit)), seconds in zip(COMMANDS.items(), taken, strict=True):
        bound = f"  (at most {limit})" if limit else ""
        say(f"qemuxml {name:28} {seconds * 1000:7.1f} ms  {seconds / bare:5.1f} x python{bound}")
    if shutil.which("virsh"):
        words = ("--version", "help")
        for word, seconds in zip(words, processor_times([["virsh", word] for word in words]), strict=True):
            say(f"virsh {word:30} {seconds * 1000:7.1f} ms  {seconds / bare:5.1f} x python")
    with tempfile.TemporaryDirectory() as folder:
        records = Path(folder) / "records.ndjson"
        record = json.dumps({"argv": Path(LINE).read_text(encoding="utf-8")})
        records.write_text(f"{record}\n" * RECORDS, encoding="utf-8")
        one, two = batch_time(1, records), batch_time(2, records)
        say(f"batch: {RECORDS} records in {one:.2f} s; --jobs 2 is {one / two:.2f} times as fast on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
