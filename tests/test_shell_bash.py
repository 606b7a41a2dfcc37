"""The reader of scripts, held against bash: a generated script runs with a stub for QEMU, which gets the words that we read."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qemuxml.errors import CommandLineError, Source
from qemuxml.shell import find

BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(BASH is None, reason="bash is not installed")

STUB = """#!/bin/sh
for word in "$@"; do printf '%s\\0' "$word"; done
"""

# ------------------------------------------------------------------ scripts

SCALARS = ("a", "mem", "IMG", "x_1")
ARRAYS = ("args", "more")
LETTERS = st.text("abz019./-_:,=+%@^", max_size=5)
QUOTED = st.text("ab \t\"'\\$`*?{}[]#;&|<>()!~\n,=/é", max_size=6)


def single(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def double(text: str) -> str:
    return '"' + "".join(f"\\{c}" if c in '"\\$`' else c for c in text) + '"'


def escaped(text: str) -> str:
    return "".join(f"\\{c}" for c in text.replace("\n", ""))


PATTERNS = st.sampled_from(["a", "*", "?", "a*", "*.", "[a-c]", "[!a]", "*b?", ".", "/", "0"])
FORMATS = st.sampled_from(["%d", "%5s", "%-4d", "%03d", "%+i", "%.1s", "%c", "%u%%"])
FILTERS = st.sampled_from(
    [
        "tr a-c A-C", "tr -d a", "tr -s b", "tr '[:lower:]' '[:upper:]'", "cut -d: -f1", "cut -c2-3", "cut -d/ -f2-", "head -n 1",
        "tail -n1", "head -c 3", "sed s/a/x/g", "sed 's/.$//'", "sed -E 's/(a)b?/[\\1]/'", "sed 's,^,-,'", "sed 's/a*/&&/'",
        "grep a", "grep -v b", "grep -c x || :", "grep -o 'b.'", "wc -l", "rev", "tac", "awk '{print $1}'",
        "cat", "awk -F: '{print $2}'",
        "tr -s / :", "sed 's/[b-z]/_/g'", "tr -dc 'a-z\\n'", "sed 's/a\\+/+/'", "head -1 | tr z y",
    ]
)  # fmt: skip
NUMBERS = st.sampled_from(["0", "1", "2", "-1", "5"])


def parameters(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Parameter expansions, with words that may hold more of them."""
    name = st.sampled_from(SCALARS)
    array = st.sampled_from(ARRAYS)
    operators = st.sampled_from([":-", "-", ":+", "+"])
    return st.one_of(
        name.map("${}".format),
        name.map("${{{}}}".format),
        name.map("${{#{}}}".format),
        st.builds("${{{}{}{}}}".format, name, operators, inner),
        st.builds("${{unset{}{}}}".format, st.sampled_from([":-", "-", ":+", "+"]), inner),
        st.builds("${{{}{}{}}}".format, name, st.sampled_from(["#", "##", "%", "%%"]), PATTERNS),
        st.builds("${{{}{}{}/{}}}".format, name, st.sampled_from(["/", "//"]), PATTERNS.filter(lambda p: "/" not in p), LETTERS),
        st.builds("${{{}:{}:{}}}".format, name, st.sampled_from(["0", "1", " -2"]), NUMBERS.filter(lambda n: n != "-1")),
        st.builds("${{{}{}}}".format, name, st.sampled_from(["^^", ",,", "^"])),
        st.builds("${{{}[{}]}}".format, array, st.sampled_from(["0", "1", "-1", "@", "*"])),
        array.map("${{#{}[@]}}".format),
        st.builds("${{{}[@]:{}}}".format, array, st.sampled_from(["0", "1", "0:1", "1:1"])),
        st.builds("$(( {} {} ${{#{}}} ))".format, NUMBERS, st.sampled_from(["+", "*", "<", "-"]), name),
        st.builds("$(echo {})".format, name.map('"${}"'.format)),
        st.just('$(printf "%s:%s" a "$mem")'),
        st.builds("${{{}[@]/{}/{}}}".format, array, st.sampled_from("#%"), LETTERS),
        st.builds('$(printf "{}|" {} 7)'.format, FORMATS, NUMBERS),
        st.builds("$(printf '%s\\n' {} {} | {})".format, name.map('"${}"'.format), LETTERS, FILTERS),
        st.builds("$(( {}[{}] + 1 ))".format, st.just("numbers"), NUMBERS),
    )


def plain() -> st.SearchStrategy[str]:
    return st.one_of(
        LETTERS.filter(lambda text: not text.startswith("#")), QUOTED.map(single), QUOTED.map(double), QUOTED.map(escaped)
    )


def word_parts() -> st.SearchStrategy[str]:
    simple = plain()
    unquoted = parameters(simple)
    quoted = st.lists(st.one_of(LETTERS, parameters(LETTERS)), max_size=3).map(lambda parts: '"' + "".join(parts) + '"')
    return st.one_of(
        simple, unquoted, quoted, st.sampled_from(["{a,b}", "{1..3}", "{}", "{x}", "~x", "$'a\\tb'", '"${args[@]}"'])
    )


