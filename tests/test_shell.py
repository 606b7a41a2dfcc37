"""Scripts that start QEMU: the words of the call with their places, or one placed error; soon, whatever the script is."""

from __future__ import annotations

import re
import shlex
import time
from pathlib import Path

import pytest

import qemuxml
from qemuxml import CommandLineError
from qemuxml.errors import Source
from qemuxml.shell import find, is_script

FOLDER = Path(__file__).parent.parent / "fixtures" / "scripts"
SCRIPTS = sorted(path for path in FOLDER.iterdir() if path.suffix != ".words")


def options(script: str) -> dict[str, object]:
    """Read what a script's own comment asks for: ``# Options: --set NAME=VALUE --nth 2``."""
    found = re.search(r"^# Options: (.*)$", script, re.MULTILINE)
    words = shlex.split(found[1]) if found else []
    pairs = list(zip(words[::2], words[1::2], strict=True))
    settings = dict(value.split("=", 1) for name, value in pairs if name == "--set")
    return {"settings": settings, "nth": next((int(value) for name, value in pairs if name == "--nth"), None)}


def outcome(path: Path) -> str:
    """Tell what is found in a script, a word a line with its place; then what is noted; or the error."""
    script = path.read_text(encoding="utf-8")
    try:
        start = find(Source(script, path.name), **options(script))  # type: ignore[arg-type]
    except CommandLineError as error:
        return error.report() + "\n"
    lines = [f"{word.span().line}:{word.span().column}\t{word.text}" for word in start.words]
    lines += [f"in {start.folder}"] if start.folder else []
    lines += [f"{note.place}: {note.message}" if note.place else note.message for note in start.notes]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_gives_its_call_or_a_placed_error(script: Path, request: pytest.FixtureRequest) -> None:
    expected = script.with_suffix(".words")
    found = outcome(script)
    if request.config.getoption("--regenerate"):
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


def test_there_are_scripts_and_each_has_its_words() -> None:
    assert len(SCRIPTS) >= 20
    assert {path.stem for path in FOLDER.glob("*.words")} == {path.stem for path in SCRIPTS}


# ------------------------------------------------------------------ one line each


def refusal(script: str) -> CommandLineError | None:
    """Follow a script; nothing but a CommandLineError may come of it."""
    try:
        find(Source(script, "run.sh"))
    except CommandLineError as error:
        return error
    return None


def words(script: str, base_dir: str | None = None, nth: int | None = None, **settings: str) -> str:
    start = find(Source(script, "run.sh"), base_dir=base_dir, settings=settings, nth=nth)
    return " ".join(word.text or "''" for word in start.words)


