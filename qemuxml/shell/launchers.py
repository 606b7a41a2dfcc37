"""Programs that start another one: ``sudo -u vm taskset -c 0-3 nice -n 5 kvm -m 512`` starts ``kvm``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qemuxml.shell.syntax import Simple
from qemuxml.shell.values import Text, Unknown

if TYPE_CHECKING:
    from qemuxml.shell.evaluation import Evaluator


@dataclass(frozen=True, slots=True)
class Launcher:
    """How many words stand before the program: options (those in ``valued`` take a word more) and others in their order."""

    valued: str = ""
    """Options whose value is the next word, separated by blanks."""
    others: int = 0
    assigns: bool = False
    """Whether ``NAME=value`` may stand before the program."""


_SUDO = "-u -g -h -p -C -r -t -T -U -D -R --user --group --host --prompt --close-from --chdir --chroot --role --type"
LAUNCHERS = {
    "sudo": Launcher(_SUDO, assigns=True),
    "doas": Launcher("-u -C"),
    "pkexec": Launcher("--user"),
    "env": Launcher("-u --unset -C --chdir -S", assigns=True),
    "exec": Launcher("-a"),
    "command": Launcher(),
    "builtin": Launcher(),
    "nohup": Launcher(),
    "setsid": Launcher(),
    "nice": Launcher("-n --adjustment"),
    "ionice": Launcher("-c -n --class --classdata"),
    "chrt": Launcher("-T -P -D", others=1),
    "taskset": Launcher(others=1),
    "numactl": Launcher("-i -p -P -N -C -m -w --interleave --preferred --preferred-many --cpunodebind --physcpubind --membind"),
    "time": Launcher("-f -o --format --output"),
    "timeout": Launcher("-k -s --kill-after --signal", others=1),
    "stdbuf": Launcher("-i -o -e --input --output --error"),
    "systemd-run": Launcher("-p -u -E -H -M -G --property --unit --setenv --slice --description --uid --gid --working-directory"),
    "systemd-inhibit": Launcher("--what --who --why --mode"),
    "cgexec": Launcher("-g"),
    "prlimit": Launcher(),
    "setpriv": Launcher("--reuid --regid --groups --inh-caps --ambient-caps --bounding-set"),
    "unshare": Launcher("-S -G -R -w --setuid --setgid --root --wd"),
    "nsenter": Launcher("-t -S -G --target --setuid --setgid"),
    "strace": Launcher("-e -o -s -p -P -E"),
    "ltrace": Launcher("-e -o -s -p"),
    "valgrind": Launcher(),
    "gdb": Launcher("-x -ex -iex --command"),
    "screen": Launcher("-S -c -h -s -t -T -p -e"),
    "dbus-run-session": Launcher("--config-file --dbus-daemon"),
    "xvfb-run": Launcher("-e -f -n -p -s -w --server-num --server-args"),
    "flock": Launcher("-w -E --wait --timeout", others=1),
    "catchsegv": Launcher(),
    "firejail": Launcher(),
    "proxychains": Launcher("-f"),
    "gamemoderun": Launcher(),
}
"""The programs, by name without folders."""

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")

Field = Text | Unknown
Words = Sequence[Field]
Effect = Callable[["Evaluator", Simple, Words], None]
"""What a command does to the shell: it gets the words behind its name."""


@dataclass(frozen=True, slots=True)
class Launched:
    """The program behind its launchers: its words, and the variables that the launchers set for it."""

    words: tuple[Field, ...]
    environment: tuple[Text, ...] = ()
    by: tuple[str, ...] = ()


def launched(words: Sequence[Field]) -> Launched:
    """What is started in the end; a command without a launcher is itself."""
    rest, environment, by = tuple(words), list[Text](), list[str]()
    while rest and not isinstance(rest[0], Unknown):
        name = str(rest[0]).rsplit("/", 1)[-1]
        launcher = LAUNCHERS.get(name)
        if launcher is None:
            break
        by.append(name)
        rest = _behind(launcher, rest[1:], environment)
    return Launched(rest, tuple(environment), tuple(by))


def _takes_word(option: str, valued: Sequence[str]) -> bool:
    """Whether an option's value is the next word: that of ``-u``, of ``-Eu``, not that of ``-uroot`` or ``--user=root``."""
    if option.startswith("--"):
        return option in valued
    letters = [f"-{letter}" in valued for letter in option[1:]]
    return option in valued or (True in letters and letters.index(True) == len(letters) - 1)


def _behind(launcher: Launcher, words: tuple[Field, ...], environment: list[Text]) -> tuple[Field, ...]:
    position, valued = 0, launcher.valued.split()
    while position < len(words):
        text = str(words[position]) if isinstance(words[position], Text) else ""
        if text == "--":
            position += 1
            break
        if not text.startswith("-") or text == "-":
            break
        position += 2 if _takes_word(text, valued) else 1
    while launcher.assigns and position < len(words):
        word = words[position]
        if not isinstance(word, Text) or not _ASSIGNMENT.match(str(word)):
            break
        environment.append(word)
        position += 1
    return words[position + launcher.others :]
