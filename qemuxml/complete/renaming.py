"""A guest whose devices get libvirt's own names: an ``<alias name='ua-disk'/>`` goes, and what spoke of it finds another."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from qemuxml.common.info import Info, info_of
from qemuxml.devices.interface import Interface
from qemuxml.domain import Domain


def under_own_names(domain: Domain, name: Callable[[], None]) -> None:
    """Take the names away, let ``name`` give new ones, and put these where the guest speaks of the old ones."""
    named = [(info, info.alias) for info in map(info_of, domain.devices) if info and info.alias]
    for info, _ in named:
        info.alias = None
    name()
    _put(domain, _changed(named))


def _changed(named: list[tuple[Info, str]]) -> Mapping[str, str]:
    return {before: info.alias for info, before in named if info.alias and info.alias != before}


def _put(domain: Domain, names: Mapping[str, str]) -> None:
    if not names:
        return
    for device in domain.override.devices if domain.override else ():
        device.alias = names.get(device.alias or "", device.alias)
    for card in domain.all(Interface):
        if card.teaming:
            card.teaming.persistent = names.get(card.teaming.persistent or "", card.teaming.persistent)
    for argument in domain.commandline.args if domain.commandline else ():
        argument.value = argument.value and re.sub(r"[\w.-]+", lambda found: names.get(found[0], found[0]), argument.value)
