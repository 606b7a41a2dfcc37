"""Programs that start another one: ``sudo -u vm taskset -c 0-3 nice -n 5 kvm -m 512`` starts ``kvm``."""

from __future__ import annotations

from qemuxml.record import record


@record(frozen=True)
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
    "runuser": Launcher("-u -g -G --user --group --supp-group"),
    "chroot": Launcher("--userspec --groups", others=1),
    "xargs": Launcher("-n -P -I -L -d -s -a -E --max-args --max-procs --arg-file --delimiter"),
}
"""The programs, by name without folders."""

CARRIERS = frozenset(
    [
        "su", "runuser", "ip", "xterm", "uxterm", "konsole", "gnome-terminal", "xfce4-terminal", "lxterminal", "mate-terminal",
        "x-terminal-emulator", "urxvt", "rxvt", "kitty", "alacritty", "foot", "terminator", "tilix", "tmux", "screen", "script",
        "watch", "start-stop-daemon", "daemonize", "daemon", "chpst", "gosu", "su-exec", "setuidgid", "s6-setuidgid", "perf",
        "rr", "cset", "schedtool", "cpulimit", "unbuffer", "rlwrap", "faketime", "bwrap", "busybox", "capsh", "docker",
        "podman", "lxc-execute", "lxc-attach", "systemd-nspawn", "ssh", "trickle", "torsocks", "prime-run", "optirun",
        "primusrun",
    ]
)  # fmt: skip
"""Programs that start the one which stands somewhere among their words, or in the text of one of them."""
