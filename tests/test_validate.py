"""``qemuxml validate``: single mutations that break libvirt's schema, each named by its element, and the checks behind it."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree
from schemas import SCHEMA, needs_schema
from test_cli import run
from test_diff import GUEST
from test_oracle import CASES, needs_cases

from qemuxml.cli import validate
from qemuxml.cli.validate.datatypes import Datatype
from qemuxml.cli.validate.grammar import Grammar
from qemuxml.cli.validate.locate import Fault, Locator
from qemuxml.cli.validate.patterns import Pattern
from qemuxml.mapping import xmlwalk
from qemuxml.mapping.xml import QEMU


@pytest.fixture(scope="module")
def schema() -> Pattern:
    return Grammar(SCHEMA).start


def faults(schema: Pattern, xml: str) -> list[Fault]:
    return Locator(schema, "guest.xml").walk(xmlwalk.parse(xml, "guest.xml"))


# What is replaced, by what, the path of the fault, and what its message says.
MUTATIONS = [
    ("<name>web</name>", "", "/domain", "<name>"),
    ("<name>", "<nam>", "/domain/nam", "is <name> meant?"),
    ("<memory unit='KiB'>", "<memory unit='KiBs'>", "/domain/memory/@unit", "'KiBs' is not"),
    ("1048576", "much", "/domain/memory", "'much' is not a number"),
    ("1048576", "", "/domain/memory", "a number"),
    ("<memory unit=", "<memory units=", "/domain/memory/@units", "is 'unit' meant?"),
    ("placement='static'", "placement='fixed'", "/domain/vcpu/@placement", "'static', 'auto'"),
    (">4</vcpu>", ">four</vcpu>", "/domain/vcpu", "'four' is not"),
    ("<type arch='x86_64' machine='pc-q35-9.2'>hvm</type>", "", "/domain/os", "<type>"),
    ("<os>", "<os><os/>", "/domain/os/os", "no <os> in <os>"),
    ("arch='x86_64'", "arch='x86-64'", "/domain/os/type/@arch", "'x86-64' is not"),
    ("<boot dev='hd'/>", "<boot dev='disk'/>", "/domain/os/boot/@dev", "'hd', 'fd', 'cdrom', 'network'"),
    ("<boot dev='hd'/>", "<boot/>", "/domain/os/boot", "the attribute 'dev' is missing"),
    ("<boot dev='hd'/>", "<boot dev='hd' menu='yes'/>", "/domain/os/boot/@menu", "no attribute 'menu' here"),
    ("/srv/web.qcow2", "web.qcow2", "/domain/devices/disk[1]/source/@file", "'web.qcow2' is not one of an absolute path"),
    ("<apic/>", "<apics/>", "/domain/features/apics", "is <apic> meant?"),
    ("<acpi/>", "<acpi>on</acpi>", "/domain/features/acpi", "'on'"),
    ("<acpi/>", "<acpi/><acpi/>", "/domain/features/acpi[2]", "no <acpi>"),
    ("mode='custom'", "mode='costum'", "/domain/cpu/@mode", "'host-passthrough'"),
    ("policy='require' name='aes'", "policy='need' name='aes'", "/domain/cpu/feature[1]/@policy", "'require'"),
    (" name='svm'", "", "/domain/cpu/feature[2]", "the attribute 'name' is missing"),
    ("cores='2'", "cores='two'", "/domain/cpu/topology/@cores", "'two' is not a number"),
    ("<clock offset='utc'/>", "<clock/>", "/domain/clock", "the attribute 'offset' is missing"),
    ("offset='utc'", "offset='gmt'", "/domain/clock/@offset", "'utc'"),
    ("<clock offset='utc'/>", "<clock offset='utc'/><on_crash>explode</on_crash>", "/domain/on_crash", "'explode' is not"),
    ("<disk type='file'", "<disk type='fil'", "/domain/devices/disk[1]/@type", "'file'"),
    ("device='disk'", "device='harddisk'", "/domain/devices/disk[1]/@device", "'harddisk' is not"),
    ("cache='none'", "cache='off'", "/domain/devices/disk[1]/driver/@cache", "'off' is not"),
    ("cache='none'", "chache='none'", "/domain/devices/disk[1]/driver/@chache", "is 'cache' meant?"),
    ("<source file='/srv/web.qcow2'/>", "<source/>x", "/domain/devices/disk[1]", "the text 'x'"),
    ("<source file='/srv/web.qcow2'/>", "<source path='/srv/web.qcow2'/>", "/domain/devices/disk[1]/source/@path", "'path'"),
    ("<target dev='vda' bus='virtio'/>", "<target bus='virtio'/>", "/domain/devices/disk[1]/target", "'dev' is missing"),
    ("dev='vda' bus='virtio'/>", "dev='vda' bus='nvme'/>", "/domain/devices/disk[1]/target/@bus", "'virtio'"),
    ("<target dev='vda' bus='virtio'/>", "", "/domain/devices/disk[1]", "<target>"),
    ("<serial>WEB1</serial>", "<serial>a/b</serial>", "/domain/devices/disk[1]/serial", "'a/b' is not"),
    ("<readonly/>", "<read-only/>", "/domain/devices/disk[2]/read-only", "is <readonly> meant?"),
    ("type='scsi' index='0'", "type='scsi' index='first'", "/domain/devices/controller[2]/@index", "'first' is not"),
    ("model='virtio-scsi'", "model='virtio-scsy'", "/domain/devices/controller[2]/@model", "'virtio-scsi'"),
    ("model='qemu-xhci'", "model='qemu-xhci' port='15'", "/domain/devices/controller[1]/@port", "no attribute 'port' here"),
    ("<interface type='bridge'>", "<interface type='bridged'>", "/domain/devices/interface/@type", "'bridged' is not"),
    ("<interface type='bridge'>", "<interface>", "/domain/devices/interface", "the attribute 'type' is missing"),
    ("52:54:00:11:22:33", "52:54:00:11:22", "/domain/devices/interface/mac/@address", "'52:54:00:11:22' is not"),
    ("<source bridge='br0'/>", "<source bridges='br0'/>", "/domain/devices/interface/source/@bridges", "is 'bridge' meant?"),
    ("type='bridge'", "type='network'", "/domain/devices/interface/source", "'network' is missing"),
    ("<source bridge='br0'/>", "<source bridge='br0'/><address type='pci' slot='0x20'/>",
     "/domain/devices/interface/address/@slot", "'0x20' is not"),
    ("<source bridge='br0'/>", "<source bridge='br0'/><address type='pcie'/>",
     "/domain/devices/interface/address/@type", "'pci'"),
    ("<serial type='pty'/>", "<serial type='tty'/>", "/domain/devices/serial/@type", "'tty' is not"),
    ("<input type='tablet' bus='usb'/>", "<input type='pen' bus='usb'/>", "/domain/devices/input/@type", "'pen' is not"),
    ("type='vnc' port='5901'", "type='vnc' port='70000000000'", "/domain/devices/graphics/@port", "'70000000000' is not"),
    ("<model type='virtio' heads", "<model heads", "/domain/devices/video/model", "the attribute 'type' is missing"),
    ("model='itco' action='reset'", "model='itco' action='bark'", "/domain/devices/watchdog/@action", "'bark'"),
    ("<memballoon model='virtio'/>", "<ballon model='virtio'/>", "/domain/devices/ballon", "no <ballon> in <devices>"),
    ("<backend model='random'>/dev/urandom</backend>", "", "/domain/devices/rng", "<backend>"),
    ("<devices>", "<device/><devices>", "/domain/device", "is <devices> meant?"),
]  # fmt: skip


@needs_schema
def test_the_guest_is_valid(schema: Pattern) -> None:
    assert not faults(schema, GUEST)


@needs_schema
@pytest.mark.parametrize(("before", "after", "path", "said"), MUTATIONS, ids=str)
def test_a_mutation_is_named(before: str, after: str, path: str, said: str, schema: Pattern) -> None:
    assert before in GUEST
    mutated = GUEST.replace(before, after, 1)
    if before == "<name>":
        mutated = mutated.replace("</name>", "</nam>")
    first = faults(schema, mutated)[0]
    assert (first.place.path, first.place.line) == (path, line_of(mutated, path))
    assert said in first.message


def line_of(xml: str, path: str) -> int:
    found = etree.fromstring(xml.encode()).xpath(path.partition("/@")[0])
    assert isinstance(found, list)
    return int(found[0].sourceline)  # type: ignore[union-attr, arg-type]


@needs_schema
@needs_cases
def test_libxml2_agrees_on_what_is_valid(schema: Pattern) -> None:
    judge = etree.RelaxNG(etree.parse(str(SCHEMA)))
    for path in sorted((CASES / "modern").glob("*.xml"))[::7]:
        root = xmlwalk.parse(path.read_text(encoding="utf-8"), path.name)
        assert judge.validate(root) is not bool(Locator(schema, path.name).walk(root)), path.name


@needs_schema
def test_what_comes_behind_a_fault_is_checked_too(schema: Pattern) -> None:
    broken = GUEST.replace("cores='2'", "cores='two'").replace("cache='none'", "cache='off'").replace("<readonly/>", "<odd/>")
    assert [fault.place.path for fault in faults(schema, broken)] == [
        "/domain/cpu/topology/@cores",
        "/domain/devices/disk[1]/driver/@cache",
        "/domain/devices/disk[2]/odd",
    ]


@pytest.mark.parametrize(
    ("datatype", "right", "wrong"),
    [
        (Datatype("unsignedInt"), ["0", " 7 ", "4294967295"], ["-1", "4294967296", "", "x", "1.0"]),
        (Datatype("int", minimum=1, maximum=7), ["1", "+7"], ["0", "8"]),
        (Datatype("string", patterns=("[a-z]{2}",)), ["ab"], ["abc", " ab"]),
        (Datatype("string", longest=2), ["", "ab"], ["abc"]),
        (Datatype(value="a b"), ["a b", " a  b"], ["ab"]),
        (Datatype("double"), ["1", "1.5e3", "INF"], ["x"]),
        (Datatype("NCName"), ["a-b", "_x"], ["1a", "a:b"]),
        (Datatype("dateTime"), ["2020-01-01T00:00:00Z"], ["2020-01-01"]),
        (Datatype("string", patterns=("a$",)), ["a$"], ["a"]),
    ],
    ids=str,
)
def test_a_type_takes_what_it_says(datatype: Datatype, right: list[str], wrong: list[str]) -> None:
    assert [text for text in right if not datatype.takes(text)] == []
    assert [text for text in wrong if datatype.takes(text)] == []


# ------------------------------------------------------------------ the command

MINI = """<grammar xmlns="http://relaxng.org/ns/structure/1.0">
<start><element name="domain"><ref name="content"/></element></start>
<define name="any"><element><anyName/><ref name="content"/></element></define>
<define name="content">
  <zeroOrMore><choice><attribute><anyName/></attribute><text/><ref name="any"/></choice></zeroOrMore>
