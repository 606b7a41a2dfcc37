"""The house's own rules, kept over the syntax trees of its modules."""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from test_oracle import legacy_names

import qemuxml
from qemuxml import argv, devices, domain, later, layout
from qemuxml.mapping.kind import Kind

ROOT = Path(qemuxml.__path__[0])
MODULES = {
    ".".join(("qemuxml", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}

FLOORS = {
    "record": -1, "later": -1, "errors": 0, "cmdline": 1, "mapping": 2, "profiles": 3, "shell": 3, "common": 3, "domain": 4,
    "devices": 5, "layout": 6, "manual": 7, "argv": 7, "complete": 7, "redaction": 7, "shellscript": 7, "reading": 8,
    "convert": 9, "report": 10, "compare": 11, "": 12, "cli": 13, "__main__": 14,
}  # fmt: skip
"""Imports point down: to a lower floor, or stay in the room. The package itself (its public names) stands above convert."""

every_module = pytest.mark.parametrize("name", TREES)


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def without_annotations(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk a tree, leaving out what stands under ``if TYPE_CHECKING``."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            pending += node.orelse
            continue
        yield node
        pending += ast.iter_child_nodes(node)


def imports(tree: ast.AST) -> Iterator[str]:
    """Name the modules that a module imports, inside functions too, and those that it names to be loaded late."""
    yield from (text for text in constants(tree) if text in MODULES)
    yield from (place.value.partition(":")[0] for place in late(tree))
    for node in without_annotations(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole way"
            base = node.module or ""
            yield from {f"{base}.{alias.name}" if f"{base}.{alias.name}" in MODULES else base for alias in node.names}


def late(tree: ast.AST) -> Iterator[ast.Constant]:
    """Find the places ``module:name`` that are loaded late."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("later", "table"):
            yield from (given for given in node.args if isinstance(given, ast.Constant))


def calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield node.func.id if isinstance(node.func, ast.Name) else node.func.attr


def constants(tree: ast.AST) -> Iterator[str]:
    """Yield the texts in a module that are no docstrings."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


# ------------------------------------------------------------------ who knows whom


def test_every_room_has_its_floor() -> None:
    assert {room(name) for name in MODULES} <= set(FLOORS)


@every_module
def test_imports_point_down(name: str) -> None:
    own = room(name)
    for imported in imports(TREES[name]):
        if imported.split(".")[0] != "qemuxml":
            continue
        other = room(imported)
        assert other == own or FLOORS[other] < FLOORS[own], f"{name} imports {imported}"
        assert other != "profiles" or own in ("profiles", "complete", "reading", "convert"), f"{name} imports {imported}"


@pytest.mark.parametrize("name", [name for name in TREES if room(name) == "devices"])
def test_devices_do_not_import_each_other(name: str) -> None:
    own = name.split(".")[:3]
    for imported in imports(TREES[name]):
        assert room(imported) != "devices" or imported.split(".")[:3] == own, f"{name} imports {imported}"


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("lxml", {"qemuxml.mapping.xmlwalk", "qemuxml.mapping.xmltext", "qemuxml.cli.validate.grammar"}),
        ("pyparsing", {"qemuxml.cmdline.words"}),
        ("click", {name for name in TREES if room(name) == "cli"}),
        ("subprocess", {"qemuxml.cli.virsh", "qemuxml.cli.verify.launch"}),
        ("socket", set()),
        ("urllib.request", set()),
    ],
)
def test_a_library_is_known_to_few(library: str, allowed: set[str]) -> None:
    users = {
        name for name, tree in TREES.items() if any(item == library or item.startswith(f"{library}.") for item in imports(tree))
    }
    assert users <= allowed


def test_starting_up_loads_no_parser() -> None:
    for module, unwanted in (
        ("qemuxml.cli", "{'pyparsing', 'lxml', 'click', 'dataclasses'}"),
        ("qemuxml.cli.group", "{'pyparsing', 'lxml'}"),
    ):
        program = f"import sys, {module}; print(sorted({unwanted} & set(sys.modules)))"
        found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
        assert found.stdout == "[]\n", f"import {module}"


@every_module
def test_what_is_loaded_late_is_there(name: str) -> None:
    for place in late(TREES[name]):
        assert later.load(place.value) is not None


NEEDLESS = {
    ("--version",): r"click|lxml|typing|qemuxml\.(?!cli$)",
    ("--help",): r"click|lxml|typing|qemuxml\.(?!cli$)",
    ("from-native", "fixtures/debian-server.args"): (
        r"lxml|pyparsing|pathlib|json|qemuxml\.(argv|manual|redaction|shellscript|report|shell\.calls|complete\.legacy"
        r"|common\.(blockdev|blocksource|protocols|chardevice|secrets)|devices\.(disk|interface|graphics)\.argv"
        r"|domain\.(cpu|firmware)\.argv|domain\.cpu\.check|profiles\.hostmodels"
        r"|complete\.(checks|lacking|unique)|devices\.(rng|tpm|hostdev|sound|channel|vsock|memory|crypto)"
        r"|devices\.(controller|graphics)\.check)"
    ),
    ("from-native", "--profile", "legacy", "fixtures/debian-server.args"): (
        r"lxml|pyparsing|pathlib|qemuxml\.(argv|manual|complete\.(qemu|topology)|devices\.(rng|tpm|vsock|memory|crypto))"
    ),
    ("to-native", "fixtures/debian-server.modern.xml"): (
        r"pyparsing|pathlib|shlex|qemuxml\.(manual|reading|shell|redaction|shellscript|complete\.(legacy|qemu)"
        r"|common\.(blockgraph|blocksource|blocknode)"
        r"|devices\.(rng|tpm|hostdev|sound|channel|vsock|memory|crypto)|(devices|domain)\.\w+\.legacy"
        r"|devices\.(disk|interface|controller|hostdev)\.reading|domain\.\w+\.reading)"
    ),
}
"""What each of these has no need of: a module that one of them loads again takes time of every guest."""


@pytest.mark.parametrize("words", NEEDLESS, ids=" ".join)
def test_a_command_loads_what_it_needs(words: tuple[str, ...]) -> None:
    program = [sys.executable, "-X", "importtime", "-m", "qemuxml", *words]
    done = subprocess.run(program, cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=60, check=True)
    loaded = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    assert [name for name in loaded if re.match(rf"(?:{NEEDLESS[words]})(?:\.|$)", name)] == []


# ------------------------------------------------------------------ what modules do and say

OUTSIDE = frozenset(
    [
        "print",
        "open",
        "input",
        "exit",
        "_exit",
        "quit",
        "breakpoint",
        "system",
        "popen",
        "read_text",
        "read_bytes",
        "write_text",
        "write_bytes",
        "getenv",
        "eval",
        "exec",
    ]
)


@pytest.mark.parametrize("name", [name for name in TREES if room(name) not in ("cli", "__main__")])
def test_only_the_command_touches_the_outside(name: str) -> None:
    assert not OUTSIDE & set(calls(TREES[name]))
    assert "os" not in set(imports(TREES[name]))


OWN_VERSIONS = {
    "tpm": "a chip is of TPM 1.2 or 2.0",
    "redirdev": "a USB device has a release number, by which a filter may choose",
    "interface": "802.1Qbg has a typeidversion",
}
"""The rooms that speak of a version which is neither QEMU's nor libvirt's."""


@pytest.mark.parametrize("name", [name for name in TREES if room(name) == "devices"])
def test_devices_see_no_version(name: str) -> None:
    own = set(name.split(".")[2:3]) & set(OWN_VERSIONS)
    literals = [text for text in constants(TREES[name]) if re.fullmatch(r"v?[0-9]+\.[0-9]+(\.[0-9]+)?", text)]
    assert own or not literals
    forbidden = re.compile("qemu_?version|libvirt_?version|release" if own else "version|release", re.IGNORECASE)
    for node in ast.walk(TREES[name]):
        called = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        assert not forbidden.search(called), f"{name} asks for a version: it should ask has()"


@every_module
def test_modules_say_what_they_are_for(name: str) -> None:
    prose = ast.get_docstring(TREES[name]) or ""
    assert re.match(r"[^\n]{20,130}", prose), "a first line that says something"
    concrete = room(name) in ("cmdline", "mapping", "common", "devices", "domain") and MODULES[name].name != "__init__.py"
    assert not concrete or re.search(r"``[^`]+``|<\w", prose), "an option or element as an example"


@every_module
def test_no_module_is_a_drawer(name: str) -> None:
    assert name.rsplit(".", 1)[-1] not in ("utils", "util", "helpers", "misc", "manager")


@pytest.mark.parametrize("name", [name for name in TREES if room(name) in ("devices", "domain")])
def test_a_room_of_more_than_400_lines_becomes_a_folder(name: str) -> None:
    assert len(MODULES[name].read_text(encoding="utf-8").splitlines()) <= 400


# ------------------------------------------------------------------ layout


def kinds_below(package: ModuleType) -> dict[int, str]:
    """Find the kinds of a package's modules, with the module of each."""
    found: dict[int, str] = {}
    for name in MODULES:
        if name.startswith(f"{package.__name__}."):
            kinds = [value for value in vars(importlib.import_module(name)).values() if isinstance(value, Kind)]
            found.update((id(kind), name) for kind in kinds)
    return found


def test_the_layout_lists_every_kind() -> None:
    assert {id(room.kind) for room in layout.DEVICES} == set(kinds_below(devices))
    assert {id(room.kind) for room in layout.PARTS} == set(kinds_below(domain))
    for room in (*layout.DEVICES, *layout.PARTS):
        assert room.element == room.kind.element


@pytest.mark.parametrize("room", [*layout.DEVICES, *layout.PARTS], ids=lambda room: room.element)
def test_the_layout_says_which_options_may_lead_to_a_kind(room: layout.Room) -> None:
    claimed = [key.partition(" ") for key in (*room.kind.claims, *room.kind.modern)]
    assert all(room.may_take(option, kind) for option, _, kind in claimed)
    assert set(room.options) == {option for option, _, kind in claimed if not kind}
    for option, beginnings in room.types.items():
        for beginning in beginnings:
            assert any(name == option and kind.startswith(beginning) for name, _, kind in claimed), f"{option} {beginning}"


def test_every_room_of_devices_has_a_kind() -> None:
    rooms = {name.split(".")[2] for name in MODULES if name.startswith("qemuxml.devices.")}
    assert rooms == {name.split(".")[2] for name in kinds_below(devices).values()}


def test_every_device_is_written_once_or_elsewhere() -> None:
    written = [item for item in argv.ORDER if isinstance(item, str)]
    assert sorted([*written, *argv.ELSEWHERE]) == sorted(room.element for room in layout.DEVICES)
    assert all((room.kind.write is None) == (room.element in argv.ELSEWHERE) for room in layout.DEVICES)


def test_elements_are_listed_once() -> None:
    for rooms in (layout.DEVICES, layout.PARTS):
        assert len({room.element for room in rooms}) == len(rooms)
        assert len({room.kind.model for room in rooms}) == len(rooms)


# ------------------------------------------------------------------ no case by name


@every_module
def test_no_code_knows_a_case_by_name(name: str) -> None:
    fixtures = Path(__file__).parents[1] / "fixtures"
    cases = (
        {path.name.split(".")[0] for path in fixtures.iterdir()} | set(legacy_names())
        if fixtures.is_dir()
        else set(legacy_names())
    )
    named = [case for case in cases if "-" in case]
    files = "oracle" if room(name) == "cli" else r"\.args$|fixtures/|oracle"  # the command names files for a living
    assert not [text for text in constants(TREES[name]) if text in named or re.search(files, text)]
