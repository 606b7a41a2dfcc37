"""QEMU command lines to libvirt domain XML and back: ``qemuxml.from_native("kvm -m 512 disk.img")``."""

from __future__ import annotations

TYPE_CHECKING = False  # the module typing takes longer to load than all that --version does
if TYPE_CHECKING:
    from collections.abc import Mapping

    from qemuxml.domain import Domain
    from qemuxml.errors import CommandLineError, ConversionError, DomainXmlError, UnsupportedError
    from qemuxml.report import Report

__version__ = "0.1.0"
__all__ = [
    "CommandLineError",
    "ConversionError",
    "Domain",
    "DomainXmlError",
    "Report",
    "UnsupportedError",
    "__version__",
    "explain",
    "from_native",
    "parse",
    "to_native",
    "to_xml",
]


def from_native(  # noqa: PLR0913 - a wish each
    text: str,
    *,
    profile: str = "modern",
    base_dir: str | None = None,
    settings: Mapping[str, str] | None = None,
    nth: int | None = None,
    hostfwd: str = "passt",
    lean: bool = False,
) -> str:
    """Domain XML of a command line, ``from_native("qemu-system-x86_64 -m 512")``, or of the QEMU call in a shell script.

    ``profile`` is "modern", "legacy" (as libvirt 3 to 5 printed it) or "manual" (as in the manual of libvirt 1.2.4).
    ``base_dir`` makes relative file names absolute. Of a script, which is read and not run, ``settings`` are what only its
    caller knows: variables, and arguments by their number ("1"); ``nth`` chooses among several calls, counted from 1.
    ``hostfwd`` is what becomes of a user network that hands ports of the host in: "passt", "passthrough" or "drop".
    ``lean`` leaves out the devices that only QEMU's defaults add.
    Raises ConversionError, with its place in the text.
    """
    from qemuxml import convert, shell  # noqa: PLC0415 - the parser is loaded when something is parsed
    from qemuxml.errors import Source  # noqa: PLC0415
    from qemuxml.mapping.wishes import Wishes  # noqa: PLC0415

    start = shell.find(Source(text, "<argv>"), base_dir=base_dir, settings=settings, nth=nth)
    return convert.from_start(start, profile=profile, wishes=Wishes(hostfwd=hostfwd, lean=lean)).text


def to_native(  # noqa: PLR0913 - a wish each
    xml: str,
    *,
    profile: str = "modern",
    plumbing: str = "standalone",
    qemu_version: str | None = None,
    environment: Mapping[str, str] | None = None,
    script: bool = False,
    redact: bool = False,
    paused: bool = False,
    inline_secrets: bool = False,
    state_dir: str | None = None,
    networks: Mapping[str, str] | None = None,
) -> str:
    """One command line of a domain XML, with a newline at its end.

    ``environment`` gives the launch variables (PATH, HOME, USER, LOGNAME) that a profile prints; nothing is read from the
    process. ``script`` gives a shell script that prepares the host first. ``redact`` takes out secrets, serial numbers, UUIDs,
    MAC addresses and paths. ``paused`` starts the guest paused, ``inline_secrets`` puts secrets of the XML on the line,
    ``state_dir`` is where sockets and secrets go, ``networks`` the bridge of each of libvirt's networks. Raises
    ConversionError, with the line and path of the element where one is to blame.
    """
    from qemuxml import convert  # noqa: PLC0415
    from qemuxml.mapping.plumbing import find  # noqa: PLC0415

    found = find(
        plumbing,
        scripted=script,
        paused=paused,
        inline_secrets=inline_secrets,
        state_dir=state_dir or "",
        bridges=networks or {},
    )
    return convert.to_native(
        xml,
        name="<xml>",
        profile=profile,
        plumbing=found,
        qemu_version=qemu_version,
        environment=environment,
        redact=redact,
    ).text


def parse(text: str, *, profile: str = "modern", base_dir: str | None = None) -> Domain:
    """The guest that a text is, domain XML or a command line, told apart by content.

    Of XML it is what the XML says; of a command line what ``from_native`` makes of it. Raises ConversionError.
    """
    from qemuxml import convert  # noqa: PLC0415

    return convert.parse(text, name="<xml>" if convert.is_xml(text) else "<argv>", profile=profile, base_dir=base_dir)


def to_xml(domain: Domain) -> str:
    """Domain XML of a guest, as libvirt prints it: ``to_xml(parse(xml))``. What no class has a field for is gone."""
    from qemuxml import convert  # noqa: PLC0415

    return convert.to_xml(domain)


def explain(text: str, *, profile: str = "modern", base_dir: str | None = None) -> Report:
    """Domain XML of a command line, with what became of each option: its fate, its reason, its place and its XPaths."""
    from qemuxml import report  # noqa: PLC0415

    return report.report(text, name="<argv>", profile=profile, base_dir=base_dir)


_HOMES = {"Domain": "qemuxml.domain", "Report": "qemuxml.report"}


def __getattr__(name: str) -> object:
    """Load the classes when they are asked for: ``qemuxml --help`` does without the modules that they need."""
    if name not in __all__:
        raise AttributeError(f"module 'qemuxml' has no attribute '{name}'")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(_HOMES.get(name, "qemuxml.errors")), name)
