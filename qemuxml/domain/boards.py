"""What QEMU 10.0 says of its machines: ``-machine pc`` keeps its memory in ``pc.ram``, has a ``qemu64`` CPU and knows ACPI.

The tables are facts of ``query-machines`` (``default-ram-id``, ``default-cpu-type``, ``acpi``), one question to each binary.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

X86: Final = frozenset({"i686", "x86_64"})
ARM: Final = frozenset({"aarch64", "armv7l", "armv6l"})
PPC64: Final = frozenset({"ppc64", "ppc64le"})
S390: Final = frozenset({"s390", "s390x"})
RISCV: Final = frozenset({"riscv32", "riscv64"})

LIBVIRTS: Final = frozenset({
    "aarch64", "alpha", "armv6l", "armv7l", "cris", "i686", "ia64", "lm32", "loongarch64", "m68k", "microblaze", "microblazeel",
    "mips", "mips64", "mips64el", "mipsel", "openrisc", "parisc", "parisc64", "ppc", "ppc64", "ppc64le", "ppcemb", "riscv32",
    "riscv64", "s390", "s390x", "sh4", "sh4eb", "sparc", "sparc64", "unicore32", "x86_64", "xtensa", "xtensaeb",
})  # fmt: skip
"""The architectures that libvirt has a name for."""

_VERSIONED = re.compile(r"(pc-i440fx|pc-q35|virt|pseries|s390-ccw-virtio)-.+")
_ALIASES: Final = {"pc": "pc-i440fx", "q35": "pc-q35", "ubuntu": "pc-i440fx", "xenfv": "pc-i440fx"}


def family(machine: str | None) -> str:
    """A machine without its version: pc-i440fx of pc and of pc-i440fx-4.0, virt of virt-6.2."""
    name = machine or ""
    if re.fullmatch(r"pc-(0|1)\..+", name):
        return "pc-i440fx"
    found = _VERSIONED.fullmatch(name)
    return found[1] if found else _ALIASES.get(name, name)


def version(machine: str | None) -> tuple[int, ...]:
    """The version in a machine's name: (4, 2) of pseries-4.2; empty for an alias."""
    found = re.search(r"-(\d+(?:\.\d+)*)$", machine or "")
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def _inverted(table: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for value, names in table.items() for name in names.split()}


