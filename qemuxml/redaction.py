"""What a bug report must not tell: secrets, serial numbers, UUIDs, MAC addresses, paths (``/redacted/1.qcow2``).

It works over the complete domain, before options are written, so that the line still parses. The same value always has the same
stand-in: two disks on one image still are two disks on one image.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from qemuxml.common.source import Cookie
from qemuxml.devices.disk import Disk
from qemuxml.devices.graphics import Graphics
from qemuxml.devices.hostdev import VhostSource
from qemuxml.domain import Domain
from qemuxml.domain.launchsecurity import LaunchSecurity
from qemuxml.domain.sysinfo import Entry
from qemuxml.record import fields, is_record


def redact(domain: Domain) -> None:
    """Put stand-ins in the place of all that identifies a host, a guest or a person."""
    if domain.emulator:
        domain.emulator = _binary(domain)
    _Redactor().walk(domain)


def _binary(domain: Domain) -> str:
    """QEMU by its bare name, which says the architecture."""
    name = (domain.emulator or "").rpartition("/")[2]
    if re.fullmatch(r"qemu-system-\w+|qemu-kvm|kvm|qemu", name):
        return name
    arch = domain.os.arch or "x86_64"
    return f"qemu-system-{ {'i686': 'i386', 'armv7l': 'arm', 'armv6l': 'arm', 'ppc64le': 'ppc64'}.get(arch, arch) }"


# ------------------------------------------------------------------ what is looked for in any text

_UUID: Final = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Fa-f])")
_MAC: Final = re.compile(r"(?<![0-9A-Fa-f:-])[0-9A-Fa-f]{1,2}(?:[:-][0-9A-Fa-f]{1,2}){5}(?![0-9A-Fa-f:-])")
_PATH: Final = re.compile(r"(?<![\w/.~-])/(?=[\w.+@-])[^\s,;:'\"|&<>]*")
"""A path inside a text: behind a blank, ``=``, ``:`` or a comma, but not the end of a URL."""
_SECRET: Final = re.compile(r"(?i)(?<=\b)((?:password|passwd|passphrase|token|data|key)=)([^\s,]+)")
"""A secret among arguments that are passed through."""
_EXTENSION: Final = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,5}$")


def _uuid(_: str, number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


def _mac(_: str, number: int) -> str:
    return f"52:54:00:00:{number // 256 % 256:02x}:{number % 256:02x}"


def _path(value: str, number: int) -> str:
    ending = _EXTENSION.search(value)
    return f"/redacted/{number}{ending[0].lower() if ending else ''}"


def _word(_: str, number: int) -> str:
    return f"redacted-{number}"


def _hexadecimal(value: str, number: int) -> str:
    """A World Wide Name, with the prefix that says its form."""
    prefix = "naa." if value.startswith("naa.") else ""
    return f"{prefix}5000000000000000"[: len(prefix) + 16 - 4] + f"{number:04x}"


def _base64(value: str, _: int) -> str:
    """As many bytes, all of them zero."""
    return base64.b64encode(bytes(len(value) * 3 // 4 - value.count("="))).decode()


Maker = Callable[[str, int], str]
_FIELDS: Final[Mapping[type[Any], Mapping[str, Maker]]] = {
    Graphics: {"passwd": _word, "username": _word},
    Cookie: {"value": _word},
    Disk: {"serial": _word, "wwn": _hexadecimal},
    VhostSource: {"wwpn": _hexadecimal},
    LaunchSecurity: dict.fromkeys(("dh_cert", "session", "workarounds", "id_block", "id_auth", "host_data"), _base64),
}
"""What identifies by the field that it stands in, not by its look."""
_FACTS: Final = frozenset({"serial", "asset"})
"""Facts of SMBIOS that identify a machine; its UUID is seen by its look."""


class _Redactor:
    """The stand-ins that were given so far, by what they stand for."""

    def __init__(self) -> None:
        self._given: dict[tuple[Maker, str], str] = {}
        self._seen: set[int] = set()

    def walk(self, made: Any) -> None:
        """Redact every text of an object and of all below it."""
        if id(made) in self._seen:
            return
        self._seen.add(id(made))
        for item in fields(made):
            value = getattr(made, item.name)
            redacted = self._value(value, self._by_field(made, item.name))
            if redacted is not value:
                setattr(made, item.name, redacted)

    def _by_field(self, made: Any, name: str) -> Maker | None:
        if isinstance(made, Entry):
            return _word if name == "value" and made.name in _FACTS else None
        return next((makers.get(name) for kind, makers in _FIELDS.items() if isinstance(made, kind)), None)

    def _value(self, value: Any, maker: Maker | None) -> Any:
        if isinstance(value, str):
            return self._stand_in(maker, value) if maker and value else self._text(value)
        if isinstance(value, list):
            return [self._value(item, maker) for item in value]
        if is_record(value):
            self.walk(value)
        return value

    def _text(self, text: str) -> str:
        if text.startswith("/"):
            return self._stand_in(_path, text) if len(text) > 1 else text
        for pattern, maker in ((_UUID, _uuid), (_MAC, _mac), (_PATH, _path)):
            text = pattern.sub(lambda found, maker=maker: self._stand_in(maker, found[0]), text)  # type: ignore[misc]
        return _SECRET.sub(lambda found: found[1] + self._stand_in(_word, found[2]), text)

    def _stand_in(self, maker: Maker, value: str) -> str:
        key = (maker, value.lower() if maker in (_uuid, _mac) else value)
        if key not in self._given:
            number = sum(1 for kind, _ in self._given if kind is maker) + 1
            self._given[key] = maker(value, number)
        return self._given[key]
