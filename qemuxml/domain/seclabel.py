"""Labels of the host's security drivers: ``<seclabel type='dynamic' model='selinux'/>`` leaves no trace on the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qemuxml.errors import DomainXmlError
from qemuxml.mapping.codecs import YES_NO, one_of
from qemuxml.mapping.context import Target
from qemuxml.mapping.xml import attr, text
from qemuxml.record import record

if TYPE_CHECKING:
    from qemuxml.domain import Domain


@record(kw_only=True)
class Seclabel:
    """One driver's label of the guest's process."""

    type: str | None = attr("@type", one_of("dynamic", "static", "none"))
    model: str | None = attr("@model")
    relabel: bool | None = attr("@relabel", YES_NO)
    label: str | None = text("label")
    imagelabel: str | None = text("imagelabel")
    baselabel: str | None = text("baselabel")


def check(domain: Domain, _: Target) -> None:
    """What libvirt refuses of ``<seclabel>``."""
    models = [label.model for label in domain.seclabels]
    if len(models) > 1 and None in models:
        raise DomainXmlError("<seclabel>: missing security model in domain seclabel")
    for model in models:
        if model is not None and models.count(model) > 1:
            raise DomainXmlError(f"<seclabel>: seclabel for model '{model}' is already provided")
    for label in domain.seclabels:
        if label.type == "static" and not label.label:
            raise DomainXmlError("<seclabel type='static'>: security label is missing")
        if label.type == "dynamic" and label.relabel is False:
            raise DomainXmlError("<seclabel type='dynamic'>: dynamic label type must use resource relabeling")
        if label.type == "none" and label.relabel:
            raise DomainXmlError("<seclabel type='none'>: resource relabeling is not compatible with 'none' label type")