READS = {
    "plain": ("kvm -m 512", "kvm -m 512"),
    "variable": ("M=5; kvm -m $M", "kvm -m 5"),
    "a file with an odd name": ("kvm -m 5 '?' help", "kvm -m 5 ? help"),
    "what only asks is no call": ("kvm -M '?'; kvm -cpu help; kvm -device usb-kbd,help; kvm --version; kvm -m 5", "kvm -m 5"),
    "the environment of the call": ("A=1 kvm -m 5", "A=1 kvm -m 5"),
    "exported": ("export QEMU_AUDIO_DRV=alsa EDITOR=vi; kvm -m 5", "QEMU_AUDIO_DRV=alsa kvm -m 5"),
    "env": ("env -u X SDL_VIDEODRIVER=x11 kvm -m 5", "SDL_VIDEODRIVER=x11 kvm -m 5"),
    "time": ("time kvm -m 5", "kvm -m 5"),
    "sudo with combined options": ("sudo -Eu vm kvm -m 5", "kvm -m 5"),
    "chrt": ("chrt -f 10 kvm -m 5", "kvm -m 5"),
    "timeout": ("timeout -k 5 60 kvm -m 5", "kvm -m 5"),
    "a pipeline": ("yes | kvm -m 5 | tee log", "kvm -m 5"),
    "a subshell": ("(cd /x && kvm -m 5)", "kvm -m 5"),
    "in a substitution": ("pid=$(kvm -m 5 -daemonize)", "kvm -m 5 -daemonize"),
    "in a condition": ("if ! kvm -m 5; then echo failed; fi", "kvm -m 5"),
    "unset is empty": ("unset X; kvm $X -m 5", "kvm -m 5"),
    "null alternative": ("X=; kvm ${X:+-s} -m ${X:-5}${X-6}", "kvm -m 5"),
    "assigning alternative": ("kvm -m ${M:=5} -smp $M", "kvm -m 5 -smp 5"),
    "array element": ("a=(x y z); kvm ${a[1]} ${a[-1]} ${#a[@]}", "kvm y z 3"),
    "array slice": ('a=(x y z); kvm "${a[@]:1}"', "kvm y z"),
    "sparse array": ('a[5]=x; a+=(y); kvm "${!a[@]}"', "kvm 5 6"),
    "removed element": ('a=(x y z); unset "a[1]"; kvm ${a[@]}', "kvm x z"),
    "replaced": ("a=x.img; kvm ${a/img/raw} ${a%.img}.b ${a#x}", "kvm x.raw x.b .img"),
    "indirect": ("a=b; b=c; kvm ${!a}", "kvm c"),
    "arithmetic": ("n=2; kvm $((n++ + 1)) $n $((n > 2 ? 7 : 8)) $((0x10 ** 2))", "kvm 3 3 7 256"),
    "nested function": ("f() { g -m \"$1\"; }; g() { kvm \"$@\"; }; f '5 6'", "kvm -m 5 6"),
    "a local hides": ("m=1; f() { local m=2; }; f; kvm -m $m", "kvm -m 1"),
    "set gives arguments": ("set -- -m 5; kvm $*", "kvm -m 5"),
    "shift": ("f() { shift; kvm $@; }; f a -m 5", "kvm -m 5"),
    "break": ("for i in 1 2 3; do [ $i = 2 ] && break; done; kvm -m $i", "kvm -m 2"),
    "continue": ("for i in a b; do [ $i = a ] && continue; x=$x$i; done; kvm $x", "kvm b"),
    "while": ("i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; kvm -m $i", "kvm -m 3"),
    "until": ("i=0; until ((i == 3)); do ((i++)); done; kvm -m $i", "kvm -m 3"),
    "case with fall-through": ("case a in a) x=1 ;& b) y=2 ;; *) y=3 ;; esac; kvm $x $y", "kvm 1 2"),
    "a regular expression": ("v=disk.qcow2; [[ $v =~ \\.qcow2$ ]] && f=qcow2; kvm $f", "kvm qcow2"),
    "and and or": ("false && x=1 || x=2; kvm $x", "kvm 2"),
    "a test of its own": ("[ a = b -o -n x ] && x=1; kvm $x", "kvm 1"),
    "functions are called by name only": ("start() { kvm -m 5; }; case $1 in start) start;; esac", "kvm -m 5"),
    "nobody calls the function": ("start() { kvm -m 5; }", "kvm -m 5"),
    "a here-string": ("read -r a b <<< 'x y z'; kvm $a \"$b\"", "kvm x y z"),
    "lines": ("mapfile -t a <<'E'\n-m\n5 6\nE\nkvm \"${a[@]}\"", "kvm -m 5 6"),
    "tabs of a here-document": ("x=$(cat <<-E\n\t-m 5\n\tE\n)\nkvm $x", "kvm -m 5"),
    "printf": ("printf -v x 'd%02d' 7; kvm $x", "kvm d07"),
    "basename": ('kvm "$(basename /a/b.img .img)" $(dirname /a/b)', "kvm b /a"),
    "seq": ("kvm $(seq 3)", "kvm 1 2 3"),
    "where QEMU is": ('kvm() { :; }; Q=$(which qemu-system-arm); "$Q" -M virt', "qemu-system-arm -M virt"),
    "tilde": ("kvm ~/a file=~/b a=b,c=~/d", "kvm /h/a file=/h/b a=b,c=~/d"),
    "braces": ("kvm d{0..2} {a,b}x", "kvm d0 d1 d2 ax bx"),
    "escapes": ("kvm $'a\\tb\\x41'", "kvm a\tbA"),
    "carriage returns": ("M=5\r\nkvm -m $M \\\r\n -s\r\n", "kvm -m 5 -s"),
    "eval": ("x='kvm -m'; eval \"$x 5\"", "kvm -m 5"),
    "sh -c": ("sudo sh -c 'kvm -m 5'", "kvm -m 5"),
    "what a failing guard ends": ('[ -z "$D" ] && { echo D?; exit 1; }\nkvm -m 5', "kvm -m 5"),
    "undecided, but the same": ("if [ -e x ]; then a=1; else a=1; fi; kvm $a", "kvm 1"),
    "undecided, but of no matter": ("[ -e x ] && y=1; kvm -m 5", "kvm -m 5"),
    "no wild card in an option": ("kvm -drive file=a?.img -append *", None),
    "no wild card": ("kvm -drive file=a?.img,x=[ab]", "kvm -drive file=a?.img,x=[ab]"),
    "a number that each run has": ("kvm -name vm$$", None),
    "what is read": ("read -p 'memory? ' m; kvm -m $m", None),
    "what a person gives": ("kvm -m $1", None),
    "what the shell has": ("kvm -name $HOSTNAME", None),
    "what a program says": ("kvm -m $(free | awk '{print $1}')", None),
    "back-quotes": ("kvm -m `nproc`", None),
    "what is demanded": (': "${IMG:?}"; kvm -hda $IMG', None),
    "a question before": ("kvm --version | grep 7 && kvm -cpu help; kvm -m 5", "kvm -m 5"),
    "the system": ("[ $(uname -s) = Linux ] && a=kvm; kvm -accel $a", "kvm -accel kvm"),
    "an array that may be empty": ('a=(); b=(-m 5); kvm ${a[@]+"${a[@]}"} ${b[@]+"${b[@]}"}', "kvm -m 5"),
    "a truth in a variable": ("gui=false; if $gui; then a=x; else a=y; fi; kvm $a", "kvm y"),
    "a variable of a library": ("export LD_LIBRARY_PATH=/opt:$LD_LIBRARY_PATH; kvm", "LD_LIBRARY_PATH=/opt: kvm"),
    "root only": ('[ "$EUID" -ne 0 ] && echo root! && exit 1; kvm -m 5', "kvm -m 5"),
    "as root again": ('[ $(id -u) = 0 ] || exec sudo "$0" "$@"; kvm -m 5', "kvm -m 5"),
    "it may run already": ("if ps | grep -q kvm; then echo runs; exit; else kvm -m 5; fi", "kvm -m 5"),
    "the folder of the script": ('cd "$(dirname "$(readlink -f "$0")")"; D=${0%/*}; kvm $D/a', "kvm ./a"),
    "a reference to a list": ('add() { local -n to=$1; shift; to+=("$@"); }; a=(); add a -m 5; kvm "${a[@]}"', "kvm -m 5"),
    "a reference of the same name": ("f() { local -n x=$1; x=6; }; x=5; f x; kvm -m $x", "kvm -m 6"),
    "a prefix for each": ('a=(x y); kvm "${a[@]/#/f=}" "${a[@]/%/.img}"', "kvm f=x f=y x.img y.img"),
    "names with a prefix": ('P_b="-s"; P_a="-m 5"; for n in ${!P_@}; do o+=" ${!n}"; done; kvm $o', "kvm -m 5 -s"),
    "a case that goes on": ("case ab in a*) x=1 ;;& *b) y=2 ;; *) y=3 ;; esac; kvm $x $y", "kvm 1 2"),
    "a variable of numbers": ("declare -i m=512*2; m+=6; n=m/2; kvm $m $n", "kvm 1030 m/2"),
    "elements in arithmetic": ("declare -A p=([ssh]=22); a=(4 5); k=ssh; kvm $((p[$k] + a[1])) $((a[-1]))", "kvm 27 5"),
    "an element is computed": ("a=(1); ((a[2] = a[0] + 4)); kvm ${a[2]} ${#a[@]}", "kvm 5 2"),
    "numbers of printf": ("kvm $(printf '%02X:%o:%-3s|%5.2s|%c%+d' 26 8 a bcd ef 3)", "kvm 1A:10:a | bc|e+3"),
    "expr": ("i=`expr 2 \\* 3 + 1`; kvm $i", "kvm 7"),
    "quotes in back-quotes": ("d=`dirname \\`echo /a/b\\``; kvm $d", "kvm /a"),
    "fields of a line": ("e=web:512:2; kvm $(echo $e | cut -d: -f2) $(echo \"$e\" | awk -F: '{print $3}')", "kvm 512 2"),
    "letters": ("n='My VM'; kvm $(echo \"$n\" | tr 'A-Z ' 'a-z_') $(echo $n | tr -d '[:upper:]')", "kvm my_vm y"),
    "sed": ("f=a.img; kvm $(echo $f | sed 's/\\.img$/.raw/') $(echo a-b-c | sed -E 's/-(.)/+\\1/g')", "kvm a.raw a+b+c"),
    "grep of words": ("if echo a,kvm,b | grep -qw x; then :; elif echo a | grep -q '^a'; then m=5; fi; kvm -m $m", None),
    "grep decides": ("if echo abc | grep -q ^b; then m=4; elif echo a | grep -q '^a'; then m=5; fi; kvm -m $m", "kvm -m 5"),
    "bc": ("kvm -m $(echo '4 * 1024' | bc)", "kvm -m 4096"),
    "a filter of a file": ("kvm -m $(cat f | head -n 1)", None),
    "lines of a loop": ('while read -r l; do [ "$l" ] && a+=($l); done <<E\n-m 5\n\n-s\nE\nkvm ${a[@]}', "kvm -m 5 -s"),
    "a loop behind a pipe": ("printf '%s\\n' a b | while read -r d; do kvm -hda $d; break; done", "kvm -hda a"),
    "a script that a shell reads": ("M=5; sudo bash -s x <<E\ncd /srv\nkvm -m $M -hda \\$1\nE", "kvm -m 5 -hda x"),
    "a script through a pipe": ("c='kvm -m 5'; echo \"$c\" | sh -x", "kvm -m 5"),
    "arguments of sh -c": ("sh -c 'kvm -m $1 -hda $2' _ 5 a", "kvm -m 5 -hda a"),
    "a child gets what is exported": ("A=5 B=6; export A; sh -c 'kvm -m $A $B'", "kvm -m 5"),
    "a child gets no more": ("M=5; sh -c 'kvm -m $M'", None),
    "what a pattern has matched": ("[[ 20G =~ ^([0-9]+)([GM])$ ]]; kvm ${BASH_REMATCH[1]} ${BASH_REMATCH[2]}", "kvm 20 G"),
    "getopts": (
        "f() { while getopts m:g o; do case $o in m) M=$OPTARG;; g) G=-s; esac; done; kvm -m $M $G ${@:OPTIND}; }; f -gm5 a",
        "kvm -m 5 -s a",
    ),
    "getopt": ('eval set -- "$(getopt -o m: -- "$@")"; while :; do case $1 in -m) ;; --) break; esac; done; kvm -s', "kvm -s"),
    "the shell's system": ("case $OSTYPE in linux*) a=kvm;; darwin*) a=hvf;; esac; kvm -accel $a", "kvm -accel kvm"),
    "an alias": ("alias vm='kvm -m 5'; vm -s", "kvm -m 5 -s"),
    "set where it is not gone": ('[ -n "$DEBUG" ] && GDB="-s -S"; kvm -m 5 $GDB -no-reboot', "kvm -m 5 -no-reboot"),
    "the same in a text": ('[ "$1" ] && X=-s; O="-m 5 $X"; kvm $O', "kvm -m 5"),
    "the same in a list": ('[ "$1" ] && X=-s; O=(-m 5 $X); kvm "${O[@]}"', "kvm -m 5"),
    "an option needs its value": ('[ "$1" ] && IMG=$1; kvm -hda $IMG', None),
    "an option in a text needs its value": ('[ "$1" ] && IMG=$1; O="-hda $IMG -s"; kvm $O', None),
    "a piece of a word is needed": ('[ "$1" ] && IMG=$1; kvm -drive file=$IMG', None),
    "a variable of a launcher": ("sudo DISPLAY=$DISPLAY XAUTHORITY=$X env -i PATH=$PATH kvm -m 5", "kvm -m 5"),
    "su": ("su - vm -c 'cd /x; kvm -m 5'", "kvm -m 5"),
    "a terminal": ("xterm -T vm -e kvm -m 5", "kvm -m 5"),
    "tmux": ("tmux new-session -d -s vm 'exec kvm -m 5'", "kvm -m 5"),
    "a network of its own": ("ip netns exec blue kvm -m 5", "kvm -m 5"),
    "a container": ("docker run --rm --device /dev/kvm image qemu-system-arm -M virt", "qemu-system-arm -M virt"),
    "an init script": ("start-stop-daemon --start --exec /bin/kvm --pidfile /run/x -- -m 5", "/bin/kvm -m 5"),
    "a program that nobody knows": ("in-jail --fast kvm -m 5", "kvm -m 5"),
    "one that is known counts more": ("log-it kvm -m 4; kvm -m 5", "kvm -m 5"),
    "what xargs adds": ("echo -s -S | xargs kvm -m 5", "kvm -m 5 -s -S"),
    "what xargs reads": ("xargs kvm -m 5 < f", None),
    "divided by zero": ("kvm $((1/0))", None),
}  # fmt: skip


