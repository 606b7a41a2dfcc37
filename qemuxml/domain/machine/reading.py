"""The machine of today read back: ``-machine q35,smm=on,memory-backend=pc.ram``, ``-accel kvm``, in one option or several.

QEMU adds up several ``-machine`` options: what domain XML has no word for is passed on as a ``-machine`` of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from qemuxml.cmdline.options import Option
from qemuxml.cmdline.render import escape
from qemuxml.cmdline.values import Property, Values, decoded, on_off
from qemuxml.common import audioids, globals, machineoptions  # noqa: A004 - a module is named for its option
from qemuxml.common.info import info_of
from qemuxml.common.origin import by_libvirt
from qemuxml.common.sizes import Size
from qemuxml.domain import boards, launchsecurity
from qemuxml.domain.clock import Clock
from qemuxml.domain.cpu.model import Cpu
from qemuxml.domain.features import Features
from qemuxml.domain.firmware import reading as firmware
from qemuxml.domain.keywrap import Cipher
from qemuxml.domain.machine import accelerator
from qemuxml.domain.machine.argv import FEATURES
from qemuxml.mapping.codecs import KIB, integer, size
from qemuxml.mapping.context import Reading
from qemuxml.mapping.kind import Claim
from qemuxml.mapping.ledger import Claimed, Fate, dropped, mapped


def features(reading: Reading) -> Features:
    """The guest's ``<features>``."""
    found = reading.domain.features
    if found is None:
        found = reading.domain.features = Features()
    return found


def claim_machine(option: Option, reading: Reading) -> Claimed | None:
    """``-machine TYPE,NAME=VALUE…``: each property goes where domain XML has it."""
    if option.value is None:
        return None
    values = reading.values(option, "type")
    name, plus, _ = (values.get("type") or "").partition("+")
    reading.domain.os.machine = name or reading.domain.os.machine
    if plus:
        # Proxmox counts its own changes of a machine behind a plus, which libvirt takes in no name.
        reading.note(f"the machine of QEMU itself is taken: {name}", option.span)
    _read_acpi(values, reading)
    FEATURES.read(values.renamed({"gic_version": "gic-version"}), features(reading))
    for item in values.unread():
        read = _PROPERTIES.get(item.key.replace("_", "-"))
        item.read = item.key.startswith("sgx-epc.") or (read is not None and read(item, reading))
    return reading.partly(option, values.unread())


def _read_acpi(values: Values, reading: Reading) -> None:
    said = values.get("acpi", _on_off_auto)
    if said is not None:
        features(reading).acpi = said
    else:
        reading.settle(_settle_acpi)


def _settle_acpi(reading: Reading) -> None:
    """QEMU's boards have ACPI tables unless they are told not to; on ARM only UEFI reads them, and libvirt asks for it."""
    os = reading.domain.os
    if (
        "acpi" not in reading.once(machineoptions.properties)
        and os.arch not in boards.X86
        and boards.knows_acpi(os.arch, os.machine)
    ):
        features(reading).acpi = os.arch not in boards.ARM or os.loader_type == "pflash"


def _on_off_auto(text: str) -> bool:
    return text == "auto" or on_off(text)


# ------------------------------------------------------------------ one function a property: whether domain XML says it


def _dump(item: Property, reading: Reading) -> bool:
    """Without a word libvirt leaves the guest's memory out of a core dump unless it is asked."""
    if decoded(item, on_off):
        reading.domain.memory.dump_core = True
    return True


def _graphics(item: Property, reading: Reading) -> bool:
    """``off``: the firmware of a PC speaks to the serial port, if there is one; other boards have no word for that."""
    if reading.domain.os.arch not in boards.X86:
        return decoded(item, on_off)
    if not decoded(item, on_off) and reading.once(by_libvirt):
        reading.domain.os.serial_bios = True
    return True


def _merge(item: Property, reading: Reading) -> bool:
    reading.domain.memory.nosharepages = not decoded(item, on_off)
    return True


