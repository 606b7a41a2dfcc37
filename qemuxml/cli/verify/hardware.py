"""What QEMU says of a guest's hardware: its device tree (``info qtree``), memory and processors; and where two differ."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from qemuxml.record import record

QTREE: Final = "info qtree"
QUESTIONS: Final = ("query-memory-size-summary", "query-cpus-fast")

_HOST_SIDE: Final = frozenset(
    (
        "audiodev", "boot_splash", "bootindex", "chardev", "chrA", "chrB", "cryptodev", "discard_granularity", "display",
        "drive", "failover_pair_id", "fd", "fsdev", "guest-reset", "guest-resets-all", "hostdevice", "id", "iothread",
        "loadparm", "mac-table", "memdev", "netdev", "osk", "rerror", "rng", "share-rw", "tpmdev", "werror",
    )
)  # fmt: skip
"""Properties that say where a device leads on the host, or what happens around it; the guest does not see them.

QEMU prints the ``osk`` of an applesmc from memory that it has given back.
"""


@record(frozen=True)
class Device:
    """A device of the tree: the types of those above it, its own, and what the guest sees of its properties."""

    above: tuple[str, ...]
    type: str
    properties: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return "/".join((*self.above, self.type))


@record(frozen=True)
class Hardware:
    """A whole guest."""

    devices: Counter[Device]
    memory: int
    processors: Counter[tuple[tuple[str, str], ...]]


def read(tree: str, memory: dict[str, Any], processors: list[dict[str, Any]]) -> Hardware:
    """A guest from QEMU's answers."""
    sockets = Counter(
        (("type", str(item.get("qom-type"))), *sorted((key, str(value)) for key, value in item.get("props", {}).items()))
        for item in processors
    )
    return Hardware(Counter(_devices(tree)), int(memory.get("base-memory", 0)), sockets)


def _devices(tree: str) -> Iterator[Device]:
    """The devices of ``info qtree``: each line is deeper than what it belongs to."""
    stack: list[tuple[int, str, list[tuple[str, str]]]] = []
    for line in tree.splitlines():
        depth = len(line) - len(line.lstrip())
        kind, _, rest = line.strip().partition(": ")
        if kind in ("dev", "bus"):
            yield from _closed(stack, depth)
            stack.append((depth, rest.partition(",")[0] if kind == "dev" else "", []))
        elif stack and " = " in line:
            name, _, value = line.strip().partition(" = ")
            if name not in _HOST_SIDE and not name.startswith(("bar ", "x-")):
                stack[-1][2].append((name, value))
    yield from _closed(stack, -1)


def _closed(stack: list[tuple[int, str, list[tuple[str, str]]]], depth: int) -> Iterator[Device]:
    while stack and stack[-1][0] >= depth:
        _, name, properties = stack.pop()
        if name:
            yield Device(tuple(above for _, above, _ in stack if above), name, tuple(sorted(properties)))


def differences(first: Hardware, second: Hardware) -> Iterator[str]:
    """What the second guest has otherwise than the first, one line each."""
    if first.memory != second.memory:
        yield f"memory: {first.memory} became {second.memory}"
    if first.processors != second.processors:
        yield f"processors: {_told(first)} became {_told(second)}"
    lost, added = sorted((first.devices - second.devices).elements(), key=_order), (second.devices - first.devices).elements()
    left = sorted(added, key=_order)
    for device in lost:
        twin = next((other for other in left if (other.above, other.type) == (device.above, device.type)), None)
        if twin is None:
            yield f"- {device}: lost"
            continue
        left.remove(twin)
        before, after = dict(device.properties), dict(twin.properties)
        changed = (name for name in sorted({*before, *after}) if before.get(name) != after.get(name))
        yield f"! {device}: " + ", ".join(f"{name} {before.get(name)} became {after.get(name)}" for name in changed)
    yield from (f"+ {device}: came up" for device in left)


def _order(device: Device) -> tuple[str, tuple[tuple[str, str], ...]]:
    return str(device), device.properties


def _told(hardware: Hardware) -> str:
    kinds = sorted({dict(item)["type"] for item in hardware.processors})
    return f"{hardware.processors.total()} {' and '.join(kinds)}"


def answers(output: str) -> list[Any]:
    """The results of commands in QMP's stream, in their order; what QEMU tells unasked is skipped."""
    found = []
    for line in output.splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if isinstance(message, dict) and ("return" in message or "error" in message):
            found.append(message.get("return"))
    return found
