"""Secrets of ``-object secret``: passphrases and passwords that libvirt keeps, and hands to QEMU under its master key.

Domain XML only names a secret, by UUID or usage. The value is not ours to know: what libvirt would encrypt is a placeholder,
and a line for a person's own shell reads it from a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from qemuxml.cmdline.render import Words
from qemuxml.mapping.context import Writing
from qemuxml.mapping.props import Pair, json

PLACEHOLDER: Final = "SECRET"


def secret(identifier: str, name: str | None, writing: Writing) -> Words:
    """The object of a secret that libvirt knows by ``name``."""
    if writing.by_libvirt:
        return _encrypted(identifier)
    writing.note(f"the secret {name or identifier} is read from the file {identifier}.secret: put its value there")
    pairs: list[Pair] = [("qom-type", "secret"), ("id", identifier), ("file", f"{identifier}.secret"), ("format", "raw")]
    return "-object", json(pairs)


def known(identifier: str, value: str, writing: Writing) -> Words:
    """The object of a secret whose value stands in the XML (a cookie)."""
    if writing.by_libvirt:
        return _encrypted(identifier)
    return "-object", json([("qom-type", "secret"), ("id", identifier), ("data", value), ("format", "raw")])


def _encrypted(identifier: str) -> Words:
    pairs: Sequence[Pair] = (
        ("qom-type", "secret"),
        ("id", identifier),
        ("data", PLACEHOLDER),
        ("keyid", "masterKey0"),
        ("iv", PLACEHOLDER),
        ("format", "base64"),
    )
    return "-object", json(pairs)