def _wrap(item: Property, reading: Reading) -> bool:
    name = item.key.partition("-")[0]
    reading.domain.keywrap.append(Cipher(name=name, state=decoded(item, on_off)))
    return True


def _hpet(item: Property, reading: Reading) -> bool:
    if reading.domain.os.arch not in boards.X86:
        return False
    clock = reading.domain.clock = reading.domain.clock or Clock()
    clock.timer("hpet").present = decoded(item, on_off)
    return True


def _irqchip(item: Property, reading: Reading) -> bool:
    """``split``: QEMU has the I/O APIC; ``on``: KVM has all; ``off`` has no word in domain XML. Without KVM it says nothing."""
    if reading.once(_is_emulated):
        return True
    driver = {"split": "qemu", "on": "kvm"}.get(item.text)
    if driver is None or reading.domain.os.arch not in boards.X86:
        return item.text == "on"
    features(reading).ioapic = driver
    return True


def _is_emulated(reading: Reading) -> bool:
    """Whether no option asks for KVM."""
    accelerators = (
        *reading.once(machineoptions.properties).get("accel", ()),
        *(item.text for item in reading.ledger.named("-accel")),
    )
    return (
        bool(accelerators) and not any("kvm" in item for item in accelerators) and not reading.ledger.has("-enable-kvm", "-kvm")
    )


