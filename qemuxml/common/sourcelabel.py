"""``<seclabel model='dac' relabel='no'/>`` in a ``<source>``: about the host's security, not on the line."""

from __future__ import annotations

from qemuxml.mapping.codecs import YES_NO
from qemuxml.mapping.xml import attr, text
from qemuxml.record import record


@record(kw_only=True)
class SourceLabel:
    """The label that one security driver gives a file of the guest."""

    model: str | None = attr("@model")
    relabel: bool | None = attr("@relabel", YES_NO)
    labelskip: bool | None = attr("@labelskip", YES_NO)
    label: str | None = text("label")