@pytest.mark.parametrize(("script", "expected"), READS.values(), ids=READS)
def test_what_is_read(script: str, expected: str | None) -> None:
    script = f"#!/bin/bash\n{script}"
    if expected is None:
        with pytest.raises(CommandLineError) as caught:
            words(script, HOME="/h")
        assert caught.value.place is not None
    else:
        assert words(script, HOME="/h") == expected


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("A=$(date)\nB=x$A\nkvm $B", "run.sh:1:5: error: A: only a run of the script would tell the output of date"),
        ("kvm \\\n -hda $HD", "run.sh:2:7: error: HD: only a run of the script would tell HD of the environment"),
        ("if [ -r f ]; then\nX=1\nfi\nkvm $X", "run.sh:1:4: error: X: only a run of the script would tell whether f can be read"),
        ("kvm 'a", "run.sh:1:5: error: this quote is not closed"),
        ("kvm; fi", "run.sh:1:6: error: a syntax error: 'fi'"),
        ("for i in a b; do kvm $i; done", "run.sh:1:18: error: the script starts QEMU 2 times (lines 1, 1): --nth N chooses one"),
        ("ls; echo", "run.sh:1:1: error: no QEMU call found in this script"),
    ],
)  # fmt: skip
def test_errors_name_line_and_variable(script: str, message: str) -> None:
    with pytest.raises(CommandLineError) as caught:
        words(script)
    assert caught.value.report().startswith(message)


