"""The machine on the line of today: ``-machine pc,usb=off,dump-guest-core=off,memory-backend=pc.ram,acpi=on``, ``-accel kvm``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from qemuxml.cmdline.render import Words
from qemuxml.cmdline.values import on_off
from qemuxml.common.info import info_of
from qemuxml.common.sizes import Size
from qemuxml.domain import boards, launchsecurity
from qemuxml.domain.features import Features
from qemuxml.later import later
from qemuxml.mapping.codecs import KIB, MIB, SWITCH
from qemuxml.mapping.context import Writing
from qemuxml.mapping.props import Props, Row, computed, key, key_values

if TYPE_CHECKING:
    from qemuxml.domain import Domain


_firmware: Final = later("qemuxml.domain.firmware.argv:machine_parts")


def write(writing: Writing) -> Iterator[Words]:
    """``-machine`` with all that the guest asks of it, in libvirt's order."""
    domain = writing.domain
    parts = [domain.os.machine or "", "usb=off", *_features(domain), *_boards_parts(domain)]
    parts += [*_keys(domain), *_memory(domain), *_compatibility(domain)]
    if domain.launch_security:
        parts.append(f"confidential-guest-support={launchsecurity.ID}")
    parts += _firmware(writing)
    parts += [*_hmat(domain), *_serial_console(domain), *_hpet(writing)]
    parts += [*_speaker(domain), *_sound(writing), *_loadparm(writing)]
    acpi = bool(domain.features and domain.features.acpi)
    if boards.knows_acpi(domain.os.arch, domain.os.machine) and not writing.has("option.no-acpi"):
        parts.append(f"acpi={_state(acpi)}")
    yield "-machine", ",".join(parts)


def _state(on: object) -> str:
    return "on" if on else "off"


def _state_or_auto(name: str) -> Row:
    """A switch of type OnOffAuto: ``auto`` is what domain XML says by saying nothing."""

    def read(made: Features, text: str) -> bool:
        setattr(made, name, None if text == "auto" else on_off(text))
        return True

    return computed(name, lambda made: getattr(made, name), read)


def _read_gic(made: Features, version: str) -> bool:
    """``max`` and ``4`` have no word in domain XML."""
    if version in ("2", "3", "host"):
        made.gic_given, made.gic = True, version
    return made.gic == version


FEATURES: Final = Props(
    Features,
    _state_or_auto("vmport"),
    _state_or_auto("smm"),
    computed("kernel_irqchip", lambda made: {"qemu": "split", "kvm": "on"}.get(made.ioapic or "")),
    computed("gic-version", lambda made: made.gic, _read_gic),
    key("resize-hpt", "hpt_resizing"),
    computed("cap-hpt-max-page-size", lambda made: _page_size(made.hpt_page)),
    key("cap-htm", "htm", SWITCH),
    key("cap-nested-hv", "nested_hv", SWITCH),
    key("cap-ccf-assist", "ccf_assist", SWITCH),
    key("cap-cfpc", "cfpc"),
    key("cap-sbbc", "sbbc"),
    key("cap-ibs", "ibs"),
    key("ras", "ras", SWITCH),
    key("aia", "aia"),
    key("i8042", "ps2", SWITCH),
)
"""What ``<features>`` says of the machine, in libvirt's order."""


def _page_size(page: Size | None) -> str | None:
    """Of a pseries guest's hash page table."""
    return f"{page.in_bytes() // KIB}k" if page else None


def _features(domain: Domain) -> Iterator[str]:
    pairs = FEATURES.write(domain.features or Features())
    return (key_values([pair]) for pair in pairs)


def _models(domain: Domain) -> set[str | None]:
    return {getattr(device, "model", None) for device in domain.devices}


def _boards_parts(domain: Domain) -> Iterator[str]:
    if "smmuv3" in _models(domain):
        yield "iommu=smmuv3"


def _keys(domain: Domain) -> Iterator[str]:
    states = {cipher.name: cipher.state for cipher in domain.keywrap}
    yield from (f"{name}-key-wrap={_state(states[name])}" for name in ("aes", "dea") if states.get(name) is not None)


def _memory(domain: Domain) -> Iterator[str]:
    yield f"dump-guest-core={_state(domain.memory.dump_core)}"
    if domain.memory.nosharepages:
        yield "mem-merge=off"
    if "nvdimm" in _models(domain):
        yield "nvdimm=on"
    if not (domain.numa and domain.numa.cells) and boards.memory.ram_id(domain.os.arch, domain.os.machine):
        yield f"memory-backend={boards.memory.ram_id(domain.os.arch, domain.os.machine)}"
    yield from _enclaves(domain)


def _hmat(domain: Domain) -> Iterator[str]:
    numa = domain.numa
    if numa is not None and (getattr(numa, "interconnects", None) or _has_hmat(numa)):
        yield "hmat=on"


