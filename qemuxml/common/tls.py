"""Credentials of an encrypted connection: ``-object {"qom-type":"tls-creds-x509","id":"objcharserial1_tls0",…}``."""

from __future__ import annotations

from typing import Final

from qemuxml.mapping.props import Pair, json

PKI: Final = "/etc/pki"
"""Where libvirt looks for certificates: one folder for each use below it, as its configuration has it from the start."""


def credentials(identifier: str, use: str, *, server: bool, password: str | None = None) -> str:
    """The value of ``-object``. ``use`` is the folder (``libvirt-chardev``), ``password`` the id of a secret."""
    pairs: list[Pair] = [
        ("qom-type", "tls-creds-x509"),
        ("id", identifier),
        ("dir", f"{PKI}/{use}"),
        ("endpoint", "server" if server else "client"),
        ("verify-peer", True),
    ]
    if password:
        pairs.append(("passwordid", password))
    return json(pairs)
