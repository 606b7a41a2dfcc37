"""Protected key wrapping of s390x: ``-machine …,aes-key-wrap=on`` is ``<keywrap><cipher name='aes' state='on'/></keywrap>``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qemuxml.common.twice import twice
from qemuxml.domain import boards
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.codecs import ON_OFF, one_of
from qemuxml.mapping.context import Target
from qemuxml.mapping.xml import attr
from qemuxml.record import record

if TYPE_CHECKING:
    from qemuxml.domain import Domain


@record(kw_only=True)
class Cipher:
    """One wrapped cipher, ``aes`` or ``dea``."""

    name: str | None = attr("@name", one_of("aes", "dea"), required=True)
    state: bool | None = attr("@state", ON_OFF, required=True)


def check(domain: Domain, _: Target) -> None:
    """Mainframes alone wrap keys, with one cipher of a name."""
    twice("cipher", domain.keywrap, name="name")
    if domain.keywrap and domain.os.arch not in boards.S390:
        raise UnsupportedError(f"<keywrap>: architecture '{domain.os.arch}' has no wrapped keys")
