"""Protected key wrapping of s390x: ``-machine …,aes-key-wrap=on`` is ``<keywrap><cipher name='aes' state='on'/></keywrap>``."""

from __future__ import annotations

from qemuxml.mapping.codecs import ON_OFF, one_of
from qemuxml.mapping.xml import attr
from qemuxml.record import record


@record(kw_only=True)
class Cipher:
    """One wrapped cipher, ``aes`` or ``dea``."""

    name: str | None = attr("@name", one_of("aes", "dea"), required=True)
    state: bool | None = attr("@state", ON_OFF, required=True)
