"""The host side of a command line: by libvirt (``-S``, descriptors), or for a person's own shell (``NAME.qmp``, ``hostfwd``).

A line for a person leaves work that libvirt would have done: swtpm must run, ``NAME_VARS.fd`` must be made from its template.
Kinds say so with the needs below. Beside a line they are told as warnings; a script does the work itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from qemuxml.errors import UnsupportedError
from qemuxml.later import later
from qemuxml.record import field, record, replace

_quote: Final = later("shlex:quote")
_join: Final = later("shlex:join")


@record(frozen=True, kw_only=True)
class Plumbing:
    """Who starts QEMU, and the wishes of a person who does."""

    by_libvirt: bool = False
    """Whether the line is libvirt's own, with its descriptors, monitor and secrets."""
    scripted: bool = False
    """Whether a script starts the helpers that the guest needs."""
    paused: bool = False
    inline_secrets: bool = False
    """Whether a secret that stands in the XML may stand on the line, where everybody on the host can read it."""
    state_dir: str = ""
    """Where sockets, logs and secrets of the guest go; the working directory if nothing is said."""
    bridges: Mapping[str, str] = field(default_factory=dict)
    """The bridge of each of libvirt's networks, beside that of the default one."""

    def redacted(self) -> Plumbing:
        """The same without the wishes that would tell of the host or of a secret."""
        return replace(self, inline_secrets=False, state_dir="")


BY_HAND: Final = Plumbing()


def find(name: str, **wishes: Any) -> Plumbing:
    """The plumbing of that name with a person's wishes. Raises UnsupportedError for another name, or a script of libvirt's."""
    if name not in ("standalone", "libvirt"):
        raise UnsupportedError(f"unknown plumbing '{name}': there are standalone and libvirt")
    made = Plumbing(by_libvirt=name == "libvirt", **wishes)
    if made.by_libvirt and made.scripted:
        raise UnsupportedError("a script starts a guest without libvirt: its plumbing is standalone")
    return made


@record(frozen=True, kw_only=True)
class Helper:
    """A program that must listen at ``socket`` before QEMU starts: swtpm, virtiofsd, passt."""

    words: tuple[str, ...]
    socket: str
    folder: str | None = None
    """A folder of its own that it needs."""
    leaves: tuple[str, ...] = ()
    """Files beside its socket that it does not take away at its end."""

    @property
    def advice(self) -> str:
        """What a person should do."""
        first = f"mkdir -p {_quote(self.folder)}; " if self.folder else ""
        return f"start {self.words[0].rsplit('/', 1)[-1]} first: {first}{_join(self.words)}"


@record(frozen=True, kw_only=True)
class Copy:
    """A file that is made from a template before the guest starts for the first time."""

    template: str
    path: str

    @property
    def advice(self) -> str:
        """What a person should do."""
        return f"make {self.path} first, as libvirt would: cp {_quote(self.template)} {_quote(self.path)}"


@record(frozen=True, kw_only=True)
class Content:
    """A file with a text that stands in the XML."""

    path: str
    text: str

    @property
    def advice(self) -> str:
        """What a person should do."""
        return f"write {self.path} first: its text stands in the XML"


@record(frozen=True, kw_only=True)
class Present:
    """A file, a folder or a device that must be there; ``missing`` is what to say if it is not."""

    path: str
    missing: str
    advice: str | None = None
    """What a person should do, where QEMU itself would not say it well."""


Need = Helper | Copy | Content | Present