_RAM: Final = _inverted({
    "DDR": "mps3-an524 mps3-an536 mps3-an547",
    "an5206.ram": "an5206",
    "boston.ddr": "boston",
    "bpim2u.ram": "bpim2u",
    "cubieboard.ram": "cubieboard",
    "ddr": "xlnx-versal-virt",
    "ddr-ram": "xlnx-zcu102",
    "ext-sdram": "gdbsim-r5f562n7 gdbsim-r5f562n8",
    "fuloong2e.ram": "fuloong2e",
    "highbank.dram": "highbank midway",
    "imx25.ram": "imx25-pdk",
    "imx8mp-evk.ram": "imx8mp-evk",
    "integrator.ram": "integratorcp",
    "kzm.ram": "kzm",
    "leon3.ram": "leon3_generic",
    "loongson3.highram": "loongson3-virt",
    "m68k_mac.ram": "q800",
    "mach-virt.ram": "virt",
    "mcf5208.ram": "mcf5208evb",
    "mcimx6ul-evk.ram": "mcimx6ul-evk",
    "mcimx7d-sabre.ram": "mcimx7d-sabre",
    "microchip.icicle.kit.ram": "microchip-icicle-kit",
    "microvm.ram": "microvm",
    "mips_jazz.ram": "magnum pica61",
    "mips_malta.ram": "malta",
    "mips_mipssim.ram": "mipssim",
    "mpc8544ds.ram": "mpc8544ds ppce500",
    "mps.ram": "mps2-an385 mps2-an386 mps2-an500 mps2-an505 mps2-an511 mps2-an521",
    "musicpal.ram": "musicpal",
    "next.ram": "next-cube",
    "omap1.dram": "sx1 sx1-v1",
    "orangepi.ram": "orangepi-pc",
    "pc.ram": "isapc pc-i440fx pc-q35",
    "pegasos2.ram": "pegasos2",
    "pnv.ram": "powernv powernv10 powernv10-rainier powernv8 powernv9",
    "ppc4xx.sdram": "bamboo sam460ex",
    "ppc_core99.ram": "mac99",
    "ppc_heathrow.ram": "g3beige",
    "ppc_spapr.ram": "pseries",
    "ram": (
        "B160L C3700 amigaone ast1030-evb ast2500-evb ast2600-evb ast2700-evb ast2700a0-evb ast2700a1-evb bletchley-bmc "
        "canon-a1100 clipper fby35-bmc fp5280g2-bmc fuji-bmc g220a-bmc kudo-bmc mori-bmc none npcm750-evb npcm845-evb "
        "palmetto-bmc qcom-dc-scm-v1-bmc qcom-firework-bmc quanta-gbs-bmc quanta-gsj quanta-q71l-bmc rainier-bmc raspi0 "
        "raspi1ap raspi2b raspi3ap raspi3b raspi4b romulus-bmc sonorapass-bmc supermicro-x11spi-bmc supermicrox11-bmc "
        "tiogapass-bmc virtex-ml507 witherspoon-bmc yosemitev2-bmc"
    ),
    "riscv.lowrisc.ibex.ram": "opentitan",
    "riscv.shakti.c.ram": "shakti_c",
    "riscv.sifive.e.ram": "sifive_e",
    "riscv.sifive.u.ram": "sifive_u",
    "riscv.spike.ram": "spike",
    "s390.ram": "s390-ccw-virtio",
    "sabrelite.ram": "sabrelite",
    "sbsa-ref.ram": "sbsa-ref",
    "strongarm.sdram": "collie",
    "sun4m.ram": "LX SPARCClassic SPARCbook SS-10 SS-20 SS-4 SS-5 SS-600MP Voyager",
    "sun4v-partition.ram": "niagara",
    "versatile.ram": "versatileab versatilepb",
    "vexpress.highmem": "vexpress-a15 vexpress-a9",
    "zynq.ext_ram": "xilinx-zynq-a9",
})  # fmt: skip
_VIRT_RAM: Final = {
    "riscv32": "riscv_virt_board.ram", "riscv64": "riscv_virt_board.ram", "loongarch64": "loongarch.ram", "m68k": "m68k_virt.ram",
}  # fmt: skip
"""The one machine whose memory has a name of the architecture's."""


def ram_id(arch: str | None, machine: str | None) -> str | None:
    """The id of a machine's main memory; None where the machine lets nobody name it."""
    name = family(machine)
    if name == "virt" and arch in _VIRT_RAM:
        return _VIRT_RAM[str(arch)]
    return _RAM.get(name)


