"""Every table of QEMU properties: what it writes it reads back."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import codec_values

import qemuxml
from qemuxml.cmdline import values
from qemuxml.cmdline.words import split
from qemuxml.errors import CommandLineError, Source
from qemuxml.mapping import codecs
from qemuxml.mapping.props import Props, key, key_values, switch, when


def tables() -> Iterator[tuple[str, Props[Any]]]:
    for info in pkgutil.walk_packages(qemuxml.__path__, "qemuxml."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        yield from ((f"{info.name}.{name}", value) for name, value in vars(module).items() if isinstance(value, Props))


TABLES = dict(tables())


def read(text: str) -> values.Values:
    # In double quotes: a value may hold an apostrophe, and a backslash before a newline joins lines in single ones.
    quoted = "".join(f"\\{character}" if character in '\\"$`' else character for character in text)
    (word,) = split(Source(f'"{quoted}"', "t"))
    return values.parse(word)


@st.composite
def filled(draw: st.DrawFn, table: Props[Any]) -> Any:
    """Draw an object with a value in each field that a row stands for, or in none."""
    made = table.model()
    for row in table.rows:
        store = getattr(row, "store", None)
        if store is None or not symmetric(row):
            continue
        codec = getattr(row, "codec", None)
        if getattr(type(made), getattr(row, "field", ""), None).__class__ is property:
            continue
        if codec is None:
            store(made, draw(st.booleans()))
        elif draw(st.booleans()):
            store(made, draw(codec_values(codec)))
    return made


def test_there_are_tables() -> None:
    assert "qemuxml.devices.disk.legacy.DRIVE" in TABLES


def symmetric(row: Any) -> bool:
    return hasattr(row, "store") and not hasattr(row, "back")


SYMMETRIC = [name for name, table in TABLES.items() if all(symmetric(row) for row in table.rows)]
"""The tables without a row that follows from others (an id, a driver's name, an address): those are only written."""


@pytest.mark.parametrize("name", [name for name in TABLES if name not in SYMMETRIC])
@given(data=st.data())
def test_a_table_writes_each_property_once(name: str, data: st.DataObject) -> None:
    written = [key_ for key_, _ in TABLES[name].write(data.draw(filled(TABLES[name])))]
    assert sorted(written) == sorted(set(written))


@pytest.mark.parametrize("name", SYMMETRIC)
@given(data=st.data())
def test_what_a_table_writes_it_reads_back(name: str, data: st.DataObject) -> None:
    table = TABLES[name]
    made = data.draw(filled(table))
    found = read(key_values(table.write(made)))
    assert table.read(found) == made
    assert found.unread() == []


class Sample:
    """An object as kinds have them, with a part of its own."""

    def __init__(self) -> None:
        self.part = Part()
        self.bus: str | None = None
        self.number: int | None = None
        self.hidden = False


class Part:
    def __init__(self) -> None:
        self.name: str | None = None


TABLE = Props(
    Sample,
    key("if", "bus"),
    key("id", "part.name"),
    when(lambda made: made.bus == "scsi", key("lun", "number", codecs.INT)),
    switch("hide", "hidden"),
)


def test_a_row_behind_a_condition_is_read_and_written_only_then() -> None:
    scsi = TABLE.read(read("if=scsi,lun=0x7,id=a"))
    assert (scsi.bus, scsi.number, scsi.part.name) == ("scsi", 7, "a")
    assert TABLE.write(scsi) == [("if", "scsi"), ("id", "a"), ("lun", 7)]
    found = read("if=ide,lun=7,nohide")
    ide = TABLE.read(found)
    assert (ide.number, ide.hidden, TABLE.write(ide)) == (None, False, [("if", "ide")])
    assert [item.key for item in found.unread()] == ["lun"]


def test_a_switch_is_written_only_when_it_is_on() -> None:
    assert key_values(TABLE.write(TABLE.read(read("hide")))) == "hide=on"


def test_a_table_fills_an_object_that_is_there() -> None:
    made = Sample()
    assert TABLE.read(read("if=ide"), made) is made
    assert made.bus == "ide"


def test_a_value_that_does_not_decode_is_refused_at_its_place() -> None:
    with pytest.raises(CommandLineError, match="lun: 'x' is not a number") as caught:
        TABLE.read(read("if=scsi,lun=x"))
    assert str(caught.value.place) == "t:1:10"