def _hpt_page(item: Property, reading: Reading) -> bool:
    features(reading).hpt_page = Size(size=decoded(item, size) // KIB, unit="KiB")
    return True


def _iommu(item: Property, reading: Reading) -> bool:
    if item.text != "smmuv3":
        return item.text in ("none", "off")
    reading.domain.devices.append(reading.device("iommu", model="smmuv3"))
    return True


def _compatible(item: Property, reading: Reading) -> bool:
    cpu = reading.domain.cpu = reading.domain.cpu or Cpu()
    cpu.mode, cpu.model = "host-model", item.text
    return True


def _speaker(item: Property, reading: Reading) -> bool:
    """The board's speaker is a sound card of domain XML; the backend stands behind its number."""
    if item.text not in reading.once(audioids.numbers):
        return False
    reading.domain.devices.append(reading.device("sound", model="pcspk", backend=audioids.stated(reading, item.text)))
    return True


def _backend(item: Property, reading: Reading) -> bool:
    reading.domain.memory.backend = item.text
    return True


def _flash(item: Property, reading: Reading) -> bool:
    """The chip is a node of its own option, which stands before or behind this one."""
    return firmware.take_node(item.text, int(item.key[-1]), reading)


def _loadparm(item: Property, reading: Reading) -> bool:
    """What an s390 loader is told belongs to the device that boots first."""
    reading.finish(lambda reading: _tell_first(item.text, reading))
    return True


def _tell_first(parameter: str, reading: Reading) -> None:
    infos = [device.info for device in reading.domain.devices if info_of(device) and device.info.boot_order]
    if infos:
        min(infos, key=lambda info: int(info.boot_order)).loadparm = parameter
    else:
        reading.added += ["-machine", f"loadparm={escape(parameter)}"]


def _confidential(item: Property, reading: Reading) -> bool:
    return launchsecurity.is_known(item.text, reading)


def _aux_ram(item: Property, reading: Reading) -> bool:
    """For a guest that moves to another QEMU of the same host without a copy of its memory, which libvirt does not do."""
    reading.note(f"{item.key}: libvirt does not hand a guest's memory to another QEMU: it is left out", item.span)
    return True


def _follows(_: Property, __: Reading) -> bool:
    """Said elsewhere: by a device, a node, an object."""
    return True


_PROPERTIES: Final[Mapping[str, Callable[[Property, Reading], bool]]] = {
    "accel": accelerator.read, "usb": _follows, "graphics": _graphics, "dump-guest-core": _dump,
    "mem-merge": _merge, "aes-key-wrap": _wrap,
    "dea-key-wrap": _wrap, "hpet": _hpet, "kernel-irqchip": _irqchip, "cap-hpt-max-page-size": _hpt_page, "iommu": _iommu,
    "max-cpu-compat": _compatible, "pcspk-audiodev": _speaker, "memory-backend": _backend, "nvdimm": _follows,
    "loadparm": _loadparm, "pflash0": _flash, "pflash1": _flash,
    "confidential-guest-support": _confidential, "memory-encryption": _confidential,
    "hmat": _follows, "aux-ram-share": _aux_ram,
}  # fmt: skip


# ------------------------------------------------------------------ accelerators


def claim_accel(option: Option, reading: Reading) -> Claimed | None:
    """``-accel kvm,dirty-ring-size=4096``, ``-accel tcg,tb-size=64``: of several one is the domain's."""
    values = reading.values(option, "accel")
    name = values.get("accel") or ""
    names = accelerator.names(reading)
    chosen = accelerator.choose(names)
    accelerator.apply(chosen, reading)
    if name != chosen:
        return dropped(option, accelerator.why_not(name, names, chosen))
    caution = accelerator.caution(chosen)
    if caution:
        reading.note(caution, option.span)
    made = features(reading)
    ring = values.get("dirty-ring-size", integer)
    if ring:
        made.dirty_ring, made.dirty_ring_size = True, ring
    cache = values.get("tb-size", integer)
    if cache:
        made.tb_cache = Size(size=cache, unit="MiB")
    for item in values.unread():
        is_chip = item.key.replace("_", "-") == "kernel-irqchip"
        item.read = _irqchip(item, reading) if is_chip else (item.key, item.text) == ("thread", "multi")
    left = ", ".join(f"{item.key}={item.text}" for item in values.unread())
    return Claimed((option,), Fate.GUESSED, (), f"domain XML has no word for {left}") if left else mapped(option)


def claim_tb_size(option: Option, reading: Reading) -> Claimed:
    """``-tb-size 64``, which is a property of ``-accel tcg`` now."""
    values = reading.values(option, "size")
    features(reading).tb_cache = Size(size=values.get("size", integer), unit="MiB")
    return mapped(option)


def _claim_tseg(option: Option, reading: Reading) -> Claimed | None:
    """``-global mch.extended-tseg-mbytes=48``: the system management memory of q35."""
    found = globals.read(option, reading)
    if found is None or found.name != "mch.extended-tseg-mbytes":
        return None
    made = features(reading)
    made.smm, made.tseg = True if made.smm is None else made.smm, Size(unit="MiB", size=decoded(found.item, integer))
    return mapped(option)


def claim_global(option: Option, reading: Reading) -> Claimed | None:
    """What the board's own devices are told."""
    return _claim_tseg(option, reading) or firmware.claim_secure(option, reading)


def claim_vmcoreinfo(option: Option, reading: Reading) -> Claimed:
    """``-device vmcoreinfo``."""
    features(reading).vmcoreinfo = True
    return mapped(option)


def claim_teardown(option: Option, reading: Reading) -> Claimed:
    """``-async-teardown``, now ``-run-with async-teardown=on``."""
    features(reading).async_teardown = True
    return mapped(option)


def claim_run_with(option: Option, reading: Reading) -> Claimed:
    """``-run-with async-teardown=on,user=…``: who QEMU runs as is libvirt's choice."""
    values = reading.values(option)
    teardown = values.get("async-teardown", on_off)
    if teardown is not None:
        features(reading).async_teardown = teardown
    left = ", ".join(item.key for item in values.unread() if item.key not in ("user", "chroot"))
    reason = "libvirt chooses the user and the root directory of QEMU"
    if left:
        return dropped(option, f"about that one launch: {left}")
    return mapped(option) if teardown is not None else dropped(option, reason)


CLAIMS: Final[Mapping[str, Claim]] = {
    "-machine": claim_machine,
    "-M": claim_machine,
    "-accel": claim_accel,
    "-tb-size": claim_tb_size,
    "-global": claim_global,
    "-device vmcoreinfo": claim_vmcoreinfo,
    "-run-with": claim_run_with,
    "-async-teardown": claim_teardown,
}
