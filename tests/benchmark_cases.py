"""How long does one conversion take? A benchmark: ``python tests/benchmark_cases.py [RUNS]``.

All cases of a kind, in one process: the reference cases where there are any, else the project's own guests. It prints the
median of the processor time, and every case that takes over ten times the median of the cases of its size. Each is
converted RUNS times (5), and the best of them counts: other programs on the machine only ever add to it.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from statistics import median

import pytest
from test_oracle import CASES

from qemuxml import ConversionError, from_native, to_native

OWN = Path(__file__).parents[1] / "fixtures"
FOLDER = CASES / "modern" if CASES else OWN
LIMITS = {"from-native": 6, "to-native": 4}
"""Milliseconds that the median may have."""
FAR = 10
"""Times the median of its size that a single case may take."""


def texts(direction: str) -> Mapping[str, str]:
    """What is converted, by the names of the files."""
    pattern = "*.args" if direction == "from-native" else "*.xml"
    known = {path.name.split(".")[0] for path in FOLDER.glob("*.args")}
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted(FOLDER.glob(pattern))
        # Of the XML that stands in three forms the shortest name is the one that a person wrote.
        if direction == "from-native" or (path.name.count(".") == 1 and path.stem in known)
    }


def converted(direction: str, text: str) -> None:
    """Convert once; a refusal takes its time too."""
    convert: Callable[[str], str] = from_native if direction == "from-native" else partial(to_native, plumbing="libvirt")
    try:
        convert(text)
    except ConversionError:
        return


def milliseconds(direction: str, text: str, runs: int) -> float:
    """The best of some runs."""
    best = float("inf")
    for _ in range(runs):
        begin = time.process_time_ns()
        converted(direction, text)
        best = min(best, time.process_time_ns() - begin)
    return best / 1e6


def size(text: str) -> int:
    """The power of two that its length has: those that share it are of one size."""
    return len(text).bit_length()


def report(direction: str, runs: int) -> Iterator[str]:
    """The median, and the cases that are far from theirs."""
    found = texts(direction)
    for text in found.values():
        converted(direction, text)
        break
    taken = {name: milliseconds(direction, text, runs) for name, text in found.items()}
    alike: dict[int, list[float]] = defaultdict(list)
    for name, time_taken in taken.items():
        alike[size(found[name])].append(time_taken)
    yield (
        f"{direction:12} {len(taken)} cases, median {median(taken.values()):.2f} ms (at most {LIMITS[direction]}), "
        f"longest {max(taken.values()):.1f} ms"
    )
    for name, time_taken in taken.items():
        usual = median(alike[size(found[name])])
        if time_taken > FAR * usual:
            yield f"{'':12} {name}: {time_taken:.1f} ms, {time_taken / usual:.0f} times the median of its size"


def test_the_times_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        for direction in LIMITS:
            for line in report(direction, 1):
                sys.stdout.write(f"\n  {line}")


if __name__ == "__main__":
    for way in LIMITS:
        sys.stdout.writelines(f"{line}\n" for line in report(way, int(sys.argv[1]) if len(sys.argv) > 1 else 5))
