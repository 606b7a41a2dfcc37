"""``<seclabel model='dac' relabel='no'/>`` in a ``<source>``: about the host's security, not on the line."""

from __future__ import annotations

from collections.abc import Sequence

from qemuxml.errors import DomainXmlError
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


def check(labels: Sequence[SourceLabel]) -> None:
    """Refuse a label that is not to be given, one that is missing, and two of one driver. Raises DomainXmlError."""
    models = [item.model for item in labels]
    for item in labels:
        if item.relabel and not item.label:
            raise DomainXmlError(f"<seclabel model='{item.model}' relabel='yes'>: its <label> is missing")
        if item.relabel is False and item.label:
            raise DomainXmlError(f"<seclabel model='{item.model}' relabel='no'>: it has a <label>")
        if models.count(item.model) > 1:
            raise DomainXmlError(f"<seclabel model='{item.model}'>: it stands twice")
