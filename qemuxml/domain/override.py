"""``<qemu:override>``: properties of a ``-device`` by its alias; and what ``<qemu:capabilities>``, ``<qemu:deprecation>`` say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from qemuxml.cmdline import values
from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words, compact
from qemuxml.errors import DomainXmlError
from qemuxml.later import later
from qemuxml.mapping.codecs import one_of, size
from qemuxml.mapping.context import Reading, Target, Writing
from qemuxml.mapping.kind import Kind
from qemuxml.mapping.ledger import Claimed, mapped
from qemuxml.mapping.xml import attr, children
from qemuxml.record import record

if TYPE_CHECKING:
    from qemuxml.domain import Domain

_loads: Final = later("json:loads")


@record(kw_only=True)
class Property:
    """One property with its type in JSON; ``remove`` takes it away."""

    name: str | None = attr("@name", required=True)
    type: str | None = attr("@type", one_of("string", "signed", "unsigned", "bool", "remove"), required=True)
    value: str | None = attr("@value")


@record(kw_only=True)
class OverriddenDevice:
    """A device by its alias."""

    alias: str | None = attr("@alias", required=True)
    properties: list[Property] = children("qemu:frontend/qemu:property", Property)


@record(kw_only=True)
class Override:
    """``<qemu:override>``."""

    devices: list[OverriddenDevice] = children("qemu:device", OverriddenDevice)


@record(kw_only=True)
class Capability:
    """The name of one capability that libvirt is told to believe or not to believe in."""

    capability: str | None = attr("@capability", required=True)


@record(kw_only=True)
class Capabilities:
    """``<qemu:capabilities>``: about libvirt, not about the guest."""

    added: list[Capability] = children("qemu:add", Capability)
    removed: list[Capability] = children("qemu:del", Capability)


@record(kw_only=True)
class Deprecation:
    """What QEMU does when it is asked for something deprecated."""

    behavior: str | None = attr("@behavior", one_of("none", "omit", "reject", "crash"))


_COMPAT = {
    "omit": {"deprecated-output": "hide"},
    "reject": {"deprecated-output": "hide", "deprecated-input": "reject"},
    "crash": {"deprecated-output": "hide", "deprecated-input": "crash"},
}


_TEXTS = frozenset(
    {
        "account-failed", "account-invalid", "addr", "audiodev", "backend", "backend_defaults", "bios-chs-trans", "bmc",
        "bus", "canbus", "canbus0", "canbus1", "cdat", "cert1", "cert2", "cert3", "chardev", "chardev0", "chardev1",
        "chardev2", "chardev3", "chardev4", "chardev5", "chardev6", "chardev7", "chnA-sunkbd-layout", "chrA", "chrB", "color",
        "cpu", "cpu0", "cryptodev", "db", "dbdma", "dev_id", "device_id", "devno", "disable-legacy", "display", "drive",
        "drive-type", "driver", "duplex", "eim", "enable-migration", "endianness", "entitlement", "evdev", "failover_pair_id",
        "fallback", "fdp.ruhs", "fdtypeA", "fdtypeB", "filter", "firmware", "fp_start_macaddr", "frudatafile", "fsdev",
        "granule", "guid", "hba_serial", "hidraw", "homer", "host", "host-path", "host_ip", "hostdevice", "hostport",
        "hv-no-nonarch-coresharing", "id", "identifier", "instanceid", "intremap", "iommufd", "iothread", "loadparm",
        "lost_tick_policy", "lpc", "lsa", "mac", "master", "masterbus", "memdev", "model", "mount_tag", "msi", "msix", "name",
        "netdev", "nguid", "nqn", "osk", "persistent-memdev", "pmrdev", "port", "primary-bus", "product", "rerror", "rng",
        "romfile", "rootdir", "sdrfile", "seqpacket", "serial", "serial0", "subch_id", "subsys", "sysfsdev", "tag", "target",
        "tpmdev", "tx", "unplugged-inaccessible", "uuid", "vdev", "vendor", "ver", "vf-token", "vhostdev", "vhostfd",
        "volatile-dc-memdev", "volatile-memdev", "werror", "world", "write-cache", "wwpn", "x-device-dirty-page-tracking",
        "x-igd-legacy-mode", "x-migration-multifd-transfer", "x-msix-relocation", "x-pre-copy-dirty-page-tracking",
        "x-ramfb-migrate", "x-speed", "x-width", "xive",
    }
)  # fmt: skip
"""Properties that QEMU 10.0 types as text, as one of a few words or as a name, though ``on`` or a number may be among them."""
_SIZES = frozenset({
    "block-size", "discard_granularity", "fdp.runs", "hostmem", "io-reserve", "logical_block_size", "max_hostmem",
    "mem-reserve", "membar", "min_io_size", "opt_io_size", "physical_block_size", "pref32-reserve", "pref64-reserve",
    "requested-size", "size", "vgamem", "x-max-bounce-buffer-size", "zoned.zone_capacity", "zoned.zone_size",
    "zoned.zrwafg", "zoned.zrwas",
})  # fmt: skip
"""Properties that may have a suffix such as K, which JSON has not."""


def typed(item: values.Property) -> Property:
    """A property of a ``-device`` with the type that JSON has for it."""
    kind = "bool" if isinstance(item.raw, bool) else "string"
    text = item.text
    if kind == "bool":
        text = "true" if item.raw else "false"
    elif item.key in _TEXTS:
        pass
    elif text in ("on", "off"):
        kind, text = "bool", "true" if text == "on" else "false"
    elif re.fullmatch(r"-?[0-9]{1,19}|0x[0-9a-fA-F]{1,16}", text):
        kind, text = "signed" if text.startswith("-") else "unsigned", str(int(text, 16 if text.startswith("0x") else 10))
    elif item.key in _SIZES:
        kind, text = "unsigned", str(values.decoded(item, size))
    return Property(name=item.key, type=kind, value=text)


def in_json(found: values.Values) -> str:
    """A ``-device`` in QEMU's newer spelling."""
    made = {item.key: _value(typed(item)) for item in found if item.key}
    return compact(made)


