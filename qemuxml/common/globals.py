"""``-global DRIVER.PROPERTY=VALUE`` or ``-global driver=DRIVER,property=PROPERTY,value=VALUE``: of all devices of a kind."""

from __future__ import annotations

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.values import Property
from qemuxml.mapping.context import Reading
from qemuxml.record import record


@record(frozen=True, kw_only=True)
class Global:
    """One setting. ``item`` is its value with its place."""

    name: str
    """Driver and property, with a dot between."""
    item: Property


def read(option: Option, reading: Reading) -> Global | None:
    """The setting of a ``-global``, None if it is none."""
    if option.value is None:
        return None
    values = reading.values(option)
    if "property" in values:
        item = values.seek("value")
        return Global(name=f"{values.peek('driver')}.{values.peek('property')}", item=item) if item else None
    name, equals, value = option.text.partition("=")
    return Global(name=name, item=Property(name, value, option.value.span(len(name) + 1))) if equals and "." in name else None