def test_what_the_caller_gives_counts_where_the_script_cannot_be_known() -> None:
    script = "#!/bin/sh\nM=$(free)\nN=2\n[ -e /dev/kvm ] && K=-enable-kvm\nkvm -m $M -smp $N $K -hda $1"
    assert words(script, M="512", N="9", K="-enable-kvm", **{"1": "a.img"}) == "kvm -m 512 -smp 2 -enable-kvm -hda a.img"
    start = find(Source(script, "run.sh"), settings={"M": "1", "K": "", "1": "x", "Q": "y", "N": "9"})
    assert [note.message for note in start.notes] == [
        "--set Q: the script never asks for it",
        "--set N: the script never asks for it",
    ]


def test_the_output_of_a_command_can_be_given() -> None:
    script = "#!/bin/sh\nC=$(( $(nproc  --all) / 2 ))\nkvm -smp $C -m `free`"
    given = {"$(nproc --all)": "8", "$(free)": "5"}
    assert [word.text for word in find(Source(script, "run.sh"), settings=given).words] == ["kvm", "-smp", "4", "-m", "5"]
    with pytest.raises(CommandLineError, match=r"--set '\$\(free\)'=VALUE gives it"):
        find(Source(script, "run.sh"), settings={"C": "4"})


def test_the_script_stands_in_its_folder() -> None:
    script = '#!/bin/sh\nD=$(dirname "$0")\ncd "$D/images"\nkvm -hda $PWD/a.img -cdrom "$(realpath ../b.iso)" -bios $D/c'
    assert words(script, base_dir="/srv") == "kvm -hda /srv/images/a.img -cdrom /srv/b.iso -bios /srv/c"
    assert find(Source(script, "run.sh"), base_dir="/srv").folder == "/srv/images"
    assert find(Source("#!/bin/sh\ncd $X\nkvm -hda a", "run.sh"), base_dir="/srv").folder == "/srv"
    assert "file='/srv/vm/a.img'" in qemuxml.from_native("cd /srv/vm\nkvm -hda a.img", profile="legacy")


