"""The XML engine: what it writes it reads back, what nobody reads it reports, and hostile documents are refused."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from strategies import TEXT, objects, reachable

from qemuxml import layout
from qemuxml.domain import Domain
from qemuxml.errors import DomainXmlError, XmlPlace
from qemuxml.mapping import xmltext, xmlwalk
from qemuxml.mapping.xml import QEMU, Attr, Child, Children, Group, Text, declarations

CLASSES = sorted(reachable(Domain), key=lambda model: (model.__module__, model.__qualname__))


def written(made: Any, tag: str = "element") -> str:
    return xmltext.to_text(xmltext.write(made, tag, layout.place))


def read(text: str, model: type[Any] = Domain) -> tuple[Any, list[str]]:
    root = xmlwalk.parse(text, "t.xml")
    reader = xmlwalk.Reader("t.xml", layout.ELEMENTS)
    made = reader.read(model, root)
    return made, [place.path for place in reader.leftovers(root)]


def test_every_kind_is_among_the_classes() -> None:
    assert {room.kind.model for room in (*layout.DEVICES, *layout.PARTS)} <= set(CLASSES)


def nodes(model: type[Any], above: str = "") -> Iterator[str]:
    """The attributes and texts of an element and those below it, once for each field."""
    for _, declared in declarations(model):
        path = "/".join((above, *getattr(declared, "steps", ())))
        match declared:
            case Attr(name=name):
                yield f"{path}/@{name}"
            case Text():
                yield path
            case Group(model=below):
                yield from nodes(below, above)
            case Child(model=below) | Children(model=below) if below is not model:
                yield from nodes(below, path)


@pytest.mark.parametrize("model", CLASSES, ids=lambda model: model.__name__)
def test_no_two_fields_are_the_same_node(model: type[Any]) -> None:
    found = list(nodes(model))
    assert sorted(found) == sorted(set(found))


@pytest.mark.parametrize("model", CLASSES, ids=lambda model: model.__name__)
@given(data=st.data())
def test_what_is_written_is_read_back(model: type[Any], data: st.DataObject) -> None:
    made = data.draw(objects(model))
    text = written(made)
    assert read(text, model) == (made, [])
    assert written(read(text, model)[0]) == text


@given(objects(Domain))
def test_the_text_is_the_tree(domain: Domain) -> None:
    root = xmltext.write(domain, "domain", layout.place)
    assert shape(xmltext.of_element(xmlwalk.parse(xmltext.to_text(root), "t"))) == shape(root)


def shape(node: xmltext.Node) -> Any:
    return node.tag, node.attributes, [shape(item) for item in node.below] or node.text


def test_devices_are_written_in_the_order_of_the_layout() -> None:
    devices = [room.kind.model() for room in reversed(layout.DEVICES)]
    root = xmltext.write(Domain(devices=devices), "domain", layout.place)
    assert [node.tag for node in root.down(["devices"]).below] == list(layout.ELEMENTS)


# ------------------------------------------------------------------ leftovers

NODES = {
    "/domain/@foreign": "<domain foreign='1'/>",
    "/domain/unknown": "<domain><unknown><below/></unknown></domain>",
    "/domain": "<domain>text</domain>",
    "/domain/name/@lang": "<domain><name lang='en'>a</name></domain>",
    "/domain/name/b": "<domain><name><b/></name></domain>",
    "/domain/name[2]": "<domain><name>a</name><name>b</name></domain>",
    "/domain/devices": "<domain><devices><disk/>text</devices></domain>",
    "/domain/devices/unknown": "<domain><devices><disk/><unknown/></devices></domain>",
    "/domain/devices/disk[2]/x": "<domain><devices><disk/><disk><x/></disk></devices></domain>",
    "/domain/devices/disk/readonly/@x": "<domain><devices><disk><readonly x='1'/></disk></devices></domain>",
    "/domain/devices/disk/source[2]": "<domain><devices><disk type='file'><source/><source/></disk></devices></domain>",
    "/domain/devices/disk/source/@dev": "<domain><devices><disk type='file'><source dev='a'/></disk></devices></domain>",
    "/domain/qemu:unknown": f"<domain xmlns:qemu='{QEMU}'><qemu:unknown/></domain>",
    "/domain/devices/disk/backingStore/source/@dir": (
        "<domain><devices><disk><backingStore type='file'><source dir='/a'/></backingStore></disk></devices></domain>"
    ),
}


@pytest.mark.parametrize("path", NODES)
def test_a_node_that_nobody_reads_is_left_over(path: str) -> None:
    assert read(NODES[path])[1] == [path]


def test_leftovers_stand_in_the_order_of_the_document() -> None:
    text = "<domain a='1' b='2'><x/><name>n</name><devices><disk><y/></disk><z/></devices><x/></domain>"
    assert read(text)[1] == [
        "/domain/@a",
        "/domain/@b",
        "/domain/x[1]",
        "/domain/devices/disk/y",
        "/domain/devices/z",
        "/domain/x[2]",
    ]


@given(objects(Domain), st.data())
def test_a_node_added_anywhere_is_left_over_there(domain: Domain, data: st.DataObject) -> None:
    root = xmlwalk.parse(written(domain, "domain"), "t")
    nodes = list(root.iter())
    host = nodes[data.draw(st.integers(0, len(nodes) - 1))]
    if host is root or len(host):  # in an element of text, a child would change the text
        etree.SubElement(host, "foreign").text = "x"
        expected = "/foreign"
    else:
        host.set("foreign", "1")
        expected = "/@foreign"
    (path,) = read(etree.tostring(root, encoding="unicode"))[1]
    assert path.endswith(expected)


def test_comments_and_processing_instructions_are_no_nodes() -> None:
    domain, left = read("<?x y?><!-- a --><domain><!-- b --><name>a<!-- c -->b</name><?x?></domain>")
    assert (domain.identity.name, left) == ("ab", [])


def test_a_value_that_does_not_decode_names_line_and_path() -> None:
    with pytest.raises(DomainXmlError, match="'x' is not a number") as caught:
        read("<domain>\n<devices>\n<disk/>\n<disk><geometry cyls='x'/></disk></devices></domain>")
    assert caught.value.place == XmlPlace("t.xml", 4, "/domain/devices/disk[2]/geometry/@cyls")


def test_a_device_remembers_its_place() -> None:
    reader = xmlwalk.Reader("t.xml", layout.ELEMENTS)
    root = xmlwalk.parse("<domain><devices>\n<disk/>\n<sound/><disk/></devices></domain>", "t.xml")
    domain = reader.read(Domain, root)
    assert [str(reader.places[id(device)]) for device in domain.devices] == [
        "t.xml:2: /domain/devices/disk[1]",
        "t.xml:3: /domain/devices/sound",
        "t.xml:3: /domain/devices/disk[2]",
    ]


@given(TEXT)
def test_text_survives_as_attribute_and_as_text(text: str) -> None:
    root = etree.Element("a", b=text)
    etree.SubElement(root, "c").text = text
    parsed = xmlwalk.parse(xmltext.to_text(xmltext.of_element(root)), "t")
    assert (parsed.get("b"), parsed.findtext("c")) == (text, text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "us-ascii"])
def test_a_declared_encoding_says_nothing_about_text(encoding: str) -> None:
    domain, _ = read(f"<?xml version='1.0' encoding='{encoding}'?><domain><name>é€</name></domain>")
    assert domain.identity.name == "é€"


# ------------------------------------------------------------------ hostile documents

BOMB = "<!DOCTYPE d [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{level} '{f'&a{level - 1};' * 10}'>" for level in range(1, 10)
) + "]><domain><name>&a9;</name></domain>"  # fmt: skip

HOSTILE = {
    "empty": "",
    "blank": " \n ",
    "no XML": "kvm -m 512",
    "cut off": "<domain><name>a</name>",
    "two roots": "<domain/><domain/>",
    "a NUL": "<domain>\0</domain>",
    "a control character": "<domain>&#1;</domain>",
    "a lone surrogate": "<domain>\ud800</domain>",
    "an unknown prefix": "<domain><qemu:commandline/></domain>",
    "an unknown entity": "<domain>&x;</domain>",
    "an entity bomb": BOMB,
    "a document type": "<!DOCTYPE domain><domain/>",
    "an external subset": "<!DOCTYPE domain SYSTEM 'file:///etc/passwd'><domain/>",
    "10,000 levels": "<domain>" * 10_000 + "</domain>" * 10_000,
    "10,000 levels, cut off": "<a>" * 10_000,
    "a huge text": "<domain><name>" + "a" * 5_000_000 + "</name></domain>",
    "a huge number of elements": "<domain>" + "<a/>" * 1_250_000 + "</domain>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_with_its_place(name: str) -> None:
    with pytest.raises(DomainXmlError) as caught:
        xmlwalk.parse(HOSTILE[name], "t.xml")
    assert str(caught.value.place).startswith("t.xml:")
    assert len(caught.value.report()) < 1000


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine, its address, and the paths it was asked for."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"SECRET")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "form",
    [
        "<!DOCTYPE d [<!ENTITY x SYSTEM '{}'>]><domain><name>&x;</name></domain>",
        "<!DOCTYPE d [<!ENTITY % x SYSTEM '{}'> %x;]><domain/>",
        "<!DOCTYPE d SYSTEM '{}'><domain/>",
        "<!DOCTYPE d PUBLIC '-//x' '{}'><domain/>",
    ],
)
def test_nothing_outside_the_document_is_read(form: str, asked: tuple[str, list[str]], tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    address, paths = asked
    for place in (f"{address}/x", secret.as_uri()):
        with pytest.raises(DomainXmlError) as caught:
            xmlwalk.parse(form.format(place), "t.xml")
        assert "SECRET" not in caught.value.report()
    assert paths == []


def test_an_xinclude_is_an_element_like_any_other(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    _, left = read(
        f"<domain xmlns:x='http://www.w3.org/2001/XInclude'><x:include parse='text' href='{secret.as_uri()}'/></domain>"
    )
    assert left == ["/domain/include"]