</define>
</grammar>"""


@pytest.fixture
def lax(tmp_path: Path) -> Path:
    """A folder with a schema that takes everything."""
    (tmp_path / "domain.rng").write_text(MINI, encoding="utf-8")
    return tmp_path


def checked(xml: str, lax: Path, *options: str) -> tuple[int, list[str]]:
    result = run("validate", "--schema", lax, *options, "-", stdin=xml)
    assert result.stderr == ""
    return result.exit_code, result.stdout.splitlines()


def test_a_sound_guest_is_silent(lax: Path) -> None:
    assert checked(GUEST, lax) == (0, [])


PASSED = f"</devices><qemu:commandline xmlns:qemu='{QEMU}'><qemu:arg value='{{}}'/></qemu:commandline>"

ADVICE = [
    ("/srv/a.iso", "a.iso", "warning: 'a.iso' is relative", 0),
    ("<boot dev='hd'/>", "<kernel>boot/vmlinuz</kernel>", "warning: 'boot/vmlinuz' is", 0),
    ("</devices>", PASSED.format("-localtime"), "warning: -localtime: QEMU has not taken it since 3.1", 0),
    ("</devices>", PASSED.format("file=/srv/x,a=b"), "warning: /srv/x: only this argument names it", 0),
    ("</devices>", PASSED.format('{"driver":"file", "filename": "/srv/x"}'),
     "warning: /srv/x: only this argument names it", 0),
    ("</devices>", PASSED.format("if=none,file=rel.img"), "warning: 'rel.img' is relative", 0),
    ("</devices>", PASSED.format('{"driver":"file", "filename": "rel.img"}'), "warning: 'rel.img' is relative", 0),
    ("</devices>", PASSED.format("-hdb'/><qemu:arg value='rel.img"), "warning: 'rel.img' is relative", 0),
    ("type='qcow2'", "type='odd'", "error: ", 1),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "said", "status"), ADVICE, ids=str)
def test_checks_that_no_schema_has(before: str, after: str, said: str, status: int, lax: Path) -> None:
    found, lines = checked(GUEST.replace(before, after, 1), lax)
    assert any(said in line for line in lines), lines
    assert found == status
    assert checked(GUEST.replace(before, after, 1), lax, "-q")[1] == [line for line in lines if "error: " in line]


def test_a_boot_order_given_twice(lax: Path) -> None:
    xml = GUEST.replace("<boot dev='hd'/>", "").replace("<source file=", "<boot order='1'/><source file=")
    status, lines = checked(xml, lax)
    assert status == 1
    assert "/domain/devices/disk[2]: error: the boot order 1 belongs to /domain/devices/disk[1] already" in lines[0]
    assert len(lines) == 1


@pytest.mark.parametrize("argument", ["file=nbd:localhost:1,if=none", "file=json:{},id=x", "-append", "file.driver=null-co"])
def test_what_is_no_file_is_not_relative(argument: str, lax: Path) -> None:
    assert checked(GUEST.replace("</devices>", PASSED.format(argument)), lax) == (0, [])


def test_an_option_that_the_chosen_qemu_still_takes(lax: Path) -> None:
    xml = GUEST.replace("</devices>", PASSED.format("-no-hpet"))
    assert "-no-hpet" in checked(xml, lax)[1][0]
    assert checked(xml, lax, "--qemu-version", "6.2") == (0, [])


def test_a_command_line_is_checked_as_what_it_becomes(lax: Path) -> None:
    _, lines = checked("/usr/bin/qemu-system-x86_64 -M pc -hda a.img", lax)
    assert any("warning: a.img is relative: libvirt starts QEMU in /" in line for line in lines)


def test_without_the_schema_the_error_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validate, "_PREFIXES", ())
    monkeypatch.setenv("XDG_DATA_DIRS", "")
    result = run("validate", "-", stdin=GUEST)
    assert result.exit_code == 2
    assert "libvirt-common (Debian 13)" in result.stderr


@pytest.mark.parametrize("text", ["", "<grammar", "<a/>"])
def test_a_schema_that_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.rng").write_text(text, encoding="utf-8")
    result = run("validate", "--schema", tmp_path / "x.rng", "-", stdin=GUEST)
    assert result.exit_code == 2
    assert "is no schema of libvirt's" in result.stderr
    assert run("validate", "--schema", tmp_path / "nowhere", "-", stdin=GUEST).exit_code == 2


def test_trouble_with_one_file_does_not_stop_the_next(lax: Path) -> None:
    (lax / "good.xml").write_text(GUEST.replace("/srv/a.iso", "a.iso"), encoding="utf-8")
    result = run("validate", "--schema", lax, "nowhere", lax / "good.xml")
    assert result.exit_code == 2
    assert "is relative" in result.stdout
    assert "cannot read nowhere" in result.stderr
