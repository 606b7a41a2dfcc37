"""The ``<name>`` and the ``<uuid>`` of a guest whose command line says none."""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5

from qemuxml.mapping.context import Reading


def give(reading: Reading) -> None:
    """Give a guest those that are wished, if its line has no others."""
    identity, name, uuid = reading.domain.identity, reading.wishes.name, reading.wishes.uuid
    for what, told, given in (("name", identity.name, name), ("UUID", identity.uuid, uuid)):
        if given and told and given != told:
            reading.note(f"the {what} {given} is not used: the command line has {told}")
    identity.name = identity.name or name
    identity.uuid = identity.uuid or uuid


def draw_uuid(reading: Reading) -> None:
    """Where libvirt drew a UUID at random, ours follows from the text."""
    identity = reading.domain.identity
    identity.uuid = identity.uuid or str(uuid5(NAMESPACE_URL, reading.line.source.text))


def zero_uuid(reading: Reading) -> None:
    """The UUID of libvirt's manual is all zeros."""
    identity = reading.domain.identity
    identity.uuid = identity.uuid or str(UUID(int=0))
