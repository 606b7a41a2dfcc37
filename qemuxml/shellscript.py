"""A guest as a shell script: checks, the files and helpers that libvirt would have seen to (``swtpm``, ``passt``), then QEMU.

QEMU runs as a child of the script, not in its place: its helpers end behind it, so that a TPM is shut down in order.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from typing import Final

from qemuxml.cmdline.render import Words
from qemuxml.mapping.context import Writing
from qemuxml.mapping.plumbing import Content, Copy, Helper, Present

_INDENT: Final = "    "
_FAIL: Final = r"""
fail() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit 1
}
"""
_FINISH: Final = """
guest=
helpers=
stop=

finish() {
    status=$?
    trap - EXIT
    trap : HUP INT TERM
    for children in "$guest" "$helpers"; do
        for child in $children; do
            kill "$child" 2>/dev/null || :
        done
        for child in $children; do
            wait "$child" || :
        done
    done
    rm -f -- %s
    exit "$status"
}
trap finish EXIT
trap 'stop=129' HUP
trap 'stop=130' INT
trap 'stop=143' TERM
"""
_WAIT: Final = """guest=$!
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
[ -z "$stop" ] || exit "$stop"
wait "$guest"
"""
"""A signal counts as soon as all children are known: none is left behind."""
_ALONE: Final = """
# One guest of this name at a time
exec 9>>%s
! command -v flock >/dev/null || flock -n 9 || fail 'the guest runs already'
"""
"""The lock is held by QEMU and the helpers too: it stands as long as one of them runs, whatever becomes of the script."""
_APART: Final = """
# Ctrl-C is for the guest: its helpers end behind it
apart=
! command -v setsid >/dev/null || apart=yes
"""
_AWAIT: Final = """
await() {
    tries=0
    until [ -S "$1" ]; do
        [ -z "$stop" ] || exit "$stop"
        tries=$((tries + 1))
        [ "$tries" -le 100 ] || fail "$2 is not ready"
        sleep 0.1 2>/dev/null || sleep 1
    done
}
"""
_FOLDERS: Final = "PATH=$PATH:/usr/libexec:/usr/lib/qemu:/usr/lib:/usr/libexec/qemu\n"
"""Where distributions put the helpers that nobody calls by hand."""


def render(writing: Writing, environment: Iterable[tuple[str, str]], emulator: str, options: Iterable[Words]) -> str:
    """The whole script. The needs of the guest are those that its kinds have said while they wrote the options."""
    started = "".join(_guest(environment, emulator, options))
    parts = (
        _head(writing, literal="$" in started or "`" in started),
        _checks(writing, emulator),
        _files(writing),
        _helpers(writing),
    )
    return "".join([*(line for part in parts for line in part), started, _WAIT])


def _head(writing: Writing, *, literal: bool) -> Iterator[str]:
    """What the script is. ``literal``: a name in it has a dollar or a back-quote, which is meant so."""
    name = _comment(writing.domain.identity.name or "")
    yield f"#!/bin/sh\n# Starts the guest {name} in QEMU, without libvirt. Made from its domain XML by qemuxml.\n"
    yield f"# Its monitor (QMP) listens at {_comment(writing.state_path('.qmp'))} while it runs; Ctrl-C ends the guest.\n"
    if writing.notes:
        yield "#\n"
    yield from (f"# Note: {_comment(note.message)}\n" for note in writing.notes)
    yield "# shellcheck disable=SC2016\n" if literal else ""
    yield "set -eu\n"
    yield _FAIL


def _comment(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


# ------------------------------------------------------------------ what must be there


def _checks(writing: Writing, emulator: str) -> Iterator[str]:
    """One message for each thing that is missing."""
    helpers = [need for need in writing.needs if isinstance(need, Helper)]
    yield "\n# What must be there\n"
    if helpers:
        yield _FOLDERS
    yield from (_program(binary) for binary in dict.fromkeys([emulator, *(need.words[0] for need in helpers)]))
    made = set(_made(writing))
    for need in writing.needs:
        if isinstance(need, Present) and need.path not in made:
            yield f"[ -e {shlex.quote(need.path)} ] || fail {shlex.quote(need.missing)}\n"


def _program(binary: str) -> str:
    missing = f"the program {binary} is missing"
    return f"command -v {shlex.quote(binary)} >/dev/null || fail {shlex.quote(missing)}\n"


def _made(writing: Writing) -> Iterator[str]:
    """The files that the script makes, or its helpers."""
    for need in writing.needs:
        match need:
            case Copy() | Content():
                yield need.path
            case Helper():
                yield need.socket


# ------------------------------------------------------------------ files


def _files(writing: Writing) -> Iterator[str]:
    """The state directory and what must lie there before the guest starts."""
    yield "\n# Files of the guest\numask 077\n"
    yield from (f"mkdir -p -- {shlex.quote(folder)}\n" for folder in dict.fromkeys(_folders(writing)) if folder)
    yield _ALONE % shlex.quote(writing.state_path(".lock"))
    yield from _file_lines(writing)


def _folders(writing: Writing) -> Iterator[str]:
    yield writing.plumbing.state_dir
    yield from (need.folder or "" for need in writing.needs if isinstance(need, Helper))


def _file_lines(writing: Writing) -> Iterator[str]:
    for need in writing.needs:
        match need:
            case Copy():
                path, template = shlex.quote(need.path), shlex.quote(need.template)
                missing = shlex.quote(f"the template of {need.path} is missing: {need.template}")
                yield f"[ -e {path} ] || [ -e {template} ] || fail {missing}\n"
                made = shlex.quote(f"{need.path}.new")
                yield f"[ -e {path} ] || {{ cat -- {template} >{made} && mv -- {made} {path}; }}\n"
            case Content():
                yield f"printf '%s' {shlex.quote(need.text)} >{shlex.quote(need.path)}\n"


# ------------------------------------------------------------------ processes


def _helpers(writing: Writing) -> Iterator[str]:
    """The helpers, each ready before the next one starts; QEMU and they end together."""
    needs = [need for need in writing.needs if isinstance(need, Helper)]
    passing = [writing.state_path(ending) for ending in (".qmp", ".lock")]
    passing += [path for need in needs for path in (need.socket, *need.leaves)]
    passing += [need.path for need in writing.needs if isinstance(need, Content)]
    yield _FINISH % " ".join(map(shlex.quote, passing))
    if not needs:
        return
    yield _AWAIT
    yield _APART
    for need in needs:
        socket, name = shlex.quote(need.socket), shlex.quote(need.words[0].rsplit("/", 1)[-1])
        yield f"\nrm -f -- {socket}\n"
        program = f"${{apart:+setsid}} {shlex.quote(need.words[0])}"
        yield " \\\n".join([program, *(_INDENT + word for word in _paired(need.words[1:]))])
        yield f' &\nhelpers="$helpers $!"\nawait {socket} {name}\n'


def _paired(words: Iterable[str]) -> Iterator[str]:
    """Each option on a line, with the value behind it."""
    line: list[str] = []
    for word in words:
        if line and word.startswith("-"):
            yield shlex.join(line)
            line = []
        line.append(word)
    if line:
        yield shlex.join(line)


def _guest(environment: Iterable[tuple[str, str]], emulator: str, options: Iterable[Words]) -> Iterator[str]:
    """QEMU, with the script's own input: a shell gives none to what it starts in the background."""
    yield "\n"
    yield from (f"export {name}={shlex.quote(value)}\n" for name, value in environment)
    yield " \\\n".join([shlex.quote(emulator), *(_INDENT + shlex.join(words) for words in options)])
    yield f" \\\n{_INDENT}<&0 &\n"
