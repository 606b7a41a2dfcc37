r"""Options become text: one line that a shell reads back as the same words, or one option a line joined by ``\``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from qemuxml.later import later

_loads: Final = later("json:loads")
_dumps: Final = later("json:dumps")
_quote: Final = later("shlex:quote")

Words = Sequence[str]
"""One option as it is printed: the option and, if it has one, its value."""


def one_line(environment: Iterable[tuple[str, str]], emulator: str, options: Iterable[Words]) -> str:
    """The whole command on one line."""
    return " ".join(_chunks(environment, emulator, options))


def one_option_a_line(environment: Iterable[tuple[str, str]], emulator: str, options: Iterable[Words]) -> str:
    """The same command with every assignment, the binary and every option on a line of its own."""
    return " \\\n".join(_chunks(environment, emulator, options))


def escape(value: str) -> str:
    """A value inside ``a=b,c=d``: QEMU reads ``,,`` as a comma."""
    return value.replace(",", ",,")


def compact(made: Any) -> str:
    """A value in JSON as libvirt writes it: without blanks, and every character as it is."""
    text: str = _dumps(made, separators=(",", ":"), ensure_ascii=False)
    return text


def without_json(value: str, first: str) -> str:
    """``virtio-rng-pci,id=rng0,iommu_platform=on`` of the same in JSON: the property ``first`` leads, without its name."""
    made = _loads(value) if value.startswith("{") else None
    if made is None or first not in made:
        return value
    pairs = [f"{key}={escape(text)}" for key, text in _flattened(made, "") if key != first]
    return ",".join([made[first], *pairs])


def _flattened(made: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Objects and lists as dotted keys: ``server.host``, ``vqs.0``; a list of strings, each in an object, repeats the key."""
    if isinstance(made, list) and made and all(isinstance(item, dict) and item.keys() == {"str"} for item in made):
        yield from ((prefix, item["str"]) for item in made)
    elif isinstance(made, dict | list):
        for key, value in made.items() if isinstance(made, dict) else enumerate(made):
            yield from _flattened(value, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(made, bool):
        yield prefix, "on" if made else "off"
    else:
        yield prefix, str(made)


def _chunks(environment: Iterable[tuple[str, str]], emulator: str, options: Iterable[Words]) -> list[str]:
    chunks = [f"{name}={_quote(value)}" for name, value in environment]
    chunks.append(_quote(emulator))
    chunks += [" ".join(map(_quote, words)) for words in options]
    return chunks
