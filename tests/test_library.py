"""The stable names of the package: what ``__all__`` lists, the manual describes, and nothing else."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from pathlib import Path

import pytest

import qemuxml

PAGE = Path(__file__).parent.parent / "man" / "qemuxml.3.rst"
LINE = "/usr/bin/kvm -m 512 -hda disk.img -frob 7"


def test_every_name_is_there() -> None:
    for name in qemuxml.__all__:
        assert getattr(qemuxml, name) is getattr(qemuxml, name)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = qemuxml.nothing


def test_the_manual_names_each_and_its_arguments() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in qemuxml.__all__:
        assert f"**{name}**" in page or f"**qemuxml.{name}**" in page or name == "__version__"
        found = getattr(qemuxml, name)
        for argument in inspect.signature(found).parameters if inspect.isfunction(found) else ():
            assert re.search(rf"\*\*qemuxml\.{name}\*\*.*\*{argument}\*", page), f"{name} {argument}"


def test_the_manuals_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    examples = PAGE.read_text(encoding="utf-8").split("EXAMPLES\n=")[1].split("SEE ALSO")[0]
    for block in re.findall(r"::\n\n((?:    .*\n|\n)+)", examples):
        code = compile(ast.parse(textwrap.dedent(block)), "example", "exec")
        exec(code, {"qemuxml": qemuxml, "text": LINE})  # noqa: S102 - the manual's own examples
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "<argv>:1:26: -frob 7"
    assert said[1].startswith("hda FileSource(")


def test_parse_takes_either() -> None:
    from_line = qemuxml.parse(LINE, base_dir="/srv")
    from_xml = qemuxml.parse(qemuxml.to_xml(from_line))
    assert isinstance(from_line, qemuxml.Domain)
    assert qemuxml.to_xml(from_xml) == qemuxml.to_xml(from_line) == qemuxml.from_native(LINE, base_dir="/srv")


@pytest.mark.parametrize("text", ["kvm -m", "<domain", "<network/>", ""])
def test_parse_refuses_what_is_no_guest(text: str) -> None:
    with pytest.raises(qemuxml.ConversionError):
        qemuxml.parse(text)


def test_explain_reports() -> None:
    report = qemuxml.explain(LINE)
    assert isinstance(report, qemuxml.Report)
    assert report.xml == qemuxml.from_native(LINE)
    assert not report.exact
    assert report.counts()["passed"] == 1
    assert report.items[0].place.line == 1
