"""The XML of a guest of this host, as ``virsh dumpxml --security-info`` gives it to ``to-native --domain NAME``."""

from __future__ import annotations

import shutil
import subprocess

from qemuxml.cli.failures import Failure
from qemuxml.errors import Source


def dumpxml(name: str) -> Source:
    """The XML, with its secrets. Raises Failure if virsh is not installed, or has no such guest."""
    virsh = shutil.which("virsh")
    if virsh is None:
        raise Failure("error: virsh is not installed: --domain asks it for the XML of a guest")
    try:
        question = [virsh, "dumpxml", "--security-info", "--domain", name]
        asked = subprocess.run(question, capture_output=True, check=False)  # noqa: S603 - no shell reads the guest's name
        text = asked.stdout.decode()
    except (OSError, ValueError) as error:
        raise Failure(f"error: cannot ask virsh: {error}") from None
    if asked.returncode:
        raise Failure(f"error: virsh: {' '.join(asked.stderr.decode(errors='replace').split()).removeprefix('error: ')}")
    return Source(text, f"<virsh dumpxml {name}>")