def test_characters_keep_their_places() -> None:
    script = '#!/bin/sh\nA=\'if=none,file="x"\'\nkvm -drive id=d,"$A",format=raw'
    word = find(Source(script, "run.sh")).words[2]
    assert word.text == 'id=d,if=none,file="x",format=raw'
    assert [str(word.span(place, place + 1)) for place in (0, 5, 8, 22)] == [
        "run.sh:3:12",
        "run.sh:2:4",
        "run.sh:2:7",
        "run.sh:3:22",
    ]
    assert all(word.span(place, place + 1).text == character for place, character in enumerate(word.text))


@pytest.mark.parametrize("first", ["#!/usr/bin/env python3", "#!/usr/bin/perl -w", "#!/usr/bin/fish", "#!/usr/bin/make -f"])
def test_scripts_of_other_languages_are_refused(first: str) -> None:
    with pytest.raises(CommandLineError, match="this is a script for"):
        words(f"{first}\nkvm -m 5\n")
    assert words("#!/usr/bin/env -S bash -e\nkvm -m 5\n") == "kvm -m 5"


# ------------------------------------------------------------------ unit files


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ExecStart=/bin/kvm -m 5", "/bin/kvm -m 5"),
        ("ExecStart=-/bin/kvm -m 5", "/bin/kvm -m 5"),
        ("ExecStart=@/bin/kvm guest -m 5", "/bin/kvm -m 5"),
        ("ExecStart=/bin/kvm 'a b' \"c d\" e\\x20f g\\th $$ %% a'b'", "/bin/kvm a b c d e f g\th $ % a'b'"),
        ("Environment=A=1 'B=2 3'\nExecStart=/bin/kvm $A $B ${B}x", "/bin/kvm 1 2 3 2 3x"),
        ("ExecStart=/bin/kvm -name %i-%p", "/bin/kvm -name web-kvm"),
        ("ExecStart=/bin/kvm -m 5 \\\n  # comment \\\n  ; another\n  -s", "/bin/kvm -m 5 -s"),
        ("ExecStart=/bin/true\nExecStart=/bin/kvm -s ; /bin/true", "/bin/kvm -s"),
        ("ExecStart=/bin/kvm -m 4\nExecStart=\nExecStart=/bin/kvm -m 5", "/bin/kvm -m 5"),
        ("ExecStart=/bin/sh -c 'exec kvm -m $$((2 + 3))'", "kvm -m 5"),
        ("ExecStart=/usr/bin/env SDL_X=1 nice -n 5 kvm", "SDL_X=1 kvm"),
        ("Environment=QEMU_AUDIO_DRV=none\nExecStart=/bin/kvm", "QEMU_AUDIO_DRV=none /bin/kvm"),
        ("ExecStart=/bin/kvm -m ${MEM}", None),
        ("ExecStart=/bin/kvm -name %H", None),
        ("ExecStart=/bin/kvm 'a", None),
        ("ExecStart=/usr/local/bin/run.sh", None),
    ],
)
def test_what_is_read_in_a_unit(line: str, expected: str | None) -> None:
    source = Source(f"[Unit]\nDescription=x\n\n[Service]\n{line}\n\n[Install]\nWantedBy=x", "/etc/kvm@web.service")
    if expected is None:
        with pytest.raises(CommandLineError) as caught:
            find(source)
        assert caught.value.place is not None
    else:
        assert " ".join(word.text for word in find(source).words) == expected


