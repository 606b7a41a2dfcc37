"""Manual pages where ``man`` looks for them: of ``man/qemuxml.1.rst`` a wheel has ``share/man/man1/qemuxml.1``."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from docutils.core import publish_file
from docutils.writers.manpage import Writer
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManualPages(BuildHookInterface[Any]):
    """Renders the pages before a wheel is packed, and takes them away afterwards."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add every page to what the wheel puts outside the package; an editable installation has the sources."""
        self.made = TemporaryDirectory()
        if version == "editable":
            return
        for source in sorted(Path(self.root, "man").glob("*.rst")):
            page = Path(self.made.name, source.stem)
            publish_file(
                source_path=str(source),
                destination_path=str(page),
                writer=Writer(),
                settings_overrides={"halt_level": 2},
            )
            build_data["shared_data"][str(page)] = f"share/man/man{page.suffix[1:]}/{page.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - hatchling's call
        """Take the pages away: they are packed."""
        self.made.cleanup()