def _has_hmat(numa: object) -> bool:
    """Whether the NUMA cells say how fast they reach each other (``<interconnects>``) or what caches they have."""
    cells = getattr(numa, "cells", ())
    return any(getattr(numa, name, None) for name in ("latencies", "bandwidths")) or any(
        getattr(cell, "caches", None) for cell in cells
    )


def _enclaves(domain: Domain) -> Iterator[str]:
    """``sgx-epc.0.memdev=memepc0,sgx-epc.0.node=0``: memory of SGX enclaves is the machine's."""
    enclaves = [device for device in domain.devices if getattr(device, "model", None) == "sgx-epc"]
    for number, device in enumerate(enclaves):
        yield f"sgx-epc.{number}.memdev=mem{device.info.alias}"
        node = getattr(device, "node", None)
        if node is not None:
            yield f"sgx-epc.{number}.node={node}"


def _compatibility(domain: Domain) -> Iterator[str]:
    """``max-cpu-compat=power9``: a POWER host shows itself as an older one."""
    cpu = domain.cpu
    if cpu and cpu.mode == "host-model" and cpu.model and domain.os.arch in boards.PPC64:
        yield f"max-cpu-compat={cpu.model}"


def _serial_console(domain: Domain) -> Iterator[str]:
    """``graphics=off`` of ``<bios useserial='yes'/>``: the BIOS speaks to a serial port."""
    if domain.os.serial_bios:
        yield "graphics=off"


def _speaker(domain: Domain) -> Iterator[str]:
    """``pcspk-audiodev=audio1``: the speaker is on the board."""
    speaker = next((device for device in domain.devices if getattr(device, "model", None) == "pcspk"), None)
    if speaker is not None:
        yield f"pcspk-audiodev=audio{getattr(speaker, 'backend', None) or 1}"


def _sound(writing: Writing) -> Iterator[str]:
    """``audiodev=audio1`` of a board with a sound chip: QEMU does not start without, and libvirt's own line lacks it."""
    domain = writing.domain
    first = next((device.id for device in domain.devices if type(device).__name__ == "Audio"), None)
    if first and domain.os.machine in boards.WITH_SOUND and writing.has("machine.audiodev") and not writing.by_libvirt:
        yield f"audiodev=audio{first}"


def _loadparm(writing: Writing) -> Iterator[str]:
    """``loadparm=SYSTEM1`` of the first device that boots, where devices have no such property of their own."""
    if not writing.has("machine.loadparm"):
        return
    infos = [device.info for device in writing.domain.devices if info_of(device) and device.info.boot_order]
    for info in sorted(infos, key=lambda info: info.boot_order):
        if info.loadparm:
            yield f"loadparm={info.loadparm}"
            return


def _hpet(writing: Writing) -> Iterator[str]:
    domain = writing.domain
    known = domain.os.arch in boards.X86 and not writing.has("option.no-hpet")
    for timer in domain.clock.timers if domain.clock and known else ():
        if timer.name == "hpet" and timer.present is not None:
            yield f"hpet={_state(timer.present)}"


def write_accel(writing: Writing) -> Iterator[Words]:
    """``-accel kvm,dirty-ring-size=4096``, ``-accel tcg,tb-size=64``; and the system management memory of q35."""
    features = writing.domain.features or Features()
    kind = writing.domain.identity.type or "qemu"
    value = {"qemu": "tcg"}.get(kind, kind)
    if kind == "kvm" and features.dirty_ring:
        value += f",dirty-ring-size={features.dirty_ring_size}"
    if kind == "qemu" and features.tb_cache:
        value += f",tb-size={features.tb_cache.in_bytes() // MIB}"
    yield "-accel", value
    if features.tseg and features.smm:
        yield "-global", f"mch.extended-tseg-mbytes={features.tseg.in_bytes('MiB') // MIB}"


def write_no_acpi(writing: Writing) -> Iterator[Words]:
    """``-no-acpi`` of releases whose machines had no such property."""
    domain = writing.domain
    without = boards.knows_acpi(domain.os.arch, domain.os.machine) and not (domain.features and domain.features.acpi)
    if without and writing.has("option.no-acpi"):
        yield ("-no-acpi",)


def write_vmcoreinfo(writing: Writing) -> Iterator[Words]:
    """``-device vmcoreinfo``: where the guest tells of its own core."""
    if writing.domain.features and writing.domain.features.vmcoreinfo:
        yield "-device", '{"driver":"vmcoreinfo"}'


def write_teardown(writing: Writing) -> Iterator[Words]:
    """``-run-with async-teardown=on``."""
    features = writing.domain.features
    if features and features.async_teardown is not None:
        yield "-run-with", f"async-teardown={_state(features.async_teardown)}"