# ------------------------------------------------------------------ plain lines stay plain

PLAIN = [
    "kvm -m 512",
    "LC_ALL=C \\\nPATH=/bin \\\n/usr/bin/qemu-system-x86_64 \\\n-name 'a b' \\\n-append 'a=$b; c `d`'",
    'kvm -drive file=nbd://h?a=1&b=2,if=none -device {"driver":"x","y":[1,2]}',
    "# comment\nkvm -m 512 # -smp 2\n-hda x",
    'kvm -chardev socket,path=/a\\;b -append "a \\$b"',
    "/opt/my-emulator -m 5",
]  # fmt: skip
NOT_PLAIN = [
    "#!/bin/sh\nkvm", "kvm -m $M", "kvm -m ${M}", 'kvm -hda "$D/a"', "kvm -m `nproc`", "kvm; true", "kvm -m 5 &", "kvm > log",
    "cd /x\nkvm -m 5", "sudo kvm -m 5", "exec kvm -m 5", "M=5\nsudo -E kvm -m 5", "kvm -m 5\nkvm -m 6", "( kvm )",
]  # fmt: skip


@pytest.mark.parametrize("text", PLAIN)
def test_a_command_line_is_no_script(text: str) -> None:
    assert not is_script(text)


@pytest.mark.parametrize("text", NOT_PLAIN)
def test_a_script_is_no_command_line(text: str) -> None:
    assert is_script(text)