WORD = st.lists(word_parts(), min_size=1, max_size=3).map("".join)
ASSIGNMENT = st.one_of(
    st.builds("{}={}".format, st.sampled_from(SCALARS), WORD),
    st.builds("{}+={}".format, st.sampled_from(SCALARS), WORD),
    st.builds("{}=({})".format, st.sampled_from(ARRAYS), st.lists(WORD, max_size=3).map(" ".join)),
    st.builds("{}+=({})".format, st.sampled_from(ARRAYS), st.lists(WORD, max_size=3).map(" \n ".join)),
    st.builds(': "${{{}:={}}}"'.format, st.sampled_from(SCALARS), LETTERS),
    st.builds("declare -i number={}; number+=2; mem=$number".format, NUMBERS),
    st.builds("(( numbers[{}] += {} ))".format, st.sampled_from("012"), NUMBERS),
)
TEST = st.one_of(
    st.builds('[ {} "${}" ]'.format, st.sampled_from(["-z", "-n"]), st.sampled_from(SCALARS)),
    st.builds("[[ ${} {} {} ]]".format, st.sampled_from(SCALARS), st.sampled_from(["==", "!="]), PATTERNS),
    st.builds("(( ${{#{}}} > {} ))".format, st.sampled_from(SCALARS), st.sampled_from("012")),
    st.builds('test "${}" = "${}"'.format, st.sampled_from(SCALARS), st.sampled_from(SCALARS)),
)


def commands(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    block = st.lists(inner, min_size=1, max_size=2).map("\n".join)
    return st.one_of(
        st.builds("if {}; then\n{}\nelse\n{}\nfi".format, TEST, block, block),
        st.builds("{} && {}".format, TEST, inner),
        st.builds("{} || {{ {}; }}".format, TEST, inner),
        st.builds("for x_1 in {}; do\n{}\ndone".format, st.lists(WORD, max_size=3).map(" ".join), block),
        st.builds("case ${} in {}) {} ;; *) {} ;; esac".format, st.sampled_from(SCALARS), PATTERNS, inner, inner),
        st.builds("f() {{ local a=$1; {}; }}; f {}".format, inner, WORD),
        st.builds("read -r a mem <<< {}".format, WORD),
        st.builds(
            "case ${} in {}) {} ;;& {}) {} ;& b) {} ;; esac".format,
            st.sampled_from(SCALARS),
            PATTERNS,
            inner,
            PATTERNS,
            inner,
            inner,
        ),
        st.builds("while read -r a IMG; do\n{}\ndone <<EOF\n$mem\n$IMG b\nEOF".format, block),
        st.builds("g() {{ local -n ref=$1; ref+=({}); }}; g {}".format, WORD, st.sampled_from(ARRAYS)),
        st.builds(
            'h() {{ local o OPTIND=1; while getopts \'ab:\' o; do more+=("$o" "$OPTARG"); done; }}; h {} 2>/dev/null'.format,
            st.lists(st.sampled_from(["-a", "-bx", "-b", "y", "--", "-ab", "-aby", "-"]), max_size=4).map(" ".join),
        ),
        st.builds(
            "mapfile -t more <<EOF\n{}\n$a\nEOF".format, st.text("ab $\\#'", max_size=5).map(lambda t: t.replace("$", "$mem "))
        ),
    )


COMMAND = st.recursive(ASSIGNMENT, commands, max_leaves=4)


@st.composite
def scripts(draw: st.DrawFn) -> str:
    lines = ["#!/bin/bash", *(f"{name}={draw(plain())}" for name in SCALARS), "args=(-m 5)", "more=()", "numbers=(3 04 5)"]
    lines += draw(st.lists(COMMAND, max_size=4))
    joint = draw(st.sampled_from([" ", " \\\n  ", " `# why` \\\n"]))
    words = ["qemu-system-x86_64", *draw(st.lists(WORD, min_size=1, max_size=4))]
    return "\n".join([*lines, joint.join(words)]) + "\n"


# ------------------------------------------------------------------ the law


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stub")
    program = folder / "qemu-system-x86_64"
    program.write_text(STUB, encoding="utf-8")
    program.chmod(0o755)
    return folder


def said_by_bash(script: str, stub: Path) -> list[str] | None:
    """Words that QEMU would get; None if bash complains."""
    empty = stub / "empty"
    empty.mkdir(exist_ok=True)
    environment = {"PATH": f"{stub}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "HOME": "/home/ann"}
    found = subprocess.run([str(BASH)], input=script.encode(), capture_output=True, cwd=empty, env=environment, timeout=60)  # noqa: PLW1510
    if found.returncode or found.stderr:
        return None
    return found.stdout.decode().split("\0")[:-1]


def words_or_refusal(script: str) -> list[str] | CommandLineError:
    try:
        return [word.text for word in find(Source(script, "run.sh"), settings={"HOME": "/home/ann"}).words[1:]]
    except CommandLineError as error:
        return error


@given(scripts())
def test_the_words_are_those_that_bash_gives(stub: Path, script: str) -> None:
    words = said_by_bash(script, stub)
    if words is None:
        return
    read = words_or_refusal(script)
    if ("-m", "?") in pairwise(words):  # the only option that a script here has: QEMU prints its help, and runs no guest
        assert isinstance(read, CommandLineError)
        assert "no QEMU call found" in read.message
    elif isinstance(read, CommandLineError):
        assert re.search("only a run of the script would tell|cannot stand", read.message), read.report()
    else:
        assert read == words
