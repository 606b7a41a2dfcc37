"""Secrets of ``-object secret``: passphrases and passwords that libvirt keeps, and hands to QEMU under its master key.

Domain XML names most secrets by UUID or usage, and holds a few (the password of a display, a cookie). What libvirt would encrypt
is a placeholder; a person's line reads each secret from a file, so that no list of processes shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from qemuxml.cmdline.render import Words
from qemuxml.mapping.context import Writing
from qemuxml.mapping.plumbing import Present
from qemuxml.mapping.props import Pair, json

PLACEHOLDER: Final = "SECRET"


def secret(identifier: str, name: str | None, writing: Writing) -> Words:
    """The object of a secret that libvirt knows by ``name``."""
    if writing.by_libvirt:
        return _encrypted(identifier)
    path = secret_file(identifier, name or identifier, writing)
    return "-object", json([("qom-type", "secret"), ("id", identifier), ("file", path), ("format", "raw")])


def known(identifier: str, value: str, name: str, writing: Writing) -> Words:
    """The object of a secret whose value stands in the XML."""
    if writing.by_libvirt:
        return _encrypted(identifier)
    if writing.plumbing.inline_secrets:
        writing.note(f"everybody on the host can read the secret {name} in the list of processes")
        return "-object", json([("qom-type", "secret"), ("id", identifier), ("data", value), ("format", "raw")])
    return secret(identifier, name, writing)


def secret_file(identifier: str, name: str, writing: Writing) -> str:
    """The file that a person puts a secret into: without a newline, which would be a part of it."""
    path = writing.state_path(f"-{identifier}.secret")
    advice = f"put the secret {name} into the file {path}, without a newline"
    writing.need(Present(path=path, missing=advice, advice=advice))
    return path


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
