"""What boots, on classic lines: ``-M pc -boot cd``, ``-kernel``, ``-bios``.

``-kernel``, ``-initrd``, ``-append``, ``-dtb`` and ``-bios`` stand there too. The properties of ``-machine`` go where domain
XML has them: accelerator, memory, key wrapping.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import Values, parse
from qemuxml.common.refusals import refuse
from qemuxml.domain.keywrap import Cipher
from qemuxml.domain.os.model import BOOT_LETTER, LETTERS, BootDevice, Os
from qemuxml.errors import UnsupportedError
from qemuxml.mapping.codecs import INT, SWITCH, words
from qemuxml.mapping.context import Reading, Writing
from qemuxml.mapping.kind import Claim
from qemuxml.mapping.ledger import Claimed, mapped

_ACCELERATORS = words({"kvm": "kvm", "tcg": "qemu", "hvf": "hvf", "xen": "xen"})


def claim_machine(option: Option, reading: Reading) -> Claimed | None:
    """``-machine pc,accel=kvm,dump-guest-core=off,mem-merge=off,aes-key-wrap=on``, ``-M pc``."""
    values = parse(option.value, "type") if option.value else None
    if values is None:
        return None
    machine = values.get("type")
    accelerator = _accelerator(values)
    dump_core, mem_merge = (values.get(key, SWITCH.decode) for key in ("dump-guest-core", "mem-merge"))
    wraps = {name: values.get(f"{name}-key-wrap", SWITCH.decode) for name in ("aes", "dea")}
    if not reading.understood(values):
        return None
    domain = reading.domain
    domain.os.machine = machine or domain.os.machine
    domain.identity.type = accelerator or domain.identity.type
    domain.memory.dump_core = dump_core if dump_core is not None else domain.memory.dump_core
    if mem_merge is not None:
        domain.memory.nosharepages = not mem_merge
    domain.keywrap += [Cipher(name=name, state=state) for name, state in wraps.items() if state is not None]
    return mapped(option)


def _accelerator(values: Values) -> str | None:
    """The first of ``accel=kvm:tcg``: QEMU takes the first that works, and a managed guest asks for one."""
    return values.get("accel", lambda text: _ACCELERATORS.decode(text.partition(":")[0]))


def milliseconds(written: str) -> int:
    """The times of ``-boot``."""
    number = INT.decode(written)
    if not 0 <= number <= 65535:
        raise ValueError("is not between 0 and 65535 ms")
    return number


def reboot_timeout(written: str) -> int:
    """-1 keeps the guest from rebooting."""
    return -1 if INT.decode(written) == -1 else milliseconds(written)


def claim_boot(option: Option, reading: Reading) -> Claimed | None:
    """``-boot cd``, ``-boot order=cd,menu=on,splash-time=3000,reboot-timeout=128``."""
    values = parse(option.value, "order") if option.value else None
    if values is None or not _read_boot(values, reading):
        return None
    return mapped(option)


def _read_boot(values: Values, reading: Reading) -> bool:
    order = values.peek("order")
    if order is not None and not set(order) <= set(LETTERS):
        return False
    values.get("order")
    menu = values.flag("menu")
    timeout = values.get("splash-time", milliseconds) if menu else None
    reboot = values.get("reboot-timeout", reboot_timeout)
    if not reading.understood(values):
        return False
    domain = reading.domain.os
    if order is not None:
        domain.boot = [BootDevice(dev=LETTERS[letter]) for letter in dict.fromkeys(order)]
    domain.bootmenu = menu if menu is not None else domain.bootmenu
    domain.bootmenu_timeout = timeout if timeout is not None else domain.bootmenu_timeout
    domain.reboot_timeout = reboot if reboot is not None else domain.reboot_timeout
    return True


def claim_kernel(option: Option, reading: Reading) -> Claimed:
    """``-kernel FILE``."""
    reading.domain.os.kernel = reading.path(option.text)
    return mapped(option)


def claim_initrd(option: Option, reading: Reading) -> Claimed:
    """``-initrd FILE``."""
    reading.domain.os.initrd = reading.path(option.text)
    return mapped(option)


def claim_append(option: Option, reading: Reading) -> Claimed:
    """``-append 'console=ttyS0'``."""
    reading.domain.os.cmdline = option.text
    return mapped(option)


def claim_dtb(option: Option, reading: Reading) -> Claimed:
    """``-dtb FILE``."""
    reading.domain.os.dtb = reading.path(option.text)
    return mapped(option)


def claim_bios(option: Option, reading: Reading) -> Claimed:
    """``-bios FILE``."""
    reading.domain.os.loader = reading.path(option.text)
    reading.domain.os.loader_type = "rom"
    return mapped(option)


# ------------------------------------------------------------------ QEMU 0.9


def manual_machine(os: Os, _: Writing) -> Iterator[Words]:
    """``-M pc``. Raises UnsupportedError for firmware in flash, which QEMU 0.9 had not."""
    if os.kind not in ("hvm", None):
        raise UnsupportedError(f"QEMU runs no <type>{os.kind}</type> guest")
    refuse(
        {
            "<loader type='pflash'>": os.loader_type == "pflash",
            "<bootmenu enable='yes'>": os.bootmenu,
        }
    )
    if os.machine:
        yield "-M", os.machine


def manual_boot(os: Os, _: Writing) -> Iterator[Words]:
    """``-boot cd``, or the kernel that is booted directly."""
    if os.kernel:
        yield "-kernel", os.kernel
        if os.initrd:
            yield "-initrd", os.initrd
        if os.cmdline:
            yield "-append", os.cmdline
    else:
        yield "-boot", "".join(BOOT_LETTER.encode(str(device.dev)) for device in os.boot) or "c"
    if os.loader:
        yield "-bios", os.loader


CLAIMS: Final[Mapping[str, Claim]] = {
    "-M": claim_machine,
    "-machine": claim_machine,
    "-boot": claim_boot,
    "-kernel": claim_kernel,
    "-initrd": claim_initrd,
    "-append": claim_append,
    "-dtb": claim_dtb,
    "-bios": claim_bios,
}
