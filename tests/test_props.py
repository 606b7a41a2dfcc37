"""Every table of QEMU properties: each property once, and what it writes it reads back."""

import copy
import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import codec_values, objects

import qemuxml
from qemuxml import layout
from qemuxml.cmdline import values
from qemuxml.cmdline.words import split
from qemuxml.common import characterargv
from qemuxml.common.addresses import PciAddress
from qemuxml.devices import tpm
from qemuxml.devices.disk import front
from qemuxml.devices.sound import argv as sound_argv
from qemuxml.errors import CommandLineError, Source
from qemuxml.mapping import codecs
from qemuxml.mapping.props import Props, json, key, key_values, switch, when


def tables() -> dict[str, Props[Any]]:
    """Find all tables, each once: where another module imports one it is passed by."""
    found: dict[int, tuple[str, Props[Any]]] = {}
    for info in pkgutil.walk_packages(qemuxml.__path__, "qemuxml."):
        if info.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(info.name)).items():
            if isinstance(value, Props):
                found.setdefault(id(value), (f"{info.name}.{name}".removeprefix("qemuxml."), value))
    return dict(found.values())


TABLES = tables()


def read(text: str) -> values.Values:
    # In double quotes: a value may hold an apostrophe, and a backslash before a newline joins lines in single ones.
    quoted = "".join(f"\\{character}" if character in '\\"$`' else character for character in text)
    (word,) = split(Source(f'"{quoted}"', "t"))
    return values.parse(word)


# ------------------------------------------------------------------ objects that a table is for


def model_of(name: str) -> type[Any]:
    """Name the class of a table; one that several classes share says ``object``: there the kind of its room is taken."""
    model = TABLES[name].model
    if model is not object:
        return model
    room = name.split(".")[1] if name.startswith("devices.") else name.rsplit(".", 1)[-1].lower()
    return layout.ELEMENTS[room]


def fill(draw: st.DrawFn, rows: Any, made: Any) -> None:
    """Put a value that the row can write, or none, in each field that a row of the table reads."""
    for row in rows:
        if hasattr(row, "rows"):
            if row.condition(made):
                fill(draw, row.rows, made)
        elif hasattr(row, "names"):
            row.store(made, draw(st.sampled_from(sorted(row.names, key=str))))
        elif hasattr(row, "store"):
            codec = getattr(row, "codec", None)
            drawn = st.booleans() if codec is None else st.none() | codec_values(codec)
            row.store(made, draw(drawn))


def forget(rows: Any, blank: Any, made: Any) -> None:
    """Take away what the rows for such an object read."""
    for row in rows:
        if hasattr(row, "rows"):
            if row.condition(made):
                forget(row.rows, blank, made)
        elif hasattr(row, "store"):
            row.store(blank, None if hasattr(row, "codec") or hasattr(row, "names") else False)


@st.composite
def sayable(draw: st.DrawFn, name: str) -> Any:
    """Draw an object of the table's class that has an alias, an address and what else the checks make sure of."""
    made = draw(objects(model_of(name)))
    if hasattr(made, "info"):
        made.info.alias = "alias0"
        made.info.address = draw(st.sampled_from([None, PciAddress(bus=0, slot=3)]))
    SOUND.get(id(TABLES[name]), lambda _: None)(made)
    fill(draw, TABLES[name].rows, made)
    return made


def _with_backend(device: Any) -> None:
    device.backend = device.backend or tpm.Backend()


def _with_model(console: Any) -> None:
    console.target_type = "virtio"


def _filled(disk: Any) -> None:
    disk.wwn = "5000c50015ea71ad"
    disk.cache = None if disk.cache == "default" else disk.cache


def _raw(disk: Any) -> None:
    disk.format = "raw"


def _with_streams(sound: Any) -> None:
    sound.streams = "3"


SOUND: dict[int, Callable[[Any], None]] = {
    id(characterargv.CONSOLE): _with_model,
    id(front.REST): _filled,
    id(front.SHARED): _raw,
    id(sound_argv.VIRTIO): _with_streams,
    id(tpm.TO_PROXY): _with_backend,
}
"""What checks and completion make sure of before these tables are asked."""


def test_there_are_tables() -> None:
    assert "DRIVE" in {name.rsplit(".", 1)[-1] for name in TABLES}


@pytest.mark.parametrize("name", TABLES)
@given(data=st.data())
def test_a_table_writes_each_property_once_and_reads_them_back(name: str, data: st.DataObject) -> None:
    table = TABLES[name]
    made = data.draw(sayable(name))
    written = table.write(made)
    keys = [pair[0] for pair in written]
    assert sorted(keys) == sorted(set(keys))
    blank = copy.deepcopy(made)
    forget(table.rows, blank, made)
    found = read(data.draw(st.sampled_from([json, key_values]))(written))
    assert table.write(table.read(found, blank)) == written


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
