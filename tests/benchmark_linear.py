"""Is the time of a conversion linear in the length of the line? A benchmark: ``python tests/benchmark_linear.py``.

The suite runs it too, to see that long lines convert completely; it prints the ratios and asserts nothing about time.
"""

import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from qemuxml import from_native, to_native

SIZES = (250, 500, 1000)


def guest(number: int) -> str:
    """A line of that many options, of kinds that are mapped and of kinds that are passed."""
    return " \\\n  ".join(["/usr/bin/qemu-system-x86_64 -nodefaults -M pc -m 512", *_options(number - 3)])


def _options(number: int) -> Iterator[str]:
    for index in range(number // 6):
        yield f"-drive file=/srv/vm/disk{index}.qcow2,if=none,id=drive{index},format=qcow2,cache=none"
        yield f"-device virtio-blk-pci,drive=drive{index},id=disk{index}"
        yield f"-serial file:/var/log/vm/serial{index}.log"
        yield f'-device \'{{"driver":"virtio-rng-pci","rng":"rng{index}","id":"r{index}"}}\''
        yield f"-object rng-random,id=rng{index},filename=/dev/urandom"
        yield f"-newfangled{index}"
    yield from ["-no-user-config"] * (number % 6)


def machine(number: int) -> str:
    """A domain XML of that many disks, for the way back."""
    disks = "".join(
        f"<disk type='file'><source file='/srv/{n}.img'/><target dev='sd{_letters(n)}' bus='scsi'/></disk>" for n in range(number)
    )
    return (
        "<domain type='kvm'><name>big</name><memory>65536</memory><os><type arch='x86_64' machine='pc'>hvm</type></os>"
        f"<devices><emulator>/kvm</emulator>{disks}</devices></domain>"
    )


def _letters(number: int) -> str:
    letters = ""
    while number >= 0:
        letters = chr(ord("a") + number % 26) + letters
        number = number // 26 - 1
    return letters


def seconds(action: object, *arguments: object, **keywords: object) -> float:
    """The shortest of three runs."""
    assert callable(action)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        action(*arguments, **keywords)
        times.append(time.perf_counter() - start)
    return min(times)


def report() -> Iterator[str]:
    """One line for each direction: milliseconds, and how they grow when the size doubles (2 is linear)."""
    from_native(guest(10))  # loads the parser
    lines = {
        "from-native": [seconds(from_native, guest(size)) for size in SIZES],
        "to-native": [seconds(to_native, machine(size)) for size in SIZES],
        "QEMU 0.9": [seconds(to_native, machine(size), profile="manual") for size in SIZES],
    }
    for name, times in lines.items():
        ratios = ", ".join(f"x{second / first:.2f}" for first, second in pairwise(times))
        shown = ", ".join(f"{size}: {1000 * taken:.0f} ms" for size, taken in zip(SIZES, times, strict=True))
        yield f"{name:12} {shown}  ({ratios})"


def test_the_ratios_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        for line in report():
            sys.stdout.write(f"\n  {line}")


@pytest.mark.parametrize("size", SIZES)
def test_a_long_line_converts_completely(size: int) -> None:
    root = ET.fromstring(from_native(guest(size)))  # noqa: S314 - our own XML
    share = (size - 3) // 6
    for element in ("disk", "serial", "rng"):
        assert len(root.findall(f"devices/{element}")) == share
    passed = root.findall("{http://libvirt.org/schemas/domain/qemu/1.0}commandline/")
    assert len(passed) == share


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("profile", "sign"), [("manual", " -drive "), ("modern", '"driver":"scsi-hd"')])
def test_a_large_guest_converts_completely(size: int, profile: str, sign: str) -> None:
    assert to_native(machine(size), profile=profile).count(sign) == size


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in report())