_ARM_CPUS: Final = _inverted({
    "arm1176": (
        "fp5280g2-bmc g220a-bmc romulus-bmc ast2500-evb sonorapass-bmc supermicro-x11spi-bmc tiogapass-bmc "
        "witherspoon-bmc yosemitev2-bmc"
    ),
    "arm11mpcore": "realview-eb-mpcore",
    "arm926": "integratorcp musicpal palmetto-bmc quanta-q71l-bmc realview-eb supermicrox11-bmc versatileab versatilepb",
    "cortex-a15": "midway vexpress-a15 virt",
    "cortex-a35": "ast2700-evb ast2700a0-evb ast2700a1-evb npcm845-evb",
    "cortex-a7": (
        "ast2600-evb bletchley-bmc bpim2u fby35-bmc fuji-bmc orangepi-pc qcom-dc-scm-v1-bmc qcom-firework-bmc rainier-bmc"
    ),
    "cortex-a8": "cubieboard realview-pb-a8",
    "cortex-a9": (
        "highbank kudo-bmc mori-bmc npcm750-evb nuri quanta-gbs-bmc quanta-gsj realview-pbx-a9 smdkc210 "
        "vexpress-a9 xilinx-zynq-a9"
    ),
    "cortex-m3": "emcraft-sf2 lm3s6965evb lm3s811evb mps2-an385 mps2-an511 netduino2 stm32vldiscovery",
    "cortex-m33": "mps2-an505 mps2-an521 mps3-an524 musca-a musca-b1",
    "cortex-m4": "ast1030-evb b-l475e-iot01a mps2-an386 netduinoplus2 olimex-stm32-h405",
    "cortex-m55": "mps3-an547",
    "cortex-m7": "mps2-an500",
    "cortex-r52": "mps3-an536",
    "neoverse-n2": "sbsa-ref",
    "sa1110": "collie",
    "ti925t": "sx1 sx1-v1",
})  # fmt: skip
_PPC_CPUS: Final = _inverted({
    "440epb": "bamboo", "460exb": "sam460ex", "604": "40p", "POWER8": "powernv8", "POWER9": "powernv9 pseries",
    "POWER10": "powernv powernv10 powernv10-rainier", "e500v2_v30": "mpc8544ds ppce500", "g3": "g3beige",
    "ppc64": "mac99", "7457": "amigaone pegasos2",
})  # fmt: skip
_PSERIES: Final = (((9, 0), "POWER10"), ((4, 0), "POWER9"), ((2, 8), "POWER8"), ((0,), "POWER7"))
_OTHER_CPUS: Final = {
    ("riscv64", "virt"): "rv64", ("riscv64", "spike"): "rv64",
    ("riscv64", "sifive_u"): "sifive-u54", ("riscv64", "sifive_e"): "sifive-e51", ("loongarch64", "virt"): "la464",
}  # fmt: skip


def default_cpu(arch: str | None, machine: str | None, emulator: str | None, accelerator: str | None) -> str | None:
    """The CPU of a machine without ``-cpu``; None where libvirt names none.

    ``host-model`` stands for the host's own CPU: the default of s390x under KVM.
    """
    name = family(machine)
    if arch in X86:
        return "486" if name == "isapc" else "qemu32" if (emulator or "").endswith("i386") else "qemu64"
    if arch in S390:
        return "host-model" if accelerator == "kvm" else "qemu"
    if arch in ARM:
        return _ARM_CPUS.get(name) if accelerator not in ("kvm", "hvf") else None
    if arch in PPC64:
        return _ppc_cpu(name, machine, accelerator)
    return _OTHER_CPUS.get((arch or "", name))


def _ppc_cpu(name: str, machine: str | None, accelerator: str | None) -> str | None:
    found = version(machine)
    if name == "pseries" and found and accelerator != "kvm":
        return next(model for since, model in _PSERIES if found >= since)
    return _PPC_CPUS.get(name)


def knows_acpi(arch: str | None, machine: str | None) -> bool:
    """Whether ``-machine`` has a property ``acpi``."""
    if arch in X86:
        return True
    return arch in ARM | RISCV | {"loongarch64"} and family(machine) == "virt"


WITH_SOUND: Final = frozenset({
    "40p", "integratorcp", "musicpal", "pegasos2", "realview-eb", "realview-eb-mpcore", "realview-pb-a8", "realview-pbx-a9",
    "versatileab", "versatilepb", "vexpress-a15", "vexpress-a9", "xlnx-zcu102",
})  # fmt: skip
"""Machines with a sound chip on the board, whose ``-machine`` takes ``audiodev`` (``-machine NAME,help``)."""


_LAST_WITH_SIZES: Final = (5, 0)


def takes_node_sizes(arch: str | None, machine: str | None) -> bool:
    """Whether a node's memory is a number there (``numa-mem-supported``): that of old machines must stay so, for migration."""
    name = family(machine)
    if arch in RISCV | {"loongarch64"}:
        return name in ("virt", "spike")
    old = version(machine)
    return name in ("pc-i440fx", "pc-q35", "virt", "pseries") and bool(old) and old[:2] <= _LAST_WITH_SIZES


def has_gic(arch: str | None, machine: str | None) -> bool:
    """Whether the machine has a generic interrupt controller."""
    return arch in ARM and family(machine) == "virt"


def has_gic_versions(emulator: str | None) -> bool:
    """Whether libvirt knows the versions of an interrupt controller: of the 64-bit QEMU only, whatever its guest is."""
    return not (emulator or "").endswith("qemu-system-arm")
