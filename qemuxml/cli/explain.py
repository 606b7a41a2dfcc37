"""``qemuxml explain guest.args``: option by option, what it is, what became of it, and the XML that it became."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from qemuxml.cli.failures import attempt, shown
from qemuxml.cli.files import write
from qemuxml.cli.options import BASE_DIR, OUTPUT, PROFILE
from qemuxml.cli.starts import NTH, OPTIONAL_FILE, PID, PROC, SET, start
from qemuxml.cli.wishes import HOSTFWD, LEAN, PROBE, taken

if TYPE_CHECKING:
    from qemuxml.report import Item, Report


@click.command(
    "explain",
    epilog="""\b
Examples:
  qemuxml explain guest.args
  qemuxml explain --json guest.args | jq '.options[] | select(.fate == "passed")'""",
)
@OPTIONAL_FILE
@PID
@PROC
@PROFILE
@BASE_DIR
@SET
@NTH
@HOSTFWD
@LEAN
@PROBE
@click.option("--json", "as_json", is_flag=True, help="Print JSON: the options, and for each what the text says of it.")
@OUTPUT
def explain(file: str | None, output: str, *, as_json: bool, **options: Any) -> None:
    """Explain a command line, option by option.

    Tells what each option is, what became of it, and which XML. FILE is a command line, or a shell script that starts QEMU;
    - is standard input.
    """
    told = attempt(lambda: _told(file, output, as_json=as_json, **options))
    write(output, told)


def _told(file: str | None, output: str, *, as_json: bool, profile: str, **options: Any) -> str:
    from qemuxml import convert, report  # noqa: PLC0415 - --help needs no parser

    wished = taken(options, file)
    found = report.of(convert.from_start(start(file, output, **options), profile=profile, traced=True, wishes=wished))
    if as_json:
        return json.dumps(_object(found), indent=2, ensure_ascii=False) + "\n"
    return "\n".join(_prose(found)) + "\n"


def _object(report: Report) -> dict[str, Any]:
    from qemuxml.cmdline.meanings import meaning  # noqa: PLC0415

    snippets = _Snippets(report.xml)
    made = report.as_json()
    for item, known in zip(report.items, made["options"], strict=True):
        known["meaning"] = meaning(item.words)
        known["source"] = item.place.text
        known["xml"] = [snippets.of(path) for path in item.xpaths]
    return made


def _prose(report: Report) -> Iterator[str]:
    from qemuxml.cmdline.meanings import meaning  # noqa: PLC0415

    snippets = _Snippets(report.xml)
    shown_before: dict[str, Item] = {}
    for item in report.items:
        yield f"{item.place}: {item.place.text}"
        yield textwrap.indent(f"{meaning(item.words)}: {item.fate}" + (f": {item.reason}" if item.reason else ""), "    ")
        elements = dict.fromkeys(path.partition("/@")[0] for path in item.xpaths)
        for path in elements:
            earlier = shown_before.setdefault(path, item)
            if earlier is item:
                yield textwrap.indent(snippets.of(path), "        ")
            else:
                yield f"        {path}, with {shown(earlier.text)} at {earlier.place}"
        yield ""
    for note in report.notes:
        yield f"{note.place}: {note.message}" if note.place else note.message


class _Snippets:
    """The written document, by XPath: a device whole, of another part the line of the element itself."""

    def __init__(self, xml: str) -> None:
        from qemuxml.mapping import xmltext, xmlwalk  # noqa: PLC0415
        from qemuxml.mapping.xml import QEMU  # noqa: PLC0415

        self._xmltext = xmltext
        self._root = xmlwalk.parse(xml, "<xml>")
        self._namespaces = {"qemu": QEMU}
        self._declaration = f" xmlns:qemu='{QEMU}'"

    def of(self, path: str) -> str:
        """The text of the element that the path names, or that has the attribute that it names."""
        found: Any = self._root.xpath(path.partition("/@")[0], namespaces=self._namespaces)
        if not found:
            return ""
        text = self._xmltext.to_text(self._xmltext.of_element(found[0])).replace(self._declaration, "").rstrip("\n")
        return text if path.startswith(("/domain/devices/", "/domain/qemu:")) else text.partition("\n")[0]
