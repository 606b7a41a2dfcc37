"""What ``<os>`` says of its firmware: ``<firmware><feature name='secure-boot'/></firmware>`` and ``<nvram>``."""

from __future__ import annotations

from typing import Any

from qemuxml.common.source import SOURCES
from qemuxml.common.storage import FileSource
from qemuxml.mapping.codecs import YES_NO, one_of
from qemuxml.mapping.xml import attr, text, variant
from qemuxml.record import record


@record(kw_only=True)
class FirmwareFeature:
    """``<feature enabled='yes' name='secure-boot'/>``: what a firmware must have or must not have."""

    enabled: bool | None = attr("@enabled", YES_NO)
    name: str | None = attr("@name", one_of("enrolled-keys", "secure-boot"))


@record(kw_only=True)
class Nvram:
    """``<nvram>``: the guest's own variables, in a file made of a template, or in a storage source."""

    template: str | None = attr("@template")
    template_format: str | None = attr("@templateFormat", one_of("raw", "qcow2"))
    type: str | None = attr("@type")
    format: str | None = attr("@format", one_of("raw", "qcow2"))
    path: str | None = text("")
    source: Any = variant("source", on="type", of=SOURCES)
    named_here: bool = False
    """Whether the XML leaves the file's name to whoever starts the guest."""

    @property
    def is_file(self) -> bool:
        """Whether the variables lie in a file of this host."""
        return self.type in (None, "file")

    @property
    def file(self) -> str | None:
        """The file, in either spelling."""
        return self.source.file if isinstance(self.source, FileSource) else self.path or None
