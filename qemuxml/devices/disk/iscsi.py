"""``-iscsi initiator-name=IQN``: who the guest's host is to every target; in XML each disk says that for itself."""

from __future__ import annotations

from qemuxml.cmdline.options import Option
from qemuxml.common.storage import NetworkSource
from qemuxml.devices.disk import Disk
from qemuxml.mapping.context import Reading
from qemuxml.mapping.ledger import implied, mapped


def claim_iscsi(_: Option, reading: Reading) -> None:
    """Which disks come by iSCSI is known when all options are claimed; one among the passed ones needs the option as it is."""
    reading.finish(_settle)


def _settle(reading: Reading) -> None:
    sources = [disk.source for disk in reading.domain.all(Disk)]
    reached = [source for source in sources if isinstance(source, NetworkSource) and source.protocol == "iscsi"]
    for option in list(reading.ledger.open_named("-iscsi")):
        values = reading.values(option)
        name = values.get("initiator-name")
        if _is_needed(reading) or (reached and (name is None or values.unread())):
            continue
        for source in reached:
            source.initiator = source.initiator or name
        reading.ledger.enter(mapped(option) if reached else implied(option, "no disk of the guest comes by iSCSI"))


def _is_needed(reading: Reading) -> bool:
    passed = (option for option in reading.line.options if reading.ledger.is_open(option) and option.name != "-iscsi")
    return any("iscsi" in option.text for option in passed)
