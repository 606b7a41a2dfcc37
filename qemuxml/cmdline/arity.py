"""Which options take the next word as their value: ``-m 512`` does, ``-nographic`` does not.

What QEMU 5.2, 7.2, 10.0 and 11.1 take is read off Debian's binaries: those of every target for 10.0, of x86 and Arm for
the others. Older options are known from the manuals of their time. The releases in REMOVED are those that QEMU's page
"Removed features" names, as it stood in 11.1.
"""

from typing import Final

TAKES_VALUE: Final[frozenset[str]] = frozenset(
    {
        # Machine, processors, memory
        "M",
        "accel",
        "cpu",
        "fw_cfg",
        "m",
        "machine",
        "mem-path",
        "name",
        "numa",
        "smbios",  # x86, Arm, RISC-V, LoongArch
        "smp",
        "uuid",
        # Boot and firmware
        "L",
        "acpitable",  # x86
        "append",
        "bios",
        "boot",
        "dtb",
        "initrd",
        "kernel",
        "option-rom",
        "pflash",
        "prom-env",  # PowerPC, SPARC
        "shim",  # new in 10.0
        # Disks and shared folders
        "blockdev",
        "cdrom",
        "drive",
        "fda",
        "fdb",
        "fsdev",
        "hda",
        "hdb",
        "hdc",
        "hdd",
        "iscsi",
        "mtdblock",
        "sd",
        "virtfs",
        # Network
        "net",
        "netdev",
        "nic",
        # Character devices and monitors
        "chardev",
        "debugcon",
        "echr",
        "mon",
        "monitor",
        "parallel",
        "qmp",
        "qmp-pretty",
        "serial",
        # Display, keyboard, sound
        "audio",  # 7.1; before that there was only the bare -audio-help
        "audiodev",
        "display",
        "g",  # m68k, PowerPC, SPARC
        "k",
        "spice",
        "vga",
        "vnc",
        # Other devices, objects and their properties
        "device",
        "global",
        "object",
        "set",
        "tpmdev",
        "usbdevice",
        "watchdog-action",
        # Clock, life cycle, migration
        "action",
        "icount",
        "incoming",
        "loadvm",
        "rtc",
        # The QEMU process
        "add-fd",
        "compat",
        "msg",
        "overcommit",
        "pidfile",
        "readconfig",
        "run-with",
        "sandbox",
        "xen-domid",  # x86, Arm
        # Debugging
        "D",
        "d",
        "dfilter",
        "dump-vmstate",
        "gdb",
        "plugin",
        "qtest",
        "qtest-log",
        "seed",
        "semihosting-config",  # Arm, m68k, MIPS, RISC-V, Xtensa
        "trace",
        # Taken by older releases only
        "balloon",
        "bootp",
        "bt",  # gone by 5.2, with QEMU's Bluetooth
        "chroot",
        "clock",  # gone by 5.2
        "hdachs",
        "p",  # 0.8 and 0.9: the port of -s; since then -gdb
        "realtime",
        "redir",
        "rotate",
        "runas",
        "smb",
        "soundhw",
        "startdate",
        "tb-size",
        "tftp",
        "virtioconsole",  # gone by 5.2
        "watchdog",
        "writeconfig",
        # Written by old libvirt for disks whose target is named so; QEMU itself never had them
        "sda",
        "sdb",
        "sdc",
        "sdd",
        # Only in the qemu-kvm fork
        "kvm-shadow-memory",
        "nvram",  # Itanium: the file that keeps the firmware's variables
        "pcidevice",
        "vmchannel",
        # Only in Xen's qemu-dm
        "domain-name",
        "domid",
        "timeoffset",
        "vcpu_avail",
        "vcpus",
        "videoram",
    }
)
"""Names, without dash, of the options that take a value, in any release."""