# ------------------------------------------------------------------ whatever comes

HEAD = "#!/bin/bash\n"
HOSTILE = {
    "substitutions": "kvm " + "$(" * 5000,
    "parentheses": "(" * 5000 + "kvm" + ")" * 5000,
    "groups": "{ " * 5000,
    "expansions": "kvm " + "${a:-" * 5000,
    "quotes": "kvm " + '"${a:-' * 5000,
    "tests": "[[ " + "( " * 5000,
    "conditions": "if true; then " * 3000,
    "arithmetic": "kvm $((" + "(" * 3000 + "1" + ")" * 3000 + "))",
    "signs": "kvm $((" + "!" * 3000 + "1))",
    "a doubling value": "a=0123456789\n" + "a=$a$a\n" * 60 + "kvm $a",
    "a doubling array": "a=(1 2)\n" + 'a=("${a[@]}" "${a[@]}")\n' * 60 + 'kvm "${a[@]}"',
    "recursion": "f() { f; }; f; kvm",
    "a fork of functions": "f() { [ -e x ] && f; [ -e y ] && f; }; f; kvm",
    "eval of itself": 'x=\'eval "$x$x"\'; eval "$x"; kvm',
    "loops in loops": "for a in {1..999}; do for b in {1..999}; do for c in {1..999}; do :; done; done; done; kvm",
    "braces in braces": "kvm " + "{a," * 3000,
    "many words of braces": "kvm " + "{a,b}" * 40,
    "a slow pattern": "x=" + "a" * 3000 + '\nkvm "${x//*a*a*a*a*b/}"',
    "a slow expression": "x=" + "a" * 200 + "\n[[ $x =~ (a+)+b ]] && y=1; kvm $y",
    "a NUL": "kvm \0",
    "long": "x=1\n" * 100000 + "kvm",
    "wide": "kvm " + "-x " * 200000,
    "a long word": 'kvm "' + "a" * 200000 + '"',
    "here-documents": "cat <<A <<B\n" * 3000,
    "pipes": "a" + "|a" * 50000,
    "a huge power": "kvm $((9**9**9)) $((1 << 99999999999))",
}


@pytest.mark.parametrize("script", HOSTILE.values(), ids=HOSTILE)
def test_bad_scripts_give_one_placed_error_soon(script: str) -> None:
    begun = time.monotonic()
    error = refusal(HEAD + script)
    assert error is None or (error.place is not None and len(error.report()) < 1000)
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_cut_off_anywhere_is_read_or_refused(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    refusals = [refusal(text[:length]) for length in range(0, len(text), 3)]
    assert any(refusals)
    assert all(error.place for error in refusals if error)