def write_compat(writing: Writing) -> Iterator[Words]:
    """``-compat '{"deprecated-output":"hide","deprecated-input":"crash"}'``."""
    wanted = writing.domain.deprecation
    if wanted and wanted.behavior in _COMPAT:
        yield "-compat", compact(_COMPAT[wanted.behavior])


def claim_compat(option: Option, reading: Reading) -> Claimed | None:
    """``-compat deprecated-output=hide,deprecated-input=reject``."""
    values = reading.values(option)
    said = {item.key: item.text for item in values}
    behavior = next((name for name, wanted in _COMPAT.items() if wanted == said), None)
    if behavior is None:
        return None
    reading.domain.deprecation = Deprecation(behavior=behavior)
    return mapped(option)


def check(domain: Domain, _: Target) -> None:
    """Refuse a property whose value is not of its type. Raises DomainXmlError."""
    for device in domain.override.devices if domain.override else ():
        for item in device.properties:
            if item.type == "remove" and item.value is not None:
                raise DomainXmlError(f"<qemu:property name='{item.name}'>: what is removed has no value").of(item)
            if item.type != "remove":
                _value(item)


def applied(words: Iterable[Words], override: Override | None) -> Iterator[Words]:
    """The same options, with the properties of the overridden ``-device`` options changed."""
    wanted = {device.alias: device.properties for device in override.devices} if override else {}
    for option in words:
        if wanted and option[0] == "-device" and option[-1].startswith("{"):
            made = _loads(option[1])
            properties = wanted.get(made.get("id"))
            if properties:
                for item in properties:
                    _apply(item, made)
                yield "-device", compact(made)
                continue
        yield option


def _apply(item: Property, made: dict[str, Any]) -> None:
    if item.type == "remove":
        made.pop(item.name or "", None)
    else:
        made[item.name or ""] = _value(item)


def _value(item: Property) -> str | int | bool:
    value = item.value
    if value is None:
        raise DomainXmlError(f"<qemu:property name='{item.name}'>: missing value").of(item)
    if item.type == "bool":
        if value not in ("true", "false"):
            raise DomainXmlError(f"<qemu:property name='{item.name}'>: '{value}' is neither 'true' nor 'false'").of(item)
        return value == "true"
    if item.type in ("signed", "unsigned"):
        if not re.fullmatch(r"\s*[-+]?[0-9]{1,20}" if item.type == "signed" else r"\s*\+?[0-9]{1,20}", value):
            raise DomainXmlError(f"<qemu:property name='{item.name}'>: '{value}' is not a number of this type").of(item)
        return int(value)
    return value


KIND = Kind(element="qemu:deprecation", model=Deprecation, modern={"-compat": claim_compat})