BARE: Final[frozenset[str]] = frozenset(
    {
        # Machine, memory, accelerator
        "enable-kvm",  # Arm, MIPS, PowerPC, RISC-V, s390x, x86
        "mem-prealloc",
        "nodefaults",
        "no-user-config",
        "old-param",  # Arm
        "preconfig",
        "usb",
        "xen-attach",  # x86, Arm
        "xen-domid-restrict",  # x86, Arm
        # Disks
        "no-fd-bootchk",  # x86
        "snapshot",
        "win2k-hack",  # x86
        # Display
        "full-screen",
        "nographic",
        # Life cycle and the QEMU process
        "S",
        "daemonize",
        "no-reboot",
        "no-shutdown",
        "only-migratable",
        # Help and debugging
        "enable-sync-profile",
        "h",
        "help",
        "jitdump",
        "perfmap",
        "s",  # the port is given with -gdb, in 0.8 and 0.9 with -p
        "semihosting",  # Arm, m68k, MIPS, RISC-V, Xtensa
        "version",
        # Taken by older releases only
        "alt-grab",
        "async-teardown",
        "audio-help",
        "cirrusvga",  # until -vga came
        "ctrl-grab",
        "curses",
        "enable-fips",
        "enable-hax",  # HAXM, on Windows and macOS
        "enable-kqemu",  # gone with KQEMU, as the next ones
        "kernel-kqemu",
        "no-kqemu",
        "isa",  # 0.8: a PC without PCI
        "localtime",
        "no-acpi",
        "no-code-copy",  # 0.8
        "no-frame",  # gone by 5.2
        "no-hpet",
        "no-kvm",
        "no-quit",
        "nodefconfig",
        "portrait",
        "rtc-td-hack",
        "sdl",
        "show-cursor",
        "singlestep",
        "std-vga",  # until -vga came; Xen's qemu-dm kept it
        "virtfs_synth",  # gone by 5.2
        "vmwarevga",  # until -vga came
        "xen-create",  # gone by 5.2
        # From the qemu-kvm fork; QEMU took over the -no-kvm- ones and -tdf for a while
        "enable-nesting",
        "no-kvm-irqchip",
        "no-kvm-pit",
        "no-kvm-pit-reinjection",
        "redhat-disable-KSM",  # Red Hat Enterprise Linux 6
        "tdf",
        # Only in Xen's qemu-dm
        "acpi",
        "disable-opengl",
        "vncunused",
        "vncviewer",
    }
)
"""Names, without dash, of the options that stand alone, in any release."""

REMOVED: Final[dict[str, str]] = {
    "hdachs": "2.12",
    "no-kvm-pit": "2.12",
    "tdf": "2.12",
    "no-kvm-irqchip": "3.0",
    "no-kvm-pit-reinjection": "3.0",
    "balloon": "3.1",
    "bootp": "3.1",
    "localtime": "3.1",
    "nodefconfig": "3.1",
    "redir": "3.1",
    "rtc-td-hack": "3.1",
    "smb": "3.1",
    "startdate": "3.1",
    "tftp": "3.1",
    "no-kvm": "5.2",
    "realtime": "6.0",
    "show-cursor": "6.0",
    "tb-size": "6.0",
    "no-quit": "7.0",
    "alt-grab": "7.1",
    "ctrl-grab": "7.1",
    "curses": "7.1",
    "enable-fips": "7.1",
    "sdl": "7.1",
    "soundhw": "7.1",
    "writeconfig": "7.1",
    "watchdog": "7.2",
    "audio-help": "8.2",
    "async-teardown": "9.0",
    "chroot": "9.0",
    "no-acpi": "9.0",
    "no-hpet": "9.0",
    "singlestep": "9.0",
    "portrait": "9.2",
    "rotate": "9.2",
    "runas": "10.0",
    "old-param": "10.2",
}
"""Option without dash → the first QEMU release that refuses it. Options that left without a record are not here."""


def takes_value(name: str) -> bool | None:
    """Whether the option takes the next word as its value; None if no release is known to have it.

    ``name`` comes without its dashes, spelt as QEMU spells it: case counts (``-s``, ``-S``).
    """
    if name in TAKES_VALUE:
        return True
    if name in BARE:
        return False
    return None
